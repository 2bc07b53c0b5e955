"""Where the pieces of an arm's shape are: the first stage of every collision kernel.

An arm's shape is cut into *pieces*: up to `TILE` spheres and capsules ("items") of one link, with a sphere about
them. `place` finds the links and the spheres' centres of `TILE` configurations at once; the items of a piece are
placed by `place_items`, for one configuration, when something comes near.

`layout` (int64) says where everything lies in `data` (float64): constants below are indices into its head.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.elementary import sincos

# Indices into the head of `layout`.
JOINTS: Final = 0
PIECES: Final = 1
PAIRS: Final = 2  # of pieces that may touch each other
OBSTACLES: Final = 3
WORK: Final = 4  # how many float64 the workspace holds
CHAIN: Final = 5  # data: 12 a joint, its frame in the one before, row-major 3×4; the joint's axis is Z
KINDS: Final = 6  # layout: 1 a joint, 1 where it turns, 0 where it slides
PIECE: Final = 7  # layout: PIECE_SIZE a piece
BOUNDS: Final = 8  # data: BOUND_SIZE a piece: a sphere and a capsule about it, in its link's frame
ITEMS: Final = 9  # data: ITEMS_SIZE a piece
PAIR: Final = 10  # layout: 2 a pair, piece and piece
SLOTS: Final = 11  # layout: TILE a block, which obstacle, or -1
BLOCKS: Final = 12  # data: BLOCK_SIZE a block of boxes about obstacles; those along the base's axes come first
ALIGNED: Final = 13  # blocks of these
RECORD: Final = 14  # layout: RECORD_SIZE an obstacle
FRAMES: Final = 15  # work: 12 rows a link, the base among them
CENTRES: Final = 16  # work: ABOUT a piece, the centre of its sphere and the ends of its bone
PLACED: Final = 17  # work: ITEMS_SIZE a piece, in the base frame, of one configuration
DONE: Final = 18  # work: 1 a piece, whether these are up to date
JOINT_ROWS: Final = 19  # work: a row a joint
APART: Final = 20  # work: a row a pair, the square of the distance between their bones
HEAD: Final = 21

PIECE_SIZE: Final = 5  # link, 1 where all items are spheres, items, aligned blocks in reach, oriented blocks in reach
BOUND_SIZE: Final = 12  # sphere: centre, radius; capsule: both ends, radius, square of its length
ABOUT: Final = 9 * TILE
ITEMS_SIZE: Final = 7 * TILE  # rows x0 y0 z0 x1 y1 z1 radius; those past the last repeat it
BLOCK_SIZE: Final = 6 * TILE  # aligned: rows of centre and half size
ORIENTED_SIZE: Final = 15 * TILE  # rows of rotation (9), shift (3) into the box's frame, and half size (3)
RECORD_SIZE: Final = 4  # kind, where its data begin, vertices, the obstacle's index in the scene

# Rows of the workspace with a fixed place.
NOW: Final = 0  # 12 rows: the link in hand
SINE: Final = 12 * TILE
COSINE: Final = 13 * TILE
LIFT: Final = 14 * TILE
DOUBT: Final = 15 * TILE  # 1 row: how many pairs of pieces may touch
LOCAL: Final = 16 * TILE  # 9 rows for passing use: items in an obstacle's frame
PROBES: Final = 16 * TILE  # 3 rows: points on one item, in the obstacle's frame
GAP: Final = 25 * TILE  # 1 row: distances
SIMPLEX: Final = 26 * TILE  # 3 rows: see `mesh`
SEGMENT: Final = 29 * TILE  # both ends of one item, in the obstacle's frame
FIXED: Final = 30 * TILE


@inlined
def at(i: int) -> np.uint64:
    """Return an index that is known not to wrap around."""
    return np.uint64(i)


@kernel
def load(q: np.ndarray, first: int, count: int, layout: np.ndarray, work: np.ndarray) -> None:
    """Take configurations `first` … of q (N·n) as the tile; the last of `count` fills what is left of it."""
    n = layout[JOINTS]
    rows = layout[JOINT_ROWS]
    for k in range(TILE):
        row = first + min(k, count - 1)
        for i in range(n):
            work[at(rows + i * TILE + k)] = q[at(row * n + i)]


@kernel
def load_frames(frames: np.ndarray, first: int, count: int, work: np.ndarray) -> None:
    """Take frames `first` … of (N·12) as those of the tile's base; the last of `count` fills what is left of it."""
    for k in range(TILE):
        row = first + min(k, count - 1)
        for r in range(3):
            for c in range(4):
                to = NOW + (3 * r + c if c < 3 else 9 + r) * TILE
                work[at(to + k)] = frames[at(12 * row + 4 * r + c)]


