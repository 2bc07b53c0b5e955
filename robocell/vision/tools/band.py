"""Limits for every pixel of a part, wherever a picture shows it."""

from __future__ import annotations

import math

import numpy as np

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.kernels.warp import STRIP, scan_placed
from robocell.vision.kernels.words import BITS
from robocell.vision.tools.blobs import Blobs, checked, collected, described, joined, nothing
from robocell.vision.tools.mesh import Mesh, check_size


class Band:
    """The least and the greatest level of every pixel of a part.

    Args:
        low: (H, W) uint8.
        high: (H, W) uint8.

    Raises:
        VisionError: they are not.

    """

    def __init__(self, low: U8, high: U8) -> None:
        low, high = checked(low), checked(high)
        if low.shape != high.shape:
            raise VisionError(f"a band's limits are of one shape, not {low.shape} and {high.shape}")
        self.shape = low.shape
        self._across = math.ceil(low.shape[1] / BITS)
        room = ((0, 0), (0, self._across * BITS - low.shape[1]))
        self._low, self._high = (np.pad(limit, room).reshape(-1) for limit in (low, high))

    def find(
        self,
        image: U8,
        placement: Array,
        least: int = 1,
        most: int | None = None,
        *,
        outside: bool = True,
        diagonal: bool = True,
        limit: int = 4096,
    ) -> Blobs:
        """Find the blobs of pixels that leave the band, in pixels of the part.

        Levels between the picture's pixels are interpolated, bilinearly. What the picture does not show is no blob.

        Args:
            image: (H, W) uint8.
            placement: (2, 3) pixel of the part to pixel of the picture.
            least: pixels that a blob has at least.
            most: pixels that it has at most; any number by default.
            outside: pixels outside the band, else those inside.
            diagonal: pixels also touch at their corners.
            limit: how many blobs are listed; the largest, if there are more.

        Raises:
            VisionError: the picture or the placement is none.

        """
        picture, place = checked(image), np.asarray(placement, float)
        check_size(picture.shape)
        if place.shape != (2, 3) or not np.isfinite(place).all():
            raise VisionError("a placement is (2, 3) finite numbers")
        tiles, flat, flip = Mesh.affine(place, self.shape).tiles(), picture.reshape(-1), np.uint64(0)
        if outside:
            flip = ~flip
        strip, seen = np.empty(STRIP * self._across * BITS, np.int16), np.empty(STRIP * self._across, np.uint64)
        height, width = self.shape
        rows, columns = picture.shape
        runs = collected(
            lambda runs: scan_placed(
                flat, rows, columns, tiles, self._low, self._high, height, width, flip, strip, seen, runs
            )
        )
        if runs is None:
            return nothing(overflow=True)
        sums, _ = joined(runs, diagonal)
        sums = sums[(sums[:, 4] >= least) & (sums[:, 4] <= (height * width if most is None else most))]
        return described(sums, limit)
