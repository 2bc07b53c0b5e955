"""The fastest pace along a path within velocity and acceleration limits, by two passes over a grid.

With b = ṡ² and s̈ constant on each interval, limits are the lines of `retime_lines`. The backward pass finds the greatest
b at each grid point from which the next one's can be kept; the forward pass takes the greatest s̈. Source: Pham and
Pham, A new approach to time-optimal path parameterization based on reachability analysis, IEEE T-RO 34 (2018).
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel, widest
from robocell.motion.kernels import LONG
from robocell.motion.kernels.retime_lines import (
    BACK,
    LEAST,
    LEAST_SLOPE,
    MOST,
    MOST_SLOPE,
    RECORD,
    SCRATCH,
    TOP,
    TOP_RIGHT,
    lay,
)
from robocell.motion.kernels.types import Counts, Floats

EIGHT = 8
CLOSE = 1e-9  # relative
SHRINK = 1e-6  # of b is left by a step at least, lest rounding errors of much greater numbers remain
REST = 6.0 / 62.0  # twice 6 / 72√3, since the third derivative is not quite constant
ROUNDS = 4  # in which intervals that exceed a limit between samples get a share of it
LITTLE = 5e-4  # excess that slows the whole motion instead
STEPS = 30  # of Newton's method on a concave polygon: it ends after two or three


@kernel
def places(breaks: Floats, least: int, fewest: int, s: Floats, piece: Counts) -> int:
    """Cut a path into at least so many intervals, each piece into at least `fewest`; set ends and pieces, return how many."""
    N = 0
    step = (breaks[-1] - breaks[0]) / least
    for p in range(breaks.size - 1):
        width = breaks[p + 1] - breaks[p]
        cuts = max(math.ceil(width / step - 1e-9), fewest)
        for k in range(cuts):
            s[N] = breaks[p] + width * k / cuts
            piece[N] = p
            N += 1
    s[N] = breaks[-1]
    return N


@inlined
def least_of(lines: Floats, stride: int, gain: int, rest: int, step: int, n: int, k: int, x: float) -> float:
    """Return the least of what a tile's lines, a gain times x and the rest, say of interval k."""
    a = b = c = np.inf
    for i in range(n):
        o = np.uint64(i * stride + k)
        y = lines[o + np.uint64(gain)] * x + lines[o + np.uint64(rest)]
        a = y if y < a else a
        y = lines[o + np.uint64(gain + step)] * x + lines[o + np.uint64(rest + step)]
        b = y if y < b else b
        y = lines[o + np.uint64(gain + 2 * step)] * x + lines[o + np.uint64(rest + 2 * step)]
        c = y if y < c else c
    a = a if a < b else b
    return a if a < c else c


@inlined
def agree(lines: Floats, w: Floats, n: int, lanes: int) -> None:
    """Lower each interval's greatest b until its limits leave some s̈: Newton's method on concave polygons."""
    for _ in range(STEPS):
        for k in range(lanes):
            w[LEAST * LONG + k] = w[LEAST_SLOPE * LONG + k] = w[MOST_SLOPE * LONG + k] = 0.0
            w[MOST * LONG + k] = np.inf
        for i in range(n):
            own = lines[i * RECORD : (i + 1) * RECORD]
            for k in range(lanes):
                x = w[TOP * LONG + k]
                low, low_slope = w[LEAST * LONG + k], w[LEAST_SLOPE * LONG + k]
                high, high_slope = w[MOST * LONG + k], w[MOST_SLOPE * LONG + k]
                g, r = own[LONG + k], own[2 * LONG + k]
                y = g * x
                low, low_slope = (y - r, g) if y - r > low else (low, low_slope)
                high, high_slope = (y + r, g) if y + r < high else (high, high_slope)
                g, r = own[4 * LONG + k], own[5 * LONG + k]
                y = g * x
                low, low_slope = (y - r, g) if y - r > low else (low, low_slope)
                high, high_slope = (y + r, g) if y + r < high else (high, high_slope)
                g, r = own[7 * LONG + k], own[8 * LONG + k]
                y = g * x
                low, low_slope = (y - r, g) if y - r > low else (low, low_slope)
                high, high_slope = (y + r, g) if y + r < high else (high, high_slope)
                w[LEAST * LONG + k], w[LEAST_SLOPE * LONG + k] = low, low_slope
                w[MOST * LONG + k], w[MOST_SLOPE * LONG + k] = high, high_slope
        apart = 0
        for k in range(lanes):
            gap = w[LEAST * LONG + k] - w[MOST * LONG + k]
            back = gap / (w[LEAST_SLOPE * LONG + k] - w[MOST_SLOPE * LONG + k])
            x = w[TOP * LONG + k]
            lower = x - back if x - back > SHRINK * x else SHRINK * x
            w[TOP * LONG + k] = lower if gap > 0.0 else x
            apart += 1 if back > CLOSE * x and gap > 0.0 else 0
        if apart == 0:
            break


