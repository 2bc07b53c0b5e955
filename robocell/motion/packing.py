"""Packs an arm's shape and what stands around it into the flat arrays that the collision kernels take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np
from numpy.typing import NDArray

from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import TILE, placing
from robocell.motion.rigid import Floats, inverse, pose

Ints = NDArray[np.int64]

ROUNDING = 1e-9
"""m by which spheres and boxes about things are larger than need be, so that no rounding loses a contact."""


@dataclass(frozen=True, eq=False)
class Record:
    """A convex obstacle as kernels know it.

    Attributes:
        kind: of `kernels.gaps`.
        pose: (4, 4) of its own frame in the arm's base frame.
        half: (3,) half the size of the box about it, in its own frame.
        figures: (3,) that `kernels.gaps` takes for its kind.
        vertices: (V, 3) of a mesh, in its own frame.

    """

    kind: int
    pose: Floats
    half: Floats
    figures: Floats
    vertices: Floats | None = None


@dataclass(frozen=True, eq=False)
class Piece:
    """Items of one link, at most `TILE`.

    Attributes:
        link: 0 is the base.
        capsules: in the link's frame.
        centre: (3,) of the sphere about them.
        radius: of the sphere about them.

    """

    link: int
    capsules: tuple[Capsule, ...]
    centre: Floats
    radius: float

    @property
    def spheres(self) -> bool:
        """Whether all items are spheres."""
        return all(bool((c.p0 == c.p1).all()) for c in self.capsules)


@dataclass(frozen=True, eq=False)
class Packed:
    """What kernels take: see `kernels.collision`.

    Attributes:
        data: float64.
        layout: int64.
        work: a workspace.
        pieces: what the kernels' indices of pieces mean.

    """

    data: Floats
    layout: Ints
    work: Floats
    pieces: tuple[Piece, ...]


def pieces_of(arm: Arm, held: Sequence[Capsule] = ()) -> tuple[Piece, ...]:
    """Cut an arm's capsules, and those of what it holds (TCP frame), into pieces, base first."""
    grasp = arm.flange @ arm.tool
    carried = [Capsule(arm.n, _moved(grasp, c.p0), _moved(grasp, c.p1), c.radius) for c in held]
    found = []
    for link, some in groupby(sorted([*arm.capsules, *carried], key=_order), key=_order):
        capsules = tuple(some)
        for k in range(0, len(capsules), TILE):
            part = capsules[k : k + TILE]
            found.append(Piece(link[0], part, *_sphere_about(part)))
    return tuple(found)


def pack(
    arm: Arm,
    obstacles: Sequence[Record],
    pieces: Sequence[Piece],
    pairs: Sequence[tuple[int, int]] = (),
    margin: float | None = None,
    ignored: frozenset[int] = frozenset({0}),
) -> Packed:
    """Lay everything out for the kernels.

    Args:
        arm: the arm.
        obstacles: what stands around it.
        pieces: the arm's shape, base first.
        pairs: links that must not touch each other.
        margin: m; obstacles that the arm cannot come so near to are left out. None: all stay.
        ignored: links that may touch obstacles; the base is one.

    """
    out = _Layout(arm.n, len(pieces))
    out.chain(arm)
    reach = _reach(arm, pieces) if margin is not None else np.full(len(pieces), np.inf)
    out.obstacles(arm, obstacles, pieces, reach + (margin or 0.0), ignored)
    touching = [
        (i, j) for i, j in combinations(range(len(pieces)), 2) if (pieces[i].link, pieces[j].link) in set(pairs)
    ]
    return out.packed(arm, pieces, touching)


