"""What a device of the catalogue can do: the schema of `hardware/<maker>/<device>/profile.yaml`.

A profile is data that somebody has published, measured or assumed, and says which: every figure is
`{value, source, uncertainty}`. Values are SI inside; in a file each carries its unit. Lengths of geometry (`xyz`,
`radius`, …) may be bare and are metres then, as in URDF; a bare angle is refused in a file, since URDF's radians and a data
sheet's degrees look alike. From Python (no `{"file": True}` in the validation context) bare numbers are SI.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from robocell.model.figures import (
    Acceleration,
    Angle,
    Angles,
    AngularAcceleration,
    AngularJerk,
    AngularSpeed,
    Axis,
    Data,
    Duration,
    Force,
    Jerk,
    Length,
    Mass,
    Number,
    Origin,
    Power,
    Reading,
    Share,
    Source,
    Speed,
    Vector,
    Verified,
)

SignalType = Literal["bool", "number", "text"]
"""The type that a signal has in expressions."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name that expressions and the cell file's `io:` can use."""


class Capsule(Data):
    """All points within `radius` of the segment `from`–`to`; metres, in the frame of the link that owns it."""

    start: Vector = Field(alias="from")
    end: Vector = Field(alias="to")
    radius: Annotated[Length, Field(gt=0, le=2)]


class Consumption(Data):
    """Electrical power in W: switched on and waiting, and at work."""

    idle: Power
    active: Power


class Common(Data):
    """What every profile says. `verified` is the day on which the figures were checked on a real device, or None."""

    profile: Literal[1]
    maker: Annotated[str, Field(min_length=1)]
    model: Annotated[str, Field(min_length=1)]
    description: Annotated[str, Field(min_length=1)]
    sources: Annotated[tuple[Source, ...], Field(min_length=1)]
    verified: Verified = None
    power: Consumption
    signals: dict[Name, SignalType] = Field(default_factory=dict)


class RevoluteJoint(Data):
    """A turning joint: `origin` from the link before, then a turn about `axis` (of unit length) by its position."""

    name: str
    type: Literal["revolute"]
    origin: Origin
    axis: Axis
    position: Annotated[tuple[Angle, Angle], Field(description="least and greatest position in rad")]
    velocity: AngularSpeed
    acceleration: AngularAcceleration
    jerk: AngularJerk

    @model_validator(mode="after")
    def _ordered(self) -> RevoluteJoint:
        return _ordered_limits(self)


class PrismaticJoint(Data):
    """A sliding joint: `origin` from the link before, then a shift along `axis` (of unit length) by its position."""

    name: str
    type: Literal["prismatic"]
    origin: Origin
    axis: Axis
    position: Annotated[tuple[Length, Length], Field(description="least and greatest position in m")]
    velocity: Speed
    acceleration: Acceleration
    jerk: Jerk

    @model_validator(mode="after")
    def _ordered(self) -> PrismaticJoint:
        return _ordered_limits(self)


Joint = Annotated[RevoluteJoint | PrismaticJoint, Field(discriminator="type")]


class Link(Data):
    """A rigid body of an arm: link 0 is the base, link i moves with joint i. An estimate of its mass in kg."""

    capsules: tuple[Capsule, ...] = ()
    mass: Annotated[Mass, Field(gt=0)]


class ToolLimits(Data):
    """What the tool centre point may do along a straight line."""

    speed: Speed
    acceleration: Acceleration
    jerk: Jerk


class ArmProfile(Common):
    """A serial arm. Zero positions, signs and joint names are the maker's; the base frame is ROS `base_link`.

    `flange` goes from the last joint's frame to the mounting face, Z outwards, as ROS `tool0` and the maker's controller
    have it. `home` is one position per joint in rad. `reach` is the maker's figure, measured as the maker does.
    """

    kind: Literal["arm"]
    joints: Annotated[tuple[Joint, ...], Field(min_length=1, max_length=9)]
    flange: Origin
    links: tuple[Link, ...]
    home: Angles
    payload: Annotated[Reading, Field(json_schema_extra={"dimension": "mass"})]
    reach: Annotated[Reading, Field(json_schema_extra={"dimension": "length"})]
    repeatability: Annotated[Reading, Field(json_schema_extra={"dimension": "length"})]
    tcp: ToolLimits

    @model_validator(mode="after")
    def _consistent(self) -> ArmProfile:
        return self


def _ordered_limits(joint):
    return joint