@inlined
def retreat(back: Floats, w: Floats, n: int, begin: int, count: int, keep: Floats) -> None:
    """Set the greatest b of a tile's points from which that of the next can be reached and other limits hold."""
    x = keep[begin + count]
    for k in range(count - 1, -1, -1):
        y = least_of(back, BACK, 0, LONG, 2 * LONG, n, k, x)
        top = w[TOP * LONG + k]
        if k > 0:
            before = w[TOP_RIGHT * LONG + k - 1]
            top = top if top < before else before
        x = y if y < top else top
        keep[begin + k] = x


@inlined
def advance(lines: Floats, n: int, begin: int, count: int, keep: Floats, b: Floats) -> None:
    """Set b at the right ends of a tile's intervals, the greatest that its lines allow and that can be kept."""
    x = b[begin]
    for k in range(count):
        y = least_of(lines, RECORD, LONG, 2 * LONG, 3 * LONG, n, k, x)
        top = keep[begin + k + 1]
        x = y if y < top else top
        x = x if x > 0.0 else 0.0
        b[begin + k + 1] = x


@kernel
def fastest(
    path: Floats, breaks: Floats, rates: Floats, s: Floats, piece: Counts, share: Floats,
    first: float, last: float, b: Floats, lines: Floats,
) -> None:  # fmt: skip
    """Set the greatest b (N + 1) that begins at most at `first` and ends at most at `last`, and the lines.

    Of the limits only a share is used, one for each interval (N).
    """
    widest()
    n = rates.size // 3
    N = piece.size
    tiles = (N + LONG - 1) // LONG
    keep = np.zeros(tiles * LONG + 1)
    keep[N] = last
    back, w, base = np.empty(BACK * n), np.empty(SCRATCH), np.empty(LONG, dtype=np.int64)
    for tile in range(tiles - 1, -1, -1):
        begin = tile * LONG
        count = min(LONG, N - begin)
        lanes = (count + EIGHT - 1) // EIGHT * EIGHT
        own = lines[tile * n * RECORD : (tile + 1) * n * RECORD]
        lay(path, breaks, rates, s, piece, share, begin, lanes, own, back, w, base)
        agree(own, w, n, lanes)
        keep[begin + count] = min(keep[begin + count], w[TOP_RIGHT * LONG + count - 1])
        retreat(back, w, n, begin, count, keep)
    b[0] = min(keep[0], first)
    for tile in range(tiles):
        begin = tile * LONG
        advance(lines[tile * n * RECORD : (tile + 1) * n * RECORD], n, begin, min(LONG, N - begin), keep, b)


@inlined
def extreme(a: float, b: float, c: float) -> float:
    """Return the greatest magnitude of a parabola, from its left, middle and right."""
    slope, bend = 0.5 * (c - a), c - 2.0 * b + a
    top = abs(b - 0.5 * slope * slope / bend) if abs(slope) < abs(bend) else 0.0
    top = abs(a) if abs(a) > top else top
    return top if top > abs(c) else abs(c)


