"""A simulated camera's frames: rendered pictures, or the truth that they would show; and what goes wrong on their way."""

from __future__ import annotations

import dataclasses
from collections import deque
from dataclasses import dataclass

import numpy as np

from robocell.clock import Clock
from robocell.errors import DeviceFault
from robocell.vision.frame import U8, Calibration, Frame
from robocell.world.protocol import CameraHandle, Seen


@dataclass(frozen=True)
class TrueFrame(Frame):
    """A frame without a picture: the parts in view at its exposure, nearest to the middle first."""

    seen: tuple[Seen, ...] = ()


class SimFrames:
    """Implements `FrameSource` on a world.

    Args:
        name: the camera's name.
        clock: the run's clock.
        handle: the camera in the world.
        calibration: its lens; the distance is the caller's matter.
        exposure: s.
        readout: from the end of the exposure until the frame is there, s.
        nominal: exposure at which faces look as drawn, s.
        pictures: whether frames are rendered; they are `TrueFrame` otherwise.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        handle: CameraHandle,
        calibration: Calibration,
        exposure: float,
        readout: float,
        nominal: float,
        pictures: bool,
    ) -> None:
        self._name = name
        self._clock = clock
        self._handle = handle
        self._calibration = calibration
        self._exposure = exposure
        self._readout = readout
        self._gain = exposure / nominal
        self._pictures = pictures
        self._count = 0
        self._before: Frame | None = None
        self._late: deque[tuple[float, Frame]] = deque()

    async def open(self) -> None:
        """Do nothing: the camera is in the world."""

    def close(self) -> None:
        """Forget frames that are still on their way."""
        self._late.clear()

    def sleep(self) -> None:
        """Switch the camera off until the next grab."""
        self._handle.sleep(True)

    async def grab(self, deadline: float) -> Frame:
        """Expose, read out and deliver a frame; one that is still on its way comes first."""
        self._handle.sleep(False)
        self._handle.work(True)
        try:
            if not self._late:
                began = self._clock.now()
                await self._clock.sleep(self._exposure)
                await self._deliver(self._exposed(began), deadline)
            due, frame = self._late[0]
            if due > deadline:
                await self._nothing(deadline)
            await self._clock.sleep(due - self._clock.now())
            self._late.popleft()
        finally:
            self._handle.work(False)
        self._before = frame
        return frame

    async def _deliver(self, frame: Frame, deadline: float) -> None:
        """Send a frame on its way, or what comes in its place."""
        due = self._clock.now() + self._readout
        upset = self._handle.upset()
        if upset is not None:
            if upset.kind == "withhold":
                await self._nothing(deadline)
            if upset.kind == "delay":
                due += upset.by
            if upset.kind == "repeat" and self._before is not None:
                frame = self._before
            if upset.kind == "truncate":
                frame = dataclasses.replace(frame, complete=False, image=_torn(frame.image))
        self._late.append((due, frame))

    async def _nothing(self, deadline: float) -> None:
        waited = deadline - self._clock.now()
        await self._clock.sleep(waited)
        raise DeviceFault(self._name, "timeout", "no frame came")

    def _exposed(self, began: float) -> Frame:
        self._count += 1
        seen = tuple(self._handle.view())
        self._handle.expose(self._count, seen)
        if self._pictures:
            return Frame(self._handle.picture(self._gain), self._calibration, self._count, began)
        nothing = np.zeros((0, 0), np.uint8)
        return TrueFrame(nothing, self._calibration, self._count, began, seen=seen)


def _torn(image: U8) -> U8:
    """Return a picture whose lower half did not come."""
    torn = image.copy()
    torn[len(torn) // 2 :] = 0
    return torn
