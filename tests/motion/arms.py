"""Test arms from published figures, given as their makers' URDFs give them."""

from __future__ import annotations

import numpy as np

from robocell.motion.arm import Arm, Capsule, Joint
from robocell.motion.limits import Limits, TcpLimits
from robocell.motion.rigid import pose, rotation

PI = np.pi
TCP = TcpLimits(1.0, 5.0, 50.0, 3.0, 15.0, 150.0)


def rpy(roll: float, pitch: float, yaw: float) -> np.ndarray:
    return rotation([0, 0, 1], yaw) @ rotation([0, 1, 0], pitch) @ rotation([1, 0, 0], roll)


def joint(
    xyz: tuple[float, float, float], angles: tuple[float, float, float], axis: tuple[float, float, float]
) -> Joint:
    return Joint(pose(rpy(*angles), xyz), np.array(axis, dtype=float))


def ur5e() -> Arm:
    """UR5e: DH figures by Universal Robots, frames of ROS ur_description (base_link)."""
    z = (0.0, 0.0, 1.0)
    chain = (
        Joint(pose(rpy(0, 0, PI)) @ pose(None, [0, 0, 0.1625]), np.array(z)),
        joint((0, 0, 0), (PI / 2, 0, 0), z),
        joint((-0.425, 0, 0), (0, 0, 0), z),
        joint((-0.3922, 0, 0.1333), (0, 0, 0), z),
        joint((0, -0.0997, 0), (PI / 2, 0, 0), z),
        joint((0, 0.0996, 0), (-PI / 2, 0, 0), z),
    )
    position = np.array([[-2 * PI, 2 * PI]] * 6)
    position[2] = [-PI, PI]
    limits = Limits.uniform(position, PI, 2 * PI, 40.0, TCP)
    capsules = (
        Capsule(0, np.array([0, 0, 0.05]), np.array([0, 0, 0.10]), 0.075),
        Capsule(1, np.array([0, 0, 0.0]), np.array([0, 0.0, 0.02]), 0.07),
        Capsule(2, np.array([0, 0, 0.13]), np.array([-0.425, 0, 0.13]), 0.06),
        Capsule(3, np.array([0, 0, 0.0]), np.array([-0.3922, 0, 0.0]), 0.05),
        Capsule(5, np.array([0, 0, 0.0]), np.array([0, 0.05, 0.0]), 0.045),
        Capsule(6, np.array([0, 0, -0.04]), np.array([0, 0, 0.0]), 0.04),
    )
    return Arm("ur5e", chain, limits, capsules=capsules)


def irb1200() -> Arm:
    """ABB IRB 1200-5/0.9: a spherical wrist with a2 = 42 mm."""
    y, x = (0.0, 1.0, 0.0), (1.0, 0.0, 0.0)
    chain = (
        joint((0, 0, 0.3991), (0, 0, 0), (0.0, 0.0, 1.0)),
        joint((0, 0, 0), (0, 0, 0), y),
        joint((0, 0, 0.448), (0, 0, 0), y),
        joint((0, 0, 0.042), (0, 0, 0), x),
        joint((0.451, 0, 0), (0, 0, 0), y),
        joint((0.082, 0, 0), (0, 0, 0), x),
    )
    d = PI / 180
    position = d * np.array([[-170, 170], [-100, 130], [-200, 70], [-270, 270], [-130, 130], [-400, 400]])
    velocity = d * np.array([288, 240, 300, 400, 405, 600])
    flange = pose(rpy(0, PI / 2, 0))
    return Arm("irb1200", chain, Limits.uniform(position, velocity, 5 * velocity, 50 * velocity, TCP), flange)


def kr6() -> Arm:
    """KUKA KR 6 R900 sixx: a1 = 25 mm, a2 = −35 mm, axes that turn the other way."""
    y = (0.0, 1.0, 0.0)
    chain = (
        joint((0, 0, 0.400), (0, 0, 0), (0.0, 0.0, -1.0)),
        joint((0.025, 0, 0), (0, 0, 0), y),
        joint((0.455, 0, 0), (0, 0, 0), y),
        joint((0, 0, 0.035), (0, 0, 0), (-1.0, 0.0, 0.0)),
        joint((0.420, 0, 0), (0, 0, 0), y),
        joint((0.080, 0, 0), (0, 0, 0), (-1.0, 0.0, 0.0)),
    )
    d = PI / 180
    position = d * np.array([[-170, 170], [-190, 45], [-120, 156], [-185, 185], [-120, 120], [-350, 350]])
    velocity = d * np.array([360, 300, 360, 381, 388, 615])
    flange = pose(rpy(0, PI / 2, 0))
    return Arm("kr6", chain, Limits.uniform(position, velocity, 5 * velocity, 50 * velocity, TCP), flange)