@kernel
def excess(lines: Floats, s: Floats, b: Floats, rates: Floats, over: Floats) -> float:
    """Set the greatest share of a limit that each interval uses (N), of velocities its square; return the greatest.

    On an interval an acceleration is a parabola in s, of which three samples give the extreme; the velocity's square is
    nearly one, from which it differs by at most h³ / 72√3 of its third derivative, 6 `third` / h³ in the middle.
    """
    widest()
    n = rates.size // 3
    N = s.size - 1
    w = np.empty(4 * LONG)
    worst = 0.0
    for tile in range((N + LONG - 1) // LONG):
        count = min(LONG, N - tile * LONG)
        lanes = (count + EIGHT - 1) // EIGHT * EIGHT
        for k in range(lanes):
            m = min(tile * LONG + k, N - 1)
            w[k], w[LONG + k], w[2 * LONG + k], w[3 * LONG + k] = b[m], b[m + 1], s[m + 1] - s[m], 0.0
        for i in range(n):
            o = (tile * n + i) * RECORD
            own = lines[o : o + RECORD]
            ratio = rates[n + i] / rates[i]
            ratio = ratio * ratio
            for k in range(lanes):
                left, right, h = w[k], w[LONG + k], w[2 * LONG + k]
                middle = 0.5 * (left + right)
                P0, P1, P2 = own[k], own[3 * LONG + k], own[6 * LONG + k]
                g0, g1, g2 = own[LONG + k], own[4 * LONG + k], own[7 * LONG + k]
                a = extreme(P0 * (right - g0 * left), P1 * (right - g1 * left), P2 * (right - g2 * left))
                # q′ and h q″ from the lines
                p0, p1, p2 = 2.0 * h * P0, h * P1 * (1.0 + g1), 2.0 * h * P2 * g2
                c0, c1, c2 = h * P0 * (1.0 - g0), h * P1 * (1.0 - g1), h * P2 * (1.0 - g2)
                v0, v1, v2 = p0 * p0 * left, p1 * p1 * middle, p2 * p2 * right
                third = (c2 - c0) * c1 * middle + (c1 * c1 + p1 * (c2 - c0)) * (right - left)
                v = ratio * (extreme(v0, v1, v2) + REST * abs(third))
                a = a if a > v else v
                w[3 * LONG + k] = a if a > w[3 * LONG + k] else w[3 * LONG + k]
        for k in range(count):
            over[tile * LONG + k] = w[3 * LONG + k]
            worst = max(worst, w[3 * LONG + k])
    return worst


@kernel
def clock(s: Floats, b: Floats, k: float, knots: Floats, place: Floats) -> bool:
    """Set when each point is passed (N + 1), and s(t) on each interval: six ascending coefficients, three of them 0.

    Everything takes k times as long as b says.
    """
    knots[0] = 0.0
    slower = 1.0 / k
    v0 = slower * math.sqrt(b[0])
    for m in range(s.size - 1):
        h = s[m + 1] - s[m]
        v1 = slower * math.sqrt(b[m + 1])
        if v0 + v1 <= 0.0:
            return False
        T = 2.0 * h / (v0 + v1)
        knots[m + 1] = knots[m] + T
        o = 6 * m
        place[o], place[o + 1], place[o + 2] = s[m], v0, 0.5 * (v1 - v0) / T
        place[o + 3] = place[o + 4] = place[o + 5] = 0.0
        v0 = v1
    return True


@kernel
def run(
    path: Floats, breaks: Floats, rates: Floats, least: int, fewest: int, piece: Counts, knots: Floats, place: Floats,
) -> int:  # fmt: skip
    """Time a path from rest to rest; return the number N of intervals, 0 if it cannot be run, −1 if numbers are too large.

    Args:
        path: 4 · n cubic coefficients a piece, ascending.
        breaks: (P + 1) where pieces begin, and the end.
        rates: (3 · n).
        least: intervals of the whole path at least.
        fewest: of each piece at least.
        piece: out, of each interval; room for `least` + P · `fewest`.
        knots: (N + 1) out, seconds.
        place: (6 · N) out, s(t).

    """
    n = rates.size // 3
    s = np.empty(knots.size)
    N = places(breaks, least, fewest, s, piece)
    s = s[: N + 1]
    b = np.empty(N + 1)
    lines = np.empty((N + LONG - 1) // LONG * n * RECORD)
    share, over = np.ones(N), np.empty(N)
    worst = 0.0
    for _ in range(ROUNDS):
        fastest(path, breaks, rates, s, piece[:N], share, 0.0, 0.0, b, lines)
        worst = excess(lines, s, b, rates, over)
        if not worst > 1.0 + LITTLE:
            break
        for m in range(N):
            share[m] /= max(over[m], 1.0)
    if not math.isfinite(worst):
        return -1
    return N if clock(s, b, math.sqrt(max(worst, 1.0)), knots, place) else 0
