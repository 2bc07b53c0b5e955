"""Machine: a machine tool with a door, a clamp and programs."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from robocell.clock import Clock
from robocell.devices.base import Device
from robocell.signals import Signal


class Machine(Device):
    """A machine tool that is loaded and unloaded by an arm.

    Attributes:
        door_open: the limit switch of the open door.
        clamped: the clamp's pressure switch: closed and under force.
        running: whether a program runs.

    """

    kind: ClassVar[str] = "machine"

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name, clock)
        self.door_open: Signal[bool] = Signal(f"{name}.door_open", True)
        self.clamped: Signal[bool] = Signal(f"{name}.clamped", False)
        self.running: Signal[bool] = Signal(f"{name}.running", False)
        self.signals = {
            "fault": self.fault,
            "door_open": self.door_open,
            "clamped": self.clamped,
            "running": self.running,
        }

    @abstractmethod
    async def door(self, opened: bool) -> None:
        """Open or close the door; returns at the limit switch. Absolute: repeat safely.

        Raises:
            CommandRefused: not active, or a program runs.
            DeviceFault: "fault": the switch was not reached in time.

        """

    @abstractmethod
    async def clamp(self, closed: bool) -> None:
        """Close or open the clamp; returns at its switch. Absolute: repeat safely.

        Raises:
            CommandRefused: not active, or a program runs.
            DeviceFault: "fault": the switch was not reached in time.

        """

    @abstractmethod
    async def run(self, program: int, expected: float) -> bool:
        """Run a program with the door closed and the clamp under force; return whether the machine says it succeeded.

        Identified: the machine reports the number of the last cycle it executed. `expected` is the nominal time in
        seconds (simulation runs that long).

        Raises:
            CommandRefused: not active, door open, not clamped, or a program runs.
            DeviceFault: "fault": the machine raised an alarm.

        """
