"""Profiles and URDF files → arms that the motion core can move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from robocell.catalog.catalogue import Catalogue
from robocell.catalog.inertials import gripper_inertial, inertial_of
from robocell.catalog.urdf import read_urdf
from robocell.config.paths import OutsideError, inside
from robocell.errors import CatalogError
from robocell.model.arm_profile import Capsule as CapsuleFigure
from robocell.model.arm_profile import Origin
from robocell.model.cell import Cell
from robocell.model.device import ArmDevice, GripperDevice
from robocell.model.frames import Matrix, matrix_of
from robocell.model.profile import ArmProfile, GripperProfile, Profile
from robocell.motion import Arm, Capsule, Inertial, Joint, Limits, Sources, TcpLimits


def arm_model(profile: ArmProfile, name: str | None = None) -> Arm:
    """Return an arm as its profile describes it, without a tool: the TCP is the flange.

    Args:
        profile: the arm's profile.
        name: what messages call it; the profile's model otherwise.

    """
    joints = tuple(Joint(_matrix(j.origin), np.array(j.axis), j.type, j.name) for j in profile.joints)
    limits = _limits(profile)
    capsules = tuple(
        Capsule(index, np.array(c.start), np.array(c.end), c.radius)
        for index, link in enumerate(profile.links)
        for c in link.capsules
    )
    weights = tuple(inertial_of(link) for link in profile.links)
    flange = _matrix(profile.flange)
    return Arm(name or profile.model, joints, limits, flange, capsules=capsules, inertials=weights)


def arms_of(cell: Cell, profiles: Mapping[str, Profile], folder: Path) -> dict[str, Arm]:
    """Return the model of each arm of a cell, by the device's name, sorted.

    Its TCP is the gripper's, whose shape belongs to the last link; `joint_speed` lowers the velocity limits.

    Args:
        cell: a cell whose names are known.
        profiles: each device's profile, by the device's name; an arm from a URDF has none.
        folder: the cell file's folder, for URDF files.

    Raises:
        CatalogError: a URDF that cannot be used; says why.

    """
    return {
        name: arm_of(cell, name, profiles, folder)
        for name, device in cell.devices.items()
        if isinstance(device, ArmDevice)
    }


def arm_of(cell: Cell, name: str, profiles: Mapping[str, Profile], folder: Path) -> Arm:
    """Return the model of one arm of a cell; see `arms_of`."""
    device = cell.devices[name]
    if not isinstance(device, ArmDevice):
        raise TypeError(f"'{name}' is a {device.kind}, not an arm")
    profile = profiles.get(name)
    if isinstance(profile, ArmProfile):
        arm = arm_model(profile, name)
    elif device.urdf is not None:
        try:
            path = inside(folder, device.urdf)
        except OutsideError as error:
            raise CatalogError(str(error), device.urdf) from None
        arm = read_urdf(path, folder, device.flange, device.acceleration, device.jerk, name)
    else:
        raise CatalogError(f"'{name}' has no profile of an arm")
    if device.joint_speed is not None:
        slower = np.minimum(arm.limits.velocity, device.joint_speed)
        told = tuple(
            s._replace(velocity="the cell file's joint_speed") if lower else s
            for s, lower in zip(arm.limits.sources, slower < arm.limits.velocity, strict=True)
        )
        doubt = np.array(arm.limits.uncertainty)
        doubt[0] = np.where(slower < arm.limits.velocity, 0.0, doubt[0])
        arm = arm.with_limits(replace(arm.limits, velocity=slower, sources=told, uncertainty=doubt))
    tool = profiles.get(device.tool or "")
    return with_gripper(arm, tool) if isinstance(tool, GripperProfile) else arm


def with_gripper(arm: Arm, gripper: GripperProfile) -> Arm:
    """Return an arm with a gripper on its flange: its TCP, its weight, and its shape, fingers open."""
    shape = tuple(_on_last_link(arm, capsule) for capsule in gripper.capsules)
    inertials = arm.inertials
    if inertials and (last := inertials[-1]) is not None:
        inertials = (*inertials[:-1], Inertial.lumped([last, gripper_inertial(gripper).moved(arm.flange)]))
    return replace(arm, tool=_matrix(gripper.tcp), capsules=(*arm.capsules, *shape), inertials=inertials)


def payload_of(cell: Cell, name: str, profiles: Mapping[str, Profile]) -> float | None:
    """Return what an arm may carry at its flange, tool included, kg; None where nobody says."""
    device, profile = cell.devices[name], profiles.get(name)
    if isinstance(profile, ArmProfile):
        return profile.payload.value
    return device.payload if isinstance(device, ArmDevice) else None


def load_of(cell: Cell, name: str, profiles: Mapping[str, Profile], product: str | None = None) -> float:
    """Return what hangs on an arm's flange, kg: its gripper, and a part of `product`."""
    device = cell.devices[name]
    tool = device.tool if isinstance(device, ArmDevice) else None
    load = cell.products[product].mass if product is not None else 0.0
    gripper = profiles.get(tool or "")
    if isinstance(cell.devices.get(tool or ""), GripperDevice) and isinstance(gripper, GripperProfile):
        load += gripper.mass.value
    return load


