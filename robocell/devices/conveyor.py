"""Conveyor: a belt with a drive that ramps, counts its travel and trips when it cannot move."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from robocell.clock import Clock
from robocell.devices.base import Device
from robocell.signals import Signal


class Conveyor(Device):
    """A belt conveyor.

    Attributes:
        nominal_speed: the cell file's speed, m/s.
        acceleration: the drive's ramp, m/s².
        friction: friction coefficient of the belt's surface, from the profile.
        running: whether a speed other than 0 is commanded.

    """

    kind: ClassVar[str] = "conveyor"

    def __init__(
        self, name: str, clock: Clock, nominal_speed: float, acceleration: float, friction: float = 0.8
    ) -> None:
        super().__init__(name, clock)
        self.nominal_speed = nominal_speed
        self.acceleration = acceleration
        self.friction = friction
        self.running: Signal[bool] = Signal(f"{name}.running", False)
        self.signals = {"fault": self.fault, "running": self.running}

    @abstractmethod
    def travel(self) -> float:
        """Return the belt's travel since power-up in metres, as the drive counts it."""

    @abstractmethod
    def speed(self) -> float:
        """Return the belt's present speed in m/s, as the drive reports it."""

    @abstractmethod
    async def run(self, speed: float) -> None:
        """Ramp to `speed` (m/s, negative runs backwards); returns once commanded. Absolute: repeat safely.

        Raises:
            CommandRefused: not active.
            DeviceFault: "jammed": the drive has tripped.

        """

    @abstractmethod
    async def run_to(self, travel: float) -> None:
        """Run at the present set-point (nominal speed if none) and come to rest where `travel()` equals `travel`.

        Returns at rest. If the ramp cannot stop in time the belt stops as early as it can, beyond. Absolute.

        Raises:
            CommandRefused: not active.
            DeviceFault: "jammed" on the way.

        """

    @abstractmethod
    async def stop(self) -> None:
        """Ramp to rest; returns at rest. Absolute: repeat safely.

        Raises:
            CommandRefused: not active.

        """
