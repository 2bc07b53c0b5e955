"""Frames from a folder of pictures, in the order of their names."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from robocell.clock import Clock
from robocell.errors import DeviceFault
from robocell.vision.frame import Calibration, Frame
from robocell.vision.pictures import ENDINGS, read_picture


class FolderFrames:
    """Implements `devices.frames.FrameSource` with the pictures of a folder, as if each were exposed when it is asked for.

    Numbers count on from 1, also when the pictures come round again, so that none counts as repeated.

    Args:
        folder: where the pictures are.
        calibration: how they were taken.
        clock: the run's clock.
        loop: begin again after the last one; otherwise none comes then.
        name: the camera's name in faults.

    """

    def __init__(
        self, folder: Path, calibration: Calibration, clock: Clock, *, loop: bool = False, name: str = "camera"
    ) -> None:
        self._folder = folder
        self._calibration = calibration
        self._clock = clock
        self._loop = loop
        self._name = name
        self._paths: tuple[Path, ...] = ()
        self._count = 0

    @property
    def paths(self) -> tuple[Path, ...]:
        """The pictures, sorted by name; empty before `open`."""
        return self._paths

    async def open(self) -> None:
        """List the folder.

        Raises:
            DeviceFault: "lost": there is no such folder, or no picture in it.

        """
        if self._paths:
            return
        try:
            found = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in ENDINGS)
        except OSError as error:
            raise DeviceFault(self._name, "lost", f"{self._folder.name}: {error.strerror}") from None
        if not found:
            raise DeviceFault(self._name, "lost", f"{self._folder.name} has no picture ({', '.join(ENDINGS)})")
        self._paths = tuple(found)

    async def grab(self, deadline: float) -> Frame:
        """Return the next picture.

        Raises:
            DeviceFault: "timeout": the last one was returned before; "lost": it is not open, or the file is gone.

        """
        if not self._paths:
            raise DeviceFault(self._name, "lost", "is not open")
        if self._count >= len(self._paths) and not self._loop:
            raise DeviceFault(self._name, "timeout", f"all {len(self._paths)} pictures have come")
        path = self._paths[self._count % len(self._paths)]
        self._count += 1
        if not path.is_file():
            raise DeviceFault(self._name, "lost", f"{path.name} is gone")
        read = read_picture(path)
        image, complete = (np.zeros((0, 0), np.uint8), False) if isinstance(read, str) else (read, True)
        return Frame(image, self._calibration, self._count, self._clock.now(), complete)

    def close(self) -> None:
        """Forget the listing; the next `open` lists the folder anew and begins with its first picture."""
        self._paths, self._count = (), 0

    def sleep(self) -> None:
        """Do nothing: files need no power."""
