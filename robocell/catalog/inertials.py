"""Profiles → the mass of links and grippers and how it is distributed."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from robocell.model.arm_profile import Capsule, Link
from robocell.model.frames import matrix_of
from robocell.model.profile import GripperProfile
from robocell.motion import Inertial
from robocell.motion.rigid import Floats


def inertial_of(link: Link) -> Inertial | None:
    """Return a link's mass as its profile has it; what it leaves out follows from capsules of one density.

    None: a link without capsules that names no centre of mass.
    """
    mass = link.mass.value
    shape = of_capsules(mass, link.capsules)
    if link.centre is None:
        return shape
    centre = np.array(link.centre.xyz)
    if link.inertia is not None:
        t = link.inertia
        axes = matrix_of((0.0, 0.0, 0.0), t.rpy)[:3, :3]
        tensor = np.array([[t.xx, t.xy, t.xz], [t.xy, t.yy, t.yz], [t.xz, t.yz, t.zz]])
        return Inertial(mass, centre, axes @ tensor @ axes.T)
    return Inertial(mass, centre, shape.inertia if shape is not None else np.zeros((3, 3)))


def gripper_inertial(gripper: GripperProfile) -> Inertial:
    """Return a gripper's mass in the flange frame: the maker's centre of gravity, inertia of its capsules."""
    shape = of_capsules(gripper.mass.value, gripper.capsules)
    inertia = shape.inertia if shape is not None else np.zeros((3, 3))
    return Inertial(gripper.mass.value, np.array(gripper.centre_of_gravity), inertia)


def of_capsules(mass: float, capsules: Iterable[Capsule]) -> Inertial | None:
    """Spread a mass evenly over capsules (what two share counts twice); None without any."""
    solids = [_solid(np.array(c.start), np.array(c.end), c.radius) for c in capsules]
    whole = sum(solid.mass for solid in solids)
    if not whole:
        return None
    density = mass / whole
    return Inertial.lumped(Inertial(density * s.mass, s.centre, density * s.inertia) for s in solids)


def _solid(start: Floats, end: Floats, radius: float) -> Inertial:
    """Return a capsule of density 1: a cylinder and two half balls."""
    along = end - start
    length = float(np.sqrt(along @ along))
    cylinder = np.pi * radius**2 * length
    ball = 4.0 / 3.0 * np.pi * radius**3
    own = 0.5 * cylinder * radius**2 + 0.4 * ball * radius**2
    # a half ball's centre of mass is 3/8 of the radius away from its flat face
    aside = cylinder * (length**2 / 12.0 + radius**2 / 4.0)
    aside += ball * (0.4 * radius**2 + length**2 / 4.0 + 3.0 / 8.0 * length * radius)
    axis = along / length if length > 0.0 else np.array([0.0, 0.0, 1.0])
    on_axis = np.outer(axis, axis)
    return Inertial(cylinder + ball, 0.5 * (start + end), own * on_axis + aside * (np.eye(3) - on_axis))
