from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from robocell.errors import VisionError
from robocell.model.recipe import Limits, Recipe
from robocell.vision.runner import PreparedRecipe, digest, load_recipe, read_recipe
from robocell.vision.tools.golden import VariationModel

SHIPPED = Path(__file__).parent.parent.parent / "cells" / "recipes" / "cap-top.yaml"


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
    assert recipe.locate.disc == pytest.approx(0.06)
    assert recipe.radius == pytest.approx(0.03)
    limits = Limits.model_validate("60 mm ± 0.2 mm")
    assert (limits.min, limits.max) == pytest.approx((0.0598, 0.0602))
    other = Limits.model_validate("60 mm +- 200 µm")
    assert (other.min, other.max) == pytest.approx((0.0598, 0.0602))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"locate": None}, "starts with 'locate'"),
        ({"locate": {"disc": "60 mn"}}, "no unit 'mn'"),
        ({"locate": {"disc": -0.06}}, "too small"),
        ({"locate": {"disc": float("nan")}}, "not a number"),
        ({"locate": {"disc": "60 mm", "search": "20 mm"}}, "search"),
        ({"locate": {"disk": "60 mm"}}, "disc"),
        ({"gauge": {"diameter": "60 mm"}}, "tolerance"),
        ({"gauge": {"diameter": {"min": "61 mm", "max": "60 mm"}}}, "not below"),
        ({"golden": {"inside": "61 mm"}}, "inside"),
        ({"golden": {"inside": "58 mm", "resolution": "20 um"}}, "2048"),
        ({"golden": {"inside": "58 mm", "contrast": 0}}, "contrast"),
        ({"sniff": {}}, "~none"),
    ],
)
def test_a_wrong_recipe_says_what_is_wrong(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Recipe.model_validate(tools(**changes))


def test_steps_of_one_tool_need_names() -> None:
    twice = tools()
    twice["tools"].append({"gauge": {"diameter": "60 mm ± 1 mm"}})
    with pytest.raises(ValidationError, match="give one a name"):
        Recipe.model_validate(twice)
    twice["tools"][-1]["name"] = "coarse"
    assert len(Recipe.model_validate(twice).tools) == 4


@pytest.mark.vision
def test_the_shipped_recipe_loads_with_its_model() -> None:
    pytest.importorskip("cv2")
    prepared = load_recipe(SHIPPED)
    assert prepared.model is not None
    assert prepared.model.pictures >= 60
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
    with pytest.raises(VisionError, match="does not belong to this recipe"):
        load_recipe(other)
    other.with_suffix(".npz").unlink()
    with pytest.raises(VisionError, match="teach the recipe first"):
        load_recipe(other)


@pytest.mark.vision
@pytest.mark.parametrize("keep", [0, 10, 5000, -1])
def test_a_damaged_model_is_refused(tmp_path: Path, keep: int) -> None:
    pytest.importorskip("cv2")
    data = SHIPPED.with_suffix(".npz").read_bytes()
    broken = tmp_path / "broken.npz"
    middle = len(data) // 2
    broken.write_bytes(data[:keep] if keep >= 0 else data[:middle] + b"\0" * 64 + data[middle + 64 :])
    with pytest.raises(VisionError, match=r"cannot be read|damaged"):
        VariationModel.load(broken, digest(read_recipe(SHIPPED)))


@pytest.mark.parametrize("text", ["", "[", "recipe: cap-top", "recipe: [1]\ntools: {}", "\0", "tools: 3"])
def test_a_broken_file_is_a_vision_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(VisionError, match=r"r\.yaml"):
        load_recipe(path)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        ("sniff: {}", "tools.1: a step uses one tool of: locate, gauge, golden"),
        ("gauge: {diameter: 60 mm}", "tools.1.gauge.diameter: .* tolerance"),
        ("gauge: {diameter: {max: 60}}", "tools.1.gauge.diameter.max: unit missing"),
    ],
)
def test_a_file_s_mistakes_are_told_with_their_place(tmp_path: Path, step: str, words: str) -> None:
    path = tmp_path / "r.yaml"
    path.write_text(f"recipe: r\ntools:\n  - locate: {{disc: 60 mm}}\n  - {step}\n", encoding="utf-8")
    with pytest.raises(VisionError, match=words):
        read_recipe(path)


@pytest.mark.vision
def test_a_recipe_that_asks_for_what_the_face_does_not_show_is_refused() -> None:
    pytest.importorskip("cv2")
    recipe = Recipe.model_validate(tools())
    size = (recipe.grid(), recipe.grid())
    flat = VariationModel(np.full(size, 120, np.float32), np.zeros(size, np.float32), np.ones(size, bool))
    with pytest.raises(VisionError, match="yaw that the face does not show"):
        PreparedRecipe(recipe, flat)
    with pytest.raises(VisionError, match="no learnt model"):
        PreparedRecipe(recipe)
