"""Closed form of arms whose axes 2, 3 and 4 are parallel and whose axes 5 and 6 cross: Universal Robots' and kin.

Branch index = 4·shoulder + 2·elbow + wrist; chosen are shoulder, wrist and elbow, one after the other.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import kernel, widest
from robocell.motion.kernels.elementary import inverse_root, nearly_one, unit_angle
from robocell.motion.kernels.inverse_branches import finish, within
from robocell.motion.kernels.inverse_descent import REACH
from robocell.motion.kernels.inverse_subproblems import (
    ANGLE1,
    COLUMNS,
    PI,
    SAME_TWICE,
    SHORT,
    SHOULDER,
    X,
    Z,
    shoulder,
    turned_back,
    two_links,
)
from robocell.motion.kernels.inverse_tiles import (
    CLASS,
    DELTA,
    FORE,
    FORE_ANGLE,
    GAP,
    GOOD,
    PAIR,
    POSE,
    QUAD,
    ROWS,
    SIGN3,
    SIGN4,
    SINGULAR,
    TILE,
    UPPER,
    UPPER_ANGLE,
    WIDE,
    blocks,
    first_bad,
    take_near,
    take_poses,
    to_canonical,
)
from robocell.motion.kernels.inverse_tiles import TWIN as REPEATS
from robocell.motion.kernels.scratch import aligned
from robocell.motion.kernels.types import Flags, Floats

TINY = 1e-300

# constants of the class: axis 5 at zero across axis 2, and the wrist centre seen from axis 4
AXIS5_X, AXIS5_Z, CENTRE_X, CENTRE_Z = CLASS, CLASS + 1, CLASS + 2, CLASS + 3

# rows of QUAD: the turn of joints 2 to 4 together, its sine and cosine; and what PAIR has of the shoulder
TURN, TURN_SINE, TURN_COSINE, REACH_X, REACH_Z, TOO_SHORT, TWICE = range(7)
TURNED = 7


@kernel
def _reaching(K: Floats, x: float, z: float, turn: float) -> float:
    """Return the turn nearest to a wanted one at which axis 4 is within reach, where joints 2 to 4 may turn freely.

    Axis 4 goes round the wrist centre with the turn, at a distance d from axis 2 with d² = A − 2 M cos(turn − φ).
    """
    vx, vz, r1, r2 = K[CENTRE_X], K[CENTRE_Z], K[UPPER], K[FORE]
    a, b = x * vx + z * vz, x * vz - z * vx
    A, M, phi = x * x + z * z + vx * vx + vz * vz, math.sqrt(a * a + b * b), math.atan2(b, a)
    square = A - 2.0 * M * math.cos(turn - phi)
    far, close = (r1 + r2) * (r1 + r2), (r1 - r2) * (r1 - r2)
    if close <= square <= far or M < TINY:
        return turn
    limit = (A - (far if square > far else close)) / (2.0 * M)
    open_by = math.acos(min(max(limit, -1.0), 1.0))
    off = turn - phi - 2.0 * PI * math.floor((turn - phi) / (2.0 * PI) + 0.5)
    return turn - off + (open_by if off > 0.0 else -open_by)


@kernel
def wrist(K: Floats, S: Floats, near: Floats, E: Floats, W: Floats) -> None:
    """Split the orientation into the turn of joints 2 to 4, and joints 5 and 6: two ways."""
    widest()
    yx, yz, delta, sign3, sign4 = K[AXIS5_X], K[AXIS5_Z], K[DELTA], K[SIGN3], K[SIGN4]
    free = 0
    for i in range(PAIR):
        x, y, z = S[(COLUMNS + 6) * PAIR + i], S[(COLUMNS + 7) * PAIR + i], S[(COLUMNS + 8) * PAIR + i]
        e0, e1 = yx * z - yz * x, yx * x + yz * z
        square = e0 * e0 + e1 * e1
        scale = inverse_root(square)
        h, sine, cosine = square * scale, e1 * scale, e0 * scale
        free += 1 if h < SINGULAR else 0
        E[TURN * QUAD + i], E[TOO_SHORT * QUAD + i] = unit_angle(sine, cosine), h
        E[TURN_SINE * QUAD + i], E[TURN_COSINE * QUAD + i] = sine, cosine
        scale = nearly_one(square + y * y)
        q5 = unit_angle(h * scale, y * scale)
        for bend in range(2):
            W[4 * WIDE + bend * QUAD + i], W[4 * WIDE + bend * QUAD + PAIR + i] = q5 - delta, -q5 - delta
    if free > 0:
        for i in range(PAIR):
            if E[TOO_SHORT * QUAD + i] < SINGULAR:
                turn = near[WIDE + i] + sign3 * near[2 * WIDE + i] + sign4 * near[3 * WIDE + i]
                turn = _reaching(K, S[X * PAIR + i], S[Z * PAIR + i], turn)
                E[TURN * QUAD + i] = turn
                E[TURN_SINE * QUAD + i], E[TURN_COSINE * QUAD + i] = math.sin(turn), math.cos(turn)
    for i in range(PAIR):
        s, c, turn = E[TURN_SINE * QUAD + i], E[TURN_COSINE * QUAD + i], E[TURN * QUAD + i]
        x0, z0 = S[COLUMNS * PAIR + i], S[(COLUMNS + 2) * PAIR + i]
        x1, z1 = S[(COLUMNS + 3) * PAIR + i], S[(COLUMNS + 5) * PAIR + i]
        sine = c * (yx * x0 + yz * z0) - s * (yx * z0 - yz * x0)
        cosine = c * (yx * x1 + yz * z1) - s * (yx * z1 - yz * x1)
        scale = nearly_one(sine * sine + cosine * cosine)
        q1, q6 = S[ANGLE1 * PAIR + i], unit_angle(sine * scale, cosine * scale)
        for bend in range(2):
            W[bend * QUAD + i], W[bend * QUAD + PAIR + i] = q1, q1
            W[5 * WIDE + bend * QUAD + i], W[5 * WIDE + bend * QUAD + PAIR + i] = q6, q6 + PI
        E[TURN * QUAD + PAIR + i] = turn + PI
        E[TURN_SINE * QUAD + PAIR + i], E[TURN_COSINE * QUAD + PAIR + i] = -s, -c
        x, z, short, twice = S[X * PAIR + i], S[Z * PAIR + i], S[SHORT * PAIR + i], S[SAME_TWICE * PAIR + i]
        E[REACH_X * QUAD + i], E[REACH_X * QUAD + PAIR + i] = x, x
        E[REACH_Z * QUAD + i], E[REACH_Z * QUAD + PAIR + i] = z, z
        E[TOO_SHORT * QUAD + i], E[TOO_SHORT * QUAD + PAIR + i] = short, short
        E[TWICE * QUAD + i], E[TWICE * QUAD + PAIR + i] = twice, twice


@kernel
def elbow(K: Floats, E: Floats, W: Floats) -> None:
    """Reach axis 4 with upper arm and forearm: two ways, joints 2 to 4."""
    widest()
    r1, b1, r2, sign3, sign4 = K[UPPER], K[UPPER_ANGLE], K[FORE], K[SIGN3], K[SIGN4]
    vx, vz, zero = K[CENTRE_X], K[CENTRE_Z], K[FORE_ANGLE] - K[UPPER_ANGLE]
    for i in range(QUAD):
        s, c, turn = E[TURN_SINE * QUAD + i], E[TURN_COSINE * QUAD + i], E[TURN * QUAD + i]
        x, z = E[REACH_X * QUAD + i] - (c * vx + s * vz), E[REACH_Z * QUAD + i] - (c * vz - s * vx)
        direction, _, _, bend, _, _, inner, _, _, gap, twin = two_links(x, z, r1, r2)
        direction -= b1
        W[WIDE + i], W[WIDE + QUAD + i] = direction - inner, direction + inner
        W[2 * WIDE + i], W[2 * WIDE + QUAD + i] = sign3 * (bend - zero), sign3 * (-bend - zero)
        W[3 * WIDE + i] = sign4 * (turn - (direction - inner) - (bend - zero))
        W[3 * WIDE + QUAD + i] = sign4 * (turn - (direction + inner) - (-bend - zero))
        gap += E[TOO_SHORT * QUAD + i]
        W[GAP * WIDE + i], W[GAP * WIDE + QUAD + i] = gap, gap
        reached = 1.0 if gap <= REACH else 0.0
        twice = REPEATS if reached > 0.0 else 0.0
        once = reached if E[TWICE * QUAD + i] < 0.5 else twice
        W[GOOD * WIDE + i], W[GOOD * WIDE + QUAD + i] = once, (twice if twin else once)


@kernel
def solve(
    K: Floats,
    chain: Floats,
    T: Floats,
    near: Floats,
    step: int,
    wanted: int,
    most: int,
    q: Floats,
    ok: Flags,
    gap: Floats,
) -> int:
    """Solve for all branches of poses T (flat 4×4); see `robocell.motion.inverse` for the arguments all solvers share.

    Returns:
        −1, or the index of the first matrix that is no rigid transform; then the results mean nothing.

    """
    widest()
    M, P, N, L = aligned(POSE * TILE), aligned(POSE * TILE), aligned(6 * WIDE), aligned(6 * WIDE)
    S, E, W = aligned(SHOULDER * PAIR), aligned(TURNED * QUAD), aligned(ROWS * WIDE)
    keys, place, at = aligned(WIDE), np.empty(WIDE, dtype=np.int64), blocks(4, 2)
    flags = ok.view(np.int64)
    count = len(T) // 16
    take_near(near, 0, 0, 0, N)
    within(K, N, L)
    for first in range(0, count, TILE):
        last = min(first + TILE, count) - 1
        if take_poses(T, first, last, M) > 0:
            return first_bad(T, count)
        if step > 0:
            take_near(near, step, first, last, N)
            within(K, N, L)
        to_canonical(K, M, P)
        shoulder(K, P, N, S)
        turned_back(P, S)
        wrist(K, S, N, E, W)
        elbow(K, E, W)
        finish(K, chain, T, N, L, wanted, first, last, at, W, keys, place, q, ok, flags, gap)
    return -1
