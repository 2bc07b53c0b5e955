"""Edges along a caliper: rows averaged across it, a blurred step fitted to each edge, and what noise makes of its place.

The step is that of an edge blurred by a Gaussian and integrated over a pixel, G(u) = I(u + ½) - I(u - ½) with I(u) =
u Φ(u/s) + s φ(u/s), which holds for sharp edges too. Interpolation makes neighbouring samples' noise alike; the
standard error follows from the residuals with that correlation, as in generalised least squares.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel

# What `edges` returns where it finds none.
OUTSIDE: Final = -1
SATURATED: Final = -2
CROWDED: Final = -3

RESULT: Final = 4  # numbers an edge: position, its standard error, contrast (rising is positive), blur
LAGS: Final = 4  # samples within which noise is correlated
FEWEST: Final = 6  # samples that a step is fitted to
PLATEAU: Final = 6  # samples beyond an edge on which its levels are seen
FOOT: Final = 0.08  # share of an edge's steepest slope where its plateau begins
OTHER: Final = 0.24  # share of an edge's steepest slope from which on another edge begins
NEARLY: Final = 0.7  # share of the contrast asked for that is worth a fit
EDGE: Final = 1e-9  # px that a caliper may reach outside by rounding
SHARPEST: Final = 0.12  # px, the least blur
ITERATIONS: Final = 25
ENOUGH: Final = 1e-5  # px: a shorter step of a fit's place is its last but one
NEAR: Final = 0.02  # px: a fit whose place still moves by less when iterations end is taken
SOFT: Final = 1.2  # px: from this blur on, it does not matter whether pixels integrate
WHITE_SHARE: Final = 0.02  # of an edge's pixels that may be saturated
CLEAR: Final = 1.5  # blurs that an edge lies within its samples at least: what never levels off is shading
UNSURE: Final = 0.5  # px: an edge whose place is no better known is none
ROOT: Final = 0.3989422804014327  # 1/√(2π)
ROOT_HALF: Final = 0.7071067811865476


@inlined
def profile(
    image: np.ndarray, x: float, y: float, c: float, s: float, rows: int, white: int,
    mean: np.ndarray, over: np.ndarray, extra: np.ndarray
) -> None:  # fmt: skip
    """Write the mean grey level across the caliper at each sample along it, and what that sample is worth.

    Args:
        image: (H, W) uint8.
        x: column of the caliper's centre.
        y: its row.
        c: cosine of its angle.
        s: sine.
        rows: averaged across it.
        white: grey level from which on a pixel is saturated.
        mean: (n,) grey levels.
        over: (n,) share of saturated pixels.
        extra: (n,) px², how far along the caliper pixels lie from a sample that is interpolated between them.

    """
    n = mean.size
    height, width = image.shape
    flat = image.ravel()
    for i in range(n):
        mean[i], over[i], extra[i] = 0.0, 0.0, 0.0
    for j in range(rows):
        across = j - 0.5 * (rows - 1)
        x0 = x - s * across - 0.5 * (n - 1) * c
        y0 = y + c * across - 0.5 * (n - 1) * s
        for i in range(n):
            u, v = x0 + i * c, y0 + i * s
            k, m = min(max(int(u), 0), width - 2), min(max(int(v), 0), height - 2)
            p, q = u - k, v - m
            at = np.uint64(m * width + k)
            below = np.uint64(at + np.uint64(width))
            one = np.uint64(1)
            a, b, d, e = flat[at], flat[at + one], flat[below], flat[below + one]
            north = (1.0 - p) * a + p * b
            south = (1.0 - p) * d + p * e
            mean[i] += (1.0 - q) * north + q * south
            over[i] += 1.0 if max(a, b, d, e) >= white else 0.0
            extra[i] += c * c * p * (1.0 - p) + s * s * q * (1.0 - q)
    for i in range(n):
        mean[i] /= rows
        over[i] /= rows
        extra[i] /= rows


@inlined
def overlap(u: float, v: float) -> float:
    """Return the sum over pixels of the products of two linear interpolations' weights."""
    i, j = math.floor(u), math.floor(v)
    f, g = u - i, v - j
    total = 0.0
    if i == j:
        total = (1.0 - f) * (1.0 - g) + f * g
    elif j == i + 1.0:
        total = f * (1.0 - g)
    elif i == j + 1.0:
        total = (1.0 - f) * g
    return total


