"""The step `pair`: which template, which defects count, and where they are in the picture."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.model.recipe import Recipe
from robocell.model.recipe_tools import Pair
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.steps.pair import template_of
from robocell.vision.verdict import Verdict
from robocell.vision.view import UnjudgeableError
from robocell.world.plate import draw_tracks
from tests.data import folder

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision


def recipe(beside: Path | None = None, *before: dict[str, Any], **keys: Any) -> PreparedRecipe:
    return PreparedRecipe(Recipe.model_validate({"recipe": "r", "tools": [*before, {"pair": keys}]}), {}, beside)


def judged(image: np.ndarray, template: np.ndarray, *before: dict[str, Any], **keys: Any) -> Verdict:
    return inspect(recipe(None, *before, **keys), image, template=template)


def test_a_board_like_its_template_passes_and_a_broken_one_fails_with_its_kinds() -> None:
    good = judged(draw_tracks(), draw_tracks())
    assert good.passed, good.reasons
    assert good.measurements["pair.defects"] == 0
    broken = judged(draw_tracks(broken=True), draw_tracks())
    assert broken.status == "failed"
    assert broken.reasons == ("pair: 1 defect: 1 open",)
    (flaw,) = broken.defects
    assert flaw.kind == "open"
    assert flaw.box[0] < 175 < flaw.box[2]
    assert flaw.box[1] < 42 < flaw.box[3]


def test_only_the_rejected_kinds_and_sizes_fail_a_part_and_all_are_told() -> None:
    tolerated = judged(draw_tracks(broken=True), draw_tracks(), reject=["short", "copper"])
    assert tolerated.passed
    assert tolerated.measurements["pair.open"] == 1
    assert judged(draw_tracks(broken=True), draw_tracks(), area="90000 px").passed


def test_what_the_template_shows_may_be_a_turned_part_of_the_picture() -> None:
    turn, middle = math.radians(6), np.array([250.0, 160.0])
    c, s = math.cos(turn), math.sin(turn)
    linear = np.array([[c, s], [-s, c]]) * 0.8  # each pixel of the picture spans 0.8 of the template's
    place = np.column_stack([linear, np.array([119.5, 49.5]) - linear @ middle])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    image = cv2.warpAffine(
        draw_tracks(True), place, (500, 320), flags=flags, borderMode=cv2.BORDER_CONSTANT, borderValue=176
    )
    region = {"at": ["250 px", "160 px"], "size": ["300 px", "125 px"], "angle": turn}
    verdict = judged(image, draw_tracks(), region=region)
    assert verdict.reasons == ("pair: 1 defect: 1 open",)
    truth = middle + np.array([[c, -s], [s, c]]) @ (np.array([174.5 - 119.5, 42 - 49.5]) / 0.8)
    x1, y1, x2, y2 = verdict.defects[0].box
    assert x1 < truth[0] < x2
    assert y1 < truth[1] < y2
    assert max(x2 - x1, y2 - y1) < 80


def test_a_template_of_another_size_is_inconclusive() -> None:
    verdict = judged(draw_tracks()[:, :-9], draw_tracks())
    assert verdict.status == "inconclusive"
    assert verdict.reasons[0].startswith("pair: ")


def test_without_a_template_nothing_is_judged(tmp_path: Path) -> None:
    verdict = inspect(recipe(), draw_tracks())
    assert verdict.status == "inconclusive"
    assert "template is not known" in verdict.reasons[0]
    absent = inspect(recipe(tmp_path, template="none.png"), draw_tracks())
    assert "no template none.png" in absent.reasons[0]
    (tmp_path / "none.png").write_bytes(b"")
    assert (
        "none.png cannot be used: the file is empty"
        in inspect(recipe(tmp_path, template="none.png"), draw_tracks()).reasons[0]
    )


@pytest.mark.parametrize(
    ("keys", "source", "name"),
    [
        ({"template": "a.png"}, "x.png", "a.png"),
        ({"template": "{id}.png"}, "board-7.jpg", "board-7.png"),
        ({"template": "{id}_temp.jpg", "picture": "{id}_test.jpg"}, "some/where/0412_test.jpg", "0412_temp.jpg"),
        ({"template": "{id}_temp.jpg", "picture": "{id}_test"}, "0412_test.png", "0412_temp.jpg"),
        ({"template": "{id}.png", "folder": "t"}, "b.png", "t/b.png"),
    ],
)
def test_a_template_is_found_by_the_picture_s_name(
    keys: dict[str, Any], source: str, name: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    assert template_of(Pair.model_validate(keys), tmp_path, source) == path


@pytest.mark.parametrize("found", ["../secret", "a/b", "", "..", ".hidden", "x" * 200, "a\\b", "a\0b"])
def test_what_a_code_says_never_leads_out_of_the_folder(found: str, tmp_path: Path) -> None:
    with pytest.raises(UnjudgeableError, match="cannot be the name of a template"):
        template_of(Pair.model_validate({"template": "{id}.png"}), tmp_path, "x.png", found)


def test_a_name_of_another_form_is_told(tmp_path: Path) -> None:
    tool = Pair.model_validate({"template": "{id}_temp.jpg", "picture": "{id}_test.jpg"})
    with pytest.raises(UnjudgeableError, match=r"not of the form \{id\}_test.jpg"):
        template_of(tool, tmp_path, "0412.jpg")


def test_a_template_that_is_no_picture_is_refused() -> None:
    with pytest.raises(VisionError, match="template"):
        judged(draw_tracks(), np.zeros((0, 0), np.uint8))


def test_real_boards_fail_and_their_templates_pass() -> None:
    boards = folder("deeppcb")
    ids = sorted(path.name.removesuffix("_test.jpg") for path in boards.glob("*_test.jpg"))[::60]
    for board in ids:
        template, test = (cv2.imread(str(boards / f"{board}_{k}.jpg"), cv2.IMREAD_GRAYSCALE) for k in ("temp", "test"))
        assert judged(test, template).status == "failed"
        assert judged(template, template).passed
