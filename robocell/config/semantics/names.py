"""One name space, no reserved words, and every name that is used is declared as what it is used for."""

from __future__ import annotations

from collections.abc import Iterator

from robocell.config.nodes import MappingNode
from robocell.config.semantics.context import SECTIONS, Context, What, describe, results
from robocell.model import device as devices
from robocell.model import route as routes
from robocell.model import station as stations
from robocell.model.fault import Action, Open, Reject, Relocate, Reverse
from robocell.model.verbs import RESERVED

Loc = tuple[str | int, ...]
Use = tuple[Loc, str, tuple[What, ...], tuple[str, ...]]

_MOVING = ("arm", "gripper", "conveyor", "machine")


def check(context: Context) -> None:
    """Report names that are reserved, used twice, unknown, or of the wrong kind."""
    _unique(context)
    _step_names(context)
    for uses in (_devices(context), _stations(context), _others(context), _routes(context), _faults(context)):
        for loc, name, what, kinds in uses:
            context.refer(loc, name, what=what, kinds=kinds)


def _unique(context: Context) -> None:
    for section, _ in SECTIONS:
        node = context.document.root.entries.get(section, (None, None))[1]
        if isinstance(node, MappingNode):
            for name in node.entries:
                _declared_once(context, name, (section, name), key=True)
    for name, loc in results(context.document):
        _declared_once(context, name, loc, key=False)


def _declared_once(context: Context, name: str, loc: Loc, *, key: bool) -> None:
    first = context.declared[name]
    if name in RESERVED:
        context.report("RC207", loc, f"'{name}' is a reserved word", "choose another name", key=key)
    elif first.loc != loc and not (first.what == "result" and not key):
        place = context.document.place(first.loc, key=True)
        context.report(
            "RC206",
            loc,
            f"'{name}' is already {describe(first)}",
            "devices, stations, zones, products, frames, io, quality charts and results share one name space",
            key=key,
            related=(place, "first"),
        )


def _step_names(context: Context) -> None:
    seen: dict[tuple[str, str], Loc] = {}
    for at in context.steps():
        name = at.step.name
        if name is None:
            continue
        inner = (*at.arguments, "name")
        loc = inner if context.document.node(inner) is not None else (*at.loc, "name")
        if name in RESERVED:
            context.report("RC207", loc, f"'{name}' is a reserved word", "choose another name for the step")
        elif name in context.declared:
            first = context.declared[name]
            place = context.document.place(first.loc, key=True)
            hint = "a fault key could mean both; choose another name for the step"
            context.report("RC206", loc, f"'{name}' is already {describe(first)}", hint, related=(place, "first"))
        elif (at.product, name) in seen:
            place = context.document.place(seen[at.product, name])
            context.report("RC206", loc, f"two steps are named '{name}'", related=(place, "first"))
        else:
            seen[at.product, name] = loc


def _devices(context: Context) -> Iterator[Use]:
    for name, device in context.cell.devices.items():
        loc = ("devices", name)
        if isinstance(device, devices.ArmDevice) and device.tool is not None:
            yield (*loc, "tool"), device.tool, ("device",), ("gripper",)
        if isinstance(device, devices.SensorDevice) and device.belt is not None:
            yield (*loc, "belt"), device.belt, ("device",), ("conveyor",)
    for name, io in context.cell.io.items():
        yield ("io", name, "device"), io.device, ("device",), ("panel",)


def _stations(context: Context) -> Iterator[Use]:
    for name, station in context.cell.stations.items():
        loc = ("stations", name)
        if isinstance(station, stations.BeltStation):
            yield (*loc, "belt"), station.belt, ("device",), ("conveyor",)
            if station.seen_by is not None:
                yield (*loc, "seen_by"), station.seen_by, ("device",), ("camera",)
        if isinstance(station, stations.MachineStation):
            yield (*loc, "in"), station.machine, ("device",), ("machine",)
        if station.sensor is not None:
            yield (*loc, "sensor"), station.sensor, ("device",), ("sensor",)
    for name, zone in context.cell.zones.items():
        for index, member in enumerate(zone.stations):
            yield ("zones", name, "stations", index), member, ("station",), ()
        for index, member in enumerate(zone.arms):
            yield ("zones", name, "arms", index), member, ("device",), ("arm",)


def _others(context: Context) -> Iterator[Use]:
    cell = context.cell
    if cell.permit is not None:
        yield ("permit", "relay"), cell.permit.relay, ("device",), ("safety",)
    for name, interlock in cell.interlocks.items():
        for index, member in enumerate(interlock.devices):
            yield ("interlocks", name, "for", index), member, ("device",), _MOVING
    if cell.energy is not None:
        if cell.energy.meter is not None:
            yield ("energy", "meter"), cell.energy.meter, ("device",), ("meter",)
        for index, member in enumerate(cell.energy.idle.sleep if cell.energy.idle else ()):
            yield ("energy", "idle", "sleep", index), member, ("device",), ()
    for name, chart in cell.quality.items():
        yield ("quality", name, "of"), chart.result, ("result",), ()


def _routes(context: Context) -> Iterator[Use]:
    if isinstance(context.cell.route, dict):
        for product in context.cell.route:
            if product not in context.declared or context.declared[product].what != "product":
                hint = context.suggest(product, ("product",))
                context.report("RC204", ("route", product), f"no product named '{product}'", hint, key=True)
    for at in context.steps():
        yield from _step(at.arguments, at.step.operation)


def _step(loc: Loc, operation: routes.Operation) -> Iterator[Use]:
    match operation:
        case routes.Arrive():
            yield (*loc, "product"), operation.product, ("product",), ()
            yield (*loc, "at"), operation.station, ("station",), ("belt",)
        case routes.Inspect():
            yield (*loc, "with"), operation.camera, ("device",), ("camera",)
        case routes.Pick():
            yield (*loc, "with"), operation.arm, ("device",), ("arm",)
        case routes.Place():
            yield (*loc, "to"), operation.station, ("station",), ()
        case routes.Process():
            yield (*loc, "in"), operation.machine, ("device",), ("machine",)
        case routes.SetOutput():
            yield (*loc, "io"), operation.io, ("io",), ()
        case routes.Leave():
            yield (*loc, "by"), operation.belt, ("device",), ("conveyor",)
        case routes.Wait():
            pass


def _faults(context: Context) -> Iterator[Use]:
    for key, policy in context.cell.faults.items():
        for index, action in enumerate(policy.attempts):
            yield from _action(("faults", key, "try", index), action)
        for index, action in enumerate(policy.then):
            yield from _action(("faults", key, "then", index), action)


def _action(loc: Loc, action: Action) -> Iterator[Use]:
    match action:
        case Open() if action.gripper is not None:
            yield (*loc, "~open", "gripper"), action.gripper, ("device",), ("gripper",)
        case Relocate():
            yield (*loc, "~relocate", "camera"), action.camera, ("device",), ("camera",)
        case Reverse():
            yield (*loc, "~reverse", "belt"), action.belt, ("device",), ("conveyor",)
        case Reject() if action.to is not None:
            yield (*loc, "~reject", "to"), action.to, ("station",), ()
