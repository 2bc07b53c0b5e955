"""Which arms have a spherical wrist and parallel axes 2 and 3, and what their closed form needs.

This is the class that Brandstötter, Angerer and Hofbaur call ortho-parallel with a spherical wrist (OPW, 2014), with
offsets a1, a2, b and any signs and zero positions.
"""

from __future__ import annotations

import numpy as np

from robocell.motion.ik_geometry import EXACT, SHAPE, ZeroPosition, packed, polar
from robocell.motion.rigid import Floats


def detect(zero: ZeroPosition) -> Floats | None:
    """Return the constants of the closed form, or None where the chain is of another class."""
    sign3 = zero.parallel(2)
    centre, miss = zero.crossing((3, 4, 5))
    if not sign3 or miss > SHAPE:
        return None
    C, delta, off = zero.wrist(zero.axes[3], 4, 5)
    upper, fore = polar(zero.points[2] - zero.points[1]), polar(centre - zero.points[2])
    if off > SHAPE or min(upper[0], fore[0]) < SHAPE:
        return None
    skew = max(abs(zero.axes[1, 2]), *np.abs(zero.axes[2, [0, 2]]), off, miss)
    phi, eta, psi = _yxz(C)
    turn = phi - fore[1]
    own = (np.sin(turn), np.cos(turn), np.sin(eta), np.cos(eta), psi)
    return packed(zero, C, delta, centre, upper, fore, (sign3, 0.0), own, bool(skew < EXACT))


def _yxz(C: Floats) -> tuple[float, float, float]:
    """Split a rotation into Ry·Rx·Rz."""
    x, _, z = C[:, 2]
    phi = float(np.arctan2(x, z)) if np.hypot(x, z) > 1e-9 else 0.0
    c, s = np.cos(phi), np.sin(phi)
    rest = np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]]) @ C
    eta = float(np.arctan2(-rest[1, 2], rest[2, 2]))
    return phi, eta, float(np.arctan2(-rest[0, 1], rest[0, 0]))
