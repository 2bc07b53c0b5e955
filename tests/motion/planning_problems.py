"""Motion problems for a UR5 in 40 spheres (MotionBenchMaker by way of VAMP), read from outside the project."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robocell.motion.arm import Arm, Capsule, Joint
from robocell.motion.limits import Limits
from robocell.motion.obstacles import Box, Cylinder
from robocell.motion.rigid import Floats, from_xyz_quaternion, inverse, pose
from tests.motion.arms import rpy

CHECKOUT = Path(__file__).parents[2]
DATA = Path("shared") / "data" / "planning"
TIP = "wrist_3_link"


@dataclass(frozen=True, eq=False)
class Problem:
    """One problem: joint positions (n,) and what stands around, in the frame of the arm's base."""

    name: str
    start: Floats
    goal: Floats
    obstacles: tuple[Box | Cylinder, ...]


def ur5() -> Arm:
    """The UR5 with its gripper; every sphere is a capsule of no length."""
    described = json.loads((folder() / "ur5_spheres.json").read_text())
    joints = {joint["child"]: joint for joint in described["joints"]}
    moving: list[dict[str, Any]] = []
    link = TIP
    while link != "base_link":
        moving.insert(0, joints[link])
        link = joints[link]["parent"]
    number = {"base_link": 0} | {joint["child"]: i + 1 for i, joint in enumerate(moving)}
    capsules = []
    for sphere in described["spheres"]:
        point, on = np.array([*sphere["center"], 1.0]), sphere["link"]
        while on not in number:
            point, on = _origin(joints[on]) @ point, joints[on]["parent"]
        capsules.append(Capsule(number[on], point[:3], point[:3], sphere["radius"]))
    limits = [[joint["limit"]["lower"], joint["limit"]["upper"]] for joint in moving]
    return Arm(
        "ur5",
        tuple(Joint(_origin(joint), np.array(joint["axis"]), "revolute", joint["name"]) for joint in moving),
        Limits.uniform(limits, [joint["limit"]["velocity"] for joint in moving], 5.0, 50.0),
        capsules=tuple(capsules),
    )


def problems() -> list[Problem]:
    """All problems, or a skipped test where the data is absent."""
    described = json.loads((folder() / "ur5_spheres.json").read_text())
    base = inverse(next(_origin(joint) for joint in described["joints"] if joint["child"] == "base_link"))
    with gzip.open(folder() / "ur5_motionbenchmaker.json.gz") as file:
        found = json.load(file)
    return [
        Problem(
            f"{each['scenario']} {each['id']}",
            np.array(each["start"]),
            np.array(each["goal"]),
            tuple(_obstacle(base, obstacle) for obstacle in each["obstacles"]),
        )
        for each in found
    ]


def folder() -> Path:
    """The data beside the checkout, or beside what holds it."""
    for parent in CHECKOUT.parents:
        if (parent / DATA).is_dir():
            return parent / DATA
    pytest.skip(f"no planning problems: {DATA} is not beside the checkout")


def _origin(joint: dict[str, Any]) -> Floats:
    return pose(rpy(*joint["rpy"]), joint["xyz"])


def _obstacle(base: Floats, described: dict[str, Any]) -> Box | Cylinder:
    quaternion = np.array(described["quaternion_xyzw"])
    where = base @ from_xyz_quaternion([*described["position"], *(quaternion / np.linalg.norm(quaternion))])
    if described["type"] == "cylinder":
        height, radius = described["dimensions"]
        return Cylinder(where, radius, height)
    return Box(where, np.array(described["dimensions"]))
