"""Where an arm goes after it has been at a station: what a choice of branch should look ahead to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from robocell.model.cell import Cell
from robocell.model.frames import Frames, approach_pose, tool_pose
from robocell.model.pose import Pose
from robocell.model.route import ArriveStep, PickStep, PlaceStep
from robocell.motion.arm import Arm
from robocell.motion.grasping import clear_turns
from robocell.motion.rigid import Floats, inverse

Stop = tuple[str, str, float, tuple[Pose, ...]]
"""A station, a product, the length of the approach, and the via poses before it."""


class Onward:
    """The next stops of each arm of a cell, as joint positions.

    Args:
        cell: a cell whose names are known.
        frames: its resolved frames.
        arms: each arm's model with its tool, by the device's name.

    """

    def __init__(self, cell: Cell, frames: Frames, arms: Mapping[str, Arm]) -> None:
        self._cell, self._frames, self._arms = cell, frames, arms
        self._next = _next_stops(cell)
        self._goals: dict[tuple[str, Stop], Floats] = {}

    def after(self, arm: str, station: str, product: str) -> tuple[Floats, ...]:
        """Return, for each stop that may follow, the joint positions (G, n) of which any begins it.

        The stop's first via pose begins it, or the approach to its middle seat. Chains without a closed form look no
        step ahead: their solutions are no complete list.
        """
        if not self._arms[arm].solver.ordered:
            return ()
        found = (self._positions(arm, stop) for stop in self._next.get((arm, station, product), ()))
        return tuple(goals for goals in found if len(goals))

    def _positions(self, arm: str, stop: Stop) -> Floats:
        if (arm, stop) not in self._goals:
            solution = self._arms[arm].ik(inverse(self._frames.of(arm)) @ self._poses(arm, stop))
            self._goals[arm, stop] = solution.q[solution.valid]
        return self._goals[arm, stop]

    def _poses(self, arm: str, stop: Stop) -> Floats:
        """Return the poses (K, 4, 4) that begin a stop, in the cell's frame."""
        station, product, approach, via = stop
        if via:
            return self._frames.pose(via[0])[None]
        what = self._cell.products[product]
        seats = [seat for _, seat in self._frames.seats(station)]
        turns = clear_turns(self._arms[arm], what, self._cell.stations[station])
        middle = seats[len(seats) // 2]
        return np.stack([approach_pose(tool_pose(middle, what.grasp, turn), approach) for turn in turns])


def _next_stops(cell: Cell) -> dict[tuple[str, str, str], tuple[Stop, ...]]:
    """Return by arm, station and product what may follow: after a pick the placings, after a place every pick."""
    picks: dict[str, dict[Stop, None]] = {}
    placed: list[tuple[str, str, str]] = []
    found: dict[tuple[str, str, str], dict[Stop, None]] = {}
    for product, steps in cell.routes.items():
        stations: list[str] = []
        arm, taken = "", ""
        for step in steps:
            if isinstance(step, ArriveStep):
                stations = [step.arrive.station]
            elif isinstance(step, PickStep):
                arm, taken = step.pick.arm, stations[-1] if stations else ""
                for station in stations:
                    picks.setdefault(arm, {})[station, product, step.pick.approach, step.pick.via] = None
                stations = []
            elif isinstance(step, PlaceStep) and arm:
                stop = (step.place.station, product, step.place.approach, step.place.via)
                found.setdefault((arm, taken, product), {})[stop] = None
                placed.append((arm, step.place.station, product))
                stations.append(step.place.station)
    for key in placed:
        found.setdefault(key, {}).update(picks[key[0]])
    return {key: tuple(stops) for key, stops in found.items()}
