"""Packs an arm made of spheres, and what stands around it, for `kernels.collision_spheres`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import TILE, gaps
from robocell.motion.kernels import collision_spheres as kernel
from robocell.motion.packing import ROUNDING, Ints, Packed, Record, onto_z
from robocell.motion.rigid import Floats, inverse, pose

MOST = 6
"""Spheres in a group: fewer make more groups to look at, more make them large. Best of 3 to 8 for a UR5 in 40 spheres."""

VECTOR = 8
KNOWN = (gaps.BOX, gaps.CYLINDER, gaps.CAPSULE)


@dataclass(frozen=True, eq=False)
class Group:
    """Spheres of one link that lie together, with a sphere about them, in the link's frame."""

    link: int
    capsules: tuple[Capsule, ...]
    centre: Floats
    radius: float


@dataclass(frozen=True, eq=False)
class Shape:
    """An arm's part of what kernels take.

    Attributes:
        links: of each group.
        sizes: spheres of each group.
        steps: 12 a joint, frames turned so that every axis is Z.
        bounds: 4 a group, centre and radius.
        balls: 4 a sphere, likewise.

    """

    links: tuple[int, ...]
    sizes: tuple[int, ...]
    steps: Floats
    bounds: Floats
    balls: Floats

    @staticmethod
    def of(arm: Arm, held: Sequence[Capsule]) -> Shape:
        """Cut an arm's spheres, and those of what it holds (TCP frame), into groups. The arm alone is kept by it."""
        kept: Shape | None = None if held else arm.__dict__.get("_sphere_shape")
        if kept is not None:
            return kept
        grasp = arm.flange @ arm.tool
        centres = [grasp[:3, :3] @ c.p0 + grasp[:3, 3] for c in held]
        carried = [Capsule(arm.n, p, p, c.radius) for p, c in zip(centres, held, strict=True)]
        groups = _groups([*arm.capsules, *carried], arm.n)
        turns = [np.eye(4), *[pose(onto_z(joint.axis)) for joint in arm.joints]]
        steps = [(inverse(turns[i]) @ joint.origin @ turns[i + 1])[:3] for i, joint in enumerate(arm.joints)]
        shape = Shape(
            tuple(group.link for group in groups),
            tuple(len(group.capsules) for group in groups),
            np.array(steps).ravel(),
            np.array([_turned(turns[g.link], g.centre, g.radius) for g in groups]).ravel(),
            np.array([_turned(turns[g.link], c.p0, c.radius) for g in groups for c in g.capsules]).ravel(),
        )
        if not held:
            arm.__dict__["_sphere_shape"] = shape
        return shape


def all_spheres(capsules: Sequence[Capsule]) -> bool:
    """Whether all capsules are spheres: their ends are the same."""
    return all(bool((c.p0 == c.p1).all()) for c in capsules)


def all_known(obstacles: Sequence[Record]) -> bool:
    """Whether the kernels know all obstacles: no mesh, no cone."""
    return all(obstacle.kind in KNOWN for obstacle in obstacles)


