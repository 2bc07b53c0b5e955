"""Closed-form inverse kinematics of arms whose axes 2, 3 and 4 are parallel and whose axes 5 and 6 cross.

Universal Robots' arms and their relatives. Branch index = 4·shoulder + 2·elbow + wrist, as for spherical
wrists.
"""

from __future__ import annotations

import numpy as np

from robocell.motion.ik_geometry import EXACT, SHAPE, ZeroPosition, polar
from robocell.motion.rigid import Bools, Floats, inverse
from tests.motion.plain.subproblems import euler_zyz, swing_to_offset, two_links


class ParallelAxes:
    """Solver of one arm of this class; build it with `detect`."""

    def __init__(self, zero: ZeroPosition, centre: Floats, C: Floats, delta: float) -> None:
        self._into = inverse(zero.frame)
        self._turn, self._centre = zero.entry(C, delta, centre)
        self._C = np.ascontiguousarray(C.T)
        self._delta = delta
        self._sign3, self._sign4 = zero.parallel(2), zero.parallel(3)
        self._offset = float(centre[1])
        self._axis2 = zero.points[1]
        self._upper = polar(zero.points[2] - zero.points[1])
        self._fore = polar(zero.points[3] - zero.points[2])
        self._wrist = centre - zero.points[3]

    @staticmethod
    def detect(zero: ZeroPosition) -> tuple[ParallelAxes, bool] | None:
        """Return the solver and whether it is exact, or None where the chain is of another class."""
        if not (zero.parallel(2) and zero.parallel(3)):
            return None
        centre, miss = zero.crossing((4, 5))
        C, delta, off = zero.wrist(np.array([0.0, 1.0, 0.0]), 4, 5)
        solver = ParallelAxes(zero, centre, C, delta)
        if miss > SHAPE or off > SHAPE or min(solver._upper[0], solver._fore[0]) < SHAPE:
            return None
        skew = max(abs(zero.axes[1, 2]), *np.abs(zero.axes[2:4, [0, 2]]).ravel(), off, miss)
        return solver, bool(skew < EXACT)

    def solve(self, T: Floats, near: Floats) -> tuple[Floats, Bools, Floats]:
        """Return q (N, 8, 6), whether none before is the same (N, 8), and the gap to the reach (N, 8), m."""
        N = len(T)
        p = self._into @ (T @ self._centre)[..., None]
        R = np.ascontiguousarray((self._into[:3, :3] @ (T @ self._turn)[:, :3, :3]).transpose(1, 2, 0))
        q1, x, gap1, twin1 = swing_to_offset(p[:, 0, 0], p[:, 1, 0], self._offset, near[:, 0])
        # The three parallel joints together turn by `total`, which with joints 5 and 6 makes the orientation.
        total_near = near[:, 1] + self._sign3 * near[:, 2] + self._sign4 * near[:, 3]
        total, q5, q6 = euler_zyz(self._wrist_rotation(R, q1), total_near[:, None])  # (N, 2, 2)
        c, s = np.cos(total), np.sin(total)
        vx, _, vz = self._wrist
        x4 = x[..., None] - (c * vx + s * vz) - self._axis2[0]
        z4 = p[:, 2, 0, None, None] - (c * vz - s * vx) - self._axis2[2]
        q2, bend, gap2, twin2 = two_links(x4, z4, self._upper, self._fore)  # (N, 2, 2 wrists, 2 elbows)
        q = np.empty((N, 2, 2, 2, 6))
        q[..., 0] = q1[:, :, None, None]
        q[..., 1] = q2.swapaxes(2, 3)
        q[..., 2] = self._sign3 * bend.swapaxes(2, 3)
        q[..., 3] = self._sign4 * (total[..., None] - q2 - bend).swapaxes(2, 3)
        q[..., 4], q[..., 5] = (q5 - self._delta)[:, :, None], q6[:, :, None]
        gap = np.broadcast_to((gap1[:, None, None] + gap2)[:, :, None], (N, 2, 2, 2))
        distinct: Bools = np.full((N, 2, 2, 2), True)
        distinct[:, 1] &= ~twin1[:, None, None]
        distinct[:, :, 1] &= ~twin2
        return q.reshape(N, 8, 6), distinct.reshape(N, 8), gap.reshape(N, 8)

    def _wrist_rotation(self, R: Floats, q1: Floats) -> Floats:
        """Return Cᵀ·Rz(−q1)·R as (3, 3, N, 2)."""
        c, s = np.cos(q1), np.sin(q1)
        r0, r1 = R[0, :, :, None], R[1, :, :, None]
        F = np.empty((3, 3, *q1.shape))
        F[0] = c * r0 + s * r1
        F[1] = c * r1 - s * r0
        F[2] = R[2, :, :, None]
        return (self._C @ F.reshape(3, -1)).reshape(F.shape)
