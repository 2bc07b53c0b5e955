"""How recipes err, measured: `NAME.confusion.json` beside the recipe."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from robocell.errors import CatalogError
from robocell.model.confusion import Confusion


def confusion_file(recipe: Path) -> Path:
    """Return where a recipe's measured confusion is kept."""
    return recipe.with_suffix(".confusion.json")


def read_confusion(recipe: Path) -> Confusion | None:
    """Return a recipe's measured confusion; None where nobody has measured it.

    Raises:
        CatalogError: the file is there and is none.

    """
    path = confusion_file(recipe)
    try:
        return Confusion.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error.errors()[0]["msg"])
        raise CatalogError(f"{path} is no measured confusion: {reason}; delete it or measure it anew") from error


def write_confusion(recipe: Path, confusion: Confusion) -> Path:
    """Write a recipe's measured confusion and return its path.

    Raises:
        CatalogError: it cannot be written.

    """
    path = confusion_file(recipe)
    try:
        path.write_text(confusion.model_dump_json(indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise CatalogError(f"{path} cannot be written: {error.strerror}") from error
    return path
