"""Where a picture shows a model: a placement that may bend, known at the corners of tiles."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import Array
from robocell.vision.kernels.warp import STRIP, Tiles
from robocell.vision.kernels.words import BITS

TILE = np.array([BITS, STRIP])
"""Columns and rows of the model between nodes."""
UNMOVED: Array = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
_FAR = 16_000.0  # pixels: places in kernels are 16 bits
_FEWEST = 4  # pixels of a side


@dataclass(frozen=True)
class Mesh:
    """A placement of a model in a picture; between its nodes it is bilinear, so that an affine one stays what it is.

    Attributes:
        nodes: (R + 1, C + 1, 2) column and row of the picture at which the model's pixels (64 c, 16 r) are seen.

    """

    nodes: Array

    @classmethod
    def affine(cls, placement: Array, shape: tuple[int, ...]) -> Self:
        """Return the mesh of a (2, 3) placement, pixel of the model to pixel of the picture, for a model's shape."""
        return cls(grid(shape) @ placement[:, :2].T + placement[:, 2])

    def at(self, points: Array) -> Array:
        """Return (N, 2) pixels of the picture of (N, 2) pixels of the model."""
        first, weights = around(points, self.nodes.shape)
        corners = first[:, None] + np.array([0, 1, self.nodes.shape[1], self.nodes.shape[1] + 1])
        return np.asarray(np.einsum("nk,nkd->nd", weights, self.nodes.reshape(-1, 2)[corners]))

    def tiles(self) -> Tiles:
        """Return (R, C, 8) of `kernels.warp`."""
        return np.rint(bilinear(np.clip(self.nodes, -_FAR, _FAR)) * 2.0**32).astype(np.int64)

    def inside(self, shape: tuple[int, ...], picture: tuple[int, ...]) -> NDArray[np.bool_]:
        """Return (H, W) which pixels of the model lie in a picture of that shape."""
        y, x = np.arange(shape[0]), np.arange(shape[1])
        part = bilinear(self.nodes)[y // STRIP][:, x // BITS]
        u, v = (x % BITS)[None, :, None], (y % STRIP)[:, None, None]
        place = part[..., :2] + part[..., 2:4] * u + part[..., 4:6] * v + part[..., 6:] * (u * v)
        return np.asarray(np.all((place >= -0.5) & (place < np.array([picture[1], picture[0]]) - 0.5), axis=2))


def grid(shape: tuple[int, ...]) -> Array:
    """Return (R + 1, C + 1, 2) the model's pixels at which a mesh has its nodes."""
    rows, columns = (np.arange(math.ceil(n / k) + 1) * float(k) for n, k in zip(shape, (STRIP, BITS), strict=True))
    return np.stack(np.meshgrid(columns, rows), axis=-1)


def bilinear(nodes: Array) -> Array:
    """Return (R, C, 4 D): the value at a tile's first pixel, and its change a column, a row, and both."""
    first, right, below, last = nodes[:-1, :-1], nodes[:-1, 1:], nodes[1:, :-1], nodes[1:, 1:]
    both = (last - right - below + first) / (BITS * STRIP)
    return np.concatenate([first, (right - first) / BITS, (below - first) / STRIP, both], axis=-1)


def around(points: Array, shape: tuple[int, ...]) -> tuple[NDArray[np.int64], Array]:
    """Return (N,) the upper left ones of the flat nodes around points of the model, and (N, 4) what each weighs.

    The others are the next one, and both of the next row.
    """
    whole = np.clip(np.floor(points / TILE).astype(np.int64), 0, np.array([shape[1], shape[0]]) - 2)
    u, v = (points / TILE - whole).T
    first = whole[:, 1] * shape[1] + whole[:, 0]
    return first, np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], axis=1)


def check_size(shape: tuple[int, ...]) -> None:
    """See that a picture is one that kernels can place.

    Raises:
        VisionError: it is too small or too large.

    """
    if min(shape) < _FEWEST or max(shape) > _FAR:
        raise VisionError(f"a picture of {shape[1]} by {shape[0]} pixels cannot be placed: sides of 4 to 16000 can")