@inlined
def correlation(x: float, y: float, c: float, s: float, rows: int, lag: np.ndarray) -> None:
    """Write the covariance of the caliper's samples, by distance, where pixels have noise of variance 1."""
    for k in range(LAGS):
        lag[k] = 0.0
        for a in range(rows):
            across = a - 0.5 * (rows - 1)
            u, v = x - s * across, y + c * across
            for b in range(max(a - 2, 0), min(a + 3, rows)):
                beside = b - 0.5 * (rows - 1)
                lag[k] += overlap(u, x + k * c - s * beside) * overlap(v, y + k * s + c * beside)
        lag[k] /= rows * rows


@inlined
def slope(mean: np.ndarray, out: np.ndarray) -> None:
    """Write the profile's slope, smoothed over some three samples."""
    n = mean.size
    for i in range(n):
        a, b = mean[max(i - 1, 0)], mean[min(i + 1, n - 1)]
        d, e = mean[max(i - 2, 0)], mean[min(i + 2, n - 1)]
        out[i] = 0.25 * (b - a) + 0.125 * (e - d)


@inlined
def step_shape(
    first: float, s: float, f: float, box: bool, extra: np.ndarray, grid: np.ndarray, shape: np.ndarray, count: int
) -> None:
    """Write a rising step of height 1 at samples 1 px apart, and its change with its place and with its blur.

    Args:
        first: where the first sample lies, from the edge, px.
        s: blur, px.
        f: samples lie that far behind pixels and are interpolated between two of them.
        box: whether pixels integrate over their width.
        extra: (count,) px², what adds to the blur's square at each sample; 0 with f or box.
        grid: workspace, (count + 2, 3).
        shape: (count, 3).
        count: samples.

    """
    half = 0.5 if box else 0.0
    for k in range(count + 2):
        wide = math.sqrt(s * s + extra[min(k, count - 1)])
        z = (first + k - f - half) / wide
        p, d = 0.5 + 0.5 * math.erf(z * ROOT_HALF), ROOT * math.exp(-0.5 * z * z)
        if box:
            grid[k, 0], grid[k, 1], grid[k, 2] = s * (z * p + d), -p, d
        else:
            grid[k, 0], grid[k, 1], grid[k, 2] = p, -d / wide, -z * d * s / (wide * wide)
    if box:
        for k in range(count + 1):
            for m in range(3):
                grid[k, m] = grid[k + 1, m] - grid[k, m]
    for i in range(count):
        for m in range(3):
            shape[i, m] = (1.0 - f) * grid[i, m] + f * grid[i + 1, m]


