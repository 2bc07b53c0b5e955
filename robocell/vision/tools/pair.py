"""Compare a board's picture with its template: where it differs, and what kind of defect each place is.

Both pictures become bits (copper or not). The template is laid upon the picture tile by tile (`pair.alignment`);
places that differ by more than an edge's play are registered once more in windows of their own, grown to whole
strokes (`pair.candidates`), and told apart by what surrounds them (`pair.kinds`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.kernels.pair_rings import AREA
from robocell.vision.pair.alignment import align
from robocell.vision.pair.candidates import Blobs, Boxes, Candidates, examine, find_candidates
from robocell.vision.pair.kinds import KINDS, learnt_kinds
from robocell.vision.pair.planes import Grid, Words, pack

MARGIN = 10
"""Pixels that a box is wider than its blob, on each side: as people draw them."""
LEAST_SCORE = 0.4
"""Probability of being any defect from which a place is one: F is flat about there, and a miss costs more."""
_LEAST_SIDE = 64
_MOST_SIDE = 16384
_SAME = 0.5  # of the area of two boxes together: what overlaps more is found twice
_EXAMINED = np.array(KINDS)


@dataclass(frozen=True)
class Defects:
    """Where a picture differs from its template; K places, the surest first.

    Attributes:
        boxes: (K, 4) x1 y1 x2 y2 in pixels of the picture, the far corner exclusive.
        kind: (K,) one of `open short mousebite spur copper pinhole`.
        score: (K,) the probability that there is a defect of that kind, 0 … 1.
        overflow: so much differs that it was not examined: nothing can be said. The places are then what differs,
            called copper or pinhole by what there is too much of, with score 0.5; there is at least one.
        reason: why, in words; empty otherwise.

    """

    boxes: Boxes
    kind: NDArray[np.str_]
    score: Array
    overflow: bool = False
    reason: str = ""

    def __len__(self) -> int:
        return len(self.boxes)

    @property
    def good(self) -> bool:
        """Whether the picture was examined and nothing was found."""
        return not self.overflow and not len(self.boxes)


def compare_pair(
    template: U8,
    image: U8,
    *,
    copper: Literal["dark", "bright"] = "dark",
    least_area: int = 4,
    least_score: float = LEAST_SCORE,
    margin: int = MARGIN,
) -> Defects:
    """Find the defects of a bare board.

    Args:
        template: (H, W) uint8, picture of a good board.
        image: (H, W) uint8, picture of the board to judge, within ±1.5° and some 30 pixels of the template's place.
        copper: which side of both pictures' grey levels is copper.
        least_area: pixels that a blob must have.
        least_score: probability of being any defect below which a place is none.
        margin: pixels by which a box is wider than its blob.

    Returns:
        The defects. Work is capped: where too much differs they are an `overflow`, never empty.

    Raises:
        VisionError: a picture cannot be judged: no picture, another depth, sizes that differ or are too small, or
            no copper to be told from a background (all black, saturated).
        ValueError: an option that has no meaning.

    """
    if copper not in ("dark", "bright"):
        raise ValueError(f'copper is "dark" or "bright", not {copper!r}')
    if not (0.0 <= least_score <= 1.0 and least_area >= 0 and margin >= 0):
        raise ValueError("least_score lies in 0 … 1, least_area and margin are not negative")
    planes, grid = _planes(template, image, copper == "dark")
    shifts = align(planes[0], planes[1], grid)
    candidates = find_candidates(planes[0], planes[1], grid, shifts)
    if candidates.overflow:
        return _overflow(candidates, grid)
    return _judge(examine(planes[0], planes[1], grid, shifts, candidates), grid, least_area, least_score, margin)


def describe_pair(template: U8, image: U8, copper: Literal["dark", "bright"] = "dark") -> Blobs:
    """Return what `compare_pair` judges by: the blobs and their descriptions, from which kinds are learnt.

    Raises:
        VisionError: as `compare_pair`, and where it would return an overflow.

    """
    planes, grid = _planes(template, image, copper == "dark")
    shifts = align(planes[0], planes[1], grid)
    candidates = find_candidates(planes[0], planes[1], grid, shifts)
    if candidates.overflow:
        raise VisionError(candidates.overflow)
    return examine(planes[0], planes[1], grid, shifts, candidates)


def distinct(boxes: Boxes, score: Array) -> NDArray[np.int64]:
    """Return which boxes to keep, the surest first, so that no two of them are the same place."""
    order = np.argsort(-score, kind="stable")
    b = boxes[order]
    side = np.clip(
        np.minimum(b[:, None, 2:], b[None, :, 2:]) - np.maximum(b[:, None, :2], b[None, :, :2]), 0, None
    ).prod(axis=2)
    area = np.diagonal(side)
    same = side > _SAME * (area[:, None] + area[None, :] - side)
    kept: list[int] = []
    for k in range(len(b)):
        if not same[k, kept].any():
            kept.append(k)
    return np.asarray(order[kept], np.int64)


def widened(boxes: Boxes, margin: int, grid: Grid) -> Boxes:
    """Return boxes with a margin, within the picture."""
    limit = [grid.columns, grid.rows, grid.columns, grid.rows]
    return np.asarray(np.clip(boxes + np.array([-margin, -margin, margin, margin]), 0, limit), np.int64)


def _planes(template: U8, image: U8, dark: bool) -> tuple[Words, Grid]:
    """Return the bit planes (2, size) of template and picture."""
    first, second = _checked(template, "template"), _checked(image, "picture")
    if first.shape != second.shape:
        (a, b), (c, d) = first.shape, second.shape
        raise VisionError(f"the picture has {d} × {c} pixels and its template {b} × {a}: they must be of one size")
    grid = Grid(first.shape[0], first.shape[1])
    return pack(first, second, grid, dark), grid


def _checked(image: U8, name: str) -> U8:
    array = np.asarray(image)
    if array.dtype != np.uint8 or array.ndim != 2:
        raise VisionError(f"the {name} is not grey of 8 bits: {array.dtype} of shape {array.shape}")
    if min(array.shape) < _LEAST_SIDE or max(array.shape) > _MOST_SIDE:
        raise VisionError(
            f"the {name} has {array.shape[1]} × {array.shape[0]} pixels; "
            f"each side is {_LEAST_SIDE} … {_MOST_SIDE} for a comparison"
        )
    return np.ascontiguousarray(array)


def _judge(blobs: Blobs, grid: Grid, least_area: int, least_score: float, margin: int) -> Defects:
    votes = learnt_kinds().vote(blobs.features)
    any_defect = 1.0 - votes[:, 0]
    keep = (any_defect >= least_score) & (blobs.features[:, AREA] >= least_area)
    boxes, votes = widened(blobs.boxes[keep], margin, grid), votes[keep, 1:]
    chosen = distinct(boxes, any_defect[keep])
    boxes, votes = boxes[chosen], votes[chosen]
    kind = votes.argmax(axis=1)
    score = votes[np.arange(len(votes)), kind]
    order = np.argsort(-score, kind="stable")
    return Defects(boxes[order], _EXAMINED[kind[order]], score[order])


def _overflow(candidates: Candidates, grid: Grid) -> Defects:
    boxes = candidates.boxes
    kind = np.where(candidates.missing, "pinhole", "copper")
    if not len(boxes):
        boxes, kind = np.array([[0, 0, grid.columns, grid.rows]], np.int64), np.array(["copper"])
    return Defects(boxes, kind, np.full(len(boxes), 0.5), overflow=True, reason=candidates.overflow)
