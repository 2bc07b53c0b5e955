"""Lay a learnt pattern upon a picture, and how well it agrees there.

Gauss-Newton over place, turn, gain and offset in the inverse compositional form (Baker and Matthews, "Lucas-Kanade 20
Years On", IJCV 2004), with Tukey's weights, so that what covers a part of the pattern does not pull.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel

BINS = 256  # of residuals, to find their median
BIN = 4.0  # bins a grey level
LEAST_SCALE = 1.0  # grey levels: residuals below are noise
TUKEY = 3.5
MOST_STEP = 2.0  # pixels that one iteration moves at most
FARTHEST = 1e6  # pixels: a step beyond is no step


@inlined
def sample(picture: np.ndarray, x: float, y: float) -> float:
    """Return the picture at (x, y), bilinear; NaN outside."""
    height, width = picture.shape
    inside = x >= 0.0 and y >= 0.0 and x <= width - 1.0 and y <= height - 1.0
    value = math.nan
    if inside:
        i, j = min(int(x), width - 2), min(int(y), height - 2)
        p, q = x - i, y - j
        i, j = np.uint64(i), np.uint64(j)
        e, s = np.uint64(i + np.uint64(1)), np.uint64(j + np.uint64(1))
        north = picture[j, i] + p * (picture[j, e] - picture[j, i])
        south = picture[s, i] + p * (picture[s, e] - picture[s, i])
        value = north + q * (south - north)
    return value


@kernel
def smooth(picture: np.ndarray, work: np.ndarray) -> None:
    """Blur in place with (1, 2, 1)/4 along columns and rows; the outermost pixels only along one or neither.

    Args:
        picture: (H, W) float32.
        work: (2, W) float32.

    """
    height, width = picture.shape
    quarter, half = np.float32(0.25), np.float32(0.5)
    above, here = work[0], work[1]
    for x in range(width):
        above[x] = picture[0, x]
    for y in range(1, height - 1):
        row, below = picture[y], picture[y + 1]
        for x in range(width):
            here[x] = row[x]
        for x in range(width):
            row[x] = quarter * (above[x] + below[x]) + half * here[x]
        above, here = here, above
    for y in range(height):
        row, inner = picture[y], picture[y, 1:]
        for x in range(width):
            here[x] = row[x]
        left, middle, right = here, here[1:], here[2:]
        for x in range(width - 2):
            inner[x] = quarter * (left[x] + right[x]) + half * middle[x]


@inlined
def regress(features: np.ndarray, seen: np.ndarray) -> tuple[float, float]:
    """Return gain and offset of what is seen against the features' grey levels."""
    n, st, ss, stt, sts = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(seen.size):
        s = seen[i]
        if s == s:
            t = features[i, 2]
            n += 1.0
            st += t
            ss += s
            stt += t * t
            sts += t * s
    n = max(n, 1.0)
    gain = (sts - st * ss / n) / max(stt - st * st / n, 1e-9)
    return gain, (ss - gain * st) / n


@inlined
def spread(features: np.ndarray, seen: np.ndarray, gain: float, offset: float, bins: np.ndarray) -> float:
    """Return the residuals' scale in grey levels, from their median magnitude, which is looked up in bins."""
    for b in range(BINS):
        bins[b] = 0
    total = 0
    for i in range(seen.size):
        s = seen[i]
        if s == s:
            magnitude = abs(s - gain * features[i, 2] - offset) * BIN
            bins[np.uint64(min(magnitude, BINS - 1.0))] += 1
            total += 1
    below, b = 0, 0
    while b < BINS - 1 and 2 * (below + bins[b]) < total:
        below += bins[b]
        b += 1
    return max(1.4826 * (b + 0.5) / BIN, LEAST_SCALE)


@inlined
def normal(features: np.ndarray, seen: np.ndarray, gain: float, offset: float, most: float, a: np.ndarray) -> None:
    """Write the normal equations of shift, turn (times gain), gain and offset into the (5, 6) array a."""
    for r in range(5):
        for c in range(6):
            a[r, c] = 0.0
    for i in range(seen.size):
        s = seen[i]
        if s == s:
            t = features[i, 2]
            # blur and a pose still a little off change what is steep by more than noise does
            out = (s - gain * t - offset) / (most + abs(gain) * features[i, 6])
            w = max(1.0 - out * out, 0.0)
            w *= w
            x, y, z = w * features[i, 3], w * features[i, 4], w * features[i, 5]
            a[0, 0] += x * features[i, 3]
            a[0, 1] += x * features[i, 4]
            a[0, 2] += x * features[i, 5]
            a[0, 3] += x * t
            a[0, 4] += x
            a[0, 5] += x * s
            a[1, 1] += y * features[i, 4]
            a[1, 2] += y * features[i, 5]
            a[1, 3] += y * t
            a[1, 4] += y
            a[1, 5] += y * s
            a[2, 2] += z * features[i, 5]
            a[2, 3] += z * t
            a[2, 4] += z
            a[2, 5] += z * s
            a[3, 3] += w * t * t
            a[3, 4] += w * t
            a[3, 5] += w * t * s
            a[4, 4] += w
            a[4, 5] += w * s
    for r in range(5):
        for c in range(r):
            a[r, c] = a[c, r]


