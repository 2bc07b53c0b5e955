"""Forward kinematics, Jacobian and link frames of any serial chain, from its constants (see `robocell.motion.denavit`).

A tile's poses are the first twelve rows of one flat scratch array: the upper three rows of a 4×4 matrix, entry after
entry. They start as the base and are multiplied, joint after joint, from the right; rows 12 to 14 hold the joint's motion,
so that the loops touch one array at constant offsets. Joint positions are an array (n, TILE): an index into a second axis
is seen to be ≥ 0 whatever the first is, without a slice.
"""

from __future__ import annotations

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import ALONG, CROSSED, FARTHEST, HEAD, LINK, TILE
from robocell.motion.kernels.elementary import sincos
from robocell.motion.rigid import Floats


@inlined
def within(q: Floats) -> bool:
    """Tell whether all numbers are within ±FARTHEST, which NaN is not either."""
    far = 0
    for i in range(q.size):
        far += 0 if abs(q[i]) <= FARTHEST else 1
    return far == 0


@inlined
def load(q: Floats, n: int, count: int, rows: Floats) -> None:
    """Transpose `count` items of n numbers to rows; a tile that is not full is filled up with its last item."""
    if count < TILE:
        for j in range(n):
            for k in range(TILE):
                rows[j, k] = q[min(k, count - 1) * n + j]
    elif n == 6:  # as below, but so that it becomes SIMD code
        for k in range(TILE):
            rows[0, k], rows[1, k], rows[2, k] = q[6 * k], q[6 * k + 1], q[6 * k + 2]
            rows[3, k], rows[4, k], rows[5, k] = q[6 * k + 3], q[6 * k + 4], q[6 * k + 5]
    else:
        i = 0
        for k in range(TILE):
            for j in range(n):
                rows[j, k] = q[i]
                i += 1


@inlined
def motion(g: Floats, rows: Floats, j: int, m: Floats) -> None:
    """Set rows 12 to 14: sine and cosine of joint j's angle about its axis, and its shift along it."""
    o = HEAD + j * LINK
    sign, angle, d = m[o + 1], m[o + 2], m[o + 3]
    if m[o] == 1.0:
        for k in range(TILE):
            g[12 * TILE + k], g[13 * TILE + k] = sincos(angle + sign * rows[j, k])
            g[14 * TILE + k] = d
    else:
        s, c = np.sin(angle), np.cos(angle)
        for k in range(TILE):
            g[12 * TILE + k], g[13 * TILE + k], g[14 * TILE + k] = s, c, d + sign * rows[j, k]


@inlined
def screwed(
    x: float, y: float, z: float, p: float, c: float, s: float, a: float, d: float
) -> tuple[float, float, float, float]:
    """Return a row of a pose times RotZ·TransZ(d)·TransX(a), where the rotation has cosine c and sine s."""
    along = c * x + s * y
    return along, c * y - s * x, z, p + d * z + a * along


@inlined
def move_along(g: Floats, a: float) -> None:
    """Multiply poses by a joint's motion, then by TransX(a)."""
    for k in range(TILE):
        s, c, d = g[12 * TILE + k], g[13 * TILE + k], g[14 * TILE + k]
        g[k], g[TILE + k], g[2 * TILE + k], g[3 * TILE + k] = screwed(
            g[k], g[TILE + k], g[2 * TILE + k], g[3 * TILE + k], c, s, a, d
        )
        g[4 * TILE + k], g[5 * TILE + k], g[6 * TILE + k], g[7 * TILE + k] = screwed(
            g[4 * TILE + k], g[5 * TILE + k], g[6 * TILE + k], g[7 * TILE + k], c, s, a, d
        )
        g[8 * TILE + k], g[9 * TILE + k], g[10 * TILE + k], g[11 * TILE + k] = screwed(
            g[8 * TILE + k], g[9 * TILE + k], g[10 * TILE + k], g[11 * TILE + k], c, s, a, d
        )


