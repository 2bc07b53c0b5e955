"""What `robocell calibrate` reads and shows: pictures of boards, files of poses, tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.model.calibration import Placement
from robocell.vision.calibration.board import Board, Corners
from robocell.vision.calibration.hand_eye import HandEye, solve, solve_streams
from robocell.vision.calibration.intrinsics import Lens
from robocell.vision.calibration.rotations import from_quaternions, inverse, pose
from robocell.vision.calibration.streams import PoseStream
from robocell.vision.pictures import ENDINGS, read_picture

if TYPE_CHECKING:
    from rich.console import Console

Array = NDArray[np.float64]

MOST_PICTURES = 500
MOST_BYTES = 64 * 2**20
_CLEARLY = 0.5  # of the residuals' product: below, one convention of poses is the right one


@dataclass(frozen=True)
class View:
    """A picture in which the board was found."""

    name: str
    corners: Corners


@dataclass(frozen=True)
class Views:
    """What was found in all pictures; `unusable` says why by picture."""

    resolution: tuple[int, int]
    found: list[View]
    unusable: dict[str, str]

    @property
    def names(self) -> list[str]:
        """Of the pictures in which the board was found."""
        return [view.name for view in self.found]


def pictures_of(paths: Sequence[Path]) -> list[Path]:
    """Return the files, those of folders sorted by name.

    Raises:
        VisionError: there are none, or too many.

    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            found += sorted(p for p in path.iterdir() if p.suffix.lower() in ENDINGS)
        else:
            found.append(path)
    if not found:
        raise VisionError(f"no pictures in {', '.join(map(str, paths))} ({', '.join(ENDINGS)})")
    if len(found) > MOST_PICTURES:
        raise VisionError(f"{len(found)} pictures are more than {MOST_PICTURES}: 30 well chosen ones tell as much")
    return found


def views_of(board: Board, paths: Sequence[Path], marked: Path | None) -> Views:
    """Find the board in pictures, and write marked ones into a folder.

    Raises:
        VisionError: a file is missing, or the pictures have different sizes.

    """
    resolution: tuple[int, int] | None = None
    found: list[View] = []
    unusable: dict[str, str] = {}
    for path in paths:
        if not path.is_file():
            raise VisionError(f"{path.name} cannot be read: there is no such picture")
        image = read_picture(path)
        if isinstance(image, str):
            unusable[path.name] = image
            continue
        size = (image.shape[1], image.shape[0])
        if resolution is None:
            resolution = size
        if size != resolution:
            raise VisionError(
                f"{path.name} has {size[0]} x {size[1]} pixels, those before {resolution[0]} x {resolution[1]}: "
                "pictures of one camera have one size"
            )
        corners = board.find(image)
        if marked is not None:
            _write_marked(marked, path, image, corners)
        if isinstance(corners, str):
            unusable[path.name] = corners
        else:
            found.append(View(path.name, corners))
    if not found or resolution is None:
        first = next(iter(unusable.items()))
        raise VisionError(f"the board {board} is in none of the {len(paths)} pictures; {first[0]}: {first[1]}")
    return Views(resolution, found, unusable)


