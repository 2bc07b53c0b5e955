"""The limits along a path as rows in B = ẋ², a quadratic spline on the grid of x.

With ẍ = B′/2 and x⃛ = √B·B″/2 every limit is a row |E| ≤ R with E linear in B, B′ and B″ at one place of one interval:

    velocity        q′² B / v² ≤ 1
    acceleration    |q′ B′/2 + q″ B| / a ≤ 1
    jerk            |q′ B″/2 + 3/2 q″ B′ + q‴ B| / j ≤ 1/√B

On one interval B is a Bézier polynomial of three numbers b, in which E is written.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel

Flat: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.int64]

# Kinds of rows for each joint, by the place in the interval and what R is there.
LEFT, MIDDLE, RIGHT, CONSTANT_LEFT, CONSTANT_MIDDLE = 0, 1, 2, 3, 4
KINDS = 5


@inlined
def derivatives(path: Flat, n: int, p: int, i: int, u: float) -> tuple[float, float, float]:
    """Return q′, q″ and q‴ of joint i, u after the beginning of piece p."""
    o = 4 * n * p + i
    c1, c2, c3 = path[o + n], path[o + 2 * n], path[o + 3 * n]
    return c1 + u * (2.0 * c2 + u * 3.0 * c3), 2.0 * c2 + 6.0 * u * c3, 6.0 * c3


@kernel
def rows(path: Flat, breaks: Flat, grid: Flat, piece: Index, rates: Flat, E: Flat) -> None:
    """Set the coefficients of E in (b0, b1, b2): (5 n + 2) groups of 3 · N; velocity comes last."""
    n = rates.size // 3
    N = piece.size
    for m in range(N):
        h, s0, v0, a0, j = grid[5 * m], grid[5 * m + 1], grid[5 * m + 2], grid[5 * m + 3], grid[5 * m + 4]
        fastest_left = fastest_middle = 0.0
        for place in range(3):
            u = 0.5 * place * h
            s = s0 + u * (v0 + u * (0.5 * a0 + u * j / 6.0)) - breaks[piece[m]]
            v = v0 + u * (a0 + 0.5 * u * j)
            a = a0 + u * j
            # B = w·b, B′ = d·b, B″ = e·b at this place
            w0, w1, w2 = (1.0, 0.0, 0.0) if place == 0 else ((0.25, 0.5, 0.25) if place == 1 else (0.0, 0.0, 1.0))
            d0, d1, d2 = (-2.0, 2.0, 0.0) if place == 0 else ((-1.0, 0.0, 1.0) if place == 1 else (0.0, -2.0, 2.0))
            e = 2.0 / (h * h)
            for i in range(n):
                p1, p2, p3 = derivatives(path, n, piece[m], i, s)
                q1 = p1 * v
                q2 = p2 * v * v + p1 * a
                q3 = p3 * v * v * v + 3.0 * p2 * v * a + p1 * j
                f0, f1, f2 = q3 / rates[2 * n + i], 1.5 * q2 / rates[2 * n + i] / h, 0.5 * q1 / rates[2 * n + i] * e
                o = (KINDS * i + place) * 3 * N + m
                E[o] = f0 * w0 + f1 * d0 + f2
                E[o + N] = f0 * w1 + f1 * d1 - 2.0 * f2
                E[o + 2 * N] = f0 * w2 + f1 * d2 + f2
                speed = q1 * q1 / (rates[i] * rates[i])
                if place < 2:
                    f0, f1 = q2 / rates[n + i], 0.5 * q1 / rates[n + i] / h
                    o = (KINDS * i + 3 + place) * 3 * N + m
                    E[o] = f0 * w0 + f1 * d0
                    E[o + N] = f0 * w1 + f1 * d1
                    E[o + 2 * N] = f0 * w2 + f1 * d2
                    if place == 0:
                        fastest_left = max(fastest_left, speed)
                    else:
                        fastest_middle = max(fastest_middle, speed)
        o = KINDS * n * 3 * N + m
        E[o], E[o + N], E[o + 2 * N] = fastest_left, 0.0, 0.0
        o += 3 * N
        E[o], E[o + N], E[o + 2 * N] = 0.25 * fastest_middle, 0.5 * fastest_middle, 0.25 * fastest_middle


@kernel
def kind_of(g: int, n: int) -> int:
    """Return the kind of a group of rows."""
    return g % KINDS if g < KINDS * n else CONSTANT_LEFT + (g - KINDS * n)


@kernel
def steady(E: Flat, N: int, groups: int, n: int) -> float:
    """Return the greatest constant B that keeps within all rows."""
    constant = jerk = 0.0
    for g in range(groups):
        worst = 0.0
        for m in range(N):
            o = g * 3 * N + m
            worst = max(worst, abs(E[o] + E[o + N] + E[o + 2 * N]))
        if kind_of(g, n) >= CONSTANT_LEFT:
            constant = max(constant, worst)
        else:
            jerk = max(jerk, worst)
    B = 1e300 if constant <= 1e-300 else 1.0 / constant
    return B if jerk <= 1e-300 else min(B, jerk ** (-2.0 / 3.0))
