"""A learnt picture as pictures are laid upon it and held against its band; what `golden` is made of."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array
from robocell.vision.kernels.golden import LIMIT, TAPS, compare_placed, measure_blobs
from robocell.vision.kernels.lanes import LEVEL
from robocell.vision.kernels.words import BITS
from robocell.vision.tools.bending import Bending
from robocell.vision.tools.blobs import collected
from robocell.vision.tools.brightness import Brightness, Gains
from robocell.vision.tools.coarse import Coarse
from robocell.vision.tools.mesh import Mesh, check_size
from robocell.vision.tools.registration import Registration

F32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

_SMOOTH = 1.3  # pixels: the sigma of the kernel that differences are smoothed with
_LEAST_BAND = 0.25  # grey levels: less cannot be told in the numbers that bands are kept in


class Placing:
    """Lays pictures upon a learnt one and matches their brightness."""

    def __init__(self, mean: F32, mask: Bool, bends: bool) -> None:
        self._shape = mean.shape
        self._registration = Registration(mean, mask)
        self._brightness = Brightness(mean, mask)
        self._mean, self._mask = mean, mask
        self._coarse: Coarse | None = None
        self._bending = Bending(mean, mask) if bends else None

    def of(self, picture: U8, start: Array | None) -> tuple[Mesh, Array, Gains]:
        """Return where the picture shows the model, the affine part of it, and its brightness."""
        check_size(picture.shape)
        if start is None:
            if self._coarse is None:
                self._coarse = Coarse(self._mean, self._mask)
            start = self._coarse.find(picture)
        placement = self._registration.refine(picture, start)
        mesh = Mesh.affine(placement, self._shape)
        gains = self._brightness.gains(picture, mesh)
        if self._bending is not None:
            mesh = self._bending.refine(picture, mesh, gains)
            gains = self._brightness.gains(picture, mesh)
        return mesh, placement, gains

    def agreement(self, picture: U8, placement: Array) -> float:
        """Return how well the picture's edges agree with the learnt ones, −1 to 1."""
        return self._registration.agreement(picture, placement)


class LearntBand:
    """The learnt picture and its band as kernels take them: in rows of whole tiles."""

    def __init__(self, mean: F32, tolerance: F32, mask: Bool) -> None:
        self._shape = mean.shape
        across = math.ceil(mean.shape[1] / BITS) * BITS
        room = ((0, 0), (0, across - mean.shape[1]))
        factors = np.where(mask, LIMIT / (np.maximum(tolerance, _LEAST_BAND) * LEVEL), 0)
        self._width = across
        self._mean = np.pad(np.rint(np.clip(mean, 0, 255) * LEVEL).astype(np.int16), room).reshape(-1)
        self._factors = np.pad(np.minimum(np.rint(factors), 65535).astype(np.uint16), room).reshape(-1)

    def compare(
        self, picture: U8, mesh: Mesh, gains: Gains
    ) -> tuple[NDArray[np.int32] | None, NDArray[np.int16], int, int]:
        """Return runs beyond the band (None if too many), the differences, the greatest product, and what is unseen."""
        out, most = np.empty((self._shape[0], self._width), np.int16), np.zeros(BITS, np.int32)
        tiles, levels, unseen = mesh.tiles(), gains.tiles(), [0]

        def scan(runs: NDArray[np.int32]) -> int:
            count, unseen[0] = compare_placed(
                picture.reshape(-1), picture.shape[0], picture.shape[1], tiles, levels, self._mean, self._factors, self._shape[0],
                WEIGHTS, out.reshape(-1), runs, most,
            )  # fmt: skip
            return count

        return collected(scan), out, int(most.max()), unseen[0]

    def measured(
        self,
        runs: NDArray[np.int32],
        labels: NDArray[np.int32],
        kept: NDArray[np.int64],
        count: int,
        out: NDArray[np.int16],
    ) -> NDArray[np.int64]:
        """Return (K, 4) of `measure_blobs` for the kept ones of `count` blobs."""
        slots, told = np.full(count, -1, np.int32), np.zeros((len(kept), 4), np.int64)
        slots[kept] = np.arange(len(kept))
        measure_blobs(runs, labels, slots, out.reshape(-1), self._factors, self._width, told)
        return told


def _gaussian() -> F32:
    """Return the weights of the smoothing from the middle outwards."""
    weights = np.exp(-0.5 * (np.arange(TAPS // 2 + 1) / _SMOOTH) ** 2)
    return np.asarray(weights / (weights[0] + 2 * weights[1:].sum()), np.float32)


WEIGHTS = _gaussian()
_UNSMOOTHED: F32 = np.eye(TAPS // 2 + 1, dtype=np.float32)[0]


def levels_of(picture: U8, mesh: Mesh, gains: Gains, shape: tuple[int, ...]) -> F32:
    """Return a picture on a model's grid, in the model's brightness."""
    across = math.ceil(shape[1] / BITS) * BITS
    out, nothing = np.empty((shape[0], across), np.int16), np.zeros(shape[0] * across, np.int16)
    compare_placed(
        picture.reshape(-1), picture.shape[0], picture.shape[1], mesh.tiles(), gains.tiles(), nothing, np.ones(nothing.size, np.uint16),
        shape[0], _UNSMOOTHED, out.reshape(-1), np.empty((0, 3), np.int32), np.zeros(BITS, np.int32),
    )  # fmt: skip
    return out[:, : shape[1]].astype(np.float32) / np.float32(LEVEL)
