"""The move language of arms: whole moves at fractions of speed and acceleration, and how they run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import Unreachable
from robocell.motion.arm import Arm
from robocell.motion.flyby import Corner, Straight, fly_by
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
        blend: how far any joint may pass by the target, rad or m, where another move follows; 0: it stops there.

    """

    target: tuple[float, ...]
    speed: float = 1.0
    acceleration: float = 1.0
    blend: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", tuple(float(v) for v in self.target))
        check_vector(self.target, len(self.target), "target of a joint move")
        _check_figures(self.speed, self.acceleration, self.blend)


@dataclass(frozen=True)
class LinearMove:
    """Move the TCP on a straight line to a pose, the orientation turning evenly about one axis.

    Attributes:
        target: x, y, z in metres and a quaternion x, y, z, w, in the arm's base frame.
        speed: fraction of the TCP and joint velocity limits, 0 < speed ≤ 1.
        acceleration: fraction of the acceleration and jerk limits, likewise.
        blend: how far any joint may pass by the end, rad or m, where another move follows; 0: it stops there.
        pose: the target as (4, 4); derived.

    """

    target: tuple[float, ...]
    speed: float = 1.0
    acceleration: float = 1.0
    blend: float = 0.0
    pose: np.ndarray[tuple[int, int], np.dtype[np.float64]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", tuple(float(v) for v in self.target))
        pose = from_xyz_quaternion(self.target)
        pose.flags.writeable = False
        object.__setattr__(self, "pose", pose)
        _check_figures(self.speed, self.acceleration, self.blend)

    @staticmethod
    def to(T: ArrayLike, speed: float = 1.0, acceleration: float = 1.0, blend: float = 0.0) -> LinearMove:
        """Return the straight move to a pose (4, 4)."""
        return LinearMove(to_xyz_quaternion(T), speed, acceleration, blend)


Segment = JointMove | LinearMove
KEPT = 2048
"""Trajectories that an arm keeps."""
PLACES = 12
"""Decimals of a joint position, rad or m, that tell where a kept trajectory begins."""


def interpolate(arm: Arm, q0: ArrayLike, segments: Sequence[Segment]) -> Trajectory:
    """Return what an arm at rest at q0 does when it executes segments.

    It rests between two segments, unless the first has a blend: then it passes by, if that is quicker.

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
    for group in _groups(segments):
        stopping: list[Trajectory] = []
        at = q
        for i in group:
            try:
                stopping.append(_one(arm, at, segments[i]))
            except Unreachable as problem:
                raise Unreachable(f"segment {i + 1} of {len(segments)}: {problem}", problem.shortfall) from None
            at = stopping[-1].end
        parts.append(_passing(arm, q, [segments[i] for i in group], Trajectory.concatenate(stopping)))
        q = parts[-1].end
    return Trajectory.concatenate(parts)


def predicted(arm: Arm, q0: tuple[float, ...], segments: tuple[Segment, ...]) -> Trajectory:
    """Return what `interpolate` returns; the arm keeps the last of them, since a cell's moves repeat.

    It begins at q0 to twelve places: where a move ended and where it was to end differ by rounding, and are one.
    """
    kept = vars(arm).setdefault("_predicted", lru_cache(maxsize=KEPT)(partial(interpolate, arm)))
    trajectory: Trajectory = kept(tuple(round(q, PLACES) for q in q0), segments)
    return trajectory


def _groups(segments: Sequence[Segment]) -> list[list[int]]:
    """Return the indices of segments that are run as one motion: each but the last has a blend, at one speed."""
    groups = [[0]]
    for i, (before, segment) in enumerate(zip(segments, segments[1:], strict=False), start=1):
        alike = (before.speed, before.acceleration) == (segment.speed, segment.acceleration)
        if before.blend > 0.0 and alike:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def _passing(arm: Arm, q: Floats, segments: Sequence[Segment], stopping: Trajectory) -> Trajectory:
    """Return one motion through segments that pass by their corners, unless stopping there is quicker."""
    if len(segments) == 1:
        return stopping
    ways: list[Corner | Straight] = [
        Straight(segment.pose) if isinstance(segment, LinearMove) else Corner(np.array(segment.target))
        for segment in segments
    ]
    limits = arm.limits.scaled(segments[0].speed, segments[0].acceleration)
    passing = fly_by(arm, q, ways, limits, min(segment.blend for segment in segments[:-1]))
    return passing if passing is not None and passing.duration < stopping.duration else stopping


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


def _check_figures(speed: float, acceleration: float, blend: float) -> None:
    if not 0.0 <= blend < np.inf:
        raise ValueError(f"blend is {blend}, expected a finite number, 0 or more")
    for name, value in (("speed", speed), ("acceleration", acceleration)):
        if not 0.0 < value <= 1.0:
            raise ValueError(f"{name} is {value}, expected a fraction above 0 and at most 1")
