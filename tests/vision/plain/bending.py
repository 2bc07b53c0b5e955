"""What each steep pixel tells the nodes of a mesh, in plain Python."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from tests.vision.plain.placed import seen

F64 = NDArray[np.float64]


def errors(
    picture: NDArray[np.uint8],
    factor: float,
    corners: NDArray[np.int64],
    weights: F64,
    nodes: F64,
    gains: F64,
    levels: F64,
) -> F64:
    """Return how much brighter the picture is at each feature; NaN outside it."""
    out = []
    for corner, weight, level in zip(corners, weights, levels, strict=True):
        x, y = (weight @ nodes[corner] + 0.5) / factor - 0.5
        scale, offset = weight @ gains[corner]
        if not (0 <= x < picture.shape[1] - 1 and 0 <= y < picture.shape[0] - 1):
            out.append(math.nan)
            continue
        shown, _ = seen(picture, np.array([[x, y]]))
        out.append(float(shown[0]) * scale + offset - level)
    return np.array(out)


def tell(error: F64, limit: float, slopes: F64, corners: NDArray[np.int64], weights: F64, nodes: int) -> F64:
    """Return (5, nodes) the sums of gx², gx gy, gy², gx e, gy e with Tukey's weights."""
    told = np.zeros((5, nodes))
    for e, (gx, gy), corner, weight in zip(error, slopes, corners, weights, strict=True):
        if not abs(e) < limit:
            continue
        tukey = (1 - (e / limit) ** 2) ** 2
        for node, share in zip(corner, weight, strict=True):
            told[:, node] += share * tukey * np.array([gx * gx, gx * gy, gy * gy, gx * e, gy * e])
    return told
