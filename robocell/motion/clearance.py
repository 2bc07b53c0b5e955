"""Distances between an arm, made of capsules, and convex volumes: boxes, cylinders and a camera's view.

The distance from a point to a convex volume is convex along a segment. So one narrowing search over all
capsules at once finds the distance of each, whatever the volume is; a volume only has to know its distance
from points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.arm import Arm, Capsule
from robocell.motion.rigid import Bools, Floats, check_joints, check_poses, check_vector, frozen
from robocell.motion.trajectory import Trajectory

PROBES = np.linspace(0.0, 1.0, 9)  # each round keeps a quarter of the interval
ROUNDS = 12  # leaves 6e-8 of a segment's length


class Volume(Protocol):
    """A convex volume in the arm's base frame."""

    def distance(self, points: Floats) -> Floats:
        """Return the distance (…) in metres from points (…, 3); 0 inside."""
        ...


@dataclass(frozen=True, eq=False)
class Box:
    """A box.

    Attributes:
        pose: (4, 4) of its centre, arm base frame.
        size: (3,) edge lengths, metres.

    """

    pose: Floats
    size: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "pose", frozen(check_poses(self.pose, "pose of a box")[0][0]))
        object.__setattr__(self, "size", frozen(_positive(self.size, 3, "size of a box")))

    def distance(self, points: Floats) -> Floats:
        """Return the distance (…) in metres from points (…, 3); 0 inside."""
        outside = np.maximum(np.abs(_inside_frame(points, self.pose)) - 0.5 * self.size, 0.0)
        return np.asarray(np.sqrt((outside * outside).sum(axis=-1)))


@dataclass(frozen=True, eq=False)
class Cylinder:
    """A cylinder along Z of its pose.

    Attributes:
        pose: (4, 4) of its centre, arm base frame.
        radius: metres.
        height: metres.

    """

    pose: Floats
    radius: float
    height: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "pose", frozen(check_poses(self.pose, "pose of a cylinder")[0][0]))
        _positive([self.radius, self.height], 2, "radius and height of a cylinder")

    def distance(self, points: Floats) -> Floats:
        """Return the distance (…) in metres from points (…, 3); 0 inside."""
        p = _inside_frame(points, self.pose)
        aside = np.maximum(np.hypot(p[..., 0], p[..., 1]) - self.radius, 0.0)
        above = np.maximum(np.abs(p[..., 2]) - 0.5 * self.height, 0.0)
        return np.hypot(aside, above)


@dataclass(frozen=True, eq=False)
class ViewCone:
    """What a camera looks through to see a disc: the cone from a point to a disc across its axis.

    Attributes:
        apex: (3,) the camera's optical centre, arm base frame, metres.
        centre: (3,) the disc's centre.
        radius: the disc's radius, metres.

    """

    apex: Floats
    centre: Floats
    radius: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "apex", frozen(check_vector(self.apex, 3, "apex of a view")))
        object.__setattr__(self, "centre", frozen(check_vector(self.centre, 3, "centre of a view")))
        _positive([self.radius, float(np.linalg.norm(self.centre - self.apex))], 2, "radius and depth of a view")

    def distance(self, points: Floats) -> Floats:
        """Return the distance (…) in metres from points (…, 3); 0 inside."""
        axis = self.centre - self.apex
        depth = float(np.sqrt(axis @ axis))
        rel = points - self.apex
        z = rel @ (axis / depth)
        r = np.sqrt(np.maximum((rel * rel).sum(axis=-1) - z * z, 0.0))
        slant = float(np.hypot(depth, self.radius))
        along = np.clip((r * self.radius + z * depth) / slant, 0.0, slant)
        to_side = np.hypot(r - along * self.radius / slant, z - along * depth / slant)
        to_disc = np.hypot(np.maximum(r - self.radius, 0.0), z - depth)
        inside = (z >= 0.0) & (z <= depth) & (r * depth <= z * self.radius)
        return np.where(inside, 0.0, np.minimum(to_side, to_disc))


