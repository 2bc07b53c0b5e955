"""A scene file → the model, or all its problems; and whether it fits a cell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from robocell.config.nodes import Document, to_plain
from robocell.config.problems import Problem, sort_problems
from robocell.config.read import read_file
from robocell.config.translate import did_you_mean, translate
from robocell.errors import ConfigError
from robocell.model.cell import BareUnits, Cell
from robocell.model.product import Cylinder
from robocell.model.profile import PanelProfile, Profile, SafetyProfile
from robocell.model.quantity import Units
from robocell.model.scene import Pictures, Scene, Shift
from robocell.model.station import Station

Loc = tuple[str | int, ...]

# What each event's argument names: a device of one of these kinds, or a station.
_KINDS: dict[str, tuple[str, ...]] = {
    "jam": ("conveyor",),
    "drop": ("gripper",),
    "miss": ("gripper",),
    "fail": ("machine",),
    "block": ("sensor",),
    "blind": ("sensor", "camera"),
    "collide": ("arm",),
    "lose": (),
    "repeat": ("camera",),
    "delay": ("camera",),
    "truncate": ("camera",),
    "withhold": ("camera",),
}


def load_scene(
    path: Path | str,
    cell: Cell | None = None,
    profiles: Mapping[str, Profile] | None = None,
    *,
    name: str | None = None,
) -> Scene:
    """Load a scene file.

    Args:
        path: The file.
        cell: The cell that it is for; then every name that the scene uses must be the cell's.
        profiles: Each device's profile, by the device's name; then inputs must be their devices'.
        name: What problems call the file; the path as given otherwise.

    Raises:
        ConfigError: With all problems, sorted by position.

    """
    path = Path(path)
    document = read_file(path, name if name is not None else str(path))
    data = to_plain(document.root)
    try:
        scene = Scene.model_validate(data, context=_units(data), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ConfigError(sort_problems(translate(error, document, Scene))) from None
    problems = list(_misfits(document, scene, cell, profiles or {})) if cell is not None else []
    problems += _folders(document, scene, path.parent)
    if problems:
        raise ConfigError(sort_problems(problems))
    return scene.model_copy(update={"faces": placed_faces(scene, path.parent)})


def placed_faces(scene: Scene, beside: Path) -> dict[str, Pictures]:
    """Return a scene's folders of pictures as absolute paths; they are given from the folder `beside`."""
    return {
        name: shown.model_copy(update={"folder": str((beside / shown.folder).resolve())})
        for name, shown in scene.faces.items()
    }


def _folders(document: Document, scene: Scene, beside: Path) -> Iterator[Problem]:
    for name, shown in scene.faces.items():
        if not (beside / shown.folder).is_dir():
            place = document.place(("faces", name, "folder"))
            yield Problem(
                "RC220", place, f"no folder '{shown.folder}' beside {beside.name}/", "give the pictures' folder"
            )


def _units(data: Any) -> Units:
    """Bare lengths are millimetres and bare angles degrees, unless the scene says otherwise."""
    try:
        units = BareUnits.model_validate(data.get("units", {}))
    except ValidationError:
        units = BareUnits()
    return Units(units.length or "mm", units.angle or "deg")


def _misfits(document: Document, scene: Scene, cell: Cell, profiles: Mapping[str, Profile]) -> Iterator[Problem]:
    belts = [name for name, device in cell.devices.items() if device.kind == "conveyor"]
    for belt, supply in scene.supply.items():
        yield from _known(document, ("supply", belt), belt, belts, "conveyor", key=True)
        yield from _known(document, ("supply", belt, "product"), supply.product, list(cell.products), "product")
    for index, belt in enumerate(scene.drain):
        yield from _known(document, ("drain", index), belt, belts, "conveyor")
    if scene.drift is not None:
        shown = [
            name for name, p in cell.products.items() if isinstance(p.shape, Cylinder) and p.face != "circuit-board"
        ]
        loc: Loc = ("drift", "diameter", "of")
        yield from _known(document, loc, scene.drift.diameter.product, shown, "round product")
    boards = [name for name, product in cell.products.items() if product.face == "circuit-board"]
    for name in scene.faces:
        yield from _known(document, ("faces", name), name, boards, "product with the face 'circuit-board'", key=True)
    stations: dict[str, Station] = cell.stations
    for index, event in enumerate(scene.faults):
        word, loc = event.variant, ("faults", index)
        argument = getattr(event, word, None)
        if isinstance(event, Shift):
            yield from _known(document, (*loc, "shift", "at"), event.shift.at, list(stations), "station")
        elif word == "remove":
            grippers = [name for name, device in cell.devices.items() if device.kind == "gripper"]
            yield from _known(document, (*loc, word), str(argument), [*stations, *grippers], "station or gripper")
        elif word in ("open", "press"):
            kinds: tuple[str, ...] = ("panel",) if word == "press" else ("panel", "safety")
            fitting = [name for name, device in cell.devices.items() if device.kind in kinds]
            head, _, field = str(argument).partition(".")
            yield from _known(document, (*loc, word), head, fitting, " or ".join(kinds))
            yield from _input(document, (*loc, word), head, field, profiles.get(head))
        elif word in _KINDS:
            kinds = _KINDS[word]
            fitting = [name for name, device in cell.devices.items() if not kinds or device.kind in kinds]
            yield from _known(document, (*loc, word), str(argument), fitting, " or ".join(kinds) or "device")


def _input(document: Document, loc: Loc, device: str, name: str, profile: Profile | None) -> Iterator[Problem]:
    """Report an input that its device does not have; panels have numbered channels beside their buttons."""
    inputs: list[str] = []
    if isinstance(profile, SafetyProfile):
        inputs = list(SafetyProfile.known_signals)
    elif isinstance(profile, PanelProfile):
        inputs = [*profile.inputs, *(f"input_{k}" for k in range(1, profile.digital_inputs + 1))]
    if inputs and name not in inputs:
        hint = did_you_mean(name, inputs, f"it has {', '.join(inputs[:8])}")
        yield Problem("RC402", document.place(loc), f"'{device}' has no input '{name}'", hint)


def _known(
    document: Document, loc: Loc, name: str, known: list[str], noun: str, *, key: bool = False
) -> Iterator[Problem]:
    if name not in known:
        listing = f"the cell has {', '.join(known[:8])}" if known else "the cell has none"
        place = document.place(loc, key=key)
        yield Problem("RC204", place, f"the cell has no {noun} named '{name}'", did_you_mean(name, known, listing))
