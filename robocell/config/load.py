"""A cell file → the model, or all its problems at once.

Three passes: the text (`read`), the form (pydantic, with places), the meaning (`semantics`). A broken entry
does not hide what is wrong elsewhere: it is left out, and the passes go on as far as that makes sense.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from robocell.config.bare_units import bare_units
from robocell.config.calibration import overlay
from robocell.config.nodes import Document, to_plain
from robocell.config.problems import Problem, sort_problems
from robocell.config.read import read_file
from robocell.config.semantics import Context, check_all
from robocell.config.semantics.context import Profiles, declared_names
from robocell.config.semantics.zones import derived
from robocell.config.translate import did_you_mean, translate
from robocell.errors import CatalogError, ConfigError
from robocell.model.calibration import CameraCalibration
from robocell.model.cell import Cell
from robocell.model.profile import Profile
from robocell.model.quantity import Units
from robocell.model.scene import Scene
from robocell.motion import Arm

Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class Loaded:
    """A cell file that is right in form and meaning.

    Attributes:
        cell: The model.
        path: The file.
        document: The file's tree, for places of later problems.
        profiles: Each device's profile from the catalogue, by the device's name (an arm from a URDF has
            none).
        arms: Each arm's model with its tool, by the device's name.
        recipes: The file of each recipe that the routes use, by its name.
        scene: The scene that the cell names, if it names one.
        sha256: Digest of the file's bytes.
        warnings: What should be mended, though the cell can be used.
        derived: The names of those of the cell's zones that are not in the file: they follow from the ways of arms.
        calibrations: What was measured of each camera, by its name, where the cell names a calibration file.

    """

    cell: Cell
    path: Path
    document: Document
    profiles: Mapping[str, Profile]
    arms: Mapping[str, Arm]
    recipes: Mapping[str, Path]
    scene: Scene | None
    sha256: str
    warnings: tuple[Problem, ...] = ()
    derived: tuple[str, ...] = ()
    calibrations: Mapping[str, CameraCalibration] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What `check` found: the problems, sorted by position; or the cell that can be used, and warnings about it."""

    problems: tuple[Problem, ...]
    cell: Cell | None
    warnings: tuple[Problem, ...] = ()


def load_cell(path: Path | str, profiles: Profiles, *, name: str | None = None) -> Loaded:
    """Load a cell file.

    Args:
        path: The file.
        profiles: The catalogue.
        name: What problems call the file; the path as given otherwise.

    Raises:
        ConfigError: With all problems, sorted by position. Nothing else is raised, whatever the file
        contains.

    """
    path = Path(path)
    document = read_file(path, name if name is not None else str(path))
    data = to_plain(document.root)
    found, problems = _profiles(document, data, profiles)
    kinds = _kinds(data)
    broken = {"devices"} if problems else set()
    cell = _validate(document, data, problems, broken)
    if cell is None:
        raise ConfigError(sort_problems(problems))
    calibrations: Mapping[str, CameraCalibration] = {}
    if "devices" not in broken:
        cell, calibrations, measured = overlay(cell, path.parent, found)
        problems += measured
    context = Context(cell, document, path.parent, found, declared_names(document, kinds), profiles, broken)
    check_all(context)
    problems += context.problems
    if any(not problem.warning for problem in problems):
        raise ConfigError(sort_problems(problems))
    warnings = sort_problems(problems)
    more = derived(context)
    cell = cell.model_copy(update={"zones": {**cell.zones, **more}})
    return Loaded(
        cell,
        path,
        document,
        found,
        context.arms,
        context.recipes,
        context.scene,
        document.sha256,
        warnings,
        tuple(more),
        calibrations,
    )


def check_cell(path: Path | str, profiles: Profiles, *, name: str | None = None) -> Report:
    """Do what `load_cell` does, but return the problems."""
    try:
        loaded = load_cell(path, profiles, name=name)
    except ConfigError as error:
        return Report(error.problems, None)
    return Report((), loaded.cell, loaded.warnings)