@inlined
def solve(a: np.ndarray) -> bool:
    """Solve positive definite equations in place; the last column becomes the solution. False where they are not."""
    n = a.shape[0]
    good = True
    for p in range(n):
        pivot = a[p, p]
        good = good and pivot > 1e-12
        for c in range(p, n + 1):
            a[p, c] /= pivot
        for r in range(n):
            if r != p:
                factor = a[r, p]
                for c in range(p, n + 1):
                    a[r, c] -= factor * a[p, c]
    return good


@inlined
def agreement(features: np.ndarray, blocks: np.ndarray, seen: np.ndarray) -> float:
    """Return the mean correlation of the blocks, each weighted by its contrast.

    So what covers a fifth of the pattern costs a fifth, whatever its brightness.
    """
    most, total = 0.0, 0.0
    for b in range(blocks.size - 1):
        n, st, ss, stt, sss, sts = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(blocks[b], blocks[b + 1]):
            t = features[i, 2]
            s = seen[i] if seen[i] == seen[i] else 0.0
            n += 1.0
            st += t
            ss += s
            stt += t * t
            sss += s * s
            sts += t * s
        levels, power = stt - st * st / n, sss - ss * ss / n
        weight = math.sqrt(max(levels, 0.0) / n)
        most += weight
        if power > 1e-3 * n and weight > 0.0:
            total += weight * (sts - st * ss / n) / math.sqrt(levels * power)
    return total / max(most, 1e-9)


@kernel
def refine(
    picture: np.ndarray,
    features: np.ndarray,
    blocks: np.ndarray,
    poses: np.ndarray,
    radius: float,
    iterations: int,
    close: float,
    damping: float,
) -> None:
    """Improve poses in place, and write beside each how well the pattern agrees there.

    Args:
        picture: (H, W) float32, H and W at least 2.
        features: (P, 7) float64: place relative to the pattern's centre (column, row), grey level, its change for a
            step along columns, along rows, and for a turn that moves what lies `radius` away by a pixel, and how far
            it may be off beyond noise.
        blocks: (B + 1,) int64: where in `features` each block begins, and where the last one ends.
        poses: (K, 4) float64: column and row of the centre (px), turn (rad), agreement (-1 where the search fails).
        radius: px.
        iterations: at most.
        close: px; a shorter step ends the search.
        damping: what is added to the squared changes, as a share of those for steps.

    """
    count = features.shape[0]
    seen = np.empty(count)
    bins = np.empty(BINS, np.int64)
    a = np.empty((5, 6))
    for k in range(poses.shape[0]):
        x, y, turn = poses[k, 0], poses[k, 1], poses[k, 2]
        gain, offset, score = 0.0, 0.0, -1.0
        length = math.inf
        for n in range(iterations + 1):
            cos, sin = math.cos(turn), math.sin(turn)
            for i in range(count):
                u, v = features[i, 0], features[i, 1]
                seen[i] = sample(picture, x + cos * u - sin * v, y + sin * u + cos * v)
            if n == 0:
                gain, offset = regress(features, seen)
            if n == iterations or length < close:
                score = agreement(features, blocks, seen)
                break
            if not gain > 0.0:
                break
            normal(features, seen, gain, offset, TUKEY * spread(features, seen, gain, offset, bins), a)
            power = damping * 0.5 * (a[0, 0] + a[1, 1])
            for d in range(3):
                a[d, d] += power
            if not solve(a):
                break
            gain, offset = a[3, 5], a[4, 5]
            dx, dy, dt = a[0, 5] / gain, a[1, 5] / gain, a[2, 5] / gain
            length = math.sqrt(dx * dx + dy * dy + dt * dt)
            if not length < FARTHEST:
                break
            shrink = min(1.0, MOST_STEP / max(length, 1e-9))
            turn -= shrink * dt / radius
            cos, sin = math.cos(turn), math.sin(turn)
            x -= shrink * (cos * dx - sin * dy)
            y -= shrink * (sin * dx + cos * dy)
        poses[k, 0], poses[k, 1], poses[k, 2], poses[k, 3] = x, y, turn, score
