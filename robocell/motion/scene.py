"""A scene: what stands around an arm, and whether and how near the arm comes to it and to itself."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import collision
from robocell.motion.obstacles import Volume
from robocell.motion.packing import Packed, Piece, pack, pieces_of
from robocell.motion.rigid import Bools, Floats, check_joints
from robocell.motion.self_pairs import self_pairs
from robocell.motion.sphere_packing import all_known, all_spheres, sphere_pack
from robocell.motion.trajectory import Trajectory

KEPT = 8
"""Arms, with what they hold, that a scene keeps packed."""


@dataclass(frozen=True, eq=False)
class Contact:
    """The nearest pair of bodies at one configuration.

    Attributes:
        distance: metres; see `Scene.distance`.
        link: of the arm; 0 is the base, n the last one with its tool and what it holds.
        obstacle: index in the scene, or -1.
        other: the other link where the arm meets itself, or -1.
        words: for messages, e.g. "link 3 and bench".

    """

    distance: float
    link: int
    obstacle: int
    other: int
    words: str


@dataclass(frozen=True, eq=False)
class Scene:
    """Convex obstacles in an arm's base frame (ROS `base_link`).

    The base (link 0) does not move and may touch obstacles. Links that are neighbours may touch each other, as may those that
    `self_pairs` leaves out; the margin is kept from obstacles, not between links.

    Attributes:
        obstacles: boxes, cylinders, spheres, capsules, convex meshes, views.
        margin: metres that the arm keeps from each, ≥ 0.
        allowed: pairs of links that may touch each other.
        alone: whether the arm's own links do not matter to each other.
        free: links that may touch obstacles; the base always may.

    """

    obstacles: Sequence[Volume] = ()
    margin: float = 0.0
    allowed: Sequence[tuple[int, int]] = ()
    alone: bool = False
    free: Sequence[int] = ()
    _packed: dict[tuple[object, ...], Packed] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not 0.0 <= self.margin < math.inf:
            raise ValueError(f"margin is {self.margin}, expected a length in metres, at least 0")
        object.__setattr__(self, "obstacles", tuple(self.obstacles))
        object.__setattr__(self, "allowed", tuple((min(pair), max(pair)) for pair in self.allowed))

    def collides(self, arm: Arm, q: ArrayLike, held: Sequence[Capsule] = ()) -> Bools:
        """Return whether the arm is within the margin of an obstacle, or touches itself.

        Args:
            arm: the arm with its tool, whose capsules belong to the last link.
            q: (N, n) or (n,) rad or m.
            held: capsules in the TCP frame, whatever their `link`: a part in the gripper.

        Returns:
            (N,), or () for a single configuration.

        Raises:
            ValueError: a wrong shape or a number that is not finite.

        """
        batch, single = check_joints(q, arm.n)
        hit = np.zeros(len(batch), dtype=np.uint8)
        at = self.packed(arm, held)
        collision.collide(np.ascontiguousarray(batch).reshape(-1), self.margin, at.data, at.layout, at.work, hit)
        found: Bools = hit.view(np.bool_)
        return found[0] if single else found

    def distance(self, arm: Arm, q: ArrayLike, held: Sequence[Capsule] = ()) -> Floats:
        """Return how far the arm is from obstacles and from itself.

        Arguments as for `collides`.

        Returns:
            (N,) metres, or () for a single configuration, whatever the margin. The least distance between a capsule's axis and a
            solid, less the capsule's radius: negative where they overlap, but never below -radius. Infinite where nothing is.

        Raises:
            ValueError: a wrong shape or a number that is not finite.

        """
        batch, single = check_joints(q, arm.n)
        least, _ = self._nearest(arm, batch, held)
        return least[0] if single else least

    def what(self, arm: Arm, q: ArrayLike, held: Sequence[Capsule] = ()) -> Contact | None:
        """Return the nearest obstacle, or pair of links, at one configuration (n,); None where nothing is."""
        batch, single = check_joints(q, arm.n)
        if not single:
            raise ValueError(f"what takes one configuration ({arm.n},)")
        least, which = self._nearest(arm, batch, held)
        piece, other = which.tolist()
        if piece < 0:
            return None
        pieces = self.packed(arm, held, far=True).pieces
        link = pieces[piece].link
        if other < 0:
            second = pieces[-1 - other].link
            return Contact(float(least[0]), link, -1, second, f"link {link} and link {second}")
        name = self.obstacles[other].name or f"obstacle {other}"
        return Contact(float(least[0]), link, other, -1, f"link {link} and {name}")

    def sweep(
        self, arm: Arm, move: Trajectory | ArrayLike, step: float = 0.01, held: Sequence[Capsule] = ()
    ) -> float | None:
        """Return where a move first collides.

        Args:
            arm: the arm with its tool.
            move: a trajectory, or way-points (M, n) joined by straight lines in joint space.
            step: metres that no point of the arm moves by more between samples (an upper bound of its travel is used).
            held: as for `collides`.

        Returns:
            Seconds, or for way-points the index of the leg's first way-point and the part of the leg behind; None if it is clear.
            The first of the samples that collides.

        """
        if not 0.0 < step < math.inf:
            raise ValueError(f"step is {step}, expected a positive length in metres")
        arms = _lever_arms(arm, pieces_of(arm, held))
        if isinstance(move, Trajectory):
            times = _times(move, arms, step)
            q = move.sample(times)[0]
        else:
            points, single = check_joints(move, arm.n, "way-points")
            if single:
                points = points[None, 0]
            times, q = _between(points, arms, step)
        hit = self.collides(arm, q, held)
        return float(times[int(np.argmax(hit))]) if hit.any() else None

    def packed(self, arm: Arm, held: Sequence[Capsule] = (), far: bool = False) -> Packed:
        """Return arm and scene as the kernels take them, with the obstacles that are out of reach only if `far`."""
        key = (arm.joints, arm.capsules, tuple(held), arm.tool.tobytes() if held else b"", far)
        found = self._packed.get(key)
        if found is None:
            records = [obstacle.record() for obstacle in self.obstacles]
            margin = None if far else self.margin
            ignored = frozenset({0, *self.free})
            found = self._keep(key, pack(arm.joints, records, pieces_of(arm, held), self._pairs(arm), margin, ignored))
        return found

    def packed_for_moves(self, arm: Arm, held: Sequence[Capsule] = ()) -> tuple[Packed, bool]:
        """Return arm and scene as `kernels.edges` takes them, and whether all is spheres: then the form is another."""
        key = (arm.joints, arm.capsules, tuple(held), arm.tool.tobytes() if held else b"", "spheres")
        found = self._packed.get(key)
        if found is not None:
            return found, True
        if not all_spheres([*arm.capsules, *held]):
            return self.packed(arm, held), False
        records = [obstacle.record() for obstacle in self.obstacles]
        if not all_known(records):
            return self.packed(arm, held), False
        packed = sphere_pack(arm, records, held, self._pairs(arm), frozenset({0, *self.free}))
        return self._keep(key, packed), True

    def _pairs(self, arm: Arm) -> tuple[tuple[int, int], ...]:
        return () if self.alone else tuple(pair for pair in self_pairs(arm) if pair not in self.allowed)

    def _keep(self, key: tuple[object, ...], packed: Packed) -> Packed:
        while len(self._packed) >= KEPT:
            self._packed.pop(next(iter(self._packed)))
        self._packed[key] = packed
        return packed

    def _nearest(
        self, arm: Arm, batch: Floats, held: Sequence[Capsule]
    ) -> tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.int64]]]:
        least, which = np.empty(len(batch)), np.empty(2 * len(batch), dtype=np.int64)
        at = self.packed(arm, held, far=True)
        collision.distance(np.ascontiguousarray(batch).reshape(-1), at.data, at.layout, at.work, least, which)
        return least, which


def _lever_arms(arm: Arm, pieces: Sequence[Piece]) -> Floats:
    """Return by how much (m a rad, or 1) any point of the arm moves at most with each joint (n,)."""
    out = np.zeros(arm.n)
    for i in range(arm.n):
        if arm.joints[i].kind != "revolute":
            out[i] = 1.0
            continue
        for piece in pieces:
            if piece.link > i:
                between = arm.joints[i + 1 : piece.link]
                far = sum(float(np.sqrt((joint.origin[:3, 3] ** 2).sum())) for joint in between)
                slides = [k for k in range(i + 1, piece.link) if arm.joints[k].kind != "revolute"]
                far += sum(float(np.abs(arm.limits.position[k]).max()) for k in slides)
                out[i] = max(out[i], far + float(np.sqrt(piece.centre @ piece.centre)) + piece.radius)
    return out


def _between(points: Floats, arms: Floats, step: float) -> tuple[Floats, Floats]:
    """Return samples (K,) along way-points, as leg and part of it, and their configurations (K, n)."""
    times, q = [np.zeros(1)], [points[:1]]
    for leg, (begin, end) in enumerate(zip(points, points[1:], strict=False)):
        count = max(math.ceil(float(np.abs(end - begin) @ arms) / step), 1)
        part = np.arange(1, count + 1) / count
        times.append(leg + part)
        q.append(begin + part[:, None] * (end - begin))
    return np.concatenate(times), np.concatenate(q)


def _times(move: Trajectory, arms: Floats, step: float) -> Floats:
    """Return times (K,) between which no point of the arm travels more than a step."""
    times = np.linspace(0.0, move.duration, 65) if move.duration > 0.0 else np.zeros(1)
    while True:
        q = move.sample(times)[0]
        travel = np.abs(np.diff(q, axis=0)) @ arms
        if not (travel > step).any():
            return times
        parts = np.maximum(np.ceil(travel / step * 1.05), 1.0).astype(int)
        pieces = [np.linspace(a, b, k, endpoint=False) for a, b, k in zip(times, times[1:], parts, strict=False)]
        times = np.concatenate([*pieces, times[-1:]])
