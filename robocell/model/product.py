"""What the cell works on: a product's shape, mass and grasp."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag

from robocell.model.base import Model, pick_variant
from robocell.model.quantity import Angle, Force, Label, Mass, PositiveLength, Ratio, Rpy, Sizes, Xyz


class CylinderSize(Model):
    """A cylinder's measures; it stands on its end, Z along the axis."""

    diameter: PositiveLength
    height: PositiveLength


class Cylinder(Model):
    """`{cylinder: {diameter, height}}`."""

    variant: ClassVar[Literal["cylinder"]] = "cylinder"
    cylinder: CylinderSize

    @property
    def height(self) -> float:
        """Extent along Z, in metres."""
        return self.cylinder.height

    @property
    def extent(self) -> tuple[float, float, float]:
        """Extents along X, Y and Z, in metres."""
        return (self.cylinder.diameter, self.cylinder.diameter, self.cylinder.height)

    @property
    def symmetric(self) -> bool:
        """Whether turning about Z changes nothing."""
        return True


class Box(Model):
    """`{box: [x, y, z]}`, edge lengths."""

    variant: ClassVar[Literal["box"]] = "box"
    box: Sizes

    @property
    def height(self) -> float:
        """Extent along Z, in metres."""
        return self.box[2]

    @property
    def extent(self) -> tuple[float, float, float]:
        """Extents along X, Y and Z, in metres."""
        return self.box

    @property
    def symmetric(self) -> bool:
        """Whether turning about Z changes nothing."""
        return False


def _shape(value: Mapping[str, Any]) -> str:
    return "cylinder" if "cylinder" in value or "box" not in value else "box"


Shape = Annotated[
    Annotated[Cylinder, Tag("~cylinder")] | Annotated[Box, Tag("~box")],
    pick_variant(_shape),
]


class Grasp(Model):
    """A frame above the part's seat; the tool comes along its −Z: TCP = seat × grasp × Rx(180°)."""

    xyz: Xyz = Field(default=(0.0, 0.0, 0.0), description="Grasp point above the seat (the part's bottom centre)")
    rpy: Rpy = Field(default=(0.0, 0.0, 0.0), description="Tilt of the grasp frame")
    open: PositiveLength | None = Field(
        default=None, description="The gripper's opening before the grasp; the widest where left out"
    )
    yaw: Angle | None = Field(
        default=None,
        description="Angle about the grasp's Z; free for rotationally symmetric parts where left out",
    )
    force: Force | None = Field(default=None, description="Gripping force; the profile's default where left out")


FRICTION = 0.6
"""Sliding friction coefficient of a product that names none: machined metal on rubber."""


class Product(Model):
    """A kind of workpiece."""

    shape: Shape
    mass: Mass
    face: Label | None = Field(default=None, description="What its top looks like (simulation), such as machined-cap")
    friction: Ratio | None = Field(default=None, description="Sliding friction against belt and fingers (simulation)")
    grasp: Grasp = Grasp()
    description: str = ""

    @property
    def sliding_friction(self) -> float:
        """Friction coefficient against belts and fingers; each multiplies it by its own."""
        return FRICTION if self.friction is None else self.friction
