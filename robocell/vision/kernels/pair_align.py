"""Where each part of one bit plane lies in another: shifts, compared by XOR and popcount.

A shift (dx, dy) says that pixel (x, y) of the picture seen is pixel (x + dx, y + dy) of the model. Tiles are 64 × 64
pixels: a word wide. Cost maps are (tile rows, tile columns, v, u): how many pixels of a tile differ under the shift
base + step · (u - reach, v - reach), where `base` is (tile rows, tile columns, 2) int, dx and dy.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.vision.kernels.pair_bits import ABOVE, ASIDE, NONE, at, inside, popcount, shifted

FOURTH: Final = np.uint64(0x1111111111111111)
NEARER: Final = 3
"""Pixels of a quarter-size picture that must speak for a shift, for each pixel that it is longer."""


@inlined
def every_fourth_bit(x: np.uint64) -> np.uint64:
    """Return bits 0, 4, 8, … 60 of a word as bits 0 … 15."""
    a = x & FOURTH
    b = (a | (a >> np.uint64(3))) & np.uint64(0x0303030303030303)
    c = (b | (b >> np.uint64(6))) & np.uint64(0x000F000F000F000F)
    d = (c | (c >> np.uint64(12))) & np.uint64(0x000000FF000000FF)
    return (d | (d >> np.uint64(24))) & np.uint64(0xFFFF)


@kernel
def thin(plane: np.ndarray, column: int, rows: int, words: int, small_column: int, small: np.ndarray) -> None:
    """Keep every fourth pixel of every fourth row."""
    for w in range(words):
        source, target = (w + ASIDE) * column + ABOVE, ((w >> 2) + ASIDE) * small_column + ABOVE
        place = np.uint64(16 * (w & 3))
        for y in range((rows + 3) >> 2):
            small[target + y] |= every_fourth_bit(plane[source + 4 * y]) << place


@kernel
def split_rows(plane: np.ndarray, column: int, phase: int, small: np.ndarray) -> None:
    """Keep rows phase, phase + 4, … of a plane whose column, guards included, is a multiple of 4."""
    for i in range(small.size):
        small[i] = plane[4 * i + phase]


@inlined
def mismatch(seen: np.ndarray, s: int, model: np.ndarray, m: int, column: int, x: int, n: int, mask: np.uint64) -> int:
    """Count the differing bits of n rows of one word, the model's beginning at pixel x & 63 of the words at m."""
    shift = np.uint64(x & 63)
    total = NONE
    for k in range(n):
        other = shifted(model[at(m + k)], model[at(m + column + k)], shift)
        total += popcount((seen[at(s + k)] ^ other) & mask)
    return int(total)


@kernel
def tile_costs(
    seen: np.ndarray, model: np.ndarray, column: int, rows: int, columns: int, base: np.ndarray, costs: np.ndarray
) -> None:
    """Fill cost maps of step 1.

    Args:
        seen: plane of the picture seen.
        model: the other plane.
        column: rows of these planes, guards included.
        rows: of the picture.
        columns: of the picture.
        base: see the module.
        costs: see the module. Only pixels count that lie in the model under all shifts of their tile.

    """
    reach = costs.shape[2] // 2
    for i in range(costs.shape[0]):
        for w in range(costs.shape[1]):
            dx, dy = base[i, w, 0], base[i, w, 1]
            first = max(64 * i, reach - dy)
            n = max(min(64 * i + 64, rows - reach - dy, rows) - first, 0)
            mask = inside(64 * w, min(columns, columns - dx - reach)) & ~inside(64 * w, max(0, reach - dx))
            start = (w + ASIDE) * column + ABOVE + first
            for v in range(-reach, reach + 1):
                for u in range(-reach, reach + 1):
                    other = start + ((dx + u) >> 6) * column + dy + v
                    costs[i, w, v + reach, u + reach] = mismatch(seen, start, model, other, column, dx + u, n, mask)


