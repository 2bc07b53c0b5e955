"""The schema of recipes, and what the recipes' README shows."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from robocell.model.quantity import Units
from robocell.model.recipe import TOOLS, Recipe
from robocell.model.recipe_chain import chain_problems
from robocell.model.recipe_region import BoxRegion
from robocell.schema import RECIPE_FILE, recipe_schema, recipe_schema_text
from tests.problems.files import BAD_RECIPES

ROOT = Path(__file__).parents[2]
RECIPES = sorted((ROOT / "cells" / "recipes").glob("*.yaml"))
README = (ROOT / "cells" / "recipes" / "README.md").read_text(encoding="utf-8")
BLOCKS = [
    yaml.safe_load(textwrap.dedent(block))
    for block in re.findall(r"(?:^    \S.*\n(?:^    .*\n)*)", README, re.MULTILINE)
    if "tools:" in block
]

# What an editor can see: the form, not the meaning.
MISSHAPEN = [path for path in BAD_RECIPES if path.stem not in ("chain",)]


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(recipe_schema())


def recipe_of(block: Any) -> Recipe:
    return Recipe.model_validate({"recipe": "shown", **block}, context=Units(), by_alias=True, by_name=False)


def test_the_schema_that_ships_is_the_models() -> None:
    assert RECIPE_FILE.read_text(encoding="utf-8") == recipe_schema_text(), "robocell schema --write writes it anew"
    Draft202012Validator.check_schema(json.loads(RECIPE_FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_recipes_fit_the_schema_and_lead_an_editor_to_it(path: Path, validator: Draft202012Validator) -> None:
    text = path.read_text(encoding="utf-8")
    errors = validator.iter_errors(yaml.safe_load(text))
    assert [f"{list(error.absolute_path)}: {error.message}" for error in errors] == []
    word = "# yaml-language-server: $schema="
    assert text.startswith(word)
    assert (path.parent / text.splitlines()[0].removeprefix(word)).resolve() == RECIPE_FILE.resolve()


@pytest.mark.parametrize("path", MISSHAPEN, ids=lambda path: path.stem)
def test_an_editor_sees_what_is_wrong_in_form(path: Path, validator: Draft202012Validator) -> None:
    assert not validator.is_valid(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("step", "fits"),
    [
        ({"gauge": {"name": "rim", "diameter": "60 mm ± 0.2 mm"}}, True),
        ({"gauge": {"diameter": "60 mm ± 0.2 mm"}, "name": "rim"}, True),
        ({"gauge": {"diameter": "60 mm"}}, False),
        ({"gauge": {"diameter": {"min": "59 mm"}}}, True),
        ({"blob": {"region": {"disc": "3 mm"}, "below": 60, "count": 4}}, True),
        ({"blob": {"region": {"disc": "3 mm"}, "below": 60, "count": {"max": 3}}}, True),
        ({"blob": {"region": {"disc": "3 mm"}, "below": 60, "count": "4"}}, False),
        ({"blob": {"region": {"disc": 3}, "below": 60, "count": 4}}, False),
        ({"presence": {"region": {"size": ["3 mm", "40 px"]}}}, True),
        ({"presence": {"region": {"size": ["3 mm"]}}}, False),
        ({"code": {"kinds": ["datamatrix"], "as": "lot"}}, True),
        ({"code": {"kinds": ["datamatrx"]}}, False),
    ],
)
def test_the_schema_knows_what_a_file_may_write(step: Any, fits: bool, validator: Draft202012Validator) -> None:
    assert validator.is_valid({"recipe": "r", "tools": [step]}) is fits


def test_what_the_readme_shows_is_right_in_form_and_meaning(validator: Draft202012Validator) -> None:
    assert len(BLOCKS) >= 2
    for block in BLOCKS:
        assert [error.message for error in validator.iter_errors({"recipe": "shown", **block})] == []
        assert chain_problems(recipe_of(block)) == ()


def test_the_readme_shows_every_tool_and_form_of_a_region() -> None:
    for tool in TOOLS:
        assert f"`{tool}" in README
    regions = re.findall(r"^    region: (\{.*?\}) ", README, re.MULTILINE)
    assert len(regions) >= 2
    for text in regions:
        block = {"tools": [{"presence": {"region": yaml.safe_load(text)}}]}
        assert recipe_of(block).tools[0].tool.region
    assert isinstance(
        recipe_of({"tools": [{"presence": {"region": yaml.safe_load(regions[0])}}]}).tools[0].tool.region, BoxRegion
    )
