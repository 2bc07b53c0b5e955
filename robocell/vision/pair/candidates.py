"""Where a picture differs from its template laid upon it, and what each such place is like."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import Array
from robocell.vision.kernels import pair_align, pair_bits, pair_blobs, pair_rings, pair_window
from robocell.vision.pair.planes import Grid, Words

Boxes = NDArray[np.int64]

MOST = 256
"""Candidates of either polarity, beyond which a picture is not judged."""
MOST_SHARE = 0.08
"""Share of the pixels that may differ, ragged edges included."""
MOST_NEAR = 0.2
"""Share of the pixels that may lie near places that differ."""
_RUNS_PER_ROW = 64
_WINDOWS = 1
"""How often a picture may be looked at again in windows; a number of words more is always allowed. A real board
with ten defects needs a tenth of that."""
_WINDOWS_FIXED = 4000


@dataclass(frozen=True)
class Candidates:
    """Places where a picture differs from its template.

    Attributes:
        boxes: (K, 4) x1 y1 x2 y2 in pixels of the picture, the far corner exclusive.
        missing: (K,) whether it is copper that lacks, rather than copper that is too much.
        overflow: why there were too many to be looked at; empty otherwise.

    """

    boxes: Boxes
    missing: NDArray[np.bool_]
    overflow: str = ""


@dataclass(frozen=True)
class Blobs:
    """Candidates that are still there after they were registered again, K of them.

    Attributes:
        boxes: (K, 4) the grown blobs' x1 y1 x2 y2, the far corner exclusive.
        features: (K, F) what they are like; see `kernels.pair_rings`.

    """

    boxes: Boxes
    features: Array


def find_candidates(template: Words, image: Words, grid: Grid, shifts: Array) -> Candidates:
    """Find where a picture differs from its template by more than an edge's play.

    Args:
        template: bit plane.
        image: bit plane of the picture seen.
        grid: how both lie in their planes.
        shifts: (tile rows, tile columns, 2) as `align` returns them.

    """
    planes = grid.empty(8)
    pair_align.warp(template, grid.column, grid.rows, grid.columns, shifts, planes[0], planes[1])
    differing = pair_window.seeds(image, planes[0], planes[1], grid.column, planes[2:6], planes[6:8])
    known = pair_bits.count(planes[1])
    runs = np.empty((_RUNS_PER_ROW * grid.rows, 6), np.int32)
    boxes = np.empty((2, MOST, 4), np.int64)
    counts, near = [0, 0], 0
    for k in range(2):
        pair_window.spread(planes[6 + k], grid.column, grid.rows, grid.columns, planes[2])
        near += pair_bits.count(planes[6 + k])
        n = pair_blobs.components(planes[6 + k], grid.column, pair_bits.ABOVE, grid.words, grid.rows, runs)
        counts[k] = pair_blobs.boxes(runs, n, boxes[k]) if n >= 0 else -1
    kept = [MOST if n < 0 else n for n in counts]
    found = np.concatenate([boxes[0, : kept[0]], boxes[1, : kept[1]]])
    missing = np.repeat([False, True], kept)
    if differing > MOST_SHARE * known:
        share = 100.0 * differing / max(known, 1)
        return Candidates(found, missing, f"{share:.0f} % of the pixels differ: not a picture of this board")
    if min(counts) < 0:
        return Candidates(found, missing, f"more than {MOST} places differ")
    if near > MOST_NEAR * grid.rows * grid.columns:
        return Candidates(found, missing, "places that differ are all over the picture")
    if _window_words(found) > _WINDOWS * grid.words * grid.rows + _WINDOWS_FIXED:
        return Candidates(
            found, missing, f"the {len(found)} places that differ are too many, or too large, to be looked at"
        )
    return Candidates(found, missing)


def examine(template: Words, image: Words, grid: Grid, shifts: Array, candidates: Candidates) -> Blobs:
    """Look at each candidate in a window of its own; arguments as for `find_candidates`."""
    boxes = np.empty((len(candidates.boxes), 4), np.int64)
    features = np.empty((len(boxes), pair_rings.FEATURES))
    if not len(boxes):
        return Blobs(boxes, features)
    size = np.array([grid.columns, grid.rows], np.int64)
    work = np.empty((pair_window.PLANES, _largest(candidates.boxes)), np.uint64)
    runs = np.empty((32 * (grid.rows + 2 * pair_window.MARGIN) * (grid.words + 2), 6), np.int32)
    there = [
        pair_rings.examine(
            image, template, grid.column, size, shifts, bool(missing), box, work, runs, boxes[k], features[k]
        )
        for k, (box, missing) in enumerate(zip(candidates.boxes, candidates.missing, strict=True))
    ]
    return Blobs(boxes[there], features[there])


def _sides(boxes: Boxes) -> tuple[Boxes, Boxes]:
    """Return the words and rows of the boxes' windows."""
    margins = 2 * pair_window.MARGIN
    return (boxes[:, 2] - boxes[:, 0] + margins + 63) // 64, boxes[:, 3] - boxes[:, 1] + margins


def _window_words(boxes: Boxes) -> int:
    words, rows = _sides(boxes)
    return int(np.sum(words * rows))


def _largest(boxes: Boxes) -> int:
    words, rows = _sides(boxes)
    return int(np.max((words + 2 * pair_bits.ASIDE) * (rows + 2 * pair_window.NEAR)))
