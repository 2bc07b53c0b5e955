"""Plain twins of the kernels that locate a pattern."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Picture = NDArray[Any]


def block_means(image: Picture, left: int, top: int, step: int, shape: tuple[int, int]) -> Array:
    rows = np.clip(top + np.arange(shape[0] * step), 0, image.shape[0] - 1)
    columns = np.clip(left + np.arange(shape[1] * step), 0, image.shape[1] - 1)
    whole = image[np.ix_(rows, columns)].astype(float)
    return np.asarray(whole.reshape(shape[0], step, shape[1], step).mean(axis=(1, 3)), np.float64)


def flatten(picture: Picture, reach: int, soft: float) -> Array:
    padded = np.pad(picture.astype(float), reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * reach + 1, 2 * reach + 1))
    difference = picture - windows.mean(axis=(2, 3))
    return np.asarray(100 * difference / (np.abs(difference) + soft), np.float64)


def correlate(picture: Picture, turned: Picture, least_power: float) -> Array:
    """Return (A, h, w) correlations."""
    windows = np.lib.stride_tricks.sliding_window_view(picture.astype(float), turned.shape[1:])
    centred = windows - windows.mean(axis=(2, 3), keepdims=True)
    power = np.maximum((centred**2).sum(axis=(2, 3)), least_power * turned[0].size)
    return np.stack([(centred * t).sum(axis=(2, 3)) / np.sqrt(power) for t in turned.astype(float)])


def peaks(best: Picture, least: float) -> list[tuple[float, int, int]]:
    """Return value, column and row of what no neighbour exceeds, highest first."""
    padded = np.pad(best, 1, constant_values=-np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, (3, 3)).max(axis=(2, 3))
    rows, columns = np.nonzero((best >= around) & (best >= least))
    found = [(float(best[r, c]), int(c), int(r)) for r, c in zip(rows, columns, strict=True)]
    return sorted(found, reverse=True)


def smooth(picture: Picture) -> Array:
    out = picture.astype(float).copy()
    out[1:-1] = (out[:-2] + 2 * out[1:-1] + out[2:]) / 4
    middle = out.copy()
    out[:, 1:-1] = (middle[:, :-2] + 2 * middle[:, 1:-1] + middle[:, 2:]) / 4
    return out


def sample(picture: Picture, x: Array, y: Array) -> Array:
    height, width = picture.shape
    inside = (x >= 0) & (y >= 0) & (x <= width - 1) & (y <= height - 1)
    i = np.clip(np.floor(x), 0, width - 2).astype(int)
    j = np.clip(np.floor(y), 0, height - 2).astype(int)
    p, q = x - i, y - j
    grey = picture.astype(float)
    value = (1 - q) * ((1 - p) * grey[j, i] + p * grey[j, i + 1])
    value += q * ((1 - p) * grey[j + 1, i] + p * grey[j + 1, i + 1])
    return np.where(inside, value, np.nan)


def agreement(levels: Array, blocks: NDArray[np.int64], seen: Array) -> float:
    total = most = 0.0
    for first, last in zip(blocks[:-1], blocks[1:], strict=True):
        t, s = levels[first:last], np.nan_to_num(seen[first:last])
        weight = float(t.std())
        most += weight
        if s.var() > 1e-3 and weight > 0:
            total += weight * float(np.corrcoef(t, s)[0, 1])
    return total / most


def refine(picture: Picture, features: Array, pose: Array, radius: float, iterations: int, tukey: float) -> Array:
    """Return column, row and turn by iterated weighted least squares; every feature must stay in the picture."""
    x, y, turn = pose
    where, levels, slopes = features[:, :2], features[:, 2], features[:, 3:6]
    gain, offset = 0.0, 0.0
    for n in range(iterations):
        turned = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        at = where @ turned.T + [x, y]
        seen = sample(picture, at[:, 0], at[:, 1])
        if n == 0:
            gain, offset = np.polyfit(levels, seen, 1)
        residual = seen - gain * levels - offset
        scale = tukey * max(1.4826 * float(np.median(np.abs(residual))), 1.0)
        root = np.clip(
            1 - (residual / (scale + abs(gain) * features[:, 6])) ** 2, 0, None
        )  # the square root of Tukey's weight
        a = root[:, None] * np.column_stack([slopes, levels, np.ones_like(levels)])
        *step, gain, offset = np.linalg.lstsq(a, root * seen, rcond=None)[0]
        dx, dy, dt = (float(s) / gain for s in step)
        turn -= dt / radius
        back = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ [dx, dy]
        x, y = x - back[0], y - back[1]
    return np.array([x, y, turn])
