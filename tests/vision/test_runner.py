"""How the verdicts of steps become one: what fails, what is in doubt, what is not run."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.model.recipe import Recipe
from robocell.vision.frame import Frame
from robocell.vision.runner import PreparedRecipe, inspect, locate
from robocell.vision.verdict import Verdict

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision


def scene(discs: tuple[tuple[int, int], ...] = ((200, 150),)) -> np.ndarray:
    """Bright discs of 120 pixels on a dark ground."""
    image = np.full((300, 400), 40, np.uint8)
    for at in discs:
        cv2.circle(image, at, 60, 180, -1, cv2.LINE_AA)
    return image


def prepared(*tools: dict[str, Any]) -> PreparedRecipe:
    return PreparedRecipe(Recipe.model_validate({"recipe": "r", "tools": list(tools)}))


def judged(image: Any, *tools: dict[str, Any], **more: Any) -> Verdict:
    return inspect(prepared(*tools), image, **more)


DISC = {"locate": {"disc": "120 px", "yaw": False}}
GOOD = {"gauge": {"name": "rim", "diameter": "120 px ± 2 px"}}
BAD = {"gauge": {"name": "rim", "diameter": "110 px ± 2 px"}}
BRIGHT = {"presence": {"region": {"disc": "60 px"}, "brightness": {"min": 150}}}
DARK = {"presence": {"name": "dark", "region": {"disc": "60 px"}, "brightness": {"max": 100}}}
OUTSIDE = {
    "presence": {"name": "outside", "region": {"at": ["300 px", "0 px"], "disc": "60 px"}, "brightness": {"min": 9}}
}


def test_every_step_judges_and_its_measurements_carry_its_name() -> None:
    verdict = judged(scene(), DISC, GOOD, BRIGHT)
    assert verdict.status == "passed"
    assert verdict.reasons == ()
    assert set(verdict.measurements) == {
        "locate.diameter",
        "rim.diameter",
        "presence.brightness",
        "presence.contrast",
        "presence.edges",
    }
    assert verdict.units["rim.diameter"] == "px"
    assert verdict.units["presence.brightness"] == "grey"
    assert 0 < verdict.sigmas["rim.diameter"] < 0.2
    assert set(verdict.ms) == {"check", "locate", "rim", "presence"}
    assert verdict.marks


def test_reasons_name_the_step_and_the_figure() -> None:
    verdict = judged(scene(), DISC, BAD, DARK)
    assert verdict.status == "failed"
    first, second = verdict.reasons
    assert first.startswith("rim: diameter 12")
    assert first.endswith("is above 112 px")
    assert second.startswith("dark: brightness 180")


def test_a_failed_part_stays_failed_whatever_another_step_cannot_say() -> None:
    verdict = judged(scene(), DISC, OUTSIDE, BAD)
    assert verdict.status == "failed"
    assert verdict.reasons[0].startswith("rim:")
    assert verdict.reasons[1].startswith("outside: the region reaches")


def test_a_step_that_cannot_judge_makes_the_verdict_inconclusive() -> None:
    verdict = judged(scene(), DISC, GOOD, OUTSIDE)
    assert verdict.status == "inconclusive"
    assert len(verdict.reasons) == 1


def test_steps_whose_locate_found_nothing_are_not_run() -> None:
    verdict = judged(
        scene(()),
        DISC,
        BAD,
        DARK,
        {
            "presence": {
                **DARK["presence"],
                "name": "ground",
                "in": "picture",
                "region": {"box": ["5 px", "5 px", "50 px", "50 px"]},
            }
        },
    )
    assert verdict.status == "inconclusive"
    assert verdict.reasons == ("locate: no part in view",)
    assert set(verdict.ms) == {"check", "locate", "ground"}


def test_a_doubt_about_the_picture_itself_beats_a_failure() -> None:
    image = scene()
    cv2.circle(image, (200, 150), 50, 255, -1)
    ground = {
        "presence": {
            "name": "ground",
            "in": "picture",
            "region": {"box": ["5 px", "5 px", "50 px", "50 px"]},
            "brightness": {"min": 99},
        }
    }
    verdict = judged(image, ground, DISC, GOOD)
    assert verdict.status == "inconclusive"
    assert verdict.reasons == ("locate: the face is saturated: check the exposure",)


def test_a_later_frame_is_used_by_default_and_an_earlier_one_by_name() -> None:
    image = scene(((200, 150),))
    cv2.circle(image, (330, 250), 20, 230, -1, cv2.LINE_AA)
    small = {"locate": {"name": "small", "disc": "40 px", "yaw": False}}
    spot = {"presence": {"name": "spot", "region": {"disc": "20 px"}, "brightness": {"min": 220}}}
    first = {"presence": {"name": "first", "in": "locate", "region": {"disc": "20 px"}, "brightness": {"max": 190}}}
    verdict = judged(image, DISC, small, spot, first)
    assert verdict.passed, verdict.reasons


def test_colour_pictures_are_judged_by_their_grey() -> None:
    image = scene()
    grey, colour = judged(image, DISC, GOOD, BRIGHT), judged(np.dstack([image] * 3), DISC, GOOD, BRIGHT)
    assert dataclasses.replace(grey, ms={}) == dataclasses.replace(colour, ms={})


def test_only_locate_runs_the_first_locate_alone() -> None:
    verdict = locate(prepared(DISC, BAD), Frame.of(scene(), scale=100e-6))
    assert verdict.passed
    assert verdict.pose is not None
    assert (verdict.pose.x, verdict.pose.y) == pytest.approx((0.0005 * 0.1, 0.0005 * 0.1), abs=2e-5)
    assert set(verdict.ms) == {"check", "locate"}
    nothing = locate(
        prepared({"presence": {"region": {"box": ["5 px", "5 px", "9 px", "9 px"]}, "brightness": {"min": 9}}}), scene()
    )
    assert nothing.status == "inconclusive"
    assert "locates nothing" in nothing.reasons[0]


def test_lengths_and_pixels_say_the_same_through_the_calibration() -> None:
    metric = ({"locate": {"disc": "12 mm", "yaw": False}}, {"gauge": {"name": "rim", "diameter": "12 mm ± 0.2 mm"}})
    frame = Frame.of(scene(), scale=100e-6)
    lengths, pixels = judged(frame, *metric), judged(frame, DISC, GOOD)
    assert lengths.passed
    assert lengths.measurements["rim.diameter"] == pytest.approx(pixels.measurements["rim.diameter"] * 100e-6, rel=1e-3)
    bare = judged(scene(), *metric)
    assert bare.status == "inconclusive"
    assert "without calibration" in bare.reasons[0]
    assert "12 mm" in bare.reasons[0]


def test_a_plain_array_is_a_frame_and_a_frame_stays_one() -> None:
    image = scene()
    frame = Frame.of(image)
    assert frame.image is image
    assert frame.camera is None
    assert Frame.of(frame) is frame
    for broken in (None, [[1, 2]], np.zeros((0, 0), np.uint8), np.full((9, 9), np.nan), np.zeros((9, 9), np.uint16)):
        verdict = judged(broken, DISC)
        assert verdict.status == "inconclusive"
        assert verdict.reasons


def test_a_template_that_is_no_picture_is_a_slip_of_the_caller() -> None:
    with pytest.raises(VisionError, match="template"):
        judged(scene(), DISC, template=np.zeros((3, 3, 3), np.uint8))
