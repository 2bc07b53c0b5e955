"""What a device of the catalogue can do: the schema of `hardware/<maker>/<device>/profile.yaml`.

A profile is data that somebody has published, measured or assumed, and says which: every limit is a `Figure`. Values
are SI inside. In a file, `units: {length: mm, angle: deg}` says what the bare numbers of the geometry mean, as in a
cell file; everything else carries its unit. The folder's name is the profile's name in cell files.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.arm_profile import ArmBody, Capsule, Origin
from robocell.model.base import Model, pick_variant
from robocell.model.cell import BareUnits
from robocell.model.figure import (
    AccelerationFigure,
    CountFigure,
    DurationFigure,
    Figure,
    ForceFigure,
    LengthFigure,
    MassFigure,
    PowerFigure,
    RatioFigure,
    SpeedFigure,
)
from robocell.model.quantity import Label, Name, PositiveLength, Sizes, Xyz

SignalType = Literal["bool", "number", "text"]
"""The type that a signal has in expressions."""

_UNSOURCED = ("assumed", "measured")


def _not_verified(value: Any) -> Any:
    return None if value in ("no", False) else value


Verified = Annotated[
    datetime.date | None,
    BeforeValidator(_not_verified, json_schema_input_type=datetime.date | Literal["no"]),
]


class Source(Model):
    """Where figures come from: a short name that they refer to, and a document or an address."""

    name: Label
    document: Label | None = None
    url: Annotated[str, Field(pattern=r"^https://\S+$", max_length=300)] | None = None

    @model_validator(mode="after")
    def _can_be_found(self) -> Source:
        if self.document is None and self.url is None:
            raise PydanticCustomError("source_place", "source '{name}' needs a document or a url", {"name": self.name})
        return self


class Consumption(Model):
    """Electrical power: switched on and waiting, and at work, W."""

    idle: PowerFigure
    active: PowerFigure


class Profile(Model):
    """What every profile says.

    Attributes:
        verified: the day on which the figures were checked on a real device; None (`no` in a file): never.
        signals: what expressions in a cell file may read of the device.

    """

    known_signals: ClassVar[dict[str, SignalType]] = {}

    profile: Literal[1] = Field(description="Version of this format")
    units: BareUnits = Field(default=BareUnits(), description="Units of bare lengths and angles")
    kind: str
    maker: Label
    model: Label
    description: Label
    sources: tuple[Source, ...] = Field(min_length=1, max_length=50)
    verified: Verified = Field(default=None, description="`no`, or the day of a check on a real device")
    power: Consumption
    signals: dict[Name, SignalType] = Field(description="What expressions may read", max_length=100)

    def figures(self) -> Iterator[tuple[str, Figure]]:
        """Yield every figure with its place in the profile, such as `joints.0.velocity`."""
        yield from _figures(self, "")

    def told(self) -> Iterator[tuple[str, str]]:
        """Yield every source that is named, with its place in the profile."""
        for place, figure in self.figures():
            yield place, figure.source

    @model_validator(mode="after")
    def _every_source_is_listed(self) -> Profile:
        names = {source.name for source in self.sources}
        for place, source in self.told():
            head = source.split(":")[0].split(",")[0].strip()
            if head not in names and head not in _UNSOURCED:
                raise PydanticCustomError(
                    "unknown_source",
                    "{place} names the source '{head}', which `sources` does not list; say 'assumed: why' for a guess",
                    {"place": place, "head": head},
                )
        return self

    @model_validator(mode="after")
    def _signals_exist(self) -> Profile:
        offered = {"fault": "text", **self.offers()}
        for name, kind in self.signals.items():
            if offered.get(name) != kind:
                raise PydanticCustomError(
                    "unknown_signal",
                    "a device of this kind has no signal '{name}' of type {kind}; it has {offered}",
                    {
                        "name": name,
                        "kind": kind,
                        "offered": ", ".join(f"{k}: {v}" for k, v in offered.items()),
                    },
                )
        return self

    def offers(self) -> dict[str, SignalType]:
        """Return the signals that the hardware abstraction layer has for this device, beside `fault`."""
        return dict(self.known_signals)


class ArmProfile(ArmBody, Profile):
    """A serial arm. Zero positions, signs and joint names are the maker's; the base frame is ROS `base_link`."""

    variant: ClassVar[str] = "arm"
    known_signals: ClassVar[dict[str, SignalType]] = {"moving": "bool"}
    kind: Literal["arm"]

    def told(self) -> Iterator[tuple[str, str]]:
        """Yield every source that is named, with its place in the profile."""
        yield from super().told()
        for i, link in enumerate(self.links):
            for name, part in (("centre", link.centre), ("inertia", link.inertia)):
                if part is not None:
                    yield f"links.{i}.{name}", part.source


