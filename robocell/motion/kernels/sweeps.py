"""Whether two sets of capsules come near each other: the shapes of two arms over all of their ways."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel

FLAT = 7
"""Numbers of a capsule: both ends of its axis, x y z each, and its radius."""
TINY = 1e-24


@inlined
def _clamped(x: float) -> float:
    return min(max(x, 0.0), 1.0)


@kernel
def axes_apart(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Return the distance of two capsules' axes, a and b (7,), metres.

    After Ericson, Real-Time Collision Detection (2005), section 5.1.9; axes may be points.
    """
    ux, uy, uz = a[3] - a[0], a[4] - a[1], a[5] - a[2]
    vx, vy, vz = b[3] - b[0], b[4] - b[1], b[5] - b[2]
    wx, wy, wz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
    uu, vv, uv = ux * ux + uy * uy + uz * uz, vx * vx + vy * vy + vz * vz, ux * vx + uy * vy + uz * vz
    uw, vw = ux * wx + uy * wy + uz * wz, vx * wx + vy * wy + vz * wz
    skew = uu * vv - uv * uv
    s = _clamped((uv * vw - uw * vv) / skew) if skew > 1e-14 * max(uu * vv, TINY) else 0.0
    t = _clamped((uv * s + vw) / vv) if vv > TINY else 0.0
    s = _clamped((uv * t - uw) / uu) if uu > TINY else 0.0
    t = _clamped((uv * s + vw) / vv) if vv > TINY else 0.0
    x, y, z = wx + s * ux - t * vx, wy + s * uy - t * vy, wz + s * uz - t * vz
    return math.sqrt(x * x + y * y + z * z)


@kernel
def first_meeting(a: NDArray[np.float64], b: NDArray[np.float64], margin: float) -> tuple[int, int]:
    """Return the first pair of capsules, of a (N, 7) and b (M, 7), that come nearer than a margin; (−1, −1) for none."""
    for i in range(len(a)):
        p = a[i]
        reach = p[6] + margin
        for j in range(len(b)):
            q = b[j]
            room = reach + q[6]
            apart = False
            for k in range(3):
                low, high = min(p[k], p[3 + k]) - room, max(p[k], p[3 + k]) + room
                apart = apart or max(q[k], q[3 + k]) < low or min(q[k], q[3 + k]) > high
            if not apart and axes_apart(p, q) < room:
                return i, j
    return -1, -1
