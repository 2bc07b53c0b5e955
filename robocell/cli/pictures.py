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
    from robocell.vision.frame import Calibration, Frame

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
    Path | None,
    typer.Option(metavar="FILE", help="A calibration file, as robocell calibrate writes it; instead of --scale."),
]
CameraOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Which camera of the calibration file, where it has several.")
]
DistanceOption = Annotated[
    str | None, typer.Option(metavar="LENGTH", help="With --calibration: from the lens to the inspected face.")
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
    """How pictures were taken, as the command line says it; nothing may be known.

    Attributes:
        scale: metres a pixel.
        camera: the camera's calibration, for pictures of its size.

    """

    scale: float | None = None
    camera: Calibration | None = None

    def frame(self, path: Path, colour: bool) -> Frame | str:
        """Return a picture as a frame, or why it cannot be judged."""
        from robocell.vision.frame import Frame
        from robocell.vision.pictures import read_picture

        image = read_picture(path, colour)
        if isinstance(image, str):
            return image
        if self.camera is not None:
            return Frame(image, self.camera, source=path.name)
        return Frame.of(image, self.scale, path.name)


def optics_of(scale: str | None, calibration: Path | None, camera: str | None, distance: str | None) -> Optics:
    """Return how pictures were taken.

    Raises:
        ConfigError: the calibration file is wrong.
        SetupError: what is said does not go together, or is no length.

    """
    if calibration is None and (camera or distance):
        raise SetupError(
            "--camera and --distance belong to --calibration", "name the calibration file, or give --scale"
        )
    if scale is not None and calibration is not None:
        raise SetupError("--scale and --calibration say the same: give one of them")
    if calibration is not None:
        return Optics(camera=_calibrated(calibration, camera, distance))
    if scale is None:
        return Optics()
    return Optics(_length("--scale", scale, (1e-9, 1.0), "what a pixel spans on the part, such as --scale '50 um'"))


def _calibrated(path: Path, camera: str | None, distance: str | None) -> Calibration:
    from robocell.config.calibration import load_calibrations
    from robocell.vision.frame import Calibration

    lenses = {name: found.lens for name, found in load_calibrations(path).cameras.items() if found.lens is not None}
    if camera is None and len(lenses) == 1:
        (camera,) = lenses
    lens = lenses.get(camera or "")
    if lens is None:
        known = ", ".join(lenses) or "none"
        which = f"the lens of '{camera}' is not in {path}" if camera else f"{path} has the lenses of {known}"
        raise SetupError(which, f"name one with --camera: {known}")
    if distance is None:
        raise SetupError("a lens alone says nothing of lengths", "give --distance, from the lens to the inspected face")
    away = _length(
        "--distance", distance, (1e-3, 100.0), "how far the face is from the lens, such as --distance '600 mm'"
    )
    k1, k2, p1, p2 = lens.distortion
    return Calibration(lens.resolution, lens.focal, lens.centre, away, k1, k2, p1, p2)


def _length(option: str, text: str, bounds: tuple[float, float], meant: str) -> float:
    from robocell.units import parse_quantity

    try:
        length = parse_quantity(text, "length")
    except UnitError as error:
        raise SetupError(f"{option}: {error}", f"write {meant}") from None
    if not bounds[0] <= length <= bounds[1]:
        raise SetupError(f"{option}: {text} cannot be", f"write {meant}")
    return length


def require_lengths(recipe: Recipe, optics: Optics) -> None:
    """Refuse pictures without calibration where the recipe uses lengths.

    Raises:
        SetupError: they are; the hint says what to give.

    """
    if optics.scale is None and optics.camera is None and (length := recipe.uses_lengths):
        raise SetupError(
            f"the recipe '{recipe.recipe}' uses lengths, such as {length}, and pictures alone have none",
            "say what a pixel spans on the part, --scale '50 um', or give the camera's --calibration FILE and --distance",
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
