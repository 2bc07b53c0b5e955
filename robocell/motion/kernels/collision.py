"""Whether and how near an arm comes to obstacles and to itself.

All kernels take the arm and its surroundings as two flat arrays that `robocell.motion.packing.pack` makes, `data`
(float64) and `layout` (int64), and a workspace of `layout[WORK]` float64, in which nothing needs to be prepared.
They allocate nothing and may be called from other kernels:

    collide(q, margin, data, layout, work, hit)       q (N·n,) flat; hit (N,) uint8
    collide_at(frames, margin, data, layout, work, hit)      frames (N·12,) of a body without joints
    distance(q, data, layout, work, least, which)     least (N,); which (2·N,) int64
    edge_clear(a, b, step, margin, data, layout, work) -> bool       a, b (n,)
    clear(a, margin, data, layout, work) -> bool      a (n,): one configuration

The margin is kept from obstacles; pieces of the arm need only not touch each other, since those of a wrist are
always near.

For each configuration the spheres about the pieces of the arm go, one after the other, against `TILE` obstacles at
once, as boxes; only where one comes near are the items of the piece looked at exactly.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.gaps import bones_apart, gap, self_gap, spheres_touch
from robocell.motion.kernels.placing import (
    ABOUT,
    ALIGNED,
    APART,
    BLOCK_SIZE,
    BLOCKS,
    BOUND_SIZE,
    BOUNDS,
    CENTRES,
    DONE,
    DOUBT,
    JOINT_ROWS,
    JOINTS,
    ORIENTED_SIZE,
    PAIR,
    PAIRS,
    PIECE,
    PIECE_SIZE,
    PIECES,
    RECORD,
    RECORD_SIZE,
    SLOTS,
    at,
    load,
    load_frames,
    place,
    place_from,
    place_items,
)

NOWHERE: Final = 1e50
"""m², less than to the boxes that fill up a block, more than to anything else."""


@kernel
def collide(
    q: np.ndarray, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray, hit: np.ndarray
) -> None:
    """Set hit (N,) to 1 where a configuration of q (N·n,) is at most `margin` from an obstacle or touches itself."""
    for first in range(0, len(hit), TILE):
        count = min(TILE, len(hit) - first)
        load(q, first, count, layout, work)
        place(data, layout, work)
        near_itself(data, layout, work)
        for lane in range(count):
            hit[first + lane] = touches(lane, margin, data, layout, work)


@kernel
def collide_at(
    frames: np.ndarray, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray, hit: np.ndarray
) -> None:
    """Likewise for a body without joints, at frames (N·12), each a row-major 3×4."""
    for first in range(0, len(hit), TILE):
        count = min(TILE, len(hit) - first)
        load_frames(frames, first, count, work)
        place_from(data, layout, work)
        near_itself(data, layout, work)
        for lane in range(count):
            hit[first + lane] = touches(lane, margin, data, layout, work)


@kernel
def clear(a: np.ndarray, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    """Return whether the configuration a (n,) keeps more than `margin` from obstacles and off itself."""
    load(a, 0, 1, layout, work)
    place(data, layout, work)
    near_itself(data, layout, work)
    return not touches(0, margin, data, layout, work)


@kernel
def edge_clear(
    a: np.ndarray, b: np.ndarray, step: float, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray
) -> bool:
    """Return whether the straight move from a (excluded) to b (included), both (n,), is clear throughout.

    It is sampled so that no joint moves more than `step` (rad or m) between samples. A tile takes samples from all
    along the move, so that what is in the way is found early (the "rake" of Thomason, Kingston and Kavraki, Motions
    in Microseconds via Vectorized Sampling-Based Planning, ICRA 2024).
    """
    n = layout[JOINTS]
    rows = layout[JOINT_ROWS]
    most = 0.0
    for i in range(n):
        most = max(most, abs(b[i] - a[i]))
    count = max(math.ceil(most / step), 1)
    tiles = (count + TILE - 1) // TILE
    for t in range(tiles):
        last = (count - 1 - t) // tiles  # lane of the last sample
        for i in range(n):
            begin, change = a[i], b[i] - a[i]
            for k in range(TILE):
                sample = count - t - min(k, last) * tiles
                work[at(rows + i * TILE + k)] = begin + change * (sample / count)
        place(data, layout, work)
        near_itself(data, layout, work)
        for turn in range(TILE):
            lane = (5 * turn) % TILE  # far apart one after the other
            if lane <= last and touches(lane, margin, data, layout, work):
                return False
    return True


@kernel
def distance(
    q: np.ndarray, data: np.ndarray, layout: np.ndarray, work: np.ndarray, least: np.ndarray, which: np.ndarray
) -> None:
    """Find how far configurations of q (N·n,) are from obstacles and from themselves.

    Args:
        q: rad or m.
        data: see `pack`.
        layout: likewise.
        work: the workspace.
        least: (N,) metres; negative: overlap; infinite: nothing is there.
        which: (2·N,) the piece of the arm, and the obstacle's index or -1 - the other piece; -1, -1 for none.

    """
    for first in range(0, len(least), TILE):
        count = min(TILE, len(least) - first)
        load(q, first, count, layout, work)
        place(data, layout, work)
        near_itself(data, layout, work)
        for lane in range(count):
            _nearest(lane, first + lane, data, layout, work, least, which)


@kernel
def near_itself(data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> None:
    """Find for each lane how far the bones of pairs are apart, and count those that may touch."""
    for k in range(TILE):
        work[DOUBT + k] = 0.0
    for pair in range(layout[PAIRS]):
        i = layout[at(layout[PAIR] + 2 * pair)]
        j = layout[at(layout[PAIR] + 2 * pair + 1)]
        a = layout[BOUNDS] + BOUND_SIZE * i + 10
        b = layout[BOUNDS] + BOUND_SIZE * j + 10
        row = layout[APART] + TILE * pair
        bones = layout[CENTRES] + 3 * TILE
        bones_apart(bones + ABOUT * i, bones + ABOUT * j, data[at(a + 1)], data[at(b + 1)], row, work)
        reach = data[at(a)] + data[at(b)]
        limit = reach * reach
        for k in range(TILE):
            work[DOUBT + k] += 1.0 if work[at(row + k)] <= limit else 0.0


@kernel
def touches(lane: int, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    """Return whether the configuration in a lane of the tile is at most `margin` from an obstacle or touches itself."""
    pieces = layout[PIECES]
    for p in range(pieces):
        work[at(layout[DONE] + p)] = 0.0
    # the far end of an arm is the likelier one to touch
    for p in range(pieces - 1, -1, -1):
        centre = layout[CENTRES] + ABOUT * p + lane
        x, y, z = work[at(centre)], work[at(centre + TILE)], work[at(centre + 2 * TILE)]
        reach = data[at(layout[BOUNDS] + BOUND_SIZE * p + 3)] + margin
        limit = reach * reach
        head = layout[PIECE] + PIECE_SIZE * p
        aligned = layout[ALIGNED]
        for block in range(layout[at(head + 3)]):
            near = near_aligned(x, y, z, limit, layout[BLOCKS] + BLOCK_SIZE * block, data)
            if near and _touches_any(near, p, block, lane, margin, data, layout, work):
                return True
        oriented = layout[BLOCKS] + BLOCK_SIZE * aligned
        for block in range(layout[at(head + 4)]):
            near = near_oriented(x, y, z, limit, oriented + ORIENTED_SIZE * block, data)
            if near and _touches_any(near, p, aligned + block, lane, margin, data, layout, work):
                return True
    return work[DOUBT + lane] > 0.0 and _touches_itself(lane, data, layout, work)


@kernel
def _touches_any(
    near: int,
    piece: int,
    block: int,
    lane: int,
    margin: float,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> bool:
    place_items(piece, lane, data, layout, work)
    for k in range(TILE):
        if near >> k & 1:
            record = layout[RECORD] + RECORD_SIZE * layout[at(layout[SLOTS] + TILE * block + k)]
            if gap(piece, record, margin, margin, data, layout, work) <= margin:
                return True
    return False


@kernel
def _touches_itself(lane: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    for pair in range(layout[PAIRS]):
        i = layout[at(layout[PAIR] + 2 * pair)]
        j = layout[at(layout[PAIR] + 2 * pair + 1)]
        if _surely_apart(pair, i, j, lane, data, layout, work) > 0.0:
            continue
        if _single(i, layout) and _single(j, layout):
            return True
        place_items(i, lane, data, layout, work)
        place_items(j, lane, data, layout, work)
        if layout[at(layout[PIECE] + PIECE_SIZE * i + 1)] & layout[at(layout[PIECE] + PIECE_SIZE * j + 1)]:
            if spheres_touch(i, j, lane, data, layout, work):
                return True
        elif self_gap(i, j, data, layout, work) <= 0.0:
            return True
    return False


@kernel
def _single(piece: int, layout: np.ndarray) -> bool:
    """Return whether a piece is one item, which is then its bone."""
    single: bool = layout[at(layout[PIECE] + PIECE_SIZE * piece + 2)] == 1
    return single


@kernel
def _surely_apart(
    pair: int, i: int, j: int, lane: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray
) -> float:
    """Return how far two pieces are apart at least."""
    a = layout[BOUNDS] + BOUND_SIZE * i + 10
    b = layout[BOUNDS] + BOUND_SIZE * j + 10
    least: float = math.sqrt(work[at(layout[APART] + TILE * pair + lane)]) - data[at(a)] - data[at(b)]
    return least


@kernel
def _nearest(
    lane: int,
    row: int,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
    least: np.ndarray,
    which: np.ndarray,
) -> None:
    """Find the least distance of one lane; what cannot be nearer than the best so far is passed over."""
    pieces = layout[PIECES]
    for p in range(pieces):
        work[at(layout[DONE] + p)] = 0.0
    best, mine, other = math.inf, -1, -1
    for pair in range(layout[PAIRS]):
        i = layout[at(layout[PAIR] + 2 * pair)]
        j = layout[at(layout[PAIR] + 2 * pair + 1)]
        found = _surely_apart(pair, i, j, lane, data, layout, work)
        if found <= best:
            if not (_single(i, layout) and _single(j, layout)):
                place_items(i, lane, data, layout, work)
                place_items(j, lane, data, layout, work)
                found = self_gap(i, j, data, layout, work)
            if found < best:
                best, mine, other = found, i, -1 - j
    for p in range(pieces - 1, -1, -1):
        found, obstacle = _nearest_of(p, lane, best, data, layout, work)
        if found < best:
            best, mine, other = found, p, obstacle
    least[row] = best
    which[2 * row] = mine
    which[2 * row + 1] = other


@kernel
def _nearest_of(
    p: int, lane: int, best: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray
) -> tuple[float, int]:
    """Return the least distance of a piece from obstacles, and which one, if it is less than `best`."""
    which = -1
    aligned = layout[ALIGNED]
    oriented = layout[BLOCKS] + BLOCK_SIZE * aligned
    centre = layout[CENTRES] + ABOUT * p + lane
    x, y, z = work[at(centre)], work[at(centre + TILE)], work[at(centre + 2 * TILE)]
    reach = data[at(layout[BOUNDS] + BOUND_SIZE * p + 3)]
    head = layout[PIECE] + PIECE_SIZE * p
    turned = layout[at(head + 4)]
    for block in range(layout[at(head + 3)] + turned):
        limit = min(max(best + reach, 0.0) ** 2, NOWHERE)
        if block < turned:
            slots = layout[SLOTS] + TILE * (aligned + block)
            near = near_oriented(x, y, z, limit, oriented + ORIENTED_SIZE * block, data)
        else:
            slots = layout[SLOTS] + TILE * (block - turned)
            near = near_aligned(x, y, z, limit, layout[BLOCKS] + BLOCK_SIZE * (block - turned), data)
        if near == 0:
            continue
        place_items(p, lane, data, layout, work)
        for k in range(TILE):
            if near >> k & 1:
                record = layout[RECORD] + RECORD_SIZE * layout[at(slots + k)]
                found = gap(p, record, -math.inf, best, data, layout, work)
                if found < best:
                    best, which = found, layout[at(record + 3)]
    return best, which


@kernel
def near_aligned(x: float, y: float, z: float, limit: float, a: int, data: np.ndarray) -> int:
    """Return as bits which boxes of a block, along the base's axes, lie within √limit of a point."""
    near = 0
    for k in range(TILE):
        dx = max(abs(x - data[at(a + k)]) - data[at(a + 3 * TILE + k)], 0.0)
        dy = max(abs(y - data[at(a + TILE + k)]) - data[at(a + 4 * TILE + k)], 0.0)
        dz = max(abs(z - data[at(a + 2 * TILE + k)]) - data[at(a + 5 * TILE + k)], 0.0)
        near |= (1 << k) if dx * dx + dy * dy + dz * dz <= limit else 0
    return near


@kernel
def near_oriented(x: float, y: float, z: float, limit: float, a: int, data: np.ndarray) -> int:
    """Return as bits which boxes of a block, in any orientation, lie within √limit of a point."""
    near = 0
    for k in range(TILE):
        px = data[at(a + k)] * x + data[at(a + TILE + k)] * y + data[at(a + 2 * TILE + k)] * z
        py = data[at(a + 3 * TILE + k)] * x + data[at(a + 4 * TILE + k)] * y + data[at(a + 5 * TILE + k)] * z
        pz = data[at(a + 6 * TILE + k)] * x + data[at(a + 7 * TILE + k)] * y + data[at(a + 8 * TILE + k)] * z
        dx = max(abs(px + data[at(a + 9 * TILE + k)]) - data[at(a + 12 * TILE + k)], 0.0)
        dy = max(abs(py + data[at(a + 10 * TILE + k)]) - data[at(a + 13 * TILE + k)], 0.0)
        dz = max(abs(pz + data[at(a + 11 * TILE + k)]) - data[at(a + 14 * TILE + k)], 0.0)
        near |= (1 << k) if dx * dx + dy * dy + dz * dz <= limit else 0
    return near
