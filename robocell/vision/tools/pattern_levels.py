"""What a pattern is made into when it is learnt: its features at each level of the pyramid, and whether it has any."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8
from robocell.vision.kernels import pattern_coarse as coarse
from robocell.vision.kernels import pattern_fine as fine

F32 = NDArray[np.float32]
Array = NDArray[np.float64]

_SMALLEST, _LARGEST = 12, 2048  # pixels along a side of a pattern
_LEAST_SPREAD = 2.0  # grey levels, the standard deviation that a pattern has at least
_STRIPES = 0.03  # the lesser over the greater mean squared slope: below, a pattern can slide along itself
_ROUND = 0.01  # mean squared change for a turn over that for a step: below, a pattern does not tell its turn
_COARSE = 16.0  # pixels across a pattern in the coarse picture
_FEWEST_COARSE = 6
_DEEPEST = 4
_LEFT = 0.25  # share of its contrast that a pattern must keep when it is made coarse
_REACH = 3  # coarse pixels about each whose mean is taken off
_SOFT = 0.5  # of the coarse pattern's contrast: differences beyond count little more
_FEATURES = {1: (700, 500), 2: (300, 200), 4: (200, 100)}  # by step: where the pattern is steepest, and spread evenly
_OFF = 1.0  # pixels that what is steep may seem off before it counts as covered
_BLOCKS = 8  # along a side, in which agreement is judged
_BLOCK = 4  # pixels along a block's side at least


@dataclass(frozen=True)
class Level:
    """A pattern at one level of the pyramid, in pixels of that level.

    Attributes:
        step: pixels of the picture along one of the level's.
        features: (P, 7) and
        blocks: (B + 1,) as `fine.refine` takes them.
        radius: of the pattern's corners, px.
        soft: grey levels, how the coarse picture is bent; 0 at finer levels.

    """

    step: int
    features: Array
    blocks: NDArray[np.int64]
    radius: float
    soft: float

    def turned(self, patch: U8, size: tuple[int, int], angle: float) -> F32:
        """Return the coarse pattern turned by an angle, of size (columns, rows), with mean 0 and norm 1."""
        import cv2

        (w, h), step = size, self.step
        c, s = math.cos(angle), math.sin(angle)
        to = (np.array([w, h]) * step - 1) / 2
        # from pixels of the turned picture to those of the patch
        back = np.array([[c, s, 0.0], [-s, c, 0.0]])
        back[:, 2] = (np.array(patch.shape[::-1]) - 1) / 2 - back[:, :2] @ to
        whole, flags = (w * step, h * step), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        moved = cv2.warpAffine(patch, back, whole, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        known = cv2.warpAffine(np.full_like(patch, 255), back, whole, flags=flags)
        bent = flattened(_shrunk(np.asarray(moved, np.uint8), step), self.soft)
        mask = _shrunk(np.asarray(known, np.uint8), step) > 250
        centred = np.where(mask, bent - bent[mask].mean(), 0) if mask.any() else np.zeros_like(bent)
        return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6), np.float32)


def check(patch: U8) -> None:
    """See whether a pattern can be found again.

    Raises:
        VisionError: it is too small or large, too even, or can slide along itself.

    """
    h, w = patch.shape
    if min(h, w) < _SMALLEST or max(h, w) > _LARGEST:
        raise VisionError(f"a pattern has {_SMALLEST} to {_LARGEST} pixels along each side, not {w} × {h}")
    spread = float(patch.std())
    if spread < _LEAST_SPREAD:
        raise VisionError(
            f"the pattern is all but even: its grey levels vary by {spread:.1f} (standard deviation), and"
            f" {_LEAST_SPREAD:g} are needed; choose a place with contrast"
        )
    dx, dy = _slopes(_smooth(patch.astype(np.float32)))
    xx, yy, xy = float((dx * dx).mean()), float((dy * dy).mean()), float((dx * dy).mean())
    middle, half = (xx + yy) / 2, math.hypot((xx - yy) / 2, xy)
    if middle - half < _STRIPES * (middle + half):
        along = (math.degrees(math.atan2(2 * xy, xx - yy)) / 2 + 90) % 180
        raise VisionError(
            f"all edges of the pattern run at {along:.0f}° from columns towards rows, so that it could slide along"
            " them: choose a corner, a hole or a mark"
        )


def tells_turn(patch: U8) -> bool:
    """Return whether a pattern changes when it is turned about its centre."""
    dx, dy = _slopes(_smooth(patch.astype(np.float32)))
    v, u = np.indices(patch.shape) - (np.array(patch.shape)[:, None, None] - 1) / 2
    turn = (dy * u - dx * v) / (math.hypot(*patch.shape) / 2)
    return float((turn * turn).mean()) > _ROUND * float((dx * dx + dy * dy).mean())


def levels_of(patch: U8, turns: bool) -> tuple[Level, ...]:
    """Return a pattern's levels, the picture itself first."""
    depth = _depth(patch)
    fines = [_level(_smooth(_shrunk(patch, 1 << n)), patch.shape, 1 << n, turns, 0.0) for n in range(max(depth, 1))]
    small = _shrunk(patch, 1 << depth)
    soft = max(_SOFT * float(small.std()), 1.0)
    top = _level(flattened(small, soft), patch.shape, 1 << depth, turns, soft)
    return (*fines, top)


