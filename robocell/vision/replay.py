"""Frames from a folder of pictures, in the order of their names, and how one picture's file is read."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from robocell.clock import Clock
from robocell.errors import DeviceFault, VisionError
from robocell.vision.frame import U8, Calibration, Frame

SUFFIXES = (".bmp", ".jpeg", ".jpg", ".pgm", ".png", ".tif", ".tiff")
"""Files that count as pictures, in lower case."""
MOST_BYTES = 256 * 2**20
"""Beyond this a file is no picture of a camera."""


def read_picture(path: Path) -> tuple[U8, bool]:
    """Read a picture's file.

    Returns:
        (rows, columns) uint8 grey, and whether the file is complete: a truncated one may still show its upper part, and
        one that cannot be decoded is empty.

    Raises:
        VisionError: there is no such file, or it is too large.

    """
    import cv2

    try:
        if path.stat().st_size > MOST_BYTES:
            raise VisionError(f"{path.name} has more than {MOST_BYTES // 2**20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise VisionError(f"{path.name} cannot be read: {error.strerror}") from None
    if not data or not _ends(data):
        return np.zeros((0, 0), np.uint8), False
    try:
        image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)
    except cv2.error:
        image = None
    if image is None or image.size == 0:
        return np.zeros((0, 0), np.uint8), False
    return np.asarray(image, np.uint8), True


def _ends(data: bytes) -> bool:
    """Whether a JPEG or PNG has its end: decoders fill up what is missing in silence."""
    if data.startswith(b"\xff\xd8"):
        return data.rstrip(b"\0").endswith(b"\xff\xd9")
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return b"IEND" in data[-64:]
    return True


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
            found = sorted(path for path in self._folder.iterdir() if path.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise DeviceFault(self._name, "lost", f"{self._folder.name}: {error.strerror}") from None
        if not found:
            raise DeviceFault(self._name, "lost", f"{self._folder.name} has no picture ({', '.join(SUFFIXES)})")
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
        try:
            image, complete = read_picture(path)
        except VisionError as error:
            raise DeviceFault(self._name, "lost", str(error)) from None
        return Frame(image, self._calibration, self._count, self._clock.now(), complete)

    def close(self) -> None:
        """Forget the listing; the next `open` lists the folder anew and begins with its first picture."""
        self._paths, self._count = (), 0

    def sleep(self) -> None:
        """Do nothing: files need no power."""
