"""Inverse dynamics: the recursive Newton–Euler algorithm (Luh, Walker, Paul 1980; Featherstone 2008, section 5.3).

Each body is described in the frame Zᵢ·Sᵢ of the chain's sparse form (`robocell.motion.denavit`), where most turns from
body to body cost four multiplications. Outwards go velocity and acceleration of the bodies' frames, gravity being an
acceleration of the base; inwards come the forces.

Scratch, in rows of LONG: `v` holds ω, ω̇ and the acceleration of the frame's origin (3 rows each), `f` the force and moment
that a joint hands on. `w` (n, 9 rows) keeps of each joint sine, cosine and shift, and the force and moment that move its
body. A loop writes to one of them only, at offsets that are constant but for the joint's, so that few checks of what
overlaps remain and it becomes SIMD code.
"""

from __future__ import annotations

import numpy as np

from robocell.compiler import inlined, kernel, widest
from robocell.motion.kernels import CROSSED, HEAD, LINK, LONG, OBLIQUE
from robocell.motion.kernels.elementary import sincos
from robocell.motion.kernels.forward import fill, load, padded, room, small, within
from robocell.motion.kernels.scratch import aligned
from robocell.motion.rigid import Floats

BODY = 10  # numbers a body: mass, first moment (3), inertia xx yy zz xy xz yz about its frame's origin


@inlined
def joint(w: Floats, place: Floats, j: int, m: Floats) -> None:
    """Set the rows of sine, cosine and shift of joint j."""
    o = HEAD + j * LINK
    turns, sign, angle, d = m[o], m[o + 1], m[o + 2], m[o + 3]
    turn, slide = turns * sign, (1.0 - turns) * sign
    for k in range(LONG):
        w[j, k], w[j, LONG + k] = sincos(angle + turn * place[j, k])
        w[j, 2 * LONG + k] = d + slide * place[j, k]


@inlined
def slid(v: Floats, rate: Floats, rise: Floats, j: int, sign: float) -> None:
    """Add the acceleration that a sliding joint gives, and that of Coriolis, in the frame before it."""
    for k in range(LONG):
        twice = 2.0 * sign * rate[j, k]
        v[6 * LONG + k] += twice * v[LONG + k]
        v[7 * LONG + k] -= twice * v[k]
        v[8 * LONG + k] += sign * rise[j, k]


