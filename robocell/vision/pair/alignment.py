"""Where the template lies in the picture seen: one shift, then an affine one, then one for each 64 × 64 tile.

Line-scan pictures are stretched unevenly, so that no rigid motion fits all of a board; but neighbouring tiles move
together. Each stage looks about the one before, with cost maps that count differing bits (`kernels.pair_align`):
an affine motion that is judged by all tiles' maps at once is not misled by tiles that show a single edge.
"""

from __future__ import annotations

import numpy as np

from robocell.vision.frame import Array
from robocell.vision.kernels import pair_align
from robocell.vision.kernels.pair_bits import ABOVE
from robocell.vision.pair.planes import Grid, Words

_REACH = 8
"""Quarter pixels, so 32 pixels, that the whole picture may be shifted, and each of its parts moved beyond that."""
_REACH_COARSE = 4
_REACH_FINE = 3
MOST_MOVED = ABOVE - 14
"""Pixels that any part may be moved: what windows move beyond that still lies in the planes' guards."""


def align(template: Words, image: Words, grid: Grid) -> Array:
    """Return (tile rows, tile columns, 2): dx and dy from each tile's pixels to the template's.

    Args:
        template: bit plane.
        image: bit plane of the picture seen.
        grid: how both lie in their planes.

    """
    place = _quarter_size(template, image, grid)
    place = _quarter_rows(template, image, grid, place)
    base = np.empty((*grid.tiles, 2), np.int64)
    pair_align.affine_base(place, MOST_MOVED, 1, base)
    costs = _maps(grid, _REACH_FINE)
    pair_align.tile_costs(image, template, grid.column, grid.rows, grid.columns, base, costs)
    shifts = np.empty((*grid.tiles, 2))
    pair_align.tile_shifts(costs, base, shifts)
    return shifts


def _quarter_size(template: Words, image: Words, grid: Grid) -> Array:
    """Return the affine shift by every fourth pixel of every fourth row."""
    small = grid.quarter()
    planes = small.empty(2)
    pair_align.thin(template, grid.column, grid.rows, grid.words, small.column, planes[0])
    pair_align.thin(image, grid.column, grid.rows, grid.words, small.column, planes[1])
    base = np.zeros((*small.tiles, 2), np.int64)
    costs = _maps(small, min(_REACH, min(small.rows, small.columns) // 4))
    pair_align.tile_costs(planes[1], planes[0], small.column, small.rows, small.columns, base, costs)
    best = np.zeros(2, np.int64)
    pair_align.whole_shift(costs, best)
    place = np.array([best[0], 0, 0, best[1], 0, 0], np.float64)
    pair_align.affine_search(costs, base, 1.0, 0.25, place)
    return 4 * place


def _quarter_rows(template: Words, image: Words, grid: Grid, place: Array) -> Array:
    """Return the affine shift by every fourth row, about `place`."""
    base = np.empty((*grid.tiles, 2), np.int64)
    pair_align.affine_base(place, MOST_MOVED, 4, base)
    rows = np.empty((3, template.size // 4), np.uint64)
    for plane, phase, out in ((image, 0, rows[0]), (template, 0, rows[1]), (template, 2, rows[2])):
        pair_align.split_rows(plane, grid.column, phase, out)
    costs = _maps(grid, _REACH_COARSE)
    seen, even, odd = rows
    pair_align.tile_costs_coarse(seen, even, odd, grid.column // 4, grid.rows, grid.columns, base, costs)
    found = place.copy()
    pair_align.affine_search(costs, base, 2.0, 0.25, found)
    return found


def _maps(grid: Grid, reach: int) -> np.ndarray:
    return np.empty((*grid.tiles, 2 * reach + 1, 2 * reach + 1), np.int64)