def arm_capsules(
    arm: Arm, q: ArrayLike, flange: Sequence[Capsule] = (), tcp: Sequence[Capsule] = (), base: bool = True
) -> tuple[Floats, Floats, Floats]:
    """Place an arm's capsules.

    Args:
        arm: the arm.
        q: (N, n) or (n,) joint positions.
        flange: more capsules in the flange frame, e.g. a gripper's; their `link` does not matter.
        tcp: more capsules in the TCP frame, e.g. a held part's; likewise.
        base: whether to include those of link 0, which never move.

    Returns:
        p0 (N, C, 3), p1 (N, C, 3) in the base frame, and radius (C,), metres.

    Raises:
        ValueError: a wrong shape or a number that is not finite.

    """
    batch, _ = check_joints(q, arm.n)
    links = arm.fk(batch, links=True)
    own = [c for c in arm.capsules if base or c.link > 0]
    everything = [*own, *flange, *tcp]
    if not everything:
        return np.zeros((len(batch), 0, 3)), np.zeros((len(batch), 0, 3)), np.zeros(0)
    mount = links[:, -1] @ arm.flange
    frames = np.empty((len(batch), len(everything), 4, 4))
    frames[:, : len(own)] = links[:, [c.link for c in own]]
    frames[:, len(own) : len(own) + len(flange)] = mount[:, None]
    frames[:, len(own) + len(flange) :] = (mount @ arm.tool)[:, None]
    ends = np.array([[c.p0, c.p1] for c in everything])  # (C, 2, 3)
    placed = frames[:, :, None, :3, :3] @ ends[..., None]
    placed = placed[..., 0] + frames[:, :, None, :3, 3]
    return placed[:, :, 0], placed[:, :, 1], np.array([c.radius for c in everything])


def segment_distance(p0: Floats, p1: Floats, q0: Floats, q1: Floats) -> Floats:
    """Return the distance (…) between segments p0–p1 and q0–q1, each (…, 3), broadcast.

    After Ericson, Real-Time Collision Detection (2005), section 5.1.9; segments may be points.
    """
    d1, d2, r = p1 - p0, q1 - q0, p0 - q0
    a, e, b = (d1 * d1).sum(-1), (d2 * d2).sum(-1), (d1 * d2).sum(-1)
    c, f = (d1 * r).sum(-1), (d2 * r).sum(-1)
    tiny = 1e-24
    denominator = a * e - b * b
    skew = denominator > 1e-14 * np.maximum(a * e, tiny)
    s = np.where(skew, np.clip((b * f - c * e) / np.where(skew, denominator, 1.0), 0.0, 1.0), 0.0)
    t = np.where(e > tiny, (b * s + f) / np.maximum(e, tiny), 0.0)
    t = np.clip(t, 0.0, 1.0)
    s = np.where(a > tiny, np.clip((b * t - c) / np.maximum(a, tiny), 0.0, 1.0), 0.0)
    t = np.where(e > tiny, np.clip((b * s + f) / np.maximum(e, tiny), 0.0, 1.0), 0.0)
    apart = r + d1 * s[..., None] - d2 * t[..., None]
    return np.asarray(np.sqrt((apart * apart).sum(-1)))


def capsule_distance(p0: Floats, p1: Floats, radius: Floats, volume: Volume) -> Floats:
    """Return the distance (…) of capsules p0–p1 (…, 3), radius (…), from a volume; < 0: overlap."""
    low, high = np.zeros(p0.shape[:-1]), np.ones(p0.shape[:-1])
    best = np.full(p0.shape[:-1], np.inf)
    for _ in range(ROUNDS):
        at = low[..., None] + (high - low)[..., None] * PROBES
        found = volume.distance(p0[..., None, :] + at[..., None] * (p1 - p0)[..., None, :])
        lowest = np.argmin(found, axis=-1)[..., None]
        best = np.minimum(best, np.take_along_axis(found, lowest, -1)[..., 0])
        low = np.take_along_axis(at, np.maximum(lowest - 1, 0), -1)[..., 0]
        high = np.take_along_axis(at, np.minimum(lowest + 1, len(PROBES) - 1), -1)[..., 0]
    return np.asarray(best - radius)


