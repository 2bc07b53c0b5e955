"""Moves that pass their corners instead of stopping there: joint moves and straight lines as one motion.

Each part first counts as a straight leg in joint space, with blends at the corners; then every straight line of the tool
centre point takes the place of its chord, point by point, so that it is straight where no blend touches it. A blend takes
at most half of a line. What the TCP covers on lines goes along as two more "joints", metres and radians, so that its limits
of speed, acceleration and jerk hold too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robocell.motion.arm import Arm
from robocell.motion.blending import blended
from robocell.motion.limits import Limits
from robocell.motion.line import Lines, on_branch
from robocell.motion.retime import retime
from robocell.motion.rigid import Floats
from robocell.motion.spline import Spline
from robocell.motion.trajectory import Trajectory

FREE = 0.5
"""Share of a line, next to a corner, that the motion may leave."""
SPACING = 0.005
"""Metres between the points that say where a line is."""
FINEST = 64
"""Points at most on a line."""
POINTS = 120
"""Points that the path goes through."""
LOOKS = 400
"""Places of the path that are looked at for that."""
STEPS = 6
"""Of the search for the greatest blend that leaves lines their share."""
OFF = 1e-6
"""Distance in joint space from which a motion has left a line."""
UNLIMITED = 1e6
"""What stands for no limit of the TCP, m/s and rad/s and their rates."""


@dataclass(frozen=True, eq=False)
class Corner:
    """A joint position (n,) that the motion passes or ends at."""

    q: Floats


@dataclass(frozen=True, eq=False)
class Straight:
    """A straight line of the TCP to a pose (4, 4) in the arm's base frame."""

    pose: Floats


@dataclass(frozen=True, eq=False)
class _Leg:
    """A line: joint positions (K, n) at equally spaced places, and what the TCP has covered, (2,) before and on it."""

    q: Floats
    before: Floats
    covered: Floats

    def share(self, points: Floats) -> Floats:
        """Return how far along the line points (K, n + 2) are, 0 to 1."""
        k = int(np.argmax(self.covered))
        return np.asarray(np.clip((points[:, k - 2] - self.before[k]) / self.covered[k], 0.0, 1.0))

    def chord(self, share: Floats) -> Floats:
        """Return positions (K, n) on the chord."""
        return np.asarray(self.q[0] + share[:, None] * (self.q[-1] - self.q[0]))

    def line(self, share: Floats) -> Floats:
        """Return positions (K, n) on the line."""
        at = Spline.through(self.q, np.linspace(0.0, 1.0, len(self.q)))
        return at.points(share)


@dataclass(frozen=True, eq=False)
class _Joints:
    """The first n coordinates of a motion."""

    whole: Trajectory
    n: int

    @property
    def duration(self) -> float:
        return self.whole.duration

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        q, qd, qdd = self.whole.sample(t)
        return q[:, : self.n], qd[:, : self.n], qdd[:, : self.n]


def fly_by(arm: Arm, q0: Floats, parts: Sequence[Corner | Straight], limits: Limits, blend: float) -> Trajectory | None:
    """Return the motion from rest at q0 through all parts to rest at the last of them.

    Args:
        arm: the arm with its tool.
        q0: (n,) where it begins.
        parts: what to pass, in order.
        limits: joint and TCP limits.
        blend: largest deviation of any joint from a corner, rad or m.

    Returns:
        The motion; None where there is nothing to pass by, or no blend would leave a line its share.

    Raises:
        Unreachable: a straight line that cannot be run; says where.

    """
    corners, legs = _corners(arm, q0, parts)
    moving = np.append(True, np.abs(np.diff(corners, axis=0)).max(axis=1) > OFF)
    corners = corners[moving]
    if len(corners) < 3:
        return None
    whole = _with_tcp(limits)
    points = _blended(corners, legs, whole, blend)
    if points is None:
        return None
    for leg in legs:
        share = leg.share(points)
        points[:, :-2] += leg.line(share) - leg.chord(share)
    motion = retime(Spline.through(points), whole)
    return Trajectory.of(_Joints(motion, arm.n), q0, corners[-1, :-2])