def flattened(picture: F32, soft: float) -> F32:
    """Return a coarse picture without shading and with great contrasts bent; see `coarse.flatten`."""
    out = np.empty_like(picture)
    coarse.flatten(picture, _REACH, soft, out, np.empty(2 * picture.shape[1] + 2 * _REACH, np.float32))
    return out


def _depth(patch: U8) -> int:
    """Return how often a pattern is halved: to some 16 pixels across, and so that it keeps its contrast."""
    depth = min(_DEEPEST, max(0, round(math.log2(math.sqrt(patch.size) / _COARSE))))
    contrast = float(patch.std())
    while depth > 0:
        small = _shrunk(patch, 1 << depth)
        if min(small.shape) >= _FEWEST_COARSE and small.std() >= _LEFT * contrast:
            break
        depth -= 1
    return depth


def _level(picture: F32, size: tuple[int, int], step: int, turns: bool, soft: float) -> Level:
    """Choose features of a pattern's picture at one level; `size` is the patch's (rows, columns)."""
    dx, dy = _slopes(picture)
    row, column = (grid.ravel() for grid in np.indices(picture.shape))
    # a level's pixels begin where the patch's do, but its centre is the patch's
    u = column + ((step - 1) / 2 - (size[1] - 1) / 2) / step
    v = row + ((step - 1) / 2 - (size[0] - 1) / 2) / step
    radius = math.hypot(*picture.shape) / 2
    dx, dy = dx.ravel(), dy.ravel()
    turn = (dy * u - dx * v) / radius if turns else np.zeros_like(dx)
    chosen = _chosen(picture.shape, dx * dx + dy * dy, step)
    down, across = (max(1, min(_BLOCKS, n // _BLOCK)) for n in picture.shape)
    block = (row * down // picture.shape[0]) * across + column * across // picture.shape[1]
    chosen = chosen[np.argsort(block[chosen], kind="stable")]
    bounds = np.append(np.flatnonzero(np.diff(block[chosen], prepend=-1)), chosen.size)
    off = _OFF * np.hypot(dx, dy)
    features = np.stack([u, v, picture.ravel(), dx, dy, turn, off], axis=1)[chosen]
    return Level(step, np.ascontiguousarray(features, np.float64), bounds.astype(np.int64), radius, soft)


def _chosen(shape: tuple[int, ...], slope: F32, step: int) -> NDArray[np.intp]:
    """Return the steepest pixels and some of all, but the outermost, whose slope is not known."""
    inner = np.zeros(shape, bool)
    inner[1:-1, 1:-1] = True
    all_of_them = np.flatnonzero(inner)
    most, evenly = _FEATURES[min(step, 4)]
    if all_of_them.size <= most:
        return all_of_them
    # of all that are as steep as the steepest few, an even choice: in a picture of two levels most edges are alike
    few = min(3 * most, all_of_them.size)
    least = np.partition(slope[all_of_them], -few)[-few]
    steepest = all_of_them[slope[all_of_them] >= least]
    stride = math.ceil(math.sqrt(all_of_them.size / evenly))
    even = np.zeros(shape, bool)
    even[1 + stride // 2 : -1 : stride, 1 + stride // 2 : -1 : stride] = True
    return np.union1d(steepest[:: -(-steepest.size // most)], np.flatnonzero(even))


def _shrunk(patch: U8, step: int) -> F32:
    """Return the means of blocks of `step` pixels, as many as fit."""
    h, w = patch.shape[0] // step, patch.shape[1] // step
    blocks = patch[: h * step, : w * step].reshape(h, step, w, step)
    return np.asarray(blocks.mean(axis=(1, 3)), np.float32)


def _smooth(picture: F32) -> F32:
    smooth = picture.copy()
    fine.smooth(smooth, np.empty((2, picture.shape[1]), np.float32))
    return smooth


def _slopes(picture: F32) -> tuple[F32, F32]:
    dx, dy = np.zeros_like(picture), np.zeros_like(picture)
    dx[:, 1:-1] = (picture[:, 2:] - picture[:, :-2]) / 2
    dy[1:-1] = (picture[2:] - picture[:-2]) / 2
    return dx, dy