class Fingers(Model):
    """The pads. The fingers close along X of the TCP; pads are wide along Y, deep along Z, thick behind the face."""

    width: PositiveLength
    depth: PositiveLength
    thickness: PositiveLength


class GripperProfile(Profile):
    """A gripper with two parallel fingers.

    `tcp` is the tool centre point in the flange frame: between the pads, Z out. Capsules are in the flange frame too,
    fingers open. `detection` is the least difference between commanded and reached opening that the gripper reports
    as an object.
    """

    variant: ClassVar[str] = "gripper"
    known_signals: ClassVar[dict[str, SignalType]] = {"holding": "bool"}
    kind: Literal["gripper"]
    stroke: LengthFigure
    speed: SpeedFigure = Field(description="Greatest closing speed, of the opening")
    least_speed: SpeedFigure
    force: ForceFigure = Field(description="Greatest gripping force")
    least_force: ForceFigure
    detection: LengthFigure
    mass: MassFigure
    centre_of_gravity: Xyz
    tcp: Origin
    fingers: Fingers
    capsules: tuple[Capsule, ...] = Field(max_length=50)


class ConveyorProfile(Profile):
    """A belt conveyor with its drive. `usual_speed` holds where the cell file names none."""

    variant: ClassVar[str] = "conveyor"
    known_signals: ClassVar[dict[str, SignalType]] = {"running": "bool"}
    kind: Literal["conveyor"]
    speed: SpeedFigure = Field(description="Greatest belt speed")
    usual_speed: SpeedFigure
    acceleration: AccelerationFigure = Field(description="The drive's ramp")
    friction: RatioFigure = Field(description="Friction coefficient of the belt's surface")
    overload: DurationFigure = Field(description="How long the drive pushes against a jam before it trips")


class CameraProfile(Profile):
    """An area camera with its lens; grey levels are those of 8 bits.

    `distortion` is k₁ of r·(1 + k₁ r²), r = lateral distance ÷ depth. A picture older than `max_age` is stale.
    """

    variant: ClassVar[str] = "camera"
    kind: Literal["camera"]
    resolution: tuple[
        Annotated[int, Field(ge=16, le=20000, strict=True)],
        Annotated[int, Field(ge=16, le=20000, strict=True)],
    ] = Field(description="Columns and rows")
    pitch: LengthFigure = Field(description="Distance of pixel centres on the sensor")
    focal_length: LengthFigure
    distortion: RatioFigure
    blur: CountFigure = Field(description="Sigma of the point spread, pixels")
    noise: CountFigure = Field(description="Sigma of a pixel's noise, grey levels")
    vignetting: RatioFigure = Field(description="Share of light lost in the corners")
    shading: RatioFigure = Field(description="Share by which light differs between opposite edges")
    drift: RatioFigure = Field(description="Sigma of the brightness from picture to picture")
    exposure: DurationFigure
    readout: DurationFigure = Field(description="From the end of exposure until the picture is there")
    max_age: DurationFigure


class SensorProfile(Profile):
    """A binary sensor. `response` is from the true edge to the output's edge, both ways."""

    variant: ClassVar[str] = "sensor"
    known_signals: ClassVar[dict[str, SignalType]] = {"blocked": "bool"}
    kind: Literal["sensor"]
    response: DurationFigure
    range: LengthFigure
    beam: LengthFigure = Field(description="Height of the beam above the surface it looks across")


