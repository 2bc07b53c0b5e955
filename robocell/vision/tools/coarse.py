"""Find where a whole picture lies upon a learnt one when it is some pixels, a degree or a percent off.

Blocks with corners in them are searched for in a reduced picture, by normalised correlation, and an affine placement
is fitted to where they are found, with Tukey's weights: blocks that a flaw covers, or that look like their neighbours,
do not count.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array
from robocell.vision.tools.mesh import UNMOVED
from robocell.vision.tools.registration import median

_SIDE = 400  # pixels: a picture is reduced until its longer side is at most this
SHIFT, _SHARE = 10.0, 0.022  # pixels, and share of the longer side: how far a corner of the picture may be off
_MOST_BLOCKS = 24
_FEWEST_BLOCKS = 4
_LEAST_SCORE = 0.4
_ITERATIONS = 8


class Coarse:
    """The blocks of a learnt picture.

    Args:
        mean: (H, W) the learnt picture.
        mask: (H, W) bool, where it may be used.
        shift: by how many pixels a picture may be off, besides its turn and scale.

    """

    def __init__(self, mean: NDArray[np.float32], mask: NDArray[np.bool_], shift: float = SHIFT) -> None:
        import cv2

        self._factor = 1
        while max(mean.shape) / self._factor > _SIDE:
            self._factor *= 2
        small = np.asarray(reduced(mean, self._factor), np.float32)
        whole = np.asarray(reduced(mask.astype(np.float32), self._factor)) > 0.99
        self._side = max(12, min(small.shape) // 10)
        corner = np.asarray(cv2.cornerMinEigenVal(small, self._side, ksize=3), np.float32)
        room = np.asarray(cv2.erode(whole.astype(np.uint8), np.ones((self._side, self._side)), borderValue=0)) > 0
        self._reach = int(np.ceil((shift + _SHARE * max(mean.shape)) / self._factor))
        self._blocks: list[tuple[int, int, NDArray[np.float32]]] = []
        corner = np.where(room, corner, 0)
        for x, y in _spread(corner, self._side):
            block = small[y : y + self._side, x : x + self._side]
            if block.std() > 3:
                self._blocks.append((x, y, block))
        self._middle = np.array([(mean.shape[1] - 1) / 2, (mean.shape[0] - 1) / 2])
        self._half = max(mean.shape) / 2

    def find(self, picture: U8) -> Array:
        """Return (2, 3) pixel of the model to pixel of the picture; unmoved where too few blocks are found."""
        import cv2

        small = np.asarray(reduced(picture, self._factor), np.float32)
        r, side = self._reach, self._side
        wide = np.asarray(cv2.copyMakeBorder(small, r, r, r, r, cv2.BORDER_REPLICATE))
        points, moved, scores = [], [], []
        for x, y, block in self._blocks:
            window = wide[y : y + side + 2 * r, x : x + side + 2 * r]
            if window.shape != (side + 2 * r, side + 2 * r):
                continue  # the picture is smaller than the model
            score = np.asarray(cv2.matchTemplate(window, block, cv2.TM_CCOEFF_NORMED))
            _, best, _, (bx, by) = cv2.minMaxLoc(score)
            if np.isfinite(best) and best >= _LEAST_SCORE and 0 < bx < 2 * r and 0 < by < 2 * r:
                at = np.array([bx + _top(score[by, bx - 1 : bx + 2]), by + _top(score[by - 1 : by + 2, bx])])
                points.append((np.array([x, y]) + (side - 1) / 2 + 0.5) * self._factor - 0.5)
                moved.append((at - r) * self._factor)
                scores.append(best)
        if len(points) < _FEWEST_BLOCKS:
            return UNMOVED
        return self._fitted(np.array(points), np.array(moved), np.array(scores))

    def _fitted(self, points: Array, moved: Array, scores: Array) -> Array:
        basis = np.column_stack([(points - self._middle) / self._half, np.ones(len(points))])
        fit = np.zeros((3, 2))
        fit[2] = np.median(moved, axis=0)
        # Little is known of scale and turn but that they are small: a fraction of the reach at the border.
        prior = np.diag([1.0, 1.0, 1e-6]) * 0.02 * len(points)
        for _ in range(_ITERATIONS):
            error = np.hypot(*(moved - basis @ fit).T)
            scale = max(1.4826 * median(error), 0.25 * self._factor)
            weighted = basis * (scores * np.clip(1 - (error / (4 * scale)) ** 2, 0, None) ** 2)[:, None]
            fit = np.linalg.solve(weighted.T @ basis + prior, weighted.T @ moved)
        turn = np.eye(2) + fit[:2].T / self._half
        return np.column_stack([turn, fit[2] + self._middle - turn @ self._middle])


def reduced(picture: NDArray[Any], factor: int) -> NDArray[Any]:
    """Return the means of blocks of factor by factor pixels; what is left over at the far borders is dropped."""
    import cv2

    if factor == 1:
        return picture
    rows, columns = (n // factor for n in picture.shape)
    whole = picture[: rows * factor, : columns * factor]
    return np.asarray(cv2.resize(whole, (columns, rows), interpolation=cv2.INTER_AREA))


def _spread(corner: NDArray[np.float32], side: int) -> list[tuple[int, int]]:
    """Return upper left corners of the best blocks that do not overlap: the best of each cell, the best cells first."""
    found = []
    rows, columns = (n // side for n in corner.shape)
    for i in range(rows):
        for j in range(columns):
            cell = corner[i * side : (i + 1) * side, j * side : (j + 1) * side]
            y, x = np.unravel_index(int(cell.argmax()), cell.shape)
            if cell[y, x] > 0:
                found.append((-float(cell[y, x]), j * side + int(x) - side // 2, i * side + int(y) - side // 2))
    fit = [(x, y) for _, x, y in sorted(found) if 0 <= x <= corner.shape[1] - side and 0 <= y <= corner.shape[0] - side]
    return _far_apart(fit)


def _far_apart(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return at most `_MOST_BLOCKS` of the places, not the best ones alone: each as far from those before as can be.

    A fit is as good as its points lie far apart.
    """
    left = np.array(places[: 4 * _MOST_BLOCKS], float).reshape(-1, 2)
    if not len(left):
        return []
    chosen, apart = [0], np.full(len(left), np.inf)
    while len(chosen) < min(_MOST_BLOCKS, len(left)):
        apart = np.minimum(apart, np.hypot(*(left - left[chosen[-1]]).T))
        chosen.append(int(apart.argmax()))
    return [places[k] for k in chosen]


def _top(three: NDArray[Any]) -> float:
    """Return where a parabola through three scores is highest, relative to the middle one."""
    a, b, c = (float(n) for n in three)
    bend = a - 2 * b + c
    return float(np.clip((a - c) / (2 * bend), -0.5, 0.5)) if bend < 0 else 0.0
