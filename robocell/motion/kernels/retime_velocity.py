"""The fastest pace along a path within velocity and acceleration limits, by two passes over a grid.

With b = ṡ² and s̈ = u constant on each interval, every acceleration limit is |p u + c b| ≤ a at the left, in the middle
and at the right of it. The backward pass finds the greatest b at each grid point from which the next one's can be kept;
the forward pass takes the greatest u. Source: Pham and Pham, A new approach to time-optimal path parameterization
based on reachability analysis, IEEE T-RO 34 (2018).
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel

Flat: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.int64]

FLAT = 1e-12  # of the acceleration limit: what divides by less is taken as this
STEPS = 30  # of Newton's method on a concave polygon: it ends after two or three


@kernel
def places(breaks: Flat, least: int, fewest: int, s: Flat, piece: Index) -> int:
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


@kernel
def rows(path: Flat, breaks: Flat, s: Flat, piece: Index, rates: Flat, alpha: Flat, beta: Flat, top: Flat) -> None:
    """Set u between −alpha − beta b and alpha − beta b, (N · 3 n), and the greatest b at each point (N + 1)."""
    n = rates.size // 3
    N = piece.size
    top[:] = np.inf
    per = 1.0 / rates[:n]
    for m in range(N):
        h = s[m + 1] - s[m]
        p = piece[m]
        for place in range(3):
            x = 0.5 * place * h
            u = s[m] - breaks[p] + x
            o = (3 * m + place) * n
            steep = 0.0
            for i in range(n):
                at = 4 * n * p + i
                c2, c3 = path[at + 2 * n], 3.0 * path[at + 3 * n]
                first = path[at + n] + u * (2.0 * c2 + u * c3)
                second = 2.0 * (c2 + u * c3)
                steep = max(steep, abs(first) * per[i])
                a = rates[n + i]
                pu = first + 2.0 * x * second
                pu = math.copysign(max(abs(pu), FLAT * a), pu)
                inverse = 1.0 / pu
                alpha[o + i] = a * abs(inverse)
                beta[o + i] = second * inverse
            b = 1.0 / (steep * steep) if steep > 0.0 else np.inf
            if place < 2:
                top[m] = min(top[m], b)
            if place > 0:
                top[m + 1] = min(top[m + 1], b)


@inlined
def edges(alpha: Flat, beta: Flat, first: int, count: int, b: float) -> tuple[float, float, int, int]:
    """Return the least and the greatest u at b, and which rows set them."""
    low, high = -np.inf, np.inf
    lower = upper = first
    for k in range(first, first + count):
        x = beta[k] * b
        if -alpha[k] - x > low:
            low, lower = -alpha[k] - x, k
        if alpha[k] - x < high:
            high, upper = alpha[k] - x, k
    return low, high, lower, upper


@kernel
def optimise(s: Flat, alpha: Flat, beta: Flat, top: Flat, first: float, last: float, b: Flat) -> bool:
    """Set the greatest b (N + 1) that begins at most at `first` and ends at most at `last`; tell whether there is one."""
    N = s.size - 1
    count = alpha.size // N
    keep = np.empty(N + 1)
    keep[N] = min(top[N], last)
    for m in range(N - 1, -1, -1):
        h2 = 2.0 * (s[m + 1] - s[m])
        x = top[m]
        for _ in range(STEPS):
            low, high, lower, upper = edges(alpha, beta, m * count, count, x)
            # the lines low = A + B x and high = C + D x that are tightest here
            A, B, C, D = -alpha[lower], -beta[lower], alpha[upper], -beta[upper]
            if -x / h2 > low:
                A, B, low = 0.0, -1.0 / h2, -x / h2
            if (keep[m + 1] - x) / h2 < high:
                C, D, high = keep[m + 1] / h2, -1.0 / h2, (keep[m + 1] - x) / h2
            if low <= high + 1e-12 * abs(low):
                break
            if B <= D:
                return False
            x = (C - A) / (B - D)
        keep[m] = max(x, 0.0)
    b[0] = min(keep[0], first)
    for m in range(N):
        h2 = 2.0 * (s[m + 1] - s[m])
        _, high, _, _ = edges(alpha, beta, m * count, count, b[m])
        u = min(high, (keep[m + 1] - b[m]) / h2)
        b[m + 1] = min(max(b[m] + h2 * u, 0.0), keep[m + 1])
    return True


@kernel
def clock(s: Flat, b: Flat, knots: Flat, place: Flat) -> bool:
    """Set when each point is passed (N + 1), and s(t) on each interval: six ascending coefficients, three of them 0."""
    knots[0] = 0.0
    for m in range(s.size - 1):
        h = s[m + 1] - s[m]
        v0, v1 = math.sqrt(b[m]), math.sqrt(b[m + 1])
        if v0 + v1 <= 0.0:
            return False
        knots[m + 1] = knots[m] + 2.0 * h / (v0 + v1)
        o = 6 * m
        place[o], place[o + 1], place[o + 2] = s[m], v0, 0.25 * (b[m + 1] - b[m]) / h
        place[o + 3] = place[o + 4] = place[o + 5] = 0.0
    return True


@kernel
def excess(path: Flat, breaks: Flat, s: Flat, piece: Index, b: Flat, rates: Flat) -> float:
    """Return by which factor time must be stretched for all limits to hold; 1 or less where they do.

    Between grid points an acceleration is a parabola in s, which exceeds the largest of three samples by at most an
    eighth of their second difference; the velocity's square is nearly one too.
    """
    n = rates.size // 3
    per = 1.0 / rates
    squared = per * per
    worst = fastest = 0.0
    for m in range(piece.size):
        h = s[m + 1] - s[m]
        b0, b2 = b[m], b[m + 1]
        b1, u = 0.5 * (b0 + b2), 0.5 * (b2 - b0) / h
        at, x0 = 4 * n * piece[m], s[m] - breaks[piece[m]]
        x1, x2 = x0 + 0.5 * h, x0 + h
        for i in range(n):
            c1, c2, c3 = path[at + n + i], 2.0 * path[at + 2 * n + i], 3.0 * path[at + 3 * n + i]
            p0, p1, p2 = c1 + x0 * (c2 + x0 * c3), c1 + x1 * (c2 + x1 * c3), c1 + x2 * (c2 + x2 * c3)
            d = 2.0 * c3
            a0, a1, a2 = (c2 + x0 * d) * b0 + p0 * u, (c2 + x1 * d) * b1 + p1 * u, (c2 + x2 * d) * b2 + p2 * u
            a = max(abs(a0), abs(a1), abs(a2)) + 0.125 * abs(a2 - 2.0 * a1 + a0)
            worst = max(worst, a * per[n + i])
            v0, v1, v2 = p0 * p0 * b0, p1 * p1 * b1, p2 * p2 * b2
            v = max(v0, v1, v2) + 0.125 * abs(v2 - 2.0 * v1 + v0)
            fastest = max(fastest, v * squared[i])
    return math.sqrt(max(worst, fastest))
