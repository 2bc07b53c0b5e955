"""A serial chain as constants: forward kinematics, Jacobian and its rate, batched."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from robocell.motion.denavit import Booleans, Denavit
from robocell.motion.kernels import forward
from robocell.motion.rigid import Floats


@dataclass(frozen=True, eq=False)
class Chain:
    """Constants of a serial chain.

    Attributes:
        origins: (n, 4, 4) joint frames in the frame after the joint before, at position 0.
        axis: (n, 3) unit joint axes in their joint frames.
        revolute: (n,) bool.
        end: (4, 4) from the last joint's frame to the TCP.
        constants: what kernels take, flat (see `robocell.motion.kernels`); derived.
        links: (n, 4, 4) the joint frames in the frames that kernels use (see `robocell.motion.denavit`); derived.

    """

    origins: Floats
    axis: Floats
    revolute: Booleans
    end: Floats
    constants: Floats = field(init=False, repr=False)
    links: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        form = Denavit.of(self.origins, self.axis, self.revolute, self.end)
        object.__setattr__(self, "constants", form.flat)
        object.__setattr__(self, "links", form.links)

    def frames(self, q: Floats) -> Floats:
        """Return the joint frames (n, N, 4, 4) for q (N, n): frame i moves with joint i."""
        N, n = q.shape
        out = np.empty((N, n + 1, 4, 4))
        forward.links(flat(q), self.constants, out.reshape(-1))
        return out[:, 1:].transpose(1, 0, 2, 3)

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


def flat(array: Floats) -> Floats:
    """Return an array as kernels take it: one axis, contiguous, and writeable, for which they are compiled."""
    line = np.ascontiguousarray(array).reshape(-1)
    return line if line.flags.writeable else line.copy()


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
