"""The steps `caliper` and `gauge` in frames, in lengths and in pixels."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from robocell.model.recipe import Recipe
from robocell.vision.frame import Frame
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.verdict import Verdict

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

WIDTH, HEIGHT = 180.0, 90.0  # pixels


def bar(turn: float = 0.0, seed: int = 0, noise: float = 1.0) -> np.ndarray:
    """A bright bar in the middle of a dark picture, blurred, exact to a hundredth of a pixel."""
    fold, (rows, columns) = 8, (240, 320)
    y, x = (np.mgrid[: rows * fold, : columns * fold] + 0.5) / fold - 0.5
    c, s = math.cos(turn), math.sin(turn)
    along, across = c * (x - 159.5) + s * (y - 119.5), -s * (x - 159.5) + c * (y - 119.5)
    inside = (np.abs(along) < WIDTH / 2) & (np.abs(across) < HEIGHT / 2)
    share = cv2.resize(inside.astype(np.float32), (columns, rows), interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(40 + 140 * share, (0, 0), 0.7)
    rng = np.random.Generator(np.random.PCG64(seed))
    return np.asarray(np.clip(np.rint(soft + rng.normal(0, noise, soft.shape)), 0, 255), np.uint8)


def strip(name: str, x: float, y: float, degrees: float = 0.0, **keys: Any) -> dict[str, Any]:
    """A caliper at x, y pixels from the picture's middle."""
    at = [f"{159.5 + x} px", f"{119.5 + y} px"]
    return {
        "caliper": {"name": name, "at": at, "length": "24 px", "width": "20 px", "angle": math.radians(degrees), **keys}
    }


def judged(image: np.ndarray | Frame, *tools: dict[str, Any]) -> Verdict:
    return inspect(PreparedRecipe(Recipe.model_validate({"recipe": "r", "tools": list(tools)})), image)


LEFT, RIGHT = strip("left", -90, 0, polarity="rising"), strip("right", 90, 0, polarity="falling")


def test_a_distance_is_right_within_its_stated_error() -> None:
    gauge = {"gauge": {"distance": ["left", "right"], "limits": "180 px ± 0.2 px"}}
    errors, sigmas = [], []
    for seed in range(40):
        verdict = judged(bar(seed=seed), LEFT, RIGHT, gauge)
        assert verdict.passed, verdict.reasons
        errors.append(verdict.measurements["gauge.distance"] - WIDTH)
        sigmas.append(verdict.sigmas["gauge.distance"])
    assert abs(np.mean(errors)) < 0.01
    assert np.std(errors) == pytest.approx(np.mean(sigmas), rel=0.4)


def test_a_distance_out_of_its_limits_fails_with_both_figures() -> None:
    for limits, words in (
        ("170 px ± 2 px", "180.0"),
        ("170 px ± 2 px", "is above 172 px"),
        ("190 px ± 2 px", "is below 188 px"),
    ):
        verdict = judged(bar(), LEFT, RIGHT, {"gauge": {"distance": ["left", "right"], "limits": limits}})
        assert verdict.status == "failed"
        (reason,) = verdict.reasons
        assert reason.startswith("gauge: distance ")
        assert words in reason or words == "180.0"


def test_through_the_calibration_a_distance_is_a_length() -> None:
    gauge = {"gauge": {"distance": ["left", "right"], "limits": {"min": "8.99 mm", "max": "9.01 mm"}}}
    verdict = judged(Frame.of(bar(), scale=50e-6), LEFT, RIGHT, gauge)
    assert verdict.passed, verdict.reasons
    assert verdict.units["gauge.distance"] == "m"
    assert verdict.measurements["gauge.distance"] == pytest.approx(9e-3, abs=1e-6)


def test_a_pair_of_edges_has_a_width() -> None:
    pair = strip("bar", 0, 0, 90, length="140 px", pair=True)
    verdict = judged(bar(), pair, {"gauge": {"width": "bar", "limits": "90 px ± 0.1 px"}})
    assert verdict.passed, verdict.reasons
    assert verdict.measurements["bar.width"] == pytest.approx(HEIGHT, abs=0.03)
    assert 0 < verdict.sigmas["gauge.width"] < 0.02


@pytest.mark.parametrize("degrees", [0.0, 3.0, -4.0])
def test_the_corner_of_a_turned_bar_is_right(degrees: float) -> None:
    calipers = [
        strip("a", -90, -20),
        strip("b", -90, 20),
        strip("c", -40, 45, 90),
        strip("d", 40, 45, 90),
    ]
    gauge = {"gauge": {"angle": ["a", "b", "c", "d"], "limits": "90 deg ± 0.2 deg"}}
    verdict = judged(bar(math.radians(degrees)), *calipers, gauge)
    assert verdict.passed, verdict.reasons
    assert verdict.measurements["gauge.angle"] == pytest.approx(math.pi / 2, abs=1e-3)


def test_a_circle_through_edges_has_its_diameter() -> None:
    image = np.full((240, 320), 180, np.uint8)
    cv2.circle(image, (round(159.5 * 256), round(119.5 * 256)), 60 * 256, 50, -1, cv2.LINE_AA, 8)
    image = cv2.GaussianBlur(image, (0, 0), 0.8)
    calipers = [
        strip(
            name,
            60 * math.cos(math.radians(turn)),
            60 * math.sin(math.radians(turn)),
            turn,
            width="5 px",
            polarity="rising",
        )
        for name, turn in (("a", 10), ("b", 130), ("c", 250), ("d", 300))
    ]
    gauge = {"gauge": {"circle": ["a", "b", "c", "d"], "limits": "120 px ± 2 px"}}
    verdict = judged(image, *calipers, gauge)
    assert verdict.passed, verdict.reasons
    assert verdict.measurements["gauge.diameter"] == pytest.approx(120.6, abs=0.8)


@pytest.mark.parametrize(
    ("caliper", "reason"),
    [
        (strip("left", -90, 0, polarity="falling"), "left: no falling edge"),
        (strip("left", 0, 0), "left: no edge"),
        (strip("left", -155, 0), "left: the caliper reaches outside"),
        (strip("left", -90, 0, length="3 px"), "left: a caliper is 8 to"),
        (strip("left", -90, 0, pair=True), "left: no pair of edges"),
    ],
)
def test_where_there_is_no_edge_nothing_is_measured_and_the_gauge_is_not_run(
    caliper: dict[str, Any], reason: str
) -> None:
    verdict = judged(bar(), caliper, RIGHT, {"gauge": {"distance": ["left", "right"], "limits": "180 px ± 1 px"}})
    assert verdict.status == "inconclusive"
    assert len(verdict.reasons) == 1
    assert verdict.reasons[0].startswith(reason)
    assert "gauge" not in verdict.ms


def test_a_saturated_edge_is_not_measured() -> None:
    image = np.where(bar() > 100, 255, 40).astype(np.uint8)
    verdict = judged(image, LEFT)
    assert verdict.status == "inconclusive"
    assert "saturated" in verdict.reasons[0]