@inlined
def move_crossed(g: Floats, a: float) -> None:
    """Multiply poses by a joint's motion, then by TransX(a)·RotX(π/2)."""
    for k in range(TILE):
        s, c, d = g[12 * TILE + k], g[13 * TILE + k], g[14 * TILE + k]
        x, y, z, p = screwed(g[k], g[TILE + k], g[2 * TILE + k], g[3 * TILE + k], c, s, a, d)
        g[k], g[TILE + k], g[2 * TILE + k], g[3 * TILE + k] = x, z, -y, p
        x, y, z, p = screwed(g[4 * TILE + k], g[5 * TILE + k], g[6 * TILE + k], g[7 * TILE + k], c, s, a, d)
        g[4 * TILE + k], g[5 * TILE + k], g[6 * TILE + k], g[7 * TILE + k] = x, z, -y, p
        x, y, z, p = screwed(g[8 * TILE + k], g[9 * TILE + k], g[10 * TILE + k], g[11 * TILE + k], c, s, a, d)
        g[8 * TILE + k], g[9 * TILE + k], g[10 * TILE + k], g[11 * TILE + k] = x, z, -y, p


@inlined
def multiply(g: Floats, m: Floats, o: int) -> None:
    """Multiply poses by a constant transform, the twelve numbers of m from o on."""
    a, b, c, t = m[o], m[o + 1], m[o + 2], m[o + 3]
    d, e, f, u = m[o + 4], m[o + 5], m[o + 6], m[o + 7]
    h, i, j, v = m[o + 8], m[o + 9], m[o + 10], m[o + 11]
    for k in range(TILE):
        x, y, z = g[k], g[TILE + k], g[2 * TILE + k]
        g[k], g[TILE + k] = a * x + d * y + h * z, b * x + e * y + i * z
        g[2 * TILE + k] = c * x + f * y + j * z
        g[3 * TILE + k] += t * x + u * y + v * z
    for k in range(TILE):
        x, y, z = g[4 * TILE + k], g[5 * TILE + k], g[6 * TILE + k]
        g[4 * TILE + k], g[5 * TILE + k] = a * x + d * y + h * z, b * x + e * y + i * z
        g[6 * TILE + k] = c * x + f * y + j * z
        g[7 * TILE + k] += t * x + u * y + v * z
    for k in range(TILE):
        x, y, z = g[8 * TILE + k], g[9 * TILE + k], g[10 * TILE + k]
        g[8 * TILE + k], g[9 * TILE + k] = a * x + d * y + h * z, b * x + e * y + i * z
        g[10 * TILE + k] = c * x + f * y + j * z
        g[11 * TILE + k] += t * x + u * y + v * z


@inlined
def move(g: Floats, rows: Floats, j: int, m: Floats) -> None:
    """Multiply poses by the motion of joint j and by the step to the next joint."""
    o = HEAD + j * LINK
    motion(g, rows, j, m)
    if m[o + 4] == ALONG:
        move_along(g, m[o + 8])
    elif m[o + 4] == CROSSED:
        move_crossed(g, m[o + 8])
    else:
        move_along(g, 0.0)
        multiply(g, m, o + 5)


@inlined
def store(g: Floats, count: int, out: Floats, start: int, apart: int) -> None:
    """Write `count` poses as 4×4 matrices, the first at `start`, each `apart` numbers from the one before."""
    for k in range(count):
        at = start + k * apart
        for r in range(12):
            out[at + r] = g[r * TILE + k]
        out[at + 12] = 0.0
        out[at + 13] = 0.0
        out[at + 14] = 0.0
        out[at + 15] = 1.0


@kernel
def tips(q: Floats, m: Floats, out: Floats) -> bool:
    """Write TCP poses (N, 4, 4) of joint positions (N, n), flat; tell whether all positions are within ±FARTHEST."""
    n = int(m[0])
    N = q.size // n
    rows, base, g = np.empty((n, TILE)), np.repeat(m[1:13], TILE), np.empty(15 * TILE)
    for first in range(0, N, TILE):
        count = min(TILE, N - first)
        load(q[first * n : (first + count) * n], n, count, rows)
        for k in range(12 * TILE):
            g[k] = base[k]
        for j in range(n):
            move(g, rows, j, m)
        multiply(g, m, 13)
        store(g, count, out[first * 16 : (first + count) * 16], 0, 16)
    return within(q)


