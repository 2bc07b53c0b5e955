"""The one way to a device: permitted by state, permit and interlocks, written down before and after.

A command that a stop interrupts is given again as soon as the cell may go on: what is commanded here is absolute
(move *to*, open *to*) or identified by the device, so giving it again is safe.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

from robocell.clock import Clock
from robocell.control.interlocks import Interlocks
from robocell.control.permit import RunPermit
from robocell.devices import Device, Lifecycle
from robocell.errors import CommandRefused, DeviceFault, MotionInterrupted
from robocell.journal import Journal
from robocell.signals import Signal

T = TypeVar("T")


class Commands:
    """Gives commands to devices.

    Args:
        journal: intent before, result after.
        clock: the run's clock.
        permit: the permit to run.
        interlocks: what forbids a device to move.
        gate: whether the cell's state lets workpieces go on.

    Attributes:
        last_at: when the last command was given or ended, s.
        under_way: how many commands wait for their result.

    """

    def __init__(
        self, journal: Journal, clock: Clock, permit: RunPermit, interlocks: Interlocks, gate: Signal[bool]
    ) -> None:
        self._journal = journal
        self._clock = clock
        self._permit = permit
        self._interlocks = interlocks
        self._gate = gate
        self._count = 0
        self.last_at = 0.0
        self.under_way = 0

    async def permitted(self, device: Device, gate: Signal[bool] | None = None) -> None:
        """Wait until a device may be commanded."""
        while (awaited := self._awaited(device, gate or self._gate)) is not None:
            await awaited.until(bool)

    def _awaited(self, device: Device, gate: Signal[bool]) -> Signal[bool] | None:
        """Return what must hold before a device may be commanded, None if it may be now."""
        if not gate.value:
            return gate
        if not self._permit.armed.value or not self._permit.fresh():
            return self._permit.armed
        against = self._interlocks.against(device.name)
        if against is not None:
            self._interlocks.refuse(device.name)
            return against if gate.value else gate
        return None

    def speed(self, device: str) -> float:
        """Return the speed override that interlocks ask of a device now."""
        return self._interlocks.speed(device)

    async def give(
        self,
        device: Device,
        command: str,
        work: Callable[[], Awaitable[T]],
        *,
        gate: Signal[bool] | None = None,
        watch: Sequence[Device] = (),
        **arguments: Any,
    ) -> T:
        """Give a command and return what it returns.

        Args:
            device: the device.
            command: its name, for the journal.
            work: gives the command; called again after an interruption.
            gate: another gate than that of workpieces.
            watch: devices whose fault ends this command too: a gripper that loses its part while the arm moves.
            arguments: for the journal, JSON values.

        Raises:
            DeviceFault: the device, or a watched one, failed; the command is not given again.

        """
        while True:
            if self._awaited(device, gate or self._gate) is not None:
                await self.permitted(device, gate)
            self._count += 1
            number = self._count
            self._journal.append("command", id=number, device=device.name, command=command, **arguments)
            self.last_at = self._clock.now()
            self.under_way += 1
            outcome = "interrupted"
            try:
                result = await (self._watched(device, work, watch) if watch else work())
                outcome = "done"
                return result
            except DeviceFault as fault:
                outcome = fault.fault
                raise
            except MotionInterrupted:
                for other in watch:
                    if other.lifecycle is Lifecycle.FAULTED:
                        outcome = other.fault.value
                        raise DeviceFault(other.name, other.fault.value, other.fault_detail) from None
                await asyncio.sleep(0)  # whoever stopped it has its say first
            except CommandRefused as refusal:
                outcome = "refused"
                raise DeviceFault(device.name, "refused", refusal.detail) from refusal
            finally:
                self.under_way -= 1
                self.last_at = self._clock.now()
                self._journal.append("result", id=number, device=device.name, outcome=outcome)

    async def _watched(self, device: Device, work: Callable[[], Awaitable[T]], watch: Sequence[Device]) -> T:
        """Stop the device when a watched one fails."""
        for other in watch:
            if other.lifecycle is Lifecycle.FAULTED:
                raise DeviceFault(other.name, other.fault.value, other.fault_detail)
        ends = [other.fault.subscribe(lambda fault: device.stop_now() if fault.value else None) for other in watch]
        try:
            result = await work()
        finally:
            for end in ends:
                end()
        for other in watch:
            if other.lifecycle is Lifecycle.FAULTED:
                raise DeviceFault(other.name, other.fault.value, other.fault_detail)
        return result
