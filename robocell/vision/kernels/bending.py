"""How far a picture lies off a learnt one at each of its steep pixels, and what that tells the nodes of a mesh."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel
from robocell.vision.kernels.warp import U8

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
TOLD = 5
"""What a feature tells a node: gx², gx gy, gy², gx error, gy error."""


@kernel
def errors(
    picture: U8, factor: float, first: I64, across: int, weights: F64, nodes: F64, gains: F64, levels: F64, out: F64
) -> None:
    """Write how much brighter the picture is than the model at each feature, grey levels; NaN where it is not shown.

    Args:
        picture: (H, W) reduced by `factor`.
        factor: pixels of the full picture a pixel of it.
        first: (N,) the upper left one of the flat nodes around each feature.
        across: nodes in a row.
        weights: (N, 4) of the nodes around: upper left and right, lower left and right.
        nodes: (M, 2) places in the full picture.
        gains: (M, 2) scale and offset of the picture's levels.
        levels: (N,) the model's.
        out: (N,)

    """
    rows, columns = picture.shape
    for k in range(len(first)):
        x = y = scale = offset = 0.0
        for j in range(4):
            node, weight = first[k] + j % 2 + j // 2 * across, weights[k, j]
            x += weight * nodes[node, 0]
            y += weight * nodes[node, 1]
            scale += weight * gains[node, 0]
            offset += weight * gains[node, 1]
        x, y = (x + 0.5) / factor - 0.5, (y + 0.5) / factor - 0.5
        if not (x >= 0 and x < columns - 1 and y >= 0 and y < rows - 1):
            out[k] = np.nan
            continue
        i, j = int(y), int(x)
        fx, fy = x - j, y - i
        top = (1 - fx) * picture[i, j] + fx * picture[i, j + 1]
        bottom = (1 - fx) * picture[i + 1, j] + fx * picture[i + 1, j + 1]
        out[k] = ((1 - fy) * top + fy * bottom) * scale + offset - levels[k]


@kernel
def tell(error: F64, limit: float, slopes: F64, first: I64, across: int, weights: F64, told: F64) -> None:
    """Add what each feature tells to the nodes around it, with Tukey's weights.

    Args:
        error: (N,) of `errors`.
        limit: errors from here on do not count.
        slopes: (N, 2) the model's, grey levels a pixel.
        first: see `errors`.
        across: see `errors`.
        weights: see `errors`.
        told: (TOLD, M) zeros.

    """
    for k in range(len(first)):
        e = error[k]
        if not abs(e) < limit:
            continue
        tukey = (1 - (e / limit) ** 2) ** 2
        gx, gy = slopes[k, 0], slopes[k, 1]
        for j in range(4):
            node, weight = first[k] + j % 2 + j // 2 * across, weights[k, j] * tukey
            told[0, node] += weight * gx * gx
            told[1, node] += weight * gx * gy
            told[2, node] += weight * gy * gy
            told[3, node] += weight * gx * e
            told[4, node] += weight * gy * e
