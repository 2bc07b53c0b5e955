"""Inverse dynamics: the recursive Newton–Euler algorithm (Luh, Walker, Paul 1980; Featherstone 2008, section 5.3).

Each body is described in the frame Zᵢ·Sᵢ of the chain's sparse form (`robocell.motion.denavit`), where most turns from
body to body cost four multiplications. Outwards go velocity and acceleration of the bodies' frames, gravity being an
acceleration of the base; inwards come the forces.

Scratch, in rows of TILE: `v` holds ω, ω̇ and the acceleration of the frame's origin (3 rows each), sine, cosine and shift
of the joint, its turning rate and acceleration, its sliding rate and acceleration, and the force and moment that move the
body. `w` (n, 9 rows) keeps of each body that force and moment, and sine, cosine and shift. `f` holds the force and moment
that a joint hands on, a copy of the body's row of `w`, and the joint's torque. Loops touch `v` or `f` alone at constant
offsets, which is what makes them SIMD code.
"""

from __future__ import annotations

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import ALONG, CROSSED, HEAD, LINK, TILE
from robocell.motion.kernels.elementary import sincos
from robocell.motion.kernels.forward import load, within
from robocell.motion.rigid import Floats

BODY = 10  # numbers a body: mass, first moment (3), inertia xx yy zz xy xz yz about its frame's origin


@inlined
def joint(v: Floats, q: Floats, qd: Floats, qdd: Floats, j: int, m: Floats) -> None:
    """Set the rows of a joint's motion."""
    o = HEAD + j * LINK
    turns, sign, angle, d = m[o], m[o + 1], m[o + 2], m[o + 3]
    slides = 1.0 - turns
    for k in range(TILE):
        v[11 * TILE + k] = q[j, k]
    for k in range(TILE):
        v[12 * TILE + k] = qd[j, k]
    for k in range(TILE):
        v[13 * TILE + k] = qdd[j, k]
    for k in range(TILE):
        v[9 * TILE + k], v[10 * TILE + k] = sincos(angle + turns * sign * v[11 * TILE + k])
    for k in range(TILE):
        place, rate, rise = sign * v[11 * TILE + k], sign * v[12 * TILE + k], sign * v[13 * TILE + k]
        v[11 * TILE + k] = d + slides * place
        v[12 * TILE + k], v[13 * TILE + k] = turns * rate, turns * rise
        v[14 * TILE + k], v[15 * TILE + k] = slides * rate, slides * rise


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
    slip: float,
    push: float,
) -> tuple[float, float, float, float, float, float, float, float, float]:
    """Return ω, ω̇ and acceleration in the frame RotZ·TransZ(d)·TransX(a) that a joint moves, at its origin."""
    x, y, z = c * x + s * y, c * y - s * x, z + rate
    ax, ay, az = c * ax + s * ay + rate * y, c * ay - s * ax - rate * x, az + rise
    spin, square, twice = z * d + x * a, x * x + y * y + z * z, 2.0 * slip
    qx = c * px + s * py + ay * d + spin * x - square * a + twice * y
    qy = c * py - s * px + az * a - ax * d + spin * y - twice * x
    return x, y, z, ax, ay, az, qx, qy, pz + spin * z - ay * a - square * d + push


@inlined
def outward(v: Floats, a: float) -> None:
    """Go on to the frame RotZ·TransZ·TransX(a) that the joint moves."""
    for k in range(TILE):
        x, y, z, ax, ay, az, px, py, pz = advanced(
            v[k],
            v[TILE + k],
            v[2 * TILE + k],
            v[3 * TILE + k],
            v[4 * TILE + k],
            v[5 * TILE + k],
            v[6 * TILE + k],
            v[7 * TILE + k],
            v[8 * TILE + k],
            v[9 * TILE + k],
            v[10 * TILE + k],
            v[11 * TILE + k],
            a,
            v[12 * TILE + k],
            v[13 * TILE + k],
            v[14 * TILE + k],
            v[15 * TILE + k],
        )
        v[k], v[TILE + k], v[2 * TILE + k] = x, y, z
        v[3 * TILE + k], v[4 * TILE + k], v[5 * TILE + k] = ax, ay, az
        v[6 * TILE + k], v[7 * TILE + k], v[8 * TILE + k] = px, py, pz


