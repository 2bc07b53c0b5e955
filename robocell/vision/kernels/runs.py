"""Runs of pixels: from words of bits, and joined to blobs by union-find, as in He, Chao and Suzuki (2008).

A run is (row, first column, column after the last), int32. Runs are in raster order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel
from robocell.vision.kernels.words import lowest

Runs = NDArray[np.int32]
SUMS = 10
"""Numbers of a blob: x1 y1 x2 y2 (the far corner exclusive), area, and the sums of x, y, x², x y and y²."""


@inlined
def append_changes(runs: Runs, count: int, row: int, column: int, word: np.uint64, before: np.uint64) -> int:
    """Append the runs that begin or end in a word, and return the number of runs.

    Args:
        runs: (N, 3); beyond N runs are counted, and not kept.
        count: runs so far; one that is open lacks its end, and is not counted yet.
        row: the word's.
        column: of the word's first pixel.
        word: the pixels.
        before: 1 if the pixel before the word is set, and so a run is open.

    """
    changes = word ^ ((word << np.uint64(1)) | before)
    while changes:
        at = column + lowest(changes)
        changes &= changes - np.uint64(1)
        if before:
            if count < len(runs):
                runs[count, 2] = at
            count += 1
        elif count < len(runs):
            runs[count, 0] = row
            runs[count, 1] = at
        before ^= np.uint64(1)
    return count


@inlined
def close_row(runs: Runs, count: int, end: int, before: np.uint64) -> int:
    """End a run that is open at the end of its row, and return the number of runs."""
    if before:
        if count < len(runs):
            runs[count, 2] = end
        count += 1
    return count


@inlined
def _root(parent: NDArray[np.int32], k: int) -> int:
    while parent[k] != k:
        parent[k] = parent[parent[k]]
        k = parent[k]
    return k


@kernel
def join(runs: Runs, diagonal: int, parent: NDArray[np.int32], sums: NDArray[np.int64]) -> int:
    """Join runs that touch to blobs, and return how many there are.

    Args:
        runs: (N, 3) in raster order.
        diagonal: 1 where pixels also touch at corners (8-connected), else 0.
        parent: (N,) scratch; then each run's blob.
        sums: (M, SUMS) of each blob, in the raster order of their first pixels; blobs beyond M are only counted.

    """
    above, first = 0, 0  # the row above: a run of it, and where this row begins
    for k in range(len(runs)):
        parent[k] = k
        row, left, right = runs[k, 0], runs[k, 1] - diagonal, runs[k, 2] + diagonal
        if k == 0 or row != runs[k - 1, 0]:
            above = first if k and runs[k - 1, 0] == row - 1 else k
            first = k
        while above < first and runs[above, 2] <= left:
            above += 1
        other = above
        while other < first and runs[other, 1] < right:
            a, b = _root(parent, k), _root(parent, other)
            if a < b:
                parent[b] = a
            else:
                parent[a] = b
            other += 1
    return _sum_up(runs, parent, sums)


@inlined
def _sum_up(runs: Runs, parent: NDArray[np.int32], sums: NDArray[np.int64]) -> int:
    count = 0
    for k in range(len(runs)):
        # A root is its blob's first run, so that all before it are numbered already.
        new = parent[k] == k
        blob = count if new else parent[parent[k]]
        parent[k] = blob
        y, x1, x2 = np.int64(runs[k, 0]), np.int64(runs[k, 1]), np.int64(runs[k, 2])
        count += new
        if blob >= len(sums):
            continue
        s = sums[blob]
        if new:
            s[0], s[1], s[2], s[3] = x1, y, x2, y + 1
            s[4:] = 0
        s[0], s[2], s[3] = min(s[0], x1), max(s[2], x2), y + 1
        length = x2 - x1
        along = (x1 + x2 - 1) * length // 2
        s[4] += length
        s[5] += along
        s[6] += y * length
        s[7] += _squares(x2) - _squares(x1)
        s[8] += y * along
        s[9] += y * y * length
    return count


@inlined
def _squares(n: np.int64) -> np.int64:
    """Return 0² + 1² + … + (n − 1)²."""
    return (n - 1) * n * (2 * n - 1) // 6
