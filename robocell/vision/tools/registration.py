"""Lay a picture upon a learnt one to a few hundredths of a pixel.

Gauss-Newton on the pixels with the steepest learnt gradient, in the inverse compositional form, whose
Jacobian is computed once (Baker and Matthews, "Lucas-Kanade 20 Years On", IJCV 2004), with Tukey's weights
so that a flaw, a missing hole or a burr does not pull. A placement is (2, 3): pixel (column, row, 1) of the
model to the picture's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array

_MOST_FEATURES = 4000
_FEWEST_FEATURES = 64
_LEAST_GRADIENT = 4.0  # grey levels a pixel: less says nothing about place
_MOST_MOVED = 6.0  # pixels: a start further off than this is not found, and is not replaced by a guess
_ENOUGH = 0.01  # pixels
_ITERATIONS = 8


class Registration:
    """The steep pixels of a learnt picture.

    Args:
        mean: (H, W) the learnt picture.
        mask: (H, W) bool, where it may be used.

    """

    def __init__(self, mean: NDArray[np.float32], mask: NDArray[np.bool_]) -> None:
        import cv2

        slope, weigh = np.array([-0.5, 0, 0.5]), np.array([0.25, 0.5, 0.25])
        gx = np.asarray(cv2.sepFilter2D(mean, cv2.CV_32F, slope, weigh))
        gy = np.asarray(cv2.sepFilter2D(mean, cv2.CV_32F, weigh, slope))
        inner = cv2.erode(mask.astype(np.uint8), np.ones((7, 7), np.uint8), borderValue=0) > 0
        steep = np.flatnonzero(inner & (np.hypot(gx, gy) > _LEAST_GRADIENT))
        steep = steep[:: steep.size // _MOST_FEATURES + 1] if steep.size >= _FEWEST_FEATURES else steep[:0]
        row, column = np.divmod(steep, mean.shape[1])
        self._points = np.stack([column, row], axis=1).astype(np.float64)
        self._levels = mean.ravel()[steep].astype(np.float64)
        self._power = max(float(self._levels @ self._levels), 1.0)
        middle = np.array([(mean.shape[1] - 1) / 2, (mean.shape[0] - 1) / 2])
        self._to_middle = np.array([[1, 0, -middle[0]], [0, 1, -middle[1]], [0, 0, 1]])
        self._from_middle = np.array([[1, 0, middle[0]], [0, 1, middle[1]], [0, 0, 1]])
        half = max(mean.shape) / 2
        u, v = (self._points - middle).T / half
        dx, dy = gx.ravel()[steep].astype(np.float64), gy.ravel()[steep].astype(np.float64)
        # Six columns move the model, three dim it across: shading would otherwise be taken for a shift.
        self._shade = self._levels[:, None] * np.stack([np.ones_like(u), u, v], axis=1)
        self._jacobian = np.column_stack([dx * u, dx * v, dx, dy * u, dy * v, dy, self._shade])
        self._unit = np.array([half, half, 1.0, half, half, 1.0])  # steps are in pixels at the model's edge
        # Damps what the features do not tell, as a scale where all of them lie in one corner.
        self._damping = np.diag([1e-3 * max(float(np.sum(dx * dx + dy * dy)), 1.0)] * 6 + [1e-6 * self._power] * 3)

    def refine(self, picture: U8, start: Array) -> Array:
        """Return the placement that lays the picture upon the model.

        Args:
            picture: (H, W) uint8.
            start: (2, 3) placement good to about a pixel. It is returned unchanged where the model has too
                few steep pixels, or where the search leads further away than the start can be wrong.

        """
        place = np.asarray(start, float)
        shade = np.zeros(3)
        for _ in range(_ITERATIONS if len(self._points) else 0):
            both = self._step(picture, place, shade)
            step, shade = np.clip(both[:6], -2 * _MOST_MOVED, 2 * _MOST_MOVED), shade + both[6:]
            a = step / self._unit
            change = np.array([[1 + a[0], a[1], a[2]], [a[3], 1 + a[4], a[5]], [0, 0, 1]])
            back = self._from_middle @ np.linalg.inv(change) @ self._to_middle
            place = np.vstack([place, [0, 0, 1]])[:2] @ back
            moved = np.abs((place - start) @ self._from_middle) @ [1 / 3, 1 / 3, 1.0]
            if not np.all(moved < _MOST_MOVED):
                return np.asarray(start, float)
            if float(np.max(np.abs(step))) < _ENOUGH:
                break
        return place

    def agreement(self, picture: U8, place: Array) -> float:
        """Return the correlation of what is seen at the steep pixels with what was learnt; 1 where there are too few."""
        if not len(self._points):
            return 1.0
        seen = self._seen(picture, place)
        seen, levels = seen - seen.mean(), self._levels - self._levels.mean()
        power = float((seen @ seen) * (levels @ levels))
        return float(seen @ levels) / power**0.5 if power > 0 else 0.0

    def _seen(self, picture: U8, place: Array) -> Array:
        """Return the picture's levels at the steep pixels."""
        import cv2

        at = (self._points @ place[:, :2].T + place[:, 2]).astype(np.float32)
        return np.asarray(cv2.remap(picture, at[None, :, 0], at[None, :, 1], cv2.INTER_LINEAR)[0], np.float64)

    def _step(self, picture: U8, place: Array, shade: Array) -> Array:
        """Return what to add to the placement's six numbers, in pixels, and to the shading's three."""
        seen = self._seen(picture, place)
        gain = max(float(seen @ self._levels) / self._power, 1e-3)
        error = seen / gain - self._levels - self._shade @ shade
        scale = max(1.4826 * median(np.abs(error)), 1.0)
        weight = np.clip(1 - (error / (6 * scale)) ** 2, 0, None) ** 2
        weighted = self._jacobian * weight[:, None]
        return np.linalg.solve(weighted.T @ self._jacobian + self._damping, weighted.T @ error)


def median(values: NDArray[np.floating]) -> float:
    """Return the upper median; quicker than NumPy's, which also averages and looks for NaN."""
    return float(np.partition(values, values.size // 2)[values.size // 2])
