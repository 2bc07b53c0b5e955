"""Where a cell's things stand, seen from above: what the plan in a report is drawn from.

Kept in the record as `layout.json`, so that a report can be made again when the cell file has changed. Metres in the cell's
frame, X to the right and Y up; heights are left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from robocell.model.cell import Cell
from robocell.model.device import ArmDevice, CameraDevice, ConveyorDevice, MachineDevice, SensorDevice
from robocell.model.fixture import BoxFixture
from robocell.model.frames import Frames
from robocell.model.profile import ArmProfile, CameraProfile, MachineProfile, Profile
from robocell.model.station import BeltStation, BinStation, GridStation, MachineStation

Point = tuple[float, float]
Outline = tuple[Point, ...]
StationKind = Literal["belt", "grid", "bin", "machine", "plain"]

_MACHINE_BOX = (0.6, 0.6)  # drawn where a machine's profile has no enclosure
_CIRCLE = 24


class _Shape(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str


class Area(_Shape):
    """A fixture or a machine's enclosure. `door` is the edge that opens, None where there is none at the side."""

    outline: Outline
    door: tuple[Point, Point] | None = None


class Belt(_Shape):
    """A conveyor; parts travel from `start` to `end`."""

    outline: Outline
    start: Point
    end: Point


class Spot(_Shape):
    """A station: its seats in slot order, and whether parts end there."""

    kind: StationKind
    seats: tuple[Point, ...]
    yaw: float
    final: bool
    capacity: int


class Robot(_Shape):
    """An arm: its base and the radius it reaches (None where no profile says so), and its tool's name."""

    base: Point
    yaw: float
    reach: float | None
    tool: str | None


class Eye(_Shape):
    """A camera and what it sees where the parts are; no view where it looks along the floor."""

    at: Point
    view: Outline


class Beam(_Shape):
    """A sensor: a beam across a belt, or a point twice."""

    start: Point
    end: Point


class Zone(_Shape):
    """A zone: the stations in it; arms hold it one at a time."""

    stations: tuple[str, ...]
    arms: tuple[str, ...]


