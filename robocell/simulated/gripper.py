"""A gripper on a world."""

from __future__ import annotations

from robocell.clock import Clock
from robocell.devices.base import Lifecycle
from robocell.devices.gripper import Gripper
from robocell.errors import CommandRefused, DeviceFault, MotionInterrupted
from robocell.signals import Signal
from robocell.simulated.base import Simulated
from robocell.world.protocol import GripHandle


class SimGripper(Simulated, Gripper):
    """Implements `Gripper`.

    Args:
        name: the device's name.
        clock: the run's clock.
        stroke: largest opening, m.
        force: gripping force, N.
        handle: the fingers in the world.
        answers: whether the device answers.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        stroke: float,
        force: float,
        handle: GripHandle,
        answers: Signal[bool],
    ) -> None:
        super().__init__(name, clock, stroke)
        self.attach(answers)
        self._force = force
        self._handle = handle
        self._expected = False
        self._stopped = False
        self.mirror(handle.holding, self.holding)
        self.follow(handle.holding, self._sensed)

    def listen(self) -> None:
        """Read whether the fingers hold something."""
        self.holding.set(self._handle.holding.value, self.clock.now())

    def opening(self) -> float:
        """Return the measured distance between the fingers in metres."""
        if self.lifecycle is Lifecycle.CLOSED:
            raise CommandRefused(self.name, "is closed")
        return self._handle.opening()

    async def open(self, width: float) -> None:
        """Open (or close) to `width` metres."""
        self.ready()
        if not 0.0 <= width <= self.stroke + 1e-9:
            raise ValueError(f"{self.name} opens to at most {self.stroke * 1e3:g} mm, not {width * 1e3:g} mm")
        self._expected = False
        await self._move(min(width, self.stroke))

    async def grip(self, force: float | None = None) -> bool:
        """Close until the fingers stop; return whether an object is detected."""
        self.ready()
        await self._move(0.0, force)
        return self._handle.holding.value

    def expect(self, holding: bool) -> None:
        """Tell the device whether losing the object from now on is the fault "dropped"."""
        self._expected = holding
        if holding and not self._handle.holding.value and self.lifecycle is Lifecycle.ACTIVE:
            self.fail("dropped", "holds nothing")

    async def _move(self, width: float, force: float | None = None) -> None:
        self._stopped = False
        self._handle.move(width, self._force if force is None else force)
        await self._handle.moving.until(lambda moving: not moving)
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        if self._stopped:
            raise MotionInterrupted(self.name, "the fingers were stopped")

    def _sensed(self, holding: bool) -> None:
        if not holding and self._expected and self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self._expected = False
            self.fail("dropped", "lost what it held")

    def stop_now(self) -> None:
        """Stop the fingers where they are; what they hold stays held."""
        if self._handle.moving.value:
            self._stopped = True
            self._handle.move(self._handle.opening(), self._force)
