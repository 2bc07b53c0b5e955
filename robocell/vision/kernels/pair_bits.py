"""Pictures of one bit a pixel, 64 pixels a word, and morphology on them.

A plane is a flat array of columns of words: word `(w + ASIDE) * column + ABOVE + y` holds the pixels 64 w … 64 w + 63
of row y, the leftmost in the lowest bit. Rows that follow each other lie side by side, so that every operation runs
along a column in whole vectors, and a shift by (dx, dy) is another start and two shifts. ABOVE rows on either end and
ASIDE columns on either side belong to nobody and are 0 in pictures; they make every shift up to 63 pixels safe.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel

ABOVE: Final = 64
ASIDE: Final = 2
ONE: Final = np.uint64(1)
TOP: Final = np.uint64(63)
NONE: Final = np.uint64(0)
ALL: Final = np.uint64(0xFFFFFFFFFFFFFFFF)
PAIRS: Final = np.uint64(0x5555555555555555)
FOURS: Final = np.uint64(0x3333333333333333)
EIGHTS: Final = np.uint64(0x0F0F0F0F0F0F0F0F)
BYTES: Final = np.uint64(0x0101010101010101)
TWO: Final = np.uint64(2)
FOUR: Final = np.uint64(4)
LAST_BYTE: Final = np.uint64(56)
at: Final = np.uint64
"""An index that the compiler sees to be none that counts from the end, without which it makes no vectors."""


@inlined
def popcount(x: np.uint64) -> np.uint64:
    """Count the bits that are set (the form that LLVM knows as one instruction)."""
    a = x - ((x >> ONE) & PAIRS)
    b = (a & FOURS) + ((a >> TWO) & FOURS)
    return (((b + (b >> FOUR)) & EIGHTS) * BYTES) >> LAST_BYTE


@inlined
def shifted(low: np.uint64, high: np.uint64, shift: np.uint64) -> np.uint64:
    """Return 64 pixels that begin `shift` pixels into two neighbouring words."""
    return (low >> shift) | ((high << ONE) << (TOP - shift))


@kernel
def histogram(image: np.ndarray, step: int, counts: np.ndarray) -> None:
    """Count grey levels of every `step`-th pixel of every `step`-th row into counts (256,)."""
    rows, columns = image.shape
    for y in range(step // 2, rows, step):
        for x in range(step // 2, columns, step):
            counts[image[y, x]] += 1


@kernel
def pack(image: np.ndarray, level: int, dark: bool, column: int, plane: np.ndarray) -> None:
    """Set the bit of each pixel that is copper: below the level where copper is dark, else at or above it."""
    rows, columns = image.shape
    limit = np.uint8(level)
    # along the rows, as they lie in memory: a picture is rarely in a cache
    for y in range(rows):
        for w in range((columns + 63) >> 6):
            left = 64 * w
            word = NONE
            if left + 64 <= columns:
                for b in range(64):
                    word |= np.uint64(image[at(y), at(left + b)] < limit) << np.uint64(b)
            else:
                for b in range(columns - left):
                    word |= np.uint64(image[at(y), at(left + b)] < limit) << np.uint64(b)
            if not dark:
                word = ~word & inside(left, columns)
            plane[(w + ASIDE) * column + ABOVE + y] = word


@kernel
def inside(left: int, columns: int) -> np.uint64:
    """Return the bits of a word that begins at pixel `left` which lie left of pixel `columns`, and not left of 0."""
    above = min(max(columns - left, 0), 64)
    below = min(max(-left, 0), 64)
    word = NONE if above == 0 else ALL >> np.uint64(64 - above)
    return NONE if below == 64 else word & (ALL << np.uint64(below))


@kernel
def dilate(source: np.ndarray, column: int, work: np.ndarray, out: np.ndarray) -> None:
    """Set every pixel that has a set one among itself and its eight neighbours; `out` may be `source`."""
    for i in range(column, source.size - column):
        p = source[at(i)]
        sides = (p << ONE) | (p >> ONE) | (source[at(i - column)] >> TOP) | (source[at(i + column)] << TOP)
        work[at(i)] = p | sides
    for i in range(column + 1, source.size - column - 1):
        out[at(i)] = work[at(i - 1)] | work[at(i)] | work[at(i + 1)]


@kernel
def erode(source: np.ndarray, column: int, work: np.ndarray, out: np.ndarray) -> None:
    """Keep every pixel whose eight neighbours are set as well; `out` may be `source`."""
    for i in range(column, source.size - column):
        p = source[at(i)]
        left = (p << ONE) | (source[at(i - column)] >> TOP)
        work[at(i)] = p & left & ((p >> ONE) | (source[at(i + column)] << TOP))
    for i in range(column + 1, source.size - column - 1):
        out[at(i)] = work[at(i - 1)] & work[at(i)] & work[at(i + 1)]


@kernel
def accompanied(source: np.ndarray, column: int, out: np.ndarray) -> None:
    """Keep every pixel that has a set one among its eight neighbours; `out` is not `source`."""
    for i in range(column + 1, source.size - column - 1):
        p, above, below = source[at(i)], source[at(i - 1)], source[at(i + 1)]
        near = above | below
        either = near | p
        left = source[at(i - column - 1)] | source[at(i - column)] | source[at(i - column + 1)]
        right = source[at(i + column - 1)] | source[at(i + column)] | source[at(i + column + 1)]
        out[at(i)] = p & (near | (either << ONE) | (either >> ONE) | (left >> TOP) | (right << TOP))


@kernel
def copy(source: np.ndarray, out: np.ndarray) -> None:
    """Copy a plane (which compiles much quicker than assigning it)."""
    for i in range(source.size):
        out[i] = source[i]


@kernel
def count(plane: np.ndarray) -> int:
    """Count the pixels that are set."""
    total = NONE
    for i in range(plane.size):
        total += popcount(plane[i])
    return int(total)