@kernel
def tile_costs_coarse(
    seen: np.ndarray,
    even: np.ndarray,
    odd: np.ndarray,
    column: int,
    rows: int,
    columns: int,
    base: np.ndarray,
    costs: np.ndarray,
) -> None:
    """Fill cost maps of step 2 from a quarter of the rows.

    Args:
        seen: rows 0, 4, 8, … of the picture seen.
        even: rows 0, 4, 8, … of the model.
        odd: rows 2, 6, 10, … of the model.
        column: rows of each of these planes, guards included.
        rows: of the whole picture.
        columns: of the whole picture.
        base: see the module; dy is a multiple of 4.
        costs: see the module. Only pixels count that lie in the model under all shifts of their tile.

    """
    reach = costs.shape[2] // 2
    for i in range(costs.shape[0]):
        for w in range(costs.shape[1]):
            dx, dy = base[i, w, 0], base[i, w, 1]
            first = max(16 * i, (2 * reach - dy + 3) >> 2)
            n = max(min(16 * i + 16, (rows - 2 * reach - dy) >> 2, (rows + 3) >> 2) - first, 0)
            mask = inside(64 * w, min(columns, columns - dx - 2 * reach)) & ~inside(64 * w, max(0, 2 * reach - dx))
            start = (w + ASIDE) * column + ABOVE // 4 + first
            for v in range(-reach, reach + 1):
                y = dy + 2 * v
                model = odd if y & 3 else even
                for u in range(-reach, reach + 1):
                    x = dx + 2 * u
                    other = start + (x >> 6) * column + (y >> 2)
                    costs[i, w, v + reach, u + reach] = mismatch(seen, start, model, other, column, x, n, mask)


@kernel
def whole_shift(costs: np.ndarray, best: np.ndarray) -> None:
    """Find the one shift for all tiles under which they differ least, from maps about base 0; best (2,) is dx, dy."""
    high, wide, side, _ = costs.shape
    reach = side // 2
    least = 1 << 60
    for v in range(side):
        for u in range(side):
            # a picture of parallel traces says little along them: there the nearest is the likeliest
            total = NEARER * (abs(u - reach) + abs(v - reach))
            for i in range(high):
                for w in range(wide):
                    total += costs[i, w, v, u]
            if total < least:
                least, best[0], best[1] = total, u - reach, v - reach


@kernel
def affine_cost(costs: np.ndarray, base: np.ndarray, step: float, place: np.ndarray) -> float:
    """Sum what tiles cost under an affine shift: x's constant and slopes right and down, then y's.

    Args:
        costs: see the module; between cells the counts are interpolated, beyond the outermost these hold.
        base: see the module.
        step: pixels from cell to cell.
        place: (6,) pixels; slopes are from the middle of the picture to its edge.

    """
    high, wide, side, _ = costs.shape
    total = 0.0
    middle, top = 0.5 * (side - 1), side - 1.001
    for i in range(high):
        down = (2 * i + 1) / high - 1.0
        for w in range(wide):
            right = (2 * w + 1) / wide - 1.0
            u = (place[0] + place[1] * right + place[2] * down - base[i, w, 0]) / step + middle
            v = (place[3] + place[4] * right + place[5] * down - base[i, w, 1]) / step + middle
            u, v = min(max(u, 0.0), top), min(max(v, 0.0), top)
            a, b = int(u), int(v)
            s, t = u - a, v - b
            total += (1 - t) * ((1 - s) * costs[i, w, b, a] + s * costs[i, w, b, a + 1])
            total += t * ((1 - s) * costs[i, w, b + 1, a] + s * costs[i, w, b + 1, a + 1])
    return total


@kernel
def affine_search(costs: np.ndarray, base: np.ndarray, step: float, finest: float, place: np.ndarray) -> None:
    """Walk to the affine shift of least cost, one of its numbers at a time, in strides that halve down to `finest`."""
    stride = 2.0 * step
    best = affine_cost(costs, base, step, place)
    while stride >= finest:
        moved = False
        for k in range(6):
            for sign in (-1.0, 1.0):
                before = place[k]
                place[k] = before + sign * stride
                cost = affine_cost(costs, base, step, place)
                if cost < best - 0.5:  # what gains nothing stays where it is
                    best, moved = cost, True
                    break
                place[k] = before
        if not moved:
            stride *= 0.5


