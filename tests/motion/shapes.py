"""Random arms and obstacles, and an arm made of spheres, for tests of collision."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from robocell.motion.arm import Arm, Capsule, Joint
from robocell.motion.limits import Limits
from robocell.motion.obstacles import Box, CapsuleObstacle, ConvexMesh, Cylinder, Sphere, ViewCone, Volume
from robocell.motion.rigid import Floats, pose, rotations
from tests.motion.arms import TCP, gantry_scara, ur5e


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def sphere_arm() -> Arm:
    """A UR5e whose every capsule is a row of spheres: up to nine on a link, 25 in all."""
    arm = ur5e()
    spheres = []
    for capsule in arm.capsules:
        count = 2 + int(np.linalg.norm(capsule.p1 - capsule.p0) / 0.055)
        for t in np.linspace(0.0, 1.0, count):
            at = capsule.p0 + t * (capsule.p1 - capsule.p0)
            spheres.append(Capsule(capsule.link, at, at, capsule.radius))
    return replace(arm, capsules=tuple(spheres))


def sliding_arm() -> Arm:
    """A SCARA on a linear axis with capsules, and spheres on the same link."""
    arm = gantry_scara()
    up = np.array([0.0, 0.0, 0.2])
    shape = (
        Capsule(0, np.zeros(3), 2.0 * up, 0.05),
        Capsule(2, np.zeros(3), np.array([0.3, 0.0, 0.0]), 0.05),
        Capsule(3, np.zeros(3), np.array([0.25, 0.0, 0.0]), 0.04),
        Capsule(3, up * 0.3, up * 0.3, 0.06),
        Capsule(5, -up, up * 0.0, 0.02),
    )
    return replace(arm, capsules=shape)


def random_arm(seed: int, n: int) -> Arm:
    """A chain of n joints in any direction, with one to three capsules or spheres a link."""
    chance = rng(seed)
    joints, capsules = [], []
    for i in range(n):
        axis = chance.normal(size=3)
        joints.append(
            Joint(
                pose(rotations(chance.normal(size=3)), chance.uniform(-0.3, 0.3, 3)),
                axis / np.linalg.norm(axis),
                "prismatic" if chance.random() < 0.2 else "revolute",
            )
        )
        for _ in range(int(chance.integers(0, 4))):
            p0 = chance.uniform(-0.15, 0.15, 3)
            p1 = p0 if chance.random() < 0.5 else chance.uniform(-0.2, 0.2, 3)
            capsules.append(Capsule(i + 1, p0, p1, float(chance.uniform(0.01, 0.05))))
    position = np.tile([-1.5, 1.5], (n, 1))
    return Arm(f"random {seed}", tuple(joints), Limits.uniform(position, 1.0, 2.0, 10.0, TCP), capsules=tuple(capsules))


def random_obstacles(seed: int, count: int, spread: float = 0.8) -> list[Volume]:
    """Obstacles of all six kinds, some along the base's axes."""
    chance = rng(seed)
    return [random_obstacle(chance, i % 6, chance.uniform(-spread, spread, 3)) for i in range(count)]


def random_obstacle(chance: np.random.Generator, kind: int, at: Floats) -> Volume:
    where = pose(rotations(chance.normal(size=3) * chance.integers(0, 2)), at)
    size = chance.uniform(0.05, 0.3, 3)
    if kind == 0:
        return Box(where, size)
    if kind == 1:
        return Cylinder(where, float(size[0]), float(size[1]))
    if kind == 2:
        return Sphere(at, float(size[0]))
    if kind == 3:
        return CapsuleObstacle(at, at + size, 0.3 * float(size[0]))
    if kind == 4:
        return ViewCone(at, at + chance.normal(size=3) * size, float(size[0]))
    return ConvexMesh(where, chance.normal(size=(7, 3)) * 0.5 * size)
