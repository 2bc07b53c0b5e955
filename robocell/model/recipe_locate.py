"""How a recipe finds the part: by its round rim, its four sides, or a pattern that a good picture taught."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import Model, pick_variant
from robocell.model.extent import Extent, Side
from robocell.model.quantity import Flag, Quantity
from robocell.model.recipe_region import BoxRegion

FrameName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$", max_length=64)]
PICTURE = "picture"
"""The frame of the picture itself: its origin is the first pixel's centre, X along columns, Y along rows."""
Sector = Annotated[float, Quantity("angle", 0.0, math.pi)]
Share = Annotated[float, Quantity("ratio", 0.0, 1.0)]


class Tool(Model):
    """What every tool may say beside its own."""

    frame: FrameName | None = Field(
        default=None, alias="in", description="The `locate` step in whose frame it works; the last one; `picture`: none"
    )


def _usual(side: Extent) -> Extent:
    """Return how much a side usually may differ: 2 %, and a few pixels where it is told in pixels."""
    return Extent(max(0.02 * side.value, 4.0) if side.pixels else 0.02 * side.value, side.pixels)


class LocateDisc(Tool):
    """Finds the part's round face in the picture.

    Attributes:
        disc: nominal diameter of the rim.
        search: how much the diameter may differ and still be this part's; 2 % by default.
        yaw: whether the face has a pattern that tells how the part is turned; it is learnt.
        hidden: greatest connected share of the rim that may be out of sight, as where two parts touch.

    """

    variant: ClassVar[str] = "disc"
    disc: Side = Field(description="Nominal diameter of the rim")
    search: Side | None = Field(default=None, description="How much the diameter may differ; 2 % by default")
    yaw: Flag = Field(default=True, description="Whether the face shows how it is turned")
    hidden: Annotated[float, Quantity("ratio", 0.0, 0.49)] = Field(
        default=0.08, description="Greatest connected share of the rim that may be out of sight"
    )

    @model_validator(mode="after")
    def _narrow(self) -> Self:
        if self.search is not None:
            if self.search.pixels != self.disc.pixels:
                raise PydanticCustomError("range_order", "'disc' and 'search' are both in a length or both in px")
            if self.search.value > self.disc.value / 10:
                text = "a disc is searched within a tenth of its diameter: make 'search' smaller"
                raise PydanticCustomError("range_order", text)
        return self

    @property
    def within(self) -> Extent:
        """How much the diameter may differ."""
        return self.search or _usual(self.disc)


class LocateRectangle(Tool):
    """Finds a rectangular part against its ground, by its four sides.

    Attributes:
        rectangle: nominal width and height; the width is along the part's own X.
        search: how much either may differ; 2 % of the shorter one by default.
        angle: how far it may be turned either way; beyond 45° a square part cannot be told from itself.

    """

    variant: ClassVar[str] = "rectangle"
    rectangle: tuple[Side, Side] = Field(description="Nominal width (along its own X) and height")
    search: Side | None = Field(default=None, description="How much either side may differ; 2 % by default")
    angle: Sector = Field(default=math.radians(10), description="How far it may be turned either way")

    @model_validator(mode="after")
    def _alike(self) -> Self:
        sides = (*self.rectangle, *(() if self.search is None else (self.search,)))
        if len({side.pixels for side in sides}) > 1:
            raise PydanticCustomError("range_order", "'rectangle' and 'search' are all in a length or all in px")
        if self.search is not None and self.search.value > min(side.value for side in self.rectangle) / 10:
            raise PydanticCustomError(
                "range_order", "a rectangle is searched within a tenth of its sides: make 'search' smaller"
            )
        return self

    @property
    def within(self) -> Extent:
        """How much either side may differ."""
        return self.search or _usual(min(self.rectangle, key=lambda side: side.value))


class LocatePattern(Tool):
    """Finds what a good picture showed in a box.

    Attributes:
        pattern: where the first good picture shows it; what it shows is learnt.
        angle: how far it may be turned either way.
        least: correlation from which on it is the pattern; 1 is a perfect match.
        search: where to look for it; everywhere by default.

    """

    variant: ClassVar[str] = "pattern"
    pattern: BoxRegion = Field(description="Where the first good picture shows the pattern: {box: [x, y, w, h]}")
    angle: Sector = Field(default=math.radians(10), description="How far it may be turned either way")
    least: Share = Field(default=0.6, description="Correlation from which on it is the pattern, 0 to 1")
    search: BoxRegion | None = Field(default=None, description="Where to look: {box: [x, y, w, h]}")


def _form(value: Mapping[str, Any]) -> str:
    return "pattern" if "pattern" in value else "rectangle" if "rectangle" in value else "disc"


Locate = Annotated[
    Annotated[LocateDisc, Tag("~disc")]
    | Annotated[LocateRectangle, Tag("~rectangle")]
    | Annotated[LocatePattern, Tag("~pattern")],
    pick_variant(_form),
]
