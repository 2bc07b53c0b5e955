"""The root: a whole cell file."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Discriminator, Field, Tag

from robocell.model.base import ByName, Model
from robocell.model.device import Device
from robocell.model.energy import Energy
from robocell.model.fault import FaultKey, FaultPolicy
from robocell.model.fixture import Fixture
from robocell.model.hardware import Hardware
from robocell.model.interlock import Interlock, Permit
from robocell.model.pose import Pose
from robocell.model.product import Product
from robocell.model.quality import QualityChart
from robocell.model.quantity import Duration as Debounce
from robocell.model.quantity import Flag, Name, PositiveDuration, RelativePath
from robocell.model.route import ArriveStep, LeaveStep, PlaceStep, Step, Steps
from robocell.model.station import Station, Zone


class BareUnits(Model):
    """What bare numbers mean. Only lengths and angles may be bare; everything else carries its unit."""

    length: Literal["mm", "cm", "m", "in"] | None = None
    angle: Literal["deg", "rad"] | None = None


class NamedIo(Model):
    """A named input or output: a channel of a device."""

    device: Name
    channel: int = Field(strict=True, ge=0, le=1023)
    direction: Literal["in", "out"] = "out"
    invert: Flag = False
    debounce: Debounce = 0.0


def _route_form(value: Any) -> str:
    return "~list" if isinstance(value, list | tuple) else "~products"


def _sorted_faults(items: dict[str, FaultPolicy]) -> dict[str, FaultPolicy]:
    return dict(sorted(items.items()))


Routes = Annotated[
    Annotated[Steps, Tag("~list")] | Annotated[ByName[Steps], Tag("~products")], Discriminator(_route_form)
]


class Cell(Model):
    """A robotic work cell: what it has, and what happens to a workpiece."""

    robocell: Literal[1] = Field(description="Version of this language")
    cell: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$", max_length=64)] = Field(
        description="The cell's name"
    )
    description: str = Field(default="", max_length=2000)
    units: BareUnits = Field(default=BareUnits(), description="Units of bare lengths and angles")
    scene: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]*$", max_length=64)] | None = Field(
        default=None, description="Simulation only: the scene with supply, defects, operator and faults"
    )
    products: ByName[Product] = Field(min_length=1, description="What the cell works on")
    devices: ByName[Device] = Field(min_length=1, description="What the cell is made of")
    stations: ByName[Station] = Field(min_length=1, description="Places where workpieces rest")
    zones: ByName[Zone] = Field(default={}, description="Spaces that one arm at a time may enter")
    frames: ByName[Pose] = Field(default={}, description="Named frames for poses")
    fixtures: ByName[Fixture] = Field(default={}, description="Obstacles")
    io: ByName[NamedIo] = Field(default={}, description="Named inputs and outputs")
    permit: Permit | None = Field(default=None, description="What must be true for the cell to run")
    interlocks: ByName[Interlock] = Field(default={}, description="What must be true for devices to move")
    route: Routes = Field(description="What happens to one workpiece: a list of steps, or one list a product")
    faults: Annotated[dict[FaultKey, FaultPolicy], AfterValidator(_sorted_faults)] = Field(
        default={},
        max_length=1000,
        description="What is done about faults, by `<step | station | device | verb>.<fault>`",
    )
    quality: ByName[QualityChart] = Field(
        default={}, description="Measurements that are charted over time, and what a signal does"
    )
    energy: Energy | None = None
    calibration: RelativePath | None = Field(
        default=None,
        description="File that `robocell calibrate` wrote, beside the cell: measured lenses and poses of cameras",
    )
    progress_limit: PositiveDuration = Field(default=600.0, description="No workpiece event for so long is an alarm")
    hardware: Hardware = Field(default=Hardware(), description="Links, and which device answers on which")

    @cached_property
    def routes(self) -> dict[str, tuple[Step, ...]]:
        """The route of each product, by the product's name, sorted."""
        if isinstance(self.route, dict):
            return self.route
        for step in self.route:
            if isinstance(step, ArriveStep):
                return {step.arrive.product: self.route}
        return {next(iter(self.products)): self.route}

    @cached_property
    def finals(self) -> tuple[str, ...]:
        """The stations where a route can end, sorted: a part is placed there and not taken on afterwards."""
        found = set()
        for steps in self.routes.values():
            for index, step in enumerate(steps):
                rest = steps[index + 1 :]
                if isinstance(step, PlaceStep) and not any(later.verb in ("pick", "leave") for later in rest):
                    found.add(step.place.station)
        return tuple(sorted(found))

    @cached_property
    def exits(self) -> tuple[str, ...]:
        """The belts on which parts leave, sorted."""
        leaving = {step.leave.belt for steps in self.routes.values() for step in steps if isinstance(step, LeaveStep)}
        return tuple(sorted(leaving))
