"""Convex volumes that an arm keeps clear of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.kernels import gaps
from robocell.motion.packing import Record, onto_z
from robocell.motion.rigid import Floats, check_poses, check_vector, frozen, pose


class Volume(Protocol):
    """A convex volume in the arm's base frame (ROS `base_link`)."""

    @property
    def name(self) -> str:
        """What messages call it; may be empty."""
        ...

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        ...


@dataclass(frozen=True, eq=False)
class Box:
    """A box.

    Attributes:
        pose: (4, 4) of its centre, arm base frame.
        size: (3,) edge lengths, metres.
        name: for messages.

    """

    pose: Floats
    size: Floats
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pose", _pose(self.pose, "pose of a box"))
        object.__setattr__(self, "size", frozen(_positive(self.size, 3, "size of a box")))

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        return Record(gaps.BOX, self.pose, 0.5 * self.size, 0.5 * self.size)


@dataclass(frozen=True, eq=False)
class Cylinder:
    """A cylinder along Z of its pose.

    Attributes:
        pose: (4, 4) of its centre, arm base frame.
        radius: metres.
        height: metres.
        name: for messages.

    """

    pose: Floats
    radius: float
    height: float
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pose", _pose(self.pose, "pose of a cylinder"))
        _positive([self.radius, self.height], 2, "radius and height of a cylinder")

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        half = np.array([self.radius, self.radius, 0.5 * self.height])
        return Record(gaps.CYLINDER, self.pose, half, np.array([self.radius, 0.5 * self.height, 0.0]))


@dataclass(frozen=True, eq=False)
class Sphere:
    """A sphere.

    Attributes:
        centre: (3,) metres, arm base frame.
        radius: metres.
        name: for messages.

    """

    centre: Floats
    radius: float
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "centre", frozen(check_vector(self.centre, 3, "centre of a sphere")))
        _positive([self.radius], 1, "radius of a sphere")

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        return Record(gaps.CAPSULE, pose(None, self.centre), np.full(3, self.radius), np.array([self.radius, 0.0, 0.0]))


@dataclass(frozen=True, eq=False)
class CapsuleObstacle:
    """All points within a radius of a segment: a pipe, a cable, a sphere that moves.

    Attributes:
        p0: (3,) metres, arm base frame.
        p1: (3,) likewise.
        radius: metres.
        name: for messages.

    """

    p0: Floats
    p1: Floats
    radius: float
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "p0", frozen(check_vector(self.p0, 3, "end p0 of a capsule")))
        object.__setattr__(self, "p1", frozen(check_vector(self.p1, 3, "end p1 of a capsule")))
        _positive([self.radius], 1, "radius of a capsule")

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        where, half = _about_segment(self.p0, self.p1)
        box = np.array([self.radius, self.radius, half + self.radius])
        return Record(gaps.CAPSULE, where, box, np.array([self.radius, half, 0.0]))


@dataclass(frozen=True, eq=False)
class ConvexMesh:
    """The convex hull of points.

    Attributes:
        pose: (4, 4) of its frame, arm base frame.
        vertices: (V, 3) metres, in its frame; points inside the hull do no harm.
        name: for messages.

    """

    pose: Floats
    vertices: Floats
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pose", _pose(self.pose, "pose of a mesh"))
        points = np.asarray(self.vertices, dtype=np.float64)
        if points.ndim != 2 or points.shape[1] != 3 or not len(points):
            raise ValueError(f"vertices of a mesh have shape {points.shape}, expected (V, 3)")
        if not np.isfinite(points).all():
            raise ValueError("vertices of a mesh hold a number that is not finite")
        object.__setattr__(self, "vertices", frozen(points))

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        low, high = self.vertices.min(axis=0), self.vertices.max(axis=0)
        middle = 0.5 * (low + high)
        where = self.pose @ pose(None, middle)
        return Record(gaps.MESH, where, 0.5 * (high - low), np.zeros(3), self.vertices - middle)


@dataclass(frozen=True, eq=False)
class ViewCone:
    """What a camera looks through to see a disc: the cone from a point to a disc across its axis.

    Attributes:
        apex: (3,) the camera's optical centre, arm base frame, metres.
        centre: (3,) the disc's centre.
        radius: the disc's radius, metres.
        name: for messages.

    """

    apex: Floats
    centre: Floats
    radius: float
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "apex", frozen(check_vector(self.apex, 3, "apex of a view")))
        object.__setattr__(self, "centre", frozen(check_vector(self.centre, 3, "centre of a view")))
        _positive([self.radius, float(np.linalg.norm(self.centre - self.apex))], 2, "radius and depth of a view")

    def record(self) -> Record:
        """Return it as collision kernels know it."""
        where, half = _about_segment(self.apex, self.centre)
        return Record(
            gaps.CONE, where, np.array([self.radius, self.radius, half]), np.array([self.radius, 2 * half, 0.0])
        )


def _about_segment(p0: Floats, p1: Floats) -> tuple[Floats, float]:
    """Return a frame in the middle of a segment with Z along it, and half its length."""
    along = p1 - p0
    length = float(np.sqrt(along @ along))
    R = onto_z(along / length) if length > 0.0 else np.eye(3)
    return pose(R, 0.5 * (p0 + p1)), 0.5 * length


def _pose(value: ArrayLike, what: str) -> Floats:
    batch, single = check_poses(value, what)
    if not single:
        raise ValueError(f"{what} must be one matrix (4, 4)")
    return frozen(batch[0])


def _positive(values: ArrayLike, size: int, what: str) -> Floats:
    array = check_vector(values, size, what)
    if not (array > 0.0).all():
        raise ValueError(f"{what} must be positive: {array.tolist()}")
    return array
