"""Lay a picture upon a learnt one where it is not rigid: a line-scan's stretch, a sheet that is not flat.

Each node of a mesh is moved by Gauss-Newton on the steep pixels of the tiles around it, in the inverse form of
`registration`, with Tukey's weights. What neighbours tell is added to what a node's own pixels tell, so that a node
between parallel edges, or none, goes where its neighbours do, and a flaw does not pull.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array
from robocell.vision.kernels.bending import TOLD, errors, tell
from robocell.vision.kernels.warp import STRIP
from robocell.vision.kernels.words import BITS
from robocell.vision.tools.brightness import Gains
from robocell.vision.tools.coarse import reduced
from robocell.vision.tools.mesh import TILE, Mesh, around, grid
from robocell.vision.tools.registration import median

_CELL = 24  # pixels: features are the steepest pixels of each cell
_PER_CELL = 6
_LEAST_GRADIENT = 3.0  # grey levels a pixel: less says nothing about place
_FARTHEST = 3.0  # pixels that a node may leave the affine placement by in one level
_LEVELS = ((2, 3, 1.2), (1, 3, 0.6))  # reduction, steps, and over how many tiles' columns neighbours are asked


class Bending:
    """The steep pixels of a learnt picture, at two sizes.

    Args:
        mean: (H, W) the learnt picture.
        mask: (H, W) bool, where it may be used.

    """

    def __init__(self, mean: NDArray[np.float32], mask: NDArray[np.bool_]) -> None:
        self._nodes = grid(mean.shape).shape
        self._levels = [_Level(mean, mask, factor, self._nodes) for factor, _, _ in _LEVELS]

    def refine(self, picture: U8, mesh: Mesh, gains: Gains) -> Mesh:
        """Return the mesh that lays the picture upon the model.

        Args:
            picture: (H, W) uint8.
            mesh: good to two or three pixels.
            gains: of the picture.

        """
        for level, (factor, steps, blur) in zip(self._levels, _LEVELS, strict=True):
            if not len(level.points):
                continue
            small = np.asarray(reduced(picture, factor), np.uint8)
            start = mesh.nodes
            for _ in range(steps):
                moved = level.step(small, mesh, gains, blur)
                nodes = mesh.nodes - moved @ _axes(mesh)
                mesh = Mesh(start + np.clip(nodes - start, -_FARTHEST * factor, _FARTHEST * factor))
        return mesh


def _axes(mesh: Mesh) -> Array:
    """Return (2, 2) what a column and a row of the model are in the picture, in the mean."""
    nodes = mesh.nodes
    tiles = [(nodes[:, 1:] - nodes[:, :-1]).mean(axis=(0, 1)), (nodes[1:] - nodes[:-1]).mean(axis=(0, 1))]
    return np.asarray(np.array(tiles) / TILE[:, None])


class _Level:
    """The features of one size.

    Attributes:
        points: (N, 2) pixels of the model.

    """

    def __init__(self, mean: NDArray[np.float32], mask: NDArray[np.bool_], factor: int, nodes: tuple[int, ...]) -> None:
        import cv2

        small = np.asarray(reduced(mean, factor), np.float32)
        whole = (np.asarray(reduced(mask.astype(np.float32), factor)) > 0.99).astype(np.uint8)
        slope, weigh = np.array([-0.5, 0, 0.5]), np.array([0.25, 0.5, 0.25])
        gx = np.asarray(cv2.sepFilter2D(small, cv2.CV_32F, slope, weigh))
        gy = np.asarray(cv2.sepFilter2D(small, cv2.CV_32F, weigh, slope))
        size = np.hypot(gx, gy)
        inner = np.asarray(cv2.erode(whole, np.ones((5, 5), np.uint8), borderValue=0)) > 0
        row, column = np.nonzero(inner & (size > _LEAST_GRADIENT))
        cell = (row // _CELL) * (small.shape[1] // _CELL + 1) + column // _CELL
        kept = _steepest(cell, size[row, column])
        row, column = row[kept], column[kept]
        self._factor, self._nodes = float(factor), nodes[:2]
        self.points: Array = np.asarray((np.stack([column, row], axis=1) + 0.5) * factor - 0.5, np.float64)
        self._levels = small[row, column].astype(np.float64)
        dx, dy = gx[row, column] / factor, gy[row, column] / factor  # a pixel of the model
        self._slopes = np.stack([dx, dy], axis=1).astype(np.float64)
        self._first, self._weights = around(self.points, nodes)

    def step(self, picture: U8, mesh: Mesh, gains: Gains, blur: float) -> Array:
        """Return (R + 1, C + 1, 2) by how many pixels of the model the picture lies off at each node."""
        rows, columns = self._nodes
        error, told = np.empty(len(self.points)), np.zeros((TOLD, rows * columns))
        places, levels = mesh.nodes.reshape(-1, 2), gains.nodes.reshape(-1, 2)
        errors(picture, self._factor, self._first, columns, self._weights, places, levels, self._levels, error)
        shown = np.abs(error[np.isfinite(error)])
        limit = 6 * max(1.4826 * median(shown), 2.0) if len(shown) else 0.0
        tell(error, limit, self._slopes, self._first, columns, self._weights, told)
        return _solved(told.reshape(TOLD, rows, columns), blur)


def _solved(told: Array, blur: float) -> Array:
    """Return the nodes' steps from what each node is told."""
    import cv2

    # A node of which its neighbours tell nothing goes where the others do.
    sums = [
        np.asarray(cv2.GaussianBlur(part, (0, 0), sigmaX=blur, sigmaY=blur * BITS / STRIP)) + 0.01 * float(part.mean())
        for part in told
    ]
    xx, xy, yy, ex, ey = sums
    damping = 1e-3 * (xx + yy) + 1e-6 * max(float(np.mean(xx + yy)), 1.0)
    xx, yy = xx + damping, yy + damping
    determinant = xx * yy - xy * xy
    return np.stack([(yy * ex - xy * ey) / determinant, (xx * ey - xy * ex) / determinant], axis=-1)


def _steepest(cell: NDArray[np.int64], size: NDArray[np.float32]) -> NDArray[np.int64]:
    """Return which pixels are among the steepest of their cell."""
    order = np.lexsort((-size, cell))
    ordered = cell[order]
    first = np.searchsorted(ordered, ordered)
    return np.sort(order[np.arange(len(order)) - first < _PER_CELL])