def offset_opw() -> Arm:
    """A made-up arm of the same class with every offset, odd signs and odd zero positions."""
    chain = (
        Joint(pose(rpy(0.3, -0.2, 0.7), [0.1, -0.2, 0.3]), np.array([0.0, 0.0, -1.0])),
        Joint(pose(rpy(0, 0, 0.4), [0.15, 0, 0.33]), np.array([0.0, -1.0, 0.0])),
        Joint(pose(rpy(0, -0.6, 0), [0.05, 0.08, 0.61]), np.array([0.0, 1.0, 0.0])),
        Joint(pose(rpy(0.9, 0.25, 0), [-0.1, 0.04, 0.12]), np.array([0.0, 0.0, 1.0])),
        Joint(pose(rpy(0, 0, 0), [0, 0, 0.5]), np.array([0.6, 0.8, 0.0])),
        Joint(pose(rotation([0.6, 0.8, 0], 0.5)), np.array([0.0, 0.0, -1.0])),
    )
    position = np.array([[-3.0, 3.0], [-2.5, 2.5], [-4.0, 4.0], [-3.2, 3.2], [-2.2, 2.2], [-7.0, 7.0]])
    return Arm("offset", chain, Limits.uniform(position, 3.0, 12.0, 90.0, TCP), pose(rpy(1, 2, 3), [0.01, 0.02, 0.1]))


def gantry_scara() -> Arm:
    """A SCARA on a linear axis: prismatic joints, no closed form."""
    z = np.array([0.0, 0.0, 1.0])
    chain = (
        Joint(pose(None, [0, 0, 0.4]), np.array([1.0, 0.0, 0.0]), "prismatic"),
        Joint(pose(), z),
        Joint(pose(None, [0.3, 0, 0]), z),
        Joint(pose(None, [0.25, 0, 0]), z, "prismatic"),
        Joint(pose(), z),
    )
    position = np.array([[0.0, 1.0], [-2.5, 2.5], [-2.6, 2.6], [-0.2, 0.0], [-6.0, 6.0]])
    return Arm("gantry", chain, Limits.uniform(position, 2.0, 10.0, 100.0, TCP))


def scara() -> Arm:
    """A SCARA of 400 + 250 mm whose tool hangs down."""
    z = np.array([0.0, 0.0, 1.0])
    chain = (
        Joint(pose(rpy(0, 0, 0.2), [0.1, 0.05, 0.45]), z),
        Joint(pose(None, [0.4, 0, 0]), -z),
        Joint(pose(rpy(PI, 0, 0.3), [0.25, 0, 0]), z, "prismatic"),
        Joint(pose(), z),
    )
    position = np.array([[-2.4, 2.4], [-2.6, 2.6], [0.0, 0.2], [-6.3, 6.3]])
    return Arm("scara", chain, Limits.uniform(position, 4.0, 20.0, 200.0, TCP), pose(None, [0.02, 0, 0.05]))


def gantry() -> Arm:
    """Three linear axes that are not quite at right angles, and a turning one."""
    chain = (
        Joint(pose(None, [0, 0, 1.5]), np.array([1.0, 0.0, 0.0]), "prismatic"),
        Joint(pose(rpy(0, 0, 0.01), [0, 0, 0.1]), np.array([0.0, 1.0, 0.0]), "prismatic"),
        Joint(pose(None, [0.1, 0, 0]), np.array([0.0, 0.0, -1.0]), "prismatic"),
        Joint(pose(rpy(PI, 0, 0.5), [0, 0.05, -0.1]), np.array([0.0, 0.0, 1.0])),
    )
    position = np.array([[0.0, 2.0], [0.0, 1.2], [0.0, 0.8], [-4.0, 4.0]])
    return Arm("gantry", chain, Limits.uniform(position, 1.0, 5.0, 50.0, TCP), pose(None, [0.03, 0, 0.08]))


def cartesian() -> Arm:
    """Three linear axes alone."""
    nominal = gantry()
    return Arm("cartesian", nominal.joints[:3], Limits.uniform(nominal.limits.position[:3], 1.0, 5.0, 50.0, TCP))


ANALYTIC = {"ur5e": ur5e, "irb1200": irb1200, "kr6": kr6, "offset": offset_opw}
