"""A recipe's files → what `robocell.vision.inspect` runs: the file is read by `config`, the model by `vision`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from robocell.config.recipe import MODEL, load
from robocell.errors import SetupError
from robocell.model.recipe import without_folders

if TYPE_CHECKING:
    from robocell.vision.runner import PreparedRecipe


def load_recipe(path: Path | str, *, name: str | None = None, templates: Path | None = None) -> PreparedRecipe:
    """Read a recipe's YAML file, and what it was taught from the .npz file of the same name beside it.

    Args:
        path: the YAML file.
        name: what problems call it; the path as given otherwise.
        templates: where the templates of `pair` are, instead of where the recipe says: a folder, or one picture, which
            the caller then gives with each frame.

    Raises:
        ConfigError: the file is missing or wrong; with all problems and their places.
        VisionError: what it was taught is missing, damaged, or belongs to another recipe.
        SetupError: OpenCV is not installed.

    """
    recipe = load(path, name=name, templates=templates is None)
    require_opencv()
    from robocell.vision.learnt import read_model
    from robocell.vision.runner import PreparedRecipe

    path = Path(path)
    model = read_model(path.with_suffix(MODEL), recipe) if recipe.needs_model else {}
    if templates is None or not templates.is_dir():
        return PreparedRecipe(recipe, model, path.parent)
    return PreparedRecipe(without_folders(recipe), model, templates)


def require_opencv() -> None:
    """Refuse where pictures cannot be worked on.

    Raises:
        SetupError: OpenCV is not installed.

    """
    from importlib.util import find_spec

    if find_spec("cv2") is None:
        hint = "install robocell[vision], or run a cell with --inspect truth"
        raise SetupError("inspecting pictures needs OpenCV, which is not installed", hint)
