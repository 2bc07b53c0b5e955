"""`robocell calibrate`: a camera's lens, where a camera is, and the board that is needed for both."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from robocell.cli.console import stdout
from robocell.errors import SetupError, UnitError, VisionError

if TYPE_CHECKING:
    from robocell.model.calibration import CameraCalibration, Placement
    from robocell.vision.calibration.hand_eye import HandEye
    from robocell.vision.calibration.intrinsics import Lens

HELP = """Calibrate cameras: the lens from pictures of a printed board, the place from pairs of poses.

\b
  robocell calibrate board --size 11x8 --square 12mm --out board.svg
  robocell calibrate camera charuco:11x8:12mm pictures/ --out cells/calibration/top.yaml
  robocell calibrate hand-eye hand.csv camera.csv --mount cell --out cells/calibration/top.yaml

A cell file uses the result by `calibration: calibration/top.yaml`.
"""

_CAMERA_HELP = """Find a camera's lens from pictures of a printed board.

BOARD counts squares, and gives the length of a square's side as measured on the print: chessboard:11x8:12mm or charuco:11x8:12mm. PICTURES
are files or folders; 15 or more with the board tilted by 20° to 40° both ways and in all corners of the picture are best.
Views that do not fit the others are rejected; views too alike to tell the lens are refused, with what to add.

\b
Exit codes:
  0  found, and written if --out is given
  2  the pictures do not tell the lens, or a file cannot be used
"""

_HAND_EYE_HELP = """Find where a camera is, on an arm's hand or beside the arm, from pairs of poses.

Positions in m, quaternions x y z w. A line that begins with a letter or # is a heading.

\b
One CSV of pairs, 14 columns:    x, y, z, qx, qy, qz, qw of the hand in the arm's base,
                                 x, y, z, qx, qy, qz, qw of what the camera saw
Two CSVs of streams, 8 columns:  stamp in s, x, y, z, qx, qy, qz, qw; the hand's first, then the camera's;
                                 their clocks may differ by any offset, which is found

What the camera saw is the board in the camera's frame, or the camera in the board's: told by --seen, or found out. Bad pairs are rejected.

\b
Exit codes:
  0  found, and written if --out is given
  2  the poses do not tell where the camera is, or a file cannot be used
"""

_BOARD_HELP = """Draw a board to print. SVG is in true size; a PNG has 40 pixels a square. Glue the print on something flat and measure a square.

\b
Exit codes:
  0  written
  2  there is no such board, or the file cannot be written
"""

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help=HELP, add_completion=False)

OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Calibration file to write; other entries of it are kept.")
]
NameOption = Annotated[str, typer.Option("--name", help="The camera's name in the cell file.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, lengths in m or pixels, angles in rad.")]


@contextmanager
def _in_words() -> Iterator[None]:
    try:
        yield
    except (VisionError, UnitError) as error:
        raise SetupError(str(error)) from error
    except ModuleNotFoundError as error:
        if error.name != "cv2":
            raise
        raise SetupError("calibration needs OpenCV, which is not installed", "install robocell[vision]") from error


# --- board -----------------------------------------------------------------------------------------------------------


@app.command("board", help=_BOARD_HELP, short_help="Draw a board to print.")
def board(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A .svg or .png file.")],
    size: Annotated[str, typer.Option(metavar="COLUMNSxROWS", help="Squares, not corners.")] = "11x8",
    square: Annotated[str, typer.Option(metavar="LENGTH", help="Side of a square.")] = "12 mm",
    kind: Annotated[
        Literal["charuco", "chessboard"], typer.Option(help="A part of a charuco board is enough.")
    ] = "charuco",
) -> None:
    """Draw a board."""
    with _in_words():
        from robocell.vision.calibration.board import Board

        made = Board.parse(f"{kind}:{size}:{square}")
        if out.suffix.lower() not in (".svg", ".png"):
            raise SetupError(f"'{out.name}' is neither .svg nor .png", "give --out board.svg")
        try:
            if out.suffix.lower() == ".svg":
                out.write_text(made.svg(), encoding="utf-8")
            else:
                _write_png(out, made.draw(40))
        except OSError as error:
            raise SetupError(f"{out} cannot be written: {error.strerror}") from error
    console = stdout()
    console.print(f"{out} written: squares of {square}, {size} of them; measure one on the print", soft_wrap=True)
    console.print(f"robocell calibrate camera {made} PICTURES…", soft_wrap=True)


# --- camera ----------------------------------------------------------------------------------------------------------


@app.command("camera", help=_CAMERA_HELP, short_help="The lens, from pictures of a board.")
def camera(
    board: Annotated[str, typer.Argument(metavar="BOARD", help="Such as charuco:11x8:12mm.")],
    pictures: Annotated[list[Path], typer.Argument(metavar="PICTURES…", help="Files or folders.")],
    out: OutOption = None,
    name: NameOption = "camera",
    marked: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Write the pictures there, with the corners that were found.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Find a lens."""
    with _in_words():
        from robocell.cli.calibration import pictures_of, show_lens, views_of
        from robocell.vision.calibration.board import Board
        from robocell.vision.calibration.intrinsics import calibrate_lens

        made = Board.parse(board)
        views = views_of(made, pictures_of(pictures), marked)
        lens = calibrate_lens(made, [view.corners for view in views.found], views.resolution)
        if out is not None:
            _store(out, name, lens=_lens_entry(lens, made))
    if as_json:
        typer.echo(json.dumps(_lens_json(lens, views.names, views.unusable), indent=1))
    else:
        show_lens(lens, views.names, views.unusable, stdout())
        _written(out, name)


