"""Data sheets: the catalogue as a table, and one device with every figure, its source and its uncertainty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from robocell.model.figure import CountFigure, Figure
from robocell.model.profile import ArmProfile, Profile
from robocell.model.quantity import Quantity
from robocell.units import Dimension, convert, format_quantity, units_of

_KEY_FIGURES = {
    "arm": ("reach", "payload", "repeatability"),
    "gripper": ("stroke", "force"),
    "conveyor": ("speed", "acceleration"),
    "camera": ("resolution", "focal_length"),
    "sensor": ("range", "response"),
    "safety": ("channels", "period"),
    "panel": ("inputs", "outputs", "digital_inputs", "digital_outputs"),
    "meter": ("accuracy", "refresh"),
    "machine": ("door_opens", "door_closes", "clamp_force"),
}
_HEAD = frozenset(("profile", "units", "kind", "maker", "model", "description", "sources", "verified", "signals"))


def render_list(profiles: Mapping[str, Profile], console: Console) -> None:
    """Print a table of devices by kind: name, maker and model, key figures.

    Args:
        profiles: by their name in the catalogue.
        console: where.

    """
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column in ("kind", "name", "device", "key figures"):
        table.add_column(column, no_wrap=column in ("kind", "name"), overflow="fold")
    for name, profile in sorted(profiles.items(), key=lambda item: (item[1].kind, item[0])):
        keys = " · ".join(
            f"{key.replace('_', ' ')} {_short(getattr(profile, key))}" for key in _KEY_FIGURES[profile.kind]
        )
        maker = "" if profile.maker == "generic" else f"{profile.maker} "
        table.add_row(profile.kind, Text(name, "bold"), f"{maker}{profile.model}", keys)
    console.print(table)


def render_device(name: str, profile: Profile, console: Console) -> None:
    """Print one device: what it is, every figure with source and uncertainty, signals, sources."""
    console.print(Text.assemble((name, "bold"), f" · {profile.kind} · {profile.maker} {profile.model}"), soft_wrap=True)
    console.print(profile.description, soft_wrap=True)
    verified = "never" if profile.verified is None else profile.verified.isoformat()
    console.print(f"checked on a real device: {verified}\n", style="yellow" if profile.verified is None else "green")
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("figure", no_wrap=True)
    table.add_column("value", no_wrap=True, justify="right")
    table.add_column("±", no_wrap=True, justify="right")
    table.add_column("source", overflow="fold")
    for place, figure in profile.figures():
        spread = f"{format_quantity(figure.uncertainty, 'ratio')}"
        table.add_row(place, value_of(figure), spread, Text(figure.source, "dim" if figure.assumed else ""))
    console.print(table)
    console.print()
    rest = Table.grid(padding=(0, 2))
    rest.add_column(style="bold", no_wrap=True)
    rest.add_column(overflow="fold")
    for head, text in _rest(profile):
        rest.add_row(head, text)
    console.print(rest)


def _rest(profile: Profile) -> Iterator[tuple[str, str]]:
    """What is no figure: ranges of joints, counts, names, signals; and the sources in full."""
    if isinstance(profile, ArmProfile):
        for joint in profile.joints:
            low, high = (format_quantity(limit, "angle") for limit in joint.position)
            yield joint.name, f"{low} to {high}"
    for field in type(profile).model_fields:
        value = getattr(profile, field)
        if field not in _HEAD and _plain(value):
            yield field.replace("_", " "), _long(value)
    yield "signals", ", ".join(f"{signal} ({kind})" for signal, kind in profile.signals.items())
    for source in profile.sources:
        yield f"source: {source.name}", ", ".join(part for part in (source.document, source.url) if part)


def to_json(name: str, profile: Profile) -> dict[str, Any]:
    """Return one device as JSON values.

    `figures` has, by place in the profile, `{value, unit, source, uncertainty}`: the value in the SI unit that is named ("" for
    a number without one), the uncertainty relative.
    """
    return {
        "name": name,
        "kind": profile.kind,
        "maker": profile.maker,
        "model": profile.model,
        "description": profile.description,
        "verified": None if profile.verified is None else profile.verified.isoformat(),
        "signals": dict(profile.signals),
        "figures": {
            place: {
                "value": figure.value,
                "unit": _si_unit(dimension_of(figure)),
                "source": figure.source,
                "uncertainty": figure.uncertainty,
            }
            for place, figure in profile.figures()
        },
        "sources": [source.model_dump() for source in profile.sources],
    }


def dimension_of(figure: Figure) -> Dimension:
    """Return what a figure measures."""
    for constraint in type(figure).model_fields["value"].metadata:
        if isinstance(constraint, Quantity):
            return constraint.dimension
    raise TypeError(f"{type(figure).__name__} does not say what it measures")


def value_of(figure: Figure) -> str:
    """Return a figure's value in the unit that engineers read most easily."""
    if isinstance(figure, CountFigure):
        return f"{figure.value:.6g}"
    return format_quantity(figure.value, dimension_of(figure))


def _si_unit(dimension: Dimension) -> str:
    return next(unit for unit in units_of(dimension) if convert(1.0, unit, dimension) == 1.0)


def _short(value: Any) -> str:
    """A value in a list of devices: names are counted."""
    if isinstance(value, Figure):
        return value_of(value)
    return str(len(value)) if isinstance(value, tuple) and isinstance(value[0], str) else _long(value)


def _plain(value: Any) -> bool:
    return isinstance(value, int) or (isinstance(value, tuple) and all(isinstance(item, int | str) for item in value))


def _long(value: Any) -> str:
    if isinstance(value, tuple):
        return (", " if value and isinstance(value[0], str) else " × ").join(str(item) for item in value)
    return str(value)
