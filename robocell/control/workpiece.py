"""A workpiece as the controller believes it to be: where it is, what was found, what it holds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from robocell.control.moves import Way
from robocell.control.resources import Holder
from robocell.model.route import Step

Matrix = NDArray[np.float64]


@dataclass(slots=True, eq=False)
class Workpiece:
    """One part on its way through its route.

    Attributes:
        number: counts from 1 in order of minting.
        product: its product's name.
        route: the product's steps.
        index: the step that is done now, or next.
        station: where it rests, "" while it rests nowhere.
        slot: which slot of the station.
        gripper: what holds it, "" for nothing.
        yaw: how the tool is turned about the grasp while it holds the part, rad.
        seat: its true seat in the cell's frame where a camera has found it, (4, 4); None: the station's own.
        results: status by result name: "passed", "failed" or "inconclusive".
        reasons: why it is not good, in the words of recipes and policies.
        holder: what it holds of the cell's resources.
        origin: the station that a gripper takes it from, until the arm is clear of that.
        leaving: the arm that is at its seat, and its way out, until it is clear.
        passing: the sensor at a belt's exit has seen it come.
        resumed: how often a person has resumed it, by step.
        ended: what became of it; "" while it is in process.

    """

    number: int
    product: str
    route: tuple[Step, ...]
    index: int = 0
    station: str = ""
    slot: int = 0
    gripper: str = ""
    yaw: float = 0.0
    seat: Matrix | None = None
    results: dict[str, str] = field(default_factory=dict)
    reasons: list[str] = field(default_factory=list)
    origin: str = ""
    leaving: tuple[str, Way] | None = None
    passing: bool = False
    resumed: dict[int, int] = field(default_factory=dict)
    ended: str = ""
    holder: Holder = field(init=False)
    needs: tuple[str, ...] | None = None
    """What it takes on the rest of its way; None: to be worked out again."""

    @property
    def step(self) -> Step:
        """The step that is done now, or next."""
        return self.route[self.index]

    @property
    def place(self) -> str:
        """Where it is, as the journal says it."""
        return self.gripper or self.station or "out"

    @property
    def failed(self) -> bool:
        """Whether any verdict is "failed"."""
        return "failed" in self.results.values()

    def rest_at(self, station: str, slot: int = 0) -> None:
        """Note that it rests at a station."""
        self.station, self.slot, self.gripper, self.seat, self.needs = station, slot, "", None, None

    def laid(self, station: str, slot: int, arm: str, way: Way) -> None:
        """Note that it rests at a station, the arm still there; `way` leads out."""
        self.rest_at(station, slot)
        self.leaving = (arm, way)

    def taken_by(self, gripper: str, arm: str, way: Way) -> None:
        """Note that a gripper holds it, still where it rested; `way` leads out."""
        self.leaving = (arm, way)
        self.origin, self.station, self.slot = self.station, "", 0
        self.gripper, self.yaw = gripper, way.yaw
        self.seat = self.needs = None

    def __str__(self) -> str:
        return f"workpiece {self.number}"
