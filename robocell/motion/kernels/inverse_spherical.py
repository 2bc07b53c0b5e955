"""Closed form of arms with a spherical wrist and parallel axes 2 and 3 (Brandstötter, Angerer, Hofbaur 2014).

Branch index = 4·shoulder + 2·elbow + wrist: arrays differ in shoulder and elbow, the halves of one in the wrist.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.elementary import arctan2
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
    SINGULAR,
    UPPER,
    UPPER_ANGLE,
    finish,
    first_bad,
    take_near,
    take_poses,
    to_canonical,
    within,
)
from robocell.motion.kernels.types import Flags, Floats

# constants of the class: the wrist frame at zero is Ry(φ)·Rx(η)·Rz(ψ); φ goes along with the forearm's angle
FORE_SINE, FORE_COSINE, ETA_SINE, ETA_COSINE, PSI = CLASS, CLASS + 1, CLASS + 2, CLASS + 3, CLASS + 4

# rows of an array beside the joints: sine and cosine of the forearm's turn, then of joint 4 and the sine of joint 5
TURN_SINE, TURN_COSINE, SINE4, COSINE4, SINE5 = range(EXTRA, EXTRA + 5)


@inlined
def _in_plane(x: float, y: float, z: float, s1: float, c1: float, s: float, c: float) -> tuple[float, float, float]:
    """Turn a vector back by the angle of axis 1, then by that of the forearm."""
    along = c1 * x + s1 * y
    return c * along - s * z, c1 * y - s1 * x, s * along + c * z


@kernel
def elbow(K: Floats, S: Floats, U: Floats, V: Floats) -> None:
    """Reach the wrist centre with upper arm and forearm: two ways, into arrays U and V (joints 1 to 3)."""
    r1, b1, r2, b2, sign3 = K[UPPER], K[UPPER_ANGLE], K[FORE], K[FORE_ANGLE], K[SIGN3]
    sf, cf = K[FORE_SINE], K[FORE_COSINE]
    for k in range(TILE):
        direction, sd, cd, bend, sb, cb, inner, si, ci, gap, twin = two_links(S[X * TILE + k], S[Z * TILE + k], r1, r2)
        direction -= b1
        # the forearm's turn about Y: direction ± (bend − inner), and the constant angle of the wrist beyond it
        sg, cg = sb * ci - cb * si, cb * ci + sb * si
        sd, cd = sd * cf + cd * sf, cd * cf - sd * sf
        q1 = S[ANGLE1 * TILE + k]
        U[k], V[k] = q1, q1
        U[TILE + k], V[TILE + k] = direction - inner, direction + inner
        U[2 * TILE + k], V[2 * TILE + k] = sign3 * (bend - (b2 - b1)), sign3 * (-bend - (b2 - b1))
        U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k] = sd * cg + cd * sg, cd * cg - sd * sg
        V[TURN_SINE * TILE + k], V[TURN_COSINE * TILE + k] = sd * cg - cd * sg, cd * cg + sd * sg
        gap += S[SHORT * TILE + k]
        U[GAP * TILE + k], V[GAP * TILE + k] = gap, gap
        reached = 1.0 if gap <= REACH else 0.0
        once = reached if S[TWIN * TILE + k] < 0.5 else -1.0
        U[GOOD * TILE + k], V[GOOD * TILE + k] = once, (-1.0 if twin else once)


@kernel
def wrist(K: Floats, P: Floats, S: Floats, near: Floats, U: Floats) -> None:
    """Split the wrist's rotation into joints 4 to 6, and write its flip as the second branch."""
    sn, cn, psi, delta = K[ETA_SINE], K[ETA_COSINE], K[PSI], K[DELTA]
    free = 0
    for k in range(TILE):
        s1, c1 = S[SINE1 * TILE + k], S[COSINE1 * TILE + k]
        s, c = U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k]
        x2, y2, z2 = _in_plane(P[2 * TILE + k], P[5 * TILE + k], P[8 * TILE + k], s1, c1, s, c)
        y2 = cn * y2 + sn * z2
        h = math.sqrt(x2 * x2 + y2 * y2)
        free += 1 if h < SINGULAR else 0
        scale = 1.0 / (h + TINY)
        U[3 * TILE + k] = arctan2(y2, x2)
        U[SINE4 * TILE + k], U[COSINE4 * TILE + k], U[SINE5 * TILE + k] = y2 * scale, x2 * scale, h
    if free > 0:
        for k in range(TILE):
            if U[SINE5 * TILE + k] < SINGULAR:
                a = near[3 * TILE + k] + psi
                U[3 * TILE + k], U[SINE4 * TILE + k], U[COSINE4 * TILE + k] = a, math.sin(a), math.cos(a)
    for k in range(TILE):
        s1, c1 = S[SINE1 * TILE + k], S[COSINE1 * TILE + k]
        s, c = U[TURN_SINE * TILE + k], U[TURN_COSINE * TILE + k]
        sa, ca = U[SINE4 * TILE + k], U[COSINE4 * TILE + k]
        x0, y0, z0 = _in_plane(P[k], P[3 * TILE + k], P[6 * TILE + k], s1, c1, s, c)
        x1, y1, z1 = _in_plane(P[TILE + k], P[4 * TILE + k], P[7 * TILE + k], s1, c1, s, c)
        x2, y2, z2 = _in_plane(P[2 * TILE + k], P[5 * TILE + k], P[8 * TILE + k], s1, c1, s, c)
        y0, y1, y2, z2 = cn * y0 + sn * z0, cn * y1 + sn * z1, cn * y2 + sn * z2, cn * z2 - sn * y2
        q4 = U[3 * TILE + k] - psi
        q5 = arctan2(ca * x2 + sa * y2, z2)
        q6 = arctan2(ca * y0 - sa * x0, ca * y1 - sa * x1)
        U[3 * TILE + k], U[4 * TILE + k], U[5 * TILE + k] = q4, q5 - delta, q6
        U[9 * TILE + k], U[10 * TILE + k], U[11 * TILE + k] = q4 + PI, -q5 - delta, q6 + PI
        U[6 * TILE + k], U[7 * TILE + k], U[8 * TILE + k] = U[k], U[TILE + k], U[2 * TILE + k]
        U[(GOOD + 1) * TILE + k] = U[GOOD * TILE + k]


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
        elbow(K, S, A, B)
        elbow(K, R, C, D)
        wrist(K, P, S, N, A)
        wrist(K, P, S, N, B)
        wrist(K, P, R, N, C)
        wrist(K, P, R, N, D)
        finish(K, chain, T, N, L, wanted, first, last, 2, 1, A, B, C, D, q, ok, gap)
    return -1
