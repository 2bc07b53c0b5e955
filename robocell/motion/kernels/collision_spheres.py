"""Whether moves of an arm made of spheres are clear: the quick way of `collision.edge_clear`, for planning.

Lanes are `TILE` configurations along a move, which shares out forward kinematics and every test. The spheres of a
link are in groups, each with a sphere about it. Against each group the obstacles are sieved three times: the box about
the group's way in the tile against the boxes about the obstacles (lanes are obstacles), the sphere about the group
against the obstacles themselves, and, where that comes near, the group's own spheres. The first contact ends it all.

An arm and its surroundings are two flat arrays that `robocell.motion.sphere_packing` makes, `data` (float64) and
`layout` (int64), and a workspace of `layout[WORK]` float64 in which nothing needs to be prepared.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.elementary import sincos
from robocell.motion.kernels.placing import at

# Indices into the head of `layout`.
JOINTS: Final = 0
GROUPS: Final = 1
OBSTACLES: Final = 2
PADDED: Final = 3  # obstacles, rounded up to whole vectors
WORK: Final = 4  # how many float64 the workspace holds
CHAIN: Final = 5  # data: 12 a joint, its frame in the one before, row-major 3×4; the joint's axis is Z
KINDS: Final = 6  # layout: 1 a joint, 1 where it turns, 0 where it slides
GROUP: Final = 7  # layout: GROUP_SIZE a group: its link, its first sphere, how many, 1 where obstacles matter
BOUND: Final = 8  # data: 4 a group: centre and radius of the sphere about it, in its link's frame
BALL: Final = 9  # data: 4 a sphere: centre and radius, in its link's frame
BOXES: Final = 10  # data: 6 rows of PADDED: lowest and highest corner of the box about each obstacle, base frame
SHAPES: Final = 11  # data: SHAPE_SIZE an obstacle
FRAMES: Final = 12  # work: 12 rows a link, the base among them
CENTRES: Final = 13  # work: 3 rows a group
BALLS: Final = 14  # work: 3 rows a sphere
PLACED: Final = 15  # work: 1 a group, whether its spheres are placed in this tile
NEAR: Final = 16  # work: whether boxes overlap (PADDED), and two lists of obstacles (PADDED + 1 each)
ROWS: Final = 17  # work: 1 row a joint, the configurations
BOX: Final = 18  # work: a row to find a box in, then 6 rows of SLOTS: lowest and highest corners about groups
SLOTS: Final = 19  # groups, rounded up to whole vectors
UNLIKE: Final = 20  # data: a row of SLOTS a group: 1 where a group before it must not touch it
HEAD: Final = 21

GROUP_SIZE: Final = 4
# Rotation into the obstacle's own frame (9), its centre (3), half sizes (3), 1 where it is round about its Z, and a
# radius: the obstacle is all points that near to the box, or to the cylinder of radius x and half height z.
SHAPE_SIZE: Final = 17


@kernel
def edge_clear(
    a: np.ndarray, b: np.ndarray, step: float, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray
) -> bool:
    """Return whether the straight move from a (excluded) to b (included), both (n,), is clear throughout.

    Samples are at most `step` apart (Euclidean, rad and m). A tile takes samples from all along the move, so that what
    is in the way is found early (the "rake" of Thomason, Kingston and Kavraki, Motions in Microseconds via Vectorized
    Sampling-Based Planning, ICRA 2024).
    """
    n = layout[JOINTS]
    length = 0.0
    for i in range(n):
        length += (b[i] - a[i]) ** 2
    tiles = max(math.ceil(math.sqrt(length) / (step * TILE)), 1)
    for tile in range(tiles):
        for i in range(n):
            row = layout[ROWS] + i * TILE
            end, back = b[i], (b[i] - a[i]) / (tiles * TILE)
            for k in range(TILE):
                # counted from the end, so that the end itself comes without rounding
                work[at(row + k)] = end - back * ((TILE - 1 - k) * tiles + tile)
        if _touches(margin, data, layout, work):
            return False
    return True


@kernel
def clear(a: np.ndarray, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    """Return whether the configuration a (n,) keeps more than `margin` from obstacles and off itself."""
    for i in range(layout[JOINTS]):
        row = layout[ROWS] + i * TILE
        for k in range(TILE):
            work[at(row + k)] = a[i]
    return not _touches(margin, data, layout, work)


@kernel
def _touches(margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    """Return whether any configuration of the tile is at most `margin` from an obstacle or touches itself."""
    _place_links(data, layout, work)
    # the far end of an arm is the likelier one to touch
    for group in range(layout[GROUPS] - 1, -1, -1):
        if _touches_obstacle(group, margin, data, layout, work):
            return True
    return _touches_itself(data, layout, work)


@kernel
def _place_links(data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> None:
    frame = layout[FRAMES]
    for r in range(12):
        one = 1.0 if r == 0 or r == 5 or r == 10 else 0.0
        for k in range(TILE):
            work[at(frame + r * TILE + k)] = one
    for i in range(layout[JOINTS]):
        frame += 12 * TILE
        for r in range(3):
            row = frame + 4 * r * TILE
            _advance(row - 12 * TILE, row, layout[CHAIN] + 12 * i, data, work)
        row = layout[ROWS] + i * TILE
        if layout[at(layout[KINDS] + i)]:
            _turn(frame, row, work)
        else:
            _slide(frame, row, work)


@kernel
def _advance(m: int, g: int, o: int, data: np.ndarray, work: np.ndarray) -> None:
    """Multiply one row of frames by a constant transform."""
    xx, xy, xz, xp = data[at(o)], data[at(o + 1)], data[at(o + 2)], data[at(o + 3)]
    yx, yy, yz, yp = data[at(o + 4)], data[at(o + 5)], data[at(o + 6)], data[at(o + 7)]
    zx, zy, zz, zp = data[at(o + 8)], data[at(o + 9)], data[at(o + 10)], data[at(o + 11)]
    for k in range(TILE):
        x, y, z = work[at(m + k)], work[at(m + TILE + k)], work[at(m + 2 * TILE + k)]
        work[at(g + k)] = x * xx + y * yx + z * zx
        work[at(g + TILE + k)] = x * xy + y * yy + z * zy
        work[at(g + 2 * TILE + k)] = x * xz + y * yz + z * zz
        work[at(g + 3 * TILE + k)] = x * xp + y * yp + z * zp + work[at(m + 3 * TILE + k)]


@kernel
def _turn(g: int, row: int, work: np.ndarray) -> None:
    for k in range(TILE):
        s, c = sincos(work[at(row + k)])
        x, y = work[at(g + k)], work[at(g + TILE + k)]
        work[at(g + k)], work[at(g + TILE + k)] = c * x + s * y, c * y - s * x
        x, y = work[at(g + 4 * TILE + k)], work[at(g + 5 * TILE + k)]
        work[at(g + 4 * TILE + k)], work[at(g + 5 * TILE + k)] = c * x + s * y, c * y - s * x
        x, y = work[at(g + 8 * TILE + k)], work[at(g + 9 * TILE + k)]
        work[at(g + 8 * TILE + k)], work[at(g + 9 * TILE + k)] = c * x + s * y, c * y - s * x


@kernel
def _slide(g: int, row: int, work: np.ndarray) -> None:
    for r in range(3):
        for k in range(TILE):
            work[at(g + (4 * r + 3) * TILE + k)] += work[at(row + k)] * work[at(g + (4 * r + 2) * TILE + k)]


@kernel
def _place(point: int, frame: int, to: int, data: np.ndarray, work: np.ndarray) -> None:
    """Bring a constant point of a link to the base frame."""
    x, y, z = data[at(point)], data[at(point + 1)], data[at(point + 2)]
    m, c = work[frame : frame + 12 * TILE], work[to : to + 3 * TILE]
    for k in range(TILE):
        c[k] = m[k] * x + m[TILE + k] * y + m[2 * TILE + k] * z + m[3 * TILE + k]
        c[TILE + k] = m[4 * TILE + k] * x + m[5 * TILE + k] * y + m[6 * TILE + k] * z + m[7 * TILE + k]
        c[2 * TILE + k] = m[8 * TILE + k] * x + m[9 * TILE + k] * y + m[10 * TILE + k] * z + m[11 * TILE + k]


@kernel
def _place_balls(group: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> None:
    """Place the spheres of a group, unless they are."""
    if work[at(layout[PLACED] + group)] != 0.0:
        return
    work[at(layout[PLACED] + group)] = 1.0
    head = layout[GROUP] + GROUP_SIZE * group
    frame = layout[FRAMES] + 12 * TILE * layout[at(head)]
    first = layout[at(head + 1)]
    for ball in range(first, first + layout[at(head + 2)]):
        _place(layout[BALL] + 4 * ball, frame, layout[BALLS] + 3 * TILE * ball, data, work)


@kernel
def _touches_obstacle(group: int, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    head = layout[GROUP] + GROUP_SIZE * group
    centre = layout[CENTRES] + 3 * TILE * group
    radius = data[at(layout[BOUND] + 4 * group + 3)]
    _place(layout[BOUND] + 4 * group, layout[FRAMES] + 12 * TILE * layout[at(head)], centre, data, work)
    work[at(layout[PLACED] + group)] = 0.0
    box, size = layout[BOX] + TILE, layout[SLOTS]
    for r in range(3):
        low, high = _extremes(centre + r * TILE, work)
        work[at(box + r * size + group)] = low - radius
        work[at(box + (3 + r) * size + group)] = high + radius
    if layout[at(head + 3)] == 0 or _boxes_near(group, margin, data, layout, work) == 0:
        return False
    some = layout[NEAR] + layout[PADDED]
    fewer = some + layout[PADDED] + 1
    count = 0
    for k in range(layout[OBSTACLES]):
        work[at(some + count)] = float(k)
        count += 1 if work[at(layout[NEAR] + k)] > 0.0 else 0
    count = _near(centre, radius + margin, some, count, fewer, data, layout, work)
    if count > 0:
        _place_balls(group, data, layout, work)
        first = layout[at(head + 1)]
        for ball in range(first, first + layout[at(head + 2)]):
            place, radius = layout[BALLS] + 3 * TILE * ball, data[at(layout[BALL] + 4 * ball + 3)]
            if _near(place, radius + margin, fewer, count, some, data, layout, work) > 0:
                return True
    return False


@kernel
def _extremes(row: int, work: np.ndarray) -> tuple[float, float]:
    """Return the least and the greatest of a row."""
    r = work[row : row + TILE]
    a, b = min(r[0], r[8]), max(r[0], r[8])
    c, d = min(r[1], r[9]), max(r[1], r[9])
    e, f = min(r[2], r[10]), max(r[2], r[10])
    g, h = min(r[3], r[11]), max(r[3], r[11])
    a, b = min(r[4], r[12], a), max(r[4], r[12], b)
    c, d = min(r[5], r[13], c), max(r[5], r[13], d)
    e, f = min(r[6], r[14], e), max(r[6], r[14], f)
    g, h = min(r[7], r[15], g), max(r[7], r[15], h)
    return min(a, c, e, g), max(b, d, f, h)


@kernel
def _boxes_near(group: int, margin: float, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> int:
    """Mark the obstacles whose boxes overlap the box about a group, grown by the margin; return how many do."""
    a, slots = layout[BOX] + TILE + group, layout[SLOTS]
    x, y, z = work[at(a)] - margin, work[at(a + slots)] - margin, work[at(a + 2 * slots)] - margin
    u, v, w = work[at(a + 3 * slots)] + margin, work[at(a + 4 * slots)] + margin, work[at(a + 5 * slots)] + margin
    size, b, near = layout[PADDED], layout[BOXES], layout[NEAR]
    count = 0
    for k in range(size):
        inside = 1 if data[at(b + k)] <= u else 0
        inside &= 1 if data[at(b + size + k)] <= v else 0
        inside &= 1 if data[at(b + 2 * size + k)] <= w else 0
        inside &= 1 if data[at(b + 3 * size + k)] >= x else 0
        inside &= 1 if data[at(b + 4 * size + k)] >= y else 0
        inside &= 1 if data[at(b + 5 * size + k)] >= z else 0
        work[at(near + k)] = float(inside)
        count += inside
    return count


@kernel
def _near(
    points: int,
    reach: float,
    among: int,
    count: int,
    found: int,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> int:
    """List which of the obstacles `among` come as near as `reach` to any of a row of points; return how many."""
    out = 0
    for i in range(count):
        name = work[at(among + i)]
        s = layout[SHAPES] + SHAPE_SIZE * int(name)
        limit = (reach + data[at(s + 16)]) ** 2
        if data[at(s + 15)] == 0.0:
            hits = _near_box(points, s, limit, data, work)
        else:
            hits = _near_cylinder(points, s, limit, data, work)
        if hits > 0:
            work[at(found + out)] = name
            out += 1
    return out


@inlined
def _near_box(c: int, s: int, limit: float, data: np.ndarray, work: np.ndarray) -> int:
    xx, xy, xz = data[at(s)], data[at(s + 1)], data[at(s + 2)]
    yx, yy, yz = data[at(s + 3)], data[at(s + 4)], data[at(s + 5)]
    zx, zy, zz = data[at(s + 6)], data[at(s + 7)], data[at(s + 8)]
    px, py, pz = data[at(s + 9)], data[at(s + 10)], data[at(s + 11)]
    hx, hy, hz = data[at(s + 12)], data[at(s + 13)], data[at(s + 14)]
    hits = 0
    for k in range(TILE):
        x, y, z = work[at(c + k)] - px, work[at(c + TILE + k)] - py, work[at(c + 2 * TILE + k)] - pz
        u = max(abs(xx * x + xy * y + xz * z) - hx, 0.0)
        v = max(abs(yx * x + yy * y + yz * z) - hy, 0.0)
        w = max(abs(zx * x + zy * y + zz * z) - hz, 0.0)
        hits += 1 if u * u + v * v + w * w <= limit else 0
    return hits


@inlined
def _near_cylinder(c: int, s: int, limit: float, data: np.ndarray, work: np.ndarray) -> int:
    zx, zy, zz = data[at(s + 6)], data[at(s + 7)], data[at(s + 8)]
    px, py, pz = data[at(s + 9)], data[at(s + 10)], data[at(s + 11)]
    radius, half = data[at(s + 12)], data[at(s + 14)]
    hits = 0
    for k in range(TILE):
        x, y, z = work[at(c + k)] - px, work[at(c + TILE + k)] - py, work[at(c + 2 * TILE + k)] - pz
        along = zx * x + zy * y + zz * z
        # what is across keeps its digits where the axis is near
        dx, dy, dz = x - along * zx, y - along * zy, z - along * zz
        u = max(math.sqrt(dx * dx + dy * dy + dz * dz) - radius, 0.0)
        w = max(abs(along) - half, 0.0)
        hits += 1 if u * u + w * w <= limit else 0
    return hits


@kernel
def _touches_itself(data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    box, slots = layout[BOX] + TILE, layout[SLOTS]
    for i in range(1, layout[GROUPS]):
        unlike = layout[UNLIKE] + slots * i
        x, y, z = work[at(box + i)], work[at(box + slots + i)], work[at(box + 2 * slots + i)]
        u, v, w = work[at(box + 3 * slots + i)], work[at(box + 4 * slots + i)], work[at(box + 5 * slots + i)]
        count = 0
        for j in range(slots):
            near = 1 if work[at(box + j)] <= u else 0
            near &= 1 if work[at(box + slots + j)] <= v else 0
            near &= 1 if work[at(box + 2 * slots + j)] <= w else 0
            near &= 1 if work[at(box + 3 * slots + j)] >= x else 0
            near &= 1 if work[at(box + 4 * slots + j)] >= y else 0
            near &= 1 if work[at(box + 5 * slots + j)] >= z else 0
            count += near if data[at(unlike + j)] > 0.0 else 0
        if count > 0:
            for j in range(i):
                if data[at(unlike + j)] > 0.0 and _groups_touch(i, j, data, layout, work):
                    return True
    return False


@kernel
def _groups_touch(i: int, j: int, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    reach = data[at(layout[BOUND] + 4 * i + 3)] + data[at(layout[BOUND] + 4 * j + 3)]
    if not _meet(layout[CENTRES] + 3 * TILE * i, layout[CENTRES] + 3 * TILE * j, reach, work):
        return False
    _place_balls(i, data, layout, work)
    _place_balls(j, data, layout, work)
    group = layout[GROUP]
    first, second = layout[at(group + GROUP_SIZE * i + 1)], layout[at(group + GROUP_SIZE * j + 1)]
    for a in range(first, first + layout[at(group + GROUP_SIZE * i + 2)]):
        reach = data[at(layout[BALL] + 4 * a + 3)] + data[at(layout[BOUND] + 4 * j + 3)]
        if not _meet(layout[BALLS] + 3 * TILE * a, layout[CENTRES] + 3 * TILE * j, reach, work):
            continue
        for b in range(second, second + layout[at(group + GROUP_SIZE * j + 2)]):
            reach = data[at(layout[BALL] + 4 * a + 3)] + data[at(layout[BALL] + 4 * b + 3)]
            if _meet(layout[BALLS] + 3 * TILE * a, layout[BALLS] + 3 * TILE * b, reach, work):
                return True
    return False


@kernel
def _meet(a: int, b: int, reach: float, work: np.ndarray) -> bool:
    """Return whether points of two rows are at most `reach` apart in any lane."""
    limit = reach * reach
    hits = 0
    for k in range(TILE):
        x = work[at(a + k)] - work[at(b + k)]
        y = work[at(a + TILE + k)] - work[at(b + TILE + k)]
        z = work[at(a + 2 * TILE + k)] - work[at(b + 2 * TILE + k)]
        hits += 1 if x * x + y * y + z * z <= limit else 0
    return hits > 0
