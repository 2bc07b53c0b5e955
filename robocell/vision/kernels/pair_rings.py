"""What surrounds a blob: the numbers by which its kind is told.

A blob is copper that the model lacks (or, with both pictures inverted, background): an island (spurious copper, a
pinhole), a tongue on one conductor (a spur, a mousebite), or a bridge between two (a short, an open). Arcs of copper
on rings about it and the conductors that end at it say which.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from robocell.compiler import kernel
from robocell.vision.kernels.pair_align import shift_at
from robocell.vision.kernels.pair_bits import ASIDE, NONE, copy, count, dilate, erode, popcount
from robocell.vision.kernels.pair_blobs import LEFT, RIGHT, ROOT, SIZE, TOUCHES, Y, components, span
from robocell.vision.kernels.pair_window import (
    BLOB,
    MARGIN,
    MODEL,
    NEAR,
    RING,
    SEEDS,
    SEEN,
    SPARE,
    THICK,
    VALID,
    A,
    B,
    C,
    D,
    bound,
    cut,
    grow,
    lay,
    settle,
    window_words,
)

REACH: Final = 6
TIGHT: Final = 3
"""Pixels that a window, and a tight one about the blob, may move."""
TIGHT_MARGIN: Final = 5
SLACK: Final = 2
"""Pixels beyond a candidate's box in which a seed still is its own."""
RINGS: Final = 5
ZONE: Final = 3
"""Pixels from the blob within which a conductor ends at it, and `AROUND` within which it is followed."""
AROUND: Final = 11
THICKEST: Final = 16

# The places of the numbers that describe a blob
POLARITY, AREA, WIDTH, HEIGHT, FAR, SOLID, THICKNESS, DEPTH = 0, 1, 2, 3, 4, 5, 6, 7
ARCS: Final = 8  # for each ring: arcs and share of copper in the model, then in the picture
ENDS: Final = ARCS + 4 * RINGS  # conductors that end at the blob, in five pictures
STROKE, OTHER, MOVED, EDGE, FILLED, TIGHTLY = ENDS + 5, ENDS + 6, ENDS + 7, ENDS + 8, ENDS + 9, ENDS + 10
PIECES, LARGEST, RAGGED = ENDS + 13, ENDS + 14, ENDS + 15
FEATURES: Final = ENDS + 16


