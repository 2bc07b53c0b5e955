"""A machine tool on a world: door, clamp, programs, each with its time-out."""

from __future__ import annotations

from robocell.clock import Clock
from robocell.devices.base import Lifecycle
from robocell.devices.machine import Machine
from robocell.errors import CommandRefused, DeviceFault, MotionInterrupted
from robocell.signals import Signal
from robocell.simulated.base import Simulated, until_any
from robocell.world.protocol import MachineHandle

PATIENCE = 2.0
"""How many times its nominal time, and how many seconds more, a door or clamp may take."""


class SimMachine(Simulated, Machine):
    """Implements `Machine`.

    Args:
        name: the device's name.
        clock: the run's clock.
        door_time: nominal time of the door, s.
        clamp_time: nominal time of the clamp, s.
        handle: the machine in the world.
        answers: whether the device answers.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        door_time: float,
        clamp_time: float,
        handle: MachineHandle,
        answers: Signal[bool],
    ) -> None:
        super().__init__(name, clock)
        self.attach(answers)
        self._handle = handle
        self._door_time = door_time
        self._clamp_time = clamp_time
        self._stopped = False
        self.mirror(handle.door_open, self.door_open)
        self.mirror(handle.clamped, self.clamped)
        self.mirror(handle.running, self.running)
        self.follow(handle.alarm, self._alarmed)

    def cause(self) -> tuple[str, str] | None:
        """Return the alarm that nobody has reset at the machine."""
        return ("fault", "its alarm is on") if self._handle.alarm.value else None

    def listen(self) -> None:
        """Read door, clamp and program."""
        now = self.clock.now()
        self.door_open.set(self._handle.door_open.value, now)
        self.clamped.set(self._handle.clamped.value, now)
        self.running.set(self._handle.running.value, now)

    def _idle(self) -> None:
        self.ready()
        if self._handle.running.value:
            raise CommandRefused(self.name, "a program runs")

    async def door(self, opened: bool) -> None:
        """Open or close the door; returns at the limit switch."""
        self._idle()
        switch = self._handle.door_open if opened else self._handle.door_closed
        self._handle.door(opened)
        await self._reach(switch, True, self._door_time, f"the door is not {'open' if opened else 'closed'}")

    async def clamp(self, closed: bool) -> None:
        """Close or open the clamp; returns at its switch."""
        self._idle()
        self._handle.clamp(closed)
        what = "the clamp has no pressure" if closed else "the clamp does not open"
        await self._reach(self._handle.clamped, closed, self._clamp_time, what)

    async def _reach(self, switch: Signal[bool], state: bool, nominal: float, otherwise: str) -> None:
        patience = PATIENCE * (nominal + 1.0)
        try:
            await self.clock.within(patience, until_any((switch, lambda value: value is state), (self.fault, bool)))
        except TimeoutError:
            self.fail("fault", f"{otherwise} after {patience:.1f} s")
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)

    async def run(self, program: int, expected: float) -> bool:
        """Run a program; return whether the machine says it succeeded."""
        self._idle()
        handle = self._handle
        if not handle.door_closed.value or not handle.clamped.value:
            raise CommandRefused(self.name, "a program needs the door closed and the clamp under force")
        self._stopped = False
        handle.start(program, expected)
        await until_any((handle.running, lambda running: not running), (self.fault, bool))
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        if self._stopped:
            raise MotionInterrupted(self.name, f"program {program} was stopped")
        return handle.succeeded.value

    def _alarmed(self, alarm: bool) -> None:
        if alarm and self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self.fail("fault", "its alarm is on")

    def stop_now(self) -> None:
        """Stop the running program; door and clamp stay as they are."""
        if self._handle.running.value:
            self._stopped = True
            self._handle.stop()
