"""Which arms have parallel axes 2, 3 and 4 and crossing axes 5 and 6, and what their closed form needs.

Universal Robots' arms and their relatives.
"""

from __future__ import annotations

import numpy as np

from robocell.motion.ik_geometry import EXACT, SHAPE, ZeroPosition, packed, polar
from robocell.motion.rigid import Floats


def detect(zero: ZeroPosition) -> Floats | None:
    """Return the constants of the closed form, or None where the chain is of another class."""
    if not (zero.parallel(2) and zero.parallel(3)):
        return None
    centre, miss = zero.crossing((4, 5))
    C, delta, off = zero.wrist(np.array([0.0, 1.0, 0.0]), 4, 5)
    upper, fore = polar(zero.points[2] - zero.points[1]), polar(zero.points[3] - zero.points[2])
    if miss > SHAPE or off > SHAPE or min(upper[0], fore[0]) < SHAPE:
        return None
    skew = max(abs(zero.axes[1, 2]), *np.abs(zero.axes[2:4, [0, 2]]).ravel(), off, miss)
    x, _, z = centre - zero.points[3]
    own = (C[0, 1], C[2, 1], x, z, 0.0)
    signs = zero.parallel(2), zero.parallel(3)
    return packed(zero, C, delta, centre, upper, fore, signs, own, bool(skew < EXACT))
