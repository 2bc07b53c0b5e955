"""Coal by way of Pinocchio: our arm's capsules and a cell's boxes as one geometry model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import coal
import numpy as np
import pinocchio

from robocell.motion import Arm, Capsule
from robocell.motion.rigid import Floats, pose


def geometry(model: Any, arm: Arm, boxes: Iterable[tuple[Floats, Floats]], pairs: Iterable[tuple[int, int]]) -> Any:
    """Return a `pinocchio.GeometryModel`.

    Args:
        model: the arm as `pin.model` gives it.
        arm: whose capsules these are.
        boxes: pose (4, 4) and edge lengths (3,) of each, base frame.
        pairs: capsules of the arm that are tested with each other, by index; the boxes are tested with every
            capsule that moves.

    """
    out = pinocchio.GeometryModel()
    parts = [out.addGeometryObject(_capsule(capsule, i)) for i, capsule in enumerate(arm.capsules)]
    for k, (where, size) in enumerate(boxes):
        shape = coal.Box(np.asarray(size, dtype=np.float64))
        box = out.addGeometryObject(pinocchio.GeometryObject(f"box_{k}", 0, _se3(where), shape))
        for part, capsule in zip(parts, arm.capsules, strict=True):
            if capsule.link > 0:
                out.addCollisionPair(pinocchio.CollisionPair(part, box))
    for a, b in pairs:
        out.addCollisionPair(pinocchio.CollisionPair(parts[a], parts[b]))
    return out


def collides(model: Any, shapes: Any, q: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows touch (N,), by the peer's call for a batch on one thread."""
    pool = pinocchio.GeometryPool(model, shapes, 1)
    touching = pinocchio.computeCollisionsInParallel(1, pool, np.asfortranarray(q.T), True)
    return np.asarray(touching).astype(bool)


def distances(model: Any, shapes: Any, q: Floats) -> Floats:
    """Return the least distance (N,) over all pairs, metres; negative where they overlap."""
    data, space = model.createData(), shapes.createData()
    least = np.empty(len(q))
    for i, row in enumerate(q):
        pinocchio.computeDistances(model, data, shapes, space, row)
        least[i] = min(result.min_distance for result in space.distanceResults)
    return least


def _capsule(capsule: Capsule, index: int) -> Any:
    along = capsule.p1 - capsule.p0
    length = float(np.sqrt(along @ along))
    R = _towards(along / length) if length > 0.0 else np.eye(3)
    shape = coal.Capsule(capsule.radius, length) if length > 0.0 else coal.Sphere(capsule.radius)
    where = _se3(pose(R, 0.5 * (capsule.p0 + capsule.p1)))
    return pinocchio.GeometryObject(f"part_{index}", capsule.link, where, shape)


def _towards(z: Floats) -> Floats:
    """Return a rotation whose third column is z."""
    x = np.cross(z, np.eye(3)[np.argmin(np.abs(z))])
    x /= np.sqrt(x @ x)
    return np.stack([x, np.cross(z, x), z], axis=1)


def _se3(T: Floats) -> Any:
    return pinocchio.SE3(np.array(T))
