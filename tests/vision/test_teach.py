from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robocell import load_recipe
from robocell.config.recipe import load
from robocell.errors import VisionError
from robocell.model.recipe import Recipe
from robocell.vision.frame import Frame
from robocell.vision.learnt import read_model, write_model
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.teach import check_taught, teach
from robocell.world.faces import Face, draw_face
from robocell.world.specimens import Studio, main

pytestmark = pytest.mark.vision

SHIPPED = Path(__file__).parent.parent.parent / "cells" / "recipes" / "cap-top.yaml"


def small(**golden: Any) -> Recipe:
    """A recipe that is quick to teach: a coarse model."""
    tool = {"inside": "58 mm", "resolution": "0.4 mm", **golden}
    steps = [{"locate": {"disc": "60 mm"}}, {"golden": tool}, {"presence": {"region": {"disc": "10 mm"}}}]
    return Recipe.model_validate({"recipe": "small", "tools": steps})


@pytest.fixture(scope="module")
def good(cap: Face) -> list[Frame]:
    return [specimen.frame for specimen in Studio(cap, 600).specimens(12)]


def test_teaching_again_gives_the_shipped_model(recipe: PreparedRecipe, tmp_path: Path) -> None:
    copy = tmp_path / SHIPPED.name
    copy.write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    assert main([str(copy)]) == 0
    again = read_model(copy.with_suffix(".npz"), load(copy))
    for step, parts in recipe.learnt.items():
        assert set(again[step]) == set(parts)
        for name, array in parts.items():
            # Another processor rounds a few sums another way: a step of the stored numbers, no more.
            difference = np.abs(again[step][name].astype(float) - array.astype(float))
            assert difference.max() <= 1, (step, name)
            assert np.mean(difference > 0) < 0.01, (step, name)


def test_pictures_that_teach_nothing_are_named_and_left_out(good: list[Frame]) -> None:
    dark = dataclasses.replace(good[3], image=np.zeros_like(good[3].image))
    empty = dataclasses.replace(good[5], image=np.full_like(good[5].image, 90))
    blank = Studio(draw_face("blank", 60e-3), 601).take().frame
    taught = teach(small(), [*good[:3], dark, good[4], empty, *good[6:], blank])
    assert taught.used == 10
    assert set(taught.refused) == {3, 5, 12}
    assert "black" in taught.refused[3]
    assert taught.refused[5] == "locate: no part in view"
    assert "another face" in taught.refused[12]


def test_too_few_pictures_teach_nothing(good: list[Frame]) -> None:
    with pytest.raises(VisionError, match="2 good pictures of 2 can teach, and at least 5"):
        teach(small(), good[:2])
    dark = dataclasses.replace(good[0], image=np.zeros_like(good[0].image))
    with pytest.raises(VisionError, match=r"0 good pictures of 9 .* picture 1: the picture is black"):
        teach(small(), [dark] * 9)


def test_a_recipe_that_learns_nothing_cannot_be_taught(good: list[Frame]) -> None:
    steps = [{"locate": {"disc": "60 mm", "yaw": False}}, {"gauge": {"diameter": "60 mm ± 1 mm"}}]
    with pytest.raises(VisionError, match="no step that learns"):
        teach(Recipe.model_validate({"recipe": "r", "tools": steps}), good)


def test_scores_are_the_same_in_teaching_and_in_running(good: list[Frame], tmp_path: Path) -> None:
    recipe = small()
    taught = teach(recipe, good)
    write_model(tmp_path / "small.npz", recipe, taught.learnt)
    running = PreparedRecipe(recipe, read_model(tmp_path / "small.npz", recipe))
    for frame in good[:6]:
        first, second = taught.prepared().run(frame), inspect(running, frame)
        assert dataclasses.replace(first, ms={}) == dataclasses.replace(second, ms={})


def test_few_pictures_teach_and_more_are_wanted(good: list[Frame]) -> None:
    taught = teach(small(), good[:6])
    assert taught.wants_more > 0
    assert set(taught.wants) == {"golden", "presence"}
    more = teach(small(), good)
    assert more.wants_more < taught.wants_more
    assert "presence" not in more.wants


def test_each_good_picture_is_judged_by_what_never_saw_it(good: list[Frame], cap: Face) -> None:
    (stained,) = Studio(cap, 602).specimens(1, defective=True, kinds=["stain"], area=(20e-6, 20e-6), contrast=(60, 60))
    seen: list[int] = []
    verdicts = check_taught(small(contrast=12), [*good, stained.frame], told=seen.append)
    assert seen == list(range(2, 14))
    assert [verdict.status for verdict in verdicts] == ["passed"] * 12 + ["failed"]


def test_pictures_without_calibration_teach_no_recipe_with_lengths(good: list[Frame]) -> None:
    bare = [dataclasses.replace(frame, camera=None) for frame in good]
    with pytest.raises(VisionError, match=r"comes without calibration.* 60 mm"):
        teach(small(), bare)


def test_a_recipe_in_pixels_needs_no_calibration(good: list[Frame]) -> None:
    camera = good[0].camera
    assert camera is not None
    radius = round(30e-3 / camera.scale)
    steps = [
        {"locate": {"disc": f"{2 * radius} px"}},
        {"golden": {"inside": f"{1.9 * radius} px", "resolution": "4 px"}},
    ]
    recipe = Recipe.model_validate({"recipe": "r", "tools": steps})
    taught = teach(recipe, [dataclasses.replace(frame, camera=None) for frame in good])
    verdict = inspect(taught.prepared(), good[2].image)
    assert verdict.passed, verdict.reasons
    assert verdict.pose is None
    assert verdict.units["locate.diameter"] == "px"
    assert verdict.measurements["locate.diameter"] == pytest.approx(2 * radius, abs=2)


def test_a_recipe_that_cannot_be_read_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.yaml")]) == 2
    assert "1 problem" in capsys.readouterr().err


def test_the_shipped_recipe_is_what_load_recipe_gives() -> None:
    assert load_recipe(SHIPPED).recipe == load(SHIPPED)
