"""Stations: places with capacity. A station's pose is the seat of a part's bottom centre, Z out of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, Tag
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from robocell.model.base import ByName, Model, pick_variant
from robocell.model.pose import Pose
from robocell.model.quantity import Distance, Name, PositiveLength, SignalName

MAX_SLOTS = 1000
BIN = (0.3, 0.3)
"""Inner extents of a bin in m: the cell file gives only its place and how many parts it holds."""
_DROPS = ((0, 0), (1, 1), (-1, -1), (1, -1), (-1, 1), (0, 1), (0, -1), (1, 0), (-1, 0))
_GRID = re.compile(r"\s*([0-9]{1,4})\s*[x×]\s*([0-9]{1,4})\s*")


class _GridText:
    """Pydantic annotation: `4 x 6` (text) as `(4, 6)`."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(cls._validate)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "pattern": r"^\s*[0-9]{1,4}\s*[x×]\s*[0-9]{1,4}\s*$", "examples": ["4 x 6"]}

    @staticmethod
    def _validate(value: object) -> tuple[int, int]:
        if isinstance(value, str) and (match := _GRID.fullmatch(value)):
            columns, rows = int(match[1]), int(match[2])
        elif isinstance(value, tuple | list) and len(value) == 2 and all(type(count) is int for count in value):
            columns, rows = value
        else:
            raise PydanticCustomError("grid", "expected a grid such as '4 x 6': 4 slots along X and 6 along Y")
        if not 1 <= columns * rows <= MAX_SLOTS:
            raise PydanticCustomError(
                "grid",
                "a grid has 1 to {limit} slots, this one {count}",
                {"limit": MAX_SLOTS, "count": columns * rows},
            )
        return columns, rows


Grid = Annotated[tuple[int, int], _GridText]


class Exchange(Model):
    """How a full station is emptied: by whom, and the signal that says it was done."""

    by: Literal["person"]
    confirm: SignalName = Field(description="Signal of a panel, such as panel.tray_changed")


class BeltStation(Model):
    """A stop on a belt: one part rests with its centre at `at`."""

    variant: ClassVar[str] = "belt"
    belt: Name
    at: Distance = Field(description="Distance from the belt's start, along travel")
    sensor: Name | None = Field(
        default=None, description="Beam on the same belt that sees a part arrive, or the stop free"
    )
    seen_by: Name | None = Field(default=None, description="Camera whose located pose corrects the seat of the pick")

    @property
    def capacity(self) -> int:
        """Parts that rest here at once."""
        return 1


class GridStation(Model):
    """A tray: `4 x 6` is 4 slots along X and 6 along Y of the pose, which is slot (0, 0); filled X first."""

    variant: ClassVar[str] = "grid"
    grid: Grid
    pitch: tuple[PositiveLength, PositiveLength] = Field(description="Distance between slots along X and along Y")
    pose: Pose
    sensor: Name | None = None
    exchange: Exchange | None = None

    @property
    def capacity(self) -> int:
        """Parts that rest here at once."""
        return self.grid[0] * self.grid[1]

    def slot(self, index: int) -> tuple[float, float, float]:
        """Return the position (m) of slot `index` (from 0) in the frame of the station's pose."""
        if not 0 <= index < self.capacity:
            raise ValueError(f"slot {index} of {self.capacity}")
        row, column = divmod(index, self.grid[0])
        return (column * self.pitch[0], row * self.pitch[1], 0.0)


class BinStation(Model):
    """A bin into which parts fall; it holds `bin` of them."""

    variant: ClassVar[str] = "bin"
    bin: int = Field(strict=True, ge=1, le=100_000, description="How many parts it holds")
    pose: Pose
    sensor: Name | None = None
    exchange: Exchange | None = None

    @property
    def capacity(self) -> int:
        """Parts that rest here at once."""
        return self.bin

    def drop(self, index: int) -> tuple[float, float, float]:
        """Return where part `index` (from 0) is let go, in the frame of the pose: spread, so that no heap grows."""
        across, along = _DROPS[index % len(_DROPS)]
        return (across * BIN[0] / 4, along * BIN[1] / 4, 0.0)


class MachineStation(Model):
    """The place in a machine: its door and clamp are handled with every hand-over."""

    variant: ClassVar[str] = "machine"
    machine: Name = Field(alias="in", description="The machine that has this place")
    pose: Pose
    sensor: Name | None = None

    @property
    def capacity(self) -> int:
        """Parts that rest here at once."""
        return 1


class PlainStation(Model):
    """A place at a pose, such as a buffer or a fixture for one part."""

    variant: ClassVar[str] = "plain"
    pose: Pose
    sensor: Name | None = None
    exchange: Exchange | None = None

    @property
    def capacity(self) -> int:
        """Parts that rest here at once."""
        return 1


def _form(value: Mapping[str, Any]) -> str:
    for key, tag in (
        ("belt", "belt"),
        ("grid", "grid"),
        ("bin", "bin"),
        ("in", "machine"),
        ("machine", "machine"),
    ):
        if key in value:
            return tag
    return "plain"


Station = Annotated[
    Annotated[BeltStation, Tag("~belt")]
    | Annotated[GridStation, Tag("~grid")]
    | Annotated[BinStation, Tag("~bin")]
    | Annotated[MachineStation, Tag("~machine")]
    | Annotated[PlainStation, Tag("~plain")],
    pick_variant(_form),
]


class Zone(Model):
    """A space that one arm at a time may enter, held from approach to retreat at any of its stations."""

    stations: tuple[Name, ...] = Field(min_length=1, max_length=100)
    arms: tuple[Name, ...] = Field(min_length=1, max_length=20)


Zones = ByName[Zone]
