"""A recipe's file → its model, or all its problems at once, as strictly as a cell file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from robocell.config.nodes import Document, to_plain
from robocell.config.paths import OutsideError, inside
from robocell.config.problems import Problem, sort_problems
from robocell.config.read import read_file
from robocell.config.translate import did_you_mean, translate
from robocell.errors import ConfigError
from robocell.model.quantity import Units
from robocell.model.recipe import TOOLS, PairStep, Recipe
from robocell.model.recipe_chain import ChainProblem, chain_problems

Loc = tuple[str | int, ...]

MODEL = ".npz"
"""Ending of the file beside a recipe that holds what it was taught."""


def load(path: Path | str, *, name: str | None = None, templates: bool = True) -> Recipe:
    """Read a recipe, without what it was taught.

    Args:
        path: the file.
        name: what problems call it; the path as given otherwise.
        templates: whether the templates that it names must be there.

    Raises:
        ConfigError: with all problems, sorted by position; nothing else, whatever the file contains.

    """
    path = Path(path)
    document = read_file(path, name if name is not None else str(path))
    data = to_plain(document.root)
    try:
        recipe = Recipe.model_validate(data, context=Units(), by_alias=True, by_name=False)
    except ValidationError as error:
        problems = translate(error, document, Recipe)
        problems += _beside_the_broken(document, data, error, path.parent)
    else:
        problems = [_problem(document, found, range(len(recipe.tools))) for found in chain_problems(recipe)]
        if templates:
            problems += _files(document, recipe, path.parent, range(len(recipe.tools)))
    if problems:
        raise ConfigError(sort_problems(problems))
    return recipe


def untaught(recipe: Recipe, path: Path) -> bool:
    """Return whether a recipe needs a model that is not beside its file."""
    return recipe.needs_model and not path.with_suffix(MODEL).is_file()


def _beside_the_broken(document: Document, data: Any, error: ValidationError, folder: Path) -> Iterator[Problem]:
    """Yield what is wrong with the chain of the steps that are right in form, as far as the others leave it certain."""
    locs = [item["loc"] for item in error.errors(include_url=False, include_input=False)]
    steps = data.get("tools")
    if not isinstance(steps, list) or any(len(loc) < 2 or loc[0] != "tools" for loc in locs):
        return
    broken = {loc[1] for loc in locs}
    kept = [index for index in range(len(steps)) if index not in broken]
    try:
        rest = {**data, "tools": [steps[index] for index in kept]}
        recipe = Recipe.model_validate(rest, context=Units(), by_alias=True, by_name=False)
    except ValidationError:
        return
    names = {name for index in broken if isinstance(index, int) for name in _names(steps[index])}
    for found in chain_problems(recipe):
        if found.word not in names and found.code not in ("RC802", "RC803"):
            yield _problem(document, found, kept)
    yield from _files(document, recipe, folder, kept)


def _names(step: Any) -> Iterator[str]:
    """Yield what a broken step may be called."""
    if not isinstance(step, dict):
        return
    for key, value in (
        *step.items(),
        *((k, v) for inner in step.values() if isinstance(inner, dict) for k, v in inner.items()),
    ):
        if key == "name" and isinstance(value, str):
            yield value
        elif key in TOOLS:
            yield key


def _problem(document: Document, found: ChainProblem, places: Sequence[int]) -> Problem:
    """Return a problem of the chain with its place; `places` has the index in the file of each step."""
    loc = _in_file(found.loc, places)
    # a name that was left out is its tool's: the tool's key is what a reader looks for
    place = document.place(loc) if document.node(loc) is not None else document.place(_tool(document, loc), key=True)
    hint = did_you_mean(found.word, found.known, found.hint) if found.word else found.hint
    if not found.other:
        return Problem(found.code, place, found.message, hint)
    other = _in_file(found.other, places)
    other = other if document.node(other) is not None else _tool(document, other)
    return Problem(found.code, place, found.message, hint, (document.place(other, key=True), "the other"))


def _in_file(loc: Loc, places: Sequence[int]) -> Loc:
    return (loc[0], places[int(loc[1])], *loc[2:])


def _tool(document: Document, loc: Loc) -> Loc:
    """Return the step's name among its tool's arguments, or the tool, or the step."""
    for tool in TOOLS:
        if document.node((*loc[:2], tool)) is not None:
            inner = (*loc[:2], tool, "name")
            return inner if loc[2:] == ("name",) and document.node(inner) is not None else (*loc[:2], tool)
    return loc[:2]


def _files(document: Document, recipe: Recipe, folder: Path, places: Sequence[int]) -> Iterator[Problem]:
    """Yield templates that are outside the recipe's folder or not there."""
    for index, step in enumerate(recipe.tools):
        if not isinstance(step, PairStep):
            continue
        if step.pair.template is None:
            continue
        loc = ("tools", places[index], "pair")
        hint = "put it beside the recipe, or below; or give another one with --template"
        texts = {"template": step.pair.template} if step.pair.folder is None else {"folder": step.pair.folder}
        for key, text in texts.items():
            try:
                path = inside(folder, text.replace("{id}", "id"))
            except (OutsideError, OSError, ValueError) as error:
                reason = str(error).replace("the cell's", "the recipe's")
                yield Problem("RC215", document.place((*loc, key)), reason, hint)
                continue
            if key == "folder" and not path.is_dir():
                yield Problem("RC216", document.place((*loc, key)), f"no folder '{text}' beside the recipe", hint)
            elif key == "template" and "{id}" not in text and not path.is_file():
                yield Problem("RC216", document.place((*loc, key)), f"no file '{text}' beside the recipe", hint)
