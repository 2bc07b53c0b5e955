"""A calibration file → the model, or all its problems; whether it fits a cell; and how one is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from robocell.config.bare_units import bare_units
from robocell.config.nodes import Document, to_plain
from robocell.config.paths import OutsideError, inside
from robocell.config.problems import Problem, sort_problems
from robocell.config.read import read_file
from robocell.config.translate import did_you_mean, translate
from robocell.errors import ConfigError
from robocell.model.calibration import Calibrations, CameraCalibration
from robocell.model.cell import Cell
from robocell.model.device import CameraDevice
from robocell.model.pose import CELL_FRAME
from robocell.model.profile import CameraProfile
from robocell.model.quantity import Units

HEAD = "# Written by `robocell calibrate`: measured, and named by a cell file's `calibration:`.\n"


def load_calibrations(path: Path | str, *, name: str | None = None) -> Calibrations:
    """Load a calibration file.

    Args:
        path: The file.
        name: What problems call it; the path as given otherwise.

    Raises:
        ConfigError: With all problems, sorted by position.

    """
    return _load(Path(path), name if name is not None else str(path))[0]


def save_calibrations(path: Path, calibrations: Calibrations) -> None:
    """Write a calibration file; reading it gives the same model.

    Raises:
        OSError: It cannot be written.

    """
    data = calibrations.model_dump(mode="json", by_alias=True, exclude_none=True)
    data["units"] = {"length": "m", "angle": "rad"}  # what the model holds
    text = yaml.safe_dump(data, sort_keys=False, default_flow_style=None, width=120)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(HEAD + text, encoding="utf-8")


def overlay(
    cell: Cell, folder: Path, profiles: Mapping[str, Any]
) -> tuple[Cell, Mapping[str, CameraCalibration], list[Problem]]:
    """Put what was measured in place of what a cell says.

    A file that is missing or outside is left to the checks of the cell, which name it there.

    Args:
        cell: The model.
        folder: Of the cell file.
        profiles: Each device's profile, by the device's name.

    Returns:
        The cell with the cameras' measured poses, the calibrations by camera, and problems of the file.

    """
    if cell.calibration is None:
        return cell, {}, []
    try:
        path = inside(folder, cell.calibration)
        if not path.is_file():
            return cell, {}, []
    except (OutsideError, OSError, ValueError):
        return cell, {}, []
    try:
        found, document = _load(path, cell.calibration)
    except ConfigError as error:
        return cell, {}, list(error.problems)
    problems = list(_misfits(document, found, cell, profiles))
    if problems:
        return cell, {}, problems
    devices = dict(cell.devices)
    for name, calibration in found.cameras.items():
        if calibration.placement is not None:
            devices[name] = devices[name].model_copy(update={"pose": calibration.placement.pose})
    return cell.model_copy(update={"devices": devices}), found.cameras, []


def _load(path: Path, name: str) -> tuple[Calibrations, Document]:
    document = read_file(path, name)
    data = to_plain(document.root)
    try:
        found = Calibrations.model_validate(
            data, context=bare_units(data, Units("m", "rad")), by_alias=True, by_name=False
        )
    except ValidationError as error:
        raise ConfigError(sort_problems(translate(error, document, Calibrations))) from None
    return found, document


def _misfits(document: Document, found: Calibrations, cell: Cell, profiles: Mapping[str, Any]) -> Iterator[Problem]:
    cameras = [name for name, device in cell.devices.items() if isinstance(device, CameraDevice)]
    standing = {CELL_FRAME, *cell.frames, *cell.stations}
    standing |= {name for name, device in cell.devices.items() if getattr(device, "pose", None) is not None}
    for name, calibration in found.cameras.items():
        loc = ("cameras", name)
        if name not in cameras:
            hint = did_you_mean(name, cameras, f"the cell has {', '.join(cameras[:8]) or 'none'}")
            place = document.place(loc, key=True)
            yield Problem("RC204", place, f"the cell has no camera named '{name}'", hint)
            continue
        lens, profile = calibration.lens, profiles.get(name)
        if lens is not None and isinstance(profile, CameraProfile) and lens.resolution != profile.resolution:
            told = f"the pictures were {_size(lens.resolution)}, those of '{name}' are {_size(profile.resolution)}"
            yield Problem("RC223", document.place((*loc, "lens", "resolution"), key=True), told, "calibrate it anew")
        placement = calibration.placement
        if placement is None:
            continue
        frame = placement.pose.frame
        if placement.mount == "hand":
            message = f"'{name}' is calibrated on the hand of '{frame}', and a cell's cameras stand"
            hint = "calibrate it as it stands: robocell calibrate hand-eye --mount cell"
            yield Problem("RC223", document.place((*loc, "placement", "mount")), message, hint)
        elif frame == name or frame not in standing:
            hint = did_you_mean(frame, standing, "poses without 'in' are in the cell's frame")
            place = document.place((*loc, "placement", "pose", "in"))
            yield Problem("RC601", place, f"no device, station or frame named '{frame}' stands in the cell", hint)


def _size(resolution: tuple[int, int]) -> str:
    return f"{resolution[0]} x {resolution[1]} pixels"