def clear_of(p0: Floats, p1: Floats, radius: Floats, volumes: Sequence[Volume], margin: float = 0.0) -> Bools:
    """Return which rows of capsules p0, p1 (N, C, 3), radius (C,) keep clear of all volumes (N,)."""
    clear: Bools = np.ones(len(p0), dtype=bool)
    middle, half = 0.5 * (p0 + p1), 0.5 * np.sqrt(((p1 - p0) ** 2).sum(axis=-1))
    for volume in volumes:
        # most capsules are settled by their bounding sphere
        doubtful = volume.distance(middle) - half - radius <= margin
        rows, columns = np.nonzero(doubtful & clear[:, None])
        if len(rows):
            near = capsule_distance(p0[rows, columns], p1[rows, columns], radius[columns], volume) <= margin
            clear[rows[near]] = False
    return clear


def last_clear(
    arm: Arm,
    trajectory: Trajectory,
    volumes: Sequence[Volume],
    margin: float = 0.0,
    step: float = 0.02,
    flange: Sequence[Capsule] = (),
    tcp: Sequence[Capsule] = (),
) -> float | None:
    """Return the last sampled time up to which an arm has stayed clear of volumes all the way.

    Args:
        arm: the arm; its base (link 0) does not count.
        trajectory: what it does.
        volumes: in the arm's base frame.
        margin: metres to keep.
        step: seconds between samples; the end is always one.
        flange: more capsules in the flange frame.
        tcp: more capsules in the TCP frame.

    Returns:
        Seconds; the duration if it stays clear altogether, None if it is not clear at the start.

    """
    t = _times(trajectory, step)
    clear = clear_of(*arm_capsules(arm, trajectory.sample(t)[0], flange, tcp, base=False), volumes, margin)
    if clear.all():
        return trajectory.duration
    first = int(np.argmin(clear))
    return float(t[first - 1]) if first else None


def least_distance(
    arm: Arm,
    trajectory: Trajectory,
    volumes: Sequence[Volume],
    step: float = 0.02,
    flange: Sequence[Capsule] = (),
    tcp: Sequence[Capsule] = (),
) -> tuple[float, float, int]:
    """Return how near an arm comes to volumes on a trajectory.

    Arguments as for `last_clear`.

    Returns:
        The least distance in metres (negative: they overlap), its time in seconds, and which volume; (inf,
        0.0, -1) without volumes or capsules.

    """
    t = _times(trajectory, step)
    p0, p1, radius = arm_capsules(arm, trajectory.sample(t)[0], flange, tcp, base=False)
    best = (np.inf, 0.0, -1)
    if not len(radius):
        return best
    for i, volume in enumerate(volumes):
        each = capsule_distance(p0, p1, np.broadcast_to(radius, p0.shape[:2]), volume).min(axis=1)
        k = int(np.argmin(each))
        if each[k] < best[0]:
            best = (float(each[k]), float(t[k]), i)
    return best


def _times(trajectory: Trajectory, step: float) -> Floats:
    if not step > 0.0:
        raise ValueError(f"step is {step}, expected a positive time in seconds")
    count = int(np.ceil(trajectory.duration / step)) + 1
    return np.linspace(0.0, trajectory.duration, max(count, 2))


def _inside_frame(points: Floats, pose: Floats) -> Floats:
    return np.asarray((points - pose[:3, 3]) @ pose[:3, :3])


def _positive(values: ArrayLike, size: int, what: str) -> Floats:
    array = check_vector(values, size, what)
    if not (array > 0.0).all():
        raise ValueError(f"{what} must be positive: {array.tolist()}")
    return array
