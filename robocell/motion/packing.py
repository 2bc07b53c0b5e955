"""Packs an arm's shape and what stands around it into the flat arrays that the collision kernels take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, groupby

import numpy as np
from numpy.typing import NDArray

from robocell.motion.arm import Arm, Capsule, Joint
from robocell.motion.kernels import TILE, placing
from robocell.motion.rigid import Floats

Ints = NDArray[np.int64]

STEPS = 100
"""Of the search for the sphere about a piece: it is then some per cent larger than the least one, at most."""
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
        spheres: whether all are spheres.
        centre: (3,) of a sphere about them.
        radius: of this sphere.
        p0: (3,) one end of the axis of a capsule about them.
        p1: (3,) the other end.
        thickness: the radius of this capsule.

    """

    link: int
    capsules: tuple[Capsule, ...]
    spheres: bool
    centre: Floats
    radius: float
    p0: Floats
    p1: Floats
    thickness: float


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
    """Cut an arm's capsules, and those of what it holds (TCP frame), into pieces, base first.

    Those of the arm itself are found once and kept by it.
    """
    own: tuple[Piece, ...] | None = arm.__dict__.get("_pieces")
    if own is None:
        own = cut(arm.capsules)
        arm.__dict__["_pieces"] = own
    if not held:
        return own
    grasp = arm.flange @ arm.tool
    return own + cut([Capsule(arm.n, moved(grasp, c.p0), moved(grasp, c.p1), c.radius) for c in held])


def cut(capsules: Sequence[Capsule]) -> tuple[Piece, ...]:
    """Cut capsules into pieces of one link and one kind."""
    found = []
    for kind, some in groupby(sorted(capsules, key=_order), key=_order):
        items = tuple(some)
        for k in range(0, len(items), TILE):
            part = items[k : k + TILE]
            centre, radius = _sphere_about(part)
            p0, p1, thickness = _capsule_about(part)
            found.append(Piece(kind[0], part, not kind[1], centre, radius, p0, p1, thickness))
    return tuple(found)


def pack(
    joints: Sequence[Joint],
    obstacles: Sequence[Record],
    pieces: Sequence[Piece],
    pairs: Sequence[tuple[int, int]] = (),
    margin: float | None = None,
    ignored: frozenset[int] = frozenset({0}),
) -> Packed:
    """Lay everything out for the kernels.

    Args:
        joints: the arm's; none for a body whose frame is given.
        obstacles: what stands around.
        pieces: the arm's shape, base first.
        pairs: links that must not touch each other.
        margin: m; obstacles that the arm cannot come so near to are left out. None: all stay.
        ignored: links that may touch obstacles; the base is one.

    """
    reach = _reach(joints, pieces) if margin is not None else np.full(len(pieces), np.inf)
    wanted = set(pairs)
    touching = [(i, j) for i, j in combinations(range(len(pieces)), 2) if (pieces[i].link, pieces[j].link) in wanted]
    out = _Layout(joints, pieces)
    out.chain()
    out.obstacles(obstacles, reach + (margin or 0.0), ignored)
    out.shape(touching)
    return out.packed(len(touching))


class _Layout:
    """The two arrays while they grow."""

    def __init__(self, joints: Sequence[Joint], pieces: Sequence[Piece]) -> None:
        self._joints, self._pieces = joints, pieces
        self._turns = [np.eye(3), *[onto_z(joint.axis) for joint in joints]]  # make each link's joint axis Z
        self._data: list[Floats] = []
        self._ints: list[int] = [0] * placing.HEAD
        self._size = 0
        self._ints[placing.JOINTS] = len(joints)
        self._ints[placing.PIECES] = len(pieces)
        self._blocks = np.zeros((len(pieces), 2), dtype=np.int64)

    def _add(self, values: Floats) -> int:
        flat = np.asarray(values, dtype=np.float64).ravel()
        self._data.append(flat)
        self._size += flat.size
        return self._size - flat.size

    def _head(self, index: int, values: Sequence[int]) -> None:
        self._ints[index] = len(self._ints)
        self._ints.extend(values)

    def chain(self) -> None:
        """Write the joints' frames, turned so that every axis is Z."""
        steps = np.zeros((len(self._joints), 3, 4))
        for i, joint in enumerate(self._joints):
            back = self._turns[i].T
            steps[i, :, :3] = back @ joint.origin[:3, :3] @ self._turns[i + 1]
            steps[i, :, 3] = back @ joint.origin[:3, 3]
        self._ints[placing.CHAIN] = self._add(steps)
        self._head(placing.KINDS, [int(joint.kind == "revolute") for joint in self._joints])

    def obstacles(self, obstacles: Sequence[Record], reach: Floats, ignored: frozenset[int]) -> None:
        """Write the obstacles in reach, nearest first, and how many blocks of them each piece has to look at."""
        shoulder = self._joints[0].origin[:3, 3] if self._joints else np.zeros(3)
        far = np.array([_from_box(shoulder, record) for record in obstacles])
        limit = np.array([-np.inf if piece.link in ignored else reach[i] for i, piece in enumerate(self._pieces)])
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
            where = self._add(np.concatenate([_into(record.pose), record.half, record.figures]))
            count = 0
            if record.vertices is not None:
                count = len(record.vertices)
                self._add(record.vertices.T)
            records.extend([record.kind, where, count, k])
        self._head(placing.RECORD, records)

    def shape(self, touching: Sequence[tuple[int, int]]) -> None:
        """Write the pieces and their pairs."""
        heads: list[int] = []
        bounds = np.zeros((len(self._pieces), placing.BOUND_SIZE))
        items = np.zeros((len(self._pieces), 7, TILE))
        for i, (piece, blocks) in enumerate(zip(self._pieces, self._blocks, strict=True)):
            heads.extend([piece.link, int(piece.spheres), len(piece.capsules), int(blocks[0]), int(blocks[1])])
            turn = self._turns[piece.link]
            bounds[i, :3], bounds[i, 3] = piece.centre @ turn, piece.radius
            bounds[i, 4:7], bounds[i, 7:10], bounds[i, 10] = piece.p0 @ turn, piece.p1 @ turn, piece.thickness
            bounds[i, 11] = (piece.p1 - piece.p0) @ (piece.p1 - piece.p0)
            padded = [*piece.capsules, *[piece.capsules[-1]] * (TILE - len(piece.capsules))]
            items[i, :3] = (np.array([c.p0 for c in padded]) @ turn).T
            items[i, 3:6] = (np.array([c.p1 for c in padded]) @ turn).T
            items[i, 6] = [c.radius for c in padded]
        self._head(placing.PIECE, heads)
        self._head(placing.PAIR, [k for pair in touching for k in pair])
        self._ints[placing.PAIRS] = len(touching)
        self._ints[placing.BOUNDS] = self._add(bounds)
        self._ints[placing.ITEMS] = self._add(items)

    def packed(self, pairs: int) -> Packed:
        """Lay out the workspace."""
        end = placing.FIXED
        for index, size in (
            (placing.JOINT_ROWS, len(self._joints) * TILE),
            (placing.FRAMES, 12 * TILE * (len(self._joints) + 1)),
            (placing.CENTRES, placing.ABOUT * len(self._pieces)),
            (placing.PLACED, placing.ITEMS_SIZE * len(self._pieces)),
            (placing.DONE, len(self._pieces)),
            (placing.APART, TILE * pairs),
        ):
            self._ints[index] = end
            end += size
        self._ints[placing.WORK] = end
        layout = np.array(self._ints, dtype=np.int64)
        return Packed(np.concatenate(self._data), layout, np.zeros(end), tuple(self._pieces))