def sphere_pack(
    arm: Arm,
    obstacles: Sequence[Record],
    held: Sequence[Capsule] = (),
    pairs: Sequence[tuple[int, int]] = (),
    ignored: frozenset[int] = frozenset({0}),
) -> Packed:
    """Lay everything out for the kernels.

    Args:
        arm: the arm, all of spheres.
        obstacles: what stands around it, all of kinds that the kernels know.
        held: more spheres, in the TCP frame.
        pairs: links that must not touch each other.
        ignored: links that may touch obstacles.

    """
    shape = Shape.of(arm, held)
    count = len(shape.links)
    firsts = np.cumsum([0, *shape.sizes])
    groups = [
        (link, int(first), size, int(link not in ignored))
        for link, first, size in zip(shape.links, firsts, shape.sizes, strict=False)
    ]
    slots = -(-count // VECTOR) * VECTOR
    unlike, touching = set(pairs), np.zeros((count, slots))
    for i, j in combinations(range(count), 2):
        touching[j, i] = (shape.links[i], shape.links[j]) in unlike
    boxes, shapes = _shapes(obstacles)
    layout = np.zeros(kernel.HEAD, dtype=np.int64)
    layout[[kernel.JOINTS, kernel.GROUPS, kernel.SLOTS]] = arm.n, count, slots
    layout[[kernel.OBSTACLES, kernel.PADDED]] = len(obstacles), boxes.shape[1]
    data = _join(
        layout,
        (kernel.CHAIN, shape.steps),
        (kernel.BOUND, shape.bounds),
        (kernel.BALL, shape.balls),
        (kernel.UNLIKE, touching),
        (kernel.BOXES, boxes),
        (kernel.SHAPES, shapes),
    )
    layout[kernel.KINDS] = kernel.HEAD
    layout[kernel.GROUP] = kernel.HEAD + arm.n
    work = _workspace(layout, sum(shape.sizes))
    kinds = [int(joint.kind == "revolute") for joint in arm.joints]
    ints = [layout, kinds, np.array(groups).ravel()]
    return Packed(data, np.concatenate([np.asarray(part, dtype=np.int64) for part in ints]), np.zeros(work), ())


def _groups(capsules: Sequence[Capsule], n: int) -> tuple[Group, ...]:
    """Cut the spheres of each link into groups that lie together, base first."""
    out: list[Group] = []
    for link in range(n + 1):
        rest = [[c for c in capsules if c.link == link]]
        while rest:
            some = rest.pop()
            if not some:
                continue
            points, radii = np.array([c.p0 for c in some]), np.array([c.radius for c in some])
            low, high = (points - radii[:, None]).min(axis=0), (points + radii[:, None]).max(axis=0)
            if len(some) > MOST:
                order = np.argsort(points[:, int(np.argmax(high - low))], kind="stable")
                half = len(some) // 2
                rest += [[some[k] for k in order[:half]], [some[k] for k in order[half:]]]
                continue
            centre = 0.5 * (low + high)
            radius = float((np.sqrt(((points - centre) ** 2).sum(axis=1)) + radii).max()) + ROUNDING
            out.append(Group(link, tuple(some), centre, radius))
    return tuple(out)


def _shapes(obstacles: Sequence[Record]) -> tuple[Floats, Floats]:
    """Return the boxes about obstacles (6, padded) and their shapes (N, SHAPE_SIZE)."""
    count = len(obstacles)
    boxes = np.zeros((6, -(-count // VECTOR) * VECTOR))
    shapes = np.zeros((count, kernel.SHAPE_SIZE))
    if count:
        poses = np.stack([o.pose for o in obstacles])
        half = np.stack([o.half for o in obstacles])
        figures = np.stack([o.figures for o in obstacles])
        kind = np.array([o.kind for o in obstacles])
        R, centre = poses[:, :3, :3], poses[:, :3, 3]
        about = (np.abs(R) @ half[..., None])[..., 0] + ROUNDING
        boxes[:3, :count], boxes[3:, :count] = (centre - about).T, (centre + about).T
        shapes[:, :9] = R.transpose(0, 2, 1).reshape(count, 9)
        shapes[:, 9:12] = centre
        rounded = kind == gaps.CAPSULE  # a box with no width, and a radius about it
        shapes[:, 12:15] = np.where(rounded[:, None], 0.0, half)
        shapes[rounded, 14] = figures[rounded, 1]
        shapes[:, 15] = kind == gaps.CYLINDER
        shapes[rounded, 16] = figures[rounded, 0]
    return boxes, shapes


def _turned(turn: Floats, point: Floats, radius: float) -> Floats:
    return np.array([*(turn[:3, :3].T @ point), radius])


def _join(layout: Ints, *parts: tuple[int, Floats]) -> Floats:
    """Put parts one after the other, and where each begins into the layout."""
    flat = [part.ravel() for _, part in parts]
    layout[[index for index, _ in parts]] = np.cumsum([0, *[part.size for part in flat]])[:-1]
    return np.concatenate(flat)


def _workspace(layout: Ints, balls: int) -> int:
    """Lay out the workspace and return its size."""
    end = 0
    for index, size in (
        (kernel.FRAMES, 12 * TILE * (layout[kernel.JOINTS] + 1)),
        (kernel.CENTRES, 3 * TILE * layout[kernel.GROUPS]),
        (kernel.BALLS, 3 * TILE * balls),
        (kernel.PLACED, layout[kernel.GROUPS]),
        (kernel.NEAR, 3 * (layout[kernel.PADDED] + 1)),
        (kernel.ROWS, TILE * layout[kernel.JOINTS]),
        (kernel.BOX, TILE + 6 * layout[kernel.SLOTS]),
    ):
        layout[index] = end
        end += int(size)
    layout[kernel.WORK] = end
    return end
