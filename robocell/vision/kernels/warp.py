"""See a picture through a placement that may bend, a strip of rows at a time, and find what leaves a band there.

A placement is a mesh: where the picture shows the corners of tiles of 64 columns and 16 rows of the model, with what
is between them interpolated, which leaves an affine placement what it is. A tile in the kernels is eight numbers:
place (u, v) of its first pixel, and how that changes a column, a row, and a column and a row, fixed point with 32
fractional bits.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel, widest
from robocell.vision.kernels.lanes import lanes_between, see_border, see_gathered, see_shifted
from robocell.vision.kernels.runs import Runs, append_changes, close_row
from robocell.vision.kernels.words import BITS, fetch

U8 = NDArray[np.uint8]
Tiles = NDArray[np.int64]
STRIP = 16
"""Rows of a tile, which are seen together: neighbours meet the same lines of the cache, and take the same branches."""
ALL = np.uint64(0xFFFFFFFFFFFFFFFF)
_ONE = 65536
_AHEAD = 1024  # bytes
_MOST_STRETCHES = 4  # in 64 pixels; where a placement drifts quicker, gathering is quicker


@inlined
def _stretch(place: int, drift: int) -> int:
    """Return for how many pixels a place stays in its pixel."""
    if drift > 0:
        return (_ONE - 1 - (place & (_ONE - 1))) // drift + 1
    if drift < 0:
        return (place & (_ONE - 1)) // -drift + 1
    return BITS


@inlined
def see_word(image: U8, rows: int, columns: int, u: int, v: int, su: int, sv: int, out: NDArray[np.int16], to: int) -> np.uint64:  # fmt: skip
    """Write what 64 pixels see, out[to : to + 64], and return the bits of those that are inside the picture.

    Args:
        image: flat.
        rows: of the picture.
        columns: of the picture.
        u: place of the first pixel in the picture: column, fixed point with 16 bits.
        v: row.
        su: from a pixel to the next.
        sv: the same.
        out: grey levels in 64ths.
        to: where they begin.

    """
    last_u, last_v = u + (BITS - 1) * su, v + (BITS - 1) * sv
    inside = min(u, last_u) >= 0 and max(u, last_u) < (columns - 3) * _ONE
    if not (inside and min(v, last_v) >= 0 and max(v, last_v) < (rows - 1) * _ONE):
        return np.uint64(see_border(image, rows, columns, u, v, su, sv, out, to))
    drift = su - _ONE
    if (abs(drift) + abs(sv)) * BITS > _MOST_STRETCHES * _ONE:
        return np.uint64(see_gathered(image, rows, columns, u, v, su, sv, out, to))
    k, next_u, next_v = 0, _stretch(u, drift), _stretch(v, sv)
    while k < BITS:
        first_u, first_v = u + k * su, v + k * sv
        at = (first_v >> 16) * columns + (first_u >> 16) - k
        # Neighbours of pixels that are not kept may lie before or after the picture.
        if at < 0 or at + columns + BITS + 1 > len(image):
            return np.uint64(see_border(image, rows, columns, u, v, su, sv, out, to))
        see_shifted(image, at, columns, u, v, su, sv, ALL << np.uint64(k), out, to)
        k = min(next_u, next_v)
        if k == next_u:
            next_u += _stretch(u + k * su, drift)
        if k == next_v:
            next_v += _stretch(v + k * sv, sv)
    return ALL


@inlined
def see_strip(
    image: U8,
    rows: int,
    columns: int,
    tiles: Tiles,
    top: int,
    bottom: int,
    out: NDArray[np.int16],
    seen: NDArray[np.uint64],
) -> None:
    """Write what rows top to bottom of the model see.

    Args:
        image: flat.
        rows: of the picture.
        columns: of the picture.
        tiles: (R, C, 8)
        top: first row of a row of tiles.
        bottom: row after the last.
        out: flat, rows of C 64 grey levels in 64ths.
        seen: flat, rows of C words: which are inside the picture.

    """
    across, line = tiles.shape[1], top // STRIP
    for c in range(across):
        u, v, ux, vx, uy, vy, uxy, vxy = tiles[line, c]
        for row in range(top, bottom):
            y = row - top
            su, sv = (ux + y * uxy) >> 16, (vx + y * vxy) >> 16
            u_row, v_row, place = (u + y * uy) >> 16, (v + y * vy) >> 16, y * across + c
            # What the strip below will see: the processor does not foresee 64 bytes of 16 rows in turn.
            fetch(image, ((v_row >> 16) + STRIP) * columns + (u_row >> 16))
            seen[place] = see_word(image, rows, columns, u_row, v_row, su, sv, out, place * BITS)


@kernel
def scan_placed(
    image: U8, rows: int, columns: int, tiles: Tiles, low: U8, high: U8, height: int, width: int, flip: np.uint64,
    strip: NDArray[np.int16], seen: NDArray[np.uint64], runs: Runs,
) -> int:  # fmt: skip
    """Find runs of pixels of low <= what is seen <= high, or of the others, and return how many there are.

    Args:
        image: flat.
        rows: of the picture.
        columns: of the picture.
        tiles: (R, C, 8) where the picture shows the limits' pixels.
        low: flat, rows of C 64.
        high: the same.
        height: rows of the limits.
        width: columns of the limits.
        flip: 0, or all bits for the pixels outside the band; those outside the picture are neither.
        strip: (STRIP C 64,) scratch.
        seen: (STRIP C,) scratch.
        runs: (N, 3); runs beyond N are only counted.

    """
    widest()
    count, across = 0, tiles.shape[1]
    rest = np.uint64(width - (across - 1) * BITS)
    end = ALL >> (np.uint64(BITS) - rest)
    for top in range(0, height, STRIP):
        bottom = min(top + STRIP, height)
        see_strip(image, rows, columns, tiles, top, bottom, strip, seen)
        for row in range(top, bottom):
            before = np.uint64(0)
            for c in range(across):
                place = (row - top) * across + c
                fetch(low, (row * across + c) * BITS + _AHEAD)
                fetch(high, (row * across + c) * BITS + _AHEAD)
                word = lanes_between(strip, place * BITS, low, high, (row * across + c) * BITS) ^ flip
                word &= seen[place]
                if c == across - 1:
                    word &= end
                if word ^ ((word << np.uint64(1)) | before):
                    count = append_changes(runs, count, row, c * BITS, word, before)
                    before = word >> np.uint64(BITS - 1)
            count = close_row(runs, count, width, before)
    return count