class _Layout:
    """The two arrays while they grow."""

    def __init__(self, joints: int, pieces: int) -> None:
        self._data: list[Floats] = []
        self._ints: list[int] = [0] * placing.HEAD
        self._size = 0
        self._ints[placing.JOINTS] = joints
        self._ints[placing.PIECES] = pieces
        self._blocks = np.zeros((pieces, 2), dtype=np.int64)

    def _add(self, values: Floats) -> int:
        flat = np.asarray(values, dtype=np.float64).ravel()
        self._data.append(flat)
        self._size += flat.size
        return self._size - flat.size

    def _head(self, index: int, values: Sequence[int]) -> None:
        self._ints[index] = len(self._ints)
        self._ints.extend(values)

    def chain(self, arm: Arm) -> None:
        """Write the joints' frames, turned so that every axis is Z."""
        turns = _turns(arm)
        steps = [inverse(turns[i]) @ joint.origin @ turns[i + 1] for i, joint in enumerate(arm.joints)]
        self._ints[placing.CHAIN] = self._add(np.stack(steps)[:, :3])
        self._head(placing.KINDS, [int(joint.kind == "revolute") for joint in arm.joints])

    def obstacles(
        self, arm: Arm, obstacles: Sequence[Record], pieces: Sequence[Piece], reach: Floats, ignored: frozenset[int]
    ) -> None:
        """Write the obstacles in reach, nearest first, and how many blocks of them each piece has to look at."""
        shoulder = arm.joints[0].origin[:3, 3]
        far = np.array([_from_box(shoulder, record) for record in obstacles])
        limit = np.array([-np.inf if piece.link in ignored else reach[i] for i, piece in enumerate(pieces)])
        order = [int(k) for k in np.argsort(far, kind="stable") if far[k] <= limit.max(initial=-np.inf)]
        boxes = {k: _aligned_box(obstacles[k]) for k in order}
        aligned = [k for k in order if boxes[k] is not None]
        oriented = [k for k in order if boxes[k] is None]
        slots: list[int] = []
        blocks: list[Floats] = []
        for column, some in enumerate((aligned, oriented)):
            for first in range(0, len(some), TILE):
                group = some[first : first + TILE]
                slots.extend([*group, *[-1] * (TILE - len(group))])
                rows = [boxes[k] if column == 0 else _oriented_box(obstacles[k]) for k in group]
                blank = np.zeros(6 if column == 0 else 15)
                blank[:3] = 1e30 if column == 0 else 0.0
                if column == 1:
                    blank[9:12] = 1e30
                blocks.append(np.array([*rows, *[blank] * (TILE - len(group))]).T.ravel())
            for i, least in enumerate(limit):
                count = sum(1 for k in some if far[k] <= least)
                self._blocks[i, column] = -(-count // TILE)
        place = {k: i for i, k in enumerate(order)}
        self._head(placing.SLOTS, [place.get(k, -1) for k in slots])
        self._ints[placing.BLOCKS] = self._add(np.concatenate(blocks) if blocks else np.zeros(0))
        self._ints[placing.ALIGNED] = -(-len(aligned) // TILE)
        self._ints[placing.OBSTACLES] = len(order)
        records: list[int] = []
        for k in order:
            record = obstacles[k]
            into = inverse(record.pose)
            where = self._add(np.concatenate([into[:3, :3].ravel(), into[:3, 3], record.figures]))
            count = 0
            if record.vertices is not None:
                count = len(record.vertices)
                self._add(record.vertices.T)
            records.extend([record.kind, where, count, k])
        self._head(placing.RECORD, records)

    def packed(self, arm: Arm, pieces: Sequence[Piece], touching: Sequence[tuple[int, int]]) -> Packed:
        """Write the pieces and lay out the workspace."""
        turns = _turns(arm)
        heads: list[int] = []
        bounds, items = [np.zeros(0)], [np.zeros(0)]
        for piece, blocks in zip(pieces, self._blocks, strict=True):
            heads.extend([piece.link, int(piece.spheres), len(piece.capsules), int(blocks[0]), int(blocks[1])])
            back = turns[piece.link][:3, :3].T
            p0, p1, radius = _capsule_about(piece.capsules)
            square = float((p1 - p0) @ (p1 - p0))
            ends = [*(back @ p0), *(back @ p1)]
            bounds.append(np.array([*(back @ piece.centre), piece.radius, *ends, radius, square]))
            padded = [*piece.capsules, *[piece.capsules[-1]] * (TILE - len(piece.capsules))]
            items.append(np.array([[*(back @ c.p0), *(back @ c.p1), c.radius] for c in padded]).T.ravel())
        self._head(placing.PIECE, heads)
        self._head(placing.PAIR, [k for pair in touching for k in pair])
        self._ints[placing.PAIRS] = len(touching)
        self._ints[placing.BOUNDS] = self._add(np.concatenate(bounds))
        self._ints[placing.ITEMS] = self._add(np.concatenate(items))
        end = placing.FIXED
        for index, size in (
            (placing.JOINT_ROWS, arm.n * TILE),
            (placing.FRAMES, 12 * TILE * (arm.n + 1)),
            (placing.CENTRES, placing.ABOUT * len(pieces)),
            (placing.PLACED, placing.ITEMS_SIZE * len(pieces)),
            (placing.DONE, len(pieces)),
            (placing.APART, TILE * len(touching)),
        ):
            self._ints[index] = end
            end += size
        self._ints[placing.WORK] = end
        data = np.concatenate(self._data)
        return Packed(data, np.array(self._ints, dtype=np.int64), np.zeros(end), tuple(pieces))


def _order(capsule: Capsule) -> tuple[int, bool]:
    return capsule.link, not bool((capsule.p0 == capsule.p1).all())


def _moved(T: Floats, p: Floats) -> Floats:
    return np.asarray(T[:3, :3] @ p + T[:3, 3])


def _sphere_about(capsules: Sequence[Capsule]) -> tuple[Floats, float]:
    """Return centre and radius of a sphere about capsules, nearly the least (Bădoiu and Clarkson, 2003)."""
    ends = np.array([p for c in capsules for p in (c.p0, c.p1)])
    radii = np.array([c.radius for c in capsules for _ in range(2)])
    centre = 0.5 * ((ends - radii[:, None]).min(axis=0) + (ends + radii[:, None]).max(axis=0))
    best = (centre, float((np.sqrt(((ends - centre) ** 2).sum(axis=1)) + radii).max()))
    for i in range(1, 200):
        apart = np.sqrt(((ends - centre) ** 2).sum(axis=1))
        k = int(np.argmax(apart + radii))
        if apart[k] + radii[k] < best[1]:
            best = (centre, float(apart[k] + radii[k]))
        if apart[k] == 0.0:
            break
        centre = centre + (ends[k] - centre) / apart[k] * (apart[k] + radii[k]) / (i + 1)
    return best[0], best[1] + ROUNDING


def _capsule_about(capsules: Sequence[Capsule]) -> tuple[Floats, Floats, float]:
    """Return ends and radius of a capsule about capsules, along where they reach farthest."""
    ends = np.array([p for c in capsules for p in (c.p0, c.p1)])
    radii = np.array([c.radius for c in capsules for _ in range(2)])
    middle, spread = ends.mean(axis=0), ends - ends.mean(axis=0)
    axis = np.linalg.eigh(spread.T @ spread)[1][:, -1]
    along = spread @ axis
    beside = spread - along[:, None] * axis
    middle = middle + 0.5 * (beside.min(axis=0) + beside.max(axis=0))
    aside = np.sqrt(((ends - middle - ((ends - middle) @ axis)[:, None] * axis) ** 2).sum(axis=1))
    along = (ends - middle) @ axis
    radius = float((aside + radii).max())
    # an end of the axis needs to reach a ball only so far that the capsule's own end covers it
    short = np.sqrt(np.maximum((radius - radii) ** 2 - aside**2, 0.0))
    low, high = float((along + short).min()), float((along - short).max())
    if low > high:
        low = high = 0.5 * (low + high)
    return middle + low * axis, middle + high * axis, radius + ROUNDING


def _turns(arm: Arm) -> list[Floats]:
    """Return for each link a rotation (4, 4) of its frame that makes its joint's axis Z."""
    return [np.eye(4), *[pose(onto_z(joint.axis)) for joint in arm.joints]]


def onto_z(axis: Floats) -> Floats:
    """Return a rotation (3, 3) whose last column is a unit axis."""
    aside = np.eye(3)[int(np.argmin(np.abs(axis)))]
    x = np.cross(aside, axis)
    x /= np.sqrt(x @ x)
    return np.column_stack([x, np.cross(axis, x), axis])


def _reach(arm: Arm, pieces: Sequence[Piece]) -> Floats:
    """Return how far (m) each piece can come from the first joint; infinite where an arm has sliding joints."""
    if any(joint.kind != "revolute" for joint in arm.joints):
        return np.full(len(pieces), np.inf)
    steps = [float(np.sqrt((joint.origin[:3, 3] ** 2).sum())) for joint in arm.joints]
    return np.array(
        [sum(steps[1 : piece.link]) + float(np.sqrt(piece.centre @ piece.centre)) + piece.radius for piece in pieces]
    )


def _from_box(point: Floats, record: Record) -> float:
    aside = np.maximum(np.abs((point - record.pose[:3, 3]) @ record.pose[:3, :3]) - record.half, 0.0)
    return float(np.sqrt(aside @ aside))


def _aligned_box(record: Record) -> Floats | None:
    """Return centre and half size (6,) of a box along the base's axes, None if it were much larger than the volume's own."""
    half = np.abs(record.pose[:3, :3]) @ record.half
    if float(np.prod(half)) > 1.05 * float(np.prod(record.half)):
        return None
    return np.concatenate([record.pose[:3, 3], half + ROUNDING])


def _oriented_box(record: Record) -> Floats:
    into = inverse(record.pose)
    return np.concatenate([into[:3, :3].ravel(), into[:3, 3], record.half + ROUNDING])
