"""A picture as the steps of a recipe see it: straight, grey, and with what earlier steps found in it."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array, Calibration, Frame

_BLACK = 16  # grey: a picture that is darker nearly everywhere shows nothing
_WHITE = 250  # grey: a pixel from here on is saturated


class UnjudgeableError(VisionError):
    """Nothing can be said; the message is the verdict's reason.

    Attributes:
        whole: whether it is a doubt about the picture itself, so that no other step's word counts either.

    """

    def __init__(self, reason: str, whole: bool = False) -> None:
        super().__init__(reason)
        self.whole = whole


@dataclass(frozen=True)
class Place:
    """The frame of what a `locate` step found; the default is the picture's own.

    Attributes:
        x, y: its origin, pixels.
        angle: from the picture's columns towards its rows to the frame's X, rad.
        radius: of a located disc's rim, pixels; 0 for a pattern.
        sigma: standard error of the rim's diameter, pixels; NaN where it is not known.
        agreement: correlation with the learnt pattern, at most 1.
        turned: whether the angle was seen, or is only assumed.
        hidden: (N, 2) unit vectors to where the rim was not seen.

    """

    x: float = 0.0
    y: float = 0.0
    angle: float = 0.0
    radius: float = 0.0
    sigma: float = math.nan
    agreement: float = 1.0
    turned: bool = True
    hidden: Array = field(default_factory=lambda: np.empty((0, 2)), repr=False, compare=False)

    def to_picture(self, points: Any) -> Array:
        """Return (N, 2) pixels of the picture from (N, 2) pixels in the frame."""
        c, s = math.cos(self.angle), math.sin(self.angle)
        turned = np.asarray(points, float).reshape(-1, 2) @ np.array([[c, s], [-s, c]])
        return np.asarray(turned + [self.x, self.y], np.float64)


PICTURE = Place()


@dataclass
class View:
    """One picture under inspection.

    Attributes:
        grey: (rows, columns) uint8, as a lens without distortion would show it.
        colour: (rows, columns, 3) uint8 blue, green, red; None where no step asks for it, or the picture is grey.
        camera: that lens's calibration; None where it is not known.
        source: what the picture is called.
        template: the picture's own template, where the caller gave one.
        places: what `locate` steps found, by their names.
        edges: what `caliper` steps found, by their names.
        ids: what `code` steps read, by their names: the group `id` of their text, or the whole.

    """

    grey: U8
    colour: U8 | None = None
    camera: Calibration | None = None
    source: str = ""
    template: U8 | None = None
    places: dict[str, Place] = field(default_factory=dict)
    edges: dict[str, Any] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def scale(self) -> float | None:
        """Metres that a pixel spans on the inspected face; None where the picture has no calibration."""
        return None if self.camera is None else self.camera.scale

    def place(self, step: str | None) -> Place:
        """Return the frame that a `locate` step found, or the picture's."""
        return PICTURE if step is None else self.places[step]


def look_at(frame: Frame, colour: bool = False, template: U8 | None = None) -> View:
    """Return a frame as steps see it.

    Args:
        frame: the picture.
        colour: whether a step asks for colour.
        template: the picture's own template, (rows, columns) uint8.

    Raises:
        UnjudgeableError: it is no picture of its camera, incomplete, or shows nothing.

    """
    image = _checked(frame)
    grey = image if image.ndim == 2 else grey_of(image)
    coarse = grey[::16, ::16]
    if float(np.percentile(coarse, 99.9)) < _BLACK:
        raise UnjudgeableError("the picture is black: check the light and the lens cap", True)
    if float(np.percentile(coarse, 1)) >= _WHITE:
        raise UnjudgeableError("the picture is saturated: check the exposure", True)
    coloured = image if colour and image.ndim == 3 else None
    if frame.camera is None:
        return View(np.ascontiguousarray(grey), coloured, None, frame.source, template)
    straight, camera = rectified(grey, frame.camera)
    if coloured is not None:
        coloured = rectified(coloured, frame.camera)[0]
    return View(straight, coloured, camera, frame.source, template)


def _checked(frame: Frame) -> U8:
    image: Any = frame.image
    if not frame.complete:
        raise UnjudgeableError(f"frame {frame.number} is incomplete", True)
    if not isinstance(image, np.ndarray) or image.size == 0:
        raise UnjudgeableError("the picture is empty", True)
    if image.dtype != np.uint8:
        raise UnjudgeableError(f"the picture has the depth {image.dtype}, not 8 bit", True)
    if image.ndim not in (2, 3) or (image.ndim == 3 and image.shape[2] != 3):
        raise UnjudgeableError(f"the picture has the shape {image.shape}: neither grey nor colour", True)
    if frame.camera is not None:
        columns, rows = frame.camera.resolution
        if image.shape[:2] != (rows, columns):
            reason = f"the picture has the shape {image.shape[:2]}, the camera's is {(rows, columns)}"
            raise UnjudgeableError(reason, True)
    picture: U8 = image
    return picture


def grey_of(image: U8) -> U8:
    """Return the luminance (ITU-R BT.601) of a (rows, columns, 3) picture, as cameras and decoders have it."""
    import cv2

    return np.asarray(cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_BGR2GRAY), np.uint8)


def rectified(image: U8, camera: Calibration) -> tuple[U8, Calibration]:
    """Return the picture as a lens without distortion would show it, and that lens's calibration."""
    if not any(camera.terms):
        return np.ascontiguousarray(image), camera
    import cv2

    matrix = np.array([[camera.focal, 0, camera.centre[0]], [0, camera.focal, camera.centre[1]], [0, 0, 1]])
    straight = cv2.undistort(image, matrix, np.array(camera.terms))
    return np.asarray(straight, np.uint8), camera.straight()


def saturated(grey: NDArray[np.uint8], share: float = 0.02) -> bool:
    """Return whether more than a share of some pixels is saturated."""
    return bool(np.count_nonzero(grey >= _WHITE) > share * grey.size)


def as_template(picture: U8 | None) -> U8 | None:
    """Return a template that a caller gave, checked.

    Raises:
        VisionError: it is no grey picture of 8 bits.

    """
    if picture is None:
        return None
    if not (isinstance(picture, np.ndarray) and picture.dtype == np.uint8 and picture.ndim == 2 and picture.size):
        raise VisionError("a template is (rows, columns) uint8")
    return picture
