"""What the closed forms of six-joint arms share: a tile of poses taken in, and eight branches of each handed out.

A tile's branches come as four arrays of `ROWS` rows, each with two branches that differ in one choice: rows 0 to 5
are the joints of the first, 6 to 11 those of the second. Which choice that is, is told by two strides: array (s, g)
and half h are branch 4·s + outer·g + inner·h.
"""

from __future__ import annotations

import math
import sys

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.inverse_descent import REACH, WORK, polish
from robocell.motion.kernels.inverse_turns import turned_into
from robocell.motion.kernels.types import Counts, Flags, Floats

# rows of an array of two branches: joints first
GAP = 12  # metres out of reach, of both
GOOD = 13  # of the first: 1 a solution, 2 one found by polishing, 0 none, −1 repeats another; the second's follows
EXTRA = 15  # what the class keeps beside them: five rows
ROWS = 20

# rows of a tile of poses: rotation by rows, then position
POSE = 12

# constants of an arm, see `ik_geometry.packed`: base to canonical frame, canonical frame to wrist, wrist centre,
INTO, SHIFT, TURN, CENTRE = 0, 9, 12, 21
# the planar part, signs and zero of joints 3, 4 and 5,
AXIS2_X, AXIS2_Z, OFFSET, UPPER, UPPER_ANGLE, FORE, FORE_ANGLE, SIGN3, SIGN4, DELTA = range(24, 34)
# five constants of the class, the gap up to which to polish (negative: all below), low (6) and high (6)
CLASS, DOUBTFUL, LIMITS, HIGH = 34, 39, 40, 46
CONSTANTS = 52

FIT, ORDER = 1, 2  # what is wanted: turns that fit the limits, and branches in order of distance to near
ORTHONORMAL = 1e-6
MERGED = 1e-6  # rad: two solutions closer than this are one, met at the boundary of the reach
SAME = 1e-4  # rad: likewise, where polishing has come to both
LITTLE_ENDIAN = sys.byteorder == "little"
SINGULAR = 1e-10  # sine (or metres) below which an angle is free and taken from near


@kernel
def take_poses(T: Floats, first: int, last: int, M: Floats) -> int:
    """Bring poses `first` to `last` (flat 4×4) into rows; return how many are no rigid transforms."""
    bad = 0
    for k in range(TILE):
        at = 16 * min(first + k, last)
        for r in range(3):
            for c in range(3):
                M[(3 * r + c) * TILE + k] = T[at + 4 * r + c]
            M[(9 + r) * TILE + k] = T[at + 4 * r + 3]
        rigid = T[at + 12] == 0.0 and T[at + 13] == 0.0 and T[at + 14] == 0.0 and T[at + 15] == 1.0
        bad += 0 if rigid else 1
    for k in range(TILE):
        a, b, c = M[k], M[TILE + k], M[2 * TILE + k]
        d, e, f = M[3 * TILE + k], M[4 * TILE + k], M[5 * TILE + k]
        g, h, i = M[6 * TILE + k], M[7 * TILE + k], M[8 * TILE + k]
        long = max(abs(a * a + b * b + c * c - 1.0), abs(d * d + e * e + f * f - 1.0))
        long = max(long, abs(g * g + h * h + i * i - 1.0))
        skew = max(abs(a * d + b * e + c * f), abs(a * g + b * h + c * i))
        skew = max(skew, abs(d * g + e * h + f * i), long)
        right = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) > 0.0
        # maxima may lose a NaN, this sum does not; and what is not finite does not cancel itself
        x = M[9 * TILE + k] + M[10 * TILE + k] + M[11 * TILE + k] + (a + b + c) + (d + e + f) + (g + h + i)
        bad += 0 if (skew <= ORTHONORMAL) & right & (x - x == 0.0) else 1
    return bad


