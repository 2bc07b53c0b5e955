"""Exact distances of a piece's items from one obstacle, and from another piece's items.

An item is all points within its radius of a segment (of a point: a sphere). The distance of a point from a convex
volume is convex along the segment, and changes by no more than the point moves. So `TILE` probes along a segment
bracket the nearest point; the bracket is narrowed until the question is answered, mostly at once.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.mesh import from_hull
from robocell.motion.kernels.placing import (
    ABOUT,
    BOUND_SIZE,
    BOUNDS,
    CENTRES,
    GAP,
    ITEMS,
    ITEMS_SIZE,
    LOCAL,
    PIECE,
    PIECE_SIZE,
    PLACED,
    PROBES,
    SEGMENT,
    at,
)

# Kinds of obstacles, and their three figures; all are centred at 0 of their own frame, with Z along the axis.
BOX: Final = 0  # half sizes
CYLINDER: Final = 1  # radius, half height
CAPSULE: Final = 2  # radius, half length of the segment: 0 for a sphere
CONE: Final = 3  # radius of its disc, height
MESH: Final = 4  # none
# An obstacle's data: rotation (9, row-major) and shift (3) into its own frame, and then
HALF: Final = 12  # half the size of the box about it
FIGURES: Final = 15
MESH_POINTS: Final = 18

FINE: Final = 1e-8
"""m between probes at which a nearest point is taken as found; the distance is then right to less than that."""

TINY: Final = 1e-24
"""m², the square of a length that is none."""
PARALLEL: Final = 1e-14
"""Square of the sine of the angle at which two segments are taken as parallel."""


@kernel
def gap(
    piece: int, record: int, low: float, high: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray
) -> float:
    """Return the distance of a piece's placed items from an obstacle.

    A distance ≤ low need not be the least one, and any number > high may stand for one that is.
    """
    head = layout[PIECE] + PIECE_SIZE * piece
    spheres = layout[at(head + 1)] == 1
    placed = layout[PLACED] + ITEMS_SIZE * piece
    radii = layout[ITEMS] + ITEMS_SIZE * piece + 6 * TILE
    kind, a = layout[at(record)], layout[at(record + 1)]
    if spheres and kind != MESH:
        _localise_all(placed, a, data, work)
        _distances(LOCAL, kind, a, data, work)
        for k in range(TILE):
            work[GAP + k] -= data[at(radii + k)]
        return _least(work)
    other = placed if spheres else placed + 3 * TILE
    best = math.inf
    for item in range(layout[at(head + 2)]):
        radius = data[at(radii + item)]
        near, far = low + radius, min(high, best) + radius
        if _localise(placed + item, other + item, a, data, work) > max(far, 0.0) ** 2 or far < 0.0:
            continue
        if kind == MESH:
            found = from_hull(a + MESH_POINTS, layout[at(record + 2)], near, far, data, work)
        else:
            found = _along(kind, a, near, far, data, work)
        best = min(best, found - radius)
        if best <= low:
            break
    return best


@kernel
def _localise_all(points: int, a: int, data: np.ndarray, work: np.ndarray) -> None:
    """Bring a row of points from the base frame into an obstacle's."""
    for r in range(3):
        x, y, z = data[at(a + 3 * r)], data[at(a + 3 * r + 1)], data[at(a + 3 * r + 2)]
        shift = data[at(a + 9 + r)]
        for k in range(TILE):
            work[at(LOCAL + r * TILE + k)] = (
                x * work[at(points + k)] + y * work[at(points + TILE + k)] + z * work[at(points + 2 * TILE + k)] + shift
            )


