"""Closed-form inverse kinematics of arms with a spherical wrist and parallel axes 2 and 3.

This is the class that Brandstötter, Angerer and Hofbaur call ortho-parallel with a spherical wrist (OPW,
2014), with offsets a1, a2, b and any signs and zero positions. Branch index = 4·shoulder + 2·elbow + wrist.
"""

from __future__ import annotations

import numpy as np

from robocell.motion.ik_geometry import EXACT, SHAPE, ZeroPosition, polar
from robocell.motion.rigid import Bools, Floats, inverse
from tests.motion.plain.subproblems import euler_zyz, swing_to_offset, two_links


class SphericalWrist:
    """Solver of one arm of this class; build it with `detect`."""

    def __init__(self, zero: ZeroPosition, centre: Floats, C: Floats, delta: float, sign3: float) -> None:
        self._into = inverse(zero.frame)
        self._turn, self._centre = zero.entry(C, delta, centre)
        self._C = np.ascontiguousarray(C.T)
        self._delta = delta
        self._sign3 = sign3
        self._offset = float(centre[1])
        self._axis2 = zero.points[1]
        self._upper = polar(zero.points[2] - zero.points[1])
        self._fore = polar(centre - zero.points[2])

    @staticmethod
    def detect(zero: ZeroPosition) -> tuple[SphericalWrist, bool] | None:
        """Return the solver and whether it is exact, or None where the chain is of another class."""
        sign3 = zero.parallel(2)
        centre, miss = zero.crossing((3, 4, 5))
        if not sign3 or miss > SHAPE:
            return None
        C, delta, off = zero.wrist(zero.axes[3], 4, 5)
        solver = SphericalWrist(zero, centre, C, delta, sign3)
        if off > SHAPE or min(solver._upper[0], solver._fore[0]) < SHAPE:
            return None
        skew = max(abs(zero.axes[1, 2]), *np.abs(zero.axes[2, [0, 2]]), off, miss)
        return solver, bool(skew < EXACT)

    def solve(self, T: Floats, near: Floats) -> tuple[Floats, Bools, Floats]:
        """Return q (N, 8, 6), whether none before is the same (N, 8), and the gap to the reach (N, 8), m."""
        N = len(T)
        p = self._into @ (T @ self._centre)[..., None]
        R = np.ascontiguousarray((self._into[:3, :3] @ (T @ self._turn)[:, :3, :3]).transpose(1, 2, 0))
        q1, x, gap1, twin1 = swing_to_offset(p[:, 0, 0], p[:, 1, 0], self._offset, near[:, 0])
        z = p[:, 2, 0, None] - self._axis2[2]
        q2, bend, gap2, twin2 = two_links(x - self._axis2[0], z, self._upper, self._fore)  # (N, 2, 2)
        E = self._wrist_rotation(R, q1, q2 + bend)
        q4, q5, q6 = euler_zyz(E, near[:, 3, None, None])
        q = np.empty((N, 2, 2, 2, 6))
        q[..., 0] = q1[:, :, None, None]
        q[..., 1] = q2[..., None]
        q[..., 2] = self._sign3 * bend[..., None]
        q[..., 3], q[..., 4], q[..., 5] = q4, q5 - self._delta, q6
        gap = np.broadcast_to((gap1[:, None] + gap2)[:, :, None, None], (N, 2, 2, 2)).reshape(N, 8)
        distinct: Bools = np.full((N, 2, 2, 2), True)
        distinct[:, 1] &= ~twin1[:, None, None]
        distinct[:, :, 1] &= ~twin2[..., None]
        return q.reshape(N, 8, 6), distinct.reshape(N, 8), gap

    def _wrist_rotation(self, R: Floats, q1: Floats, q23: Floats) -> Floats:
        """Return Cᵀ·Ry(−q23)·Rz(−q1)·R as (3, 3, N, 2, 2)."""
        c, s = np.cos(q1), np.sin(q1)
        r0, r1, r2 = R[0, :, :, None], R[1, :, :, None], R[2, :, :, None, None]
        x = (c * r0 + s * r1)[..., None]
        y = c * r1 - s * r0
        c, s = np.cos(q23), np.sin(q23)
        F = np.empty((3, 3, *q23.shape))
        F[0] = c * x - s * r2
        F[1] = y[..., None]
        F[2] = s * x + c * r2
        return (self._C @ F.reshape(3, -1)).reshape(F.shape)
