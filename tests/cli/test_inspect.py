"""`robocell inspect` and `robocell teach` on drawn caps, and on files that are no pictures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robocell.world.faces import draw_face
from robocell.world.specimens import Studio
from tests.cli.command import ROOT, robocell

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

RECIPE = ROOT / "cells" / "recipes" / "cap-top.yaml"
SCALE = ("--scale", "90 um")
SMALL = """recipe: small
tools:
  - locate: {disc: 60 mm}
  - gauge:  {name: rim, diameter: 60 mm ± 0.2 mm}
  - golden: {inside: 58 mm, resolution: 0.4 mm, contrast: 8}
"""


@pytest.fixture(scope="module")
def lot(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Good caps, and bad ones with a stain."""
    folder = tmp_path_factory.mktemp("lot")
    studio = Studio(draw_face("machined-cap", 60e-3), 810)
    for number, specimen in enumerate(studio.specimens(7)):
        cv2.imwrite(str(folder / f"good-{number}.png"), specimen.frame.image)
    stains = studio.specimens(2, defective=True, kinds=["stain"], area=(20e-6, 20e-6), contrast=(60, 60))
    for number, specimen in enumerate(stains):
        cv2.imwrite(str(folder / f"bad-{number}.png"), specimen.frame.image)
    return folder


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory, lot: Path) -> Path:
    """Files that cannot be judged, named after the reason."""
    folder = tmp_path_factory.mktemp("spoilt")
    image = cv2.imread(str(lot / "good-0.png"), cv2.IMREAD_GRAYSCALE)
    rows, columns = image.shape
    png, jpg = (cv2.imencode(ending, image)[1].tobytes() for ending in (".png", ".jpg"))
    (folder / "truncated.png").write_bytes(png[: len(png) // 2])
    (folder / "truncated.jpg").write_bytes(jpg[: len(jpg) // 2])
    (folder / "bmp-truncated.bmp").write_bytes(cv2.imencode(".bmp", image)[1].tobytes()[:-999])
    (folder / "empty.png").write_bytes(b"")
    (folder / "no picture.png").write_text("no picture at all")
    cv2.imwrite(str(folder / "16 bits.png"), image.astype(np.uint16) * 257)
    cv2.imwrite(str(folder / "alpha.png"), np.dstack([image] * 4))
    cv2.imwrite(str(folder / "black.png"), np.zeros_like(image))
    cv2.imwrite(str(folder / "saturated.png"), np.full_like(image, 255))
    cv2.imwrite(str(folder / "no part in view.png"), np.full_like(image, 90))
    cv2.imwrite(str(folder / "bits.tif"), image.astype(np.float32))
    cv2.imwrite(str(folder / "a disc.png"), np.full((20, 20), 90, np.uint8))
    return folder


def test_good_parts_pass_with_a_line_each_and_the_time_of_each_step(lot: Path) -> None:
    called = robocell("inspect", RECIPE, *sorted(lot.glob("good-*.png")), *SCALE)
    assert called.code == 0, called.both
    lines = called.out.splitlines()
    assert [line.split()[:2] for line in lines[:7]] == [[f"good-{k}.png", "passed"] for k in range(7)]
    assert all("locate diameter 60." in line or "locate diameter 59.9" in line for line in lines[:7])
    assert "7 pictures: 7 passed, 0 failed, 0 inconclusive" in called.out
    assert {"check", "locate", "gauge", "golden", "all"} <= {line.split()[0] for line in lines if line}


def test_a_bad_part_ends_with_one_and_its_reason_names_the_step(lot: Path) -> None:
    called = robocell("inspect", RECIPE, lot, *SCALE)
    assert called.code == 1
    bad = [line for line in called.out.splitlines() if line.startswith("bad-")]
    assert len(bad) == 2
    assert all("failed" in line and "golden: 1 flaw, the largest" in line for line in bad)
    assert "9 pictures: 7 passed, 2 failed, 0 inconclusive" in called.out
    assert "failed: golden 2" in called.out


def test_what_cannot_be_judged_is_inconclusive_with_its_reason_and_never_a_traceback(spoilt: Path) -> None:
    called = robocell("inspect", RECIPE, spoilt, *SCALE, "--json")
    assert called.code == 1
    told = json.loads(called.out)
    assert told["totals"] == {"pictures": 12, "passed": 0, "failed": 0, "inconclusive": 12}
    for entry in told["pictures"]:
        word = Path(entry["picture"]).stem.split("-")[-1]
        assert word in " ".join(entry["reasons"]), entry


def test_json_has_every_measurement_with_its_unit_and_error(lot: Path) -> None:
    called = robocell("inspect", RECIPE, lot / "good-1.png", lot / "bad-0.png", *SCALE, "--json")
    good, bad = json.loads(called.out)["pictures"]
    diameter = good["measurements"]["gauge.diameter"]
    assert diameter["unit"] == "m"
    assert diameter["value"] == pytest.approx(0.06, abs=1e-4)
    assert 0 < diameter["sigma"] < 5e-6
    assert bad["status"] == "failed"
    (flaw,) = bad["defects"]
    assert flaw["area"] == pytest.approx(20e-6, rel=0.2)
    assert flaw["unit"] == "m2"
    assert "2 of 2 pictures" in called.err


def test_marked_pictures_come_with_a_page_that_opens_offline(lot: Path, spoilt: Path, tmp_path: Path) -> None:
    out = tmp_path / "deep" / "out"
    odd = tmp_path / "<b>& 'odd'.png"
    odd.write_bytes((lot / "bad-0.png").read_bytes())
    same = tmp_path / "good-0.png"
    same.write_bytes((lot / "good-0.png").read_bytes())
    called = robocell("inspect", RECIPE, lot / "good-0.png", same, odd, spoilt / "empty.png", *SCALE, "--out", out)
    assert called.code == 1
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "&lt;b&gt;&amp; &#x27;odd&#x27;.png" in page
    assert "<b>&" not in page
    assert "http" not in page
    assert sorted(path.name for path in out.glob("*.jpg")) == ["<b>& 'odd'.jpg", "good-0-2.jpg", "good-0.jpg"]
    assert cv2.imread(str(out / "good-0.jpg")).shape == (960, 1280, 3)
    assert f"Marked pictures: {out / 'index.html'}" in called.out


def test_the_truth_gives_the_confusion(lot: Path, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    names = [f"good-{k}.png, good" for k in range(7)]
    truth.write_text("\n".join(["# who says so", *names, "bad-0 bad", "bad-1.png\tNG", ""]))
    called = robocell("inspect", RECIPE, lot, *SCALE, "--truth", truth)
    assert "7 good (7 passed, 0 failed, 0 inconclusive); 2 bad (0 passed, 2 failed, 0 inconclusive)" in called.out
    truth.write_text("good-0.png perhaps\n")
    wrong = robocell("inspect", RECIPE, lot, *SCALE, "--truth", truth)
    assert wrong.code == 2
    assert "truth.csv:1: neither good nor bad" in wrong.err


def test_a_recipe_with_lengths_says_what_it_needs(lot: Path) -> None:
    called = robocell("inspect", "cap-top", lot)
    assert called.code == 2
    assert "uses lengths, such as 60 mm" in called.err
    assert "--scale '50 um'" in called.err
    for scale, words in (("50", "unit missing"), ("50 kg", "mass"), ("0 um", "0 um cannot be")):
        called = robocell("inspect", "cap-top", lot, "--scale", scale)
        assert called.code == 2
        assert words in called.err


def test_a_calibrated_camera_gives_lengths_by_its_distance(lot: Path) -> None:
    file = ROOT / "tests" / "problems" / "calibration" / "misfit.yaml"
    text = file.read_text(encoding="utf-8")
    fits = (
        text.replace("[640, 480]", "[1280, 960]")
        .replace("3333.1", "6666.67")
        .replace("[320.4, 238.9]", "[639.5, 479.5]")
    )
    path = lot.parent / "line.yaml"
    path.write_text(fits.replace("[-0.1, 0.0, 0.0, 0.0]", "[0.0, 0.0, 0.0, 0.0]").replace("arn", "arm"))
    given = ("--calibration", path, "--camera", "camera")
    called = robocell("inspect", RECIPE, lot / "good-0.png", *given, "--distance", "600 mm")
    assert called.code == 0, called.both
    assert "locate diameter 60.0" in called.out or "locate diameter 59.9" in called.out
    nearer = robocell("inspect", RECIPE, lot / "good-0.png", *given, "--distance", "500 mm")
    assert nearer.code == 1
    for more, words in (
        ((), "a lens alone says nothing of lengths"),
        (("--scale", "90 um"), "say the same"),
        (("--distance", "600"), "unit missing"),
    ):
        refused = robocell("inspect", RECIPE, lot, *given, *more)
        assert refused.code == 2
        assert words in refused.err
    assert (
        "line.yaml"
        in robocell("inspect", RECIPE, lot, "--calibration", path, "--camera", "none", "--distance", "1 m").err
    )
    assert "belong to --calibration" in robocell("inspect", RECIPE, lot, "--distance", "1 m").err


@pytest.mark.parametrize("what", ["none.png", "folder", "*.none"])
def test_a_picture_that_is_not_there_is_a_slip_and_ends_with_two(what: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    called = robocell("inspect", RECIPE, tmp_path / what, *SCALE)
    assert called.code == 2
    assert what in called.err


def test_a_wrong_recipe_is_told_with_its_places(tmp_path: Path, lot: Path) -> None:
    path = tmp_path / "r.yaml"
    path.write_text("recipe: r\ntools:\n  - locate: {disk: 60 mm}\n  - sniff: {}\n")
    for command in ("inspect", "teach"):
        called = robocell(command, path, lot, *SCALE)
        assert called.code == 2
        assert f"{path}:3:14: error[RC201]: unknown key 'disk'" in called.err
        assert f"{path}:4:5: error[RC801]: unknown tool 'sniff'" in called.err
    unknown = robocell("inspect", "cap-tip", lot, *SCALE)
    assert unknown.code == 2
    assert "did you mean 'cap-top'?" in unknown.err


def test_an_interrupted_run_tells_what_was_judged_so_far(lot: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from robocell.vision import runner

    real = runner.inspect
    seen: list[int] = []

    def interrupted(*arguments: Any, **more: Any) -> Any:
        if len(seen) == 2:
            raise KeyboardInterrupt
        seen.append(1)
        return real(*arguments, **more)

    monkeypatch.setattr(runner, "inspect", interrupted)
    called = robocell("inspect", RECIPE, lot, *SCALE)
    assert called.code == 130
    assert "2 pictures:" in called.out


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL)
    return path


def test_copy_teach_inspect(small: Path, lot: Path, spoilt: Path) -> None:
    untaught = robocell("inspect", small, lot, *SCALE)
    assert untaught.code == 2
    assert "teach the recipe first (robocell teach small.yaml with pictures of good parts)" in untaught.err

    taught = robocell("teach", small, lot / "good-*.png", spoilt / "black.png", spoilt / "truncated.jpg", *SCALE)
    assert taught.code == 0, taught.both
    assert "truncated.jpg teaches nothing: the file is truncated" in taught.out
    assert "black.png teaches nothing: the picture is black" in taught.out
    assert "small: 7 of 9 pictures taught locate and golden" in taught.out
    assert "golden wants" in taught.out
    assert f"Model: {small.with_suffix('.npz')}, content " in taught.out

    judged = robocell("inspect", small, lot, *SCALE)
    assert judged.code == 1
    assert "9 pictures: 7 passed, 2 failed, 0 inconclusive" in judged.out

    small.write_text(SMALL.replace("± 0.2 mm", "± 0.3 mm"))
    assert robocell("inspect", small, lot / "good-0.png", *SCALE).code == 0
    small.write_text(SMALL.replace("contrast: 8", "contrast: 9"))
    stale = robocell("inspect", small, lot, *SCALE)
    assert stale.code == 2
    assert "does not belong to this recipe" in stale.err
    assert "teach it again" in stale.err


def test_check_judges_each_good_picture_by_what_the_others_teach(small: Path, lot: Path) -> None:
    good = robocell("teach", small, lot / "good-*.png", *SCALE, "--check")
    assert "Check: 7 of 7 good pictures would pass" in good.out
    assert good.code == 0
    mixed = robocell("teach", small, lot / "good-*.png", lot / "bad-0.png", *SCALE, "--check")
    assert mixed.code == 1
    assert "bad-0.png: failed: golden:" in mixed.out


def test_too_few_pictures_store_nothing(small: Path, lot: Path) -> None:
    called = robocell("teach", small, lot / "good-0.png", lot / "good-1.png", *SCALE)
    assert called.code == 2
    assert "2 good pictures of 2 can teach, and at least 5 are needed" in called.err
    assert not small.with_suffix(".npz").exists()


def test_a_recipe_that_learns_nothing_needs_no_teaching(small: Path, lot: Path) -> None:
    small.write_text("recipe: r\ntools:\n  - locate: {disc: 60 mm, yaw: false}\n")
    called = robocell("teach", small, lot, *SCALE)
    assert called.code == 2
    assert "has no step that learns" in called.err