@inlined
def fit(
    mean: np.ndarray, lo: int, hi: int, f: float, box: bool, extra: np.ndarray, fixed: bool, guess: np.ndarray,
    grid: np.ndarray, jac: np.ndarray, a: np.ndarray
) -> float:  # fmt: skip
    """Fit a step to samples lo to hi (exclusive); return the residuals' sum of squares, infinite where it fails.

    Args:
        mean: the profile.
        lo: first sample.
        hi: behind the last sample.
        f: as in `step_shape`.
        box: as in `step_shape`.
        extra: as in `step_shape`, of the whole profile.
        fixed: whether the blur is known.
        guess: (4,) place, blur, lower and higher level (in order along the caliper); improved in place.
        grid: workspace, (n + 2, 3).
        jac: (n, 4) becomes the residuals' Jacobian.
        a: (4, 8) becomes the normal matrix's inverse, in its right half.

    """
    count = hi - lo
    part = extra[lo:hi]
    done = False
    for n in range(ITERATIONS):
        place, s, low, high = guess[0], guess[1], guess[2], guess[3]
        step_shape(lo - place, s, f, box, part, grid, jac, count)
        for r in range(4):
            for k in range(8):
                a[r, k] = 1.0 if k == r + 4 else 0.0
        rss, r0, r1, r2, r3 = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(count):
            g = jac[i, 0]
            residual = mean[lo + i] - low - (high - low) * g
            rss += residual * residual
            jac[i, 0] = (high - low) * jac[i, 1]
            jac[i, 1] = 0.0 if fixed else (high - low) * jac[i, 2]
            jac[i, 2], jac[i, 3] = 1.0 - g, g
            r0 += jac[i, 0] * residual
            r1 += jac[i, 1] * residual
            r2 += jac[i, 2] * residual
            r3 += jac[i, 3] * residual
            for r in range(4):
                for k in range(4):
                    a[r, k] += jac[i, r] * jac[i, k]
        if fixed:
            a[1, 1] = 1.0
        if not invert(a):
            return math.inf
        if done:
            return rss
        d0 = a[0, 4] * r0 + a[0, 5] * r1 + a[0, 6] * r2 + a[0, 7] * r3
        d1 = a[1, 4] * r0 + a[1, 5] * r1 + a[1, 6] * r2 + a[1, 7] * r3
        d2 = a[2, 4] * r0 + a[2, 5] * r1 + a[2, 6] * r2 + a[2, 7] * r3
        d3 = a[3, 4] * r0 + a[3, 5] * r1 + a[3, 6] * r2 + a[3, 7] * r3
        wider = s if fixed else min(max(s + min(max(d1, -0.5 * s), s), SHARPEST), 0.5 * count)
        done = abs(d0) < ENOUGH and abs(wider - s) < 10.0 * ENOUGH
        done = done or (n == ITERATIONS - 2 and abs(d0) < NEAR)
        guess[0], guess[1], guess[2], guess[3] = place + min(max(d0, -1.0), 1.0), wider, low + d2, high + d3
        if not (lo < guess[0] < hi - 1):
            return math.inf
    return math.inf


@inlined
def standard_error(rss: float, count: int, lag: np.ndarray, jac: np.ndarray, a: np.ndarray) -> float:
    """Return the place's standard error from the residuals, for samples whose noise is alike as `lag` says.

    The row of (JᵀJ)⁻¹Jᵀ that makes the place is w, and its variance wᵀ C w; the residuals' sum of squares is the
    noise's variance times tr(M C) with M = 1 - J (JᵀJ)⁻¹ Jᵀ.
    """
    variance, trace = 0.0, 0.0
    for i in range(count):
        for j in range(i, min(i + LAGS, count)):
            wi, wj, hat = 0.0, 0.0, 0.0
            for k in range(4):
                wi += a[0, 4 + k] * jac[i, k]
                wj += a[0, 4 + k] * jac[j, k]
                for r in range(4):
                    hat += jac[i, r] * a[r, 4 + k] * jac[j, k]
            both = lag[j - i] * (1.0 if i == j else 2.0)
            variance += wi * wj * both
            trace += ((1.0 if i == j else 0.0) - hat) * both
    return math.sqrt(max(variance, 0.0) * rss / max(trace, 1e-9))


@inlined
def invert(a: np.ndarray) -> bool:
    """Invert the first 4 × 4 of a (4, 8) array whose other half is the identity; the inverse replaces that."""
    good = True
    for p in range(4):
        pivot = a[p, p]
        good = good and abs(pivot) > 1e-12
        for k in range(8):
            a[p, k] /= pivot
        for r in range(4):
            if r != p:
                factor = a[r, p]
                for k in range(8):
                    a[r, k] -= factor * a[p, k]
    return good


