"""An inspection recipe: a chain of named steps, one tool each. What a chain means is checked by `recipe_chain`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import Model, pick_variant
from robocell.model.extent import Extent
from robocell.model.recipe_gauge import Gauge
from robocell.model.recipe_locate import Locate, LocateDisc, LocatePattern
from robocell.model.recipe_tools import Blob, Caliper, Colour, Golden, Pair, Presence, ReadCode

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=64)]
ToolName = Literal["locate", "golden", "pair", "blob", "caliper", "gauge", "presence", "colour", "code"]
TOOLS: tuple[ToolName, ...] = get_args(ToolName)


class StepBase(Model):
    """One step. Its `name`, by default its tool's, may stand beside the tool or among its arguments."""

    variant: ClassVar[ToolName]
    name: Name

    @model_validator(mode="before")
    @classmethod
    def _hoist_name(cls, value: Any) -> Any:
        arguments = value.get(cls.variant) if isinstance(value, Mapping) else None
        if not isinstance(arguments, Mapping) or "name" not in arguments:
            return value
        if "name" in value:
            raise PydanticCustomError("name_twice", "this step has two names; keep one")
        rest = {key: item for key, item in arguments.items() if key != "name"}
        return {**value, cls.variant: rest, "name": arguments["name"]}

    @property
    def tool(self) -> Any:
        """The tool's arguments."""
        return getattr(self, self.variant)


class LocateStep(StepBase):
    """The step `locate`: where is the part?"""

    variant: ClassVar[ToolName] = "locate"
    name: Name = "locate"
    locate: Locate


class GoldenStep(StepBase):
    """The step `golden`: does it look like good ones?"""

    variant: ClassVar[ToolName] = "golden"
    name: Name = "golden"
    golden: Golden


class PairStep(StepBase):
    """The step `pair`: does it look like its own template?"""

    variant: ClassVar[ToolName] = "pair"
    name: Name = "pair"
    pair: Pair


class BlobStep(StepBase):
    """The step `blob`: how many spots are there?"""

    variant: ClassVar[ToolName] = "blob"
    name: Name = "blob"
    blob: Blob


class CaliperStep(StepBase):
    """The step `caliper`: where exactly is an edge?"""

    variant: ClassVar[ToolName] = "caliper"
    name: Name = "caliper"
    caliper: Caliper


class GaugeStep(StepBase):
    """The step `gauge`: is a measure within its limits?"""

    variant: ClassVar[ToolName] = "gauge"
    name: Name = "gauge"
    gauge: Gauge


class PresenceStep(StepBase):
    """The step `presence`: is something there?"""

    variant: ClassVar[ToolName] = "presence"
    name: Name = "presence"
    presence: Presence


class ColourStep(StepBase):
    """The step `colour`: has it the right colour?"""

    variant: ClassVar[ToolName] = "colour"
    name: Name = "colour"
    colour: Colour


class CodeStep(StepBase):
    """The step `code`: what does its code say?"""

    variant: ClassVar[ToolName] = "code"
    name: Name = "code"
    code: ReadCode


def _tool(step: Mapping[str, Any]) -> str:
    """Return the one tool that a step names, so that an error tells of that tool and of no other."""
    named = [key for key in step if key in TOOLS]
    return named[0] if len(named) == 1 else "none"


Step = Annotated[
    Annotated[LocateStep, Tag("~locate")]
    | Annotated[GoldenStep, Tag("~golden")]
    | Annotated[PairStep, Tag("~pair")]
    | Annotated[BlobStep, Tag("~blob")]
    | Annotated[CaliperStep, Tag("~caliper")]
    | Annotated[GaugeStep, Tag("~gauge")]
    | Annotated[PresenceStep, Tag("~presence")]
    | Annotated[ColourStep, Tag("~colour")]
    | Annotated[CodeStep, Tag("~code")],
    pick_variant(_tool),
]


class Recipe(Model):
    """How a part is inspected.

    Attributes:
        recipe: its name.
        description: for people.
        tools: the chain, in the order in which it is run.

    """

    recipe: Name = Field(description="Its name, that of its file")
    description: str = Field(default="", max_length=1000, description="For people")
    tools: Annotated[tuple[Step, ...], Field(min_length=1, max_length=64)] = Field(
        description="The chain: one tool a step, in the order in which they run"
    )

    @property
    def needs_model(self) -> bool:
        """Whether something must be learnt from good parts before it can run."""
        return any(learns(step) for step in self.tools)

    @property
    def needs_colour(self) -> bool:
        """Whether it looks at colours."""
        return any(step.variant == "colour" for step in self.tools)

    @property
    def uses_lengths(self) -> str:
        """The first length that needs the camera's calibration, as it is told to people; "" where there is none."""
        return next((str(extent) for step in self.tools for extent in _extents(step) if not extent.pixels), "")


def learns(step: StepBase) -> bool:
    """Return whether a step must be taught."""
    tool = step.tool
    if isinstance(tool, LocateDisc):
        return tool.yaw
    if isinstance(tool, Presence | Colour):
        return tool.learns
    return step.variant == "golden" or isinstance(tool, LocatePattern)


def without_folders(recipe: Recipe) -> Recipe:
    """Return the recipe with its templates straight in the folder that is given for them."""
    steps = tuple(
        step.model_copy(update={"pair": step.pair.model_copy(update={"folder": None})})
        if isinstance(step, PairStep)
        else step
        for step in recipe.tools
    )
    return recipe.model_copy(update={"tools": steps})


def _extents(value: Any) -> Iterator[Extent]:
    """Yield every length and area that a model holds."""
    if isinstance(value, Extent):
        if value.value:
            yield value
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _extents(getattr(value, name))
    elif isinstance(value, tuple):
        for item in value:
            yield from _extents(item)
