"""An arm on a world: interpolates its segments, follows them, and checks where it ended."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from robocell.clock import Clock
from robocell.devices.arm import Arm
from robocell.devices.base import Lifecycle
from robocell.errors import CommandRefused, DeviceFault, MotionInterrupted
from robocell.motion.arm import Arm as ArmModel
from robocell.motion.segments import Segment, predicted
from robocell.motion.trajectory import Trajectory
from robocell.signals import Signal
from robocell.simulated.base import Simulated
from robocell.world.protocol import ArmHandle

REACHED = 1e-3
"""Greatest distance in m of the TCP from its set-point at which a move counts as done."""
STILL = 1e-4
"""Difference in rad or m of a joint from its set-point at which it still stands there."""


class SimArm(Simulated, Arm):
    """Implements `Arm`.

    Args:
        name: the device's name.
        clock: the run's clock.
        model: kinematics and limits with the tool's TCP.
        handle: the arm in the world.
        answers: whether the device answers.

    """

    def __init__(self, name: str, clock: Clock, model: ArmModel, handle: ArmHandle, answers: Signal[bool]) -> None:
        super().__init__(name, clock, model)
        self.attach(answers)
        self._handle = handle
        self._set_point: tuple[float, ...] = ()
        self._stopped = False
        self._busy = False
        self.follow(handle.contact, self._touched)
        self.follow(handle.moving, lambda moving: self.moving.set(moving, self.clock.now()))

    def cause(self) -> tuple[str, str] | None:
        """Return the contact that a person has not freed the arm from."""
        touched = self._handle.contact.value
        return ("protective_stop", f"touches {touched}") if touched else None

    def joints(self) -> tuple[float, ...]:
        """Return the measured joint positions, rad or m, shape (n,)."""
        if self.lifecycle is Lifecycle.CLOSED:
            raise CommandRefused(self.name, "is closed")
        return self._handle.joints()

    def predict(self, start: Sequence[float], segments: Sequence[Segment]) -> Trajectory:
        """Return what `execute` would do from `start` at full speed override."""
        return predicted(self.model, tuple(start), tuple(segments))

    async def execute(self, segments: Sequence[Segment], override: float = 1.0) -> None:
        """Move through all segments and return at rest at the last target."""
        self.ready()
        if self._busy:
            raise CommandRefused(self.name, "a move is under way")
        if not 0.0 < override <= 1.0:
            raise ValueError(f"speed override is {override}, expected a fraction above 0 and at most 1")
        self._busy, self._stopped = True, False
        try:
            if self.moving.value:  # the stop of a cancelled move
                await self._rest()
                self.ready()
            trajectory = self.predict(self._start(), segments)
            self._handle.follow(trajectory if override == 1.0 else trajectory.scaled(override))
            await self._rest()
        finally:
            self._busy = False
        self._check()
        self._set_point = tuple(trajectory.end.tolist())

    def _start(self) -> tuple[float, ...]:
        """Return where a move begins: at the set-point of the last one, as a drive does, if the arm still stands there."""
        measured, wanted = self._handle.joints(), self._set_point
        self._set_point = ()
        still = len(wanted) == len(measured) and all(abs(a - b) <= STILL for a, b in zip(measured, wanted, strict=True))
        return wanted if still else measured

    async def _rest(self) -> None:
        try:
            await self._handle.moving.until(lambda moving: not moving)
        except asyncio.CancelledError:
            self._handle.halt()
            raise

    def _check(self) -> None:
        """Raise what went wrong in the move that has ended."""
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        if self._stopped:
            raise MotionInterrupted(self.name, "stopped on its path")
        off = self._handle.deviation()
        if off > REACHED:
            self.fail("protective_stop", f"its TCP is {off * 1e3:.1f} mm from the target")
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)

    def _touched(self, against: str) -> None:
        if against and self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self.fail("protective_stop", f"touches {against}")

    def stop_now(self) -> None:
        """Stop on the path."""
        if self._busy or self.moving.value:
            self._stopped = True
            self._handle.halt()
