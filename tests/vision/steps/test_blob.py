"""The step `blob` on drawn spots."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from robocell.model.recipe import Recipe
from robocell.vision.frame import Frame
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.verdict import Verdict

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

SPOTS = ((60, 60, 8), (120, 60, 8), (180, 60, 14), (120, 140, 3))  # x, y, radius


def spots(bright: bool = False) -> np.ndarray:
    image = np.full((240, 320), 60 if bright else 180, np.uint8)
    for x, y, radius in SPOTS:
        cv2.circle(image, (x, y), radius, 200 if bright else 40, -1)
    return image


def judged(image: np.ndarray | Frame, **keys: Any) -> Verdict:
    step = {"region": {"box": ["10 px", "10 px", "300 px", "200 px"]}, "below": 100, "count": 4, **keys}
    tools = [{"blob": {key: value for key, value in step.items() if value is not None}}]
    return inspect(PreparedRecipe(Recipe.model_validate({"recipe": "r", "tools": tools})), image)


def test_blobs_are_counted_and_the_largest_is_measured() -> None:
    verdict = judged(spots())
    assert verdict.passed, verdict.reasons
    image = spots()[10:210, 10:310]
    count, _, stats, _ = cv2.connectedComponentsWithStats((image < 100).astype(np.uint8))
    assert verdict.measurements["blob.count"] == count - 1 == 4
    assert verdict.measurements["blob.largest"] == stats[1:, cv2.CC_STAT_AREA].max()
    assert verdict.units["blob.largest"] == "px2"


def test_a_wrong_count_fails_with_both_numbers() -> None:
    assert judged(spots(), count=5).reasons == ("blob: count 4 instead of 5",)
    assert judged(spots(), count={"max": 2}).reasons == ("blob: count 4 instead of at most 2",)


def test_area_limits_choose_which_blobs_count() -> None:
    assert judged(spots(), area={"min": "100 px"}, count=3).passed
    assert judged(spots(), area={"min": "100 px", "max": "400 px"}, count=2).passed
    metric = Frame.of(spots(), scale=100e-6)
    verdict = judged(metric, area={"min": "1 mm2", "max": "4 mm2"}, count=2)
    assert verdict.passed, verdict.reasons
    assert verdict.units["blob.largest"] == "m2"
    assert verdict.measurements["blob.largest"] == pytest.approx(np.pi * 64 * 1e-8, rel=0.05)


def test_bright_blobs_and_bands() -> None:
    assert judged(spots(True), below=None, above=120).passed
    assert judged(spots(True), below=None, between=[190, 210]).passed
    assert judged(spots(True), below=None, between=[201, 210], count=0).passed


@pytest.mark.parametrize("bright", [False, True])
def test_in_a_disc_only_what_is_inside_counts(bright: bool) -> None:
    threshold = {"below": None, "above": 120} if bright else {"below": 100}
    region = {"at": ["90 px", "60 px"], "disc": "90 px"}  # holds two spots; its square would touch the third
    verdict = judged(spots(bright), region=region, count=2, **threshold)
    assert verdict.passed, verdict.reasons


def test_a_picture_of_nothing_but_blobs_is_not_judged() -> None:
    noise = np.random.Generator(np.random.PCG64(5)).integers(0, 256, (1200, 1600), dtype=np.uint8)
    verdict = judged(noise, region={"box": ["0 px", "0 px", "1600 px", "1200 px"]}, count={"min": 1})
    assert verdict.status == "inconclusive"
    assert "more blobs than can be counted" in verdict.reasons[0]