@kernel
def first_bad(T: Floats, count: int) -> int:
    """Return the first of some poses (flat 4×4) that is no rigid transform, or −1."""
    M = np.empty(POSE * TILE)
    for pose in range(count):
        if take_poses(T, pose, pose, M) > 0:
            return pose
    return -1


@kernel
def take_near(near: Floats, step: int, first: int, last: int, rows: Floats) -> None:
    """Bring the rows of near that belong to poses `first` to `last` into rows; step is 6, or 0 for one for all."""
    for k in range(TILE):
        at = step * min(first + k, last)
        for j in range(6):
            rows[j * TILE + k] = near[at + j]


@kernel
def to_canonical(K: Floats, M: Floats, P: Floats) -> None:
    """Turn poses into wrist frames, seen in the canonical frame: P = into · M · (turn, centre)."""
    a, b, c, d, e, f, g, h, i = K[0], K[1], K[2], K[3], K[4], K[5], K[6], K[7], K[8]
    px, py, pz = K[SHIFT], K[SHIFT + 1], K[SHIFT + 2]
    cx, cy, cz = K[CENTRE], K[CENTRE + 1], K[CENTRE + 2]
    t00, t01, t02 = K[TURN], K[TURN + 1], K[TURN + 2]
    t10, t11, t12 = K[TURN + 3], K[TURN + 4], K[TURN + 5]
    t20, t21, t22 = K[TURN + 6], K[TURN + 7], K[TURN + 8]
    for k in range(TILE):
        m0, m1, m2 = M[k], M[TILE + k], M[2 * TILE + k]
        m3, m4, m5 = M[3 * TILE + k], M[4 * TILE + k], M[5 * TILE + k]
        m6, m7, m8 = M[6 * TILE + k], M[7 * TILE + k], M[8 * TILE + k]
        x = M[9 * TILE + k] + (m0 * cx + m1 * cy + m2 * cz)
        y = M[10 * TILE + k] + (m3 * cx + m4 * cy + m5 * cz)
        z = M[11 * TILE + k] + (m6 * cx + m7 * cy + m8 * cz)
        P[9 * TILE + k] = px + (a * x + b * y + c * z)
        P[10 * TILE + k] = py + (d * x + e * y + f * z)
        P[11 * TILE + k] = pz + (g * x + h * y + i * z)
        l0, l1, l2 = a * m0 + b * m3 + c * m6, a * m1 + b * m4 + c * m7, a * m2 + b * m5 + c * m8
        P[k] = l0 * t00 + l1 * t10 + l2 * t20
        P[TILE + k] = l0 * t01 + l1 * t11 + l2 * t21
        P[2 * TILE + k] = l0 * t02 + l1 * t12 + l2 * t22
        l0, l1, l2 = d * m0 + e * m3 + f * m6, d * m1 + e * m4 + f * m7, d * m2 + e * m5 + f * m8
        P[3 * TILE + k] = l0 * t00 + l1 * t10 + l2 * t20
        P[4 * TILE + k] = l0 * t01 + l1 * t11 + l2 * t21
        P[5 * TILE + k] = l0 * t02 + l1 * t12 + l2 * t22
        l0, l1, l2 = g * m0 + h * m3 + i * m6, g * m1 + h * m4 + i * m7, g * m2 + h * m5 + i * m8
        P[6 * TILE + k] = l0 * t00 + l1 * t10 + l2 * t20
        P[7 * TILE + k] = l0 * t01 + l1 * t11 + l2 * t21
        P[8 * TILE + k] = l0 * t02 + l1 * t12 + l2 * t22


@kernel
def doubtful(K: Floats, U: Floats) -> int:
    """Return how many lanes of an array have branches that the closed form leaves open."""
    count = 0
    most, least = abs(K[DOUBTFUL]), (REACH if K[DOUBTFUL] > 0.0 else -1.0)
    for k in range(TILE):
        count += 1 if (U[GAP * TILE + k] <= most) & (U[GAP * TILE + k] > least) else 0
    return count


