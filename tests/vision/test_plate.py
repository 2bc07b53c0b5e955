"""The recipe with every tool, on drawn plates: each fault is failed by the step that is there for it."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from robocell import load_recipe
from robocell.config.recipe import load
from robocell.model.recipe import TOOLS
from robocell.vision import Frame, PreparedRecipe, inspect
from robocell.vision.pictures import read_picture
from robocell.vision.teach import teach
from robocell.world.plate import FAULTS, SCALE, TEMPLATE, draw_tracks, main, plates

pytest.importorskip("cv2")
pytest.importorskip("zxingcpp")
pytestmark = pytest.mark.vision

RECIPE = Path(__file__).parents[2] / "cells" / "recipes" / "plate.yaml"


@pytest.fixture(scope="module")
def recipe() -> PreparedRecipe:
    return load_recipe(RECIPE)


def frame(image: np.ndarray) -> Frame:
    return Frame.of(image, scale=SCALE)


def test_the_recipe_uses_every_tool(recipe: PreparedRecipe) -> None:
    assert {step.variant for step in recipe.recipe.tools} == set(TOOLS)


def test_good_plates_pass_and_are_measured_to_micrometres_within_the_stated_errors(recipe: PreparedRecipe) -> None:
    truth = {"length.distance": 64e-3, "corner.angle": math.pi / 2, "slot_width.width": 3e-3}
    errors: dict[str, list[float]] = {name: [] for name in truth}
    sigmas: dict[str, list[float]] = {name: [] for name in truth}
    for plate in plates(24, seed=70):
        verdict = inspect(recipe, frame(plate.image))
        assert verdict.passed, verdict.reasons
        assert verdict.texts == {"lot": plate.text}
        for name, value in truth.items():
            errors[name].append(verdict.measurements[name] - value)
            sigmas[name].append(verdict.sigmas[name])
    for name in truth:
        assert np.std(errors[name]) == pytest.approx(np.mean(sigmas[name]), rel=0.6), name
    assert max(map(abs, errors["length.distance"])) < 3e-6
    assert max(map(abs, errors["slot_width.width"])) < 3e-6


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_failed_by_its_step(fault: str, recipe: PreparedRecipe) -> None:
    for plate in plates(2, seed=71, faults=[fault]):
        verdict = inspect(recipe, frame(plate.image))
        assert verdict.status == "failed"
        assert FAULTS[fault] in {reason.partition(":")[0] for reason in verdict.reasons}


def test_a_plate_without_its_fiducial_is_inconclusive(recipe: PreparedRecipe) -> None:
    (plate,) = plates(1, seed=72)
    image = plate.image.copy()
    image[120:240, 130:250] = 176
    verdict = inspect(recipe, frame(image))
    assert verdict.status == "inconclusive"
    assert verdict.reasons == ("fiducial: the pattern is not in view",)
    assert set(verdict.ms) == {"check", "fiducial"}


def test_a_grey_picture_says_nothing_of_a_colour(recipe: PreparedRecipe) -> None:
    (plate,) = plates(1, seed=73)
    verdict = inspect(recipe, frame(plate.image[:, :, 1].copy()))
    assert verdict.status == "inconclusive"
    assert verdict.reasons == ("dot: the picture is grey, and this step looks at its colour",)


def test_teaching_again_gives_the_shipped_model(recipe: PreparedRecipe) -> None:
    again = teach(load(RECIPE), [frame(plate.image) for plate in plates(60, seed=1)]).learnt
    for step, parts in recipe.learnt.items():
        for name, array in parts.items():
            # another processor rounds a few sums another way
            assert again[step][name] == pytest.approx(array, rel=1e-3, abs=1), (step, name)


def test_the_shipped_template_is_the_drawn_one() -> None:
    assert np.array_equal(read_picture(RECIPE.parent / TEMPLATE), draw_tracks())


def test_the_module_writes_pictures_to_try(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--good", "3"]) == 0
    assert len(list((tmp_path / "good").iterdir())) == 3
    assert {path.stem for path in (tmp_path / "bad").iterdir()} == set(FAULTS)
    truth = (tmp_path / "truth.csv").read_text().split()
    assert truth.count("good") == 3
    assert truth.count("bad") == len(FAULTS)
    assert "--scale" in capsys.readouterr().out
