"""Contacts and distances against coal, through pinocchio and on its own: independent of our geometry and kinematics."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from robocell.motion.arm import Arm, Capsule
from robocell.motion.obstacles import Box, CapsuleObstacle, ConvexMesh, Cylinder, Sphere, Volume
from robocell.motion.packing import onto_z
from robocell.motion.rigid import Floats
from robocell.motion.scene import Scene
from robocell.motion.self_pairs import self_pairs
from tests.motion.arms import ur5e
from tests.motion.shapes import random_obstacles, rng, sphere_arm

coal = pytest.importorskip("coal", reason="coal is an independent oracle of distances")
pin = pytest.importorskip("pinocchio", reason="pinocchio moves coal's bodies")


def along(p0: Floats, p1: Floats) -> tuple[Floats, Floats, float]:
    """Rotation with Z along a segment, its middle, and its length."""
    length = float(np.linalg.norm(p1 - p0))
    return (onto_z((p1 - p0) / length) if length else np.eye(3)), 0.5 * (p0 + p1), length


def shape_of(volume: Volume) -> tuple[Any, Floats, Floats]:
    """Coal's shape, rotation and position."""
    if isinstance(volume, Box):
        return coal.Box(*volume.size), volume.pose[:3, :3], volume.pose[:3, 3]
    if isinstance(volume, Cylinder):
        return coal.Cylinder(volume.radius, volume.height), volume.pose[:3, :3], volume.pose[:3, 3]
    if isinstance(volume, Sphere):
        return coal.Sphere(volume.radius), np.eye(3), volume.centre
    assert isinstance(volume, CapsuleObstacle)
    R, middle, length = along(volume.p0, volume.p1)
    return coal.Capsule(volume.radius, length), R, middle


def bodies(capsules: tuple[Capsule, ...]) -> list[tuple[int, Any, Floats, Floats]]:
    out = []
    for c in capsules:
        R, middle, length = along(c.p0, c.p1)
        out.append((c.link, coal.Capsule(c.radius, length) if length else coal.Sphere(c.radius), R, middle))
    return out


def robot(arm: Arm, volumes: Sequence[Volume]) -> Callable[[Floats], tuple[Floats, bool]]:
    """Return a function from a configuration to coal's distances of all pairs and whether any collides."""
    model, geometry = pin.Model(), pin.GeometryModel()
    ids = [0]
    for i, joint in enumerate(arm.joints):
        ids.append(
            model.addJoint(ids[-1], pin.JointModelRevoluteUnaligned(*joint.axis), pin.SE3(joint.origin), f"j{i}")
        )
    own = [
        (link, geometry.addGeometryObject(pin.GeometryObject(f"c{i}", ids[link], pin.SE3(R, p), shape)))
        for i, (link, shape, R, p) in enumerate(bodies(arm.capsules))
    ]
    pairs = set(self_pairs(arm))
    for i, volume in enumerate(volumes):
        shape, R, p = shape_of(volume)
        other = geometry.addGeometryObject(pin.GeometryObject(f"o{i}", 0, pin.SE3(R, np.array(p)), shape))
        for link, body in own:
            if link:
                geometry.addCollisionPair(pin.CollisionPair(body, other))
    for a, first in own:
        for b, second in own:
            if (a, b) in pairs:
                geometry.addCollisionPair(pin.CollisionPair(first, second))
    data, at = model.createData(), geometry.createData()

    def ask(q: Floats) -> tuple[Floats, bool]:
        hit = pin.computeCollisions(model, data, geometry, at, q, False)
        pin.computeDistances(model, data, geometry, at, q)
        return np.array([found.min_distance for found in at.distanceResults]), hit

    return ask


@pytest.mark.parametrize("make", [ur5e, sphere_arm])
def test_a_whole_arm_collides_and_keeps_its_distance_as_coal_says(make: Callable[[], Arm]) -> None:
    arm = make()
    volumes = [v for v in random_obstacles(6, 24) if isinstance(v, Box | Cylinder | Sphere | CapsuleObstacle)]
    ask, scene = robot(arm, volumes), Scene(volumes)
    q = rng(9).uniform(-np.pi, np.pi, (150, 6))
    hit, least = scene.collides(arm, q), scene.distance(arm, q)
    compared = 0
    for row in range(len(q)):
        distances, collides = ask(q[row])
        if abs(distances.min()) > 1e-6:
            assert hit[row] == collides
        if distances.min() > 0.0:
            assert least[row] == pytest.approx(distances.min(), abs=1e-6)
            compared += 1
    assert 20 < compared < 130


def test_distances_from_meshes_are_those_of_coal_s_convex_shapes() -> None:
    """One link that turns about Z; tetrahedra, whose faces are known without a hull."""
    chance = rng(21)
    base = ur5e()
    joint = replace(base.joints[0], origin=np.eye(4))
    limits = replace(
        base.limits,
        position=base.limits.position[:1],
        velocity=base.limits.velocity[:1],
        acceleration=base.limits.acceleration[:1],
        jerk=base.limits.jerk[:1],
        sources=(),
        uncertainty=np.zeros(0),
    )
    apart = 0
    for _ in range(60):
        p0, p1 = chance.uniform(-0.4, 0.4, (2, 3))
        arm = Arm("one", (joint,), limits, capsules=(Capsule(1, p0, p1, 0.02),))
        corners = chance.uniform(-0.3, 0.3, (4, 3))
        faces = coal.StdVec_Triangle()
        for face in ((0, 1, 2), (0, 1, 3), (0, 2, 3), (1, 2, 3)):
            faces.append(coal.Triangle(*face))
        points = coal.StdVec_Vec3s()
        for corner in corners:
            points.append(corner)
        _, shape, R, middle = bodies(arm.capsules)[0]
        request, result = coal.DistanceRequest(), coal.DistanceResult()
        there = coal.distance(
            shape, coal.Transform3s(R, middle), coal.Convex(points, faces), coal.Transform3s(), request, result
        )
        mine = float(Scene([ConvexMesh(np.eye(4), corners)]).distance(arm, np.zeros(1)))
        assert (mine > 0.0) == (there > 0.0)
        if there > 0.0:
            assert mine == pytest.approx(there, abs=1e-6)
            apart += 1
    assert 10 < apart < 58