@inlined
def advanced(
    x: float,
    y: float,
    z: float,
    ax: float,
    ay: float,
    az: float,
    px: float,
    py: float,
    pz: float,
    s: float,
    c: float,
    d: float,
    a: float,
    rate: float,
    rise: float,
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Return ω, ω̇ and acceleration in the frame RotZ·TransZ(d)·TransX(a) that a joint moves, at its origin."""
    x, y, z = c * x + s * y, c * y - s * x, z + rate
    ax, ay, az = c * ax + s * ay + rate * y, c * ay - s * ax - rate * x, az + rise
    spin, square = z * d + x * a, x * x + y * y + z * z
    qx = c * px + s * py + ay * d + spin * x - square * a
    qy = c * py - s * px + az * a - ax * d + spin * y
    return x, y, z, ax, ay, az, qx, qy, pz + spin * z - ay * a - square * d


@inlined
def outward(v: Floats, w: Floats, rate: Floats, rise: Floats, j: int, turn: float, a: float, crossed: bool) -> None:
    """Go on to the frame RotZ·TransZ·TransX(a) that joint j moves, or if `crossed` to that times RotX(π/2)."""
    if crossed:
        for k in range(LONG):
            x, y, z, ax, ay, az, px, py, pz = advanced(
                v[k],
                v[LONG + k],
                v[2 * LONG + k],
                v[3 * LONG + k],
                v[4 * LONG + k],
                v[5 * LONG + k],
                v[6 * LONG + k],
                v[7 * LONG + k],
                v[8 * LONG + k],
                w[j, k],
                w[j, LONG + k],
                w[j, 2 * LONG + k],
                a,
                turn * rate[j, k],
                turn * rise[j, k],
            )
            v[k], v[LONG + k], v[2 * LONG + k] = x, z, -y
            v[3 * LONG + k], v[4 * LONG + k], v[5 * LONG + k] = ax, az, -ay
            v[6 * LONG + k], v[7 * LONG + k], v[8 * LONG + k] = px, pz, -py
    else:
        for k in range(LONG):
            x, y, z, ax, ay, az, px, py, pz = advanced(
                v[k],
                v[LONG + k],
                v[2 * LONG + k],
                v[3 * LONG + k],
                v[4 * LONG + k],
                v[5 * LONG + k],
                v[6 * LONG + k],
                v[7 * LONG + k],
                v[8 * LONG + k],
                w[j, k],
                w[j, LONG + k],
                w[j, 2 * LONG + k],
                a,
                turn * rate[j, k],
                turn * rise[j, k],
            )
            v[k], v[LONG + k], v[2 * LONG + k] = x, y, z
            v[3 * LONG + k], v[4 * LONG + k], v[5 * LONG + k] = ax, ay, az
            v[6 * LONG + k], v[7 * LONG + k], v[8 * LONG + k] = px, py, pz


@inlined
def oblique(v: Floats, m: Floats, o: int) -> None:
    """Go on over a constant transform, the twelve numbers of m from o on."""
    a, b, c, t = m[o], m[o + 1], m[o + 2], m[o + 3]
    d, e, f, u = m[o + 4], m[o + 5], m[o + 6], m[o + 7]
    h, i, j, w = m[o + 8], m[o + 9], m[o + 10], m[o + 11]
    for k in range(LONG):
        x, y, z = v[k], v[LONG + k], v[2 * LONG + k]
        ax, ay, az = v[3 * LONG + k], v[4 * LONG + k], v[5 * LONG + k]
        spin, square = x * t + y * u + z * w, x * x + y * y + z * z
        px = v[6 * LONG + k] + ay * w - az * u + spin * x - square * t
        py = v[7 * LONG + k] + az * t - ax * w + spin * y - square * u
        pz = v[8 * LONG + k] + ax * u - ay * t + spin * z - square * w
        v[k], v[LONG + k], v[2 * LONG + k] = a * x + d * y + h * z, b * x + e * y + i * z, c * x + f * y + j * z
        v[3 * LONG + k], v[4 * LONG + k] = a * ax + d * ay + h * az, b * ax + e * ay + i * az
        v[5 * LONG + k], v[6 * LONG + k] = c * ax + f * ay + j * az, a * px + d * py + h * pz
        v[7 * LONG + k], v[8 * LONG + k] = b * px + e * py + i * pz, c * px + f * py + j * pz


@inlined
def body(v: Floats, b: Floats, w: Floats, j: int) -> None:
    """Keep what moves body j: its force, and its moment about the frame's origin."""
    o = j * BODY
    mass, hx, hy, hz = b[o], b[o + 1], b[o + 2], b[o + 3]
    xx, yy, zz, xy, xz, yz = b[o + 4], b[o + 5], b[o + 6], b[o + 7], b[o + 8], b[o + 9]
    for k in range(LONG):
        x, y, z = v[k], v[LONG + k], v[2 * LONG + k]
        ax, ay, az = v[3 * LONG + k], v[4 * LONG + k], v[5 * LONG + k]
        px, py, pz = v[6 * LONG + k], v[7 * LONG + k], v[8 * LONG + k]
        spin, square = x * hx + y * hy + z * hz, x * x + y * y + z * z
        w[j, 3 * LONG + k] = mass * px + ay * hz - az * hy + spin * x - square * hx
        w[j, 4 * LONG + k] = mass * py + az * hx - ax * hz + spin * y - square * hy
        w[j, 5 * LONG + k] = mass * pz + ax * hy - ay * hx + spin * z - square * hz
        lx, ly, lz = xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z
        w[j, 6 * LONG + k] = xx * ax + xy * ay + xz * az + y * lz - z * ly + hy * pz - hz * py
        w[j, 7 * LONG + k] = xy * ax + yy * ay + yz * az + z * lx - x * lz + hz * px - hx * pz
        w[j, 8 * LONG + k] = xz * ax + yz * ay + zz * az + x * ly - y * lx + hx * py - hy * px


@inlined
def handed(
    x: float, y: float, z: float, nx: float, ny: float, nz: float, s: float, c: float, d: float, a: float
) -> tuple[float, float, float, float, float, float]:
    """Return force and moment before RotZ·TransZ(d)·TransX(a)."""
    nx, ny, nz = nx - d * y, ny + d * x - a * z, nz + a * y
    return c * x - s * y, s * x + c * y, z, c * nx - s * ny, s * nx + c * ny, nz


@inlined
def inward(f: Floats, w: Floats, j: int, a: float, crossed: bool) -> None:
    """Add body j's force and moment and hand both on over RotZ·TransZ·TransX(a), if `crossed` times RotX(π/2)."""
    if crossed:
        for k in range(LONG):
            f[k], f[LONG + k], f[2 * LONG + k], f[3 * LONG + k], f[4 * LONG + k], f[5 * LONG + k] = handed(
                f[k] + w[j, 3 * LONG + k],
                -f[2 * LONG + k] - w[j, 5 * LONG + k],
                f[LONG + k] + w[j, 4 * LONG + k],
                f[3 * LONG + k] + w[j, 6 * LONG + k],
                -f[5 * LONG + k] - w[j, 8 * LONG + k],
                f[4 * LONG + k] + w[j, 7 * LONG + k],
                w[j, k],
                w[j, LONG + k],
                w[j, 2 * LONG + k],
                a,
            )
    else:
        for k in range(LONG):
            f[k], f[LONG + k], f[2 * LONG + k], f[3 * LONG + k], f[4 * LONG + k], f[5 * LONG + k] = handed(
                f[k] + w[j, 3 * LONG + k],
                f[LONG + k] + w[j, 4 * LONG + k],
                f[2 * LONG + k] + w[j, 5 * LONG + k],
                f[3 * LONG + k] + w[j, 6 * LONG + k],
                f[4 * LONG + k] + w[j, 7 * LONG + k],
                f[5 * LONG + k] + w[j, 8 * LONG + k],
                w[j, k],
                w[j, LONG + k],
                w[j, 2 * LONG + k],
                a,
            )


@inlined
def inward_oblique(f: Floats, w: Floats, j: int, m: Floats, o: int) -> None:
    """Express both sums before a constant transform, the twelve numbers of m from o on, and leave them to the body."""
    a, b, c, t = m[o], m[o + 1], m[o + 2], m[o + 3]
    d, e, g, u = m[o + 4], m[o + 5], m[o + 6], m[o + 7]
    p, q, r, h = m[o + 8], m[o + 9], m[o + 10], m[o + 11]
    for k in range(LONG):
        x, y, z = f[k] + w[j, 3 * LONG + k], f[LONG + k] + w[j, 4 * LONG + k], f[2 * LONG + k] + w[j, 5 * LONG + k]
        nx, ny = f[3 * LONG + k] + w[j, 6 * LONG + k], f[4 * LONG + k] + w[j, 7 * LONG + k]
        nz = f[5 * LONG + k] + w[j, 8 * LONG + k]
        x, y, z = a * x + b * y + c * z, d * x + e * y + g * z, p * x + q * y + r * z
        w[j, 3 * LONG + k], w[j, 4 * LONG + k], w[j, 5 * LONG + k] = x, y, z
        w[j, 6 * LONG + k] = a * nx + b * ny + c * nz + u * z - h * y
        w[j, 7 * LONG + k] = d * nx + e * ny + g * nz + h * x - t * z
        w[j, 8 * LONG + k] = p * nx + q * ny + r * nz + t * y - u * x
    for k in range(6 * LONG):
        f[k] = 0.0


@inlined
def share(f: Floats, j: int, m: Floats, effort: Floats) -> None:
    """Take from force and moment what joint j must exert."""
    o = HEAD + j * LINK
    turn, slide = m[o] * m[o + 1], (1.0 - m[o]) * m[o + 1]
    for k in range(LONG):
        effort[j, k] = turn * f[5 * LONG + k] + slide * f[2 * LONG + k]


@inlined
def store(effort: Floats, n: int, first: int, out: Floats) -> None:
    """Transpose rows to a tile of items of n numbers, from item `first` on."""
    if n == 6:  # as below, but so that it becomes SIMD code
        for k in range(LONG):
            i = np.uint64(6 * (first + k))
            out[i], out[i + np.uint64(1)], out[i + np.uint64(2)] = effort[0, k], effort[1, k], effort[2, k]
            out[i + np.uint64(3)], out[i + np.uint64(4)] = effort[3, k], effort[4, k]
            out[i + np.uint64(5)] = effort[5, k]
    else:
        for j in range(n):
            for k in range(LONG):
                out[np.uint64((first + k) * n + j)] = effort[j, k]


@kernel
def newton_euler(
    q: Floats, qd: Floats, qdd: Floats, m: Floats, b: Floats, gravity: Floats, out: Floats
) -> tuple[bool, bool, bool]:
    """Write the joints' torques and forces (N, n), flat; tell of q, qd and qdd whether all are within ±FARTHEST.

    `b` holds the bodies, BODY numbers each; `gravity` (3) is in the base frame.
    """
    widest()
    n = int(m[0])
    N = q.size // n
    if N == 0:
        return True, True, True
    places, rates, rises, efforts = padded(q, n), padded(qd, n), padded(qdd, n), room(out, n)
    place, rate = aligned(n * LONG).reshape((n, LONG)), aligned(n * LONG).reshape((n, LONG))
    rise = aligned(n * LONG).reshape((n, LONG))
    far, fast, hard = np.zeros(LONG), np.zeros(LONG), np.zeros(LONG)
    v, w, f = aligned(9 * LONG), aligned(9 * n * LONG).reshape((n, 9 * LONG)), aligned(6 * LONG)
    up = np.empty(3)  # the base accelerates against gravity, in the frame of the first joint
    for r in range(3):
        up[r] = -(m[1 + r] * gravity[0] + m[5 + r] * gravity[1] + m[9 + r] * gravity[2])
    for tile in range(0, N, LONG):
        first = max(0, min(tile, N - LONG))  # the last tile reaches back
        load(places, n, first, place, far)
        load(rates, n, first, rate, fast)
        load(rises, n, first, rise, hard)
        for k in range(LONG):
            v[k], v[LONG + k], v[2 * LONG + k] = 0.0, 0.0, 0.0
            v[3 * LONG + k], v[4 * LONG + k], v[5 * LONG + k] = 0.0, 0.0, 0.0
            v[6 * LONG + k], v[7 * LONG + k], v[8 * LONG + k] = up[0], up[1], up[2]
        for j in range(n):
            joint(w, place, j, m)
            o = HEAD + j * LINK
            if m[o] == 0.0:
                slid(v, rate, rise, j, m[o + 1])
            kind = m[o + 4]
            outward(v, w, rate, rise, j, m[o] * m[o + 1], 0.0 if kind == OBLIQUE else m[o + 8], kind == CROSSED)
            if kind == OBLIQUE:
                oblique(v, m, o + 5)
            body(v, b, w, j)
        for k in range(6 * LONG):
            f[k] = 0.0
        for back in range(n):
            j = n - 1 - back
            o = HEAD + j * LINK
            kind = m[o + 4]
            if kind == OBLIQUE:
                inward_oblique(f, w, j, m, o + 5)
            inward(f, w, j, 0.0 if kind == OBLIQUE else m[o + 8], kind == CROSSED)
            share(f, j, m, place)
        store(place, n, first, efforts)
    fill(out, efforts)
    return small(far) or within(q), small(fast) or within(qd), small(hard) or within(qdd)
