"""The move language of arms: whole moves at fractions of speed and acceleration, and how they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import Unreachable
from robocell.motion.arm import Arm
from robocell.motion.kernels.inverse_turns import AT_LIMIT
from robocell.motion.line import line
from robocell.motion.point_to_point import point_to_point
from robocell.motion.rigid import Floats, check_vector, from_xyz_quaternion, to_xyz_quaternion
from robocell.motion.trajectory import Trajectory


@dataclass(frozen=True)
class JointMove:
    """Move all joints to a joint position, synchronised.

    Attributes:
        target: n joint positions, rad or m.
        speed: fraction of the joint velocity limits, 0 < speed ≤ 1.
        acceleration: fraction of the acceleration and jerk limits, likewise.

    """

    target: tuple[float, ...]
    speed: float = 1.0
    acceleration: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", tuple(float(v) for v in self.target))
        check_vector(self.target, len(self.target), "target of a joint move")
        _check_fractions(self.speed, self.acceleration)


@dataclass(frozen=True)
class LinearMove:
    """Move the TCP on a straight line to a pose, the orientation turning evenly about one axis.

    Attributes:
        target: x, y, z in metres and a quaternion x, y, z, w, in the arm's base frame.
        speed: fraction of the TCP and joint velocity limits, 0 < speed ≤ 1.
        acceleration: fraction of the acceleration and jerk limits, likewise.
        pose: the target as (4, 4); derived.

    """

    target: tuple[float, ...]
    speed: float = 1.0
    acceleration: float = 1.0
    pose: np.ndarray[tuple[int, int], np.dtype[np.float64]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", tuple(float(v) for v in self.target))
        pose = from_xyz_quaternion(self.target)
        pose.flags.writeable = False
        object.__setattr__(self, "pose", pose)
        _check_fractions(self.speed, self.acceleration)

    @staticmethod
    def to(T: ArrayLike, speed: float = 1.0, acceleration: float = 1.0) -> LinearMove:
        """Return the straight move to a pose (4, 4)."""
        return LinearMove(to_xyz_quaternion(T), speed, acceleration)


Segment = JointMove | LinearMove


def interpolate(arm: Arm, q0: ArrayLike, segments: Sequence[Segment]) -> Trajectory:
    """Return what an arm at rest at q0 does when it executes segments, with a rest between any two.

    Args:
        arm: the arm with the tool whose TCP the linear moves mean.
        q0: (n,) present joint position.
        segments: in order.

    Raises:
        Unreachable: a target outside the joint limits, or a line that cannot be run; says which segment.
        ValueError: wrong shapes or numbers that are not finite.

    """
    q = check_vector(q0, arm.n, "q0")
    if not segments:
        return Trajectory.still(q)
    parts: list[Trajectory] = []
    for i, segment in enumerate(segments):
        try:
            part = _one(arm, q, segment)
        except Unreachable as problem:
            raise Unreachable(f"segment {i + 1} of {len(segments)}: {problem}", problem.shortfall) from None
        parts.append(part)
        q = part.end
    return Trajectory.concatenate(parts)


def _one(arm: Arm, q: Floats, segment: Segment) -> Trajectory:
    if isinstance(segment, LinearMove):
        return line(arm, arm.fk(q), segment.pose, q, segment.speed, segment.acceleration)
    target = check_vector(segment.target, arm.n, "target of a joint move")
    low, high = arm.limits.position.T
    past = (target < low - AT_LIMIT) | (target > high + AT_LIMIT)
    if past.any():
        j = int(np.argmax(past))
        span = f"{low[j]:.4g} to {high[j]:.4g}"
        raise Unreachable(f"{arm.name}: target {target[j]:.4g} of joint {j + 1} is outside its limits {span}")
    move: Trajectory = point_to_point(q, target, arm.limits, segment.speed, segment.acceleration)
    return move


def _check_fractions(speed: float, acceleration: float) -> None:
    for name, value in (("speed", speed), ("acceleration", acceleration)):
        if not 0.0 < value <= 1.0:
            raise ValueError(f"{name} is {value}, expected a fraction above 0 and at most 1")
