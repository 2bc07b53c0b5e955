"""`robocell calibrate`: from boards and poses to a file that a cell uses."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy.typing import NDArray

from robocell.assembly import RunOptions, simulate
from robocell.config.calibration import load_calibrations, save_calibrations
from robocell.config.prepare import prepare
from robocell.errors import SetupError
from robocell.journal import Event
from robocell.model.frames import matrix_of
from robocell.vision.calibration.board import Board
from robocell.vision.calibration.rotations import exp, inverse, pose, to_quaternions
from robocell.world.imaging import Camera
from tests.cli.command import robocell
from tests.control.playing import CELLS, edited, play
from tests.data import folder as data
from tests.vision.printed_boards import photographs, views

pytestmark = pytest.mark.vision
cv2 = pytest.importorskip("cv2")

Array = NDArray[np.float64]
BOARD = "charuco:11x8:12mm"
LENS = Camera(focal_length=8e-3, distortion=-0.12, k2=0.05, axis=(651.2, 472.9))


@pytest.fixture(autouse=True)
def here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    board = Board.parse(BOARD)
    for k, picture in enumerate(photographs(board, LENS, views(board, LENS, 10))):
        assert cv2.imwrite(str(folder / f"view{k:02}.png"), picture)
    (folder / "view90.png").write_bytes((folder / "view00.png").read_bytes()[:9000])
    assert cv2.imwrite(str(folder / "view91.png"), np.full((960, 1280), 90, np.uint8))
    return folder


def rows(poses: Array) -> Array:
    return np.column_stack([poses[:, :3, 3], to_quaternions(poses[:, :3, :3])])


def pairs(seed: int = 1, count: int = 20) -> tuple[Array, Array, Array]:
    """(the standing camera in the arm's base, hand, the board in the camera)."""
    rng = np.random.Generator(np.random.PCG64(seed))
    camera = matrix_of((0.02, -0.45, 0.71), (math.pi - 0.01, 0.02, 0.3))
    on_hand = pose(exp(rng.normal(0, 0.4, 3)), rng.normal(0, 0.03, 3))
    hand = pose(exp(rng.normal(0, 0.5, (count, 3))), rng.normal(0, 0.2, (count, 3)))
    noise = pose(exp(rng.normal(0, 2e-4, (count, 3))), rng.normal(0, 1e-4, (count, 3)))
    return camera, hand, inverse(camera[None]) @ hand @ on_hand @ noise


@pytest.mark.parametrize("name", ["board.svg", "board.png"])
def test_a_board_is_drawn_and_says_what_to_do_with_it(here: Path, name: str) -> None:
    called = robocell("calibrate", "board", "--size", "9x7", "--square", "15mm", "--kind", "chessboard", "--out", name)
    assert called.code == 0
    assert "calibrate camera chessboard:9x7:15mm" in called.out
    assert (here / name).stat().st_size > 500
    if name.endswith("png"):
        assert not isinstance(Board.parse("chessboard:9x7:15mm").find(cv2.imread(name, 0)), str)


def test_a_lens_is_found_told_marked_and_stored(here: Path, pictures: Path) -> None:
    out = here / "cells" / "calibration" / "top.yaml"
    called = robocell("calibrate", "camera", BOARD, pictures, "--out", out, "--marked", here / "marked")
    assert called.code == 0
    assert "focal length" in called.out
    assert "view90.png" in called.out
    assert "truncated" in called.out
    assert "0 corners" in called.out
    lens = load_calibrations(out).cameras["camera"].lens
    assert lens is not None
    assert lens.focal == pytest.approx(LENS.focal_pixels, rel=1e-3)
    assert (lens.views, lens.rejected, lens.resolution) == (10, 0, (1280, 960))
    assert lens.source == f"board {BOARD}"
    assert len(list((here / "marked").iterdir())) == 11
    as_json = json.loads(robocell("calibrate", "camera", BOARD, pictures, "--json").out)
    assert as_json["focal"] == pytest.approx(lens.focal, abs=1e-3)
    assert len(as_json["views"]) == 10
    assert set(as_json["unusable"]) == {"view90.png", "view91.png"}


def test_a_place_is_stored_beside_the_lens(here: Path, pictures: Path) -> None:
    camera, hand, seen = pairs()
    np.savetxt("pairs.csv", np.hstack([rows(hand), rows(seen)]), delimiter=",", header="x,y,z,qx,qy,qz,qw")
    for arguments in (["camera", BOARD, pictures], ["hand-eye", "pairs.csv", "--mount", "cell"]):
        assert robocell("calibrate", *arguments, "--out", "top.yaml").code == 0
    found = load_calibrations(Path("top.yaml")).cameras["camera"]
    assert found.lens is not None
    assert found.placement is not None
    place = found.placement
    assert (place.mount, place.pose.frame) == ("cell", "arm")
    assert np.abs(matrix_of(place.pose.xyz, place.pose.rpy) - camera).max() < 1e-3
    assert place.pairs + place.rejected == 20
    assert 0 < place.translation_rms < 1e-3
    again = Path("again.yaml")
    save_calibrations(again, load_calibrations(Path("top.yaml")))
    assert again.read_text() == Path("top.yaml").read_text()


@pytest.mark.parametrize("mount", ["hand", "cell"])
@pytest.mark.parametrize("told", ["auto", "given"])
def test_what_the_camera_saw_may_be_told_either_way(mount: str, told: str) -> None:
    camera, hand, seen = pairs(2)
    if mount == "hand":  # the same numbers with the roles of base and hand exchanged
        hand = inverse(hand)
    results = []
    for word, table in (("board", seen), ("camera", inverse(seen))):
        np.savetxt("p.csv", np.hstack([rows(hand), rows(table)]), delimiter=";")
        how = ["--seen", word] if told == "given" else []
        called = robocell("calibrate", "hand-eye", "p.csv", "--mount", mount, "--json", *how)
        assert called.code == 0, called.both
        results.append(json.loads(called.out))
        assert results[-1]["seen"] == word
    assert np.array(results[0]["matrix"]) == pytest.approx(np.array(results[1]["matrix"]), abs=1e-6)
    assert np.array(results[0]["matrix"]) == pytest.approx(camera, abs=1e-3)


def test_recorded_streams_are_solved_from_their_files() -> None:
    import zipfile

    with zipfile.ZipFile(data("handeye") / "robot_arm_w_color_camera_sim.zip") as archive:
        archive.extractall()
    found = [str(path) for kind in ("hand", "camera") for path in Path().rglob(f"*_{kind}.csv")]
    called = robocell("calibrate", "hand-eye", *found, "--json")
    assert called.code == 0, called.both
    told = json.loads(called.out)
    assert told["seen"] == "camera"
    assert abs(told["offset"]) < 5e-3
    assert told["translation_rms"] < 4e-3
    assert told["rotation_rms"] < math.radians(0.25)


BAD: dict[str, tuple[list[str], str]] = {
    "no board": (["camera", "chess:9x7", "a.png"], "is no board"),
    "no picture": (["camera", BOARD, "absent.png"], "absent.png cannot be read"),
    "an empty folder": (["camera", BOARD, "."], "no pictures in"),
    "no poses": (["hand-eye", "absent.csv"], "cannot be read"),
    "words for numbers": (["hand-eye", "words.csv"], "words.csv:2: this is no row of numbers"),
    "nan": (["hand-eye", "nan.csv"], "nan.csv:1: a number is not finite"),
    "ragged": (["hand-eye", "ragged.csv"], "ragged.csv:2: 3 columns, the rows before have 2"),
    "columns": (["hand-eye", "ragged1.csv"], "pairs have 14"),
    "quaternions": (["hand-eye", "long.csv"], "quaternion of length"),
    "three files": (["hand-eye", "a", "b", "c"], "3 files of poses"),
    "an arm's name": (["hand-eye", "good.csv", "--arm", "my arm"], "no possible name"),
    "a board's file": (["board", "--out", "board.gif"], "neither .svg nor .png"),
    "a board's size": (["board", "--size", "2x2", "--out", "b.svg"], "4 to 40 squares"),
    "a broken calibration": (["hand-eye", "good.csv", "--out", "broken.yaml"], "broken.yaml:1:"),
    "a folder to write into": (["hand-eye", "good.csv", "--out", "words.csv/x.yaml"], "cannot be written"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_refused_in_words(case: str) -> None:
    _, hand, seen = pairs()
    table = np.hstack([rows(hand), rows(seen)])
    np.savetxt("good.csv", table, delimiter=",")
    np.savetxt("long.csv", table * 2, delimiter=",")
    Path("words.csv").write_text("1,2\n1,x\n")
    Path("nan.csv").write_text("nan,1\n")
    Path("ragged.csv").write_text("1,2\n1,2,3\n")
    Path("ragged1.csv").write_text("1,2\n")
    Path("broken.yaml").write_text("calibration: 2\n")
    arguments, why = BAD[case]
    called = robocell("calibrate", *arguments)
    assert called.code == 2
    assert why in called.both
    assert "Traceback" not in called.both


# --- a cell that uses it ---------------------------------------------------------------------------------------------


def measured(tmp_path: Path, focal: float, xyz: tuple[float, float, float]) -> Path:
    """The sorting cell with a calibration file: a longer lens beside its middle, bent, and a camera that stands elsewhere."""

    def edit(cell: dict[str, Any]) -> None:
        cell["calibration"] = "calibration/top.yaml"

    path = edited(tmp_path, "cap-sorting", edit)
    common = {"source": "a test", "made": "2026-03-02"}
    lens = {
        "resolution": [1280, 960], "focal": focal, "centre": [652.0, 470.5], "distortion": [-0.9, 0.0, 2e-4, -1e-4],
        "focal_sigma": 1.0, "centre_sigma": [1.0, 1.0], "rms": 0.1, "views": 12, "rejected": 0,
    }  # fmt: skip
    placement = {
        "mount": "cell", "pose": {"in": "arm", "xyz": list(xyz), "rpy": [179.6, 0.3, 1.5]},
        "translation_sigma": 0.1, "rotation_sigma": 0.01, "translation_rms": 0.1, "rotation_rms": 0.01, "pairs": 9,
        "rejected": 0,
    }  # fmt: skip
    told = {
        "calibration": 1, "units": {"length": "mm", "angle": "deg"},
        "cameras": {"camera": {"lens": {**common, **lens}, "placement": {**common, **placement}}},
    }  # fmt: skip
    (path.parent / "calibration").mkdir(exist_ok=True)
    (path.parent / "calibration" / "top.yaml").write_text(yaml.safe_dump(told))
    return path


def test_a_cell_sees_and_picks_through_a_calibrated_camera(tmp_path: Path) -> None:
    path = measured(tmp_path, 6810.0, (1.5, -451.0, 706.0))
    prepared = prepare(path)
    assert prepared.cell.devices["camera"].pose.xyz == pytest.approx((0.0015, -0.451, 0.706))  # type: ignore[union-attr]
    scene = {"defects": {"share": 0.4, "kinds": ["scratch"], "area": ["8 mm2", "20 mm2"], "contrast": [70, 80]}}
    played = play(prepared, 8, scene=scene, options=RunOptions(world="kinematic", inspect="image"))
    assert played.result.ended == "complete"
    assert played.result.interventions == 0
    assert played.result.parts.good > 0
    assert not [p for p in played.audit.parts if p.defects and p.place == "station good"]
    diameters = [
        e.data["measurements"]["gauge.diameter"]
        for e in played.of("verdict")
        if "gauge.diameter" in e.data["measurements"]
    ]
    assert diameters == pytest.approx([60e-3] * len(diameters), abs=60e-6)


def test_a_lens_that_the_cell_does_not_know_measures_wrongly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from robocell.simulated import camera
    from robocell.vision.frame import Calibration

    path = measured(tmp_path, 6810.0, (0.0, -450.0, 700.0))
    monkeypatch.setattr(camera, "Calibration", lambda *a: dataclasses.replace(Calibration(*a), focal=6745.0))
    outcome: list[Event] = []
    simulate(path, RunOptions(parts=2, world="kinematic", inspect="image", on_event=[outcome.append]))
    diameters = [e.data["measurements"].get("gauge.diameter", 0.0) for e in outcome if e.kind == "verdict"]
    assert max(diameters) > 60.4e-3


def test_check_looks_through_the_camera_as_it_was_measured(tmp_path: Path) -> None:
    path = measured(tmp_path, 6810.0, (60.0, -450.0, 700.0))
    called = robocell("check", path)
    assert called.code == 2
    assert "RC610" in called.both
    assert "'camera' does not see a 'cap' at 'pick_stop'" in called.both


def test_an_existing_file_of_another_kind_is_not_overwritten() -> None:
    Path("cell.yaml").write_text((CELLS / "cap-sorting.yaml").read_text())
    _, hand, seen = pairs()
    np.savetxt("good.csv", np.hstack([rows(hand), rows(seen)]), delimiter=",")
    called = robocell("calibrate", "hand-eye", "good.csv", "--out", "cell.yaml")
    assert called.code == 2
    assert Path("cell.yaml").read_text() == (CELLS / "cap-sorting.yaml").read_text()


def test_without_opencv_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "cv2", None)
    called = robocell("calibrate", "board", "--out", "b.png")
    assert called.code == 2
    assert "robocell[vision]" in called.both
    assert SetupError.__name__ not in called.both