@inlined
def phase(x: float, y: float, c: float, s: float, along: float) -> tuple[bool, float]:
    """Return whether the caliper is oblique, and how far samples lie behind pixels where it follows columns or rows."""
    near = 1e-6
    f = 0.0
    if abs(s) < near:
        f = (x - c * along) * c
    elif abs(c) < near:
        f = (y - s * along) * s
    f -= math.floor(f)
    return min(abs(c), abs(s)) >= near, 0.0 if f > 1.0 - near else f


@inlined
def ascent(mean: np.ndarray, steep: np.ndarray, first: int, last: int) -> tuple[int, int, float]:
    """Return where the edge about a peak of the slope begins and ends, and the slope there at its steepest.

    A lesser peak of the same sign belongs to the same edge. Slopes are taken with the first peak's sign.

    Args:
        mean: the profile.
        steep: its slope.
        first: where the slope peaks.
        last: sample before which the edge does not begin.

    """
    sign = 1.0 if steep[first] > 0.0 else -1.0
    peak = sign * steep[first]
    top = first
    while top < mean.size - 1 and sign * steep[top] > FOOT * peak:
        top += 1
        peak = max(peak, sign * steep[top])
    foot = first
    while foot > last and sign * steep[foot] > FOOT * peak:
        foot -= 1
    return foot, top, sign * peak


@inlined
def plateaus(steep: np.ndarray, foot: int, top: int, last: int, most: float) -> tuple[int, int]:
    """Return the samples (first, behind the last) of an edge and of the plateaus beside it, up to any other edge."""
    lo, hi = foot, top
    while lo > max(foot - PLATEAU, last) and abs(steep[lo - 1]) <= most:
        lo -= 1
    while hi < min(top + PLATEAU, steep.size - 1) and abs(steep[hi + 1]) <= most:
        hi += 1
    return lo, hi + 1


@inlined
def total(values: np.ndarray, lo: int, hi: int) -> float:
    """Return a sum."""
    result = 0.0
    for k in range(lo, hi):
        result += values[k]
    return result


@inlined
def begin(mean: np.ndarray, foot: int, top: int, lo: int, hi: int, blur: float, guess: np.ndarray) -> None:
    """Write a fit's start: the centroid of the slope and its spread, and the levels at the ends."""
    weight, first, second = mean[top] - mean[foot], 0.0, 0.0
    for k in range(foot, top):
        d = (mean[k + 1] - mean[k]) / weight
        first += d * (k + 0.5)
        second += d * (k + 0.5) * (k + 0.5)
    spread = math.sqrt(max(second - first * first - 1.0 / 12.0, 0.04))
    guess[0], guess[1] = first, blur if blur > 0.0 else spread
    guess[2], guess[3] = mean[lo], mean[hi - 1]


@inlined
def locate(
    mean: np.ndarray, lo: int, hi: int, f: float, oblique: bool, extra: np.ndarray, fixed: bool, lag: np.ndarray, guess: np.ndarray,
    other: np.ndarray, grid: np.ndarray, jac: np.ndarray, a: np.ndarray
) -> float:  # fmt: skip
    """Improve a guess by the fits of a step; return the place's standard error, infinite where they fail.

    Whether pixels integrate shows in the shape of a sharp edge along columns or rows, more or less: both fits are averaged by how likely
    each is (Bayesian model averaging), and what they differ by counts as uncertainty.
    """
    for k in range(4):
        other[k] = guess[k]
    sigma, variance, share = math.inf, 0.0, 1.0
    rss = fit(mean, lo, hi, f, False, extra, fixed, guess, grid, jac, a)
    if rss < math.inf:
        sigma = standard_error(rss, hi - lo, lag, jac, a)
    if not oblique and (rss == math.inf or guess[1] < SOFT):
        again = fit(mean, lo, hi, f, True, extra, fixed, other, grid, jac, a)
        if again < math.inf:
            variance = standard_error(again, hi - lo, lag, jac, a) ** 2
            if rss < math.inf:
                odds = min((rss / max(again, 1e-12)) ** (0.5 * (hi - lo)), 1e12)
                share = odds / (1.0 + odds)
                variance = share * variance + (1.0 - share) * sigma * sigma
                variance += share * (1.0 - share) * (other[0] - guess[0]) ** 2
            else:
                for k in range(4):
                    guess[k] = other[k]
            for k in range(4):
                guess[k] += share * (other[k] - guess[k])
            sigma = math.sqrt(variance)
    return sigma


