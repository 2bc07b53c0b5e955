"""Coal by way of Pinocchio: our arm's capsules and what stands around it as one geometry model."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import coal
import numpy as np
import pinocchio

from robocell.motion import Arm, Capsule
from robocell.motion.rigid import Floats, pose


def geometry(model: Any, arm: Arm, obstacles: Iterable[Any], links: Iterable[tuple[int, int]]) -> Any:
    """Return a `pinocchio.GeometryModel`.

    Args:
        model: the arm as `pin.model` gives it.
        arm: whose capsules these are.
        obstacles: of `robocell.motion`, base frame; each is tested with every capsule but the base's.
        links: pairs of links whose capsules are tested with each other.

    """
    out = pinocchio.GeometryModel()
    parts = [out.addGeometryObject(_part(capsule, i)) for i, capsule in enumerate(arm.capsules)]
    for k, obstacle in enumerate(obstacles):
        where, shape = solid(obstacle)
        number = out.addGeometryObject(pinocchio.GeometryObject(f"obstacle_{k}", 0, where, shape))
        for part, capsule in zip(parts, arm.capsules, strict=True):
            if capsule.link > 0:
                out.addCollisionPair(pinocchio.CollisionPair(part, number))
    tested = {frozenset(pair) for pair in links}
    for (a, first), (b, second) in combinations(zip(parts, arm.capsules, strict=True), 2):
        if frozenset((first.link, second.link)) in tested:
            out.addCollisionPair(pinocchio.CollisionPair(a, b))
    return out


def solid(obstacle: Any) -> tuple[Any, Any]:
    """Return placement and shape of one of our obstacles."""
    match type(obstacle).__name__:
        case "Box":
            return _se3(obstacle.pose), coal.Box(np.array(obstacle.size))
        case "Cylinder":
            return _se3(obstacle.pose), coal.Cylinder(obstacle.radius, obstacle.height)
        case "Sphere":
            return _se3(pose(None, obstacle.centre)), coal.Sphere(obstacle.radius)
        case "CapsuleObstacle":
            return _capsule(obstacle.p0, obstacle.p1, obstacle.radius)
        case "ConvexMesh":
            points = coal.StdVec_Vec3s()
            points.extend(list(np.array(obstacle.vertices)))
            return _se3(obstacle.pose), coal.Convex.convexHull(points, False, "Qt")
    raise TypeError(f"Coal knows no {type(obstacle).__name__}")


def broadphase(model: Any, shapes: Any) -> Any:
    """Return what the peer's batch call takes: a tree of boxes about the bodies, for one thread."""
    return pinocchio.TreeBroadPhaseManagerPool_DynamicAABBTreeCollisionManager(model, shapes, 1)


def collides(pool: Any, q: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which rows (N, n) touch (N,), by the peer's call for a batch on one thread; pool: see `broadphase`."""
    return np.asarray(pinocchio.computeCollisionsInParallel(1, pool, np.asfortranarray(q.T), True)).astype(bool)


def distances(model: Any, shapes: Any, q: Floats) -> Floats:
    """Return the least distance (N,) over all pairs, metres; negative where they overlap."""
    data, space = model.createData(), shapes.createData()
    least = np.empty(len(q))
    for i, row in enumerate(q):
        pinocchio.computeDistances(model, data, shapes, space, row)
        least[i] = min(result.min_distance for result in space.distanceResults)
    return least


def _part(capsule: Capsule, index: int) -> Any:
    where, shape = _capsule(capsule.p0, capsule.p1, capsule.radius)
    return pinocchio.GeometryObject(f"part_{index}", capsule.link, where, shape)


def _capsule(p0: Floats, p1: Floats, radius: float) -> tuple[Any, Any]:
    along = p1 - p0
    length = float(np.sqrt(along @ along))
    middle = 0.5 * (p0 + p1)
    if length == 0.0:
        return _se3(pose(None, middle)), coal.Sphere(radius)
    return _se3(pose(_towards(along / length), middle)), coal.Capsule(radius, length)


def _towards(z: Floats) -> Floats:
    """Return a rotation whose third column is z."""
    x = np.cross(z, np.eye(3)[np.argmin(np.abs(z))])
    x /= np.sqrt(x @ x)
    return np.stack([x, np.cross(z, x), z], axis=1)


def _se3(T: Floats) -> Any:
    return pinocchio.SE3(np.array(T))
