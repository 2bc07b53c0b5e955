"""A belt conveyor on a world."""

from __future__ import annotations

from robocell.clock import Clock
from robocell.devices.base import Lifecycle
from robocell.devices.conveyor import Conveyor
from robocell.errors import CommandRefused, DeviceFault, MotionInterrupted
from robocell.signals import Signal
from robocell.simulated.base import Simulated, until_any
from robocell.world.protocol import BeltHandle


class SimConveyor(Simulated, Conveyor):
    """Implements `Conveyor`.

    Args:
        name: the device's name.
        clock: the run's clock.
        nominal_speed: m/s.
        acceleration: the drive's ramp, m/s².
        handle: the belt in the world.
        answers: whether the device answers.
        friction: friction coefficient of the belt's surface.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        nominal_speed: float,
        acceleration: float,
        handle: BeltHandle,
        answers: Signal[bool],
        friction: float = 0.8,
    ) -> None:
        super().__init__(name, clock, nominal_speed, acceleration, friction)
        self.attach(answers)
        self._handle = handle
        self._orders = Signal(f"{name}.orders", 0)  # counts commands: an older one that waits is then over
        self.follow(handle.overload, self._overloaded)
        self.follow(handle.resting, self._rested)

    def travel(self) -> float:
        """Return the belt's travel since power-up, m."""
        self._open()
        return self._handle.travel()

    def speed(self) -> float:
        """Return the belt's present speed, m/s."""
        self._open()
        return self._handle.speed()

    def _open(self) -> None:
        if self.lifecycle is Lifecycle.CLOSED:
            raise CommandRefused(self.name, "is closed")

    def _order(self) -> int:
        self.ready()
        self._handle.sleep(False)
        self._orders.set(self._orders.value + 1, self.clock.now())
        return self._orders.value

    async def run(self, speed: float) -> None:
        """Ramp to `speed`; returns once commanded."""
        self._order()
        self._handle.drive(speed)
        self.running.set(speed != 0.0, self.clock.now())

    async def run_to(self, travel: float) -> None:
        """Go on and come to rest where `travel()` equals `travel`."""
        order = self._order()
        self.running.set(True, self.clock.now())
        self._handle.run_to(travel)
        await self._resting(order)

    async def stop(self) -> None:
        """Ramp to rest; returns at rest."""
        order = self._order()
        self.running.set(False, self.clock.now())
        self._handle.drive(0.0)
        await self._resting(order)

    async def _resting(self, order: int) -> None:
        await until_any(
            (self._handle.resting, bool),
            (self.fault, bool),
            (self._orders, lambda now: now != order),
        )
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        if self._orders.value != order:
            raise MotionInterrupted(self.name, "another command came before the belt was at rest")
        self.running.set(False, self.clock.now())

    def _rested(self, resting: bool) -> None:
        if resting:
            self.running.set(False, self.clock.now())

    def _overloaded(self, overload: bool) -> None:
        if overload and self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self.fail("jammed", "the drive's overload has tripped")

    def stop_now(self) -> None:
        """Ramp to rest at once."""
        if self.running.value or not self._handle.resting.value:
            self._orders.set(self._orders.value + 1, self.clock.now())
            self._handle.drive(0.0)
            self.running.set(False, self.clock.now())

    def sleep(self) -> None:
        """Switch the drive's electronics off while the belt rests."""
        if self._handle.resting.value:
            self._handle.sleep(True)