def _order(capsule: Capsule) -> tuple[int, bool]:
    return capsule.link, not bool((capsule.p0 == capsule.p1).all())


def moved(T: Floats, p: Floats) -> Floats:
    """Return a point (3,) given in the frame T (4, 4)."""
    return np.asarray(T[:3, :3] @ p + T[:3, 3])


def _sphere_about(capsules: Sequence[Capsule]) -> tuple[Floats, float]:
    """Return centre and radius of a sphere about capsules, nearly the least (Bădoiu and Clarkson, 2003)."""
    if len(capsules) == 1:
        p0, p1, radius = capsules[0].p0, capsules[0].p1, capsules[0].radius
        return 0.5 * (p0 + p1), 0.5 * float(np.sqrt((p1 - p0) @ (p1 - p0))) + radius + ROUNDING
    ends, radii = _balls(capsules)
    centre = 0.5 * ((ends - radii[:, None]).min(axis=0) + (ends + radii[:, None]).max(axis=0))
    best = (centre, np.inf)
    for i in range(1, STEPS):
        reach = np.sqrt(((ends - centre) ** 2).sum(axis=1)) + radii
        k = int(np.argmax(reach))
        if reach[k] < best[1]:
            best = (centre, float(reach[k]))
        if reach[k] == radii[k]:
            break
        centre = centre + (ends[k] - centre) * (reach[k] / (reach[k] - radii[k]) / (i + 1))
    return best[0], best[1] + ROUNDING


def _balls(capsules: Sequence[Capsule]) -> tuple[Floats, Floats]:
    """Return centres and radii of the balls at the ends of capsules."""
    return np.array([p for c in capsules for p in (c.p0, c.p1)]), np.repeat([c.radius for c in capsules], 2)


def _capsule_about(capsules: Sequence[Capsule]) -> tuple[Floats, Floats, float]:
    """Return ends and radius of a capsule about capsules, along where they reach farthest."""
    if len(capsules) == 1:
        return capsules[0].p0, capsules[0].p1, capsules[0].radius
    ends, radii = _balls(capsules)
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


def onto_z(axis: Floats) -> Floats:
    """Return a rotation (3, 3) whose last column is a unit axis."""
    aside = np.eye(3)[int(np.argmin(np.abs(axis)))]
    x = np.cross(aside, axis)
    x /= np.sqrt(x @ x)
    return np.column_stack([x, np.cross(axis, x), axis])


def _reach(joints: Sequence[Joint], pieces: Sequence[Piece]) -> Floats:
    """Return how far (m) each piece can come from the first joint; infinite where an arm has sliding joints."""
    if not joints or any(joint.kind != "revolute" for joint in joints):
        return np.full(len(pieces), np.inf)
    steps = [float(np.sqrt((joint.origin[:3, 3] ** 2).sum())) for joint in joints]
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
    return np.concatenate([_into(record.pose), record.half + ROUNDING])


def _into(frame: Floats) -> Floats:
    """Return rotation and shift (12,) from the base frame into another."""
    R = frame[:3, :3]
    return np.concatenate([R.T.ravel(), -(frame[:3, 3] @ R)])
