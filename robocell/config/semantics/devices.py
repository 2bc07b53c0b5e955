"""What devices are asked to do lies within what their profiles say they can."""

from __future__ import annotations

import numpy as np

from robocell.catalog.arms import arm_of
from robocell.config.semantics.context import Context
from robocell.errors import CatalogError
from robocell.model.device import ArmDevice, ConveyorDevice, GripperDevice, SensorDevice
from robocell.model.figure import Figure
from robocell.model.profile import ArmProfile, ConveyorProfile, GripperProfile, PanelProfile, SensorProfile
from robocell.motion import Arm
from robocell.motion.rigid import Floats
from robocell.units import Dimension, format_quantity

Loc = tuple[str | int, ...]

_SLACK = 1e-9  # relative: a value that is the limit, written in another unit, is not beyond it


def check(context: Context) -> None:
    """Report speeds, forces, positions and channels beyond a profile's; note the arms that can be used."""
    for name, device in context.cell.devices.items():
        loc, profile = ("devices", name), context.profiles.get(name)
        if isinstance(device, ArmDevice):
            _arm(context, name, device)
        elif isinstance(device, ConveyorDevice) and isinstance(profile, ConveyorProfile):
            _at_most(context, (*loc, "speed"), device.speed, profile.speed, "speed", "mm/s", device.profile)
        elif isinstance(device, GripperDevice) and isinstance(profile, GripperProfile):
            force(context, (*loc, "force"), device.force, profile, device.profile)
        elif isinstance(device, SensorDevice) and isinstance(profile, SensorProfile):
            _range(context, name, device, profile)
    _channels(context)


def force(context: Context, loc: Loc, asked: float | None, profile: GripperProfile, name: str) -> None:
    """Report a gripping force outside a gripper's range."""
    _at_most(context, loc, asked, profile.force, "force", "N", name)
    if asked is not None and asked < profile.least_force.value * (1.0 - _SLACK):
        least = format_quantity(profile.least_force.value, "force", "N")
        message = f"{format_quantity(asked, 'force', 'N')} is less than '{name}' can hold to: {least} at least"
        context.report("RC305", loc, message, f"source: {profile.least_force.source}")


def _at_most(
    context: Context, loc: Loc, asked: float | None, limit: Figure, dimension: Dimension, unit: str, name: str
) -> None:
    if asked is not None and asked > limit.value * (1.0 + _SLACK):
        told, most = (format_quantity(value, dimension, unit) for value in (asked, limit.value))
        context.report("RC305", loc, f"{told} is more than '{name}' can: {most}", f"source: {limit.source}")


def _arm(context: Context, name: str, device: ArmDevice) -> None:
    loc = ("devices", name)
    if device.urdf is not None and not context.sound((*loc, "urdf")):
        return
    try:
        arm = arm_of(context.cell, name, context.profiles, context.folder)
    except CatalogError as error:
        context.report("RC221", (*loc, "urdf"), f"'{device.urdf}' cannot be used: {error}")
        return
    profile = context.profiles.get(name)
    if isinstance(profile, ArmProfile):
        _only_urdf(context, name, device)
        fastest = max(joint.velocity.value for joint in profile.joints)
        if device.joint_speed is not None and device.joint_speed > fastest * (1.0 + _SLACK):
            told, most = (format_quantity(v, "angular speed", "deg/s") for v in (device.joint_speed, fastest))
            message = f"{told} is more than any joint of '{device.profile}' can: {most}"
            context.report("RC305", (*loc, "joint_speed"), message, f"source: {profile.joints[0].velocity.source}")
    if _home(context, name, device, arm):
        context.arms[name] = arm
        context.homes[name] = home_of(device, profile, arm)


def home_of(device: ArmDevice, profile: object, arm: Arm) -> Floats:
    """Return an arm's rest position (n,): the cell's, else the profile's, else zero as far as the limits have it."""
    if device.home is not None:
        return np.array(device.home)
    if isinstance(profile, ArmProfile):
        return np.array(profile.home)
    low, high = arm.limits.position.T
    return np.asarray(np.clip(0.0, low, high))


def _only_urdf(context: Context, name: str, device: ArmDevice) -> None:
    for key in ("flange", "acceleration", "jerk", "payload"):
        if getattr(device, key) is not None:
            message = f"'{key}' is for an arm from a URDF; the profile has its own"
            context.report("RC213", ("devices", name, key), message, key=True)


def _home(context: Context, name: str, device: ArmDevice, arm: Arm) -> bool:
    if device.home is None:
        return True
    loc = ("devices", name, "home")
    if len(device.home) != arm.n:
        message = f"'home' has {len(device.home)} angles; '{device.profile or device.urdf}' has {arm.n} joints"
        context.report("RC307", loc, message, f"from the base on: {', '.join(joint.name for joint in arm.joints)}")
        return False
    fine = True
    for index, (angle, (low, high)) in enumerate(zip(device.home, arm.limits.position.tolist(), strict=True)):
        if not low - _SLACK <= angle <= high + _SLACK:
            at, least, most = (_position(arm, index, value) for value in (angle, low, high))
            message = f"{at} is outside the limits of {arm.joints[index].name}: {least} to {most}"
            context.report("RC306", (*loc, index), message)
            fine = False
    return fine


def _position(arm: Arm, joint: int, value: float) -> str:
    if arm.joints[joint].kind == "prismatic":
        return format_quantity(value, "length", "mm")
    return f"{np.degrees(value):.4g} deg"


def _range(context: Context, name: str, device: SensorDevice, profile: SensorProfile) -> None:
    belt = context.cell.devices.get(device.belt or "")
    if isinstance(belt, ConveyorDevice):
        _at_most(context, ("devices", name, "belt"), belt.width, profile.range, "length", "mm", device.profile)


def _channels(context: Context) -> None:
    for name, io in context.cell.io.items():
        profile = context.profiles.get(io.device)
        if isinstance(profile, PanelProfile):
            count = profile.digital_outputs if io.direction == "out" else profile.digital_inputs
            if not 1 <= io.channel <= count:
                word = "outputs" if io.direction == "out" else "inputs"
                message = f"'{io.device}' has the {word} 1 to {count}, not {io.channel}"
                context.report("RC305", ("io", name, "channel"), message)
