"""Compare a picture with a learnt one in one pass: see it placed, match its brightness, smooth the difference, test."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel, widest
from robocell.vision.kernels.lanes import LEVEL, lanes_beyond
from robocell.vision.kernels.runs import Runs, append_changes, close_row
from robocell.vision.kernels.warp import ALL, STRIP, U8, Tiles, see_strip
from robocell.vision.kernels.words import BITS

F32 = NDArray[np.float32]
I16 = NDArray[np.int16]
U16 = NDArray[np.uint16]
REACH = 4
"""Pixels that the smoothing reaches to each side."""
TAPS = 2 * REACH + 1
_WHITE, _BLACK = 254 * LEVEL, LEVEL
LIMIT = 1 << 20
"""What the product of a difference in 64ths and its factor is at the limit of the band."""


@inlined
def _differences(
    strip: I16, seen: NDArray[np.uint64], row: int, top: int, gains: F32, mean: I16, factors: U16, line: F32
) -> int:
    """Write a row's differences in grey levels, line[REACH:]; return how many pixels it should see and does not."""
    across, unseen = gains.shape[1], 0
    y = np.float32(row % STRIP)
    for c in range(across):
        a0, ax, ay, axy, b0, bx, by, bxy = gains[row // STRIP, c]
        a, b, sa, sb = a0 + y * ay, b0 + y * by, ax + y * axy, bx + y * bxy
        place, at, to = ((row - top) * across + c) * BITS, (row * across + c) * BITS, c * BITS + REACH
        for k in range(BITS):
            x = np.float32(k)
            shown = strip[np.uint64(place + k)]
            apart = np.float32(shown) * (a + sa * x) + (b + sb * x) - np.float32(mean[np.uint64(at + k)])
            # A level at the end of the scale may be any beyond it.
            clipped = (shown >= _WHITE and apart < 0) or (shown <= _BLACK and apart > 0)
            line[np.uint64(to + k)] = np.float32(0) if clipped or factors[np.uint64(at + k)] == 0 else apart
        word = seen[(row - top) * across + c]
        if word != ALL:
            for k in range(BITS):
                if not (word >> np.uint64(k)) & np.uint64(1):
                    line[np.uint64(to + k)] = 0
                    unseen += factors[np.uint64(at + k)] > 0
    return unseen


@inlined
def _along(line: F32, weights: F32, ring: F32, to: int, width: int) -> None:
    """Smooth a row into the ring."""
    w0, w1, w2, w3, w4 = weights[0], weights[1], weights[2], weights[3], weights[4]
    for x in range(width):
        k = np.uint64(x)
        total = w0 * line[k + np.uint64(4)] + w1 * (line[k + np.uint64(3)] + line[k + np.uint64(5)])
        total += w2 * (line[k + np.uint64(2)] + line[k + np.uint64(6)])
        total += w3 * (line[k + np.uint64(1)] + line[k + np.uint64(7)])
        ring[np.uint64(to + x)] = total + w4 * (line[k] + line[k + np.uint64(8)])


@inlined
def _across(ring: F32, row: int, weights: F32, out: I16, to: int, width: int) -> None:
    """Smooth the ring's rows around a row, across them."""
    w0, w1, w2, w3, w4 = weights[0], weights[1], weights[2], weights[3], weights[4]
    r0, r1, r2 = (row + 5) % TAPS * width, (row + 6) % TAPS * width, (row + 7) % TAPS * width
    r3, r4, r5 = (row + 8) % TAPS * width, row % TAPS * width, (row + 1) % TAPS * width
    r6, r7, r8 = (row + 2) % TAPS * width, (row + 3) % TAPS * width, (row + 4) % TAPS * width
    for x in range(width):
        total = w0 * ring[np.uint64(r4 + x)] + w1 * (ring[np.uint64(r3 + x)] + ring[np.uint64(r5 + x)])
        total += w2 * (ring[np.uint64(r2 + x)] + ring[np.uint64(r6 + x)])
        total += w3 * (ring[np.uint64(r1 + x)] + ring[np.uint64(r7 + x)])
        total += w4 * (ring[np.uint64(r0 + x)] + ring[np.uint64(r8 + x)])
        out[np.uint64(to + x)] = np.int16(min(max(total, np.float32(-16383)), np.float32(16383)))


@kernel
def compare_placed(
    image: U8, rows: int, columns: int, tiles: Tiles, gains: F32, mean: I16, factors: U16, height: int, weights: F32,
    out: I16, runs: Runs, most: NDArray[np.int32],
) -> tuple[int, int]:  # fmt: skip
    """Find runs of pixels whose smoothed difference from the learnt picture is beyond its band.

    Args:
        image: flat.
        rows: of the picture.
        columns: of the picture.
        tiles: (R, C, 8) where it shows the model's pixels.
        gains: (R, C, 8) a and its change a column, a row, and both, and b alike: a level is compared as a level + b,
            in 64ths.
        mean: flat, (height, C 64), the learnt picture in 64ths.
        factors: flat, the same shape: LIMIT over the allowed difference in 64ths, 0 where nothing is compared.
        height: rows of the model.
        weights: (REACH + 1,) of the smoothing, from the middle outwards.
        out: flat, the same shape: then the smoothed differences in 64ths.
        runs: (N, 3); runs beyond N are only counted.
        most: (64,) zeros: then the greatest products of differences and factors, each of every 64th column.

    Returns:
        how many runs there are, and how many of the compared pixels lie outside the picture

    """
    widest()
    across = tiles.shape[1]
    width = across * BITS
    strip, seen = np.empty(STRIP * width, np.int16), np.empty(STRIP * across, np.uint64)
    line, ring = np.zeros(width + 2 * REACH, np.float32), np.zeros(TAPS * width, np.float32)
    count, unseen = 0, 0
    for row in range(height + REACH):
        if row % STRIP == 0 and row < height:
            see_strip(image, rows, columns, tiles, row, min(row + STRIP, height), strip, seen)
        if row < height:
            unseen += _differences(strip, seen, row, row - row % STRIP, gains, mean, factors, line)
        else:
            line[:] = 0
        _along(line, weights, ring, row % TAPS * width, width)
        done = row - REACH
        if done < 0:
            continue
        _across(ring, done, weights, out, done * width, width)
        before = np.uint64(0)
        for c in range(across):
            at = done * width + c * BITS
            word = lanes_beyond(out, at, factors, at, LIMIT, most)
            if word ^ ((word << np.uint64(1)) | before):
                count = append_changes(runs, count, done, c * BITS, word, before)
                before = word >> np.uint64(BITS - 1)
        count = close_row(runs, count, width, before)
    return count, unseen


@kernel
def measure_blobs(
    runs: Runs, labels: NDArray[np.int32], slots: NDArray[np.int32], out: I16, factors: U16, width: int,
    told: NDArray[np.int64],
) -> None:  # fmt: skip
    """Measure chosen blobs.

    Args:
        runs: (N, 3)
        labels: (N,) each run's blob.
        slots: (M,) each blob's row in `told`; −1 where it is not asked for.
        out: smoothed differences in 64ths, flat.
        factors: flat, as in `compare_placed`.
        width: of their rows.
        told: (K, 4) zeros: then the greatest product of difference and factor, the greatest difference in 64ths, the
            sum of differences, and how many pixels differ by at least half the greatest.

    """
    for last in (False, True):
        for k in range(len(runs)):
            slot = slots[labels[k]]
            if slot < 0:
                continue
            start = runs[k, 0] * width
            for at in range(start + runs[k, 1], start + runs[k, 2]):
                size = abs(np.int64(out[at]))
                if last:
                    told[slot, 3] += 2 * size > told[slot, 1]
                else:
                    told[slot, 0] = max(told[slot, 0], size * factors[at])
                    told[slot, 1] = max(told[slot, 1], size)
                    told[slot, 2] += out[at]
