"""Connected pixels of a bit plane, as runs joined by union-find; words without a set pixel cost one look."""

from __future__ import annotations

import numpy as np

from robocell.compiler import kernel
from robocell.vision.kernels.pair_bits import ALL, ASIDE, NONE, ONE, TOP, popcount

Y, LEFT, RIGHT, ROOT, SIZE, TOUCHES = 0, 1, 2, 3, 4, 5
"""What a run holds: its row, its first pixel, the pixel after its last, the first run of its component; and, for roots
and whoever counts, two numbers of the component."""


@kernel
def lowest(word: np.uint64) -> int:
    """Return the number of the lowest bit that is set."""
    return int(popcount((word & (~word + ONE)) - ONE))


@kernel
def find_root(runs: np.ndarray, i: int) -> int:
    """Follow a run to the first one of its component, and shorten the way."""
    root = i
    while runs[root, ROOT] != root:
        root = runs[root, ROOT]
    while runs[i, ROOT] != root:
        runs[i, ROOT], i = root, runs[i, ROOT]
    return root


@kernel
def join(runs: np.ndarray, a: int, b: int) -> None:
    """Make one component of those of two runs; its root is the earlier one's."""
    a, b = find_root(runs, a), find_root(runs, b)
    if a < b:
        runs[b, ROOT] = a
    else:
        runs[a, ROOT] = b


@kernel
def components(plane: np.ndarray, column: int, above: int, words: int, rows: int, runs: np.ndarray) -> int:
    """Find the 8-connected components of a plane.

    Args:
        plane: bits, none set left, right, above or below of the picture's `words` by `rows`.
        column: rows of the plane, guards included, of which `above` are above the picture.
        above: see column.
        words: of a row.
        rows: of the picture.
        runs: (cap, 6) int, receives the runs from top to bottom, each with its component's first run.

    Returns:
        How many runs; -1 where they are more than the cap.

    """
    cap = runs.shape[0]
    n, before = 0, 0
    for y in range(rows):
        first, open_run, last = n, False, NONE
        for w in range(words + 1):
            word = plane[(w + ASIDE) * column + above + y]
            edges = word ^ ((word << ONE) | last)
            last = word >> TOP
            while edges != NONE:
                x = 64 * w + lowest(edges)
                edges &= edges - ONE
                if open_run:
                    runs[n, RIGHT] = x
                    n += 1
                elif n == cap:
                    return -1
                else:
                    runs[n, Y], runs[n, LEFT], runs[n, ROOT] = y, x, n
                open_run = not open_run
        # the row above, whose runs lie from `before` to `first`, in step with this one
        k = before
        for i in range(first, n):
            while k < first and runs[k, RIGHT] < runs[i, LEFT]:
                k += 1
            j = k
            while j < first and runs[j, LEFT] <= runs[i, RIGHT]:
                join(runs, j, i)
                j += 1
        before = first
    for i in range(n):
        runs[i, ROOT] = find_root(runs, i)
    return n


@kernel
def boxes(runs: np.ndarray, n: int, found: np.ndarray) -> int:
    """Box the components of n runs.

    Args:
        runs: as `components` leaves them.
        n: how many.
        found: (cap, 4) int, receives x1 y1 x2 y2, the far corner exclusive, in the order of their first runs.

    Returns:
        How many; -1 where they are more than the cap. Roots are replaced by the number of the box.

    """
    count = 0
    for i in range(n):
        root = runs[i, ROOT]
        if root == i:
            if count == found.shape[0]:
                return -1
            k = count
            count += 1
            found[k, 0], found[k, 1], found[k, 2] = runs[i, LEFT], runs[i, Y], runs[i, RIGHT]
        else:
            k = runs[root, ROOT]  # the root comes first, and holds the box's number already
        runs[i, ROOT] = k
        found[k, 0] = min(found[k, 0], runs[i, LEFT])
        found[k, 2] = max(found[k, 2], runs[i, RIGHT])
        found[k, 3] = runs[i, Y] + 1
    return count


@kernel
def span(w: int, left: int, right: int) -> np.uint64:
    """Return the bits of word w that belong to pixels left <= x < right."""
    a, b = min(max(left - 64 * w, 0), 64), min(max(right - 64 * w, 0), 64)
    if a >= b:
        return NONE
    return (ALL >> np.uint64(64 - (b - a))) << np.uint64(a)
