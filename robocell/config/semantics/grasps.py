"""Parts fit the grippers that take them, the arms that carry them, and the slots and belts on which they rest."""

from __future__ import annotations

import numpy as np

from robocell.catalog.arms import load_of, payload_of
from robocell.config.semantics.context import Context
from robocell.config.semantics.devices import force
from robocell.config.semantics.visits import visits
from robocell.model.device import ArmDevice, ConveyorDevice
from robocell.model.frames import matrix_of
from robocell.model.product import Cylinder, Product
from robocell.model.profile import GripperProfile
from robocell.model.station import BeltStation, GridStation
from robocell.units import format_quantity

_SLACK = 1e-9  # m and kg


def check(context: Context) -> None:
    """Report what no gripper can take, no arm can carry, and what has no room where it rests."""
    if not context.whole("route", "stations", "products", "devices"):
        return
    taken = dict.fromkeys((visit.arm, visit.product) for visit in visits(context))
    for arm, product in taken:
        device = context.cell.devices[arm]
        tool = device.tool if isinstance(device, ArmDevice) else None
        profile = context.profiles.get(tool or "")
        if tool is None:
            hint = "give it one: tool: GRIPPER"
            context.report("RC213", ("devices", arm), f"arm '{arm}' picks, and has no tool", hint, key=True)
        elif isinstance(profile, GripperProfile):
            _fits(context, product, tool, profile)
        _payload(context, arm, product)
    _one_arm_each(context)
    _room(context)
    if context.whole("stations", "products"):
        _fingers(context)


def width_across(product: Product) -> float:
    """Return how wide a part is between the fingers, m; they close along X of the grasp, turned by its yaw."""
    grasp = product.grasp
    turn = matrix_of((0.0, 0.0, 0.0), grasp.rpy) @ matrix_of((0.0, 0.0, 0.0), (0.0, 0.0, grasp.yaw or 0.0))
    x, y, z = np.abs(turn[:3, 0]).tolist()
    length, width, height = product.shape.extent
    if isinstance(product.shape, Cylinder):
        return float(length * np.hypot(x, y) + height * z)
    return float(x * length + y * width + z * height)


def _fits(context: Context, product: str, tool: str, profile: GripperProfile) -> None:
    found = context.cell.products[product]
    loc = ("products", product, "grasp")
    width, opens = width_across(found), found.grasp.open
    told, stroke = (format_quantity(value, "length", "mm") for value in (width, profile.stroke.value))
    if width >= profile.stroke.value - _SLACK:
        message = f"'{product}' is {told} wide between the fingers; '{tool}' opens {stroke}"
        context.report("RC309", loc, message, "turn the grasp (yaw), or choose another gripper", key=True)
    elif opens is not None and opens > profile.stroke.value + _SLACK:
        message = f"{format_quantity(opens, 'length', 'mm')} is wider than '{tool}' opens: {stroke}"
        context.report("RC309", (*loc, "open"), message, f"source: {profile.stroke.source}")
    elif opens is not None and opens <= width + _SLACK:
        message = f"{format_quantity(opens, 'length', 'mm')} is not wider than the part between the fingers: {told}"
        context.report("RC309", (*loc, "open"), message, "open wider, so that the fingers do not land on the part")
    force(context, (*loc, "force"), found.grasp.force, profile, tool)


def _payload(context: Context, arm: str, product: str) -> None:
    payload = payload_of(context.cell, arm, context.profiles)
    load = load_of(context.cell, arm, context.profiles, product)
    if payload is not None and load > payload + _SLACK:
        tool = format_quantity(load - context.cell.products[product].mass, "mass", "kg")
        part, whole, most = (
            format_quantity(v, "mass", "kg") for v in (context.cell.products[product].mass, load, payload)
        )
        message = f"'{arm}' may carry {most}; its tool ({tool}) and a '{product}' ({part}) weigh {whole}"
        context.report("RC308", ("products", product, "mass"), message)


def _one_arm_each(context: Context) -> None:
    holders: dict[str, str] = {}
    for name, device in context.cell.devices.items():
        if not isinstance(device, ArmDevice) or device.tool is None:
            continue
        if device.tool in holders:
            first = context.document.place(("devices", holders[device.tool], "tool"))
            message = f"'{device.tool}' is the tool of another arm"
            context.report("RC213", ("devices", name, "tool"), message, related=(first, "first"))
        holders.setdefault(device.tool, name)


def _room(context: Context) -> None:
    """Parts have room in trays, and on belts."""
    rests = dict.fromkeys((visit.product, visit.station) for visit in visits(context))
    for product, name in rests:
        station, extent = context.cell.stations[name], context.cell.products[product].shape.extent
        if isinstance(station, GridStation):
            for axis, (count, pitch) in enumerate(zip(station.grid, station.pitch, strict=True)):
                if count > 1 and pitch < extent[axis] - _SLACK:
                    told, need = (format_quantity(value, "length", "mm") for value in (pitch, extent[axis]))
                    message = f"a pitch of {told} leaves no room for a '{product}' of {need}"
                    context.report("RC609", ("stations", name, "pitch", axis), message)
        belt = context.cell.devices.get(station.belt) if isinstance(station, BeltStation) else None
        if isinstance(belt, ConveyorDevice) and isinstance(station, BeltStation) and min(extent[:2]) > belt.width:
            told, need = (format_quantity(value, "length", "mm") for value in (belt.width, min(extent[:2])))
            message = f"belt '{station.belt}' is {told} wide, a '{product}' {need}"
            context.report("RC609", ("devices", station.belt, "width"), message)


def _fingers(context: Context) -> None:
    """Open fingers beside a part in a tray do not reach the next part."""
    for visit in visits(context):
        station, device = context.cell.stations[visit.station], context.cell.devices[visit.arm]
        profile = context.profiles.get(device.tool or "") if isinstance(device, ArmDevice) else None
        if not isinstance(station, GridStation) or not isinstance(profile, GripperProfile):
            continue
        product = context.cell.products[visit.product]
        opens = profile.stroke.value if product.grasp.open is None else product.grasp.open
        need = 0.5 * opens + profile.fingers.thickness + 0.5 * max(product.shape.extent[:2])
        pitches = [pitch for count, pitch in zip(station.grid, station.pitch, strict=True) if count > 1]
        if pitches and min(pitches) < need - _SLACK:
            told, least = (format_quantity(value, "length", "mm") for value in (min(pitches), need))
            message = f"open fingers beside a '{visit.product}' may touch the next one: the pitch is {told}, they need {least}"
            hint = "a smaller open: in the product's grasp, or a wider pitch"
            context.report("RC613", ("stations", visit.station, "pitch"), message, hint, key=True)
            return
