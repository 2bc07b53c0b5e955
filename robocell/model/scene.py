"""A scene: what the simulated world does by itself. Supply, defects, the operator, faults; never layout."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, StringConstraints, Tag, model_validator
from pydantic_core import PydanticCustomError

from robocell.model.base import ByName, Model, pick_variant
from robocell.model.cell import BareUnits
from robocell.model.quantity import (
    Area,
    Duration,
    Label,
    Name,
    PositiveDuration,
    Quantity,
    Ratio,
    SignalName,
    Xyz,
)

Grey = Annotated[float, Field(gt=0, le=255)]
Few = Annotated[int, Field(strict=True, ge=1, le=20)]

Times = Annotated[int, Field(strict=True, ge=1, le=1000)]


class Spread(Model):
    """A normally distributed time; never negative."""

    mean: PositiveDuration
    sd: Duration = 0.0


class Supply(Model):
    """Parts that appear at a belt's start."""

    product: Name
    every: Spread
    first: Duration | None = Field(
        default=None, description="When the first one comes; one interval after the start otherwise"
    )
    turn: Annotated[float, Quantity("angle", 0.0, math.pi)] = Field(
        default=math.pi, description="How far at most a part lies turned, either way; anyhow where left out"
    )


class Defects(Model):
    """Planted defects: how many parts have some, of which kinds, how large and how strong."""

    share: Ratio = Field(description="Share of parts that have a defect")
    count: tuple[Few, Few] = Field(default=(1, 1), description="Least and most of a defective board's")
    kinds: tuple[Label, ...] = Field(min_length=1, max_length=20)
    area: tuple[Area, Area] = Field(description="Least and largest area")
    contrast: tuple[Grey, Grey] = Field(
        default=(12.0, 80.0), description="Least and largest contrast in grey levels; copper has its own"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Defects:
        ranges: tuple[tuple[float, float], ...] = (self.area, self.contrast, self.count)
        if any(first > last for first, last in ranges):
            raise PydanticCustomError("range_order", "a range begins with its smaller end")
        return self


class DiameterDrift(Model):
    """How the true diameter of a product's parts changes, as under a tool that wears."""

    product: Name = Field(alias="of", description="A round product with a drawn face")
    by: Annotated[float, Quantity("length", -1e-3, 1e-3)] = Field(description="Change from each part to the next")
    sd: Annotated[float, Quantity("length", 0.0, 1e-3)] = Field(
        default=0.0, description="Standard deviation from part to part"
    )
    after: Annotated[int, Field(strict=True, ge=0, le=1_000_000)] = Field(
        default=0, description="Parts that a fresh tool makes before it wears"
    )


class Drift(Model):
    """What changes from part to part. A person who attends a quality alarm's hold changes the tool: it begins anew."""

    diameter: DiameterDrift


class Pictures(Model):
    """Pictures of real parts in place of drawn ones: `<id>_test.jpg`, `<id>_temp.jpg` and the truth in `<id>.txt`."""

    folder: Annotated[str, StringConstraints(min_length=1, max_length=1000)] = Field(
        description="Where the pictures are, from the scene file's folder"
    )
    good: Ratio = Field(default=0.0, description="Share of boards that show their defect-free twin instead")


class Operator(Model):
    """A person, who acts only through inputs: panel, door, parts."""

    start: Duration = Field(default=1.0, description="When the person arms the cell first")
    respond: PositiveDuration | None = Field(
        default=900.0, description="How long a call takes to be answered; null: nobody comes"
    )


class EventBase(Model):
    """One event: when (a time, or when a part's number comes), what."""

    variant: ClassVar[str]
    at: Duration | None = Field(
        default=None, description="Time since the start; the whole run where left out (friction)"
    )
    part: int | None = Field(default=None, strict=True, ge=1, description="When the part of this number is there")


class ShiftArgs(Model):
    """A displacement of the part at a station."""

    at: Name
    by: Xyz


class Shift(EventBase):
    """Somebody pushes the part at a station."""

    variant: ClassVar[str] = "shift"
    shift: ShiftArgs


class Remove(EventBase):
    """Somebody takes the part from a station (or out of a gripper)."""

    variant: ClassVar[str] = "remove"
    remove: Name


class Friction(EventBase):
    """Belts, fingers and parts slide on each other with this coefficient."""

    variant: ClassVar[str] = "friction"
    friction: Annotated[float, Field(gt=0, le=2)]


class Jam(EventBase):
    """A belt jams, for a time or until it is reversed."""

    variant: ClassVar[str] = "jam"
    jam: Name
    duration: PositiveDuration | None = Field(default=None, alias="for")


class Drop(EventBase):
    """A gripper loses the part that it holds, or the next one."""

    variant: ClassVar[str] = "drop"
    drop: Name


class Miss(EventBase):
    """A gripper closes on nothing, `times` times."""

    variant: ClassVar[str] = "miss"
    miss: Name
    times: Times = 1


class OpenInput(EventBase):
    """An input goes off, such as guard.door_closed, for a time or until the operator's response."""

    variant: ClassVar[str] = "open"
    open: SignalName
    duration: PositiveDuration | None = Field(default=None, alias="for")


class Press(EventBase):
    """Somebody presses a button."""

    variant: ClassVar[str] = "press"
    press: SignalName


class MachineFault(EventBase):
    """A machine's program fails."""

    variant: ClassVar[str] = "fail"
    fail: Name


class Block(EventBase):
    """A sensor sees something although nothing is there."""

    variant: ClassVar[str] = "block"
    block: Name
    duration: PositiveDuration | None = Field(default=None, alias="for")


class Blind(EventBase):
    """A sensor or camera sees nothing."""

    variant: ClassVar[str] = "blind"
    blind: Name
    duration: PositiveDuration | None = Field(default=None, alias="for")


class Lose(EventBase):
    """A device stops answering."""

    variant: ClassVar[str] = "lose"
    lose: Name
    duration: PositiveDuration | None = Field(default=None, alias="for")


class Collide(EventBase):
    """An arm touches something unexpected and stops protectively."""

    variant: ClassVar[str] = "collide"
    collide: Name


class Repeat(EventBase):
    """A camera delivers its picture before instead of a new one, `times` times."""

    variant: ClassVar[str] = "repeat"
    repeat: Name
    times: Times = 1


class Delay(EventBase):
    """A camera's picture comes `by` late, `times` times."""

    variant: ClassVar[str] = "delay"
    delay: Name
    by: PositiveDuration
    times: Times = 1


class Truncate(EventBase):
    """A part of a camera's picture is lost, `times` times."""

    variant: ClassVar[str] = "truncate"
    truncate: Name
    times: Times = 1


class Withhold(EventBase):
    """A camera takes a picture and delivers nothing, `times` times."""

    variant: ClassVar[str] = "withhold"
    withhold: Name
    times: Times = 1


EVENTS: tuple[type[EventBase], ...] = (
    Shift,
    Remove,
    Friction,
    Jam,
    Drop,
    Miss,
    OpenInput,
    Press,
    MachineFault,
    Block,
    Blind,
    Lose,
    Collide,
    Repeat,
    Delay,
    Truncate,
    Withhold,
)


def _event(value: Mapping[str, Any]) -> str:
    words = [event.variant for event in EVENTS]
    return next((word for word in words if word in value), "unknown")


Event = Annotated[
    Annotated[Shift, Tag("~shift")]
    | Annotated[Remove, Tag("~remove")]
    | Annotated[Friction, Tag("~friction")]
    | Annotated[Jam, Tag("~jam")]
    | Annotated[Drop, Tag("~drop")]
    | Annotated[Miss, Tag("~miss")]
    | Annotated[OpenInput, Tag("~open")]
    | Annotated[Press, Tag("~press")]
    | Annotated[MachineFault, Tag("~fail")]
    | Annotated[Block, Tag("~block")]
    | Annotated[Blind, Tag("~blind")]
    | Annotated[Lose, Tag("~lose")]
    | Annotated[Collide, Tag("~collide")]
    | Annotated[Repeat, Tag("~repeat")]
    | Annotated[Delay, Tag("~delay")]
    | Annotated[Truncate, Tag("~truncate")]
    | Annotated[Withhold, Tag("~withhold")],
    pick_variant(_event),
]


class Scene(Model):
    """What the simulated world does by itself."""

    description: str = Field(default="", max_length=2000)
    units: BareUnits = Field(
        default=BareUnits(length="mm", angle="deg"), description="Units of bare lengths and angles"
    )
    supply: ByName[Supply] = Field(default={}, description="By belt: what comes, and how often")
    defects: Defects | None = None
    drift: Drift | None = Field(default=None, description="How the parts' sizes change, as under a tool that wears")
    faces: ByName[Pictures] = Field(default={}, description="By product: what boards look like, if not as drawn")
    operator: Operator = Operator()
    drain: tuple[Name, ...] = Field(
        default=(), max_length=100, description="Belts whose end takes parts away; all of them otherwise"
    )
    faults: tuple[Event, ...] = Field(default=(), max_length=1000, description="What goes wrong, and when")

    @property
    def judged(self) -> bool:
        """Whether parts may be defective, so that verdicts can be held against the truth."""
        return self.defects is not None or bool(self.faces)
