"""The distance of a segment from the convex hull of points, by Wolfe's nearest point algorithm.

P. Wolfe, Finding the nearest point in a polytope, Mathematical Programming 11 (1976), for the polytope of all
differences between a point of the hull and one of the segment. It needs no faces, and each step gives bounds on
both sides, so that most questions are answered after a step or two.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels.placing import SEGMENT, SIMPLEX, at

MOST: Final = 64
"""Steps at most; a hull of a hundred points takes some six."""
EXACT: Final = 1e-10
"""m between the bounds at which a distance is taken as found."""
WEIGHTS: Final = SIMPLEX + 12
WANTED: Final = SIMPLEX + 16
SYSTEM: Final = SIMPLEX + 20  # 4 rows of 5


@kernel
def from_hull(vertices: int, count: int, low: float, high: float, data: np.ndarray, work: np.ndarray) -> float:
    """Return the distance of the segment in hand from a hull, both in the hull's frame.

    Args:
        vertices: where the hull's points begin in `data`: a row of x, of y and of z.
        count: how many.
        low: a distance no larger than this need not be the least one.
        high: any number larger than this may stand for one that is.
        data: see `placing`.
        work: likewise.

    """
    px, py, pz = work[SEGMENT], work[SEGMENT + 1], work[SEGMENT + 2]
    qx, qy, qz = work[SEGMENT + 3], work[SEGMENT + 4], work[SEGMENT + 5]
    x = data[at(vertices)] - px
    y = data[at(vertices + count)] - py
    z = data[at(vertices + 2 * count)] - pz
    work[SIMPLEX], work[SIMPLEX + 1], work[SIMPLEX + 2] = x, y, z
    work[WEIGHTS] = 1.0
    size = 1
    found = math.sqrt(x * x + y * y + z * z)
    for _ in range(MOST):
        if found <= max(low, EXACT):
            break
        k = _lowest(x, y, z, vertices, count, data)
        nearer = x * qx + y * qy + z * qz > x * px + y * py + z * pz
        wx = data[at(vertices + k)] - (qx if nearer else px)
        wy = data[at(vertices + count + k)] - (qy if nearer else py)
        wz = data[at(vertices + 2 * count + k)] - (qz if nearer else pz)
        bound: float = (x * wx + y * wy + z * wz) / found
        if bound > high:
            return bound
        if found - bound <= EXACT or size == 4:  # a full simplex is left by rounding only
            break
        p = SIMPLEX + 3 * size
        work[at(p)], work[at(p + 1)], work[at(p + 2)] = wx, wy, wz
        work[at(WEIGHTS + size)] = 0.0
        size = _shrink(size + 1, work)
        x, y, z = _weighted(0, size, work), _weighted(1, size, work), _weighted(2, size, work)
        now = math.sqrt(x * x + y * y + z * z)
        if now >= found:  # rounding is all that is left
            break
        found = now
    return 0.0 if found <= EXACT else found


@kernel
def _lowest(x: float, y: float, z: float, vertices: int, count: int, data: np.ndarray) -> int:
    """Return which point of the hull lies least far along a direction."""
    lowest, least = 0, math.inf
    for k in range(count):
        along = x * data[at(vertices + k)] + y * data[at(vertices + count + k)] + z * data[at(vertices + 2 * count + k)]
        if along < least:
            lowest, least = k, along
    return lowest


@kernel
def _weighted(axis: int, size: int, work: np.ndarray) -> float:
    total = 0.0
    for i in range(size):
        total += work[at(WEIGHTS + i)] * work[at(SIMPLEX + 3 * i + axis)]
    return total


@kernel
def _shrink(size: int, work: np.ndarray) -> int:
    """Go to the point of the simplex that is nearest to 0; drop the corners that it does not need."""
    while True:
        _solve(size, work)
        part = 1.0
        for i in range(size):
            have, want = work[at(WEIGHTS + i)], work[at(WANTED + i)]
            if want <= 0.0:
                part = min(part, have / max(have - want, 1e-300))
        kept = 0
        for i in range(size):
            have, want = work[at(WEIGHTS + i)], work[at(WANTED + i)]
            weight = have + part * (want - have)
            if weight > 1e-14:
                work[at(WEIGHTS + kept)] = weight
                for axis in range(3):
                    work[at(SIMPLEX + 3 * kept + axis)] = work[at(SIMPLEX + 3 * i + axis)]
                kept += 1
        if kept == size or part >= 1.0 or kept == 0:
            return max(kept, 1)
        size = kept


@kernel
def _solve(size: int, work: np.ndarray) -> None:
    """Find the weights, of sum 1, of the point nearest to 0 in the plane through the simplex's corners.

    They solve (G + s 1 1ᵀ) u = 1 up to a factor, where G holds the corners' inner products (Wolfe's section 4).
    """
    scale = 0.0
    for i in range(3 * size):
        scale = max(scale, abs(work[at(SIMPLEX + i)]))
    scale *= scale
    for i in range(size):
        a = SIMPLEX + 3 * i
        for j in range(size):
            b = SIMPLEX + 3 * j
            work[at(SYSTEM + 5 * i + j)] = scale + (
                work[at(a)] * work[at(b)] + work[at(a + 1)] * work[at(b + 1)] + work[at(a + 2)] * work[at(b + 2)]
            )
        work[at(SYSTEM + 5 * i + 4)] = 1.0
    for i in range(size):
        pivot = work[at(SYSTEM + 6 * i)]
        for r in range(i + 1, size):
            factor = work[at(SYSTEM + 5 * r + i)] / pivot
            for c in range(i, 5):
                work[at(SYSTEM + 5 * r + c)] -= factor * work[at(SYSTEM + 5 * i + c)]
    total = 0.0
    for back in range(size):
        i = size - 1 - back
        value = work[at(SYSTEM + 5 * i + 4)]
        for c in range(i + 1, size):
            value -= work[at(SYSTEM + 5 * i + c)] * work[at(WANTED + c)]
        value /= work[at(SYSTEM + 6 * i)]
        work[at(WANTED + i)] = value
        total += value
    for i in range(size):
        work[at(WANTED + i)] /= total
