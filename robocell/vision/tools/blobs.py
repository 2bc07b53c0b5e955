"""Blobs: connected pixels within a band of grey levels, or outside it, with what is usually asked of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.kernels.blobs_scan import scan
from robocell.vision.kernels.runs import SUMS, join
from robocell.vision.kernels.words import BITS

Ints = NDArray[np.int64]
Level = int | U8

_FEW_BLOBS = 1 << 10  # new memory is not free: there is room for more when it is needed
FEW_RUNS = 1 << 14
"""Runs that a picture with little in it has room for; one with more is scanned twice."""
MOST_RUNS = 1 << 20
"""Runs beyond which a picture is not judged."""


@dataclass(frozen=True)
class Blobs:
    """K blobs, in the raster order of their first pixels.

    Attributes:
        boxes: (K, 4) x1 y1 x2 y2 in pixels of the picture, the far corner exclusive.
        area: (K,) pixels.
        centre: (K, 2) x y, the mean of the pixels' centres; (0, 0) is the centre of the picture's first pixel.
        second: (K, 3) central second moments over the area: of x x, x y and y y, px².
        overflow: there is more than is listed, or listed at all: nothing may be concluded from what is absent.

    """

    boxes: Ints
    area: Ints
    centre: Array
    second: Array
    overflow: bool = False

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def angle(self) -> Array:
        """(K,) from the columns to each blob's long axis, towards the rows, −π/2 to π/2."""
        xx, xy, yy = self.second.T
        return np.asarray(np.arctan2(2 * xy, xx - yy) / 2)

    @property
    def axes(self) -> Array:
        """(K, 2) long and short axis of the ellipse with the same second moments, px."""
        xx, xy, yy = self.second.T
        middle, apart = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
        return np.asarray(4 * np.sqrt(np.maximum(np.stack([middle + apart, middle - apart], axis=1), 0)))


def find_blobs(
    image: U8,
    low: Level = 0,
    high: Level = 255,
    least: int = 1,
    most: int | None = None,
    *,
    outside: bool = False,
    diagonal: bool = True,
    region: tuple[int, int, int, int] | None = None,
    limit: int = 4096,
) -> Blobs:
    """Find the blobs of pixels with low <= pixel <= high.

    Args:
        image: (H, W) uint8.
        low: the least level, or a picture of them as large as the region.
        high: the greatest level, likewise.
        least: pixels that a blob has at least.
        most: pixels that it has at most; any number by default.
        outside: look for the pixels outside the band instead.
        diagonal: pixels also touch at their corners (8-connected, else 4-connected).
        region: (x, y, w, h) of the picture; all of it by default.
        limit: how many blobs are listed; the largest, if there are more.

    Raises:
        VisionError: the picture, a limit or the region is none.

    """
    picture = checked(image)
    x, y, w, h = _region(picture, region)
    low, high = _limits(low, high, (h, w))
    if w < BITS:  # the kernel reads 64 pixels at a time
        picture = np.pad(picture[y : y + h, x : x + w], ((0, 0), (0, BITS - w)))
        start, band_stride = 0, BITS
        low, high = (_padded(v) if isinstance(v, np.ndarray) else v for v in (low, high))
    else:
        start, band_stride = y * picture.shape[1] + x, w
    flat, limits = (
        picture.reshape(-1),
        [v.reshape(-1) if isinstance(v, np.ndarray) else np.uint8(v) for v in (low, high)],
    )
    flip = np.uint64(2**64 - 1 if outside else 0)
    runs = collected(
        lambda runs: scan(flat, start, picture.shape[1], limits[0], limits[1], band_stride, h, w, flip, runs)
    )
    if runs is None:
        return nothing(overflow=True)
    sums, _ = joined(runs, diagonal)
    sums = sums[(sums[:, 4] >= least) & (sums[:, 4] <= (picture.size if most is None else most))]
    return described(sums, limit, (x, y))


