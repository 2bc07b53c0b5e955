"""Calibration from pictures of a board: the simulated lens is found again; what cannot tell it is refused."""

from __future__ import annotations

import dataclasses
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import UnitError, VisionError
from robocell.vision.calibration.board import Board, Corners
from robocell.vision.calibration.intrinsics import Lens, calibrate_lens
from robocell.vision.calibration.rotations import exp
from robocell.world.imaging import Camera
from tests.vision.printed_boards import photographs, views

pytestmark = pytest.mark.vision
cv2 = pytest.importorskip("cv2")

Array = NDArray[np.float64]
WIDE = Camera(focal_length=8e-3, distortion=-0.12, k2=0.05, p1=8e-4, p2=-5e-4, axis=(651.2, 472.9))
NARROW = Camera(distortion=-0.5)
CHESS = Board("chessboard", 11, 8, 12e-3)


def corners(camera: Camera, poses: Array, noise: float, seed: int = 9, board: Board = CHESS) -> list[Corners]:
    """What a finder with some noise would find."""
    rng = np.random.Generator(np.random.PCG64(seed))
    found = []
    for pose in poses:
        pixels = camera.project(board.points() @ pose[:3, :3].T + pose[:3, 3], np.eye(4))
        found.append(Corners(np.arange(board.corners), pixels + rng.normal(0, noise, pixels.shape)))
    return found


def close(lens: Lens, camera: Camera, share: float) -> None:
    assert lens.calibration.focal == pytest.approx(camera.focal_pixels, rel=share)
    assert abs(lens.calibration.focal - camera.focal_pixels) < 4 * lens.focal_sigma
    assert np.abs(np.subtract(lens.calibration.centre, camera.centre) / lens.centre_sigma).max() < 4


@pytest.mark.parametrize("kind", ["chessboard", "charuco"])
def test_the_simulated_lens_is_found_from_drawn_boards(kind: str) -> None:
    board = Board.parse(f"{kind}:11x8:12mm")
    poses = views(board, WIDE, 12)
    found = [board.find(picture) for picture in photographs(board, WIDE, poses)]
    assert not [view for view in found if isinstance(view, str)]
    lens = calibrate_lens(board, [view for view in found if not isinstance(view, str)], WIDE.resolution)
    close(lens, WIDE, 1e-3)
    assert lens.rms < 0.1
    assert lens.used.all()
    assert lens.calibration.terms[2:] == pytest.approx(WIDE.terms[2:], abs=2e-4)
    # What matters to a cell: where pixels are, all over the picture.
    grid = np.stack(np.meshgrid(np.linspace(40, 1240, 9), np.linspace(40, 920, 7)), axis=-1).reshape(-1, 2)
    true = dataclasses.replace(lens.calibration, focal=WIDE.focal_pixels, centre=WIDE.centre, distance=0.4)
    true = dataclasses.replace(true, distortion=-0.12, k2=0.05, p1=8e-4, p2=-5e-4)
    off = lens.calibration.at(0.4).to_plane(grid) - true.to_plane(grid)
    assert np.abs(off - off.mean(axis=0)).max() < 0.1e-3


def test_charuco_corners_are_named_when_a_part_of_the_board_is_out_of_view() -> None:
    board = Board.parse("charuco:11x8:12mm")
    pose = views(board, WIDE, 1)[0]
    pose[0, 3] -= 0.11
    found = board.find(photographs(board, WIDE, pose[None])[0])
    assert not isinstance(found, str)
    assert 8 <= len(found.ids) < board.corners
    true = WIDE.project(board.points()[found.ids] @ pose[:3, :3].T + pose[:3, 3], np.eye(4))
    assert np.abs(found.pixels - true).max() < 0.6
    assert isinstance(CHESS.find(photographs(CHESS, WIDE, pose[None])[0]), str)


def test_the_standard_errors_are_honest() -> None:
    poses = views(CHESS, WIDE, 14)
    pulls = []
    for seed in range(40):
        lens = calibrate_lens(CHESS, corners(WIDE, poses, 0.1, seed), WIDE.resolution)
        off = [lens.calibration.focal - WIDE.focal_pixels, *np.subtract(lens.calibration.centre, WIDE.centre)]
        off += list(np.subtract(lens.calibration.terms, WIDE.terms))
        pulls.append(np.array(off) / [lens.focal_sigma, *lens.centre_sigma, *lens.terms_sigma])
        assert lens.rms == pytest.approx(0.1 * np.sqrt(2), rel=0.1)
    spread = np.sqrt(np.mean(np.square(pulls), axis=0))
    assert (spread > 0.7).all()
    assert (spread < 1.35).all()


