"""The step `code` on drawn codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest

from robocell.model.recipe import Recipe
from robocell.model.recipe_tools import Symbology
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.tools.codes import KINDS
from robocell.vision.verdict import Verdict
from robocell.world.plate import draw_tracks

cv2 = pytest.importorskip("cv2")
zxingcpp = pytest.importorskip("zxingcpp")
pytestmark = pytest.mark.vision


def sheet(*texts: str, rows: int = 300, columns: int = 500) -> np.ndarray:
    """Data Matrix codes beside each other on a light ground."""
    image = np.full((rows, columns), 220, np.uint8)
    for number, text in enumerate(texts):
        code = np.array(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.DataMatrix).to_image(scale=5))
        top, left = 40, 30 + 160 * number
        image[top : top + code.shape[0], left : left + code.shape[1]] = np.clip(code, 20, 220)
    return image


def judged(image: np.ndarray, folder: Path | None = None, *more: dict[str, Any], **keys: Any) -> Verdict:
    tools = [{"code": {"kinds": ["datamatrix"], **keys}}, *more]
    return inspect(PreparedRecipe(Recipe.model_validate({"recipe": "r", "tools": tools}), {}, folder), image)


def test_the_language_names_the_kinds_that_can_be_read() -> None:
    assert set(get_args(Symbology)) == set(KINDS)


def test_a_text_is_told_under_its_name() -> None:
    verdict = judged(sheet("LOT-000123"), text="LOT-[0-9]{6}")
    assert verdict.passed, verdict.reasons
    assert verdict.texts == {"code": "LOT-000123"}
    assert judged(sheet("A"), None, **{"as": "lot"}).texts == {"lot": "A"}


def test_a_text_that_does_not_match_as_a_whole_fails() -> None:
    verdict = judged(sheet("BOX-000123-x"), text="BOX-[0-9]{6}")
    assert verdict.status == "failed"
    assert verdict.reasons == ("code: text 'BOX-000123-x' does not match BOX-[0-9]{6}",)


def test_a_code_that_cannot_be_read_is_inconclusive() -> None:
    verdict = judged(sheet())
    assert verdict.status == "inconclusive"
    assert verdict.reasons == ("code: no datamatrix could be read",)


def test_more_codes_than_wanted_are_inconclusive_unless_they_are_wanted() -> None:
    two = sheet("A1", "B2")
    assert judged(two).reasons == ("code: 2 codes instead of 1",)
    verdict = judged(two, count=2, text="[AB][12]")
    assert verdict.passed
    assert verdict.texts == {"code": "A1", "code.2": "B2"}


def test_a_region_chooses_the_code_and_its_corners_are_the_picture_s() -> None:
    image = sheet("A1", "B2")
    verdict = judged(image, region={"box": ["180 px", "20 px", "150 px", "150 px"]})
    assert verdict.texts == {"code": "B2"}
    corners = np.array(next(mark for mark in verdict.marks if mark.label == "B2").points)
    assert corners[:, 0].min() >= 180
    assert corners[:, 1].min() >= 30
    outside = judged(image, region={"box": ["900 px", "20 px", "50 px", "50 px"]})
    assert outside.status == "inconclusive"


@pytest.mark.parametrize("text", ["a\x00b\x1b[31m", "x" * 90])
def test_what_a_code_says_cannot_harm_a_terminal(text: str) -> None:
    verdict = judged(sheet(text), text="none")
    assert verdict.status == "failed"
    assert verdict.reasons[0].isprintable()
    assert len(verdict.reasons[0]) < 90


def test_a_template_is_found_by_what_the_code_says(tmp_path: Path) -> None:
    tracks = draw_tracks()
    for name in ("B2", "other"):
        cv2.imwrite(str(tmp_path / f"{name}.png"), tracks if name == "B2" else np.full_like(tracks, 176))
    board = sheet("B2.00017")
    board[180 : 180 + tracks.shape[0], 40 : 40 + tracks.shape[1]] = tracks
    region = {"box": ["40 px", "180 px", "240 px", "100 px"]}
    pair = {"pair": {"code": "code", "template": "{id}.png", "region": region}}
    keys = {"text": "(?P<id>[A-Z0-9]+)[.][0-9]+"}
    assert judged(board, tmp_path, pair, **keys).passed
    board[180 : 180 + tracks.shape[0], 40 : 40 + tracks.shape[1]] = draw_tracks(broken=True)
    assert judged(board, tmp_path, pair, **keys).reasons == ("pair: 1 defect: 1 open",)
    unread = judged(np.where(board > 255, board, 220).astype(np.uint8), tmp_path, pair, **keys)
    assert unread.reasons == ("code: no datamatrix could be read",)
    evil = sheet("../B2.1")
    assert judged(evil, tmp_path, pair).reasons == ("pair: '../B2.1' cannot be the name of a template",)