def collected(scanner: Callable[[NDArray[np.int32]], int]) -> NDArray[np.int32] | None:
    """Return the runs that a scan finds, scanning again with more room if need be; None beyond `MOST_RUNS`."""
    runs = np.empty((FEW_RUNS, 3), np.int32)
    count = scanner(runs)
    if count > len(runs):
        if count > MOST_RUNS:
            return None
        runs = np.empty((count, 3), np.int32)
        scanner(runs)
    return runs[:count]


def joined(runs: NDArray[np.int32], diagonal: bool = True) -> tuple[Ints, NDArray[np.int32]]:
    """Return the (K, SUMS) sums of the blobs that runs form, and each run's blob."""
    labels, room = np.empty(len(runs), np.int32), min(len(runs), _FEW_BLOBS)
    sums = np.empty((room, SUMS), np.int64)
    count = join(runs, int(diagonal), labels, sums)
    if count > room:
        sums = np.empty((count, SUMS), np.int64)
        join(runs, int(diagonal), labels, sums)
    return sums[:count], labels


def nothing(*, overflow: bool) -> Blobs:
    """Return no blobs."""
    return Blobs(np.empty((0, 4), np.int64), np.empty(0, np.int64), np.empty((0, 2)), np.empty((0, 3)), overflow)


def described(sums: Ints, limit: int, origin: tuple[int, int] = (0, 0)) -> Blobs:
    """Return blobs from their sums, of pixels counted from `origin`; at most `limit`, the largest."""
    overflow = len(sums) > limit
    if overflow:
        sums = sums[np.sort(np.argsort(-sums[:, 4], kind="stable")[:limit])]
    area = sums[:, 4]
    mean = sums[:, 5:] / np.maximum(area, 1)[:, None]
    x, y = mean[:, 0], mean[:, 1]
    second = np.stack([mean[:, 2] - x * x, mean[:, 3] - x * y, mean[:, 4] - y * y], axis=1)
    boxes = sums[:, :4] + np.array([*origin, *origin])
    return Blobs(boxes, area.copy(), mean[:, :2] + origin, second, overflow)


def checked(image: U8) -> U8:
    """Return a picture with its rows one behind the other in memory.

    Raises:
        VisionError: it is none.

    """
    if not (isinstance(image, np.ndarray) and image.ndim == 2 and image.dtype == np.uint8 and image.size):
        shape, depth = getattr(image, "shape", ()), getattr(image, "dtype", type(image).__name__)
        raise VisionError(f"a picture is (rows, columns) uint8, not {tuple(shape)} {depth}")
    return np.ascontiguousarray(image)


def _region(picture: U8, region: tuple[int, int, int, int] | None) -> tuple[int, int, int, int]:
    rows, columns = picture.shape
    x, y, w, h = (int(n) for n in region) if region is not None else (0, 0, columns, rows)
    if not (0 <= x < x + w <= columns and 0 <= y < y + h <= rows):
        raise VisionError(f"the region {(x, y, w, h)} is not inside a picture of {columns} by {rows} pixels")
    return x, y, w, h


def _limits(low: Level, high: Level, shape: tuple[int, int]) -> tuple[Level, Level]:
    """Return both limits, checked: two levels, or two pictures."""
    low, high = _level(low, shape, "low"), _level(high, shape, "high")
    if isinstance(low, np.ndarray) or isinstance(high, np.ndarray):
        low, high = (v if isinstance(v, np.ndarray) else np.full(shape, v, np.uint8) for v in (low, high))
    return low, high


def _level(level: Level, shape: tuple[int, int], name: str) -> Level:
    if isinstance(level, np.ndarray):
        if level.shape != shape or level.dtype != np.uint8:
            raise VisionError(f"'{name}' is uint8 of the region's shape {shape}, not {level.shape} {level.dtype}")
        return np.ascontiguousarray(level)
    if not (isinstance(level, int | np.integer) and 0 <= level <= 255):
        raise VisionError(f"'{name}' is a grey level of 0 to 255, not {level!r}")
    return int(level)


def _padded(level: U8) -> U8:
    return np.pad(level, ((0, 0), (0, BITS - level.shape[1])))
