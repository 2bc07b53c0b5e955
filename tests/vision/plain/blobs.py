"""Connected pixels by flood fill."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

STRAIGHT = ((0, 1), (1, 0), (0, -1), (-1, 0))
SLANTED = ((1, 1), (1, -1), (-1, 1), (-1, -1))


def blobs(mask: NDArray[np.bool_], diagonal: bool) -> list[NDArray[np.int64]]:
    """Return each blob's pixels (N, 2) row, column; blobs in the raster order of their first pixels."""
    left, found = mask.copy(), []
    for row, column in zip(*np.nonzero(mask), strict=True):
        if not left[row, column]:
            continue
        pixels, open_ = [], [(int(row), int(column))]
        left[row, column] = False
        while open_:
            y, x = open_.pop()
            pixels.append((y, x))
            for dy, dx in STRAIGHT + SLANTED * diagonal:
                v, u = y + dy, x + dx
                if 0 <= v < mask.shape[0] and 0 <= u < mask.shape[1] and left[v, u]:
                    left[v, u] = False
                    open_.append((v, u))
        found.append(np.array(pixels))
    return found
