"""Charts are of what the recipes behind their result measure, in its unit."""

from __future__ import annotations

from robocell.config.semantics.context import Context
from robocell.config.translate import did_you_mean
from robocell.model.quality import QualityChart
from robocell.model.recipe import Recipe
from robocell.model.recipe_measures import NAMES, measures
from robocell.model.route import InspectStep


def check(context: Context) -> None:
    """Report measurements that a recipe does not make, and limits in another unit."""
    for name, chart in context.cell.quality.items():
        recipes = {
            at.step.inspect.recipe: None
            for at in context.steps()
            if isinstance(at.step, InspectStep) and at.step.inspect.result == chart.result
        }
        for recipe in recipes:
            if recipe in context.read and not _fits(context, name, chart, context.read[recipe]):
                break


def _fits(context: Context, name: str, chart: QualityChart, recipe: Recipe) -> bool:
    known = measures(recipe)
    step, _, quantity = chart.measure.partition(".")
    loc = ("quality", name, "measure")
    listing = [f"{head}.{word}" for head, units in known.items() for word in units or ()]
    there = f"it measures {', '.join(listing[:8])}" if listing else "it measures nothing that could be charted"
    hint = did_you_mean(chart.measure, listing, there)
    if step not in known:
        context.report("RC901", loc, f"recipe '{recipe.recipe}' has no step '{step}'", hint)
        return False
    units = known[step]
    if units is None:
        return True
    if quantity not in units:
        context.report("RC901", loc, f"step '{step}' of recipe '{recipe.recipe}' measures no '{quantity}'", hint)
        return False
    unit = units[quantity]
    if unit not in ("m", "px"):
        context.report("RC902", loc, f"'{chart.measure}' is {NAMES[unit]}, and charts are of lengths", there)
    elif unit != chart.unit:
        way = "write them in px" if unit == "px" else "write them in a length, such as 60 mm ± 0.2 mm"
        text = f"'{chart.measure}' is {NAMES[unit]}, and its limits are {NAMES[chart.unit]}"
        context.report("RC902", ("quality", name, "limits"), text, way)
    return unit == chart.unit
