"""Which adapter runs which tool."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from robocell.model.recipe import Recipe, Step, StepBase
from robocell.model.recipe_chain import frame_of, references
from robocell.vision.steps.base import Learnt, Setting, StepTool

_CLASSES: Mapping[str, tuple[str, str]] = {
    "disc": ("locate", "DiscLocator"),
    "rectangle": ("locate", "RectangleLocator"),
    "pattern": ("pattern", "PatternLocator"),
    "golden": ("golden", "GoldenTool"),
    "pair": ("pair", "PairTool"),
    "blob": ("blob", "BlobTool"),
    "caliper": ("caliper", "CaliperTool"),
    "gauge": ("gauge", "GaugeTool"),
    "presence": ("presence", "PresenceTool"),
    "colour": ("colour", "ColourTool"),
    "code": ("code", "CodeTool"),
}


def adapter_of(step: StepBase) -> type[StepTool[Any]]:
    """Return the class that runs a step; its module is imported when a recipe first needs it."""
    module, name = _CLASSES[step.tool.variant if step.variant == "locate" else step.variant]
    adapter: type[StepTool[Any]] = getattr(import_module(f"robocell.vision.steps.{module}"), name)
    return adapter


def setting_of(recipe: Recipe, index: int, folder: Path | None) -> Setting:
    """Return where a step stands."""
    frame = frame_of(recipe.tools, index)
    return Setting(None if frame is None else frame.name, folder)


def needs_of(recipe: Recipe, index: int) -> frozenset[str]:
    """Return the names of the steps without whose finds a step cannot run."""
    step: Step = recipe.tools[index]
    _, names = references(step.tool)
    whole = step.variant == "pair" and step.tool.region is None
    frame = None if whole or (step.variant == "gauge" and names) else frame_of(recipe.tools, index)
    return frozenset(names) | (frozenset() if frame is None else {frame.name})


def ready(recipe: Recipe, index: int, folder: Path | None, learnt: Learnt) -> StepTool[Any]:
    """Return a step ready to run."""
    step = recipe.tools[index]
    return adapter_of(step)(step, setting_of(recipe, index, folder), learnt)
