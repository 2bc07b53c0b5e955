"""A picture seen through a mesh, and compared with a learnt one, in plain NumPy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]


def places(nodes: F64, shape: tuple[int, int]) -> F64:
    """Return (H, W, 2) where each pixel is seen; nodes lie 64 columns and 16 rows apart."""
    y, x = np.indices(shape)
    i, j = y // 16, x // 64
    v, u = (y % 16 / 16)[..., None], (x % 64 / 64)[..., None]
    top = nodes[i, j] * (1 - u) + nodes[i, j + 1] * u
    bottom = nodes[i + 1, j] * (1 - u) + nodes[i + 1, j + 1] * u
    return np.asarray(top * (1 - v) + bottom * v)


def seen(picture: NDArray[np.uint8], at: F64) -> tuple[F64, NDArray[np.bool_]]:
    """Return the levels at places, bilinear, the border going on; and which places are in the picture."""
    rows, columns = picture.shape
    inside = np.all((at >= -0.5) & (at < np.array([columns, rows]) - 0.5), axis=-1)
    x, y = np.clip(at[..., 0], 0, columns - 1), np.clip(at[..., 1], 0, rows - 1)
    j, i = np.minimum(np.floor(x).astype(int), columns - 2), np.minimum(np.floor(y).astype(int), rows - 2)
    u, v, levels = x - j, y - i, picture.astype(float)
    top = levels[i, j] * (1 - u) + levels[i, j + 1] * u
    bottom = levels[i + 1, j] * (1 - u) + levels[i + 1, j + 1] * u
    return np.asarray(top * (1 - v) + bottom * v), inside


def smoothed(difference: F64, sigma: float = 1.3, reach: int = 4) -> F64:
    """Return the difference smoothed along and across, zero beyond the borders."""
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    wide = np.pad(difference, reach)
    rows, columns = difference.shape
    along = sum(w * wide[:, k : k + columns] for k, w in enumerate(weights))
    return np.asarray(sum(w * along[k : k + rows] for k, w in enumerate(weights)))