@kernel
def examine(
    seen: np.ndarray,
    model: np.ndarray,
    column: int,
    size: np.ndarray,
    shifts: np.ndarray,
    missing: bool,
    candidate: np.ndarray,
    work: np.ndarray,
    runs: np.ndarray,
    box: np.ndarray,
    features: np.ndarray,
) -> bool:
    """Register a candidate again in a window of its own, grow and describe it.

    Args:
        seen: plane of the picture.
        model: plane of the model, not laid upon it.
        column: rows of both, guards included.
        size: (2,) columns and rows of the picture.
        shifts: (tile rows, tile columns, 2) where the model lies.
        missing: whether it is copper that lacks.
        candidate: (4,) x1 y1 x2 y2 in the picture.
        work: (PLANES, ≥ the window's size) words.
        runs: (cap, 6) int.
        box: (4,) receives the blob's x1 y1 x2 y2 in the picture, the far corner exclusive.
        features: (FEATURES,) receives its description.

    Returns:
        Whether it is still there.

    """
    words, rows = window_words(candidate[0], candidate[2]), candidate[3] - candidate[1] + 2 * MARGIN
    n = (words + 2 * ASIDE) * (rows + 2 * NEAR)
    for k in range(work.shape[0]):
        for i in range(n):
            work[k, i] = NONE
    corner, local, best = np.empty(2, np.int64), np.empty(4, np.int64), np.empty(4, np.int64)
    corner[0], corner[1] = candidate[0] - MARGIN, candidate[1] - MARGIN
    local[0], local[1], local[2], local[3] = 0, 0, 64 * words, rows
    x, y = 0.5 * (candidate[0] + candidate[2] - 1), 0.5 * (candidate[1] + candidate[3] - 1)
    dx, dy = round(shift_at(shifts, x, y, 0)), round(shift_at(shifts, x, y, 1))
    best[0], best[1] = dx, dy
    cut(seen, column, corner[0], corner[1], words, rows, work[SEEN, :n])
    settle(work[SEEN, :n], model, column, size, corner, words, rows, REACH, local, best)
    features[MOVED] = max(abs(best[0] - dx), abs(best[1] - dy))
    cut(model, column, corner[0] + best[0], corner[1] + best[1], words, rows, work[MODEL, :n])
    lay(size, corner, words, rows, best, missing, work)
    local[0], local[1] = MARGIN - SLACK, MARGIN - SLACK
    local[2], local[3] = candidate[2] - candidate[0] + MARGIN + SLACK, rows - MARGIN + SLACK
    if not grow(local, words, rows, work, runs):
        return False
    bound(work[BLOB, :n], words, rows, local)
    for k in range(4):
        box[k] = corner[k & 1] + local[k]
    features[POLARITY] = 1.0 if missing else 0.0
    describe_shape(words, rows, local, work, features)
    describe_pieces(words, rows, work, runs, features)
    describe_rings(words, rows, work, runs, features)
    describe_surroundings(words, rows, work, runs, features)
    low = min(box[0], box[1], box[0] + best[0], box[1] + best[1])
    right, below = size[0] - box[2], size[1] - box[3]
    features[EDGE] = min(low, right, below, right - best[0], below - best[1])
    # registered once more, tightly: a sliver vanishes
    local[0], local[1] = max(local[0] - TIGHT_MARGIN, 0), max(local[1] - TIGHT_MARGIN, 0)
    local[2], local[3] = min(local[2] + TIGHT_MARGIN, 64 * words), min(local[3] + TIGHT_MARGIN, rows)
    cut(seen, column, corner[0], corner[1], words, rows, work[SEEN, :n])
    settle(work[SEEN, :n], model, column, size, corner, words, rows, TIGHT, local, best)
    area = max(features[AREA], 1.0)
    features[TIGHTLY] = best[2] / max(best[3], 1)
    features[TIGHTLY + 1], features[TIGHTLY + 2] = best[2] / area, best[3] / area
    return True


@kernel
def describe_shape(words: int, rows: int, box: np.ndarray, work: np.ndarray, features: np.ndarray) -> None:
    """Measure the blob: its area and box, what is certain of it, how thick it is, how far it reaches off the copper."""
    own = rows + 2 * NEAR
    n = (words + 2 * ASIDE) * own
    blob, a, c, spare = work[BLOB, :n], work[A, :n], work[C, :n], work[SPARE, :n]
    area = count(blob)
    features[AREA], features[WIDTH], features[HEIGHT] = area, box[2] - box[0], box[3] - box[1]
    features[FILLED] = area / max((box[2] - box[0]) * (box[3] - box[1]), 1)
    features[SOLID] = count(work[THICK, :n])
    features[FAR] = count(work[SEEDS, :n]) - features[SOLID]
    steps = 0
    copy(blob, c)
    while steps < THICKEST and count(c) > 0:
        erode(c, own, spare, c)
        steps += 1
    features[THICKNESS] = steps
    steps = 1
    while steps < THICKEST and both(a, blob) < area:
        dilate(a, own, spare, a)
        steps += 1
    features[DEPTH] = steps


@kernel
def describe_pieces(words: int, rows: int, work: np.ndarray, runs: np.ndarray, features: np.ndarray) -> None:
    """Count the pieces of the blob, which speckle has many of, and the pixels of the largest."""
    own = rows + 2 * NEAR
    n = components(work[BLOB, : (words + 2 * ASIDE) * own], own, NEAR, words, rows, runs)
    for i in range(n):
        runs[i, SIZE] = 0
    total, largest = 0, 0
    for i in range(n):
        root = runs[i, ROOT]
        total += root == i
        runs[root, SIZE] += runs[i, RIGHT] - runs[i, LEFT]
        largest = max(largest, runs[root, SIZE])
    features[PIECES], features[LARGEST] = total, largest


