"""Damped least squares for one pose of a serial chain: what polishes closed forms and solves chains without one.

A chain comes packed, see `ik_chain.packed`: every joint's axis is Z of its frame, so that a joint costs two plane
rotations. The damping is Sugihara's (2011), proportional to the squared error: large far away, none at the goal.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels.elementary import arctan2, sincos
from robocell.motion.kernels.types import Floats

REACH = 1e-10  # metres: a pose that is this little out of reach counts as reached
DOUBT = 1e-6  # metres: below this, rounding at a singularity may be all that is missing
NEARLY = 5e-3  # metres: likewise, where the chain is only nearly of the closed form's class
RESIDUAL = 5e-10  # metres and radians: what counts as a solution
DONE = 1e-13  # metres and radians: no step makes this better
DAMPING = 0.05
POLISH = 20  # steps

BASE, END, JOINTS, PER_JOINT = 1, 13, 25, 7  # where a packed chain has its parts

# where the work array of one pose has its parts
Q, ERROR, JACOBIAN, MATRIX, STEP, TIP, WORK = 0, 8, 14, 62, 98, 106, 118


@inlined
def _turned(a: float, b: float, c: float, s: float) -> tuple[float, float]:
    return c * a + s * b, c * b - s * a


@kernel
def forward(chain: Floats, work: Floats) -> None:
    """Put the TCP's pose at work's q into its TIP (rotation by rows, position), axes and places into JACOBIAN."""
    n = int(chain[0])
    a, b, c, d, e, f = chain[1], chain[2], chain[3], chain[4], chain[5], chain[6]
    g, h, i, x, y, z = chain[7], chain[8], chain[9], chain[10], chain[11], chain[12]
    for j in range(n):
        at = JOINTS + PER_JOINT * j
        tx, ty, tz = chain[at + 2], chain[at + 3], chain[at + 4]
        x, y, z = x + (a * tx + b * ty + c * tz), y + (d * tx + e * ty + f * tz), z + (g * tx + h * ty + i * tz)
        b, c = _turned(b, c, chain[at], chain[at + 1])
        e, f = _turned(e, f, chain[at], chain[at + 1])
        h, i = _turned(h, i, chain[at], chain[at + 1])
        turns = chain[at + 6]
        sine, cosine = sincos(chain[at + 5] + turns * work[Q + j])
        a, b = _turned(a, b, cosine, sine)
        d, e = _turned(d, e, cosine, sine)
        g, h = _turned(g, h, cosine, sine)
        shift = (1.0 - turns) * work[Q + j]
        x, y, z = x + c * shift, y + f * shift, z + i * shift
        to = JACOBIAN + 6 * j
        work[to], work[to + 1], work[to + 2] = x, y, z
        work[to + 3], work[to + 4], work[to + 5] = c, f, i
    tx, ty, tz = chain[END + 9], chain[END + 10], chain[END + 11]
    work[TIP + 9] = x + (a * tx + b * ty + c * tz)
    work[TIP + 10] = y + (d * tx + e * ty + f * tz)
    work[TIP + 11] = z + (g * tx + h * ty + i * tz)
    for k in range(3):
        tx, ty, tz = chain[END + k], chain[END + 3 + k], chain[END + 6 + k]
        work[TIP + k] = a * tx + b * ty + c * tz
        work[TIP + 3 + k] = d * tx + e * ty + f * tz
        work[TIP + 6 + k] = g * tx + h * ty + i * tz


@kernel
def residual(chain: Floats, T: Floats, at: int, work: Floats) -> float:
    """Put the twist from the TCP at work's q to the pose T[at:] into ERROR and the Jacobian into JACOBIAN.

    Both are in the base frame, linear rows first; the Jacobian lies column after column. Returns the largest of
    the twist's six numbers, rad and m.
    """
    forward(chain, work)
    n = int(chain[0])
    x, y, z = work[TIP + 9], work[TIP + 10], work[TIP + 11]
    for j in range(n):
        to = JACOBIAN + 6 * j
        ux, uy, uz = work[to + 3], work[to + 4], work[to + 5]
        rx, ry, rz = x - work[to], y - work[to + 1], z - work[to + 2]
        if chain[JOINTS + PER_JOINT * j + 6] > 0.0:
            work[to], work[to + 1], work[to + 2] = uy * rz - uz * ry, uz * rx - ux * rz, ux * ry - uy * rx
        else:
            work[to], work[to + 1], work[to + 2] = ux, uy, uz
            work[to + 3], work[to + 4], work[to + 5] = 0.0, 0.0, 0.0
    work[ERROR], work[ERROR + 1], work[ERROR + 2] = T[at + 3] - x, T[at + 7] - y, T[at + 11] - z
    wx, wy, wz = _rotation_vector(T, at, work)
    work[ERROR + 3], work[ERROR + 4], work[ERROR + 5] = wx, wy, wz
    worst = 0.0
    for k in range(6):
        worst = max(worst, abs(work[ERROR + k]))
    return worst


@inlined
def _rotation_vector(T: Floats, at: int, work: Floats) -> tuple[float, float, float]:
    """Return the rotation vector from the TCP in work to the pose T[at:]; half a turn is about a coordinate axis."""
    x, y, z, trace = 0.0, 0.0, 0.0, 0.0
    for k in range(3):
        a, b, c = work[TIP + k], work[TIP + 3 + k], work[TIP + 6 + k]
        d, e, f = T[at + k], T[at + 4 + k], T[at + 8 + k]
        x, y, z = x + 0.5 * (b * f - c * e), y + 0.5 * (c * d - a * f), z + 0.5 * (a * e - b * d)
        trace += a * d + b * e + c * f
    sine = math.sqrt(x * x + y * y + z * z)
    angle = arctan2(sine, 0.5 * (trace - 1.0))
    scale = angle / sine if sine > 1e-9 else 1.0
    if sine < 1e-6 and trace < 0.0:  # half a turn: its axis is not worth finding, a first step leads away from it
        return 1.0, 1.0, 1.0
    return scale * x, scale * y, scale * z


@kernel
def newton_step(chain: Floats, damping: float, work: Floats) -> None:
    """Put the damped least-squares step into STEP, from ERROR and JACOBIAN.

    Solves with J Jᵀ (6×6), or with Jᵀ J (padded to 6×6 with ones) where there are fewer joints than that.
    """
    n = int(chain[0])
    square = 0.0
    for k in range(6):
        square += work[ERROR + k] * work[ERROR + k]
    weight = damping * square + 1e-14
    for k in range(36):
        work[MATRIX + k] = 0.0
    if n >= 6:
        _rows_squared(n, weight, work)
    else:
        _columns_squared(n, weight, work)
    _cholesky(work)
    if n >= 6:
        e0, e1, e2, e3, e4, e5 = (
            work[STEP],
            work[STEP + 1],
            work[STEP + 2],
            work[STEP + 3],
            work[STEP + 4],
            work[STEP + 5],
        )
        for j in range(n):
            at = JACOBIAN + 6 * j
            linear = work[at] * e0 + work[at + 1] * e1 + work[at + 2] * e2
            work[STEP + j] = linear + work[at + 3] * e3 + work[at + 4] * e4 + work[at + 5] * e5


@kernel
def _rows_squared(n: int, weight: float, work: Floats) -> None:
    """Set up J Jᵀ + weight and the error as its right-hand side."""
    for j in range(n):
        at = JACOBIAN + 6 * j
        for r in range(6):
            for c in range(r + 1):
                work[MATRIX + 6 * r + c] += work[at + r] * work[at + c]
    for r in range(6):
        work[MATRIX + 7 * r] += weight
        work[STEP + r] = work[ERROR + r]


@kernel
def _columns_squared(n: int, weight: float, work: Floats) -> None:
    """Set up Jᵀ J + weight, padded to 6×6, and Jᵀ times the error as its right-hand side."""
    for r in range(6):
        work[STEP + r] = 0.0
        work[MATRIX + 7 * r] = weight if r < n else 1.0
    for r in range(n):
        for k in range(6):
            work[STEP + r] += work[JACOBIAN + 6 * r + k] * work[ERROR + k]
        for c in range(r + 1):
            for k in range(6):
                work[MATRIX + 6 * r + c] += work[JACOBIAN + 6 * r + k] * work[JACOBIAN + 6 * c + k]


@kernel
def _cholesky(work: Floats) -> None:
    """Solve the 6×6 system of MATRIX (lower half) for STEP, in place."""
    for c in range(6):
        diagonal = work[MATRIX + 7 * c]
        for k in range(c):
            diagonal -= work[MATRIX + 6 * c + k] ** 2
        scale = 1.0 / math.sqrt(max(diagonal, 1e-30))
        work[MATRIX + 7 * c] = scale
        for r in range(c + 1, 6):
            value = work[MATRIX + 6 * r + c]
            for k in range(c):
                value -= work[MATRIX + 6 * r + k] * work[MATRIX + 6 * c + k]
            work[MATRIX + 6 * r + c] = value * scale
        value = work[STEP + c]
        for k in range(c):
            value -= work[MATRIX + 6 * c + k] * work[STEP + k]
        work[STEP + c] = value * scale
    for c in range(5, -1, -1):
        value = work[STEP + c]
        for k in range(c + 1, 6):
            value -= work[MATRIX + 6 * k + c] * work[STEP + k]
        work[STEP + c] = value * work[MATRIX + 7 * c]


@kernel
def descend(chain: Floats, T: Floats, at: int, steps: int, work: Floats) -> float:
    """Go from work's q to the pose T[at:], without limits; return the largest number of the remaining twist."""
    n = int(chain[0])
    worst = residual(chain, T, at, work)
    for _ in range(steps):
        if worst <= DONE:
            break
        newton_step(chain, DAMPING, work)
        longest = 1.0
        for j in range(n):
            longest = max(longest, abs(work[STEP + j]))
        for j in range(n):
            work[Q + j] += work[STEP + j] / longest
        worst = residual(chain, T, at, work)
    return worst


@kernel
def polish(chain: Floats, T: Floats, at: int, work: Floats) -> tuple[bool, float]:
    """Make work's q a solution for the pose T[at:] if a few steps can; return whether, and the distance left (m)."""
    worst = descend(chain, T, at, POLISH, work)
    x, y, z = work[ERROR], work[ERROR + 1], work[ERROR + 2]
    return worst <= RESIDUAL, math.sqrt(x * x + y * y + z * z)


@kernel
def descend_all(chain: Floats, T: Floats, each: int, steps: int, q: Floats, worst: Floats) -> None:
    """Descend from every start q (S·n), in place; `each` successive starts share a pose of T (flat 4×4).

    `worst` (S) receives the largest number of the twist that remains.
    """
    n = int(chain[0])
    work = np.zeros(WORK)
    for row in range(len(worst)):
        for j in range(n):
            work[Q + j] = q[row * n + j]
        worst[row] = descend(chain, T, 16 * (row // each), steps, work)
        for j in range(n):
            q[row * n + j] = work[Q + j]
