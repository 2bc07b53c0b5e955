"""Where frames come from: one small protocol for replayed, simulated and real cameras."""

from __future__ import annotations

from typing import Protocol

from robocell.vision.frame import Frame


class FrameSource(Protocol):
    """A camera's frames, one for each `grab`.

    A source tells the truth about each frame (number, time, completeness) and judges nothing: that is `FrameGate`'s work.
    """

    async def open(self) -> None:
        """Find the camera and make it ready; opening an open source does nothing.

        Raises:
            DeviceFault: "lost": there is no such camera, or it cannot be used.

        """

    async def grab(self, deadline: float) -> Frame:
        """Take a picture and return it.

        Args:
            deadline: when to give up, s of the run's clock.

        Returns:
            A frame whose image is nobody else's: it stays as it is when the next one comes.

        Raises:
            DeviceFault: "timeout": no frame came by then; "lost": the camera is gone.

        """

    def close(self) -> None:
        """Let go of the camera; repeating it does nothing."""

    def sleep(self) -> None:
        """Save energy until the next grab."""
