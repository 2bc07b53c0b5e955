"""`robocell inspect`: a recipe on pictures."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robocell.cli.console import INTERRUPTED, stderr, stdout
from robocell.cli.pictures import (
    CalibrationOption,
    CameraOption,
    DistanceOption,
    Optics,
    PicturesArgument,
    RecipeArgument,
    ScaleOption,
    find_recipe,
    optics_of,
    require_lengths,
    require_pictures,
)
from robocell.cli.verdicts import Judged, row, tell_totals, to_json
from robocell.clock import wall_seconds
from robocell.errors import SetupError

if TYPE_CHECKING:
    from rich.console import Console

    from robocell.vision.frame import U8
    from robocell.vision.runner import PreparedRecipe

HELP = """Judge pictures by a recipe: a line for each, totals, and the time that each step takes.

A picture that cannot be judged (truncated, empty, 16 bit, dark, without the part) is inconclusive, with the reason. Where the
recipe uses lengths, say what a pixel spans on the part (--scale), or give the camera's calibration and its distance from the part.

\b
Examples:
  robocell inspect cells/recipes/cap-top.yaml lot-7/ --scale "90 um"
  robocell inspect board.yaml 'boards/*_test.jpg' --template boards/ --out judged/
  robocell inspect cap-top lot-7/ --calibration calibration/line.yaml --camera camera --distance "600 mm"
  robocell inspect label.yaml labels/ --json | jq '.pictures[].texts'

\b
Exit codes:
    0  every picture passed
    1  some failed, or were inconclusive
    2  the recipe or the set-up is wrong; nothing was judged
  130  interrupted
"""

_TRUTHS = {"passed": "good", "good": "good", "ok": "good", "failed": "bad", "bad": "bad", "ng": "bad"}


def inspect(
    recipe: RecipeArgument,
    pictures: PicturesArgument,
    scale: ScaleOption = None,
    calibration: CalibrationOption = None,
    camera: CameraOption = None,
    distance: DistanceOption = None,
    template: Annotated[
        Path | None, typer.Option(metavar="PATH", help="The template of `pair`: a picture, or the folder of templates.")
    ] = None,
    truth: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What is true: lines of a picture's name and good or bad.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write marked pictures there, with an index.html.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print all verdicts as JSON on standard output; values are SI or pixels.")
    ] = False,
) -> None:
    """Judge pictures."""
    from robocell.recipes import load_recipe

    prepared = load_recipe(find_recipe(recipe), templates=template)
    optics = optics_of(scale, calibration, camera, distance)
    require_lengths(prepared.recipe, optics)
    paths = require_pictures(pictures)
    known = {} if truth is None else _truth(truth)
    console = stderr() if as_json else stdout()
    began = wall_seconds()
    judged: list[Judged] = []
    interrupted = False
    gallery = None if out is None else _Gallery(out)
    try:
        for each in judge(prepared, paths, optics, _one_template(template), gallery):
            judged.append(each)
            _progress(each, len(judged), paths, console, as_json)
    except KeyboardInterrupt:
        interrupted = True
    tell_totals(judged, wall_seconds() - began, known, console)
    if gallery is not None and judged:
        index = gallery.write(prepared.recipe.recipe, judged)
        console.print(f"\nMarked pictures: {index}", soft_wrap=True)
    if as_json:
        typer.echo(json.dumps(to_json(prepared.recipe.recipe, judged, known), indent=1, ensure_ascii=False))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    raise typer.Exit(0 if all(each.verdict.passed for each in judged) else 1)


def judge(
    prepared: PreparedRecipe,
    paths: Sequence[Path],
    optics: Optics,
    template: U8 | None = None,
    gallery: _Gallery | None = None,
) -> Iterator[Judged]:
    """Yield the verdict on each picture."""
    from robocell.vision.runner import inspect as inspect_frame
    from robocell.vision.verdict import Verdict

    colour = prepared.recipe.needs_colour
    for path in paths:
        frame = optics.frame(path, colour)
        if isinstance(frame, str):
            yield Judged(path, Verdict("inconclusive", (frame,)))
            continue
        verdict = inspect_frame(prepared, frame, template=template)
        if gallery is not None:
            gallery.add(path, frame, verdict)
        yield Judged(path, verdict)


class _Gallery:
    """Marked pictures in a folder, and the page that shows them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.names: dict[Path, str] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"{folder} cannot be made: {error.strerror}", "choose another --out") from error

    def add(self, path: Path, frame: object, verdict: object) -> None:
        """Write one marked picture."""
        from robocell.vision.frame import Frame
        from robocell.vision.marking import jpeg, mark
        from robocell.vision.verdict import Verdict

        assert isinstance(frame, Frame)
        assert isinstance(verdict, Verdict)
        name = f"{path.stem}.jpg"
        taken = set(self.names.values())
        count = 2
        while name in taken:
            name, count = f"{path.stem}-{count}.jpg", count + 1
        self._write(self.folder / name, jpeg(mark(frame, verdict), width=1280))
        self.names[path] = name

    def write(self, title: str, judged: Sequence[Judged]) -> Path:
        """Write the page and return its path."""
        from robocell.report.gallery import gallery_page

        index = self.folder / "index.html"
        entries = [(str(each.path), self.names.get(each.path, ""), each.verdict) for each in judged]
        self._write(index, gallery_page(title, entries).encode())
        return index

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.write_bytes(data)
        except OSError as error:
            raise SetupError(f"{path} cannot be written: {error.strerror}", "choose another --out") from error


def _progress(each: Judged, count: int, paths: Sequence[Path], console: Console, as_json: bool) -> None:
    """Print a picture's line; where the result is JSON, a line for every tenth of the pictures."""
    if not as_json:
        console.print(row(each, max(len(path.name) for path in paths)), soft_wrap=True)
    elif count == len(paths) or count % max(len(paths) // 10, 1) == 0:
        console.print(f"{count} of {len(paths)} pictures", style="dim")


def _one_template(path: Path | None) -> U8 | None:
    """Return the template where it is one picture for all.

    Raises:
        SetupError: it cannot be used.

    """
    if path is None or path.is_dir():
        return None
    from robocell.vision.pictures import read_picture

    read = read_picture(path)
    if isinstance(read, str):
        raise SetupError(f"the template {path} cannot be used: {read}")
    return read


def _truth(path: Path) -> Mapping[str, str]:
    """Read what is true: a picture's name and good or bad on each line, apart by blanks, a comma or a tab.

    Raises:
        SetupError: the file cannot be read, or a line says neither.

    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SetupError(f"--truth: {path} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    found = {}
    for number, line in enumerate(lines, start=1):
        words = line.replace(",", " ").split()
        if not words or words[0].startswith("#"):
            continue
        word = words[1].lower() if len(words) > 1 else ""
        if word not in _TRUTHS:
            hint = "write a picture's name and good or bad on each line"
            raise SetupError(f"--truth: {path}:{number}: neither good nor bad", hint)
        found[words[0]] = _TRUTHS[word]
    return found
