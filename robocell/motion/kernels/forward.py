"""Forward kinematics, Jacobian and link frames of any serial chain, from its constants (see `robocell.motion.denavit`).

A tile's poses are the first twelve rows of one flat scratch array: the upper three rows of a 4×4 matrix, entry after
entry. They start as the base and are multiplied, joint after joint, from the right; rows 12 to 14 hold the joint's motion,
so that the loops touch one array at constant offsets. Joint positions are an array (n, TILE): an index into a second axis
is seen to be ≥ 0 whatever the first is, without a slice.
"""

from __future__ import annotations

import numpy as np

from robocell.compiler import inlined, kernel, widest
from robocell.motion.kernels import ALONG, CROSSED, FARTHEST, HEAD, LINK, LONG, OBLIQUE
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
def small(squares: Floats) -> bool:
    """Tell whether sums of squares leave no doubt that all numbers are `within`; NaN and infinity do."""
    good = True
    for k in range(LONG):
        good = good and squares[k] < 0.5 * FARTHEST * FARTHEST
    return good


@inlined
def padded(q: Floats, n: int) -> Floats:
    """Return q, or if that is less than a tile of items of n numbers, a tile that ends with copies of its last item."""
    if q.size >= LONG * n:
        whole = q
    else:
        whole = np.empty(LONG * n)
        last = q.size // n - 1
        for k in range(LONG):
            for j in range(n):
                whole[k * n + j] = q[min(k, last) * n + j]
    return whole


@inlined
def room(out: Floats, size: int) -> Floats:
    """Return out, or if that is less than a tile of items of that size, a tile."""
    return out if out.size >= LONG * size else np.empty(LONG * size)


@inlined
def fill(out: Floats, whole: Floats) -> None:
    """Copy what was written to `whole` for want of room."""
    if whole.size > out.size:
        for i in range(out.size):
            out[i] = whole[i]


@inlined
def load(q: Floats, n: int, first: int, rows: Floats, squares: Floats) -> None:
    """Transpose a tile, from item `first` on, to rows, and add up the squares of its numbers."""
    if n == 6:  # as below, but so that it becomes SIMD code
        for k in range(LONG):
            i = np.uint64(6 * (first + k))
            a, b, c, d = q[i], q[i + np.uint64(1)], q[i + np.uint64(2)], q[i + np.uint64(3)]
            e, f = q[i + np.uint64(4)], q[i + np.uint64(5)]
            rows[0, k], rows[1, k], rows[2, k], rows[3, k], rows[4, k], rows[5, k] = a, b, c, d, e, f
            squares[k] += a * a + b * b + c * c + d * d + e * e + f * f
    else:
        for j in range(n):
            for k in range(LONG):
                x = q[np.uint64((first + k) * n + j)]
                rows[j, k] = x
                squares[k] += x * x


@inlined
def start(g: Floats, m: Floats) -> None:
    """Set poses to the base, and the turn that waits to none."""
    for k in range(LONG):
        g[k], g[LONG + k], g[2 * LONG + k], g[3 * LONG + k] = m[1], m[2], m[3], m[4]
        g[4 * LONG + k], g[5 * LONG + k], g[6 * LONG + k], g[7 * LONG + k] = m[5], m[6], m[7], m[8]
        g[8 * LONG + k], g[9 * LONG + k], g[10 * LONG + k], g[11 * LONG + k] = m[9], m[10], m[11], m[12]
        g[15 * LONG + k] = 0.0


@inlined
def motion(g: Floats, rows: Floats, j: int, m: Floats) -> None:
    """Set rows 12 to 14: sine and cosine of joint j's angle about its axis, and its shift along it."""
    o = HEAD + j * LINK
    turns, sign, angle, d = m[o], m[o + 1], m[o + 2], m[o + 3]
    turn, slide = turns * sign, (1.0 - turns) * sign
    for k in range(LONG):
        place = rows[j, k]
        g[14 * LONG + k] = d + slide * place
        g[15 * LONG + k] += angle + turn * place
    for k in range(LONG):
        g[12 * LONG + k], g[13 * LONG + k] = sincos(g[15 * LONG + k])


@inlined
def screwed(
    x: float, y: float, z: float, p: float, c: float, s: float, a: float, d: float
) -> tuple[float, float, float, float]:
    """Return a row of a pose times RotZ·TransZ(d)·TransX(a), where the rotation has cosine c and sine s."""
    along = c * x + s * y
    return along, c * y - s * x, z, p + d * z + a * along


