"""One `profile.yaml` → its model, read as strictly as a cell file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from robocell.config.nodes import to_plain
from robocell.config.problems import Problem, sort_problems
from robocell.config.read import read_file
from robocell.config.translate import did_you_mean, translate
from robocell.errors import CatalogError, ConfigError
from robocell.model.cell import BareUnits
from robocell.model.profile import (
    ArmProfile,
    CameraProfile,
    ConveyorProfile,
    GripperProfile,
    MachineProfile,
    MeterProfile,
    PanelProfile,
    Profile,
    SafetyProfile,
    SensorProfile,
)
from robocell.model.quantity import Units

KINDS: dict[str, type[Profile]] = {
    kind.variant: kind
    for kind in (
        ArmProfile,
        CameraProfile,
        ConveyorProfile,
        GripperProfile,
        MachineProfile,
        MeterProfile,
        PanelProfile,
        SafetyProfile,
        SensorProfile,
    )
}


def read_profile(path: Path, name: str) -> Profile:
    """Read a profile.

    Args:
        path: the `profile.yaml`.
        name: what problems call it.

    Raises:
        CatalogError: it is not a profile; the message tells the first problem with its place.

    """
    try:
        document = read_file(path, name)
    except ConfigError as error:
        raise refusal(error.problems, path) from None
    data = to_plain(document.root)
    kind = data.get("kind")
    if kind not in KINDS:
        hint = did_you_mean(str(kind), KINDS, f"one of {', '.join(KINDS)}")
        told = "key 'kind' is missing" if kind is None else f"no kind of device is called '{kind}'"
        raise refusal([Problem("RC211", document.place(("kind",)), told, hint)], path)
    model = KINDS[kind]
    try:
        return model.model_validate(data, context=_units(data), by_alias=True, by_name=False)
    except ValidationError as error:
        raise refusal(translate(error, document, model), path) from None


def refusal(problems: list[Problem] | tuple[Problem, ...], path: Path) -> CatalogError:
    """Return the first of some problems as one sentence with its place."""
    first = sort_problems(problems)[0]
    hint = f" ({first.hint})" if first.hint else ""
    more = f"; and {len(problems) - 1} more" if len(problems) > 1 else ""
    return CatalogError(f"{first.file}:{first.line}:{first.column}: {first.message}{hint}{more}", str(path))


def _units(data: Any) -> Units:
    try:
        units = BareUnits.model_validate(data.get("units", {}))
    except ValidationError:
        units = BareUnits(length="mm", angle="deg")  # wrong units are reported as such, once
    return Units(units.length, units.angle)
