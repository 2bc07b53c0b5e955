"""Closed form of arms whose axes 2, 3 and 4 are parallel and whose axes 5 and 6 cross: Universal Robots' and kin.

Branch index = 4·shoulder + 2·elbow + wrist: arrays differ in shoulder and wrist, the halves of one in the elbow.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.elementary import arctan2
from robocell.motion.kernels.inverse_branches import finish, within
from robocell.motion.kernels.inverse_descent import REACH
from robocell.motion.kernels.inverse_subproblems import (
    ANGLE1,
    COSINE1,
    PI,
    SHORT,
    SHOULDER,
    SINE1,
    TINY,
    TWIN,
    X,
    Z,
    shoulder,
    two_links,
)
from robocell.motion.kernels.inverse_tiles import (
    CLASS,
    DELTA,
    EXTRA,
    FORE,
    FORE_ANGLE,
    GAP,
    GOOD,
    POSE,
    ROWS,
    SIGN3,
    SIGN4,
    SINGULAR,
    UPPER,
    UPPER_ANGLE,
    first_bad,
    take_near,
    take_poses,
    to_canonical,
)
from robocell.motion.kernels.inverse_tiles import TWIN as REPEATS
from robocell.motion.kernels.types import Flags, Floats

# constants of the class: axis 5 at zero across axis 2, and the wrist centre seen from axis 4
AXIS5_X, AXIS5_Z, CENTRE_X, CENTRE_Z = CLASS, CLASS + 1, CLASS + 2, CLASS + 3

# rows of an array beside the joints: the turn of joints 2 to 4 together, its sine and cosine, and the sine of joint 5
TURN, TURN_SINE, TURN_COSINE, SINE5 = range(EXTRA, EXTRA + 4)


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
def wrist(K: Floats, P: Floats, S: Floats, near: Floats, U: Floats, V: Floats) -> None:
    """Split the orientation into the turn of joints 2 to 4, and joints 5 and 6; its flip goes into array V."""
    yx, yz, delta, sign3, sign4 = K[AXIS5_X], K[AXIS5_Z], K[DELTA], K[SIGN3], K[SIGN4]
    free = 0
    for k in range(TILE):
        s1, c1 = S[SINE1 * TILE + k], S[COSINE1 * TILE + k]
        x, z = c1 * P[2 * TILE + k] + s1 * P[5 * TILE + k], P[8 * TILE + k]
        e0, e1 = yx * z - yz * x, yx * x + yz * z
        h = math.sqrt(e0 * e0 + e1 * e1)
        free += 1 if h < SINGULAR else 0
        scale = 1.0 / (h + TINY)
        U[TURN * TILE + k], U[SINE5 * TILE + k] = arctan2(e1, e0), h
        U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k] = e1 * scale, e0 * scale
    if free > 0:
        for k in range(TILE):
            if U[SINE5 * TILE + k] < SINGULAR:
                turn = near[TILE + k] + sign3 * near[2 * TILE + k] + sign4 * near[3 * TILE + k]
                turn = _reaching(K, S[X * TILE + k], S[Z * TILE + k], turn)
                U[TURN * TILE + k] = turn
                U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k] = math.sin(turn), math.cos(turn)
    for k in range(TILE):
        s1, c1 = S[SINE1 * TILE + k], S[COSINE1 * TILE + k]
        sa, ca = U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k]
        x0, z0 = c1 * P[k] + s1 * P[3 * TILE + k], P[6 * TILE + k]
        x1, z1 = c1 * P[TILE + k] + s1 * P[4 * TILE + k], P[7 * TILE + k]
        x2, z2 = c1 * P[2 * TILE + k] + s1 * P[5 * TILE + k], P[8 * TILE + k]
        y2 = c1 * P[5 * TILE + k] - s1 * P[2 * TILE + k]
        e00, e10, e01, e11 = yx * z0 - yz * x0, yx * x0 + yz * z0, yx * z1 - yz * x1, yx * x1 + yz * z1
        e02, e12 = yx * z2 - yz * x2, yx * x2 + yz * z2
        q5, q6 = arctan2(ca * e02 + sa * e12, y2), arctan2(ca * e10 - sa * e00, ca * e11 - sa * e01)
        U[4 * TILE + k], U[5 * TILE + k] = q5 - delta, q6
        V[4 * TILE + k], V[5 * TILE + k] = -q5 - delta, q6 + PI
        V[TURN * TILE + k] = U[TURN * TILE + k] + PI
        V[TURN_SINE * TILE + k], V[TURN_COSINE * TILE + k] = -sa, -ca


@kernel
def elbow(K: Floats, S: Floats, U: Floats) -> None:
    """Reach axis 4 with upper arm and forearm: two ways, as the halves of an array."""
    r1, b1, r2, b2, sign3, sign4 = K[UPPER], K[UPPER_ANGLE], K[FORE], K[FORE_ANGLE], K[SIGN3], K[SIGN4]
    vx, vz = K[CENTRE_X], K[CENTRE_Z]
    for k in range(TILE):
        s, c = U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k]
        x, z = S[X * TILE + k] - (c * vx + s * vz), S[Z * TILE + k] - (c * vz - s * vx)
        direction, _, _, bend, _, _, inner, _, _, gap, twin = two_links(x, z, r1, r2)
        direction -= b1
        zero = b2 - b1
        q1, q5, q6, turn = S[ANGLE1 * TILE + k], U[4 * TILE + k], U[5 * TILE + k], U[TURN * TILE + k]
        U[k], U[6 * TILE + k] = q1, q1
        U[TILE + k], U[7 * TILE + k] = direction - inner, direction + inner
        U[2 * TILE + k], U[8 * TILE + k] = sign3 * (bend - zero), sign3 * (-bend - zero)
        U[3 * TILE + k] = sign4 * (turn - (direction - inner) - (bend - zero))
        U[9 * TILE + k] = sign4 * (turn - (direction + inner) - (-bend - zero))
        U[10 * TILE + k], U[11 * TILE + k] = q5, q6
        gap += S[SHORT * TILE + k]
        U[GAP * TILE + k] = gap
        reached = 1.0 if gap <= REACH else 0.0
        twice = REPEATS if reached > 0.0 else 0.0
        once = reached if S[TWIN * TILE + k] < 0.5 else twice
        U[GOOD * TILE + k], U[(GOOD + 1) * TILE + k] = once, (twice if twin else once)


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
    M, P, N, L = np.empty(POSE * TILE), np.empty(POSE * TILE), np.empty(6 * TILE), np.empty(6 * TILE)
    S, R = np.empty(SHOULDER * TILE), np.empty(SHOULDER * TILE)
    A, B, C, D = np.empty(ROWS * TILE), np.empty(ROWS * TILE), np.empty(ROWS * TILE), np.empty(ROWS * TILE)
    keys, place, flags = np.empty(8 * TILE), np.empty(8 * TILE, dtype=np.int64), ok.view(np.int64)
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
        shoulder(K, P, N, S, R)
        wrist(K, P, S, N, A, B)
        wrist(K, P, R, N, C, D)
        elbow(K, S, A)
        elbow(K, S, B)
        elbow(K, R, C)
        elbow(K, R, D)
        finish(K, chain, T, N, L, wanted, first, last, 1, 2, A, B, C, D, keys, place, q, ok, flags, gap)
    return -1