@kernel
def describe_rings(words: int, rows: int, work: np.ndarray, runs: np.ndarray, features: np.ndarray) -> None:
    """Count the arcs of copper on rings about the blob; A is left as what lies within the last, B within ZONE."""
    own = rows + 2 * NEAR
    n = (words + 2 * ASIDE) * own
    s, t, valid, blob = work[SEEN, :n], work[MODEL, :n], work[VALID, :n], work[BLOB, :n]
    a, b, c, d, spare, ring = work[A, :n], work[B, :n], work[C, :n], work[D, :n], work[SPARE, :n], work[RING, :n]
    copy(blob, a)
    for k in range(RINGS):
        dilate(a, own, spare, c)
        for i in range(n):
            ring[i] = c[i] & ~a[i] & valid[i]
            a[i] = c[i]
        total = max(count(ring), 1)
        place = ARCS + 4 * k
        features[place] = pieces(ring, t, ring, words, rows, 2, d, runs)
        features[place + 1] = both(ring, t) / total
        features[place + 2] = pieces(ring, s, ring, words, rows, 2, d, runs)
        features[place + 3] = both(ring, s) / total
        if k + 1 == ZONE:
            copy(c, b)


@kernel
def describe_surroundings(words: int, rows: int, work: np.ndarray, runs: np.ndarray, features: np.ndarray) -> None:
    """Count the conductors, and the gaps between such, that end at the blob; measure them, and what else differs."""
    own = rows + 2 * NEAR
    n = (words + 2 * ASIDE) * own
    s, t, valid, blob = work[SEEN, :n], work[MODEL, :n], work[VALID, :n], work[BLOB, :n]
    a, b, c, d, spare = work[A, :n], work[B, :n], work[C, :n], work[D, :n], work[SPARE, :n]
    for _ in range(AROUND - RINGS):
        dilate(a, own, spare, a)
    for i in range(n):
        a[i] &= valid[i]
        c[i] = s[i] & ~blob[i]
    features[ENDS] = pieces(a, t, b, words, rows, 4, d, runs)
    features[ENDS + 1] = pieces(a, c, b, words, rows, 4, d, runs)
    features[ENDS + 2] = pieces(a, s, b, words, rows, 4, d, runs)
    for i in range(n):
        c[i] = valid[i] & ~t[i]
    features[ENDS + 3] = pieces(a, c, b, words, rows, 4, d, runs)
    for i in range(n):
        c[i] = valid[i] & ~s[i]
    features[ENDS + 4] = pieces(a, c, b, words, rows, 4, d, runs)
    steps = 0
    for i in range(n):
        c[i] = a[i] & t[i]
        b[i] = c[i] & ~s[i]
    while steps < THICKEST and count(c) > 0:
        erode(c, own, spare, c)
        steps += 1
    features[STROKE] = steps
    erode(b, own, spare, b)
    features[OTHER] = count(b)
    for i in range(n):
        c[i] = a[i] & ~blob[i]
        b[i] = (s[i] ^ t[i]) & c[i]
    features[RAGGED] = count(b) / max(count(c), 1)


@kernel
def both(a: np.ndarray, b: np.ndarray) -> int:
    """Count the pixels that are set in both of two planes."""
    total = NONE
    for i in range(a.size):
        total += popcount(a[i] & b[i])
    return int(total)


@kernel
def pieces(
    a: np.ndarray,
    b: np.ndarray,
    zone: np.ndarray,
    words: int,
    rows: int,
    least: int,
    work: np.ndarray,
    runs: np.ndarray,
) -> int:
    """Count the components of a & b that have at least `least` pixels, and one of them in `zone`."""
    own = rows + 2 * NEAR
    for i in range(a.size):
        work[i] = a[i] & b[i]
    n = components(work, own, NEAR, words, rows, runs)
    for i in range(n):
        runs[i, SIZE] = 0
        runs[i, TOUCHES] = 0
    for i in range(n):
        root = runs[i, ROOT]
        runs[root, SIZE] += runs[i, RIGHT] - runs[i, LEFT]
        for w in range(runs[i, LEFT] >> 6, ((runs[i, RIGHT] - 1) >> 6) + 1):
            if zone[(w + ASIDE) * own + NEAR + runs[i, Y]] & span(w, runs[i, LEFT], runs[i, RIGHT]) != NONE:
                runs[root, TOUCHES] = 1
    total = 0
    for i in range(n):
        if runs[i, ROOT] == i and runs[i, SIZE] >= least and runs[i, TOUCHES] == 1:
            total += 1
    return total