@kernel
def place(data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> None:
    """Find the links' frames and what is about the pieces, of the tile that is loaded."""
    for r in range(12):
        one = 1.0 if r == 0 or r == 4 or r == 8 else 0.0
        for k in range(TILE):
            work[at(NOW + r * TILE + k)] = one
    place_from(data, layout, work)


@kernel
def place_from(data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> None:
    """Likewise, where the base's frames are loaded too."""
    piece = 0
    for link in range(layout[JOINTS] + 1):
        if link > 0:
            _turn(layout[JOINT_ROWS] + (link - 1) * TILE, layout[at(layout[KINDS] + link - 1)], work)
            _advance(layout[CHAIN] + 12 * (link - 1), data, work)
        _keep(layout[FRAMES] + 12 * TILE * link, work)
        while piece < layout[PIECES] and layout[at(layout[PIECE] + PIECE_SIZE * piece)] == link:
            _about(layout[BOUNDS] + BOUND_SIZE * piece, layout[CENTRES] + ABOUT * piece, data, work)
            piece += 1


@kernel
def _turn(row: int, revolute: int, work: np.ndarray) -> None:
    if revolute:
        for k in range(TILE):
            s, c = sincos(work[at(row + k)])
            work[SINE + k] = s
            work[COSINE + k] = c
            work[LIFT + k] = 0.0
    else:
        for k in range(TILE):
            work[SINE + k] = 0.0
            work[COSINE + k] = 1.0
            work[LIFT + k] = work[at(row + k)]


@kernel
def _advance(a: int, data: np.ndarray, work: np.ndarray) -> None:
    """Go from a link to the next one: its constant frame, then a turn about or a shift along Z."""
    o00, o01, o02, o03 = data[at(a)], data[at(a + 1)], data[at(a + 2)], data[at(a + 3)]
    o10, o11, o12, o13 = data[at(a + 4)], data[at(a + 5)], data[at(a + 6)], data[at(a + 7)]
    o20, o21, o22, o23 = data[at(a + 8)], data[at(a + 9)], data[at(a + 10)], data[at(a + 11)]
    for k in range(TILE):
        x, y, z = work[NOW + k], work[NOW + TILE + k], work[NOW + 2 * TILE + k]
        a0, a1, a2 = x * o00 + y * o10 + z * o20, x * o01 + y * o11 + z * o21, x * o02 + y * o12 + z * o22
        work[NOW + 9 * TILE + k] += x * o03 + y * o13 + z * o23 + a2 * work[LIFT + k]
        work[NOW + k] = work[COSINE + k] * a0 + work[SINE + k] * a1
        work[NOW + TILE + k] = work[COSINE + k] * a1 - work[SINE + k] * a0
        work[NOW + 2 * TILE + k] = a2
    for k in range(TILE):
        x, y, z = work[NOW + 3 * TILE + k], work[NOW + 4 * TILE + k], work[NOW + 5 * TILE + k]
        a0, a1, a2 = x * o00 + y * o10 + z * o20, x * o01 + y * o11 + z * o21, x * o02 + y * o12 + z * o22
        work[NOW + 10 * TILE + k] += x * o03 + y * o13 + z * o23 + a2 * work[LIFT + k]
        work[NOW + 3 * TILE + k] = work[COSINE + k] * a0 + work[SINE + k] * a1
        work[NOW + 4 * TILE + k] = work[COSINE + k] * a1 - work[SINE + k] * a0
        work[NOW + 5 * TILE + k] = a2
    for k in range(TILE):
        x, y, z = work[NOW + 6 * TILE + k], work[NOW + 7 * TILE + k], work[NOW + 8 * TILE + k]
        a0, a1, a2 = x * o00 + y * o10 + z * o20, x * o01 + y * o11 + z * o21, x * o02 + y * o12 + z * o22
        work[NOW + 11 * TILE + k] += x * o03 + y * o13 + z * o23 + a2 * work[LIFT + k]
        work[NOW + 6 * TILE + k] = work[COSINE + k] * a0 + work[SINE + k] * a1
        work[NOW + 7 * TILE + k] = work[COSINE + k] * a1 - work[SINE + k] * a0
        work[NOW + 8 * TILE + k] = a2


@kernel
def _keep(frame: int, work: np.ndarray) -> None:
    for k in range(12 * TILE):
        work[at(frame + k)] = work[NOW + k]


@kernel
def _about(bound: int, rows: int, data: np.ndarray, work: np.ndarray) -> None:
    """Place the centre of the sphere about a piece, and both ends of the capsule about it."""
    cx, cy, cz = data[at(bound)], data[at(bound + 1)], data[at(bound + 2)]
    px, py, pz = data[at(bound + 4)], data[at(bound + 5)], data[at(bound + 6)]
    qx, qy, qz = data[at(bound + 7)], data[at(bound + 8)], data[at(bound + 9)]
    for k in range(TILE):
        x, y, z, o = work[NOW + k], work[NOW + TILE + k], work[NOW + 2 * TILE + k], work[NOW + 9 * TILE + k]
        work[LOCAL + k] = x * cx + y * cy + z * cz + o
        work[LOCAL + 3 * TILE + k] = x * px + y * py + z * pz + o
        work[LOCAL + 6 * TILE + k] = x * qx + y * qy + z * qz + o
    for k in range(TILE):
        x, y, z, o = (
            work[NOW + 3 * TILE + k],
            work[NOW + 4 * TILE + k],
            work[NOW + 5 * TILE + k],
            work[NOW + 10 * TILE + k],
        )
        work[LOCAL + TILE + k] = x * cx + y * cy + z * cz + o
        work[LOCAL + 4 * TILE + k] = x * px + y * py + z * pz + o
        work[LOCAL + 7 * TILE + k] = x * qx + y * qy + z * qz + o
    for k in range(TILE):
        x, y, z, o = (
            work[NOW + 6 * TILE + k],
            work[NOW + 7 * TILE + k],
            work[NOW + 8 * TILE + k],
            work[NOW + 11 * TILE + k],
        )
        work[LOCAL + 2 * TILE + k] = x * cx + y * cy + z * cz + o
        work[LOCAL + 5 * TILE + k] = x * px + y * py + z * pz + o
        work[LOCAL + 8 * TILE + k] = x * qx + y * qy + z * qz + o
    for k in range(9 * TILE):
        work[at(rows + k)] = work[LOCAL + k]


@kernel
def place_items(piece: int, lane: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> None:
    """Bring the items of a piece to the base frame at the configuration in `lane`, unless they are there."""
    done = layout[DONE] + piece
    if work[at(done)] != 0.0:
        return
    work[at(done)] = 1.0
    head = layout[PIECE] + PIECE_SIZE * piece
    frame = layout[FRAMES] + 12 * TILE * layout[at(head)] + lane
    items = layout[ITEMS] + ITEMS_SIZE * piece
    placed = layout[PLACED] + ITEMS_SIZE * piece
    for r in range(3):
        x = work[at(frame + 3 * r * TILE)]
        y = work[at(frame + (3 * r + 1) * TILE)]
        z = work[at(frame + (3 * r + 2) * TILE)]
        p = work[at(frame + (9 + r) * TILE)]
        if layout[at(head + 1)] == 1:
            for k in range(TILE):
                work[at(placed + r * TILE + k)] = (
                    x * data[at(items + k)] + y * data[at(items + TILE + k)] + z * data[at(items + 2 * TILE + k)] + p
                )
        else:
            for k in range(layout[at(head + 2)]):
                for end in range(0, 6 * TILE, 3 * TILE):
                    i = items + end + k
                    work[at(placed + end + r * TILE + k)] = (
                        x * data[at(i)] + y * data[at(i + TILE)] + z * data[at(i + 2 * TILE)] + p
                    )