def _write_marked(folder: Path, path: Path, image: NDArray[np.uint8], corners: Corners | str) -> None:
    import cv2

    picture = np.asarray(cv2.cvtColor(image, cv2.COLOR_GRAY2BGR), np.uint8)
    if isinstance(corners, str):
        cv2.putText(picture, corners, (12, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (60, 60, 235), 2, cv2.LINE_AA)
    else:
        size = max(round(picture.shape[1] / 320), 3)
        before = None
        for x, y in np.rint(corners.pixels * 16).astype(int):
            if before is not None:
                cv2.line(picture, before, (int(x), int(y)), (40, 180, 240), 1, cv2.LINE_AA, 4)
            cv2.circle(picture, (int(x), int(y)), 16 * size, (80, 200, 60), 1, cv2.LINE_AA, 4)
            before = (int(x), int(y))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{path.stem}.png").write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    except OSError as error:
        raise VisionError(f"{folder} cannot be written: {error.strerror}") from None


def show_lens(lens: Lens, names: Sequence[str], unusable: dict[str, str], console: Console) -> None:
    """Print a lens with its errors, and each view."""
    from rich.table import Table

    c = lens.calibration
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold")
    for column, justify in (("view", "left"), ("residual", "right"), ("", "left")):
        table.add_column(column, justify=justify, overflow="fold")  # type: ignore[arg-type]
    for name, rms, used in zip(names, lens.residuals, lens.used, strict=True):
        table.add_row(name, f"{rms:.3f} px", "" if used else "rejected: does not fit the others")
    for name, why in unusable.items():
        table.add_row(name, "–", f"not used: {why}")
    console.print(table)
    console.print()
    rows = (
        ("focal length", f"{c.focal:.2f} px", f"± {lens.focal_sigma:.2f} ({lens.focal_sigma / c.focal:.3%})"),
        (
            "centre",
            f"{c.centre[0]:.2f}, {c.centre[1]:.2f} px",
            f"± {lens.centre_sigma[0]:.2f}, {lens.centre_sigma[1]:.2f}" if any(lens.centre_sigma) else "held",
        ),
        *(
            (name, f"{value:.6f}", f"± {sigma:.6f}" if sigma else "held")
            for name, value, sigma in zip(("k1", "k2", "p1", "p2"), c.terms, lens.terms_sigma, strict=True)
        ),
        (
            "residual",
            f"{lens.rms:.3f} px rms",
            f"{np.count_nonzero(lens.used)} views of {len(names) + len(unusable)} pictures",
        ),
    )
    _figures(rows, console)
    for advice in lens.advice:
        console.print(advice, soft_wrap=True, style="yellow")


# --- poses -----------------------------------------------------------------------------------------------------------


def solve_files(
    files: Sequence[Path], mount: Literal["hand", "cell"], seen: Literal["auto", "board", "camera"]
) -> tuple[HandEye, str]:
    """Solve hand-eye from one file of pairs or two of streams; returns what was found and what the camera's poses are.

    Raises:
        VisionError: a file cannot be used, or the poses do not tell.

    """
    if len(files) not in (1, 2):
        raise VisionError(f"{len(files)} files of poses: give one of pairs, or the hand's and the camera's")
    rows = [_table(path) for path in files]
    # What X and Y are to be follows from the mount; see hand_eye.
    wanted = "camera" if mount == "hand" else "board"
    words: tuple[str, ...] = ("board", "camera") if seen == "auto" else (seen,)
    found: dict[str, HandEye] = {}
    refused: VisionError | None = None
    for word in words:
        try:
            found[word] = _solved(rows, files, inverted=word != wanted)
        except VisionError as error:
            refused = refused or error
    if not found:
        assert refused is not None
        raise refused
    best, *others = sorted(found, key=lambda word: _misfit(found[word]))
    if others and _misfit(found[best]) > _CLEARLY * _misfit(found[others[0]]):
        raise VisionError(
            "the poses fit as the board's in the camera and as the camera's in the board about equally: say which with --seen"
        )
    return found[best], best


def _misfit(found: HandEye) -> float:
    """Return the product of the median residuals of all pairs, rejected ones included."""
    moved, turned = np.median(found.translation), np.median(found.rotation)
    return float(max(moved, 1e-9) * max(turned, 1e-9))


def _solved(rows: Sequence[Array], files: Sequence[Path], inverted: bool) -> HandEye:
    if len(rows) == 1:
        if rows[0].shape[1] != 14:
            raise VisionError(
                f"{files[0].name} has {rows[0].shape[1]} columns: pairs have 14, and streams come in two files"
            )
        hand, seen = _poses(rows[0][:, :7], files[0]), _poses(rows[0][:, 7:], files[0])
        return solve(hand, inverse(seen) if inverted else seen)
    streams = [_stream(row, path) for row, path in zip(rows, files, strict=True)]
    if inverted:
        streams[1] = PoseStream(streams[1].stamps, inverse(streams[1].poses))
    return solve_streams(streams[0], streams[1])


def _stream(row: Array, path: Path) -> PoseStream:
    """Return a stream in order of its stamps; what is recorded twice counts once."""
    if row.shape[1] != 8:
        raise VisionError(f"{path.name} has {row.shape[1]} columns: a stream has 8 (stamp, x, y, z, qx, qy, qz, qw)")
    row = np.unique(row, axis=0)
    return PoseStream(row[:, 0], _poses(row[:, 1:], path))


def _poses(row: Array, path: Path) -> Array:
    length = np.linalg.norm(row[:, 3:], axis=1)
    if np.any(np.abs(length - 1) > 0.01):
        worst = int(np.argmax(np.abs(length - 1)))
        raise VisionError(f"{path.name}: pose {worst + 1} has a quaternion of length {length[worst]:.3g}, not 1")
    return pose(from_quaternions(row[:, 3:]), row[:, :3])


def _table(path: Path) -> Array:
    """Return the numbers of a CSV, (N, columns).

    Raises:
        VisionError: it cannot be read, or a line is no row of finite numbers; the message tells the line.

    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise VisionError(f"{path.name} has more than {MOST_BYTES // 2**20} MiB")
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise VisionError(
            f"{path.name} cannot be read: {getattr(error, 'strerror', None) or 'it is no text'}"
        ) from None
    rows: list[list[float]] = []
    for number, line in enumerate(lines, start=1):
        text = line.strip()
        if not text or text[0] == "#" or (text[0].isalpha() and text[:3].lower() not in ("nan", "inf")):
            continue
        try:
            row = [float(part) for part in text.replace(";", ",").rstrip(",").split(",")]
        except ValueError:
            raise VisionError(f"{path.name}:{number}: this is no row of numbers: {text[:60]}") from None
        if not all(map(math.isfinite, row)):
            raise VisionError(f"{path.name}:{number}: a number is not finite")
        if rows and len(row) != len(rows[0]):
            raise VisionError(f"{path.name}:{number}: {len(row)} columns, the rows before have {len(rows[0])}")
        rows.append(row)
    if not rows:
        raise VisionError(f"{path.name} has no poses")
    return np.array(rows)


def rpy_of(matrix: Array) -> tuple[float, float, float]:
    """Return URDF's fixed-axis angles of a pose, rad: R = Rz·Ry·Rx."""
    r = matrix[:3, :3]
    pitch = math.atan2(-r[2, 0], math.hypot(r[0, 0], r[1, 0]))
    if math.hypot(r[0, 0], r[1, 0]) < 1e-9:  # looking along ±Z of the frame: roll and yaw are one turn
        return math.atan2(-r[1, 2], r[1, 1]), pitch, 0.0
    return math.atan2(r[2, 1], r[2, 2]), pitch, math.atan2(r[1, 0], r[0, 0])


def show_placement(found: HandEye, entry: Placement, as_seen: str, console: Console) -> None:
    """Print where a camera is, with its errors."""
    frame = f"the hand of '{entry.pose.frame}'" if entry.mount == "hand" else f"the base of '{entry.pose.frame}'"
    xyz = ", ".join(f"{1e3 * v:.2f}" for v in entry.pose.xyz)
    rpy = ", ".join(f"{math.degrees(v):.3f}" for v in entry.pose.rpy)
    moved, turned = 1e3 * entry.translation_sigma, math.degrees(entry.rotation_sigma)
    rows = (
        ("camera in", frame, ""),
        ("xyz", f"[{xyz}] mm", f"± {moved:.2f} mm"),
        ("rpy", f"[{rpy}] deg", f"± {turned:.3f}°"),
        (
            "residual",
            f"{1e3 * found.translation_rms:.2f} mm, {math.degrees(found.rotation_rms):.3f}° rms",
            f"{entry.pairs} pairs used, {entry.rejected} rejected",
        ),
        (
            "poses seen",
            "the board in the camera's frame" if as_seen == "board" else "the camera in the board's frame",
            "",
        ),
        ("clocks", f"the camera's stamps + {found.offset:.4f} s are the hand's" if found.offset else "–", ""),
    )
    _figures(rows, console)
    if found.advice:
        console.print(found.advice, soft_wrap=True, style="yellow")


def _figures(rows: Sequence[tuple[str, str, str]], console: Console) -> None:
    from rich.table import Table

    table = Table.grid(padding=(0, 2))
    for style in ("bold", "", "dim"):
        table.add_column(style=style, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    console.print(table)
