"""Random serial chains and their inertials, for tests of kinematics and dynamics."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from robocell.motion import Arm, Inertial, Joint, Limits
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ANALYTIC, gantry_scara

KNOWN = {**ANALYTIC, "gantry": gantry_scara}


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def random_pose(r: np.random.Generator, reach: float = 0.5) -> np.ndarray:
    axis = r.normal(size=3)
    return pose(rotation(axis / np.sqrt(axis @ axis), r.uniform(-3.0, 3.0)), r.uniform(-reach, reach, 3))


def random_chain(n: int, seed: int) -> Arm:
    """n joints: some parallel, some at right angles, some reversed, some oblique, some sliding."""
    r = rng(seed)
    joints = []
    for _ in range(n):
        kind = "prismatic" if r.uniform() < 0.3 else "revolute"
        how = r.integers(4)
        if how == 0:
            origin, axis = random_pose(r), r.normal(size=3)
        else:
            origin = pose(None, r.uniform(-0.5, 0.5, 3) * (r.uniform(size=3) < 0.7))
            axis = np.eye(3)[r.integers(3)] * r.choice([-1.0, 1.0])
            if how == 2:
                origin = origin @ pose(rotation(np.eye(3)[r.integers(3)], r.integers(-2, 3) * np.pi / 2))
        joints.append(Joint(origin, axis / np.sqrt(axis @ axis), "prismatic" if kind == "prismatic" else "revolute"))
    limits = Limits.uniform([[-np.inf, np.inf]] * n, 1.0, 1.0, 1.0)
    return with_inertials(Arm(f"random {seed}", tuple(joints), limits, random_pose(r), random_pose(r)), seed)


def with_inertials(arm: Arm, seed: int) -> Arm:
    """Each body is twelve random point masses, so that its inertia is a possible one."""
    r = rng(seed + 1000)
    bodies = []
    for _ in range(arm.n + 1):
        points = r.normal(size=(12, 3)) * r.uniform(0.02, 0.2) + r.uniform(-0.2, 0.2, 3)
        bodies.append(
            Inertial.lumped(Inertial(float(m), p) for m, p in zip(r.uniform(0.05, 1.0, 12), points, strict=True))
        )
    return replace(arm, inertials=tuple(bodies))
