"""A conveyor belt's drive in the world: set-points, jams, the overload, and the signals that tell of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robocell.signals import Signal
from robocell.world.agenda import Entry
from robocell.world.drive import Drive
from robocell.world.energy import Load
from robocell.world.plan import INF
from robocell.world.spec import BeltSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld

FREEING = 1.0
"""Seconds of running backwards that free a jam."""


class Belt:
    """Implements `BeltHandle`; both worlds move what lies on the belt by `motor`.

    A jam lets the belt run backwards only. The drive pushes against it for the profile's trip time and then
    switches
    off: `overload` rises and stays until the next command.

    Attributes:
        motor: the surface's motion; read its `speed` and `travel` at any time up to the next command.
        jammed: whether something blocks the belt.

    """

    def __init__(self, world: BaseWorld, name: str, spec: BeltSpec, load: Load) -> None:
        self.name = name
        self.spec = spec
        self.motor = Drive(spec.acceleration, spec.speed)
        self.overload: Signal[bool] = Signal(f"{name}.overload", False)
        self.resting: Signal[bool] = Signal(f"{name}.resting", True)
        self.jammed = False
        self._world = world
        self._load = load
        self._order: tuple[str, float] | None = None  # what the drive tries to do
        self._next: Entry | None = None
        self._trip: Entry | None = None

    def drive(self, speed: float) -> None:
        """Ramp to the set-point, m/s."""
        self._command(("run", speed) if speed else None)

    def run_to(self, travel: float) -> None:
        """Go on and come to rest where the travel count equals `travel`, or as soon after as the ramp can."""
        self._command(("to", travel))

    def travel(self) -> float:
        """Metres since the world began, as the drive counts."""
        return self.motor.travel(self._world.now)

    def speed(self) -> float:
        """Present belt speed, m/s."""
        return self.motor.speed(self._world.now)

    def jam(self) -> None:
        """Something blocks the belt from now on."""
        self.jammed = True
        if self._forwards():
            self._stall()
            self._changed()

    def free(self) -> None:
        """Take away what blocks the belt; a drive that still pushes moves it again."""
        if not self.jammed:
            return
        self.jammed = False
        if self._trip is not None:
            self._world.agenda.cancel(self._trip)
            self._trip = None
            self._apply()

    def sleep(self, asleep: bool) -> None:
        """Switch the drive's electronics off (no consumption) or on again."""
        self._load.draw(0.0 if asleep else self._load.idle, self._world.now)

    def _command(self, order: tuple[str, float] | None) -> None:
        self._world.change(self.overload, False)
        self._order = order
        self._apply()

    def _apply(self) -> None:
        now = self._world.now
        agenda = self._world.agenda
        agenda.cancel(self._trip)
        self._trip = None
        if self._order is None:
            self.motor.run(now, 0.0)
        elif self._order[0] == "run":
            self.motor.run(now, self._order[1])
        else:
            self.motor.run_to(now, self._order[1])
        if self.jammed and self._forwards():
            self._stall()
        self._changed()

    def _forwards(self) -> bool:
        return any(piece[2] > 0.0 or (piece[3] > 0.0 and piece[2] >= 0.0) for piece in self.motor.plan)

    def _stall(self) -> None:
        world = self._world
        self.motor.stall(world.now)
        if self._order is not None:
            self._trip = world.agenda.at(world.now + self.spec.trip, self._tripped)

    def _tripped(self) -> None:
        self._trip = None
        self._order = None
        self.motor.setpoint = 0.0
        self._world.change(self.overload, True)
        self._world.change(self.resting, True)
        self._load.work(False, self._world.now)

    def _changed(self) -> None:
        """Tell what the new plan means, and enter what it leads to."""
        world, now = self._world, self._world.now
        world.agenda.cancel(self._next)
        self._next = None
        rests_at = self.motor.rests_at
        pushing = self._trip is not None
        resting = rests_at <= now and not pushing
        world.change(self.resting, resting)
        self._load.work(not resting, now)
        if now < rests_at < INF:
            self._next = world.agenda.at(rests_at, self._rested)
        elif self.jammed and rests_at == INF and self.motor.setpoint < 0.0:
            self._next = world.agenda.at(now + FREEING, self._backed_out)
        world.belt_changed(self)

    def _rested(self) -> None:
        self._next = None
        if self._order is not None and self._order[0] == "to":
            self._order = None
        self._world.change(self.resting, True)
        self._load.work(False, self._world.now)
        self._world.settled()

    def _backed_out(self) -> None:
        self._next = None
        self.jammed = False