@inlined
def outward_crossed(v: Floats, a: float) -> None:
    """Go on to the frame RotZ·TransZ·TransX(a)·RotX(π/2) that the joint moves."""
    for k in range(TILE):
        x, y, z, ax, ay, az, px, py, pz = advanced(
            v[k],
            v[TILE + k],
            v[2 * TILE + k],
            v[3 * TILE + k],
            v[4 * TILE + k],
            v[5 * TILE + k],
            v[6 * TILE + k],
            v[7 * TILE + k],
            v[8 * TILE + k],
            v[9 * TILE + k],
            v[10 * TILE + k],
            v[11 * TILE + k],
            a,
            v[12 * TILE + k],
            v[13 * TILE + k],
            v[14 * TILE + k],
            v[15 * TILE + k],
        )
        v[k], v[TILE + k], v[2 * TILE + k] = x, z, -y
        v[3 * TILE + k], v[4 * TILE + k], v[5 * TILE + k] = ax, az, -ay
        v[6 * TILE + k], v[7 * TILE + k], v[8 * TILE + k] = px, pz, -py


@inlined
def oblique(v: Floats, m: Floats, o: int) -> None:
    """Go on over a constant transform, the twelve numbers of m from o on."""
    a, b, c, t = m[o], m[o + 1], m[o + 2], m[o + 3]
    d, e, f, u = m[o + 4], m[o + 5], m[o + 6], m[o + 7]
    h, i, j, w = m[o + 8], m[o + 9], m[o + 10], m[o + 11]
    for k in range(TILE):
        x, y, z = v[k], v[TILE + k], v[2 * TILE + k]
        ax, ay, az = v[3 * TILE + k], v[4 * TILE + k], v[5 * TILE + k]
        spin, square = x * t + y * u + z * w, x * x + y * y + z * z
        px = v[6 * TILE + k] + ay * w - az * u + spin * x - square * t
        py = v[7 * TILE + k] + az * t - ax * w + spin * y - square * u
        pz = v[8 * TILE + k] + ax * u - ay * t + spin * z - square * w
        v[k], v[TILE + k], v[2 * TILE + k] = a * x + d * y + h * z, b * x + e * y + i * z, c * x + f * y + j * z
        v[3 * TILE + k], v[4 * TILE + k] = a * ax + d * ay + h * az, b * ax + e * ay + i * az
        v[5 * TILE + k], v[6 * TILE + k] = c * ax + f * ay + j * az, a * px + d * py + h * pz
        v[7 * TILE + k], v[8 * TILE + k] = b * px + e * py + i * pz, c * px + f * py + j * pz


@inlined
def body(v: Floats, b: Floats, w: Floats, j: int) -> None:
    """Keep what moves body j: its force, its moment about the frame's origin; and the joint's sine, cosine, shift."""
    o = j * BODY
    mass, hx, hy, hz = b[o], b[o + 1], b[o + 2], b[o + 3]
    xx, yy, zz, xy, xz, yz = b[o + 4], b[o + 5], b[o + 6], b[o + 7], b[o + 8], b[o + 9]
    for k in range(TILE):
        x, y, z = v[k], v[TILE + k], v[2 * TILE + k]
        ax, ay, az = v[3 * TILE + k], v[4 * TILE + k], v[5 * TILE + k]
        px, py, pz = v[6 * TILE + k], v[7 * TILE + k], v[8 * TILE + k]
        spin, square = x * hx + y * hy + z * hz, x * x + y * y + z * z
        v[16 * TILE + k] = mass * px + ay * hz - az * hy + spin * x - square * hx
        v[17 * TILE + k] = mass * py + az * hx - ax * hz + spin * y - square * hy
        v[18 * TILE + k] = mass * pz + ax * hy - ay * hx + spin * z - square * hz
        lx, ly, lz = xx * x + xy * y + xz * z, xy * x + yy * y + yz * z, xz * x + yz * y + zz * z
        v[19 * TILE + k] = xx * ax + xy * ay + xz * az + y * lz - z * ly + hy * pz - hz * py
        v[20 * TILE + k] = xy * ax + yy * ay + yz * az + z * lx - x * lz + hz * px - hx * pz
        v[21 * TILE + k] = xz * ax + yz * ay + zz * az + x * ly - y * lx + hx * py - hy * px
    for k in range(6 * TILE):
        w[j, k] = v[16 * TILE + k]
    for k in range(3 * TILE):
        w[j, 6 * TILE + k] = v[9 * TILE + k]


