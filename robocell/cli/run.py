"""`robocell run`: a cell at work, and the record that it leaves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from robocell.cli.cellfile import CellArgument, find_cell
from robocell.cli.console import INTERRUPTED, plural, stderr, stdout
from robocell.errors import SetupError, UnitError

if TYPE_CHECKING:
    from robocell.config.prepare import Prepared
    from robocell.model.scene import Scene
    from robocell.report.result import Result

HELP = """Run a cell until so many parts are finished, and keep a record of it.

The record is a folder with report.html (one page, opens offline), result.json (for scripts), and every event of the run.
Ctrl-C stops the cell in a controlled way and keeps the record; a second Ctrl-C ends at once, without one.

\b
Examples:
  robocell run cells/cap-sorting.yaml --parts 100
  robocell run cells/cap-sorting.yaml --world kinematic --parts 10000 --seed 7
  robocell run cells/cap-sorting.yaml --step --speed 10%     operation by operation, slowly
  robocell run cells/cap-sorting.yaml --json | jq .cycle_time_s

\b
Exit codes:
    0  the order is complete
    1  the run ended otherwise: held, aborted, stopped
    2  the file or the set-up is wrong; nothing has moved
  130  interrupted; the cell was stopped in a controlled way
"""


def _share(text: str) -> float:
    """Return a speed override, 0 < share ≤ 1."""
    from robocell.units import parse_quantity

    try:
        share = parse_quantity(text, "ratio")
    except UnitError:
        raise typer.BadParameter(f"'{text}' is no share; write 10% or 0.1", param_hint="--speed") from None
    if not 0.0 < share <= 1.0:
        meant = f"; did you mean {text}%?" if 1.0 < share <= 100.0 and "%" not in text else ""
        raise typer.BadParameter(f"'{text}' is not above 0 and at most 100%{meant}", param_hint="--speed")
    return share


def run(
    cell: CellArgument,
    parts: Annotated[
        int, typer.Option(min=1, metavar="N", help="How many parts are to be finished, good or not.")
    ] = 20,
    seed: Annotated[
        int, typer.Option(min=0, metavar="S", help="Of everything that chance decides; the same seed, the same run.")
    ] = 0,
    world: Annotated[
        Literal["bullet", "kinematic"],
        typer.Option(help="bullet: contacts, belts, grips and camera pictures; kinematic: geometry only, far quicker."),
    ] = "bullet",
    backend: Annotated[
        Literal["sim", "twin", "hardware"],
        typer.Option(help="What stands behind the devices; this version has drivers for none, so only sim runs."),
    ] = "sim",
    inspect: Annotated[
        Literal["truth", "image"] | None,
        typer.Option(help="Cameras judge pictures, or tell the truth.  [default: image in bullet, truth in kinematic]"),
    ] = None,
    product: Annotated[
        list[str] | None, typer.Option(metavar="P", help="Make this product; may be repeated.  [default: all]")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Folder for the record.  [default: runs/CELL-WORLD-SEED]"),
    ] = None,
    faces: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Boards look like the pictures in this folder: ID_test.jpg, ID_temp.jpg, ID.txt."
        ),
    ] = None,
    speed: Annotated[str, typer.Option(metavar="SHARE", help="Override of the arms' speed: 10% or 0.1.")] = "100%",
    step: Annotated[bool, typer.Option("--step", help="Wait for Enter before each operation; q stops.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Move arms with empty grippers: nothing comes, nothing is gripped.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print result.json on standard output, everything else on standard error.")
    ] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser at the end.")] = False,
) -> None:
    """Run a cell."""
    from robocell.assembly import RunOptions
    from robocell.assembly import run as run_cell
    from robocell.cli.progress import Progress
    from robocell.cli.stepping import Stepper
    from robocell.config.prepare import prepare

    override = _share(speed)
    prepared = prepare(find_cell(cell))
    if backend != "sim":
        _refuse(prepared, backend)
    folder = out or _folder(prepared.cell.cell, world, seed, dry_run)
    console = stderr() if as_json else stdout()
    warnings = prepared.loaded.warnings
    if warnings:
        told = f"{plural(len(warnings), 'warning')} about the cell file: robocell check {cell}"
        console.print(told, style="yellow", soft_wrap=True)
    progress = Progress(console, f"{prepared.cell.cell} · {backend}, {world} · seed {seed}", live=not step)
    options = RunOptions(
        parts=parts,
        seed=seed,
        world=world,
        inspect=inspect,
        products=tuple(product or ()),
        speed=override,
        dry_run=dry_run,
        out=folder,
        scene=None if faces is None else _with_faces(prepared, faces),
        before_step=Stepper(console) if step else None,
        on_event=(progress.take,),
    )
    try:
        with progress:
            result = run_cell(prepared, options)
    except KeyboardInterrupt:  # the second one, or one before the run began
        stderr().print(f"ended at once: {folder} holds no whole record of this run", soft_wrap=True)
        raise typer.Exit(INTERRUPTED) from None
    _tell(result, folder, as_json)
    if open_:
        from robocell.cli.report import open_page

        open_page(folder / "report.html")
    raise typer.Exit(INTERRUPTED if result.reason == "interrupted" else result.exit_code)


def _tell(result: Result, folder: Path, as_json: bool) -> None:
    """Print the summary and where the record is; with --json the result alone goes to standard output."""
    from robocell.report.record import REPORT
    from robocell.report.terminal import render_summary

    console = stderr() if as_json else stdout()
    console.print()
    render_summary(result, console)
    console.print(f"\nReport: {folder / REPORT}", soft_wrap=True)
    if as_json:
        sys.stdout.write(result.to_json())


def _with_faces(prepared: Prepared, folder: Path) -> Scene:
    """Return the cell's scene with its boards taken from a folder of pictures."""
    from robocell.model.scene import Pictures, Scene

    boards = [name for name, product in prepared.cell.products.items() if product.face == "circuit-board"]
    if not boards:
        raise SetupError("the cell has no product with the face 'circuit-board'", "leave --faces out")
    if not folder.is_dir():
        raise SetupError(f"there is no folder {folder}", "give the folder with the pictures")
    scene = prepared.scene or Scene()
    place = str(folder.resolve())
    shown = {
        name: scene.faces.get(name, Pictures(folder=place)).model_copy(update={"folder": place}) for name in boards
    }
    return scene.model_copy(update={"faces": shown})


def _folder(cell: str, world: str, seed: int, dry_run: bool) -> Path:
    return Path("runs") / f"{cell}-{world}-{seed}{'-dry' if dry_run else ''}"


def _refuse(prepared: Prepared, backend: str) -> None:
    """Refuse a backend that needs drivers, with the list of the devices that have none."""
    devices = prepared.cell.devices
    width = max(len(name) for name in devices)
    listed = "\n".join(f"  {name:<{width}}  {device.profile or 'from a URDF file'}" for name, device in devices.items())
    raise SetupError(
        f"--backend {backend} needs drivers, and this version of robocell has none for these devices:\n{listed}",
        "run the cell in simulation: --backend sim",
    )
