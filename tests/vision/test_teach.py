from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.vision.runner import PreparedRecipe, digest, read_recipe
from robocell.vision.teach import FEWEST, teach
from robocell.vision.tools.golden import VariationModel
from robocell.world.faces import Face
from robocell.world.specimens import Studio, main

pytestmark = pytest.mark.vision

SHIPPED = Path(__file__).parent.parent.parent / "cells" / "recipes" / "cap-top.yaml"


def test_teaching_again_gives_the_shipped_model(recipe: PreparedRecipe, tmp_path: Path) -> None:
    copy = tmp_path / SHIPPED.name
    copy.write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    assert main([str(copy)]) == 0
    shipped = recipe.model
    again = VariationModel.load(copy.with_suffix(".npz"), digest(read_recipe(copy)))
    assert shipped is not None
    assert np.array_equal(again.mask, shipped.mask)
    # Another processor rounds a few sums another way: a step of the stored numbers, no more.
    assert np.abs(again.mean - shipped.mean).max() <= 0.25
    assert np.abs(again.deviation - shipped.deviation).max() <= 1 / 16
    assert np.mean(again.mean != shipped.mean) < 0.01


def test_pictures_that_teach_nothing_are_named(cap: Face, recipe: PreparedRecipe) -> None:
    studio = Studio(cap, 600)
    frames = [specimen.frame for specimen in studio.specimens(FEWEST)]
    with pytest.raises(VisionError, match="too few"):
        teach(recipe.recipe, frames[:-1])
    dark = dataclasses.replace(frames[3], image=np.zeros_like(frames[3].image))
    with pytest.raises(VisionError, match="picture 4 teaches nothing"):
        teach(recipe.recipe, [*frames[:3], dark, *frames[4:]])


def test_a_recipe_that_cannot_be_read_ends_with_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.yaml")]) == 2
    assert "none.yaml" in capsys.readouterr().err
