"""Arm: takes whole moves, never a stream; the device interpolates, `motion` predicts it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from robocell.clock import Clock
from robocell.devices.base import Device
from robocell.motion.arm import Arm as ArmModel
from robocell.motion.segments import Segment
from robocell.motion.trajectory import Trajectory
from robocell.signals import Signal


class Arm(Device):
    """A serial arm with its tool.

    Attributes:
        model: kinematics and limits with the tool's TCP; poses are in the arm's base frame.
        moving: whether the arm moves.

    """

    kind: ClassVar[str] = "arm"

    def __init__(self, name: str, clock: Clock, model: ArmModel) -> None:
        super().__init__(name, clock)
        self.model = model
        self.moving: Signal[bool] = Signal(f"{name}.moving", False)
        self.signals = {"fault": self.fault, "moving": self.moving}

    @abstractmethod
    def joints(self) -> tuple[float, ...]:
        """Return the measured joint positions, rad or m, shape (n,). Permitted in every state but closed."""

    @abstractmethod
    def predict(self, start: Sequence[float], segments: Sequence[Segment]) -> Trajectory:
        """Return what `execute` would do from `start` at full speed override. Pure; permitted in every state.

        Raises:
            MotionError: a segment cannot be planned (`Unreachable` among them).

        """

    @abstractmethod
    async def execute(self, segments: Sequence[Segment], override: float = 1.0) -> None:
        """Move through all segments and return at rest at the last target. Absolute: may be repeated safely.

        Permitted in active, one call at a time. `override` in (0, 1] scales speed along the same path.
        Cancelling the call stops the arm on its path.

        Raises:
            CommandRefused: not active, or a move is under way.
            MotionError: a segment cannot be planned; the arm has not moved.
            MotionInterrupted: `stop_now` ended the move; the arm stands on its path.
            DeviceFault: "protective_stop" after an unexpected contact or a target that was not reached; it always
                waits for a person.

        """
