"""Fixtures: obstacles that arms keep clear of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, Tag

from robocell.model.base import Model, pick_variant
from robocell.model.pose import Pose
from robocell.model.product import CylinderSize
from robocell.model.quantity import Sizes


class BoxFixture(Model):
    """A box; its pose is its centre."""

    variant: ClassVar[str] = "box"
    box: Sizes = Field(description="Edge lengths along X, Y and Z")
    pose: Pose


class CylinderFixture(Model):
    """A cylinder; its pose is its centre, Z along the axis."""

    variant: ClassVar[str] = "cylinder"
    cylinder: CylinderSize
    pose: Pose


def _shape(value: Mapping[str, Any]) -> str:
    return "cylinder" if "cylinder" in value and "box" not in value else "box"


Fixture = Annotated[
    Annotated[BoxFixture, Tag("~box")] | Annotated[CylinderFixture, Tag("~cylinder")], pick_variant(_shape)
]
