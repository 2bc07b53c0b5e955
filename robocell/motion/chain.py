"""A serial chain as constant matrices: forward kinematics, Jacobian and its rate, batched.

Every joint's local transform is affine in (1, cos q, sin q, q): `origin · (K₀ + cos q K₁ + sin q K₂ + q K₃)`
(Rodrigues' formula, and a shift for prismatic joints). So all local transforms of a batch are one small
matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from robocell.motion.rigid import Floats


@dataclass(frozen=True, eq=False)
class Chain:
    """Constants of a serial chain.

    Attributes:
        local: (n, 4, 16) coefficients of the joints' local transforms on (1, cos q, sin q, q), row-major 4×4.
        axis: (n, 3) unit joint axes in their joint frames.
        revolute: (n,) bool.
        end: (4, 4) from the last joint's frame to the TCP.

    """

    local: Floats
    axis: Floats
    revolute: np.ndarray[tuple[int], np.dtype[np.bool_]]
    end: Floats

    @staticmethod
    def build(
        origins: Floats, axes: Floats, revolute: np.ndarray[tuple[int], np.dtype[np.bool_]], end: Floats
    ) -> Chain:
        """Build from joint origins (n, 4, 4), unit axes (n, 3), kinds (n,) and the end (4, 4)."""
        n = len(axes)
        local = np.zeros((n, 4, 4, 4))
        for i, (origin, a) in enumerate(zip(origins, axes, strict=True)):
            K = np.zeros((4, 4, 4))
            K[0] = np.eye(4)
            if revolute[i]:
                K[0, :3, :3] = np.outer(a, a)
                K[1, :3, :3] = np.eye(3) - np.outer(a, a)
                K[2, :3, :3] = [[0, -a[2], a[1]], [a[2], 0, -a[0]], [-a[1], a[0], 0]]
            else:
                K[3, :3, 3] = a
            local[i] = origin @ K
        return Chain(local.reshape(n, 4, 16), axes, revolute, end)

    def frames(self, q: Floats) -> Floats:
        """Return the joint frames (n, N, 4, 4) for q (N, n): frame i moves with joint i."""
        qt = q.T
        basis = np.empty((*qt.shape, 4))
        basis[..., 0] = 1.0
        np.cos(qt, out=basis[..., 1])
        np.sin(qt, out=basis[..., 2])
        basis[..., 3] = qt
        frames = (basis @ self.local).reshape(*qt.shape, 4, 4)
        for i in range(1, len(frames)):
            np.matmul(frames[i - 1], frames[i].copy(), out=frames[i])
        return frames

    def columns(self, frames: Floats) -> tuple[Floats, Floats, Floats]:
        """Return joint axes (N, n, 3), joint positions (N, n, 3) and the TCP (N, 3), base frame."""
        z = (frames[..., :3, :3] @ self.axis[:, None, :, None])[..., 0]
        o = frames[..., :3, 3]
        tip = (frames[-1] @ self.end[:, 3])[:, :3]
        return z.transpose(1, 0, 2), o.transpose(1, 0, 2), tip

    def jacobian(self, z: Floats, o: Floats, tip: Floats) -> Floats:
        """Return the geometric Jacobian (N, 6, n) of the TCP in the base frame, linear rows first."""
        N, n = z.shape[:2]
        J = np.empty((N, 6, n))
        turning = self.revolute[:, None]
        J[:, :3] = np.where(turning, cross(z, tip[:, None] - o), z).transpose(0, 2, 1)
        J[:, 3:] = np.where(turning, z, 0.0).transpose(0, 2, 1)
        return J

    def bias(self, z: Floats, o: Floats, tip: Floats, rate: Floats) -> Floats:
        """Return J̇·q̇ (N, 6): the TCP's acceleration while the joints move evenly at `rate` (N, n)."""
        turning = self.revolute[:, None]
        turn = np.where(turning, z * rate[..., None], 0.0)
        shift = np.where(turning, 0.0, z * rate[..., None])
        after = np.cumsum(turn, axis=1)  # angular velocity of link i
        before = after - turn  # angular velocity of the link that carries joint i
        carried = np.cumsum(shift - cross(turn, o), axis=1)
        o_rate = cross(before, o) + carried - (shift - cross(turn, o))
        tip_rate = cross(after[:, -1], tip) + carried[:, -1]
        z_rate = cross(before, z)
        swing = cross(z_rate, tip[:, None] - o) + cross(z, tip_rate[:, None] - o_rate)
        linear = (np.where(turning, swing, z_rate) * rate[..., None]).sum(axis=1)
        angular = (np.where(turning, z_rate, 0.0) * rate[..., None]).sum(axis=1)
        return np.concatenate([linear, angular], axis=1)


def cross(a: Floats, b: Floats) -> Floats:
    """Cross product over the last axis, with broadcasting (np.cross costs several times as much)."""
    ax, ay, az = a[..., 0], a[..., 1], a[..., 2]
    bx, by, bz = b[..., 0], b[..., 1], b[..., 2]
    x = ay * bz - az * by
    out = np.empty((*x.shape, 3))
    out[..., 0] = x
    out[..., 1] = az * bx - ax * bz
    out[..., 2] = ax * by - ay * bx
    return out
