"""A cell in a few lines: what stands in it, what happens to a workpiece, what it can make at most."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from robocell.cli.console import plural
from robocell.config.prepare import Prepared
from robocell.estimate import Estimate
from robocell.model.cell import Cell
from robocell.model.device import ArmDevice
from robocell.model.route import (
    ArriveStep,
    InspectStep,
    LeaveStep,
    PickStep,
    PlaceStep,
    ProcessStep,
    SetStep,
    Step,
    WaitStep,
)
from robocell.report import figures
from robocell.units import format_quantity


def render_outline(prepared: Prepared, forecast: Estimate, file: str, console: Console) -> None:
    """Print what a checked cell is.

    Args:
        prepared: the cell.
        forecast: what it can do at best.
        file: what people call its file.
        console: where.

    """
    cell = prepared.cell
    warnings = prepared.loaded.warnings
    verdict = plural(len(warnings), "warning") if warnings else "no problems"
    console.print(
        Text.assemble((file, "bold"), ": ", (verdict, "bold yellow" if warnings else "bold green")), soft_wrap=True
    )
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("Cell", Text(cell.cell + (f": {cell.description}" if cell.description else "")))
    table.add_row("Devices", _devices(cell))
    table.add_row("Routes" if len(cell.routes) > 1 else "Route", _routes(cell))
    table.add_row("Scene", Text(cell.scene or "none: in simulation nothing comes and nobody is there"))
    if cell.zones:
        table.add_row("Zones", _zones(prepared))
    table.add_row("Bound", _bound(forecast))
    if forecast.holds:
        holds = (f"{name} {figures.seconds(seconds)}" for name, seconds in forecast.holds.items())
        table.add_row("Holds", Text(" · ".join(holds)).append("  (a part ÷ capacity)", "dim"))
    if forecast.operations:
        table.add_row("Times", _times(prepared, forecast))
    if forecast.stop_errors:
        table.add_row("Stops", _stops(forecast))
    console.print(table)


def _bound(forecast: Estimate) -> Text:
    """The most that can come out, and what limits it."""
    if forecast.bound_per_h is None:
        return Text(f"none: {forecast.problem}", "yellow")
    interval = figures.seconds(3600.0 / forecast.bound_per_h)
    text = Text(f"{figures.per_hour(forecast.bound_per_h)} at most, one part in {interval}: ")
    text.append(f"{forecast.bottleneck} is the bottleneck")
    if len(forecast.bounds) > 1:
        each = ", ".join(f"{product} {figures.per_hour(bound)}" for product, bound in forecast.bounds.items())
        text.append(f"  ({each})", "dim")
    low, high = forecast.range_per_h
    if low < high:
        text.append(f"\n{figures.per_hour(low)} to {figures.per_hour(high)} by the arms' uncertain limits", "dim")
    return text


def _times(prepared: Prepared, forecast: Estimate) -> Table:
    """Low, nominal and high time of each operation of a part alone."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    table.add_row(Text("a part alone", "dim"), *(Text(word, "dim") for word in ("low", "nominal", "high")))
    several = len(prepared.cell.routes) > 1
    for took in forecast.operations:
        words = step_in_words(prepared.cell.routes[took.product][took.step])
        name = f"{took.product}: {words}" if several else words
        table.add_row(name, *(figures.seconds(seconds) for seconds in (took.low, took.nominal, took.high)))
    return table


def _zones(prepared: Prepared) -> Text:
    """Which arms exclude one another where, and whether the file says so."""
    text = Text()
    for name, zone in prepared.cell.zones.items():
        text.append(f"{', '.join(zone.arms)} one at a time at {', '.join(zone.stations)}", "")
        text.append(f"  ({name}{': follows from their ways' if name in prepared.loaded.derived else ''})\n", "dim")
    text.rstrip()
    return text


def _stops(forecast: Estimate) -> Text:
    """How far beyond its place a part may come to rest."""
    errors = (f"{name} {1e3 * error:.1f} mm" for name, error in forecast.stop_errors.items())
    return Text("parts come to rest beyond their place by at most ").append(" · ".join(errors))


def _devices(cell: Cell) -> Table:
    """Name, profile and address on the floor of each device."""
    table = Table.grid(padding=(0, 2))
    for _ in range(3):
        table.add_column(no_wrap=True)
    for name, device in cell.devices.items():
        what = device.urdf if isinstance(device, ArmDevice) and device.urdf else device.profile
        tool = f" with {device.tool}" if isinstance(device, ArmDevice) and device.tool else ""
        binding = cell.hardware.bindings.get(name)
        floor = f"Modbus unit {binding.unit} on {binding.modbus}" if binding else "simulated only"
        table.add_row(name, f"{what}{tool}", Text(floor, "" if binding else "dim"))
    return table


def _routes(cell: Cell) -> Group:
    return Group(*(Text.assemble((product, "bold"), ": ", _route(steps)) for product, steps in cell.routes.items()))


def _route(steps: tuple[Step, ...]) -> str:
    """The steps in order; those that are done in some cases only say when."""
    return " → ".join(step_in_words(step) + (f" (if {step.when})" if step.when else "") for step in steps)


def step_in_words(step: Step) -> str:
    """Return one step as people say it: "pick with arm"."""
    return " ".join(_words(step))


def _words(step: Step) -> Iterator[str]:
    yield step.verb
    match step:
        case ArriveStep():
            yield f"at {step.arrive.station}"
        case InspectStep():
            yield f"with {step.inspect.camera} as {step.inspect.result}"
        case PickStep():
            yield f"with {step.pick.arm}"
        case PlaceStep():
            yield f"to {step.place.station}"
        case ProcessStep():
            yield f"in {step.process.machine}"
        case WaitStep():
            wait = step.wait
            yield f"until {wait.until}" if wait.duration is None else f"for {format_quantity(wait.duration, 'time')}"
        case SetStep():
            yield f"{step.output.io} {'on' if step.output.value else 'off'}"
        case LeaveStep():
            yield f"by {step.leave.belt}"
    if step.name:
        yield f"[{step.name}]"
