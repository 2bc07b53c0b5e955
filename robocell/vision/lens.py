"""A lens's distortion on the plane Z = 1 of the optical frame: OpenCV's terms k1, k2 (radial), p1, p2 (tangential).

A point ``(x, y)`` of the plane is seen where a perfect lens would see ::

    x (1 + k1 r² + k2 r⁴) + 2 p1 x y + p2 (r² + 2 x²)
    y (1 + k1 r² + k2 r⁴) + p1 (r² + 2 y²) + 2 p2 x y        with r² = x² + y²

(D. C. Brown, "Decentering distortion of lenses", Photogrammetric Engineering 32, 1966).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Terms = tuple[float, float, float, float]
"""(k1, k2, p1, p2), without dimension."""

STRAIGHT: Terms = (0.0, 0.0, 0.0, 0.0)

_MOST_STEPS = 12
_CLOSE = 1e-11  # of the plane Z = 1: far below a millionth of a pixel of any camera


def bend(flat: Array, terms: Terms) -> Array:
    """Return (N, 2): where the lens shows points (N, 2) of the plane Z = 1."""
    x, y = flat[..., 0], flat[..., 1]
    k1, k2, p1, p2 = terms
    square = x * x + y * y
    radial = 1 + square * (k1 + square * k2)
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (square + 2 * x * x),
            y * radial + p1 * (square + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def straighten(bent: Array, terms: Terms) -> Array:
    """Return (N, 2): the points of the plane Z = 1 that the lens shows at `bent` (N, 2); the inverse of `bend`.

    Newton's method from the seen point. A point that the lens shows nowhere (beyond the circle at which the
    polynomial folds back) is NaN.
    """
    seen = np.asarray(bent, np.float64)
    found = seen.copy()
    miss = bend(found, terms) - seen
    for _ in range(_MOST_STEPS):
        if not np.any(np.abs(miss) > _CLOSE):
            break
        found = found - _solve(found, terms, miss)
        with np.errstate(over="ignore", invalid="ignore"):
            miss = bend(found, terms) - seen
    with np.errstate(invalid="ignore"):
        wrong = ~np.all(np.abs(miss) <= 1e-9, axis=-1)
    found[wrong] = np.nan
    return found


def _solve(at: Array, terms: Terms, miss: Array) -> Array:
    """Return `miss` divided by the Jacobian of `bend` at (N, 2) points."""
    x, y = at[..., 0], at[..., 1]
    k1, k2, p1, p2 = terms
    with np.errstate(all="ignore"):
        square = x * x + y * y
        radial, slope = 1 + square * (k1 + square * k2), k1 + 2 * k2 * square
        xx = radial + 2 * x * x * slope + 2 * p1 * y + 6 * p2 * x
        yy = radial + 2 * y * y * slope + 6 * p1 * y + 2 * p2 * x
        xy = 2 * x * y * slope + 2 * p1 * x + 2 * p2 * y
        det = xx * yy - xy * xy
        dx = (yy * miss[..., 0] - xy * miss[..., 1]) / det
        dy = (xx * miss[..., 1] - xy * miss[..., 0]) / det
    return np.stack([dx, dy], axis=-1)
