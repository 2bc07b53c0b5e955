"""Gripper: opens to a width, closes on a part, and tells whether it holds one."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from robocell.clock import Clock
from robocell.devices.base import Device
from robocell.signals import Signal


class Gripper(Device):
    """A two-finger gripper.

    Attributes:
        stroke: largest opening in metres.
        holding: the gripper's own object detection: the fingers stopped before their commanded width and keep
            their force. It is what the gripper senses, not what is true.

    """

    kind: ClassVar[str] = "gripper"

    def __init__(self, name: str, clock: Clock, stroke: float) -> None:
        super().__init__(name, clock)
        self.stroke = stroke
        self.holding: Signal[bool] = Signal(f"{name}.holding", False)
        self.signals = {"fault": self.fault, "holding": self.holding}

    @abstractmethod
    def opening(self) -> float:
        """Return the measured distance between the fingers in metres. Permitted in every state but closed."""

    @abstractmethod
    async def open(self, width: float) -> None:
        """Open (or close) to `width` metres; returns when the fingers rest. Absolute: may be repeated safely.

        Raises:
            CommandRefused: not active.
            DeviceFault: the device failed.

        """

    @abstractmethod
    async def grip(self, force: float | None = None) -> bool:
        """Close with a force (N; None: the profile's) until the fingers stop; return whether an object is detected.

        Absolute: gripping again while holding changes nothing.

        Raises:
            CommandRefused: not active.
            DeviceFault: the device failed.

        """

    @abstractmethod
    def expect(self, holding: bool) -> None:
        """Tell the device whether losing the object from now on is the fault "dropped" (between grip and release)."""