def test_a_bad_view_is_rejected_and_has_no_say() -> None:
    poses = views(CHESS, WIDE, 14)
    found = corners(WIDE, poses, 0.05)
    clean = calibrate_lens(CHESS, found[1:-1], WIDE.resolution)
    found[0] = Corners(found[0].ids, found[0].pixels + np.linspace(0, 6, 2 * CHESS.corners).reshape(-1, 2) ** 1.3)
    found[-1] = Corners(found[-1].ids[::-1], found[-1].pixels)  # turned round for one half: recognised wrongly
    found[-1] = Corners(found[0].ids, np.roll(found[-1].pixels, 3, axis=0))
    lens = calibrate_lens(CHESS, found, WIDE.resolution)
    assert list(np.flatnonzero(~lens.used)) == [0, 13]
    assert lens.calibration.focal == pytest.approx(clean.calibration.focal, rel=1e-9)
    assert (lens.residuals[[0, 13]] > 1.0).all()


def test_a_narrow_lens_is_found_with_fewer_terms_and_says_so() -> None:
    lens = calibrate_lens(CHESS, corners(NARROW, views(CHESS, NARROW, 16), 0.05), NARROW.resolution)
    close(lens, NARROW, 1e-3)
    assert "p1 and p2" in lens.advice[0]
    assert lens.calibration.p1 == lens.calibration.p2 == 0.0


@pytest.mark.parametrize(
    ("poses", "why"),
    [
        (views(CHESS, WIDE, 12, tilt=0.0), "tilted by 0° at most.*tilt the board by 20°"),
        (views(CHESS, WIDE, 12, tilt=0.08), "tilted by .° at most"),
        (np.repeat(views(CHESS, WIDE, 2), 6, axis=0), "in 2 places only; move it to each corner"),
        (views(CHESS, WIDE, 4), "4 views of the board are too few"),
    ],
)
def test_views_that_are_too_alike_are_refused_with_what_to_add(poses: Array, why: str) -> None:
    with pytest.raises(VisionError, match=why):
        calibrate_lens(CHESS, corners(WIDE, poses, 0.05), WIDE.resolution)


def test_views_of_anything_are_no_lens() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    chaos = [Corners(np.arange(CHESS.corners), rng.uniform(0, 900, (CHESS.corners, 2))) for _ in range(8)]
    with pytest.raises(VisionError):
        calibrate_lens(CHESS, chaos, WIDE.resolution)


def test_one_tilt_axis_and_empty_corners_are_told() -> None:
    poses = views(CHESS, WIDE, 8, tilt=0.0)
    middle = np.array([5.5, 4, 0, 1 / 12e-3]) * 12e-3
    for k, pose in enumerate(poses):
        centre = (pose @ middle)[:3] * [0.6, 0.6, 1.0] - [0.03, 0.0, 0.0]
        pose[:3, :3] = exp(np.array([0.5 * (-1) ** k, 0.0, 0.0]))
        pose[:3, 3] = centre - pose[:3, :3] @ middle[:3]
    lens = calibrate_lens(CHESS, corners(WIDE, poses, 0.03), WIDE.resolution)
    told = "; ".join(lens.advice)
    assert "about its vertical axis too" in told
    assert "upper right" in told
    assert "8 views are few" in told


@pytest.mark.parametrize("kind", ["chessboard", "charuco"])
def test_a_board_is_found_in_its_own_drawings(kind: str) -> None:
    board = Board.parse(f"{kind}:9x7:15 mm")
    drawing = board.draw(40)
    found = board.find(drawing)
    assert not isinstance(found, str)
    true = board.points()[found.ids, :2] / board.square * 40 + 40 - 0.5
    off = np.abs(found.pixels - true).max()
    assert min(off, np.abs(found.pixels[::-1] - true).max()) < 0.3
    assert len(found.ids) == board.corners
    root = ET.fromstring(board.svg())
    assert (root.get("width"), root.get("height")) == ("165mm", "135mm")
    # The drawing as squares and the drawing as pixels are the same picture.
    raster = np.full((9 * 40, 11 * 40), 255, np.uint8)
    for rect in list(root)[1:]:
        if rect.tag.endswith("rect"):
            x, y, side = (float(rect.get(key, "0")) / 15 * 40 for key in ("x", "y", "width"))
            raster[round(y) : round(y + side), round(x) : round(x + side)] = 0
    assert np.mean(raster != drawing) < 0.04


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((480, 640), np.uint8),
        np.full((480, 640), 255, np.uint8),
        np.zeros((480, 640), np.uint16),
        np.zeros((480, 640, 3), np.uint8),
        np.random.Generator(np.random.PCG64(1)).integers(0, 255, (480, 640)).astype(np.uint8),
    ],
)
@pytest.mark.parametrize("kind", ["chessboard", "charuco"])
def test_pictures_without_a_board_say_so(kind: str, picture: NDArray[np.uint8]) -> None:
    assert isinstance(Board.parse(f"{kind}:9x7:15mm").find(picture), str)


@pytest.mark.parametrize(
    "text", ["", "chess", "chessboard:3x7:12mm", "charuco:9x7", "chessboard:9x7:12kg", "x:9x7:1mm"]
)
def test_a_text_that_is_no_board_is_refused(text: str) -> None:
    with pytest.raises((VisionError, UnitError)):
        Board.parse(text)