def _profiles(document: Document, data: Any, profiles: Profiles) -> tuple[dict[str, Any], list[Problem]]:
    """Give each device in `data` the kind of its profile; remove those that have none."""
    found: dict[str, Any] = {}
    problems: list[Problem] = []
    devices = data.get("devices")
    for device, entry in list(devices.items()) if isinstance(devices, dict) else []:
        loc = ("devices", device)
        problem = None
        if not isinstance(entry, dict):
            problem = Problem(
                "RC203", document.place(loc), f"'{device}' needs a mapping, such as {{profile: maker/device}}"
            )
        elif "kind" in entry:
            place = document.place((*loc, "kind"), key=True)
            problem = Problem("RC201", place, "unknown key 'kind'", "a device's kind follows from its profile")
        elif "urdf" in entry:
            entry["kind"] = "arm"
            if "profile" in entry:
                place = document.place((*loc, "urdf"), key=True)
                problem = Problem("RC213", place, "an arm has a profile or a urdf, not both")
        elif not isinstance(entry.get("profile"), str):
            hint = "name a device of the catalogue, such as profile: generic/photo-eye"
            problem = Problem("RC202", document.place(loc, key=True), f"device '{device}' has no profile", hint)
        else:
            problem = _find(document, device, entry, profiles, found)
        if problem is not None:
            problems.append(problem)
            del devices[device]
    return found, problems


def _find(
    document: Document, device: str, entry: dict[str, Any], profiles: Profiles, found: dict[str, Any]
) -> Problem | None:
    name: str = entry["profile"]
    place = document.place(("devices", device, "profile"))
    if name not in profiles.names():
        hint = did_you_mean(name, profiles.names(), "'robocell devices' lists the catalogue")
        return Problem("RC214", place, f"no profile '{name}' in the catalogue", hint)
    try:
        profile = profiles.profile(name)
    except CatalogError as error:
        return Problem("RC218", place, f"profile '{name}' cannot be used: {error}")
    found[device] = profile
    entry["kind"] = str(profile.kind)
    return None


def _kinds(data: Any) -> dict[str, str]:
    devices = data.get("devices")
    return {name: entry["kind"] for name, entry in devices.items()} if isinstance(devices, dict) else {}


def _validate(document: Document, data: Any, problems: list[Problem], broken: set[str]) -> Cell | None:
    """Return the model, without broken entries if it can be had so; add the problems and their sections."""
    units = bare_units(data, Units("mm", "deg"))
    try:
        return Cell.model_validate(data, context=units, by_alias=True, by_name=False)
    except ValidationError as error:
        found = _fewer_unit_problems(translate(error, document, Cell))
        if "devices" in broken:  # a device without a profile was left out: that the rest is too few is no news
            found = [p for p in found if not p.message.startswith("'devices' needs at least")]
        problems += found
        locs = [item["loc"] for item in error.errors(include_url=False, include_input=False)]
        broken.update(str(loc[0]) for loc in locs if loc)
        pruned = _prune(data, locs)
    try:
        return Cell.model_validate(pruned, context=units, by_alias=True, by_name=False)
    except ValidationError:
        return None


def _fewer_unit_problems(problems: list[Problem]) -> list[Problem]:
    """Return the problems with one for all bare numbers of a file without `units:`."""
    bare = sort_problems(p for p in problems if p.code == "RC302" and "units:" in p.hint)
    if len(bare) < 2:
        return problems
    others = len(bare) - 1
    more = f"{bare[0].message} (and {others} more bare number{'s' if others > 1 else ''})"
    return [p for p in problems if p not in bare] + [replace(bare[0], message=more)]


_BY_NAME = (
    "products",
    "devices",
    "stations",
    "zones",
    "frames",
    "fixtures",
    "io",
    "interlocks",
    "faults",
    "quality",
    "hardware",
)


def _prune(data: Any, locs: list[Loc]) -> Any:
    """Return `data` without the entries that `locs` are in."""
    pruned = copy.deepcopy(data)
    steps: set[tuple[Loc, int]] = set()
    for loc in locs:
        plain = [step for step in loc if not (isinstance(step, str) and step.startswith(("~", "[")))]
        section = plain[0] if plain else ""
        inner = pruned.get(section)
        if section in _BY_NAME and len(plain) > 1 and isinstance(inner, dict):
            inner.pop(plain[1], None)
        elif section == "route" and len(plain) > 1:
            where = next((index for index, step in enumerate(plain) if isinstance(step, int)), 0)
            if where:
                steps.add((tuple(plain[1:where]), int(plain[where])))
            elif isinstance(inner, dict):
                inner.pop(plain[1], None)
        else:
            pruned.pop(section, None)
    for path, index in sorted(steps, key=lambda item: -item[1]):
        holder = pruned.get("route")
        for key in path:
            holder = holder.get(key) if isinstance(holder, dict) else None
        if isinstance(holder, list) and index < len(holder):
            del holder[index]
    return pruned