@kernel
def edges(
    image: np.ndarray, x: float, y: float, angle: float, samples: int, rows: int, least: float, blur: float,
    white: int, out: np.ndarray
) -> int:  # fmt: skip
    """Write all edges along a caliper, in order; return how many, or why there can be none.

    Args:
        image: (H, W) uint8, C order, at least 2 × 2.
        x: column of the caliper's centre, px.
        y: its row.
        angle: of the caliper, from columns towards rows, rad.
        samples: along it, 1 px apart.
        rows: averaged across it, 1 px apart.
        least: grey levels of contrast that an edge has.
        blur: of edges, px, the standard deviation of a Gaussian; 0 where it is not known.
        white: grey level from which on a pixel is saturated.
        out: (K, RESULT) float64; more than K edges are CROWDED. Positions are in px from the centre.

    """
    c, s = math.cos(angle), math.sin(angle)
    along, across = 0.5 * (samples - 1), 0.5 * (rows - 1)
    reach_x, reach_y = abs(c) * along + abs(s) * across - EDGE, abs(s) * along + abs(c) * across - EDGE
    height, width = image.shape
    if x < reach_x or y < reach_y or x + reach_x > width - 1.0 or y + reach_y > height - 1.0:
        return OUTSIDE
    mean, over, steep, extra = np.empty(samples), np.empty(samples), np.empty(samples), np.empty(samples)
    profile(image, x, y, c, s, rows, white, mean, over, extra)
    slope(mean, steep)
    lag, grid, guess, other = np.empty(LAGS), np.empty((samples + 2, 3)), np.empty(4), np.empty(4)
    jac, a = np.empty((samples, 4)), np.empty((4, 8))
    correlation(x, y, c, s, rows, lag)
    oblique, f = phase(x, y, c, s, along)
    if not oblique:
        extra[:] = 0.0  # the shape of the step has it
    found, last, i = 0, 0, 1
    while i < samples - 1:
        peak = abs(steep[i])
        if peak == 0.0 or peak < abs(steep[i - 1]) or peak < abs(steep[i + 1]):
            i += 1
            continue
        foot, top, steepest = ascent(mean, steep, i, last)
        i = max(top, i + 1)
        if abs(mean[top] - mean[foot]) < NEARLY * least or (mean[top] - mean[foot]) * steepest <= 0.0:
            continue
        lo, hi = plateaus(steep, foot, top, last, OTHER * abs(steepest))
        last = top
        if total(over, lo, hi) > WHITE_SHARE * (hi - lo):
            return SATURATED
        if hi - lo < FEWEST:
            continue
        begin(mean, foot, top, lo, hi, blur, guess)
        sigma = locate(mean, lo, hi, f, oblique, extra, blur > 0.0, lag, guess, other, grid, jac, a)
        contrast = guess[3] - guess[2]
        room = min(guess[0] - lo, hi - 1 - guess[0]) + 0.5
        if sigma > UNSURE or contrast * steepest < 0.0 or abs(contrast) < least or room < CLEAR * guess[1]:
            continue
        if found == out.shape[0]:
            return CROWDED
        out[found, 0], out[found, 1], out[found, 2], out[found, 3] = guess[0] - along, sigma, contrast, guess[1]
        found += 1
    if found == 0 and total(over, 0, samples) > 0.5 * samples:
        return SATURATED
    return found