def _lens_entry(lens: Lens, made: object) -> Any:
    from robocell.clock import wall_date
    from robocell.model.calibration import LensCalibration

    c = lens.calibration
    return LensCalibration(
        source=f"board {made}",
        made=wall_date(),
        resolution=c.resolution,
        focal=round(c.focal, 4),
        centre=(round(c.centre[0], 4), round(c.centre[1], 4)),
        distortion=(round(c.distortion, 8), round(c.k2, 8), round(c.p1, 8), round(c.p2, 8)),
        focal_sigma=round(lens.focal_sigma, 4),
        centre_sigma=(round(lens.centre_sigma[0], 4), round(lens.centre_sigma[1], 4)),
        rms=round(lens.rms, 4),
        views=int(lens.used.sum()),
        rejected=int((~lens.used).sum()),
    )


def _lens_json(lens: Lens, names: list[str], unusable: dict[str, str]) -> dict[str, Any]:
    c = lens.calibration
    return {
        "resolution": list(c.resolution),
        "focal": c.focal,
        "focal_sigma": lens.focal_sigma,
        "centre": list(c.centre),
        "centre_sigma": list(lens.centre_sigma),
        "distortion": list(c.terms),
        "distortion_sigma": list(lens.terms_sigma),
        "rms": lens.rms,
        "views": [
            {"picture": picture, "rms": float(rms), "used": bool(used)}
            for picture, rms, used in zip(names, lens.residuals, lens.used, strict=True)
        ],
        "unusable": unusable,
        "advice": list(lens.advice),
    }


# --- hand-eye --------------------------------------------------------------------------------------------------------


@app.command("hand-eye", help=_HAND_EYE_HELP, short_help="Where the camera is, from pairs of poses.")
def hand_eye(
    poses: Annotated[
        list[Path], typer.Argument(metavar="POSES…", help="One CSV of pairs, or the hand's and the camera's.")
    ],
    mount: Annotated[
        Literal["hand", "cell"], typer.Option(help="Is the camera on the hand, or does it stand?")
    ] = "hand",
    seen: Annotated[
        Literal["auto", "board", "camera"],
        typer.Option(help="What the camera's poses are: the board's, or the camera's own."),
    ] = "auto",
    arm: Annotated[str, typer.Option(help="The arm's name in the cell file.")] = "arm",
    out: OutOption = None,
    name: NameOption = "camera",
    as_json: JsonOption = False,
) -> None:
    """Find where a camera is."""
    with _in_words():
        from robocell.cli.calibration import solve_files

        found, as_seen = solve_files(poses, mount, seen)
        entry = _placement(found, mount, arm, poses)
        if out is not None:
            _store(out, name, placement=entry)
    if as_json:
        typer.echo(json.dumps(_hand_eye_json(found, entry, as_seen), indent=1))
    else:
        from robocell.cli.calibration import show_placement

        show_placement(found, entry, as_seen, stdout())
        _written(out, name)


def _placement(found: HandEye, mount: Literal["hand", "cell"], arm: str, files: list[Path]) -> Placement:
    from robocell.cli.calibration import rpy_of
    from robocell.clock import wall_date
    from robocell.model.calibration import Placement
    from robocell.model.pose import Pose

    matrix, sigma = (found.x, found.x_sigma) if mount == "hand" else (found.y, found.y_sigma)
    xyz = tuple(round(float(v), 7) for v in matrix[:3, 3])
    rpy = tuple(round(float(v), 8) for v in rpy_of(matrix))
    try:
        pose = Pose(frame=arm, xyz=(xyz[0], xyz[1], xyz[2]), rpy=(rpy[0], rpy[1], rpy[2]))
    except ValueError as error:
        raise SetupError(f"'{arm}' is no possible name of an arm, or the pose is absurd: {xyz}") from error
    return Placement(
        source=f"poses {', '.join(path.name for path in files)}"[:120],
        made=wall_date(),
        mount=mount,
        pose=pose,
        translation_sigma=round(sigma[0], 7),
        rotation_sigma=round(sigma[1], 8),
        translation_rms=round(found.translation_rms, 7),
        rotation_rms=round(found.rotation_rms, 8),
        pairs=int(found.used.sum()),
        rejected=int((~found.used).sum()),
    )


def _hand_eye_json(found: HandEye, entry: Placement, as_seen: str) -> dict[str, Any]:
    return {
        **entry.model_dump(mode="json", by_alias=True),
        "matrix": (found.x if entry.mount == "hand" else found.y).tolist(),
        "other": (found.y if entry.mount == "hand" else found.x).tolist(),
        "seen": as_seen,
        "offset": found.offset,
        "advice": [found.advice] if found.advice else [],
    }


# --- files -----------------------------------------------------------------------------------------------------------


def _store(out: Path, name: str, **entry: Any) -> None:
    """Write an entry into a calibration file, and keep the others that it has."""
    from pydantic import ValidationError

    from robocell.config.calibration import load_calibrations, save_calibrations
    from robocell.model.calibration import Calibrations, CameraCalibration

    before = load_calibrations(out) if out.exists() else Calibrations(calibration=1)
    had: CameraCalibration | None = before.cameras.get(name)
    kept = {key: getattr(had, key) for key in ("lens", "placement")} if had is not None else {}
    try:
        cameras = {**before.cameras, name: CameraCalibration(**{**kept, **entry})}
        after = Calibrations(calibration=1, cameras=cameras)
    except ValidationError as error:
        raise SetupError(f"this is no calibration that a cell can use: {error.errors()[0]['msg']}") from error
    try:
        save_calibrations(out, after)
    except OSError as error:
        raise SetupError(f"{out} cannot be written: {error.strerror}") from error


def _written(out: Path | None, name: str) -> None:
    if out is not None:
        stdout().print(f"\n{out} written, camera '{name}'", soft_wrap=True)


def _write_png(path: Path, picture: Any) -> None:
    import cv2

    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
