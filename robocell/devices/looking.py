"""The canonical camera on any source of frames: takes a frame, refuses what must not be judged, judges the rest."""

from __future__ import annotations

import dataclasses
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from robocell.clock import Clock
from robocell.devices.base import Lifecycle
from robocell.devices.frames import FrameSource
from robocell.devices.others import Camera, Sighting
from robocell.errors import DeviceFault
from robocell.vision.frame import Frame
from robocell.vision.gate import FrameGate

Matrix = NDArray[np.float64]

PATIENCE = 5.0
"""Seconds after which a camera that delivers nothing is given up."""


class Judge(Protocol):
    """What looks at frames: `judging.Judging` by recipes, or whatever knows the truth."""

    def judge(self, recipe: str, frame: Frame, only_locate: bool) -> Sighting:
        """Judge a frame whose camera knows the distance of the inspected face."""


class FrameCamera(Camera):
    """Implements `Camera` with a source of frames and a judge.

    A frame that was exposed before the command, is too old, was seen before or lacks a part is never judged: the
    sighting is inconclusive with the reason, and its `fault` "stale" where the frame is not of this command.

    Args:
        name: the device's name.
        clock: the run's clock.
        source: the frames; opened when the device is configured, closed with it.
        judge: judges them.
        pose: the optical frame in the cell frame, (4, 4).
        max_age: seconds beyond which a frame is stale when it comes.
        patience: seconds after which a grab is given up.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        source: FrameSource,
        judge: Judge,
        pose: Matrix,
        max_age: float,
        patience: float = PATIENCE,
    ) -> None:
        super().__init__(name, clock)
        self._source = source
        self._judge = judge
        self._pose = pose
        self._patience = patience
        self.gate = FrameGate(max_age)

    async def configure(self) -> None:
        """Unconfigured → inactive: open the camera; its frames are counted anew.

        Raises:
            CommandRefused: it is not unconfigured.
            DeviceFault: "lost": the camera is not there; the device is faulted.

        """
        self._expect(Lifecycle.UNCONFIGURED)
        try:
            await self._source.open()
        except DeviceFault as fault:
            self.fail(fault.fault, fault.detail)
            raise
        self.gate.forget()
        await super().configure()

    async def reset(self) -> None:
        """Faulted → unconfigured: let go of the camera, which is opened again by `configure`."""
        await super().reset()
        self._source.close()

    def close(self) -> None:
        """Any state → closed; the camera is let go."""
        super().close()
        self._source.close()

    def sleep(self) -> None:
        """Switch the camera off until the next command."""
        self._source.sleep()

    async def inspect(self, recipe: str, face_height: float) -> Sighting:
        """Take one picture and judge it."""
        return await self._look(recipe, face_height, False)

    async def locate(self, recipe: str, face_height: float) -> Sighting:
        """Take one picture and only locate the part."""
        return await self._look(recipe, face_height, True)

    async def _look(self, recipe: str, face_height: float, only_locate: bool) -> Sighting:
        self.ready()
        commanded_at = self.clock.now()
        try:
            frame = await self._source.grab(commanded_at + self._patience)
        except DeviceFault as fault:
            if fault.fault == "lost":
                self.fail(fault.fault, fault.detail)
            raise
        if self.lifecycle is Lifecycle.FAULTED:
            raise DeviceFault(self.name, self.fault.value, self.fault_detail)
        refusal = self.gate.refusal(frame, commanded_at, self.clock.now())
        if refusal:
            return Sighting("inconclusive", (refusal,), fault="stale" if frame.complete else "", frame=frame.number)
        distance = float((face_height - self._pose[2, 3]) / self._pose[2, 2])
        if not distance > 0:
            return Sighting("inconclusive", ("the inspected face is not before the lens",))
        if frame.camera is not None:
            frame = dataclasses.replace(frame, camera=frame.camera.at(distance))
        found = self._judge.judge(recipe, frame, only_locate)
        if only_locate and found.status != "inconclusive":
            return dataclasses.replace(found, status="passed", reasons=(), picture=b"", frame=frame.number)
        return dataclasses.replace(found, frame=frame.number)