class Layout(BaseModel):
    """A cell from above. Extents of products (m along X and Y) tell how large a seat is drawn."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    cell: str
    description: str
    products: dict[str, tuple[float, float]]
    round_products: bool
    belts: tuple[Belt, ...]
    stations: tuple[Spot, ...]
    arms: tuple[Robot, ...]
    cameras: tuple[Eye, ...]
    sensors: tuple[Beam, ...]
    machines: tuple[Area, ...]
    fixtures: tuple[Area, ...]
    zones: tuple[Zone, ...]


def layout_of(cell: Cell, profiles: Mapping[str, Profile]) -> Layout:
    """Return the layout of a checked cell.

    Args:
        cell: the cell.
        profiles: each device's profile by the device's name; what a missing one would tell is left out.

    """
    frames = Frames(cell)
    devices = sorted(cell.devices.items())
    shapes = [product.shape for _, product in sorted(cell.products.items())]
    return Layout(
        cell=cell.cell,
        description=cell.description,
        products={name: product.shape.extent[:2] for name, product in sorted(cell.products.items())},
        round_products=all(shape.symmetric for shape in shapes),
        belts=tuple(_belt(frames, name, device) for name, device in devices if isinstance(device, ConveyorDevice)),
        stations=tuple(_spot(cell, frames, name) for name in sorted(cell.stations)),
        arms=tuple(
            _robot(frames, name, device, profiles.get(name))
            for name, device in devices
            if isinstance(device, ArmDevice)
        ),
        cameras=tuple(
            _eye(cell, frames, name, profiles.get(name)) for name, device in devices if isinstance(device, CameraDevice)
        ),
        sensors=tuple(_beam(cell, frames, name) for name, device in devices if isinstance(device, SensorDevice)),
        machines=tuple(
            _machine(frames, name, profiles.get(name)) for name, device in devices if isinstance(device, MachineDevice)
        ),
        fixtures=tuple(_fixture(cell, frames, name) for name in sorted(cell.fixtures)),
        zones=tuple(
            Zone(name=name, stations=tuple(sorted(zone.stations)), arms=tuple(sorted(zone.arms)))
            for name, zone in sorted(cell.zones.items())
        ),
    )


def _point(matrix: NDArray[np.float64], x: float = 0.0, y: float = 0.0, z: float = 0.0) -> Point:
    found = matrix @ (x, y, z, 1.0)
    return round(float(found[0]), 6), round(float(found[1]), 6)


def _yaw(matrix: NDArray[np.float64]) -> float:
    return round(math.atan2(float(matrix[1, 0]), float(matrix[0, 0])), 6)


def _box(matrix: NDArray[np.float64], width: float, depth: float, x: float = 0.0, y: float = 0.0) -> Outline:
    corners = ((-1, -1), (1, -1), (1, 1), (-1, 1))
    return tuple(_point(matrix, x + sx * width / 2, y + sy * depth / 2) for sx, sy in corners)


def _belt(frames: Frames, name: str, device: ConveyorDevice) -> Belt:
    at = frames.of(name)
    outline = _box(at, device.length, device.width, x=device.length / 2)
    return Belt(name=name, outline=outline, start=_point(at), end=_point(at, device.length))


def _spot(cell: Cell, frames: Frames, name: str) -> Spot:
    station = cell.stations[name]
    kind: StationKind = "plain"
    for form, word in ((BeltStation, "belt"), (GridStation, "grid"), (BinStation, "bin"), (MachineStation, "machine")):
        if isinstance(station, form):
            kind = word  # type: ignore[assignment]
    return Spot(
        name=name,
        kind=kind,
        seats=tuple(_point(seat) for _, seat in frames.seats(name)),
        yaw=_yaw(frames.of(name)),
        final=name in cell.finals,
        capacity=station.capacity,
    )


def _robot(frames: Frames, name: str, device: ArmDevice, profile: Profile | None) -> Robot:
    at = frames.of(name)
    reach = profile.reach.value if isinstance(profile, ArmProfile) else None
    return Robot(name=name, base=_point(at), yaw=_yaw(at), reach=reach, tool=device.tool)


def _eye(cell: Cell, frames: Frames, name: str, profile: Profile | None) -> Eye:
    at = frames.of(name)
    heights = [
        float(frames.seat(station)[2, 3])
        for station, form in sorted(cell.stations.items())
        if isinstance(form, BeltStation) and form.seen_by == name
    ]
    view: list[Point] = []
    if isinstance(profile, CameraProfile):
        columns, rows = profile.resolution
        pitch = profile.pitch.value / profile.focal_length.value
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            ray = at[:3, :3] @ (sx * columns * pitch / 2, sy * rows * pitch / 2, 1.0)
            drop = (heights[0] if heights else 0.0) - float(at[2, 3])
            if ray[2] * drop <= 0.0:
                view = []
                break
            hit = at[:3, 3] + ray * (drop / ray[2])
            view.append((round(float(hit[0]), 6), round(float(hit[1]), 6)))
    return Eye(name=name, at=_point(at), view=tuple(view))


def _beam(cell: Cell, frames: Frames, name: str) -> Beam:
    device = cell.devices[name]
    belt = cell.devices.get(device.belt) if isinstance(device, SensorDevice) and device.belt else None
    at = frames.of(name)
    half = belt.width / 2 + 0.03 if isinstance(belt, ConveyorDevice) else 0.0
    return Beam(name=name, start=_point(at, 0.0, -half), end=_point(at, 0.0, half))


def _machine(frames: Frames, name: str, profile: Profile | None) -> Area:
    at = frames.of(name)
    if not isinstance(profile, MachineProfile):
        return Area(name=name, outline=_box(at, *_MACHINE_BOX))
    enclosure = profile.enclosure
    outline = _box(at, enclosure.box[0], enclosure.box[1], enclosure.xyz[0], enclosure.xyz[1])
    edges = {"front": (0, 1), "right": (1, 2), "back": (2, 3), "left": (3, 0)}
    edge = edges.get(enclosure.door)
    return Area(name=name, outline=outline, door=None if edge is None else (outline[edge[0]], outline[edge[1]]))


def _fixture(cell: Cell, frames: Frames, name: str) -> Area:
    fixture, at = cell.fixtures[name], frames.fixture(name)
    if isinstance(fixture, BoxFixture):
        x, y, z = fixture.box
        corners = [_point(at, sx * x / 2, sy * y / 2, sz * z / 2) for sx in (-1, 1) for sy in (-1, 1) for sz in (-1, 1)]
    else:
        radius, half = fixture.cylinder.diameter / 2, fixture.cylinder.height / 2
        turns = [2 * math.pi * n / _CIRCLE for n in range(_CIRCLE)]
        corners = [_point(at, radius * math.cos(a), radius * math.sin(a), z) for a in turns for z in (-half, half)]
    return Area(name=name, outline=_hull(corners))


def _hull(points: Sequence[Point]) -> Outline:
    """Return the convex hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = sorted(dict.fromkeys(points))
    if len(ordered) < 3:
        return tuple(ordered)
    halves: list[list[Point]] = []
    for run in (ordered, ordered[::-1]):
        chain: list[Point] = []
        for x, y in run:
            while len(chain) > 1:
                (ax, ay), (bx, by) = chain[-2:]
                if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                    break
                chain.pop()
            chain.append((x, y))
        halves.append(chain[:-1])
    return tuple(halves[0] + halves[1])