@kernel
def refine(K: Floats, chain: Floats, T: Floats, first: int, last: int, U: Floats, work: Floats) -> None:
    """Polish the branches of one array that the closed form leaves open; the residual decides about them."""
    most, least = abs(K[DOUBTFUL]), (REACH if K[DOUBTFUL] > 0.0 else -1.0)
    for k in range(min(TILE, last - first + 1)):
        gap = U[GAP * TILE + k]
        if not (least < gap <= most):
            continue
        away = math.inf
        for half in range(2):
            if U[(GOOD + half) * TILE + k] < 0.0:
                continue
            for j in range(6):
                work[j] = U[(6 * half + j) * TILE + k]
            found, short = polish(chain, T, 16 * (first + k), work)
            for j in range(6):
                U[(6 * half + j) * TILE + k] = work[j]
            U[(GOOD + half) * TILE + k] = 2.0 if found else 0.0
            away = min(away, 0.0 if found else max(gap, short))
        U[GAP * TILE + k] = away


@kernel
def _pick(A: Floats, B: Floats, C: Floats, D: Floats, index: int) -> Floats:
    if index < 4:
        return A if index < 2 else B
    return C if index < 6 else D


@kernel
def _same(U: Floats, u: int, V: Floats, v: int, k: int) -> bool:
    for j in range(6):
        d = U[(6 * u + j) * TILE + k] - V[(6 * v + j) * TILE + k]
        if abs(d - 2.0 * math.pi * np.floor(d / (2.0 * math.pi) + 0.5)) >= SAME:
            return False
    return True


@kernel
def drop_repeated(A: Floats, B: Floats, C: Floats, D: Floats) -> None:
    """Of two solutions that polishing has brought together let the later one go."""
    for k in range(TILE):
        for later in range(1, 8):
            V, v = _pick(A, B, C, D, later), later % 2
            if V[(GOOD + v) * TILE + k] < 2.0:
                continue
            for before in range(later):
                U, u = _pick(A, B, C, D, before), before % 2
                if U[(GOOD + u) * TILE + k] > 0.0 and _same(U, u, V, v, k):
                    V[(GOOD + v) * TILE + k] = -1.0
                    break


@kernel
def within(K: Floats, near: Floats, inside: Floats) -> None:
    """Put near, moved into the limits, into rows of its own."""
    for j in range(6):
        low, high = K[LIMITS + j], K[HIGH + j]
        for k in range(TILE):
            inside[j * TILE + k] = min(max(near[j * TILE + k], low), high)


@inlined
def _fit_half(K: Floats, inside: Floats, U: Floats, row: int, half: int) -> None:
    """Turn the six joints from a constant row on into the limits."""
    l0, l1, l2, l3, l4, l5 = K[LIMITS], K[LIMITS + 1], K[LIMITS + 2], K[LIMITS + 3], K[LIMITS + 4], K[LIMITS + 5]
    h0, h1, h2, h3, h4, h5 = K[HIGH], K[HIGH + 1], K[HIGH + 2], K[HIGH + 3], K[HIGH + 4], K[HIGH + 5]
    for k in range(TILE):
        q0, f0 = turned_into(U[row * TILE + k], inside[k], l0, h0)
        q1, f1 = turned_into(U[(row + 1) * TILE + k], inside[TILE + k], l1, h1)
        q2, f2 = turned_into(U[(row + 2) * TILE + k], inside[2 * TILE + k], l2, h2)
        q3, f3 = turned_into(U[(row + 3) * TILE + k], inside[3 * TILE + k], l3, h3)
        q4, f4 = turned_into(U[(row + 4) * TILE + k], inside[4 * TILE + k], l4, h4)
        q5, f5 = turned_into(U[(row + 5) * TILE + k], inside[5 * TILE + k], l5, h5)
        good = (U[(GOOD + half) * TILE + k] > 0.0) & f0 & f1 & f2 & f3 & f4 & f5
        U[(GOOD + half) * TILE + k] = 1.0 if good else 0.0
        U[row * TILE + k], U[(row + 1) * TILE + k] = (q0 if good else math.nan), (q1 if good else math.nan)
        U[(row + 2) * TILE + k], U[(row + 3) * TILE + k] = (q2 if good else math.nan), (q3 if good else math.nan)
        U[(row + 4) * TILE + k], U[(row + 5) * TILE + k] = (q4 if good else math.nan), (q5 if good else math.nan)


