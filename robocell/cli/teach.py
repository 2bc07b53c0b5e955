"""`robocell teach`: what good parts look like, for a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robocell.cli.console import plural, stdout
from robocell.cli.pictures import (
    CalibrationOption,
    CameraOption,
    DistanceOption,
    PicturesArgument,
    ScaleOption,
    optics_of,
    require_lengths,
    require_pictures,
)
from robocell.errors import SetupError, UnitError, VisionError

if TYPE_CHECKING:
    from rich.console import Console

    from robocell.vision.frame import Frame
    from robocell.vision.teach import Taught

HELP = """Teach a recipe from pictures of good parts: faces, patterns, bands, limits that are not written in it.

What was learnt is stored beside the recipe, as RECIPE.npz, and belongs to it: when what it says of learning is changed, it must
be taught again. Give pictures as production gives them: all places, turns and lights, and good parts only.

\b
Examples:
  robocell teach recipes/cap-top.yaml good/ --scale "90 um"
  robocell teach recipes/cap-top.yaml good/ --scale "90 um" --check     would the good parts pass?

\b
Exit codes:
    0  taught
    1  taught, but with --check some good picture would not pass
    2  the recipe or the set-up is wrong, or too few pictures teach something; nothing is stored
  130  interrupted; nothing is stored
"""


def teach(
    recipe: Annotated[Path, typer.Argument(metavar="RECIPE", help="The recipe's file; the model goes beside it.")],
    pictures: PicturesArgument,
    scale: ScaleOption = None,
    calibration: CalibrationOption = None,
    camera: CameraOption = None,
    distance: DistanceOption = None,
    yaw: Annotated[
        str,
        typer.Option(metavar="ANGLE", help="How the part of the first picture is turned; yaws are told from there."),
    ] = "0 deg",
    check: Annotated[
        bool, typer.Option("--check", help="Judge each good picture by what the others teach: would it pass?")
    ] = False,
) -> None:
    """Teach a recipe."""
    from robocell.config.recipe import MODEL, load
    from robocell.recipes import require_opencv
    from robocell.vision import teach as teaching
    from robocell.vision.learnt import write_model

    wanted = load(recipe)
    require_opencv()
    if not wanted.needs_model:
        raise SetupError(f"the recipe '{wanted.recipe}' has no step that learns", f"robocell inspect {recipe} PICTURES")
    optics = optics_of(scale, calibration, camera, distance)
    require_lengths(wanted, optics)
    paths = require_pictures(pictures)
    console = stdout()
    frames: dict[Path, Frame] = {}
    for path in paths:
        frame = optics.frame(path, wanted.needs_colour)
        if isinstance(frame, str):
            _refused(path, frame, console)
        else:
            frames[path] = frame
    good = list(frames)
    try:
        taught = teaching.teach(wanted, list(frames.values()), _angle(yaw), recipe.parent)
    except VisionError as error:
        raise SetupError(str(error), "robocell teach --help tells what pictures are good for teaching") from error
    for index, reason in taught.refused.items():
        _refused(good[index], reason, console)
    _tell(taught, len(paths), console)
    content = write_model(recipe.with_suffix(MODEL), wanted, taught.learnt)
    console.print(f"Model: {recipe.with_suffix(MODEL)}, content {content[:12]}", soft_wrap=True)
    if check:
        kept = [path for index, path in enumerate(good) if index not in taught.refused]
        raise typer.Exit(0 if _check(taught, kept, frames, _angle(yaw), recipe.parent, console) else 1)


def _refused(path: Path, reason: str, console: Console) -> None:
    console.print(f"{path} teaches nothing: {reason}", style="yellow", soft_wrap=True)


def _tell(taught: Taught, count: int, console: Console) -> None:
    """Print what was learnt, and how many more pictures it takes."""
    console.print(
        f"{taught.recipe.recipe}: {taught.used} of {plural(count, 'picture')} taught {_list(list(taught.learnt))}"
    )
    for step, (wants, why) in taught.wants.items():
        told = f"{step} wants {wants} more good picture{'s' if wants != 1 else ''}, to know {why}"
        console.print(told, style="yellow", soft_wrap=True)


def _list(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _check(
    taught: Taught, kept: Sequence[Path], frames: dict[Path, Frame], yaw: float, folder: Path, console: Console
) -> bool:
    """Print which good pictures would not pass by what the others teach; return whether all would."""
    from robocell.vision.teach import check_taught

    try:
        verdicts = check_taught(taught.recipe, [frames[path] for path in kept], yaw, folder)
    except VisionError as error:
        raise SetupError(f"--check: {error}") from error
    passed = sum(verdict.passed for verdict in verdicts)
    console.print(f"Check: {passed} of {plural(len(verdicts), 'good picture')} would pass by what the others teach")
    for path, verdict in zip(kept, verdicts, strict=True):
        if not verdict.passed:
            console.print(f"  {path}: {verdict.status}: {verdict.reasons[0]}", style="yellow", soft_wrap=True)
    return passed == len(verdicts)


def _angle(text: str) -> float:
    from robocell.units import parse_quantity

    try:
        return parse_quantity(text, "angle")
    except UnitError as error:
        raise typer.BadParameter(str(error), param_hint="--yaw") from None
