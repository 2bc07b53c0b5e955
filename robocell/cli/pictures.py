"""What `inspect` and `teach` share: the recipe, the pictures and how they were taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from robocell.errors import SetupError, UnitError

if TYPE_CHECKING:
    from robocell.model.recipe import Recipe
    from robocell.vision.frame import Frame

RecipeArgument = Annotated[
    str, typer.Argument(metavar="RECIPE", help="The recipe's file, or the name of one that robocell brings.")
]
PicturesArgument = Annotated[
    list[str],
    typer.Argument(metavar="PICTURES...", help="Pictures: files, folders, or patterns such as 'lot-7/*.png'."),
]
ScaleOption = Annotated[
    str | None, typer.Option(metavar="LENGTH", help="What a pixel spans on the part, such as '50 um'.")
]
CalibrationOption = Annotated[
    Path | None, typer.Option(metavar="FILE", help="The camera's calibration, as robocell stores it.")
]


def find_recipe(text: str) -> Path:
    """Return the file that a command names: a path, or a bare name of a recipe that robocell brings."""
    path = Path(text)
    if path.exists() or path.suffix or path.name != text:
        return path
    from robocell.catalog.catalogue import Catalogue

    found, here = Catalogue.shipped().recipe(text).resolve(), Path.cwd()
    return found.relative_to(here) if found.is_relative_to(here) else found


@dataclass(frozen=True)
class Optics:
    """How pictures were taken, as the command line says it.

    Attributes:
        scale: metres a pixel; None where it is not given.

    """

    scale: float | None = None

    def frame(self, path: Path, colour: bool) -> Frame | str:
        """Return a picture as a frame, or why it cannot be judged."""
        from robocell.vision.frame import Frame
        from robocell.vision.pictures import read_picture

        image = read_picture(path, colour)
        if isinstance(image, str):
            return image
        return Frame.of(image, self.scale, path.name)


def optics_of(scale: str | None, calibration: Path | None) -> Optics:
    """Return how pictures were taken.

    Raises:
        SetupError: the scale is no length, or both are given.

    """
    if scale is not None and calibration is not None:
        raise SetupError("--scale and --calibration say the same: give one of them")
    if calibration is not None:
        raise SetupError("--calibration is not supported yet", "give a pixel's length with --scale")
    if scale is None:
        return Optics()
    from robocell.units import parse_quantity

    try:
        length = parse_quantity(scale, "length")
    except UnitError as error:
        raise SetupError(f"--scale: {error}", "write what a pixel spans on the part, such as --scale '50 um'") from None
    if not 1e-9 <= length <= 1.0:
        raise SetupError(f"--scale: a pixel does not span {scale}", "write for example --scale '50 um'")
    return Optics(length)


def require_lengths(recipe: Recipe, optics: Optics) -> None:
    """Refuse pictures without calibration where the recipe uses lengths.

    Raises:
        SetupError: they are; the hint says what to give.

    """
    if optics.scale is None and (length := recipe.uses_lengths):
        raise SetupError(
            f"the recipe '{recipe.recipe}' uses lengths, such as {length}, and pictures alone have none",
            "say what a pixel spans on the part, --scale '50 um', or give the camera's --calibration FILE",
        )


def require_pictures(texts: Sequence[str]) -> Sequence[Path]:
    """Return the pictures that a command line names.

    Raises:
        SetupError: something names none.

    """
    from robocell.vision.pictures import find_pictures

    found, missing = find_pictures(texts)
    if missing:
        raise SetupError("; ".join(missing))
    return found
