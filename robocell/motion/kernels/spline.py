"""Natural cubic splines through points."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel

Flat: TypeAlias = NDArray[np.float64]


@kernel
def through(points: Flat, at: Flat, path: Flat) -> None:
    """Set the coefficients (M − 1 · 4 · n), ascending, of the spline through points (M · n) at places (M).

    Second derivatives follow from three diagonals (de Boor, A Practical Guide to Splines, 1978, chapter 4).
    """
    M = at.size
    n = points.size // M
    second = np.zeros(M * n)
    share = np.zeros(M)
    for k in range(1, M - 1):
        h0, h1 = at[k] - at[k - 1], at[k + 1] - at[k]
        pivot = 2.0 * (h0 + h1) - h0 * share[k - 1]
        share[k] = h1 / pivot
        for i in range(n):
            rise = (points[(k + 1) * n + i] - points[k * n + i]) / h1 - (
                points[k * n + i] - points[(k - 1) * n + i]
            ) / h0
            second[k * n + i] = (6.0 * rise - h0 * second[(k - 1) * n + i]) / pivot
    for k in range(M - 2, 0, -1):
        for i in range(n):
            second[k * n + i] -= share[k] * second[(k + 1) * n + i]
    for k in range(M - 1):
        h = at[k + 1] - at[k]
        for i in range(n):
            o = 4 * n * k + i
            m0, m1 = second[k * n + i], second[(k + 1) * n + i]
            path[o] = points[k * n + i]
            path[o + n] = (points[(k + 1) * n + i] - points[k * n + i]) / h - h * (2.0 * m0 + m1) / 6.0
            path[o + 2 * n] = 0.5 * m0
            path[o + 3 * n] = (m1 - m0) / (6.0 * h)
