"""What stands still in a cell: floor, fixtures, the places for parts, machines' enclosures."""

from __future__ import annotations

import numpy as np

from robocell.world.bullet.engine import HOOD, SCENERY, SUPPORT, Engine, Pose, split
from robocell.world.shapes import Matrix, pose_at
from robocell.world.spec import StationSpec, WorldSpec

PLATE = 0.01  # m, thickness of what carries parts
MARGIN = 0.05  # m that a plate reaches beyond its seats' centres
WALL = 0.15  # m, height of a bin
AWAY: Pose = ((-100.0, -100.0, -100.0), (0.0, 0.0, 0.0, 1.0))  # where an open enclosure is out of the way
FLOOR = 20.0  # m, half of the floor's edge


class Scenery:
    """The bodies that never move, and what to call them.

    A cell file gives a seat as a pose; what carries it is a plate beneath that reaches `MARGIN` beyond the
    seats of its station. A bin is a plate with four walls.

    Args:
        engine: the simulation.
        spec: the cell.

    Attributes:
        names: what each body is called in front of people.
        hoods: the enclosure of each machine that has one; out of the way at first, since doors begin open.

    """

    def __init__(self, engine: Engine, spec: WorldSpec) -> None:
        self._engine = engine
        self.names: dict[int, str] = {}
        self.hoods: dict[str, int] = {}
        self._closed: dict[str, Pose] = {}
        self._box("the floor", pose_at(0.0, 0.0, spec.floor - 0.5), (FLOOR, FLOOR, 0.5), SCENERY)
        for name, fixture in sorted(spec.fixtures.items()):
            half = (0.5 * fixture.extents[0], 0.5 * fixture.extents[1], 0.5 * fixture.extents[2])
            self._box(f"fixture {name}", fixture.pose, half, SCENERY)
        for name, station in sorted(spec.stations.items()):
            if station.kind == "seat":
                self._plate(name, station)
            elif station.kind == "bin":
                self._bin(name, station)
        for name, machine in sorted(spec.machines.items()):
            if machine.enclosure is not None:
                self.hoods[name] = self._box(f"the door of {name}", *machine.enclosure, HOOD)
                self._closed[name] = split(machine.enclosure[0])
                self.close(name, False)

    def close(self, machine: str, closed: bool) -> None:
        """Let a machine's enclosure stand in the way of arms, or not."""
        self._engine.put(self.hoods[machine], self._closed[machine] if closed else AWAY)

    def _box(self, name: str, pose: Matrix, half: tuple[float, float, float], group: int) -> int:
        body = self._engine.box(pose, half, group)
        self.names[body] = name
        return body

    def _plate(self, name: str, station: StationSpec) -> None:
        """Carry a station's seats, which lie in one plane, by one plate."""
        frame = station.seats[0]
        middles = np.array([(frame[:3, :3].T @ (seat[:3, 3] - frame[:3, 3]))[:2] for seat in station.seats])
        low, high = middles.min(axis=0) - MARGIN, middles.max(axis=0) + MARGIN
        middle = 0.5 * (low + high)
        pose = frame @ pose_at(float(middle[0]), float(middle[1]), -0.5 * PLATE)
        half = 0.5 * (high - low)
        self._box(f"station {name}", pose, (float(half[0]), float(half[1]), 0.5 * PLATE), SUPPORT)

    def _bin(self, name: str, station: StationSpec) -> None:
        frame = station.seats[0]
        x, y = 0.5 * station.size[0], 0.5 * station.size[1]
        t = 0.5 * PLATE
        self._box(f"station {name}", frame @ pose_at(0.0, 0.0, -t), (x, y, t), SUPPORT)
        for sign in (-1.0, 1.0):
            across = frame @ pose_at(sign * (x + t), 0.0, 0.5 * WALL)
            along = frame @ pose_at(0.0, sign * (y + t), 0.5 * WALL)
            self._box(f"station {name}", across, (t, y + PLATE, 0.5 * WALL), SUPPORT)
            self._box(f"station {name}", along, (x, t, 0.5 * WALL), SUPPORT)