@inlined
def move(g: Floats, crossed: bool, waits: bool, a: float) -> None:
    """Multiply poses by a joint's motion and by TransX(a), and where the next axis is at right angles by RotX(π/2).

    A turn that `waits` for that about the next, parallel axis is left out; row 15 has it.
    """
    if crossed:
        for k in range(LONG):
            s, c, d = g[12 * LONG + k], g[13 * LONG + k], g[14 * LONG + k]
            g[15 * LONG + k] = 0.0
            x, y, z, p = screwed(g[k], g[LONG + k], g[2 * LONG + k], g[3 * LONG + k], c, s, a, d)
            g[k], g[LONG + k], g[2 * LONG + k], g[3 * LONG + k] = x, z, -y, p
            x, y, z, p = screwed(g[4 * LONG + k], g[5 * LONG + k], g[6 * LONG + k], g[7 * LONG + k], c, s, a, d)
            g[4 * LONG + k], g[5 * LONG + k], g[6 * LONG + k], g[7 * LONG + k] = x, z, -y, p
            x, y, z, p = screwed(g[8 * LONG + k], g[9 * LONG + k], g[10 * LONG + k], g[11 * LONG + k], c, s, a, d)
            g[8 * LONG + k], g[9 * LONG + k], g[10 * LONG + k], g[11 * LONG + k] = x, z, -y, p
    elif waits:
        for k in range(LONG):
            s, c, d = a * g[12 * LONG + k], a * g[13 * LONG + k], g[14 * LONG + k]
            g[3 * LONG + k] += c * g[k] + s * g[LONG + k] + d * g[2 * LONG + k]
            g[7 * LONG + k] += c * g[4 * LONG + k] + s * g[5 * LONG + k] + d * g[6 * LONG + k]
            g[11 * LONG + k] += c * g[8 * LONG + k] + s * g[9 * LONG + k] + d * g[10 * LONG + k]
    else:
        for k in range(LONG):
            s, c, d = g[12 * LONG + k], g[13 * LONG + k], g[14 * LONG + k]
            g[15 * LONG + k] = 0.0
            g[k], g[LONG + k], g[2 * LONG + k], g[3 * LONG + k] = screwed(
                g[k], g[LONG + k], g[2 * LONG + k], g[3 * LONG + k], c, s, a, d
            )
            g[4 * LONG + k], g[5 * LONG + k], g[6 * LONG + k], g[7 * LONG + k] = screwed(
                g[4 * LONG + k], g[5 * LONG + k], g[6 * LONG + k], g[7 * LONG + k], c, s, a, d
            )
            g[8 * LONG + k], g[9 * LONG + k], g[10 * LONG + k], g[11 * LONG + k] = screwed(
                g[8 * LONG + k], g[9 * LONG + k], g[10 * LONG + k], g[11 * LONG + k], c, s, a, d
            )


@inlined
def multiply(g: Floats, m: Floats, o: int, to: int) -> None:
    """Multiply poses by a constant transform, the twelve numbers of m from o on; write the rows from row `to` on."""
    a, b, c, t = m[o], m[o + 1], m[o + 2], m[o + 3]
    d, e, f, u = m[o + 4], m[o + 5], m[o + 6], m[o + 7]
    h, i, j, v = m[o + 8], m[o + 9], m[o + 10], m[o + 11]
    for k in range(LONG):
        x, y, z, p = g[k], g[LONG + k], g[2 * LONG + k], g[3 * LONG + k]
        g[to * LONG + k], g[(to + 1) * LONG + k] = a * x + d * y + h * z, b * x + e * y + i * z
        g[(to + 2) * LONG + k], g[(to + 3) * LONG + k] = c * x + f * y + j * z, t * x + u * y + v * z + p
    for k in range(LONG):
        x, y, z, p = g[4 * LONG + k], g[5 * LONG + k], g[6 * LONG + k], g[7 * LONG + k]
        g[(to + 4) * LONG + k], g[(to + 5) * LONG + k] = a * x + d * y + h * z, b * x + e * y + i * z
        g[(to + 6) * LONG + k], g[(to + 7) * LONG + k] = c * x + f * y + j * z, t * x + u * y + v * z + p
    for k in range(LONG):
        x, y, z, p = g[8 * LONG + k], g[9 * LONG + k], g[10 * LONG + k], g[11 * LONG + k]
        g[(to + 8) * LONG + k], g[(to + 9) * LONG + k] = a * x + d * y + h * z, b * x + e * y + i * z
        g[(to + 10) * LONG + k], g[(to + 11) * LONG + k] = c * x + f * y + j * z, t * x + u * y + v * z + p


@inlined
def finish(g: Floats, m: Floats) -> None:
    """Multiply poses by the constant transform from the last link to the TCP, if there is one."""
    plain = True
    for r in range(12):
        plain = plain and m[13 + r] == (1.0 if r % 5 == 0 else 0.0)
    if not plain:
        multiply(g, m, 13, 0)


@inlined
def store(g: Floats, row: int, out: Floats, at: int, apart: int) -> None:
    """Write poses, twelve rows from `row` on, as 4×4 matrices: the first at `at`, the others `apart` numbers on."""
    for k in range(LONG):
        i = np.uint64(at + k * apart)
        for r in range(12):
            out[i + np.uint64(r)] = g[(row + r) * LONG + k]
        out[i + np.uint64(12)] = 0.0
        out[i + np.uint64(13)] = 0.0
        out[i + np.uint64(14)] = 0.0
        out[i + np.uint64(15)] = 1.0