@inlined
def inward(f: Floats, w: Floats, j: int, m: Floats) -> None:
    """Add body j's force and moment, take the joint's share (row 15), and hand on the rest to the body before."""
    o = HEAD + j * LINK
    turns, sign, kind = m[o], m[o + 1], m[o + 4]
    for k in range(9 * TILE):
        f[6 * TILE + k] = w[j, k]
    for k in range(6 * TILE):
        f[k] += f[6 * TILE + k]
    a = m[o + 8]
    if kind == CROSSED:
        for k in range(TILE):
            f[TILE + k], f[2 * TILE + k] = -f[2 * TILE + k], f[TILE + k]
            f[4 * TILE + k], f[5 * TILE + k] = -f[5 * TILE + k], f[4 * TILE + k]
    elif kind != ALONG:
        a = 0.0
        inward_oblique(f, m, o + 5)
    for k in range(TILE):
        s, c, d = f[12 * TILE + k], f[13 * TILE + k], f[14 * TILE + k]
        x, y, z = f[k], f[TILE + k], f[2 * TILE + k]
        nx, ny, nz = f[3 * TILE + k] - d * y, f[4 * TILE + k] + d * x - a * z, f[5 * TILE + k] + a * y
        f[k], f[TILE + k] = c * x - s * y, s * x + c * y
        f[3 * TILE + k], f[4 * TILE + k], f[5 * TILE + k] = c * nx - s * ny, s * nx + c * ny, nz
        f[15 * TILE + k] = sign * (turns * nz + (1.0 - turns) * z)


@inlined
def inward_oblique(f: Floats, m: Floats, o: int) -> None:
    """Express force and moment before a constant transform, the twelve numbers of m from o on."""
    a, b, c, t = m[o], m[o + 1], m[o + 2], m[o + 3]
    d, e, g, u = m[o + 4], m[o + 5], m[o + 6], m[o + 7]
    h, i, j, w = m[o + 8], m[o + 9], m[o + 10], m[o + 11]
    for k in range(TILE):
        x, y, z = f[k], f[TILE + k], f[2 * TILE + k]
        nx, ny, nz = f[3 * TILE + k], f[4 * TILE + k], f[5 * TILE + k]
        x, y, z = a * x + b * y + c * z, d * x + e * y + g * z, h * x + i * y + j * z
        f[k], f[TILE + k], f[2 * TILE + k] = x, y, z
        f[3 * TILE + k] = a * nx + b * ny + c * nz + u * z - w * y
        f[4 * TILE + k] = d * nx + e * ny + g * nz + w * x - t * z
        f[5 * TILE + k] = h * nx + i * ny + j * nz + t * y - u * x


@kernel
def newton_euler(
    q: Floats, qd: Floats, qdd: Floats, m: Floats, b: Floats, gravity: Floats, out: Floats
) -> tuple[bool, bool, bool]:
    """Write the joints' torques and forces (N, n), flat; tell of q, qd and qdd whether all are within ±FARTHEST.

    `b` holds the bodies, BODY numbers each; `gravity` (3) is in the base frame.
    """
    n = int(m[0])
    N = q.size // n
    place, rate, rise = np.empty((n, TILE)), np.empty((n, TILE)), np.empty((n, TILE))
    v, w, f = np.empty(22 * TILE), np.empty((n, 9 * TILE)), np.empty(16 * TILE)
    up = np.empty(3)  # the base accelerates against gravity, in the frame of the first joint
    for r in range(3):
        up[r] = -(m[1 + r] * gravity[0] + m[5 + r] * gravity[1] + m[9 + r] * gravity[2])
    for first in range(0, N, TILE):
        count = min(TILE, N - first)
        load(q[first * n : (first + count) * n], n, count, place)
        load(qd[first * n : (first + count) * n], n, count, rate)
        load(qdd[first * n : (first + count) * n], n, count, rise)
        for k in range(6 * TILE):
            v[k] = 0.0
        for k in range(TILE):
            v[6 * TILE + k], v[7 * TILE + k], v[8 * TILE + k] = up[0], up[1], up[2]
        for j in range(n):
            o = HEAD + j * LINK
            joint(v, place, rate, rise, j, m)
            if m[o + 4] == ALONG:
                outward(v, m[o + 8])
            elif m[o + 4] == CROSSED:
                outward_crossed(v, m[o + 8])
            else:
                outward(v, 0.0)
                oblique(v, m, o + 5)
            body(v, b, w, j)
        for k in range(6 * TILE):
            f[k] = 0.0
        tile = out[first * n : (first + count) * n]
        for back in range(n):
            j = n - 1 - back
            inward(f, w, j, m)
            for k in range(count):
                tile[k * n + j] = f[15 * TILE + k]
    return within(q), within(qd), within(qdd)
