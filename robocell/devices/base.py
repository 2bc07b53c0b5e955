"""What every device owes: a lifecycle, faults that are told, and a stop that never waits.

::

    unconfigured ──configure──▶ inactive ──activate──▶ active ──fault──▶ faulted
         ▲                         ▲                     │                  │
         │                         └─────deactivate──────┘                  │
         └───────────────────────────reset──────────────────────────────────┘      any ──close──▶ closed

A fault goes back to unconfigured, never straight to active. A command in a state that does not permit it raises
`CommandRefused` and does nothing; it is never queued.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from robocell.clock import Clock
from robocell.errors import CommandRefused, DeviceFault
from robocell.signals import Signal


class Lifecycle(StrEnum):
    """Where a device stands between power-up and close."""

    UNCONFIGURED = "unconfigured"
    INACTIVE = "inactive"
    ACTIVE = "active"
    FAULTED = "faulted"
    CLOSED = "closed"


class Device:
    """A canonical device: the function, not the form.

    Args:
        name: the device's name in the cell file.
        clock: the run's clock.

    Attributes:
        fault: the device's present fault word ("jammed", "dropped", …), "" while it has none.
        signals: what expressions in the cell file may read, by the part of the name after the dot.
        backend: "simulated" or "driver", for the record.

    """

    kind: ClassVar[str] = "device"
    backend: ClassVar[str] = "simulated"

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self.lifecycle = Lifecycle.UNCONFIGURED
        self.fault: Signal[str] = Signal(f"{name}.fault", "")
        self.fault_detail = ""
        self.signals: Mapping[str, Signal[Any]] = {"fault": self.fault}

    async def configure(self) -> None:
        """unconfigured → inactive: find the device, compare its identity and limits with the profile."""
        self._expect(Lifecycle.UNCONFIGURED)
        self.lifecycle = Lifecycle.INACTIVE

    async def activate(self) -> None:
        """inactive → active: ready to take commands. Nothing moves."""
        self._expect(Lifecycle.INACTIVE)
        self.lifecycle = Lifecycle.ACTIVE

    async def deactivate(self) -> None:
        """active → inactive: stands still and takes no commands."""
        self._expect(Lifecycle.ACTIVE)
        self.stop_now()
        self.lifecycle = Lifecycle.INACTIVE

    async def reset(self) -> None:
        """faulted → unconfigured: forget the fault; it is raised again if its cause is still there."""
        self._expect(Lifecycle.FAULTED)
        self.fault.set("", self.clock.now())
        self.fault_detail = ""
        self.lifecycle = Lifecycle.UNCONFIGURED

    def close(self) -> None:
        """Any state → closed: stop and let go of the device. Repeating it does nothing."""
        if self.lifecycle is not Lifecycle.CLOSED:
            self.stop_now()
            self.lifecycle = Lifecycle.CLOSED

    def stop_now(self) -> None:
        """Stop all motion at once; never awaits, works in every state, repeating it does nothing more."""

    def sleep(self) -> None:
        """Save energy while idle; the next command wakes the device by itself."""

    def fail(self, fault: str, detail: str = "") -> None:
        """Any state but closed → faulted: the device tells its fault and stops."""
        if self.lifecycle is Lifecycle.CLOSED:
            return
        self.lifecycle = Lifecycle.FAULTED
        self.fault_detail = detail
        self.stop_now()
        self.fault.set(fault, self.clock.now())

    def ready(self) -> None:
        """Return if commands are permitted now.

        Raises:
            DeviceFault: the device is faulted.
            CommandRefused: it is not active.

        """
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        self._expect(Lifecycle.ACTIVE)

    def _expect(self, state: Lifecycle) -> None:
        if self.lifecycle is not state:
            raise CommandRefused(self.name, f"is {self.lifecycle}, the command needs it {state}")


async def recover(device: Device) -> None:
    """Take a faulted device back to active, the long way round (reset, configure, activate)."""
    if device.lifecycle is Lifecycle.FAULTED:
        await device.reset()
    if device.lifecycle is Lifecycle.UNCONFIGURED:
        await device.configure()
    if device.lifecycle is Lifecycle.INACTIVE:
        await device.activate()
