"""A recipe's model, and what ties a learnt model to it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from robocell import load_recipe
from robocell.config.recipe import load
from robocell.errors import ConfigError, VisionError
from robocell.model.extent import Extent, Limits
from robocell.model.recipe import GaugeStep, GoldenStep, LocateStep, Recipe
from robocell.model.recipe_chain import chain_problems
from robocell.model.recipe_limits import AngleLimits, CountLimits
from robocell.model.recipe_locate import LocateDisc
from robocell.model.recipe_tools import Blob
from robocell.vision.learnt import digest, read_model, write_model
from robocell.vision.runner import PreparedRecipe

SHIPPED = Path(__file__).parent.parent.parent / "cells" / "recipes" / "cap-top.yaml"
TRICKY = {
    "locate": {"rings": np.arange(12, dtype=np.int16).reshape(3, 4)},
    "golden": {"mean": np.zeros((2, 2)), "n": np.array(3)},
}


def tools(**changes: Any) -> dict[str, Any]:
    steps = {
        "locate": {"disc": "60 mm"},
        "gauge": {"diameter": "60 mm ± 0.2 mm"},
        "golden": {"inside": "58 mm"},
    }
    steps.update(changes)
    return {"recipe": "cap", "tools": [{name: step} for name, step in steps.items() if step is not None]}


def test_lengths_are_metres_whatever_unit_they_were_written_in() -> None:
    recipe = Recipe.model_validate(tools(gauge={"diameter": {"min": "59800 um", "max": 0.0602}}))
    disc = recipe.tools[0].tool
    assert isinstance(disc, LocateDisc)
    assert disc.disc == Extent(0.06)
    assert disc.within.value == pytest.approx(1.2e-3)
    limits = Limits.model_validate("60 mm ± 0.2 mm")
    assert limits.bounds == pytest.approx((0.0598, 0.0602))
    assert Limits.model_validate("60 mm +- 200 µm").bounds == pytest.approx((0.0598, 0.0602))
    assert Limits.model_validate("600 px ± 2 px").bounds == (598.0, 602.0)
    assert AngleLimits.model_validate("90 deg ± 1 deg").bounds == pytest.approx((np.radians(89), np.radians(91)))


def test_pixels_need_no_calibration_and_lengths_do() -> None:
    assert Extent(120.0, True).seen(None) == 120
    assert Extent(3e-3).seen(50e-6) == pytest.approx(60)
    assert Extent(1e-6, power=2).seen(50e-6) == pytest.approx(400)
    with pytest.raises(ValueError, match="3 mm needs the camera's calibration"):
        Extent(3e-3).seen(None)
    metric = Recipe.model_validate(tools())
    assert metric.uses_lengths == "60 mm"
    pixels = {"locate": {"disc": "600 px"}, "gauge": {"diameter": "600 px ± 2 px"}, "golden": {"inside": "580 px"}}
    assert Recipe.model_validate(tools(**pixels)).uses_lengths == ""


@pytest.mark.parametrize(
    ("given", "levels"),
    [
        ({"below": 60}, (0, 59)),
        ({"below": 60.5}, (0, 60)),
        ({"above": 200}, (201, 255)),
        ({"between": [10, 20]}, (10, 20)),
    ],
)
def test_a_threshold_is_a_band_of_grey_levels(given: dict[str, Any], levels: tuple[int, int]) -> None:
    blob = Blob.model_validate({"region": {"disc": "9 px"}, "count": 1, **given})
    assert blob.levels == levels


def test_a_count_says_what_is_wrong_with_it() -> None:
    exact, band = CountLimits.model_validate(4), CountLimits.model_validate({"min": 1, "max": 3})
    assert [exact.judge(n) for n in (3, 4, 5)] == ["3 instead of 4", "", "5 instead of 4"]
    assert [band.judge(n) for n in (0, 1, 3, 4)] == ["0 instead of at least 1", "", "", "4 instead of at most 3"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"locate": {"disc": "60 mn"}}, "no unit 'mn'"),
        ({"locate": {"disc": -0.06}}, "too small"),
        ({"locate": {"disc": float("nan")}}, "not a number"),
        ({"locate": {"disc": "60 mm", "search": "20 mm"}}, "search"),
        ({"golden": {"inside": "58 mm", "contrast": 0}}, "contrast"),
        ({"sniff": {}}, "~none"),
    ],
)
def test_a_wrong_recipe_is_no_model(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Recipe.model_validate(tools(**changes))


def test_a_chain_without_what_it_needs_is_never_prepared() -> None:
    recipe = Recipe.model_validate(tools(locate=None))
    assert [problem.code for problem in chain_problems(recipe)] == ["RC803", "RC803"]
    with pytest.raises(VisionError, match="needs a located disc"):
        PreparedRecipe(recipe)


def test_a_step_s_name_may_stand_beside_its_tool_or_inside() -> None:
    steps: list[dict[str, Any]] = [
        {"locate": {"disc": "60 mm"}},
        {"gauge": {"name": "rim", "diameter": "60 mm ± 1 mm"}},
    ]
    inside = Recipe.model_validate({"recipe": "r", "tools": steps})
    steps[1] = {"gauge": {"diameter": "60 mm ± 1 mm"}, "name": "rim"}
    assert Recipe.model_validate({"recipe": "r", "tools": steps}) == inside
    assert [step.name for step in inside.tools] == ["locate", "rim"]
    assert isinstance(inside.tools[0], LocateStep)
    assert isinstance(inside.tools[1], GaugeStep)


def test_a_file_that_was_written_out_from_the_model_is_the_same_recipe() -> None:
    recipe = load(SHIPPED)
    assert Recipe.model_validate(recipe.model_dump(exclude_none=True)) == recipe


@pytest.mark.vision
def test_the_shipped_recipe_loads_with_its_model() -> None:
    pytest.importorskip("cv2")
    prepared = load_recipe(SHIPPED)
    assert set(prepared.learnt) == {"locate", "golden"}
    assert SHIPPED.with_suffix(".npz").stat().st_size < 700_000


@pytest.mark.vision
def test_a_model_of_another_recipe_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    text = SHIPPED.read_text(encoding="utf-8")
    other = tmp_path / "cap-top.yaml"
    other.with_suffix(".npz").write_bytes(SHIPPED.with_suffix(".npz").read_bytes())
    other.write_text(text.replace("± 0.2 mm", "± 0.3 mm"), encoding="utf-8")
    load_recipe(other)  # other limits need no other model
    other.write_text(text.replace("contrast: 3", "contrast: 4"), encoding="utf-8")
    with pytest.raises(VisionError, match=r"does not belong to this recipe.*robocell teach cap-top\.yaml"):
        load_recipe(other)
    other.with_suffix(".npz").unlink()
    with pytest.raises(VisionError, match="teach the recipe first"):
        load_recipe(other)


def test_what_was_learnt_is_stored_exactly_and_the_same_arrays_give_the_same_file(tmp_path: Path) -> None:
    recipe = Recipe.model_validate(tools())
    first, second = tmp_path / "a.npz", tmp_path / "b.npz"
    assert write_model(first, recipe, TRICKY) == write_model(second, recipe, TRICKY)
    assert first.read_bytes() == second.read_bytes()
    again = read_model(first, recipe)
    assert {step: set(parts) for step, parts in again.items()} == {step: set(parts) for step, parts in TRICKY.items()}
    for step, parts in TRICKY.items():
        for name, array in parts.items():
            assert again[step][name].dtype == array.dtype
            assert np.array_equal(again[step][name], array)
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("keep", [0, 10, 300, -1])
def test_a_damaged_model_is_refused(tmp_path: Path, keep: int) -> None:
    recipe, broken = Recipe.model_validate(tools()), tmp_path / "broken.npz"
    write_model(broken, recipe, TRICKY)
    data = broken.read_bytes()
    middle = len(data) // 2
    broken.write_bytes(data[:keep] if keep >= 0 else data[:middle] + b"\0" * 64 + data[middle + 64 :])
    with pytest.raises(VisionError, match=r"cannot be read|damaged"):
        read_model(broken, recipe)


def test_a_model_whose_numbers_were_changed_is_refused(tmp_path: Path) -> None:
    recipe, path = Recipe.model_validate(tools()), tmp_path / "m.npz"
    write_model(path, recipe, TRICKY)
    with np.load(path) as stored:
        parts = {name: stored[name] for name in stored.files}
    parts["golden/n"] = np.array(4)
    np.savez_compressed(path, **parts)
    with pytest.raises(VisionError, match="damaged"):
        read_model(path, recipe)


def test_a_digest_tells_recipes_apart_that_learn_otherwise() -> None:
    base = digest(Recipe.model_validate(tools()))
    assert digest(Recipe.model_validate(tools(gauge=None))) == base
    others = [
        tools(golden={"inside": "57 mm"}),
        tools(locate={"disc": "60 mm", "hidden": 0.1}),
        tools(golden={"inside": "58 mm", "spread": 7}),
        {**tools(), "recipe": "lid"},
    ]
    assert len({base, *(digest(Recipe.model_validate(other)) for other in others)}) == len(others) + 1


@pytest.mark.parametrize("text", ["", "[", "recipe: cap-top", "recipe: [1]\ntools: {}", "\0", "tools: 3", "a: &b 1"])
def test_a_broken_file_is_told_with_its_place(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_recipe(path)
    assert all(problem.file == str(path) and problem.line >= 1 for problem in caught.value.problems)


@pytest.mark.vision
def test_a_recipe_without_what_it_was_taught_is_refused() -> None:
    pytest.importorskip("cv2")
    recipe = Recipe.model_validate(tools())
    with pytest.raises(VisionError, match="no learnt model"):
        PreparedRecipe(recipe)
    flat = {"locate": {"rings": np.zeros((28, 720), np.int16)}, "golden": {}}
    with pytest.raises(VisionError, match="yaw that the face does not show"):
        PreparedRecipe(recipe, flat)
    assert isinstance(recipe.tools[2], GoldenStep)
