"""From a path and the pace along it to a curve in time: s(t) in quintics, proof of its limits, samples."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel

Flat: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.int64]

SAMPLES = 8  # parts into which a proof cuts an interval
# Gauss-Legendre on 0 … 1, five points
PLACES = (0.04691007703066802, 0.23076534494715845, 0.5, 0.7692346550528415, 0.9530899229693319)
WEIGHTS = (0.11846344252809454, 0.23931433524968324, 0.28444444444444444, 0.23931433524968324, 0.11846344252809454)


@kernel
def clock(grid: Flat, b: Flat, knots: Flat, place: Flat) -> None:
    """Set when each interval begins (N + 1), and s(t) on it: six ascending coefficients, in rows of 6.

    Each quintic meets s, ṡ and s̈ at both ends.

    Args:
        grid: five numbers an interval: width, s, s′, s″, s‴ at the left.
        b: (3 · N) Bézier coefficients of B = ẋ².
        knots: out.
        place: out.

    """
    N = knots.size - 1
    knots[0] = 0.0
    for m in range(N):
        h, s, v, a, j = grid[5 * m], grid[5 * m + 1], grid[5 * m + 2], grid[5 * m + 3], grid[5 * m + 4]
        b0, b1, b2 = b[m], b[N + m], b[2 * N + m]
        T = 0.0
        for k in range(5):
            u = PLACES[k]
            T += WEIGHTS[k] / math.sqrt((1.0 - u) * ((1.0 - u) * b0 + 2.0 * u * b1) + u * u * b2)
        T *= h
        knots[m + 1] = knots[m] + T
        v0, a0 = v * math.sqrt(b0), a * b0 + v * (b1 - b0) / h
        ve, ae = v + h * (a + 0.5 * h * j), a + h * j
        v1, a1 = ve * math.sqrt(b2), ae * b2 + ve * (b2 - b1) / h
        rise = h * (v + h * (0.5 * a + h * j / 6.0))
        A = rise - T * (v0 + 0.5 * T * a0)
        C = T * (v1 - v0 - T * a0)
        D = T * T * (a1 - a0)
        o = 6 * m
        place[o], place[o + 1], place[o + 2] = s, v0, 0.5 * a0
        place[o + 3] = (10.0 * A - 4.0 * C + 0.5 * D) / (T * T * T)
        place[o + 4] = (-15.0 * A + 7.0 * C - D) / (T * T * T * T)
        place[o + 5] = (6.0 * A - 3.0 * C + 0.5 * D) / (T * T * T * T * T)


@kernel
def excess(path: Flat, breaks: Flat, piece: Index, knots: Flat, place: Flat, rates: Flat) -> float:
    """Return by which factor time must be stretched for all limits to hold; 1 or less where they do.

    Between samples a parabola through three of them exceeds the largest by at most an eighth of their second
    difference, which is added. Stretching by k divides velocity, acceleration and jerk by k, k² and k³.

    Args:
        path: 4 · n cubic coefficients a piece.
        breaks: where pieces begin.
        piece: of each interval.
        knots: (N + 1) seconds.
        place: s(t), six coefficients an interval.
        rates: (3 · n).

    """
    n = rates.size // 3
    per = 1.0 / rates
    y = np.empty(3 * n * (SAMPLES + 1))
    worst = np.zeros(3)
    for m in range(piece.size):
        T = knots[m + 1] - knots[m]
        o, begin, at = 6 * m, breaks[piece[m]], 4 * n * piece[m]
        c0, c1, c2, c3, c4, c5 = place[o], place[o + 1], place[o + 2], place[o + 3], place[o + 4], place[o + 5]
        for k in range(SAMPLES + 1):
            t = T * k / SAMPLES
            s = c0 + t * (c1 + t * (c2 + t * (c3 + t * (c4 + t * c5)))) - begin
            v = c1 + t * (2.0 * c2 + t * (3.0 * c3 + t * (4.0 * c4 + t * 5.0 * c5)))
            a = 2.0 * c2 + t * (6.0 * c3 + t * (12.0 * c4 + t * 20.0 * c5))
            j = 6.0 * c3 + t * (24.0 * c4 + t * 60.0 * c5)
            for i in range(n):
                p3 = 6.0 * path[at + 3 * n + i]
                p2 = 2.0 * path[at + 2 * n + i] + s * p3
                p1 = path[at + n + i] + s * (2.0 * path[at + 2 * n + i] + 0.5 * s * p3)
                row = k * 3 * n + i
                y[row] = p1 * v * per[i]
                y[row + n] = (p2 * v * v + p1 * a) * per[n + i]
                y[row + 2 * n] = (p3 * v * v * v + 3.0 * p2 * v * a + p1 * j) * per[2 * n + i]
        for i in range(3 * n):
            top = abs(y[SAMPLES * 3 * n + i])
            bulge = 0.0
            for k in range(SAMPLES):
                row = k * 3 * n + i
                top = max(top, abs(y[row]))
                if k > 0:
                    bulge = max(bulge, abs(y[row + 3 * n] - 2.0 * y[row] + y[row - 3 * n]))
            worst[i // n] = max(worst[i // n], top + 0.125 * bulge)
    stretched: float = max(worst[0], math.sqrt(worst[1]), worst[2] ** (1.0 / 3.0))
    return stretched


@kernel
def stretch(knots: Flat, place: Flat, k: float) -> None:
    """Make everything take k times as long."""
    for m in range(knots.size):
        knots[m] *= k
    for o in range(0, place.size, 6):
        scale = 1.0 / k
        for i in range(1, 6):
            place[o + i] *= scale
            scale /= k


@inlined
def find(knots: Flat, t: float) -> int:
    """Return the interval of t by bisection."""
    low, high = 0, knots.size - 1
    while high - low > 1:
        middle = (low + high) // 2
        if knots[middle] <= t:
            low = middle
        else:
            high = middle
    return low


@kernel
def sample(
    path: Flat, breaks: Flat, piece: Index, knots: Flat, place: Flat, t: Flat, q: Flat, qd: Flat, qdd: Flat
) -> None:
    """Set positions, velocities and accelerations (K · n) at times t (K) between the first and the last knot."""
    n = q.size // max(t.size, 1)
    for k in range(t.size):
        m = find(knots, t[k])
        u = t[k] - knots[m]
        o = 6 * m
        c2, c3, c4, c5 = place[o + 2], place[o + 3], place[o + 4], place[o + 5]
        s = place[o] + u * (place[o + 1] + u * (c2 + u * (c3 + u * (c4 + u * c5)))) - breaks[piece[m]]
        v = place[o + 1] + u * (2.0 * c2 + u * (3.0 * c3 + u * (4.0 * c4 + u * 5.0 * c5)))
        a = 2.0 * c2 + u * (6.0 * c3 + u * (12.0 * c4 + u * 20.0 * c5))
        for i in range(n):
            at = 4 * n * piece[m] + i
            p0, p1, p2, p3 = path[at], path[at + n], path[at + 2 * n], path[at + 3 * n]
            q[k * n + i] = p0 + s * (p1 + s * (p2 + s * p3))
            first = p1 + s * (2.0 * p2 + 3.0 * s * p3)
            qd[k * n + i] = first * v
            qdd[k * n + i] = (2.0 * p2 + 6.0 * s * p3) * (v * v) + first * a