@kernel
def links(q: Floats, m: Floats, out: Floats) -> bool:
    """Write the frames of the base and of all links (N, n + 1, 4, 4), flat; tell whether all q are within ±FARTHEST."""
    n = int(m[0])
    N = q.size // n
    apart = 16 * (n + 1)
    rows, base, g, h = np.empty((n, TILE)), np.repeat(m[1:13], TILE), np.empty(15 * TILE), np.empty(12 * TILE)
    for first in range(0, N, TILE):
        count = min(TILE, N - first)
        load(q[first * n : (first + count) * n], n, count, rows)
        tile = out[first * apart : (first + count) * apart]
        for k in range(count):
            for r in range(16):
                tile[k * apart + r] = 1.0 if r % 5 == 0 else 0.0
        for k in range(12 * TILE):
            g[k] = base[k]
        for j in range(n):
            move(g, rows, j, m)
            for k in range(12 * TILE):
                h[k] = g[k]
            multiply(h, m, HEAD + j * LINK + 17)
            store(h, count, tile, 16 * (j + 1), apart)
    return within(q)


@kernel
def jacobians(q: Floats, m: Floats, out: Floats) -> bool:
    """Write the TCP's geometric Jacobians (N, 6, n), flat, linear rows first; tell whether all q are within ±FARTHEST.

    A turning joint moves the TCP by z × (tip − o), with any point o of its axis; here the origin of the frame that the
    joint moves in. A sliding one moves it by z.
    """
    n = int(m[0])
    N = q.size // n
    rows, base, g = np.empty((n, TILE)), np.repeat(m[1:13], TILE), np.empty(15 * TILE)
    axis = np.empty((n, 6 * TILE))  # its direction, then its point
    for first in range(0, N, TILE):
        count = min(TILE, N - first)
        load(q[first * n : (first + count) * n], n, count, rows)
        for k in range(12 * TILE):
            g[k] = base[k]
        for j in range(n):
            sign = m[HEAD + j * LINK + 1]
            for k in range(TILE):
                axis[j, k] = sign * g[2 * TILE + k]
                axis[j, TILE + k] = sign * g[6 * TILE + k]
                axis[j, 2 * TILE + k] = sign * g[10 * TILE + k]
                axis[j, 3 * TILE + k] = g[3 * TILE + k]
                axis[j, 4 * TILE + k] = g[7 * TILE + k]
                axis[j, 5 * TILE + k] = g[11 * TILE + k]
            move(g, rows, j, m)
        multiply(g, m, 13)
        tile = out[first * 6 * n : (first + count) * 6 * n]
        for j in range(n):
            turns = m[HEAD + j * LINK]
            for k in range(TILE):
                x, y, z = axis[j, k], axis[j, TILE + k], axis[j, 2 * TILE + k]
                u = g[3 * TILE + k] - axis[j, 3 * TILE + k]
                v = g[7 * TILE + k] - axis[j, 4 * TILE + k]
                w = g[11 * TILE + k] - axis[j, 5 * TILE + k]
                axis[j, 3 * TILE + k] = turns * (y * w - z * v) + (1.0 - turns) * x
                axis[j, 4 * TILE + k] = turns * (z * u - x * w) + (1.0 - turns) * y
                axis[j, 5 * TILE + k] = turns * (x * v - y * u) + (1.0 - turns) * z
                axis[j, k], axis[j, TILE + k], axis[j, 2 * TILE + k] = turns * x, turns * y, turns * z
            for k in range(count):
                at = k * 6 * n + j
                for r in range(3):
                    tile[at + r * n] = axis[j, (3 + r) * TILE + k]
                    tile[at + (3 + r) * n] = axis[j, r * TILE + k]
    return within(q)
