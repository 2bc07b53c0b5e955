"""From grey pictures to bit planes: which level parts copper from background, and whether one does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8
from robocell.vision.kernels import pair_bits

Words = NDArray[np.uint64]

LEAST_CONTRAST = 40.0
"""Grey levels between copper and background; less is no picture of a board."""
_LEAST_RANGE = 120  # between the extremes, where one of the two is but a few pixels
_STEP, _LARGE = 8, 256  # of a picture that large, every pixel of so many rows and columns is counted


@dataclass(frozen=True)
class Grid:
    """How a picture lies in a bit plane (see `kernels.pair_bits`).

    Attributes:
        rows: of the picture.
        columns: of the picture.

    """

    rows: int
    columns: int

    @property
    def words(self) -> int:
        """Words of a row."""
        return (self.columns + 63) // 64

    @property
    def column(self) -> int:
        """Rows of a plane, guards included; a multiple of 4."""
        return (self.rows + 3) // 4 * 4 + 2 * pair_bits.ABOVE

    @property
    def tiles(self) -> tuple[int, int]:
        """Rows and columns of 64 × 64 tiles."""
        return (self.rows + 63) // 64, self.words

    def empty(self, count: int) -> Words:
        """Return so many planes without a set pixel."""
        return np.zeros((count, (self.words + 2 * pair_bits.ASIDE) * self.column), np.uint64)

    def quarter(self) -> Grid:
        """Return the grid of every fourth pixel of every fourth row."""
        return Grid((self.rows + 3) // 4, (self.columns + 3) // 4)


def grey_level(image: U8) -> int | None:
    """Return the level between copper and background, None where a picture shows only one of them.

    It lies midway between the means of Otsu's two classes ("A threshold selection method from gray-level
    histograms", IEEE Trans. SMC 1979), or between the extremes where one class is but a few pixels.

    Args:
        image: (H, W) uint8.

    """
    counts = np.zeros(256, np.int64)
    pair_bits.histogram(image, _STEP if min(image.shape) >= _LARGE else 1, counts)
    level, contrast = _otsu(counts)
    if contrast >= LEAST_CONTRAST:
        return level
    low, high = int(image.min()), int(image.max())
    return (low + high + 1) // 2 if high - low >= _LEAST_RANGE else None


def _otsu(counts: NDArray[np.int64]) -> tuple[int, float]:
    """Return the middle between the two classes' means, and how far these are apart."""
    below, moment = np.cumsum(counts), np.cumsum(counts * np.arange(256))
    dark, bright = below[:-1], below[-1] - below[:-1]
    dark_mean = moment[:-1] / np.maximum(dark, 1)
    bright_mean = (moment[-1] - moment[:-1]) / np.maximum(bright, 1)
    between = dark.astype(np.float64) * bright * (bright_mean - dark_mean) ** 2
    best = int(np.argmax(between))
    contrast = float(bright_mean[best] - dark_mean[best]) if between[best] > 0 else 0.0
    return int(dark_mean[best] + bright_mean[best] + 1) // 2, contrast


def pack(template: U8, image: U8, grid: Grid, dark: bool) -> Words:
    """Return two bit planes (2, size) whose bits are copper.

    A template may be blank, as a part of a board without a trace is; the picture's level then holds for it too.

    Args:
        template: (H, W) uint8.
        image: (H, W) uint8.
        grid: how both lie in planes.
        dark: whether copper is darker than the background.

    Raises:
        VisionError: the picture shows nothing but one grey, as where it is all black or saturated.

    """
    level = grey_level(image)
    if level is None:
        raise VisionError(
            f"the picture shows no copper against a background: all of it is about {float(image.mean()):.0f} of 255"
        )
    planes = grid.empty(2)
    own = grey_level(template)
    pair_bits.pack(template, level if own is None else own, dark, grid.column, planes[0])
    pair_bits.pack(image, level, dark, grid.column, planes[1])
    return planes
