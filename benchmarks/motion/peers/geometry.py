"""An arm's joints as axes and points in the base frame at joint position 0, and forward kinematics from them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from robocell.motion import Arm
from robocell.motion.rigid import Floats, rotations


@dataclass(frozen=True, eq=False)
class Screws:
    """A serial arm at joint position 0.

    Attributes:
        axes: (n, 3) unit axes, base frame.
        points: (n, 3) a point on each axis, base frame, metres.
        revolute: (n,) bool.
        tip: (4, 4) TCP.

    """

    axes: Floats
    points: Floats
    revolute: np.ndarray[tuple[int], np.dtype[np.bool_]]
    tip: Floats

    @staticmethod
    def of(arm: Arm) -> Screws:
        """Multiply the joints' constant transforms only."""
        T = np.eye(4)
        axes, points = [], []
        for joint in arm.joints:
            T = T @ joint.origin
            axes.append(T[:3, :3] @ joint.axis)
            points.append(T[:3, 3])
        kinds = np.array([joint.kind == "revolute" for joint in arm.joints])
        return Screws(np.array(axes), np.array(points), kinds, T @ arm.flange @ arm.tool)

    def offsets(self) -> Floats:
        """Return (n + 1, 3): from the base to the first joint, from joint to joint, from the last to the TCP."""
        along = np.vstack([np.zeros(3), self.points, self.tip[:3, 3]])
        return np.diff(along, axis=0)

    def fk(self, q: Floats) -> Floats:
        """Return TCP poses (N, 4, 4) of q (N, n) by the product of exponentials.

        Source: Lynch and Park, Modern Robotics (2017), section 4.1.1.
        """
        R = np.broadcast_to(self.tip[:3, :3], (len(q), 3, 3))
        p = np.broadcast_to(self.tip[:3, 3], (len(q), 3))
        for i in reversed(range(len(self.axes))):
            if self.revolute[i]:
                turn = rotations(self.axes[i] * q[:, i, None])
                R = turn @ R
                p = (turn @ (p - self.points[i])[..., None])[..., 0] + self.points[i]
            else:
                p = p + self.axes[i] * q[:, i, None]
        out = np.zeros((len(q), 4, 4))
        out[:, :3, :3], out[:, :3, 3], out[:, 3, 3] = R, p, 1.0
        return out
