"""Match a picture's brightness to a learnt one's: a gain that varies as a quadratic over the picture.

A lamp that ages, an exposure and a lens's vignetting multiply; over one part a quadratic holds them, and is
too stiff to follow a stain of a few millimetres. It is fitted to the means of even blocks with Tukey's
weights, so that blocks with a flaw do not count.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from robocell.vision.tools.registration import median

F32 = NDArray[np.float32]

_BLOCK = 8  # pixels
_MOST_BLOCKS = 1600
_FEWEST_BLOCKS = 12
_ITERATIONS = 4


class Brightness:
    """The even blocks of a learnt picture.

    Args:
        mean: (H, W) the learnt picture.
        mask: (H, W) bool, where it may be used.

    """

    def __init__(self, mean: F32, mask: NDArray[np.bool_]) -> None:
        self._shape = mean.shape
        self._size = (math.ceil(mean.shape[1] / _BLOCK), math.ceil(mean.shape[0] / _BLOCK))
        whole = _blocks(mask.astype(np.float32), self._size) > 0.999
        level = _blocks(mean, self._size)
        rough = _blocks(mean * mean, self._size) - level * level
        most = 4 * float(np.median(rough[whole])) + 4 if whole.any() else 0.0
        even = whole & (rough < most) & (level > 8)
        chosen = np.flatnonzero(even if np.count_nonzero(even) >= _FEWEST_BLOCKS else whole)
        self._chosen = chosen[:: chosen.size // _MOST_BLOCKS + 1]
        self._levels = np.maximum(level.ravel()[self._chosen].astype(np.float64), 1)
        x, y = np.meshgrid(np.linspace(-1, 1, self._size[0]), np.linspace(-1, 1, self._size[1]))
        self._basis = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)

    def factors(self, seen: F32) -> tuple[F32, float]:
        """Return (H, W) by what to multiply a picture on the model's grid, and the picture's usual gain."""
        if self._chosen.size == 0:
            return np.ones(self._shape, np.float32), 1.0
        ratio = _blocks(seen, self._size).ravel()[self._chosen].astype(np.float64) / self._levels
        usual = max(median(ratio), 1e-3)
        basis = self._basis[self._chosen]
        fit = usual * np.eye(6)[0]
        for _ in range(_ITERATIONS):
            error = ratio - basis @ fit
            scale = max(1.4826 * median(np.abs(error)), 1e-3 * usual)
            weight = np.clip(1 - (error / (4 * scale)) ** 2, 0, None) ** 2
            weighted = basis * weight[:, None]
            normal = weighted.T @ basis + 1e-6 * ratio.size * np.eye(6)
            fit = fit + np.linalg.solve(normal, weighted.T @ error)
        gain = np.clip(self._basis @ fit, 0.05 * usual, 20 * usual).reshape(self._size[1], self._size[0])
        return _spread((1 / gain).astype(np.float32), self._shape), usual


def _blocks(picture: F32, size: tuple[int, int]) -> F32:
    import cv2

    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)


def _spread(small: F32, shape: tuple[int, ...]) -> F32:
    import cv2

    return np.asarray(cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_LINEAR), np.float32)
