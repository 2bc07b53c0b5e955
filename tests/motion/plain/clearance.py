"""Distances between capsules and convex volumes in numpy: the reference of the collision kernels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from robocell.motion.arm import Arm, Capsule
from robocell.motion.clearance import arm_capsules
from robocell.motion.obstacles import Box, CapsuleObstacle, ConvexMesh, Cylinder, Sphere, ViewCone, Volume
from robocell.motion.rigid import Floats

PROBES = np.linspace(0.0, 1.0, 9)  # each round keeps a quarter of the interval
ROUNDS = 14  # leaves 4e-9 of a segment's length


def point_distance(volume: Volume, points: Floats) -> Floats:
    """Return the distance (…) in metres from points (…, 3) to a volume; 0 inside."""
    return DISTANCE[type(volume)](volume, points)


def _from_box(box: Box, points: Floats) -> Floats:
    outside = np.maximum(np.abs(_inside_frame(points, box.pose)) - 0.5 * box.size, 0.0)
    return np.asarray(np.sqrt((outside * outside).sum(axis=-1)))


def _from_cylinder(cylinder: Cylinder, points: Floats) -> Floats:
    p = _inside_frame(points, cylinder.pose)
    aside = np.maximum(np.hypot(p[..., 0], p[..., 1]) - cylinder.radius, 0.0)
    above = np.maximum(np.abs(p[..., 2]) - 0.5 * cylinder.height, 0.0)
    return np.hypot(aside, above)


def _from_sphere(sphere: Sphere, points: Floats) -> Floats:
    return np.asarray(np.maximum(np.linalg.norm(points - sphere.centre, axis=-1) - sphere.radius, 0.0))


def _from_capsule(capsule: CapsuleObstacle, points: Floats) -> Floats:
    along = capsule.p1 - capsule.p0
    t = np.clip((points - capsule.p0) @ along / max(float(along @ along), 1e-300), 0.0, 1.0)
    apart = np.linalg.norm(points - capsule.p0 - t[..., None] * along, axis=-1)
    return np.asarray(np.maximum(apart - capsule.radius, 0.0))


def _from_cone(cone: ViewCone, points: Floats) -> Floats:
    axis = cone.centre - cone.apex
    depth = float(np.sqrt(axis @ axis))
    rel = points - cone.apex
    z = rel @ (axis / depth)
    r = np.sqrt(np.maximum((rel * rel).sum(axis=-1) - z * z, 0.0))
    slant = float(np.hypot(depth, cone.radius))
    along = np.clip((r * cone.radius + z * depth) / slant, 0.0, slant)
    to_side = np.hypot(r - along * cone.radius / slant, z - along * depth / slant)
    to_disc = np.hypot(np.maximum(r - cone.radius, 0.0), z - depth)
    inside = (z >= 0.0) & (z <= depth) & (r * depth <= z * cone.radius)
    return np.where(inside, 0.0, np.minimum(to_side, to_disc))


def _from_mesh(mesh: ConvexMesh, points: Floats) -> Floats:
    """Inside all planes that have every vertex on one side: 0. Outside: the nearest triangle of such a plane."""
    p, v = _inside_frame(points, mesh.pose), mesh.vertices
    best, outside = np.full(p.shape[:-1], np.inf), np.zeros(p.shape[:-1], dtype=bool)
    for i in range(len(v)):
        for j in range(len(v)):
            for k in range(j):
                if i in (j, k) or i > k:
                    continue
                normal = np.cross(v[j] - v[i], v[k] - v[i])
                size = float(np.linalg.norm(normal))
                if size < 1e-9:
                    continue
                normal = normal / size
                side = (v - v[i]) @ normal
                if side.max() > 1e-9 and side.min() < -1e-9:
                    continue
                outward = -normal if side.max() > 1e-9 else normal
                outside |= (p - v[i]) @ outward > 0.0
                best = np.minimum(best, _from_triangle(p, v[i], v[j], v[k]))
    return np.where(outside, best, 0.0)


def _from_triangle(p: Floats, a: Floats, b: Floats, c: Floats) -> Floats:
    normal = np.cross(b - a, c - a)
    normal = normal / np.linalg.norm(normal)
    above = (p - a) @ normal
    foot = p - above[..., None] * normal
    inside = np.ones(p.shape[:-1], dtype=bool)
    best = np.full(p.shape[:-1], np.inf)
    for s, e in ((a, b), (b, c), (c, a)):
        inside &= (foot - s) @ np.cross(normal, e - s) >= 0.0
        t = np.clip((p - s) @ (e - s) / float((e - s) @ (e - s)), 0.0, 1.0)
        best = np.minimum(best, np.linalg.norm(p - s - t[..., None] * (e - s), axis=-1))
    return np.where(inside, np.abs(above), best)


DISTANCE: dict[type, Callable[..., Floats]] = {
    Box: _from_box,
    Cylinder: _from_cylinder,
    Sphere: _from_sphere,
    CapsuleObstacle: _from_capsule,
    ViewCone: _from_cone,
    ConvexMesh: _from_mesh,
}


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
        found = point_distance(volume, p0[..., None, :] + at[..., None] * (p1 - p0)[..., None, :])
        lowest = np.argmin(found, axis=-1)[..., None]
        best = np.minimum(best, np.take_along_axis(found, lowest, -1)[..., 0])
        low = np.take_along_axis(at, np.maximum(lowest - 1, 0), -1)[..., 0]
        high = np.take_along_axis(at, np.minimum(lowest + 1, len(PROBES) - 1), -1)[..., 0]
    return np.asarray(best - radius)


def environment_distance(
    arm: Arm, q: Floats, volumes: Sequence[Volume], held: Sequence[Capsule] = (), free: Sequence[int] = ()
) -> Floats:
    """Return the least distance (N, V) of the arm without its base from each volume."""
    p0, p1, radius = arm_capsules(arm, q, tcp=held)
    link = np.array([c.link for c in arm.capsules] + [arm.n] * len(held))
    some = ~np.isin(link, [0, *free])
    columns = [
        capsule_distance(p0[:, some], p1[:, some], np.broadcast_to(radius[some], (len(q), some.sum())), volume)
        for volume in volumes
    ]
    return np.stack([c.min(axis=1, initial=np.inf) for c in columns], axis=1) if columns else np.zeros((len(q), 0))


def self_distance(arm: Arm, q: Floats, pairs: Sequence[tuple[int, int]], held: Sequence[Capsule] = ()) -> Floats:
    """Return the least distance (N,) between capsules of pairs of links."""
    p0, p1, radius = arm_capsules(arm, q, tcp=held)
    link = [c.link for c in arm.capsules] + [arm.n] * len(held)
    best = np.full(len(q), np.inf)
    for i, a in enumerate(link):
        for j, b in enumerate(link):
            if (a, b) in pairs:
                apart = segment_distance(p0[:, i], p1[:, i], p0[:, j], p1[:, j]) - radius[i] - radius[j]
                best = np.minimum(best, apart)
    return best


def _inside_frame(points: Floats, pose: Floats) -> Floats:
    return np.asarray((points - pose[:3, 3]) @ pose[:3, :3])
