"""The devices of a cell: one class for each canonical kind.

A file never writes `kind`: it names a profile, and the loader adds the kind that the profile has.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, Tag

from robocell.model.base import Model, pick_variant
from robocell.model.pose import Pose
from robocell.model.quantity import (
    AngularAcceleration,
    AngularJerk,
    AngularSpeed,
    Distance,
    Duration,
    Flag,
    Force,
    JointPosition,
    Mass,
    Name,
    PositiveDuration,
    PositiveLength,
    RelativePath,
    Speed,
)

DeviceKind = Literal["arm", "gripper", "conveyor", "camera", "sensor", "safety", "panel", "meter", "machine"]
ProfileName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*$", max_length=100)]


class DeviceBase(Model):
    """What every device says: its profile in the catalogue."""

    profile: ProfileName = Field(description="Maker and device in the catalogue, such as generic/photo-eye")
    description: str = ""


class ArmDevice(Model):
    """A robot arm, from a profile or from a URDF file of your own."""

    variant: ClassVar[str] = "arm"
    kind: Literal["arm"]
    profile: ProfileName | None = Field(default=None, description="Maker and arm in the catalogue")
    urdf: RelativePath | None = Field(
        default=None, description="A URDF file beside the cell file, instead of a profile"
    )
    flange: str | None = Field(
        default=None, description="URDF only: the link that carries the tool; the last one otherwise"
    )
    acceleration: AngularAcceleration | None = Field(
        default=None, description="URDF only (URDF has no such limit): every joint's acceleration"
    )
    jerk: AngularJerk | None = Field(default=None, description="URDF only: every joint's jerk")
    payload: Mass | None = Field(default=None, description="URDF only: what the arm may carry, tool included")
    pose: Pose = Field(default=Pose(), description="Where its base_link stands")
    tool: Name | None = Field(default=None, description="The gripper on its flange")
    home: tuple[JointPosition, ...] | None = Field(
        default=None,
        min_length=1,
        max_length=9,
        description="Rest position, one angle a joint (of a sliding joint a length with its unit); the profile's otherwise",
    )
    joint_speed: AngularSpeed | None = Field(default=None, description="Slower than the profile's limits")
    description: str = ""


class GripperDevice(DeviceBase):
    """A gripper, on the arm whose `tool` it is."""

    variant: ClassVar[str] = "gripper"
    kind: Literal["gripper"]
    force: Force | None = Field(default=None, description="Gripping force; the profile's where left out")


class ConveyorDevice(DeviceBase):
    """A belt. Its pose is the centre of its surface at the start, X along travel."""

    variant: ClassVar[str] = "conveyor"
    kind: Literal["conveyor"]
    length: PositiveLength
    width: PositiveLength
    pose: Pose
    speed: Speed | None = Field(default=None, description="Belt speed; the profile's usual speed where left out")


class CameraDevice(DeviceBase):
    """A camera. Its pose is the optical frame: Z into the picture, X to the right."""

    variant: ClassVar[str] = "camera"
    kind: Literal["camera"]
    pose: Pose
    exposure: PositiveDuration | None = Field(default=None, description="Exposure time; the profile's where left out")


class SensorDevice(DeviceBase):
    """A binary sensor: a beam across a belt, or one at a pose."""

    variant: ClassVar[str] = "sensor"
    kind: Literal["sensor"]
    belt: Name | None = Field(default=None, description="The belt that it looks across")
    at: Distance | None = Field(default=None, description="Distance from the belt's start, along travel")
    pose: Pose | None = Field(default=None, description="Where it is, if not at a belt")
    debounce: Duration = Field(default=0.0, description="Shorter changes are ignored")
    invert: Flag = Field(default=False, description="The input is on when nothing is seen")


class SafetyDevice(DeviceBase):
    """A safety relay's mirrors. robocell watches them and is no part of the safety function."""

    variant: ClassVar[str] = "safety"
    kind: Literal["safety"]


class PanelDevice(DeviceBase):
    """Buttons and lamps for a person."""

    variant: ClassVar[str] = "panel"
    kind: Literal["panel"]


class MeterDevice(DeviceBase):
    """An electricity meter."""

    variant: ClassVar[str] = "meter"
    kind: Literal["meter"]


class MachineDevice(DeviceBase):
    """A machine that works on parts: door and clamp are handled with its program."""

    variant: ClassVar[str] = "machine"
    kind: Literal["machine"]
    pose: Pose


def _kind(value: Mapping[str, Any]) -> str:
    return str(value.get("kind", "unknown"))


Device = Annotated[
    Annotated[ArmDevice, Tag("~arm")]
    | Annotated[GripperDevice, Tag("~gripper")]
    | Annotated[ConveyorDevice, Tag("~conveyor")]
    | Annotated[CameraDevice, Tag("~camera")]
    | Annotated[SensorDevice, Tag("~sensor")]
    | Annotated[SafetyDevice, Tag("~safety")]
    | Annotated[PanelDevice, Tag("~panel")]
    | Annotated[MeterDevice, Tag("~meter")]
    | Annotated[MachineDevice, Tag("~machine")],
    pick_variant(_kind),
]
