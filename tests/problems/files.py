"""The bad files here and what is said about them; `python -m tests.problems.files` writes the texts anew."""

from __future__ import annotations

import functools
from pathlib import Path

from robocell.catalog import Catalogue
from robocell.config.load import check_cell
from robocell.config.problems import Problem, render
from robocell.config.recipe import load
from robocell.errors import ConfigError

HERE = Path(__file__).parent
BAD = sorted(HERE.glob("*.yaml"))
RIGHT_RECIPES = {"untaught"}  # what is wrong with them is that a cell uses them
BAD_RECIPES = sorted(path for path in (HERE / "recipes").glob("*.yaml") if path.stem not in RIGHT_RECIPES)
CATALOGUE = Catalogue.for_cell(HERE / "cell.yaml")


@functools.cache
def problems_of(path: Path) -> tuple[Problem, ...]:
    """Check one file under its bare name, so that the text does not depend on where the tests run."""
    return check_cell(path, CATALOGUE, name=path.name).problems


@functools.cache
def problems_of_recipe(path: Path) -> tuple[Problem, ...]:
    """Read one recipe under its bare name."""
    try:
        load(path, name=path.name)
    except ConfigError as error:
        return error.problems
    return ()


def update() -> None:
    """Write every expected text; look at the difference before committing it."""
    for path in BAD:
        path.with_suffix(".txt").write_text(render(problems_of(path)), encoding="utf-8")
    for path in BAD_RECIPES:
        path.with_suffix(".txt").write_text(render(problems_of_recipe(path)), encoding="utf-8")


if __name__ == "__main__":
    update()
