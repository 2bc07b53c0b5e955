"""Where a tool looks: a rectangle or a disc in the frame of a `locate` step, or in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, Tag

from robocell.model.base import Model, pick_variant
from robocell.model.extent import ORIGIN, Offset, Point, Side
from robocell.model.quantity import Angle


class BoxRegion(Model):
    """An upright rectangle by its corner: `{box: [x, y, width, height]}`."""

    variant: ClassVar[str] = "box"
    box: tuple[Offset, Offset, Side, Side] = Field(description="Corner nearest to the first pixel, width, height")


class DiscRegion(Model):
    """A disc by its middle and its diameter: `{at: [x, y], disc: 58 mm}`."""

    variant: ClassVar[str] = "disc"
    disc: Side = Field(description="Diameter")
    at: Point = Field(default=ORIGIN, description="Middle, in the frame: along its X and its Y")


class RectangleRegion(Model):
    """A rectangle by its middle, its sides and its turn: `{at: [x, y], size: [20 mm, 8 mm], angle: 30 deg}`."""

    variant: ClassVar[str] = "rectangle"
    size: tuple[Side, Side] = Field(description="Along its own X and Y")
    at: Point = Field(default=ORIGIN, description="Middle, in the frame: along its X and its Y")
    angle: Angle = Field(default=0.0, description="Turn in the frame, from X (columns) towards Y (rows)")


def _form(value: Mapping[str, Any]) -> str:
    return "box" if "box" in value else "disc" if "disc" in value else "rectangle"


Region = Annotated[
    Annotated[BoxRegion, Tag("~box")]
    | Annotated[DiscRegion, Tag("~disc")]
    | Annotated[RectangleRegion, Tag("~rectangle")],
    pick_variant(_form),
]
