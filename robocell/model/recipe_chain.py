"""What a recipe's chain means: names, frames, and the steps that steps refer to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from robocell.model.recipe import GaugeStep, LocateStep, PairStep, Recipe, Step, StepBase
from robocell.model.recipe_gauge import AngleGauge, CircleGauge, DiameterGauge, DistanceGauge, WidthGauge
from robocell.model.recipe_locate import PICTURE, LocateDisc, LocateRectangle
from robocell.model.recipe_tools import Golden, Pair

Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class ChainProblem:
    """Something wrong with the chain.

    Attributes:
        code: its code in `robocell.config.codes`.
        loc: keys and indices from the root; tags of unions left out.
        message: what is wrong.
        hint: what to do.
        word: a name that is not known; a close one of `known` is suggested.
        known: see `word`.
        other: the second place of a conflict.

    """

    code: str
    loc: Loc
    message: str
    hint: str = ""
    word: str = ""
    known: tuple[str, ...] = ()
    other: Loc = ()


def chain_problems(recipe: Recipe) -> tuple[ChainProblem, ...]:
    """Return what is wrong with a recipe that is right in form."""
    steps = recipe.tools
    found = [*_names(steps)]
    for index, step in enumerate(steps):
        found += _frame(steps, index)
        found += _needs(steps, index)
        if isinstance(step, GaugeStep):
            found += _calipers(steps, index)
        if isinstance(step, PairStep) and step.pair.code is not None:
            found += _earlier(steps, index, ("tools", index, "pair", "code"), step.pair.code, "code")
    return tuple(found)


def frame_of(steps: Sequence[StepBase], index: int) -> LocateStep | None:
    """Return the `locate` step in whose frame a step works, None for the picture's."""
    wanted = steps[index].tool.frame
    for step in reversed(steps[:index]):
        if isinstance(step, LocateStep) and wanted in (None, step.name):
            return step
    return None


def _names(steps: Sequence[Step]) -> Iterator[ChainProblem]:
    first: dict[str, int] = {}
    for index, step in enumerate(steps):
        loc = ("tools", index, "name")
        if step.name == PICTURE:
            yield ChainProblem("RC207", loc, f"'{PICTURE}' is the frame of the picture itself and names no step")
        if step.name in first:
            message = f"two steps are called '{step.name}'"
            other = ("tools", first[step.name], "name")
            yield ChainProblem("RC206", loc, message, "give one a name: name: …", other=other)
        first.setdefault(step.name, index)


def _frame(steps: Sequence[Step], index: int) -> Iterator[ChainProblem]:
    step, wanted = steps[index], steps[index].tool.frame
    loc = ("tools", index, step.variant, "in")
    if wanted is None or wanted == PICTURE:
        return
    if isinstance(step.tool, LocateDisc | LocateRectangle):
        yield ChainProblem("RC213", loc, "the part is looked for in the whole picture", "leave 'in' out")
        return
    yield from _earlier(steps, index, loc, wanted, "locate")


def _earlier(steps: Sequence[Step], index: int, loc: Loc, name: str, tool: str) -> Iterator[ChainProblem]:
    """Report a reference that is not to an earlier step with the right tool."""
    known = tuple(step.name for step in steps[:index] if step.variant == tool)
    if name in known:
        return
    other = next((k for k, step in enumerate(steps) if step.name == name), None)
    listing = f"earlier: {', '.join(known)}" if known else f"put a '{tool}' step before this one"
    if other is None:
        yield ChainProblem("RC204", loc, f"no step named '{name}'", listing, name, known)
    elif steps[other].variant != tool:
        message = f"step '{name}' is a {steps[other].variant}, and a {tool} is needed here"
        yield ChainProblem("RC205", loc, message, listing)
    else:
        at: Loc = ("tools", other, tool)
        yield ChainProblem("RC802", loc, f"step '{name}' comes only later", "put it before this one", other=at)


def _needs(steps: Sequence[Step], index: int) -> Iterator[ChainProblem]:
    """Report tools that need a located disc where there is none."""
    step, tool = steps[index], steps[index].tool
    of_disc = isinstance(tool, DiameterGauge) or (isinstance(tool, Golden) and tool.inside is not None)
    if not of_disc:
        return
    key = "diameter" if isinstance(tool, DiameterGauge) else "inside"
    loc, frame = ("tools", index, step.variant, key), frame_of(steps, index)
    if frame is None or not isinstance(frame.locate, LocateDisc):
        hint = "put 'locate: {disc: …}' before it" + (", or give a 'region'" if key == "inside" else "")
        yield ChainProblem("RC803", loc, f"'{key}' needs a located disc", hint)
    elif isinstance(tool, Golden) and tool.inside is not None and tool.inside.pixels == frame.locate.disc.pixels:
        if tool.inside.value >= frame.locate.disc.value:
            message = f"the compared diameter, {tool.inside}, is not inside the disc, {frame.locate.disc}"
            yield ChainProblem("RC213", loc, message, "make 'inside' smaller than 'disc'")


def _calipers(steps: Sequence[Step], index: int) -> Iterator[ChainProblem]:
    gauge = steps[index].tool
    base: Loc = ("tools", index, "gauge")
    if isinstance(gauge, WidthGauge):
        found = [*_earlier(steps, index, (*base, "width"), gauge.width, "caliper")]
        yield from found
        if not found and not next(s.tool.pair for s in steps[:index] if s.name == gauge.width):
            message = f"caliper '{gauge.width}' measures single edges, and a width is between two"
            yield ChainProblem("RC213", (*base, "width"), message, "give that caliper 'pair: true'")
        return
    key, names = references(gauge)
    for place, name in enumerate(names):
        yield from _earlier(steps, index, (*base, key, place), name, "caliper")
        if name in names[:place]:
            yield ChainProblem("RC213", (*base, key, place), f"caliper '{name}' is here twice", "name another one")


def references(tool: object) -> tuple[str, tuple[str, ...]]:
    """Return the key and the steps, other than a `locate`, without whose finds a tool cannot work."""
    if isinstance(tool, DistanceGauge):
        return "distance", tool.distance
    if isinstance(tool, AngleGauge):
        return "angle", tool.angle
    if isinstance(tool, CircleGauge):
        return "circle", tool.circle
    if isinstance(tool, WidthGauge):
        return "width", (tool.width,)
    if isinstance(tool, Pair) and tool.code is not None:
        return "code", (tool.code,)
    return "diameter", ()