@kernel
def affine_base(place: np.ndarray, most: int, unit: int, base: np.ndarray) -> None:
    """Round an affine shift at the middles of tiles to multiples of 1 in x and of `unit` in y, at most `most` long."""
    high, wide, _ = base.shape
    for i in range(high):
        down = (2 * i + 1) / high - 1.0
        for w in range(wide):
            right = (2 * w + 1) / wide - 1.0
            dx = round(place[0] + place[1] * right + place[2] * down)
            dy = unit * round((place[3] + place[4] * right + place[5] * down) / unit)
            base[i, w, 0], base[i, w, 1] = min(max(dx, -most), most), min(max(dy, -most), most)


@kernel
def tile_shifts(costs: np.ndarray, base: np.ndarray, shifts: np.ndarray) -> None:
    """Choose each tile's shift: the least of its and its neighbours' counts in maps of step 1.

    Args:
        costs: see the module.
        base: see the module.
        shifts: (tile rows, tile columns, 2) float, receives dx and dy.

    """
    high, wide, side, _ = costs.shape
    reach = side // 2
    total = np.empty((side, side), np.int64)
    for i in range(high):
        for w in range(wide):
            for v in range(side):
                for u in range(side):
                    total[v, u] = 2 * ((u - reach) ** 2 + (v - reach) ** 2)
            for a in range(max(i - 1, 0), min(i + 2, high)):
                for b in range(max(w - 1, 0), min(w + 2, wide)):
                    weight = (2 if a == i else 1) * (2 if b == w else 1)
                    for v in range(side):
                        for u in range(side):
                            total[v, u] += weight * costs[a, b, v, u]
            best, at_u, at_v = 1 << 60, 0, 0
            for v in range(side):
                for u in range(side):
                    if total[v, u] < best:
                        best, at_u, at_v = total[v, u], u - reach, v - reach
            shifts[i, w, 0], shifts[i, w, 1] = base[i, w, 0] + at_u, base[i, w, 1] + at_v


@kernel
def shift_at(shifts: np.ndarray, x: float, y: float, k: int) -> float:
    """Interpolate number k of the shifts between the middles of tiles; beyond the outermost these hold."""
    high, wide, _ = shifts.shape
    a, b = min(max((x - 31.5) / 64.0, 0.0), wide - 1.0), min(max((y - 31.5) / 64.0, 0.0), high - 1.0)
    j, i = min(int(a), max(wide - 2, 0)), min(int(b), max(high - 2, 0))
    s, t = a - j, b - i
    right, below = min(j + 1, wide - 1), min(i + 1, high - 1)
    upper = (1 - s) * shifts[i, j, k] + s * shifts[i, right, k]
    out: float = (1 - t) * upper + t * ((1 - s) * shifts[below, j, k] + s * shifts[below, right, k])
    return out


@kernel
def warp(
    model: np.ndarray,
    column: int,
    rows: int,
    columns: int,
    shifts: np.ndarray,
    out: np.ndarray,
    valid: np.ndarray,
) -> None:
    """Lay the model upon the picture seen, in pieces of one word by eight rows, and say which pixels lie within it."""
    for w in range((columns + 63) >> 6):
        own = inside(64 * w, columns)
        for y in range(0, rows, 8):
            dx = round(shift_at(shifts, 64.0 * w + 31.5, y + 3.5, 0))
            dy = round(shift_at(shifts, 64.0 * w + 31.5, y + 3.5, 1))
            low = (w + ASIDE + (dx >> 6)) * column + ABOVE + y + dy
            shift = np.uint64(dx & 63)
            mask = own & inside(64 * w + dx, columns)
            start = (w + ASIDE) * column + ABOVE + y
            for k in range(min(8, rows - y)):
                if 0 <= y + k + dy < rows:
                    out[start + k] = shifted(model[low + k], model[low + column + k], shift) & mask
                    valid[start + k] = mask
