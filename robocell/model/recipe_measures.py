"""What a recipe's steps measure in a calibrated picture, as far as the recipe alone says it."""

from __future__ import annotations

from collections.abc import Mapping

from robocell.model.recipe import Recipe, StepBase
from robocell.model.recipe_gauge import AngleGauge, CircleGauge, DiameterGauge, WidthGauge
from robocell.model.recipe_locate import LocateDisc, LocateRectangle

NAMES = {
    "m": "a length",
    "px": "a length in px",
    "m2": "an area",
    "rad": "an angle",
    "grey": "a grey level",
    "": "a number",
}
"""The units of measurements, in words."""


def measures(recipe: Recipe) -> dict[str, Mapping[str, str] | None]:
    """Return what each step measures, by its name: the unit by quantity, None where only its pictures can tell."""
    return {step.name: _of(step) for step in recipe.tools}


def _of(step: StepBase) -> Mapping[str, str] | None:
    tool = step.tool
    if isinstance(tool, LocateDisc):
        return {"diameter": "m", "agreement": ""} if tool.yaw else {"diameter": "m"}
    if isinstance(tool, LocateRectangle):
        return {"width": "m", "height": "m"}
    if step.variant == "gauge":
        return _gauged(tool)
    return _OF_TOOL.get(step.variant)


def _gauged(tool: object) -> Mapping[str, str]:
    if isinstance(tool, AngleGauge):
        return {"angle": "rad"}
    if isinstance(tool, DiameterGauge):
        return {"diameter": "px" if tool.diameter.pixels else "m"}
    limits = tool.limits  # type: ignore[attr-defined]
    key = "width" if isinstance(tool, WidthGauge) else "diameter" if isinstance(tool, CircleGauge) else "distance"
    return {key: "px" if limits.pixels else "m"}


_OF_TOOL: dict[str, Mapping[str, str]] = {
    "locate": {"score": "", "angle": "rad"},
    "golden": {"score": "", "flaws": ""},
    "blob": {"count": "", "largest": "m2"},
    "presence": {"mean": "grey", "contrast": "grey"},
}
