"""Closed form of arms with a spherical wrist and parallel axes 2 and 3 (Brandstötter, Angerer, Hofbaur 2014).

Branch index = 4·shoulder + 2·elbow + wrist, and so are they chosen one after the other.
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

# constants of the class: the wrist frame at zero is Ry(φ)·Rx(η)·Rz(ψ); φ goes along with the forearm's angle
FORE_SINE, FORE_COSINE, ETA_SINE, ETA_COSINE, PSI = CLASS, CLASS + 1, CLASS + 2, CLASS + 3, CLASS + 4

# rows of QUAD: the wrist frame turned back by the angle of joints 1 to 3, as far as it is needed: across the forearm and
# along it of columns 0 and 1, all of column 2; then sine and cosine of joint 4, and the sine of joint 5
X0, Y0, X1, Y1, X2, Y2, Z2, SINE4, COSINE4, SINE5 = range(10)
FOREARM = 10


@kernel
def elbow(K: Floats, S: Floats, E: Floats, W: Floats) -> None:
    """Reach the wrist centre with upper arm and forearm: two ways; joints 1 to 3, and what they leave to the wrist."""
    widest()
    r1, b1, r2, b2, sign3 = K[UPPER], K[UPPER_ANGLE], K[FORE], K[FORE_ANGLE], K[SIGN3]
    sf, cf = K[FORE_SINE], K[FORE_COSINE]
    for i in range(PAIR):
        direction, sd, cd, bend, sb, cb, inner, si, ci, gap, twin = two_links(S[X * PAIR + i], S[Z * PAIR + i], r1, r2)
        direction -= b1
        # the forearm's turn about Y: direction ± (bend − inner), and the constant angle of the wrist beyond it
        sg, cg = sb * ci - cb * si, cb * ci + sb * si
        sd, cd = sd * cf + cd * sf, cd * cf - sd * sf
        E[X0 * QUAD + i], E[Y0 * QUAD + i] = sd * cg + cd * sg, cd * cg - sd * sg
        E[X0 * QUAD + PAIR + i], E[Y0 * QUAD + PAIR + i] = sd * cg - cd * sg, cd * cg + sd * sg
        q1, gap = S[ANGLE1 * PAIR + i], gap + S[SHORT * PAIR + i]
        reached = 1.0 if gap <= REACH else 0.0
        twice = REPEATS if reached > 0.0 else 0.0
        once = reached if S[SAME_TWICE * PAIR + i] < 0.5 else twice
        for wrist in range(2):
            W[wrist * QUAD + i], W[wrist * QUAD + PAIR + i] = q1, q1
            W[WIDE + wrist * QUAD + i] = direction - inner
            W[WIDE + wrist * QUAD + PAIR + i] = direction + inner
            W[2 * WIDE + wrist * QUAD + i] = sign3 * (bend - (b2 - b1))
            W[2 * WIDE + wrist * QUAD + PAIR + i] = sign3 * (-bend - (b2 - b1))
            W[GAP * WIDE + wrist * QUAD + i], W[GAP * WIDE + wrist * QUAD + PAIR + i] = gap, gap
            W[GOOD * WIDE + wrist * QUAD + i] = once
            W[GOOD * WIDE + wrist * QUAD + PAIR + i] = twice if twin else once


@kernel
def forearm(K: Floats, S: Floats, E: Floats) -> None:
    """Turn the wrist frame back by the forearm's turn, whose sine and cosine the elbow leaves in the first two rows."""
    widest()
    sn, cn = K[ETA_SINE], K[ETA_COSINE]
    for way in range(2):
        for k in range(PAIR):
            i = np.uint64(way * PAIR + k)
            s, c = E[np.uint64(X0 * QUAD) + i], E[np.uint64(Y0 * QUAD) + i]
            x, y, z = S[COLUMNS * PAIR + k], S[(COLUMNS + 1) * PAIR + k], S[(COLUMNS + 2) * PAIR + k]
            E[np.uint64(X0 * QUAD) + i], E[np.uint64(Y0 * QUAD) + i] = c * x - s * z, cn * y + sn * (s * x + c * z)
            x, y, z = S[(COLUMNS + 3) * PAIR + k], S[(COLUMNS + 4) * PAIR + k], S[(COLUMNS + 5) * PAIR + k]
            E[np.uint64(X1 * QUAD) + i], E[np.uint64(Y1 * QUAD) + i] = c * x - s * z, cn * y + sn * (s * x + c * z)
            x, y, z = S[(COLUMNS + 6) * PAIR + k], S[(COLUMNS + 7) * PAIR + k], S[(COLUMNS + 8) * PAIR + k]
            along = s * x + c * z
            E[np.uint64(X2 * QUAD) + i], E[np.uint64(Y2 * QUAD) + i] = c * x - s * z, cn * y + sn * along
            E[np.uint64(Z2 * QUAD) + i] = cn * along - sn * y


@kernel
def wrist(K: Floats, near: Floats, E: Floats, W: Floats) -> None:
    """Split what is left of the wrist's rotation into joints 4 to 6: two ways."""
    widest()
    psi, delta = K[PSI], K[DELTA]
    free = 0
    for i in range(QUAD):
        x, y, z = E[X2 * QUAD + i], E[Y2 * QUAD + i], E[Z2 * QUAD + i]
        square = x * x + y * y
        scale = inverse_root(square)
        h, sine, cosine = square * scale, y * scale, x * scale
        free += 1 if h < SINGULAR else 0
        E[SINE4 * QUAD + i], E[COSINE4 * QUAD + i], E[SINE5 * QUAD + i] = sine, cosine, h
        scale = nearly_one(square + z * z)
        q4, q5 = unit_angle(sine, cosine) - psi, unit_angle(h * scale, z * scale)
        W[3 * WIDE + i], W[3 * WIDE + QUAD + i] = q4, q4 + PI
        W[4 * WIDE + i], W[4 * WIDE + QUAD + i] = q5 - delta, -q5 - delta
    if free > 0:
        for i in range(QUAD):
            if E[SINE5 * QUAD + i] < SINGULAR:
                q4 = near[3 * WIDE + i]
                E[SINE4 * QUAD + i], E[COSINE4 * QUAD + i] = math.sin(q4 + psi), math.cos(q4 + psi)
                W[3 * WIDE + i], W[3 * WIDE + QUAD + i] = q4, q4 + PI
    for i in range(QUAD):
        s, c = E[SINE4 * QUAD + i], E[COSINE4 * QUAD + i]
        sine = c * E[Y0 * QUAD + i] - s * E[X0 * QUAD + i]
        cosine = c * E[Y1 * QUAD + i] - s * E[X1 * QUAD + i]
        scale = nearly_one(sine * sine + cosine * cosine)
        q6 = unit_angle(sine * scale, cosine * scale)
        W[5 * WIDE + i], W[5 * WIDE + QUAD + i] = q6, q6 + PI


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
    S, E, W = aligned(SHOULDER * PAIR), aligned(FOREARM * QUAD), aligned(ROWS * WIDE)
    keys, place, at = aligned(WIDE), np.empty(WIDE, dtype=np.int64), blocks(2, 4)
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
        elbow(K, S, E, W)
        forearm(K, S, E)
        wrist(K, N, E, W)
        finish(K, chain, T, N, L, wanted, first, last, at, W, keys, place, q, ok, flags, gap)
    return -1