@kernel
def _localise(p: int, q: int, a: int, data: np.ndarray, work: np.ndarray) -> float:
    """Bring a segment into an obstacle's frame; return the square of the distance between the boxes about both."""
    apart = 0.0
    for r in range(3):
        x, y, z = data[at(a + 3 * r)], data[at(a + 3 * r + 1)], data[at(a + 3 * r + 2)]
        shift = data[at(a + 9 + r)]
        begin = x * work[at(p)] + y * work[at(p + TILE)] + z * work[at(p + 2 * TILE)] + shift
        end = x * work[at(q)] + y * work[at(q + TILE)] + z * work[at(q + 2 * TILE)] + shift
        work[SEGMENT + r], work[SEGMENT + 3 + r] = begin, end
        aside = 0.5 * (abs(begin + end) - abs(end - begin)) - data[at(a + HALF + r)] - 1e-9
        apart += max(aside, 0.0) ** 2
    return apart


@kernel
def _along(kind: int, a: int, low: float, high: float, data: np.ndarray, work: np.ndarray) -> float:
    """Return the distance of the segment in hand from an obstacle; `low` and `high` as for `gap`."""
    x, y, z = work[SEGMENT], work[SEGMENT + 1], work[SEGMENT + 2]
    u, v, w = work[SEGMENT + 3] - x, work[SEGMENT + 4] - y, work[SEGMENT + 5] - z
    length = math.sqrt(u * u + v * v + w * w)
    begin, part = 0.0, 1.0 / (TILE - 1)
    best: float = math.inf
    while True:
        for k in range(TILE):
            t = begin + k * part
            work[PROBES + k] = x + t * u
            work[PROBES + TILE + k] = y + t * v
            work[PROBES + 2 * TILE + k] = z + t * w
        _distances(PROBES, kind, a, data, work)
        least = _least(work)
        best = min(best, least)
        spacing = part * length
        if best <= low or best - spacing > high or spacing <= FINE:
            return best
        lowest = _index_of(least, work)
        first = max(lowest - 1, 0)
        begin += first * part
        part *= (min(lowest + 1, TILE - 1) - first) / (TILE - 1)


@kernel
def _least(work: np.ndarray) -> float:
    a, b, c, d = work[GAP], work[GAP + 1], work[GAP + 2], work[GAP + 3]
    for k in range(GAP + 4, GAP + TILE, 4):
        a, b = min(a, work[at(k)]), min(b, work[at(k + 1)])
        c, d = min(c, work[at(k + 2)]), min(d, work[at(k + 3)])
    least: float = min(a, b, c, d)
    return least


@kernel
def _index_of(value: float, work: np.ndarray) -> int:
    found = 0
    for k in range(TILE):
        found |= (1 << k) if work[GAP + k] <= value else 0
    index = 0
    while index < TILE - 1 and not found >> index & 1:
        index += 1
    return index


@kernel
def _distances(rows: int, kind: int, a: int, data: np.ndarray, work: np.ndarray) -> None:
    """Find the distances of a row of points from an obstacle whose frame they are in; 0 inside."""
    f, g, h = data[at(a + FIGURES)], data[at(a + FIGURES + 1)], data[at(a + FIGURES + 2)]
    if kind == BOX:
        for k in range(TILE):
            x = max(abs(work[at(rows + k)]) - f, 0.0)
            y = max(abs(work[at(rows + TILE + k)]) - g, 0.0)
            z = max(abs(work[at(rows + 2 * TILE + k)]) - h, 0.0)
            work[GAP + k] = math.sqrt(x * x + y * y + z * z)
    elif kind == CYLINDER:
        for k in range(TILE):
            x, y = work[at(rows + k)], work[at(rows + TILE + k)]
            aside = max(math.sqrt(x * x + y * y) - f, 0.0)
            above = max(abs(work[at(rows + 2 * TILE + k)]) - g, 0.0)
            work[GAP + k] = math.sqrt(aside * aside + above * above)
    elif kind == CONE:
        for k in range(TILE):
            work[GAP + k] = _from_cone(
                work[at(rows + k)], work[at(rows + TILE + k)], work[at(rows + 2 * TILE + k)], f, g
            )
    else:
        for k in range(TILE):
            x, y = work[at(rows + k)], work[at(rows + TILE + k)]
            z = max(abs(work[at(rows + 2 * TILE + k)]) - g, 0.0)
            work[GAP + k] = max(math.sqrt(x * x + y * y + z * z) - f, 0.0)