class SafetyProfile(Profile):
    """A safety relay whose state is mirrored to ordinary inputs. robocell watches it and is no part of its function."""

    variant: ClassVar[str] = "safety"
    known_signals: ClassVar[dict[str, SignalType]] = {
        "channel_a": "bool",
        "channel_b": "bool",
        "door_closed": "bool",
        "estop_released": "bool",
    }
    kind: Literal["safety"]
    channels: Literal[2]
    period: DurationFigure = Field(description="How often the mirrors are refreshed")
    discrepancy: DurationFigure = Field(description="How long the two channels may differ while switching")


class PanelProfile(Profile):
    """An operator panel: momentary push-buttons, lamps, and digital channels for the cell file's `io:`, from 1."""

    variant: ClassVar[str] = "panel"
    kind: Literal["panel"]
    inputs: tuple[Name, ...] = Field(max_length=64, description="Push-buttons; each is also a signal")
    outputs: tuple[Name, ...] = Field(max_length=64, description="Lamps")
    digital_inputs: Annotated[int, Field(ge=0, le=1023, strict=True)]
    digital_outputs: Annotated[int, Field(ge=0, le=1023, strict=True)]
    response: DurationFigure

    def offers(self) -> dict[str, SignalType]:
        """Return one truth value for each push-button."""
        return dict.fromkeys(self.inputs, "bool")

    @model_validator(mode="after")
    def _names_are_told_apart(self) -> PanelProfile:
        names = (*self.inputs, *self.outputs, "fault")
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise PydanticCustomError("twice", "'{name}' names two inputs or outputs", {"name": twice[0]})
        return self


class MeterProfile(Profile):
    """An electricity meter."""

    variant: ClassVar[str] = "meter"
    known_signals: ClassVar[dict[str, SignalType]] = {"power": "number", "energy": "number"}
    kind: Literal["meter"]
    accuracy: RatioFigure = Field(description="Of active energy, relative")
    refresh: DurationFigure = Field(description="How often the measured values are renewed")
    resolution: PowerFigure = Field(description="Least step of the power reading")


class Enclosure(Model):
    """A machine's box: its extents and its centre in the machine's frame, and the face that the door opens."""

    box: Sizes
    xyz: Xyz
    door: Literal["front", "back", "left", "right", "top"] = Field(
        description="Side of the door: front is −Y of the machine's frame, left −X"
    )


class MachineProfile(Profile):
    """A machine tool that an arm loads. Its frame is on the floor in the middle of the box."""

    variant: ClassVar[str] = "machine"
    known_signals: ClassVar[dict[str, SignalType]] = {
        "door_open": "bool",
        "clamped": "bool",
        "running": "bool",
    }
    kind: Literal["machine"]
    door_opens: DurationFigure
    door_closes: DurationFigure
    clamp_opens: DurationFigure
    clamp_closes: DurationFigure
    clamp_force: ForceFigure
    start: DurationFigure = Field(description="From the start signal until the machine reports that it runs")
    spindle: PowerFigure = Field(description="Spindle power while a program runs, beside `power.active`")
    enclosure: Enclosure


def _kind(value: Any) -> str:
    return str(value.get("kind", "unknown"))


AnyProfile = Annotated[
    Annotated[ArmProfile, Tag("~arm")]
    | Annotated[GripperProfile, Tag("~gripper")]
    | Annotated[ConveyorProfile, Tag("~conveyor")]
    | Annotated[CameraProfile, Tag("~camera")]
    | Annotated[SensorProfile, Tag("~sensor")]
    | Annotated[SafetyProfile, Tag("~safety")]
    | Annotated[PanelProfile, Tag("~panel")]
    | Annotated[MeterProfile, Tag("~meter")]
    | Annotated[MachineProfile, Tag("~machine")],
    pick_variant(_kind),
]
"""Any profile, told apart by its `kind`."""


def _figures(value: object, place: str) -> Iterator[tuple[str, Figure]]:
    if isinstance(value, Figure):
        yield place, value
    elif isinstance(value, Model):
        for name in type(value).model_fields:
            yield from _figures(getattr(value, name), f"{place}.{name}" if place else name)
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from _figures(item, f"{place}.{index}")