@kernel
def fit(K: Floats, inside: Floats, U: Floats) -> None:
    """Turn the joints of two branches into the limits; NaN for what is no solution, or does not fit."""
    _fit_half(K, inside, U, 0, 0)
    _fit_half(K, inside, U, 6, 1)


@kernel
def distances(near: Floats, U: Floats, branch: int, inner: int, keys: Floats) -> None:
    """Put the keys by which branches are ordered into rows: 1e-9 apart is equal, what is no solution comes last."""
    for k in range(TILE):
        one, other = 0.0, 0.0
        for j in range(6):
            one += (U[j * TILE + k] - near[j * TILE + k]) ** 2
            other += (U[(6 + j) * TILE + k] - near[j * TILE + k]) ** 2
        one, other = np.floor(math.sqrt(one) * 1e9 + 0.5), np.floor(math.sqrt(other) * 1e9 + 0.5)
        keys[8 * k + branch] = one if U[GOOD * TILE + k] > 0.0 else math.inf
        keys[8 * k + branch + inner] = other if U[(GOOD + 1) * TILE + k] > 0.0 else math.inf


@kernel
def rank(keys: Floats, place: Counts) -> None:
    """Set the place of each branch by its key: the number of those before it; equal ones keep their order."""
    for k in range(TILE):
        for b in range(8):
            before = 0
            for other in range(8):
                if other < b:
                    before += 1 if keys[8 * k + other] <= keys[8 * k + b] else 0
                else:
                    before += 1 if keys[8 * k + other] < keys[8 * k + b] else 0
            place[8 * k + b] = before


@inlined
def _flags(U: Floats, k: int, one: int, other: int) -> int:
    """Return the flags of both branches of a lane as bytes `one` and `other` of eight, counted as they lie in memory."""
    low = 1 << 8 * (one if LITTLE_ENDIAN else 7 - one)
    high = 1 << 8 * (other if LITTLE_ENDIAN else 7 - other)
    return (low if U[GOOD * TILE + k] > 0.0 else 0) | (high if U[(GOOD + 1) * TILE + k] > 0.0 else 0)


@kernel
def hand_out_wrists(A: Floats, B: Floats, C: Floats, D: Floats, first: int, count: int, q: Floats, ok: Flags) -> None:
    """Write arrays whose halves differ in the wrist, in the order of branches."""
    for k in range(count):
        at = 48 * (first + k)
        for j in range(12):
            q[at + j] = A[j * TILE + k]
        for j in range(12):
            q[at + 12 + j] = B[j * TILE + k]
        for j in range(12):
            q[at + 24 + j] = C[j * TILE + k]
        for j in range(12):
            q[at + 36 + j] = D[j * TILE + k]
    flags = ok.view(np.int64)
    for k in range(count):
        early = _flags(A, k, 0, 1) | _flags(B, k, 2, 3)
        flags[first + k] = early | _flags(C, k, 4, 5) | _flags(D, k, 6, 7)


