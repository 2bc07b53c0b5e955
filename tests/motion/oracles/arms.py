"""Every arm that the motion core is held to: the catalogue's, those of other tests, URDF files', and made-up ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

import numpy as np
import pytest

from robocell.catalog import Catalogue, load_arm
from robocell.model.profile import ArmProfile
from robocell.motion import Arm, Joint, Limits
from robocell.motion.rigid import Floats, pose, rotations
from tests.motion.arms import ANALYTIC, gantry_scara

PI = np.pi


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def random_q(arm: Arm, count: int, seed: int) -> Floats:
    low, high = np.clip(arm.limits.position, -2 * PI, 2 * PI).T
    return rng(seed).uniform(low, high, (count, arm.n))


def scara() -> Arm:
    """A SCARA as sold: two turning links, a quill that slides and turns, the last axis pointing down."""
    chain = (
        Joint(pose(None, [0, 0, 0.22]), np.array([0.0, 0.0, 1.0])),
        Joint(pose(None, [0.225, 0, 0]), np.array([0.0, 0.0, 1.0])),
        Joint(pose(np.diag([1.0, -1.0, -1.0]), [0.175, 0, 0]), np.array([0.0, 0.0, 1.0]), "prismatic"),
        Joint(pose(), np.array([0.0, 0.0, 1.0])),
    )
    position = np.array([[-2.3, 2.3], [-2.5, 2.5], [0.0, 0.15], [-2 * PI, 2 * PI]])
    return Arm("scara", chain, Limits.uniform(position, [6.0, 6.0, 1.0, 20.0], 30.0, 300.0))


def gantry() -> Arm:
    """Three linear axes and a turning one."""
    x, y, z = np.eye(3)
    chain = (
        Joint(pose(None, [-0.5, 0, 1.2]), x, "prismatic"),
        Joint(pose(None, [0, -0.4, 0]), y, "prismatic"),
        Joint(pose(), -z, "prismatic"),
        Joint(pose(None, [0, 0, -0.3]), -z),
    )
    position = np.array([[0.0, 1.0], [0.0, 0.8], [0.0, 0.6], [-PI, PI]])
    return Arm("gantry-xyz", chain, Limits.uniform(position, 1.5, 8.0, 80.0))


def crooked(kinds: str, seed: int) -> Arm:
    """A chain with nothing parallel, nothing at right angles and no zero; R turns, P slides."""
    g = rng(seed)
    chain = []
    for kind in kinds:
        axis = g.normal(size=3)
        origin = pose(rotations(g.normal(size=3)), g.uniform(-0.3, 0.3, 3))
        chain.append(Joint(origin, axis / np.linalg.norm(axis), "revolute" if kind == "R" else "prismatic"))
    flange, tool = (pose(rotations(g.normal(size=3)), g.uniform(-0.1, 0.1, 3)) for _ in range(2))
    position = np.array([[-3.0, 3.0] if kind == "R" else [-0.4, 0.4] for kind in kinds])
    return Arm(f"crooked-{kinds}", tuple(chain), Limits.uniform(position, 2.0, 10.0, 100.0), flange, tool)


def from_pybullet(file: str, tip: str) -> Arm:
    data = pytest.importorskip("pybullet_data", reason="its URDF files are of pybullet, which is not installed")
    return load_arm(Path(data.getDataPath()) / file, tip=tip, acceleration=10.0, jerk=100.0)


def from_catalogue(name: str) -> Arm:
    return load_arm(name)


CATALOGUE: dict[str, Callable[[], Arm]] = {
    name: partial(from_catalogue, name)
    for name in Catalogue.shipped().names()
    if isinstance(Catalogue.shipped().profile(name), ArmProfile)
}
SEVEN: dict[str, Callable[[], Arm]] = {
    "iiwa": partial(from_pybullet, "kuka_iiwa/model.urdf", "lbr_iiwa_link_7"),
    "panda": partial(from_pybullet, "franka_panda/panda.urdf", "panda_hand"),
}
FOUR: dict[str, Callable[[], Arm]] = {"scara": scara, "gantry-xyz": gantry}
CROOKED: dict[str, Callable[[], Arm]] = {
    f"crooked-{kinds}": partial(crooked, kinds, seed)
    for seed, kinds in enumerate(["R", "RRRRRR", "RPRRRP", "RRRRRRRR"])
}
SIX = {**CATALOGUE, **ANALYTIC}
ALL = {**SIX, **SEVEN, **FOUR, "gantry-scara": gantry_scara, **CROOKED}


@cache
def arm_of(name: str) -> Arm:
    """Build an arm once; skip where its file is absent."""
    return ALL[name]()