def load_arm(
    source: str | Path,
    tip: str | None = None,
    *,
    gripper: str | None = None,
    acceleration: float | None = None,
    jerk: float | None = None,
) -> Arm:
    """Load an arm from the catalogue, or from a URDF file.

    Args:
        source: a profile's name such as "universal-robots/ur5e", or the path of a `.urdf` file.
        tip: URDF only: the link that carries the tool; the chain's last one otherwise.
        gripper: a gripper's profile, which gives TCP and shape; the TCP is the flange otherwise.
        acceleration: URDF only, which has no such limit: every joint's, rad/s² (m/s² of a sliding joint).
        jerk: likewise, rad/s³ or m/s³.

    Raises:
        CatalogError: no such profile, one of another kind, or a URDF that cannot be used.

    """
    catalogue = Catalogue.shipped()
    if str(source).endswith(".urdf"):
        path = Path(source)
        arm = read_urdf(path, path.parent, tip, acceleration, jerk)
    else:
        profile = catalogue.profile(str(source))
        if not isinstance(profile, ArmProfile):
            raise CatalogError(f"'{source}' is a {profile.kind}, not an arm")
        if tip is not None or acceleration is not None or jerk is not None:
            raise CatalogError("tip, acceleration and jerk are for URDF files; a profile has its own")
        arm = arm_model(profile, str(source))
    if gripper is None:
        return arm
    tool = catalogue.profile(gripper)
    if not isinstance(tool, GripperProfile):
        raise CatalogError(f"'{gripper}' is a {tool.kind}, not a gripper")
    return with_gripper(arm, tool)


def _matrix(origin: Origin) -> Matrix:
    return matrix_of(origin.xyz, origin.rpy)


def _limits(profile: ArmProfile) -> Limits:
    rates = np.array([[j.velocity.value, j.acceleration.value, j.jerk.value] for j in profile.joints]).T
    doubt = np.array([[j.velocity.uncertainty, j.acceleration.uncertainty, j.jerk.uncertainty] for j in profile.joints])
    t = profile.tcp
    tool = (t.speed, t.acceleration, t.jerk, t.angular_speed, t.angular_acceleration, t.angular_jerk)
    return Limits(
        position=np.array([j.position for j in profile.joints]),
        velocity=rates[0],
        acceleration=rates[1],
        jerk=rates[2],
        tcp=TcpLimits(*(figure.value for figure in tool)),
        sources=tuple(Sources(j.velocity.source, j.acceleration.source, j.jerk.source) for j in profile.joints),
        uncertainty=doubt.T,
        tcp_sources=tuple(figure.source for figure in tool),
        tcp_uncertainty=np.array([figure.uncertainty for figure in tool]),
    )


def _on_last_link(arm: Arm, capsule: CapsuleFigure) -> Capsule:
    ends = np.array([[*capsule.start, 1.0], [*capsule.end, 1.0]]) @ arm.flange.T
    return Capsule(arm.n, ends[0, :3], ends[1, :3], capsule.radius)
