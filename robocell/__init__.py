"""robocell runs robotic work cells without an operator.

`load_arm("universal-robots/ur5e")` gives an arm of the catalogue (or of a URDF file) as the motion core knows it.
`load_recipe("cells/recipes/cap-top.yaml")` gives an inspection recipe, with what it was taught, as `robocell.vision.inspect`
runs it.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robocell.catalog import load_arm as load_arm
    from robocell.recipes import load_recipe as load_recipe

__version__ = "0.1.0"

_PLACES = {
    "load_arm": "robocell.catalog",
    "load_recipe": "robocell.recipes",
}  # imported when used, so that `robocell --help` loads no numpy

__all__ = ["__version__", "load_arm", "load_recipe"]


def __getattr__(name: str) -> Any:
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(f"module 'robocell' has no attribute '{name}'")