def _corners(arm: Arm, q0: Floats, parts: Sequence[Corner | Straight]) -> tuple[Floats, list[_Leg]]:
    """Return the ends of all parts (P + 1, n + 2), with what the TCP has covered on lines, and the lines."""
    corners = [np.append(q0, (0.0, 0.0))]
    legs: list[_Leg] = []
    for part in parts:
        q, before = corners[-1][:-2], corners[-1][-2:]
        if isinstance(part, Corner):
            corners.append(np.append(part.q, before))
            continue
        lines = Lines.between(arm.fk(q)[None], part.pose[None])
        covered = np.array([float(x[0]) for x in lines.lengths()])
        pieces = int(np.clip(np.ceil(covered[0] / SPACING), 8, FINEST))
        on = on_branch(arm, lines, pieces, q)
        if covered.max() > OFF:
            legs.append(_Leg(on, before, covered))
        corners.append(np.append(on[-1], before + covered))
    return np.array(corners), legs


def _blended(corners: Floats, legs: Sequence[_Leg], limits: Limits, blend: float) -> Floats | None:
    """Return points (K, n + 2) along the chords with the greatest blend that leaves each line its share, if there is one."""
    path, x, points = _looked_at(corners, limits, blend)
    if not _all_keep(legs, points, corners):
        low, high, found = 0.0, blend, None
        for _ in range(STEPS):
            middle = 0.5 * (low + high)
            tried = _looked_at(corners, limits, middle)
            if _all_keep(legs, tried[2], corners):
                low, found = middle, tried
            else:
                high = middle
        if found is None:
            return None
        path, x, points = found
    points = path.points(_spread(x, points, limits))
    points[0], points[-1] = corners[0], corners[-1]
    return points


def _looked_at(corners: Floats, limits: Limits, blend: float) -> tuple[Spline, Floats, Floats]:
    """Return the path along the chords, the places on it that are looked at, and what is there."""
    path, _ = blended(corners, limits, blend)
    x = np.linspace(path.breaks[0], path.breaks[-1], LOOKS)
    return path, x, path.points(x)


def _all_keep(legs: Sequence[_Leg], points: Floats, corners: Floats) -> bool:
    return all(_keeps(leg, points, corners) for leg in legs)


def _keeps(leg: _Leg, points: Floats, corners: Floats) -> bool:
    """Tell whether a motion is on a line except near its ends that are corners."""
    share = leg.share(points)
    inside = (share > 0.0) & (share < 1.0)
    off = inside & (np.abs(points[:, :-2] - leg.chord(share)).max(axis=1) > OFF)
    low = FREE if (leg.before > 0.0).any() or np.abs(leg.q[0] - corners[0, :-2]).max() > OFF else 0.0
    high = 1.0 - FREE if np.abs(leg.q[-1] - corners[-1, :-2]).max() > OFF else 1.0
    return not (off & (share > low) & (share < high)).any() if low < high else not (off & (share == 0.5)).any()


def _spread(x: Floats, points: Floats, limits: Limits) -> Floats:
    """Return places of a path that are evenly spread by the time that it takes at most speed, ends included."""
    step = (np.abs(np.diff(points, axis=0)) / limits.velocity).max(axis=1)
    gone = np.append(0.0, np.cumsum(step))
    return np.interp(np.linspace(0.0, gone[-1], POINTS), gone, x)


def _with_tcp(limits: Limits) -> Limits:
    """Return joint limits with the TCP's, linear and angular, as those of two more joints."""
    tcp = limits.tcp
    more = (
        (tcp.velocity, tcp.angular_velocity),
        (tcp.acceleration, tcp.angular_acceleration),
        (tcp.jerk, tcp.angular_jerk),
    )
    velocity, acceleration, jerk = (
        np.append(joints, np.minimum(two, UNLIMITED))
        for joints, two in zip((limits.velocity, limits.acceleration, limits.jerk), more, strict=True)
    )
    return Limits(np.vstack([limits.position, [[-np.inf, np.inf]] * 2]), velocity, acceleration, jerk)
