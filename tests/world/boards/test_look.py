from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.errors import SetupError
from robocell.world.boards.artwork import SIZE
from robocell.world.boards.flaws import KINDS
from robocell.world.boards.label import draw_label
from robocell.world.boards.look import FINE, BoardLook, artwork_of
from robocell.world.boards.pictures import PictureFolder
from robocell.world.protocol import Part
from robocell.world.spec import DefectSpec

SPEC = DefectSpec(0.5, KINDS, (0.4e-6, 3e-6), (12, 80), (1, 4))

pytestmark = pytest.mark.vision


def scanned(look: BoardLook, part: Part) -> np.ndarray:
    """Return what stands in the middle of a face, in the artwork's pixels."""
    pixels = look.face(part).pixels
    top, left = ((whole - FINE * SIZE) // 2 for whole in pixels.shape)
    return pixels[top : top + FINE * SIZE : FINE, left : left + FINE * SIZE : FINE]


def test_a_label_reads_as_what_it_says() -> None:
    zxing = pytest.importorskip("zxingcpp")
    label = draw_label("B2.00017", 6)
    (code,) = zxing.read_barcodes(label, zxing.BarcodeFormat.DataMatrix)
    assert code.text == "B2.00017"


def test_a_board_shows_its_design_its_defects_and_its_label() -> None:
    zxing = pytest.importorskip("zxingcpp")
    look, chance = BoardLook((78e-3, 78e-3)), Clock(3).stream("defects")
    some = 0
    for number in range(1, 9):
        design, defects = look.supply(chance, SPEC)
        part = Part(number, "board", defects, design=design)
        change = scanned(look, part).astype(int) - artwork_of(design).pixels
        assert (np.abs(change).max() > 64) == bool(defects)
        assert len(defects) <= 4
        some += bool(defects)
        (code,) = zxing.read_barcodes(look.face(part).pixels, zxing.BarcodeFormat.DataMatrix)
        assert code.text == f"{design}.{number:05d}"
    assert 1 <= some <= 7


def test_boards_from_a_folder_are_all_shown_once_before_one_comes_again(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    pytest.importorskip("zxingcpp")
    for name in ("a", "b", "c"):
        for end in ("test", "temp"):
            cv2.imwrite(str(tmp_path / f"{name}_{end}.png"), np.full((SIZE, SIZE), 40 + ord(name), np.uint8))
    (tmp_path / "a.txt").write_text("10 20 30 50 3\n")
    look, chance = BoardLook((78e-3, 78e-3), PictureFolder(tmp_path)), Clock(1).stream("defects")
    boards = [look.supply(chance, SPEC) for _ in range(6)]
    assert sorted(design for design, _ in boards[:3]) == ["a", "b", "c"]
    assert sorted(design for design, _ in boards[3:]) == ["a", "b", "c"]
    for number, (design, defects) in enumerate(boards, start=1):
        assert np.all(scanned(look, Part(number, "board", defects, design=design)) == 40 + ord(design))
        assert [(d.kind, d.box) for d in defects] == ([("mousebite", (10, 20, 30, 50))] if design == "a" else [])


def test_a_share_of_boards_from_a_folder_shows_the_defect_free_twin(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    zxing = pytest.importorskip("zxingcpp")
    for name in ("a", "b"):
        cv2.imwrite(str(tmp_path / f"{name}_test.png"), np.full((SIZE, SIZE), 40, np.uint8))
        cv2.imwrite(str(tmp_path / f"{name}_temp.png"), np.full((SIZE, SIZE), 200, np.uint8))
        (tmp_path / f"{name}.txt").write_text("10 20 30 50 3\n")
    look, chance = BoardLook((78e-3, 78e-3), PictureFolder(tmp_path, good=0.5)), Clock(1).stream("defects")
    good = 0
    for number in range(1, 21):
        design, defects = look.supply(chance, None)
        part = Part(number, "board", defects, design=design)
        assert np.all(scanned(look, part) == (40 if defects else 200))
        (code,) = zxing.read_barcodes(look.face(part).pixels, zxing.BarcodeFormat.DataMatrix)
        assert code.text == f"{design[0]}.{number:05d}"
        good += not defects
    assert 3 <= good <= 17


def test_folders_that_cannot_serve_are_refused_with_the_file(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="no pictures"):
        PictureFolder(tmp_path)
    (tmp_path / "a_test.jpg").write_bytes(b"")
    with pytest.raises(SetupError, match="a_temp.jpg"):
        PictureFolder(tmp_path)
    (tmp_path / "a_temp.jpg").write_bytes(b"")
    (tmp_path / "a.txt").write_text("10 20 30 50 1\n1 2 3 4 9\n")
    folder = PictureFolder(tmp_path)
    with pytest.raises(SetupError, match=r"a\.txt:2"):
        folder.defects("a", Clock(1).stream("defects"), None, 1e-4)
    with pytest.raises(SetupError, match="is no picture"):
        folder.scan("a", ())


def test_a_board_too_small_for_its_artwork_is_refused() -> None:
    with pytest.raises(SetupError, match="no room for its artwork"):
        BoardLook((78e-3, 20e-3))
