"""Find the runs of pixels inside, or outside, a band in one pass over a picture, at the speed of memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel, widest
from robocell.vision.kernels.runs import Runs, append_changes, close_row
from robocell.vision.kernels.words import BITS, fetch, word_between

U8 = NDArray[np.uint8]
_AHEAD = 1024  # bytes; the processor's own prefetch stops at every page


@kernel
def scan(
    image: U8,
    start: int,
    stride: int,
    low: U8 | np.uint8,
    high: U8 | np.uint8,
    band_stride: int,
    rows: int,
    columns: int,
    flip: np.uint64,
    runs: Runs,
) -> int:
    """Find runs of pixels of low <= pixel <= high, or of the others, and return how many there are.

    Args:
        image: flat; rows are followed by padding where they are shorter than 64 pixels.
        start: place of the region's first pixel.
        stride: pixels from a row to the next.
        low: flat, for every pixel of the region, padded alike; or one limit for all.
        high: the same.
        band_stride: pixels from a row of the limits to the next.
        rows: of the region.
        columns: of the region.
        flip: 0, or all bits for the pixels outside the band.
        runs: (N, 3); runs beyond N are only counted.

    """
    widest()
    count, whole = 0, columns - columns % BITS
    rest = columns - whole
    back = BITS - rest if whole else 0  # the last word of a row ends where the row does
    for row in range(rows):
        at, band_at = start + row * stride, row * band_stride
        before = np.uint64(0)
        for column in range(0, whole, BITS):
            fetch(image, at + column + _AHEAD)
            fetch(low, band_at + column + _AHEAD)
            fetch(high, band_at + column + _AHEAD)
            word = word_between(image, low, high, at + column, band_at + column) ^ flip
            if word ^ ((word << np.uint64(1)) | before):
                count = append_changes(runs, count, row, column, word, before)
                before = word >> np.uint64(BITS - 1)
        if rest:
            word = word_between(image, low, high, at + whole - back, band_at + whole - back) ^ flip
            word = (word >> np.uint64(back)) & ((np.uint64(1) << np.uint64(rest)) - np.uint64(1))
            # The bit after the last pixel is 0, which ends a run.
            count = append_changes(runs, count, row, whole, word, before)
        else:
            count = close_row(runs, count, columns, before)
    return count