@kernel
def tips(q: Floats, m: Floats, out: Floats) -> bool:
    """Write TCP poses (N, 4, 4) of joint positions (N, n), flat; tell whether all positions are within ±FARTHEST."""
    widest()
    n = int(m[0])
    N = q.size // n
    if N == 0:
        return True
    places, poses = padded(q, n), room(out, 16)
    rows, squares, g = np.empty((n, LONG)), np.zeros(LONG), np.empty(16 * LONG)
    for tile in range(0, N, LONG):
        first = max(0, min(tile, N - LONG))  # the last tile reaches back
        load(places, n, first, rows, squares)
        start(g, m)
        for j in range(n):
            o = HEAD + j * LINK
            motion(g, rows, j, m)
            kind = m[o + 4]
            move(g, kind == CROSSED, kind == ALONG and j + 1 < n, 0.0 if kind == OBLIQUE else m[o + 8])
            if kind == OBLIQUE:
                multiply(g, m, o + 5, 0)
        finish(g, m)
        store(g, 0, poses, first * 16, 16)
    fill(out, poses)
    return small(squares) or within(q)


@kernel
def links(q: Floats, m: Floats, out: Floats) -> bool:
    """Write the frames of the base and of all links (N, n + 1, 4, 4), flat; tell whether all q are within ±FARTHEST."""
    n = int(m[0])
    N = q.size // n
    if N == 0:
        return True
    apart = 16 * (n + 1)
    places, poses = padded(q, n), room(out, apart)
    rows, squares, g = np.empty((n, LONG)), np.zeros(LONG), np.empty(28 * LONG)
    for tile in range(0, N, LONG):
        first = max(0, min(tile, N - LONG))
        load(places, n, first, rows, squares)
        for k in range(LONG):
            for r in range(16):
                poses[np.uint64((first + k) * apart + r)] = 1.0 if r % 5 == 0 else 0.0
        start(g, m)
        for j in range(n):
            o = HEAD + j * LINK
            motion(g, rows, j, m)
            kind = m[o + 4]
            move(g, kind == CROSSED, False, 0.0 if kind == OBLIQUE else m[o + 8])
            if kind == OBLIQUE:
                multiply(g, m, o + 5, 0)
            multiply(g, m, HEAD + j * LINK + 17, 16)
            store(g, 16, poses, first * apart + 16 * (j + 1), apart)
    fill(out, poses)
    return small(squares) or within(q)


@kernel
def jacobians(q: Floats, m: Floats, out: Floats) -> bool:
    """Write the TCP's geometric Jacobians (N, 6, n), flat, linear rows first; tell whether all q are within ±FARTHEST.

    A turning joint moves the TCP by z × (tip − o), with any point o of its axis; here the origin of the frame that the
    joint moves in. A sliding one moves it by z.
    """
    n = int(m[0])
    N = q.size // n
    if N == 0:
        return True
    places, columns = padded(q, n), room(out, 6 * n)
    rows, squares, g = np.empty((n, LONG)), np.zeros(LONG), np.empty(16 * LONG)
    axis = np.empty((n, 6 * LONG))  # its direction, then its point
    for tile in range(0, N, LONG):
        first = max(0, min(tile, N - LONG))
        load(places, n, first, rows, squares)
        start(g, m)
        for j in range(n):
            sign = m[HEAD + j * LINK + 1]
            for k in range(LONG):
                axis[j, k] = sign * g[2 * LONG + k]
                axis[j, LONG + k] = sign * g[6 * LONG + k]
                axis[j, 2 * LONG + k] = sign * g[10 * LONG + k]
                axis[j, 3 * LONG + k] = g[3 * LONG + k]
                axis[j, 4 * LONG + k] = g[7 * LONG + k]
                axis[j, 5 * LONG + k] = g[11 * LONG + k]
            o = HEAD + j * LINK
            motion(g, rows, j, m)
            kind = m[o + 4]
            move(g, kind == CROSSED, kind == ALONG and j + 1 < n, 0.0 if kind == OBLIQUE else m[o + 8])
            if kind == OBLIQUE:
                multiply(g, m, o + 5, 0)
        finish(g, m)
        for j in range(n):
            turns = m[HEAD + j * LINK]
            for k in range(LONG):
                x, y, z = axis[j, k], axis[j, LONG + k], axis[j, 2 * LONG + k]
                u = g[3 * LONG + k] - axis[j, 3 * LONG + k]
                v = g[7 * LONG + k] - axis[j, 4 * LONG + k]
                w = g[11 * LONG + k] - axis[j, 5 * LONG + k]
                i = np.uint64((first + k) * 6 * n + j)
                columns[i] = turns * (y * w - z * v) + (1.0 - turns) * x
                columns[i + np.uint64(n)] = turns * (z * u - x * w) + (1.0 - turns) * y
                columns[i + np.uint64(2 * n)] = turns * (x * v - y * u) + (1.0 - turns) * z
                columns[i + np.uint64(3 * n)] = turns * x
                columns[i + np.uint64(4 * n)] = turns * y
                columns[i + np.uint64(5 * n)] = turns * z
    fill(out, columns)
    return small(squares) or within(q)
