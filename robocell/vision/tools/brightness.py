"""Match a picture's brightness to a learnt one's: a gain that varies as a quadratic over the picture, and an offset.

A lamp that ages, an exposure and a lens's vignetting multiply; stray light and a camera's black level add. Over one
part a quadratic holds the gain, and is too stiff to follow a stain of a few millimetres. Both are fitted to the means
of even blocks with Tukey's weights, so that blocks with a flaw do not count.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array
from robocell.vision.tools.coarse import reduced
from robocell.vision.tools.mesh import Mesh, bilinear, grid
from robocell.vision.tools.registration import median

F32 = NDArray[np.float32]

_BLOCK = 8  # pixels
_MOST_BLOCKS = 1600
_FEWEST_BLOCKS = 12
_ITERATIONS = 5
_LEAST_GAIN = 0.05
_APART = 20.0  # grey levels between dark and bright blocks from which they tell an offset
_DAMPING = 1e-3  # of the offset, which even blocks of one level cannot tell from the gain


@dataclass(frozen=True)
class Gains:
    """How a picture's levels become the model's: level times scale plus offset.

    Attributes:
        nodes: (R + 1, C + 1, 2) scale and offset at a mesh's nodes.
        gain: how bright the picture usually is, relative to the model.

    """

    nodes: Array
    gain: float

    def tiles(self) -> F32:
        """Return (R, C, 8) of `kernels.golden`, for levels in 64ths: scale, its changes, offset, its changes."""
        part = bilinear(self.nodes * [1.0, 64.0])
        return np.ascontiguousarray(part[..., [0, 2, 4, 6, 1, 3, 5, 7]], np.float32)


class Brightness:
    """The even blocks of a learnt picture.

    Args:
        mean: (H, W) the learnt picture.
        mask: (H, W) bool, where it may be used.

    """

    def __init__(self, mean: F32, mask: NDArray[np.bool_]) -> None:
        columns = mean.shape[1] // _BLOCK
        level = np.asarray(reduced(mean, _BLOCK), np.float64)
        rough = np.asarray(reduced(mean * mean, _BLOCK), np.float64) - level * level
        whole = np.asarray(reduced(mask.astype(np.float32), _BLOCK)) > 0.999
        most = 4 * float(np.median(rough[whole])) + 4 if whole.any() else 0.0
        even = whole & (rough < most) & (level > 8)
        # Blocks of one level tell no offset: then those count too in which levels meet.
        telling = np.count_nonzero(even) >= _FEWEST_BLOCKS and 2 * _reach(level[even]) >= _reach(level[whole])
        chosen = np.flatnonzero(even if telling else whole)
        chosen = chosen[:: chosen.size // _MOST_BLOCKS + 1]
        self._level = level.ravel()[chosen]
        row, column = np.divmod(chosen, max(columns, 1))
        self._points = (np.stack([column, row], axis=1) + 0.5) * _BLOCK - 0.5
        self._half = np.array([max(mean.shape[1] / 2, 1.0), max(mean.shape[0] / 2, 1.0)])
        self._nodes = grid(mean.shape)

    def gains(self, picture: U8, mesh: Mesh) -> Gains:
        """Return how the picture's levels become the model's; unchanged where the model has no block."""
        import cv2

        if self._level.size < 2 or min(picture.shape) < _BLOCK:
            return Gains(np.zeros((*self._nodes.shape[:2], 2)) + [1.0, 0.0], 1.0)
        small = np.asarray(reduced(picture, _BLOCK), np.uint8)
        at = (mesh.at(self._points) + 0.5) / _BLOCK - 0.5
        inside = np.all((at > -0.5) & (at < np.array(small.shape[::-1]) - 0.5), axis=1)
        where = at.astype(np.float32)
        seen = np.asarray(
            cv2.remap(small, where[None, :, 0], where[None, :, 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        )[0].astype(np.float64)
        fit = self._fitted(seen, inside)
        gain = self._basis(self._nodes.reshape(-1, 2)) @ fit[:6]
        middle = self._basis(self._points) @ fit[:6]
        usual = float(np.median(middle))
        least = max(0.2 * usual, _LEAST_GAIN)
        scale = 1 / np.clip(gain, least, max(5 * usual, 2 * least))
        nodes = np.stack([scale, -fit[6] * scale], axis=1).reshape(*self._nodes.shape[:2], 2)
        return Gains(nodes, max(usual, 0.0))

    def _fitted(self, seen: Array, inside: NDArray[np.bool_]) -> Array:
        """Return six numbers of the gain's quadratic and the offset."""
        basis = np.column_stack([self._basis(self._points) * self._level[:, None], np.ones(len(seen))])
        fit = self._start(seen[inside], self._level[inside]) if inside.any() else np.eye(7)[0]
        power = float(self._level @ self._level)
        damping = np.diag([1e-6 * power] + [1e-5 * power] * 5 + [_DAMPING * len(seen)])
        for _ in range(_ITERATIONS):
            error = seen - basis @ fit
            scale = max(1.4826 * median(np.abs(error[inside])) if inside.any() else 1.0, 0.25)
            weighted = basis * (inside * np.clip(1 - (error / (4 * scale)) ** 2, 0, None) ** 2)[:, None]
            pull = weighted.T @ error - damping @ (fit - fit[0] * np.eye(7)[0])
            fit = fit + np.linalg.solve(weighted.T @ basis + damping, pull)
        return np.asarray(fit)

    @staticmethod
    def _start(seen: Array, level: Array) -> Array:
        """Return a gain and an offset that dark and bright blocks agree on, else a gain alone.

        Starting with a gain alone, dark blocks would count as flaws where there is an offset.
        """
        ratio = float(np.median(seen / np.maximum(level, 1)))
        low, high = np.quantile(level, (0.1, 0.9))
        dark, bright = level <= low, level >= high
        apart = float(np.median(level[bright]) - np.median(level[dark]))
        if apart < _APART:
            return np.asarray(ratio * np.eye(7)[0])
        gain = float(np.median(seen[bright]) - np.median(seen[dark])) / apart
        offset = float(np.median(seen[dark])) - gain * float(np.median(level[dark]))
        return np.asarray(gain * np.eye(7)[0] + offset * np.eye(7)[6])

    def _basis(self, points: Array) -> Array:
        x, y = ((points - self._half) / self._half).T
        return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)


def _reach(levels: Array) -> float:
    """Return how far most of the levels reach."""
    low, high = np.quantile(levels, (0.05, 0.95))
    return float(high - low)
