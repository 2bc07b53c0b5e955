"""The mechanical part of an arm's profile: joints as in URDF, links as capsules, limits as figures."""

from __future__ import annotations

import math
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import Model
from robocell.model.figure import (
    AccelerationFigure,
    AngularAccelerationFigure,
    AngularJerkFigure,
    AngularSpeedFigure,
    JerkFigure,
    LengthFigure,
    MassFigure,
    SpeedFigure,
)
from robocell.model.quantity import Angle, JointPosition, Label, Length, Name, PositiveLength, Rpy, Xyz

_UNIT_LENGTH = 1e-6  # how far an axis may be from length one


class Capsule(Model):
    """All points within `radius` of the segment `from`–`to`, m, in the frame of the link that owns it."""

    start: Xyz = Field(alias="from")
    end: Xyz = Field(alias="to")
    radius: PositiveLength


class Origin(Model):
    """A frame in another one, as in URDF: `rpy` turns about the fixed axes X, Y, Z in this order."""

    xyz: Xyz = (0.0, 0.0, 0.0)
    rpy: Rpy = (0.0, 0.0, 0.0)


Direction = tuple[float, float, float]


class _Joint(Model):
    """What every joint has."""

    name: Name
    origin: Origin = Field(description="The joint's frame in the frame of the link before it, at position 0")
    axis: Direction = Field(description="Of length 1, in the joint's frame")
    position: tuple[float, float]

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        length = math.sqrt(sum(part * part for part in self.axis))
        if abs(length - 1.0) > _UNIT_LENGTH:
            raise PydanticCustomError(
                "axis_length",
                "the axis of joint {name} has length {length}, it must be 1",
                {"name": self.name, "length": f"{length:.6g}"},
            )
        if not self.position[0] < self.position[1]:
            raise PydanticCustomError(
                "limits_order",
                "joint {name}: the first position limit must be below the second",
                {"name": self.name},
            )
        return self


class Centre(Model):
    """A centre of mass in the frame of the link, m, and who says so."""

    xyz: Xyz
    source: Label


_Moment = Annotated[float, Field(ge=-1e4, le=1e4, allow_inf_nan=False)]


class Inertia(Model):
    """Moments of inertia about the centre of mass, kg·m², and who says so.

    As in URDF: axes are the link's, turned by `rpy`; `xy`, `xz`, `yz` are entries of the matrix, not their negatives.
    """

    rpy: Rpy = (0.0, 0.0, 0.0)
    xx: _Moment
    yy: _Moment
    zz: _Moment
    xy: _Moment = 0.0
    xz: _Moment = 0.0
    yz: _Moment = 0.0
    source: Label

    @model_validator(mode="after")
    def _is_possible(self) -> Inertia:
        a, b, c = self.xx, self.yy, self.zz
        minors = (a * b - self.xy**2, a * c - self.xz**2, b * c - self.yz**2)
        if min(a, b, c) <= 0.0 or max(a, b, c) > a + b + c - max(a, b, c) or min(minors) <= 0.0:
            raise PydanticCustomError(
                "inertia_impossible",
                "no body has these moments of inertia: each is positive, none exceeds the sum of the others",
                {},
            )
        return self


class TurningJoint(_Joint):
    """A joint that turns about its axis; position in rad."""

    type: Literal["revolute"]
    position: tuple[Angle, Angle] = Field(description="Least and greatest position")
    velocity: AngularSpeedFigure
    acceleration: AngularAccelerationFigure
    jerk: AngularJerkFigure


class SlidingJoint(_Joint):
    """A joint that slides along its axis; position in m."""

    type: Literal["prismatic"]
    position: tuple[Length, Length] = Field(description="Least and greatest position")
    velocity: SpeedFigure
    acceleration: AccelerationFigure
    jerk: JerkFigure


Joint = Annotated[TurningJoint | SlidingJoint, Field(discriminator="type")]


class Link(Model):
    """A rigid body of the arm: link 0 is the base, link i the one that joint i moves, in the frame after joint i.

    Where the centre of mass or the inertia is left out, the link is taken to be capsules of one density.
    """

    mass: MassFigure
    centre: Centre | None = Field(default=None, description="Its centre of mass")
    inertia: Inertia | None = Field(default=None, description="Its moments of inertia, about its centre of mass")
    capsules: tuple[Capsule, ...] = Field(default=(), max_length=50)

    @model_validator(mode="after")
    def _inertia_has_a_centre(self) -> Link:
        if self.inertia is not None and self.centre is None:
            raise PydanticCustomError("inertia_centre", "`inertia` is about the centre of mass: name `centre` too", {})
        return self


class ToolLimits(Model):
    """What the tool centre point may do along a straight line, and in turning."""

    speed: SpeedFigure
    acceleration: AccelerationFigure
    jerk: JerkFigure
    angular_speed: AngularSpeedFigure
    angular_acceleration: AngularAccelerationFigure
    angular_jerk: AngularJerkFigure


class ArmBody(Model):
    """A serial chain and its limits.

    `flange` goes from the last joint's frame to the mounting face, Z out of it, as ROS `tool0` and the maker's controller have
    it. `home` has one position a joint. `reach` is the maker's figure, from the axis of joint 1 to the centre of the wrist.
    """

    joints: tuple[Joint, ...] = Field(min_length=1, max_length=9)
    flange: Origin
    links: tuple[Link, ...] = Field(min_length=2, max_length=10, description="The base and what each joint moves")
    home: tuple[JointPosition, ...] = Field(description="Rest position, one a joint")
    payload: MassFigure
    reach: LengthFigure
    repeatability: LengthFigure
    tcp: ToolLimits

    @model_validator(mode="after")
    def _counts_agree(self) -> ArmBody:
        n = len(self.joints)
        if len(self.links) != n + 1:
            raise PydanticCustomError(
                "links_count",
                "{n} joints move {n} links, with the base {all}; `links` has {found}",
                {"n": n, "all": n + 1, "found": len(self.links)},
            )
        if len(self.home) != n:
            raise PydanticCustomError(
                "home_count", "`home` has {found} positions for {n} joints", {"n": n, "found": len(self.home)}
            )
        names = [joint.name for joint in self.joints]
        if len(set(names)) != n:
            raise PydanticCustomError("joint_names", "two joints have the same name", {})
        for joint, home in zip(self.joints, self.home, strict=True):
            if not joint.position[0] <= home <= joint.position[1]:
                raise PydanticCustomError(
                    "home_limits", "`home` is outside the limits of joint {name}", {"name": joint.name}
                )
        return self
