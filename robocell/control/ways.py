"""What the steps of a route take, and the rest of a workpiece's way as the banker needs it.

Words of resources: stations that are not final (their slots), arms, grippers, machines, cameras with their clear
view, zones, and the belts on which parts leave. A final station is none: what is laid there stays.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import NamedTuple

from robocell.control.conditions import Conditions
from robocell.control.workpiece import Workpiece
from robocell.model.cell import Cell
from robocell.model.device import ArmDevice
from robocell.model.fault import Reject
from robocell.model.route import ArriveStep, InspectStep, LeaveStep, PickStep, PlaceStep, ProcessStep, Step
from robocell.model.station import BeltStation

KEPT = 1024
"""Stages whose ways are kept: every workpiece of a product goes through the same few."""


class Stage(NamedTuple):
    """How far a workpiece is, as far as the rest of its way depends on it."""

    product: str
    step: int
    station: str
    gripper: str
    results: tuple[tuple[str, str], ...]

    @staticmethod
    def of(workpiece: Workpiece) -> Stage:
        """Return a workpiece's stage."""
        results = tuple(workpiece.results.items())
        return Stage(workpiece.product, workpiece.index, workpiece.station, workpiece.gripper, results)


class Ways:
    """The routes of a cell, as what they take.

    Args:
        cell: a checked cell.
        conditions: decides which alternatives are still open.

    """

    def __init__(self, cell: Cell, conditions: Conditions) -> None:
        self._cell = cell
        self._conditions = conditions
        self.finals = finals(cell)
        self.tools: dict[str, str] = {
            name: device.tool
            for name, device in cell.devices.items()
            if isinstance(device, ArmDevice) and device.tool is not None
        }
        self._views = self._cameras_over_stations()
        self._needs = lru_cache(maxsize=KEPT)(self._needs_from)
        self._destinations = lru_cache(maxsize=KEPT)(self._destinations_from)

    def views(self, station: str) -> tuple[str, ...]:
        """Return the cameras that look at a station: an arm there stands in their view."""
        return self._views.get(station, ())

    def zones(self, arm: str, station: str) -> tuple[str, ...]:
        """Return the zones that an arm enters to reach a station."""
        return tuple(n for n, zone in self._cell.zones.items() if arm in zone.arms and station in zone.stations)

    def slot(self, station: str) -> tuple[str, ...]:
        """Return the word of a station's slot; nothing for a final station."""
        return () if station in self.finals else (station,)

    def arm_and_tool(self, arm: str) -> tuple[str, ...]:
        """Return the words of an arm with its gripper."""
        return (arm, self.tools[arm]) if arm in self.tools else (arm,)

    def ahead(self, workpiece: Workpiece) -> tuple[str, ...]:
        """Return every word that a workpiece takes on the rest of its way, its present step included.

        Where an alternative is still open the way takes all of them: more than it will, never less.
        """
        if workpiece.needs is None:
            workpiece.needs = self._needs(Stage.of(workpiece))
        return workpiece.needs

    def fresh(self, product: str) -> tuple[str, ...]:
        """Return every word that a part which has yet to come takes on its way."""
        return self.ahead(Workpiece(0, product, self._cell.routes[product]))

    def destinations(self, workpiece: Workpiece) -> tuple[tuple[PlaceStep, bool], ...]:
        """Return the placings that may follow the next pick, each with whether it is certain."""
        return self._destinations(Stage.of(workpiece))

    def _destinations_from(self, stage: Stage) -> tuple[tuple[PlaceStep, bool], ...]:
        found: list[tuple[PlaceStep, bool]] = []
        picked = False
        for step in self._rest(stage):
            if isinstance(step, PickStep):
                if picked:
                    break
                picked = True
            if isinstance(step, PlaceStep):
                decided = self._decided(step, stage)
                if decided is not False:
                    found.append((step, decided is True))
                if decided is True:
                    break
        return tuple(found)

    def _rest(self, stage: Stage) -> tuple[Step, ...]:
        return self._cell.routes[stage.product][stage.step :]

    def _decided(self, step: Step, stage: Stage) -> bool | None:
        if step.when is None:
            return True
        return self._conditions.decided(step.when, dict(stage.results), frozenset())

    def _needs_from(self, stage: Stage) -> tuple[str, ...]:
        words: list[str] = []
        seats: list[str] = [stage.station] if stage.station else []
        arms: list[str] = [arm for arm, tool in self.tools.items() if tool == stage.gripper]
        for step in self._rest(stage):
            decided = self._decided(step, stage)
            if decided is False:
                continue
            if isinstance(step, ArriveStep):
                seats = [step.arrive.station]
                words += self.slot(step.arrive.station)
            elif isinstance(step, InspectStep):
                words.append(step.inspect.camera)
            elif isinstance(step, PickStep):
                arms = [step.pick.arm]
                words += self.arm_and_tool(step.pick.arm)
                words += [view for seat in seats for view in self.views(seat)]
                words += [zone for seat in seats for zone in self.zones(step.pick.arm, seat)]
            elif isinstance(step, PlaceStep):
                words += self.slot(step.place.station)
                words += [zone for arm in arms for zone in self.zones(arm, step.place.station)]
                seats = [step.place.station, *(seats if decided is None else ())]
            elif isinstance(step, ProcessStep):
                words.append(step.process.machine)
            elif isinstance(step, LeaveStep):
                words.append(step.leave.belt)
        return tuple(dict.fromkeys(words))

    @cached_property
    def every_view(self) -> tuple[str, ...]:
        """The cameras in whose view arms can stand."""
        return tuple(dict.fromkeys(view for views in self._views.values() for view in views))

    def _cameras_over_stations(self) -> dict[str, tuple[str, ...]]:
        """Return by station the cameras that inspect or locate there."""
        found: dict[str, dict[str, None]] = {}
        for name, station in self._cell.stations.items():
            if isinstance(station, BeltStation) and station.seen_by is not None:
                found.setdefault(name, {})[station.seen_by] = None
        for steps in self._cell.routes.values():
            rests = ""
            for step in steps:
                if isinstance(step, ArriveStep):
                    rests = step.arrive.station
                elif isinstance(step, PlaceStep):
                    rests = step.place.station
                elif isinstance(step, InspectStep) and rests:
                    found.setdefault(rests, {})[step.inspect.camera] = None
        return {station: tuple(cameras) for station, cameras in found.items()}


def finals(cell: Cell) -> frozenset[str]:
    """Return the stations where parts end, also those to which only a fault's policy brings them."""
    return frozenset(cell.finals) | _reject_targets(cell)


def capacities(cell: Cell) -> dict[str, int]:
    """Return every resource of a cell with its capacity."""
    ending = finals(cell)
    found = {name: station.capacity for name, station in cell.stations.items() if name not in ending}
    for name, device in cell.devices.items():
        if device.kind in ("arm", "gripper", "machine", "camera"):
            found[name] = 1
    found.update(dict.fromkeys(cell.zones, 1))
    found.update(dict.fromkeys(cell.exits, 1))
    return found


def _reject_targets(cell: Cell) -> frozenset[str]:
    """Return the stations to which only a fault's policy brings parts."""
    policies = cell.faults.values()
    actions = [action for policy in policies for action in (*policy.attempts, *policy.then)]
    return frozenset(action.to for action in actions if isinstance(action, Reject) and action.to is not None)