@kernel
def hand_out_elbows(A: Floats, B: Floats, C: Floats, D: Floats, first: int, count: int, q: Floats, ok: Flags) -> None:
    """Write arrays whose halves differ in the elbow, in the order of branches."""
    for k in range(count):
        at = 48 * (first + k)
        for j in range(6):
            q[at + j], q[at + 12 + j] = A[j * TILE + k], A[(6 + j) * TILE + k]
        for j in range(6):
            q[at + 6 + j], q[at + 18 + j] = B[j * TILE + k], B[(6 + j) * TILE + k]
        for j in range(6):
            q[at + 24 + j], q[at + 36 + j] = C[j * TILE + k], C[(6 + j) * TILE + k]
        for j in range(6):
            q[at + 30 + j], q[at + 42 + j] = D[j * TILE + k], D[(6 + j) * TILE + k]
    flags = ok.view(np.int64)
    for k in range(count):
        early = _flags(A, k, 0, 2) | _flags(B, k, 1, 3)
        flags[first + k] = early | _flags(C, k, 4, 6) | _flags(D, k, 5, 7)


@kernel
def hand_out_ordered(
    U: Floats, branch: int, inner: int, first: int, count: int, place: Counts, q: Floats, ok: Flags
) -> None:
    """Write the branches of one array to their places."""
    for k in range(count):
        one = 8 * (first + k) + place[8 * k + branch]
        other = 8 * (first + k) + place[8 * k + branch + inner]
        for j in range(6):
            q[6 * one + j] = U[j * TILE + k]
        for j in range(6):
            q[6 * other + j] = U[(6 + j) * TILE + k]
        ok[one] = U[GOOD * TILE + k] > 0.0
        ok[other] = U[(GOOD + 1) * TILE + k] > 0.0


@kernel
def hand_out_gaps(U: Floats, branch: int, inner: int, first: int, last: int, gap: Floats) -> None:
    """Write how far the two branches of one array are out of reach."""
    for k in range(last - first + 1):
        gap[8 * (first + k) + branch] = U[GAP * TILE + k]
        gap[8 * (first + k) + branch + inner] = U[GAP * TILE + k]


@kernel
def finish(
    K: Floats,
    chain: Floats,
    T: Floats,
    near: Floats,
    inside: Floats,
    wanted: int,
    first: int,
    last: int,
    outer: int,
    inner: int,
    A: Floats,
    B: Floats,
    C: Floats,
    D: Floats,
    q: Floats,
    ok: Flags,
    gap: Floats,
) -> None:
    """Polish, fit, order and write the four arrays of a tile."""
    if doubtful(K, A) + doubtful(K, B) + doubtful(K, C) + doubtful(K, D) > 0:
        work = np.zeros(WORK)
        refine(K, chain, T, first, last, A, work)
        refine(K, chain, T, first, last, B, work)
        refine(K, chain, T, first, last, C, work)
        refine(K, chain, T, first, last, D, work)
        drop_repeated(A, B, C, D)
    if wanted > 0:
        fit(K, inside, A)
        fit(K, inside, B)
        fit(K, inside, C)
        fit(K, inside, D)
    count = last - first + 1
    if wanted > 1:
        keys, place = np.empty(8 * TILE), np.empty(8 * TILE, dtype=np.int64)
        distances(near, A, 0, inner, keys)
        distances(near, B, outer, inner, keys)
        distances(near, C, 4, inner, keys)
        distances(near, D, 4 + outer, inner, keys)
        rank(keys, place)
        hand_out_ordered(A, 0, inner, first, count, place, q, ok)
        hand_out_ordered(B, outer, inner, first, count, place, q, ok)
        hand_out_ordered(C, 4, inner, first, count, place, q, ok)
        hand_out_ordered(D, 4 + outer, inner, first, count, place, q, ok)
    elif inner == 1:
        hand_out_wrists(A, B, C, D, first, count, q, ok)
    else:
        hand_out_elbows(A, B, C, D, first, count, q, ok)
    if len(gap) > 0:
        hand_out_gaps(A, 0, inner, first, last, gap)
        hand_out_gaps(B, outer, inner, first, last, gap)
        hand_out_gaps(C, 4, inner, first, last, gap)
        hand_out_gaps(D, 4 + outer, inner, first, last, gap)
