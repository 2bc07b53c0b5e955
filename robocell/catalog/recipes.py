"""One recipe of an inspection → its model, read as strictly as a cell file."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from robocell.catalog.profiles import refusal
from robocell.config.nodes import to_plain
from robocell.config.read import read_file
from robocell.config.translate import translate
from robocell.errors import ConfigError
from robocell.model.quantity import Units
from robocell.model.recipe import Recipe


def read_recipe(path: Path, name: str) -> Recipe:
    """Read a recipe without its learnt model.

    Args:
        path: the file.
        name: what problems call it.

    Raises:
        CatalogError: it is not a recipe; the message tells the first problem with its place.

    """
    try:
        document = read_file(path, name)
    except ConfigError as error:
        raise refusal(error.problems, path) from None
    try:
        return Recipe.model_validate(to_plain(document.root), context=Units(), by_alias=True, by_name=False)
    except ValidationError as error:
        raise refusal(translate(error, document, Recipe), path) from None