@inlined
def _from_cone(x: float, y: float, z: float, radius: float, depth: float) -> float:
    """Return the distance from a cone about Z, its apex below and its disc above 0."""
    z += 0.5 * depth
    r = math.sqrt(x * x + y * y)
    slant = math.sqrt(depth * depth + radius * radius)
    along = min(max((r * radius + z * depth) / slant, 0.0), slant)
    sx, sz = r - along * radius / slant, z - along * depth / slant
    dx, dz = max(r - radius, 0.0), z - depth
    outside = math.sqrt(min(sx * sx + sz * sz, dx * dx + dz * dz))
    return 0.0 if z >= 0.0 and z <= depth and r * depth <= z * radius else outside


@kernel
def spheres_touch(i: int, j: int, lane: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    """Return whether placed items of two pieces of spheres touch."""
    bounds = layout[BOUNDS] + 3
    if data[at(bounds + BOUND_SIZE * i)] < data[at(bounds + BOUND_SIZE * j)]:
        i, j = j, i
    centre = layout[CENTRES] + ABOUT * j + lane
    cx, cy, cz = work[at(centre)], work[at(centre + TILE)], work[at(centre + 2 * TILE)]
    about = data[at(bounds + BOUND_SIZE * j)]
    a = layout[PLACED] + ITEMS_SIZE * i
    b = layout[PLACED] + ITEMS_SIZE * j
    ra = layout[ITEMS] + ITEMS_SIZE * i + 6 * TILE
    rb = layout[ITEMS] + ITEMS_SIZE * j + 6 * TILE
    for item in range(layout[at(layout[PIECE] + PIECE_SIZE * i + 2)]):
        x, y, z = work[at(a + item)], work[at(a + TILE + item)], work[at(a + 2 * TILE + item)]
        radius = data[at(ra + item)]
        # few spheres of the larger piece come near the smaller one
        if (x - cx) * (x - cx) + (y - cy) * (y - cy) + (z - cz) * (z - cz) > (radius + about) * (radius + about):
            continue
        touching = 0
        for k in range(TILE):
            dx, dy = x - work[at(b + k)], y - work[at(b + TILE + k)]
            dz = z - work[at(b + 2 * TILE + k)]
            reach = radius + data[at(rb + k)]
            touching |= 1 if dx * dx + dy * dy + dz * dz <= reach * reach else 0
        if touching:
            return True
    return False


@kernel
def self_gap(i: int, j: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> float:
    """Return the least distance between the placed items of two pieces."""
    best = math.inf
    a = layout[PLACED] + ITEMS_SIZE * i
    b = layout[PLACED] + ITEMS_SIZE * j
    ra = layout[ITEMS] + ITEMS_SIZE * i + 6 * TILE
    rb = layout[ITEMS] + ITEMS_SIZE * j + 6 * TILE
    head = layout[PIECE] + PIECE_SIZE * i
    other = layout[PIECE] + PIECE_SIZE * j
    spheres = layout[at(head + 1)] == 1 and layout[at(other + 1)] == 1
    count = layout[at(other + 2)]
    for k in range(TILE):
        work[GAP + k] = math.inf
    for item in range(layout[at(head + 2)]):
        if spheres:
            x, y, z = work[at(a + item)], work[at(a + TILE + item)], work[at(a + 2 * TILE + item)]
            for k in range(TILE):
                dx, dy = x - work[at(b + k)], y - work[at(b + TILE + k)]
                dz = z - work[at(b + 2 * TILE + k)]
                work[GAP + k] = math.sqrt(dx * dx + dy * dy + dz * dz) - data[at(rb + k)]
        else:
            _segments(a + item, b, count, rb, layout[at(head + 1)] == 1, layout[at(other + 1)] == 1, data, work)
        best = min(best, _least(work) - data[at(ra + item)])
    return best


@kernel
def bones_apart(a: int, b: int, aa: float, bb: float, row: int, work: np.ndarray) -> None:
    """Find the squares of the distances between two rows of segments, aa and bb the squares of their lengths.

    After Ericson, Real-Time Collision Detection (2005), section 5.1.9; segments may be points. Here their lengths
    are the same in all lanes.
    """
    per_a = 1.0 / aa if aa > TINY else 0.0
    per_b = 1.0 / bb if bb > TINY else 0.0
    least = max(PARALLEL * aa * bb, TINY * TINY)
    for k in range(TILE):
        x, y, z = work[at(a + k)], work[at(a + TILE + k)], work[at(a + 2 * TILE + k)]
        u = work[at(a + 3 * TILE + k)] - x
        v = work[at(a + 4 * TILE + k)] - y
        w = work[at(a + 5 * TILE + k)] - z
        bx, by, bz = work[at(b + k)], work[at(b + TILE + k)], work[at(b + 2 * TILE + k)]
        p = work[at(b + 3 * TILE + k)] - bx
        q = work[at(b + 4 * TILE + k)] - by
        r = work[at(b + 5 * TILE + k)] - bz
        bx, by, bz = x - bx, y - by, z - bz
        ab = u * p + v * q + w * r
        c = u * bx + v * by + w * bz
        f = p * bx + q * by + r * bz
        area = max(aa * bb - ab * ab, least)
        s = min(max((ab * f - c * bb) / area, 0.0), 1.0)
        t = min(max((ab * s + f) * per_b, 0.0), 1.0)
        s = min(max((ab * t - c) * per_a, 0.0), 1.0)
        t = min(max((ab * s + f) * per_b, 0.0), 1.0)
        dx, dy, dz = bx + s * u - t * p, by + s * v - t * q, bz + s * w - t * r
        work[LOCAL + k] = dx * dx + dy * dy + dz * dz
    for k in range(TILE):
        work[at(row + k)] = work[LOCAL + k]


@kernel
def _segments(
    a: int, b: int, count: int, radii: int, point: bool, points: bool, data: np.ndarray, work: np.ndarray
) -> None:
    """Find the distances of a segment from a row of segments, less their radii.

    After Ericson, Real-Time Collision Detection (2005), section 5.1.9; segments may be points.
    """
    x, y, z = work[at(a)], work[at(a + TILE)], work[at(a + 2 * TILE)]
    over = 0 if point else 3 * TILE  # where the second end is: of a sphere it is the first
    overs = 0 if points else 3 * TILE
    u = work[at(a + over)] - x
    v = work[at(a + over + TILE)] - y
    w = work[at(a + over + 2 * TILE)] - z
    aa = u * u + v * v + w * w
    for k in range(count):
        bx, by, bz = work[at(b + k)], work[at(b + TILE + k)], work[at(b + 2 * TILE + k)]
        p = work[at(b + overs + k)] - bx
        q = work[at(b + overs + TILE + k)] - by
        r = work[at(b + overs + 2 * TILE + k)] - bz
        bx, by, bz = x - bx, y - by, z - bz
        ee = p * p + q * q + r * r
        ab = u * p + v * q + w * r
        c = u * bx + v * by + w * bz
        f = p * bx + q * by + r * bz
        area = aa * ee - ab * ab
        skew = area > PARALLEL * max(aa * ee, TINY)
        s = min(max((ab * f - c * ee) / (area if skew else 1.0), 0.0), 1.0) if skew else 0.0
        t = min(max((ab * s + f) / max(ee, TINY), 0.0), 1.0)
        s = min(max((ab * t - c) / max(aa, TINY), 0.0), 1.0)
        t = min(max((ab * s + f) / max(ee, TINY), 0.0), 1.0)
        dx, dy, dz = bx + s * u - t * p, by + s * v - t * q, bz + s * w - t * r
        work[GAP + k] = math.sqrt(dx * dx + dy * dy + dz * dz) - data[at(radii + k)]
