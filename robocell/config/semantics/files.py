"""Files that a cell names exist, are in its folders, and can be used: calibration, URDF, recipes, the scene."""

from __future__ import annotations

from robocell.config.paths import OutsideError, inside
from robocell.config.recipe import load, untaught
from robocell.config.scene import load_scene
from robocell.config.semantics.context import Context
from robocell.errors import CatalogError, ConfigError
from robocell.model.device import ArmDevice
from robocell.model.route import InspectStep

Loc = tuple[str | int, ...]


def check(context: Context) -> None:
    """Report files that are missing, outside or malformed; note recipes and scene."""
    if context.cell.calibration is not None:
        _beside(context, ("calibration",), context.cell.calibration)
    for name, device in context.cell.devices.items():
        if isinstance(device, ArmDevice) and device.urdf is not None:
            _beside(context, ("devices", name, "urdf"), device.urdf)
    _recipes(context)
    _scene(context)


def _beside(context: Context, loc: Loc, text: str) -> None:
    try:
        path = inside(context.folder, text)
    except OutsideError as error:
        context.report("RC215", loc, str(error), "put the file beside the cell file, or below")
        return
    except (OSError, ValueError) as error:
        context.report("RC216", loc, f"'{text}' cannot be used: {error}")
        return
    if not path.is_file():
        context.report("RC216", loc, f"no file '{text}' in the cell's folder")


def _recipes(context: Context) -> None:
    seen: set[str] = set()
    for at in context.steps():
        if not isinstance(at.step, InspectStep):
            continue
        name, loc = at.step.inspect.recipe, (*at.arguments, "recipe")
        try:
            path = context.catalogue.recipe(name)
        except CatalogError as error:
            context.report("RC219", loc, str(error), "put it beside the cell: recipes/NAME.yaml")
            continue
        if name in seen:
            continue
        seen.add(name)
        try:
            recipe = load(path, name=f"recipes/{path.name}")
        except ConfigError as error:
            context.problems += error.problems
            continue
        if untaught(recipe, path):
            message = f"recipe '{name}' compares with good parts, and its model {path.stem}.npz is not beside it"
            hint = f"teach it: robocell teach {path.name} with pictures of good parts"
            context.report("RC222", loc, message, hint)
            continue
        context.recipes[name], context.read[name] = path, recipe


def _scene(context: Context) -> None:
    name = context.cell.scene
    if name is None:
        return
    try:
        path = context.catalogue.scene(name)
    except CatalogError as error:
        context.report("RC220", ("scene",), str(error), "put it beside the cell: sim/scenes/NAME.yaml")
        return
    cell = context.cell if context.whole("devices", "stations", "products") else None
    try:
        context.scene = load_scene(path, cell, context.profiles, name=f"sim/scenes/{path.name}")
    except ConfigError as error:
        context.problems += error.problems
        context.broken.add("scene")
