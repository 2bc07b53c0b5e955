"""Everything that operations work with: the cell's model, its devices, and the controller's own parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from robocell.clock import Clock
from robocell.control.alarms import Alarms, Requests
from robocell.control.commands import Commands
from robocell.control.conditions import Conditions
from robocell.control.moves import Joints, Matrix, Moves, Way
from robocell.control.named_io import NamedInputs
from robocell.control.quality import Quality
from robocell.control.resources import Resources
from robocell.control.stations import Stations
from robocell.control.ways import Ways
from robocell.control.workpiece import Workpiece
from robocell.devices import Arm, Camera, Conveyor, Device, Gripper, Machine, Sensor
from robocell.journal import Journal
from robocell.model.cell import Cell
from robocell.model.device import SensorDevice
from robocell.model.frames import Frames, matrix_of
from robocell.model.station import BeltStation, MachineStation

D = TypeVar("D", bound=Device)
GRAIN = 1e-4
"""Seats found by cameras are rounded to this (m, rad): finer than any gripper minds, and equal finds make equal moves."""


@dataclass(slots=True)
class Site:
    """What an operation may use.

    Attributes:
        dry: arms move with empty grippers; nothing is gripped, processed or sensed.
        speed: the run's speed override for arms, 0 < speed ≤ 1.
        stands: where each arm stands by command, (n,); absent: unknown, to be measured.
        homes: each arm's rest position, (n,): the file's, else where it stood at the start.
        reaching: by arm, the way that it is on, or that a fault has ended.

    """

    cell: Cell
    frames: Frames
    devices: Mapping[str, Device]
    clock: Clock
    journal: Journal
    conditions: Conditions
    stations: Stations
    io: NamedInputs
    ways: Ways
    resources: Resources
    commands: Commands
    moves: Moves
    requests: Requests
    alarms: Alarms
    quality: Quality
    dry: bool = False
    speed: float = 1.0
    stands: dict[str, Joints] = field(default_factory=dict)
    reaching: dict[str, Way] = field(default_factory=dict)
    homes: dict[str, Joints] = field(default_factory=dict)

    def _device(self, name: str, kind: type[D]) -> D:
        found = self.devices[name]
        if not isinstance(found, kind):
            raise TypeError(f"{name} is a {found.kind}")
        return found

    def arm(self, name: str) -> Arm:
        """Return an arm."""
        return self._device(name, Arm)  # type: ignore[type-abstract]

    def gripper(self, name: str) -> Gripper:
        """Return a gripper."""
        return self._device(name, Gripper)  # type: ignore[type-abstract]

    def conveyor(self, name: str) -> Conveyor:
        """Return a belt."""
        return self._device(name, Conveyor)  # type: ignore[type-abstract]

    def camera(self, name: str) -> Camera:
        """Return a camera."""
        return self._device(name, Camera)  # type: ignore[type-abstract]

    def machine(self, name: str) -> Machine:
        """Return a machine."""
        return self._device(name, Machine)  # type: ignore[type-abstract]

    def sensor_at(self, station: str) -> Sensor | None:
        """Return a station's sensor, None if it has none."""
        name = self.cell.stations[station].sensor
        return self._device(name, Sensor) if name is not None else None

    def watches(self, station: str, product: str) -> Sensor | None:
        """Return the sensor that sees whether a product rests at a station, None where none does."""
        sensor = self.sensor_at(station)
        place = self.cell.stations[station]
        if sensor is None or not isinstance(place, BeltStation):
            return sensor
        device = self.cell.devices[sensor.name]
        half = 0.5 * self.cell.products[product].shape.extent[0]
        near = isinstance(device, SensorDevice) and device.at is not None and abs(device.at - place.at) < half
        return sensor if near else None

    def machine_of(self, station: str) -> Machine | None:
        """Return the machine that a station is in, None if it is in none."""
        place = self.cell.stations[station]
        return self.machine(place.machine) if isinstance(place, MachineStation) else None

    def seat_of(self, workpiece: Workpiece) -> Matrix:
        """Return where a workpiece rests, (4, 4) in the cell's frame: as a camera found it, else its station's seat."""
        if workpiece.seat is not None:
            return workpiece.seat
        return self.frames.seat(workpiece.station, workpiece.slot)

    def located(self, workpiece: Workpiece, pose: tuple[float, float, float]) -> None:
        """Take a camera's word on where a workpiece lies: x, y (m) and yaw (rad) in the cell's frame."""
        x, y, yaw = (round(value / GRAIN) * GRAIN for value in pose)
        nominal = self.frames.seat(workpiece.station, workpiece.slot)
        free = self.cell.products[workpiece.product].shape.symmetric
        seat = nominal.copy() if free else matrix_of((0.0, 0.0, 0.0), (0.0, 0.0, math.remainder(yaw, math.tau)))
        seat[:3, 3] = (x, y, nominal[2, 3])
        workpiece.seat = seat
        self.journal.append(
            "located", workpiece=workpiece.number, x=round(x, 6), y=round(y, 6), yaw=0.0 if free else round(yaw, 6)
        )

    def face_height(self, workpiece: Workpiece) -> float:
        """Return the height of a workpiece's face in the cell's frame, m."""
        seat = self.frames.seat(workpiece.station, workpiece.slot)
        return float(seat[2, 3]) + self.cell.products[workpiece.product].shape.height

    def moved(self, workpiece: Workpiece) -> None:
        """Tell where the controller believes a workpiece to be from now on."""
        place = workpiece.place
        if workpiece.station and self.stations[workpiece.station].capacity > 1:
            place = f"{workpiece.station}/{workpiece.slot}"
        self.journal.append("moved", workpiece=workpiece.number, place=place)
