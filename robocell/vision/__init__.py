"""The numeric core of inspection: arrays and plain models in, verdicts out.

`inspect(recipe, frame) -> Verdict` judges a picture by a recipe that `robocell.load_recipe` reads; `teach.teach` learns what a
recipe needs, `mark` draws a verdict on its picture. The tools stand alone as well: `VariationModel`, `compare_pair`,
`find_blobs`, `Pattern`, `Caliper`, `read_codes`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from robocell.vision.frame import Calibration as Calibration
    from robocell.vision.frame import Frame as Frame
    from robocell.vision.marking import mark as mark
    from robocell.vision.pictures import read_picture as read_picture
    from robocell.vision.runner import PreparedRecipe as PreparedRecipe
    from robocell.vision.runner import inspect as inspect
    from robocell.vision.runner import locate as locate
    from robocell.vision.tools.blobs import Blobs as Blobs
    from robocell.vision.tools.blobs import find_blobs as find_blobs
    from robocell.vision.tools.caliper import Caliper as Caliper
    from robocell.vision.tools.caliper import Edges as Edges
    from robocell.vision.tools.codes import Code as Code
    from robocell.vision.tools.codes import read_codes as read_codes
    from robocell.vision.tools.golden import VariationModel as VariationModel
    from robocell.vision.tools.pair import compare_pair as compare_pair
    from robocell.vision.tools.pattern import Match as Match
    from robocell.vision.tools.pattern import Pattern as Pattern
    from robocell.vision.verdict import Verdict as Verdict

# imported when used: a program that reads codes compiles no kernel and opens no learnt classifier
_PLACES = {
    "frame": ("Calibration", "Frame"),
    "marking": ("mark",),
    "pictures": ("read_picture",),
    "runner": ("PreparedRecipe", "inspect", "locate"),
    "tools.blobs": ("Blobs", "find_blobs"),
    "tools.caliper": ("Caliper", "Edges"),
    "tools.codes": ("Code", "read_codes"),
    "tools.golden": ("VariationModel",),
    "tools.pair": ("compare_pair",),
    "tools.pattern": ("Match", "Pattern"),
    "verdict": ("Verdict",),
}
_MODULE_OF = {name: module for module, names in _PLACES.items() for name in names}

__all__ = [
    "Blobs",
    "Calibration",
    "Caliper",
    "Code",
    "Edges",
    "Frame",
    "Match",
    "Pattern",
    "PreparedRecipe",
    "VariationModel",
    "Verdict",
    "compare_pair",
    "find_blobs",
    "inspect",
    "locate",
    "mark",
    "read_codes",
    "read_picture",
]


def __getattr__(name: str) -> Any:
    if name in _MODULE_OF:
        return getattr(import_module(f"robocell.vision.{_MODULE_OF[name]}"), name)
    raise AttributeError(f"module 'robocell.vision' has no attribute '{name}'")
