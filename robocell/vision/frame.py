"""A picture with what must be known to judge it: which one it is, when it was taken, through which lens."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from robocell.vision.lens import STRAIGHT, Terms, bend, straighten

U8 = NDArray[np.uint8]
Array = NDArray[np.float64]


@dataclass(frozen=True)
class Calibration:
    """How a camera maps points of its optical frame (X right, Y down, Z away) to pixels.

    A point at ``(X, Y, Z)`` is seen at ``centre + focal bend(X/Z, Y/Z)`` with `lens.bend`; pixels are square.
    The inspected face lies across the optical axis at `distance`.

    Attributes:
        resolution: (columns, rows).
        focal: focal length in pixels.
        centre: pixel on the optical axis (the centre of the first pixel is (0, 0)).
        distance: from the lens to the inspected face along the optical axis, m.
        distortion: first radial coefficient k1, without dimension.
        k2: second radial coefficient.
        p1, p2: tangential coefficients, in OpenCV's order.

    """

    resolution: tuple[int, int]
    focal: float
    centre: tuple[float, float]
    distance: float
    distortion: float = 0.0
    k2: float = 0.0
    p1: float = 0.0
    p2: float = 0.0

    def __post_init__(self) -> None:
        numbers = (*self.resolution, self.focal, *self.centre, self.distance, *self.terms)
        if not all(math.isfinite(n) for n in numbers) or min(*self.resolution, self.focal, self.distance) <= 0:
            raise ValueError(f"a calibration needs finite numbers, and a positive focal length and distance: {self}")

    @classmethod
    def of_scale(cls, image: Any, scale: float) -> Self:
        """Return the calibration of a camera that looks straight down on a picture's face.

        Args:
            image: (rows, columns) or (rows, columns, channels).
            scale: metres that a pixel spans on the face.

        Raises:
            ValueError: the scale is not a finite length above 0, or the picture is empty.

        """
        if not (math.isfinite(scale) and scale > 0):
            raise ValueError(f"a pixel's length is above 0, not {scale}")
        rows, columns = np.shape(image)[:2]
        return cls((columns, rows), 1 / scale, ((columns - 1) / 2, (rows - 1) / 2), 1.0)

    @property
    def terms(self) -> Terms:
        """The lens's distortion (k1, k2, p1, p2)."""
        return (self.distortion, self.k2, self.p1, self.p2)

    @property
    def scale(self) -> float:
        """Metres that a pixel spans on the inspected face, in the middle of the picture."""
        return self.distance / self.focal

    def at(self, distance: float) -> Calibration:
        """Return the same camera with the inspected face at another distance (m)."""
        return dataclasses.replace(self, distance=distance)

    def straight(self) -> Calibration:
        """Return the same camera with a lens without distortion."""
        return dataclasses.replace(self, distortion=0.0, k2=0.0, p1=0.0, p2=0.0)

    def to_plane(self, pixels: Array) -> Array:
        """Return (N, 2) metres on the inspected face, optical frame, from (N, 2) pixels.

        The inverse of `to_pixels`; NaN for pixels at which the lens can show nothing.
        """
        bent = (np.asarray(pixels, float) - self.centre) / self.focal
        flat = bent if self.terms == STRAIGHT else straighten(bent, self.terms)
        return np.asarray(flat * self.distance, np.float64)

    def to_pixels(self, points: Array) -> Array:
        """Return (N, 2) pixels from (N, 2) metres on the inspected face, optical frame."""
        flat = np.asarray(points, float) / self.distance
        bent = flat if self.terms == STRAIGHT else bend(flat, self.terms)
        return np.asarray(np.asarray(self.centre) + self.focal * bent, np.float64)


@dataclass(frozen=True)
class Frame:
    """One picture of one exposure.

    Attributes:
        image: (rows, columns) uint8 grey, or (rows, columns, 3) uint8 blue, green, red.
        camera: how it was taken; None where that is not known: then only pixels can be measured.
        number: counts exposures; a number seen before is a repeated frame.
        exposed_at: when its exposure began, in seconds of the run's clock.
        complete: False where the camera or its link lost a part of the picture.
        source: what it is called, such as its file's name: by it a template is found.

    """

    image: U8
    camera: Calibration | None = None
    number: int = 0
    exposed_at: float = 0.0
    complete: bool = True
    source: str = ""

    @classmethod
    def of(cls, image: U8 | Self, scale: float | None = None, source: str = "") -> Self:
        """Return a plain picture as a frame; a frame is returned as it is.

        Args:
            image: as the class has it.
            scale: metres that a pixel spans on the inspected face, where that is known.
            source: what the picture is called.

        """
        if isinstance(image, Frame):
            return image
        usable = scale is not None and getattr(image, "ndim", 0) in (2, 3) and image.size > 0
        return cls(image, Calibration.of_scale(image, scale) if usable and scale is not None else None, source=source)
