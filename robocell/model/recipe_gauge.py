"""What the tool `gauge` measures, and its limits; one model a measure, told apart by its key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, Tag

from robocell.model.base import pick_variant
from robocell.model.extent import Limits
from robocell.model.recipe_limits import AngleLimits
from robocell.model.recipe_locate import FrameName, Tool


class DiameterGauge(Tool):
    """The located disc's diameter."""

    variant: ClassVar[str] = "diameter"
    diameter: Limits = Field(description="Diameter of the located disc: 60 mm ± 0.2 mm, or {min, max}")


class DistanceGauge(Tool):
    """The distance of two calipers' edges."""

    variant: ClassVar[str] = "distance"
    distance: tuple[FrameName, FrameName] = Field(description="Two caliper steps")
    limits: Limits = Field(description="40 mm ± 0.1 mm, or {min, max}")


class WidthGauge(Tool):
    """The width between a caliper's pair of edges."""

    variant: ClassVar[str] = "width"
    width: FrameName = Field(description="A caliper step with `pair: true`")
    limits: Limits = Field(description="3 mm ± 0.1 mm, or {min, max}")


class AngleGauge(Tool):
    """The angle at the second of three edges, or between the lines through the first two and the last two of four."""

    variant: ClassVar[str] = "angle"
    angle: Annotated[tuple[FrameName, ...], Field(min_length=3, max_length=4)] = Field(
        description="Three caliper steps (the angle at the second), or four (between two lines)"
    )
    limits: AngleLimits = Field(description="90 deg ± 1 deg, or {min, max}")


class CircleGauge(Tool):
    """The diameter of the circle through three or more calipers' edges."""

    variant: ClassVar[str] = "circle"
    circle: Annotated[tuple[FrameName, ...], Field(min_length=3, max_length=64)] = Field(
        description="Three or more caliper steps"
    )
    limits: Limits = Field(description="Of the diameter: 12 mm ± 0.05 mm, or {min, max}")


GAUGES = ("diameter", "distance", "width", "angle", "circle")


def _measure(value: Mapping[str, Any]) -> str:
    named = [key for key in value if key in GAUGES]
    return named[0] if len(named) == 1 else "none"


Gauge = Annotated[
    Annotated[DiameterGauge, Tag("~diameter")]
    | Annotated[DistanceGauge, Tag("~distance")]
    | Annotated[WidthGauge, Tag("~width")]
    | Annotated[AngleGauge, Tag("~angle")]
    | Annotated[CircleGauge, Tag("~circle")],
    pick_variant(_measure),
]
