"""The zero position of a six-joint chain, seen in the frame that both closed-form solvers use.

The canonical frame has Z along joint axis 1 and Y along joint axis 2; then joint 1 is Rz, and every joint
parallel to axis 2 is ±Ry, whatever the maker's zero position, signs and offsets are. Which class an arm
belongs to is decided by that geometry, never by its name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from robocell.motion.chain import Chain
from robocell.motion.kernels.inverse_descent import DOUBT, NEARLY
from robocell.motion.rigid import Floats, inverse, pose

# rad and metres: how far a chain may be from a class whose solver starts it (calibrated arms, 1.5708)
SHAPE = 2e-3
EXACT = 1e-11  # rad and metres: below this the closed form needs no polishing


@dataclass(frozen=True, eq=False)
class ZeroPosition:
    """Joint axes and points on them at q = 0, in the canonical frame.

    Attributes:
        frame: (4, 4) the canonical frame in the arm base frame.
        axes: (6, 3) unit vectors.
        points: (6, 3) metres.
        home: (4, 4) TCP in the arm base frame at q = 0.

    """

    frame: Floats
    axes: Floats
    points: Floats
    home: Floats

    @staticmethod
    def of(chain: Chain) -> ZeroPosition | None:
        """Describe a chain, or return None where it has not six turning joints with axis 2 across axis 1."""
        if len(chain.axis) != 6 or not chain.revolute.all():
            return None
        frames = chain.frames(np.zeros((1, 6)))
        axes, points, _ = (a[0] for a in chain.columns(frames))
        z = axes[0]
        y = axes[1] - (axes[1] @ z) * z
        if abs(float(axes[1] @ z)) > SHAPE:
            return None
        y = y / np.sqrt(y @ y)
        frame = pose(np.stack([np.cross(y, z), y, z], axis=1), points[0])
        R = frame[:3, :3]
        return ZeroPosition(frame, axes @ R, (points - points[0]) @ R, frames[-1, 0] @ chain.end)

    def parallel(self, joint: int) -> float:
        """Return +1 or −1 where the axis of `joint` (0-based) is along ±Y, else 0."""
        sign = float(np.sign(self.axes[joint, 1]))
        across = np.hypot(self.axes[joint, 0], self.axes[joint, 2])
        return sign if across < SHAPE else 0.0

    def crossing(self, joints: tuple[int, ...]) -> tuple[Floats, float]:
        """Return the point closest to several joint axes and its largest distance from one of them (m)."""
        A, b = np.zeros((3, 3)), np.zeros(3)
        for j in joints:
            P = np.eye(3) - np.outer(self.axes[j], self.axes[j])
            A, b = A + P, b + P @ self.points[j]
        point: Floats = np.asarray(np.linalg.lstsq(A, b, rcond=1e-9)[0], dtype=np.float64)
        miss = [np.linalg.norm(np.cross(self.axes[j], point - self.points[j])) for j in joints]
        return point, float(max(miss))

    def wrist(self, first: Floats, middle: int, last: int) -> tuple[Floats, float, float]:
        """Return the wrist frame C (3, 3) and the angle δ, so that the wrist is C·Rz·Ry·Ry(δ)·Rz·Ry(−δ)·Cᵀ.

        Args:
            first: (3,) the first wrist axis, canonical frame.
            middle: joint across both others.
            last: last joint.

        Returns:
            C, δ, and how far the axes are from being at right angles (sine).

        """
        y = self.axes[middle] - (self.axes[middle] @ first) * first
        y = y / np.sqrt(y @ y)
        C = np.stack([np.cross(y, first), y, first], axis=1)
        along = C.T @ self.axes[last]
        off = max(abs(float(self.axes[middle] @ first)), abs(float(self.axes[middle] @ self.axes[last])))
        return C, float(np.arctan2(along[0], along[2])), off

    def entry(self, C: Floats, delta: float, centre: Floats) -> tuple[Floats, Floats]:
        """Return constants (4, 4) and (4,): frame⁻¹·T·right·[C·Ry(δ)] and the wrist centre of a pose T.

        The first gives `left`-free rotations when multiplied as T·first; the second the centre as T·second.
        """
        c, s = np.cos(delta), np.sin(delta)
        tool = inverse(self.home) @ self.frame
        turn = tool @ pose(C @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]]))
        return turn, tool @ np.array([*centre, 1.0])


def polar(v: Floats) -> tuple[float, float]:
    """Return length and angle from Z towards X of a vector's XZ part."""
    return float(np.hypot(v[0], v[2])), float(np.arctan2(v[0], v[2]))


def packed(
    zero: ZeroPosition,
    C: Floats,
    delta: float,
    centre: Floats,
    upper: tuple[float, float],
    fore: tuple[float, float],
    signs: tuple[float, float],
    own: tuple[float, ...],
    exact: bool,
) -> Floats:
    """Return the constants of a closed form in the order that `kernels.inverse_tiles` names, without the limits.

    Args:
        zero: the chain at zero.
        C: (3, 3) wrist frame.
        delta: see `ZeroPosition.wrist`.
        centre: (3,) wrist centre.
        upper: length and angle of the upper arm.
        fore: length and angle of the forearm.
        signs: of joints 3 and 4.
        own: five constants of the class.
        exact: whether the chain is of the class to rounding; otherwise every branch is polished.

    """
    into = inverse(zero.frame)
    turn, middle = zero.entry(C, delta, centre)
    shared = (zero.points[1, 0], zero.points[1, 2], float(centre[1]), *upper, *fore, *signs, delta)
    frames = (into[:3, :3].ravel(), into[:3, 3], turn[:3, :3].ravel(), middle[:3])
    return np.concatenate([*frames, shared, own, [DOUBT if exact else -NEARLY]])
