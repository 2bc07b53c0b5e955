"""What becomes of a tile's branches: polished where need be, turned into the limits, ordered and written.

See `inverse_tiles` for how a tile's branches W lie in memory; `at` tells the block of each branch.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel, widest
from robocell.motion.kernels.inverse_descent import REACH, WORK, polish
from robocell.motion.kernels.inverse_tiles import (
    DOUBTFUL,
    GAP,
    GOOD,
    HIGH,
    LIMITS,
    LITTLE_ENDIAN,
    POLISHED,
    QUAD,
    SAME,
    TILE,
    TWIN,
    WIDE,
)
from robocell.motion.kernels.inverse_turns import turned_into
from robocell.motion.kernels.types import Counts, Flags, Floats


@kernel
def doubtful(K: Floats, W: Floats) -> int:
    """Return how many branches the closed form leaves open."""
    widest()
    count = 0
    most, least = abs(K[DOUBTFUL]), (REACH if K[DOUBTFUL] > 0.0 else -1.0)
    for i in range(WIDE):
        count += 1 if (W[GAP * WIDE + i] <= most) & (W[GAP * WIDE + i] > least) else 0
    return count


@kernel
def twins(W: Floats) -> int:
    """Return how many branches may repeat others."""
    widest()
    count = 0
    for i in range(WIDE):
        count += 1 if W[GOOD * WIDE + i] == TWIN else 0
    return count


@kernel
def refine(K: Floats, chain: Floats, T: Floats, first: int, last: int, W: Floats) -> None:
    """Polish the branches that the closed form leaves open; the residual decides about them.

    Branches that differ in the last choice only are out of reach by the same, and by what the better is then.
    """
    work = np.zeros(WORK)
    most, least = abs(K[DOUBTFUL]), (REACH if K[DOUBTFUL] > 0.0 else -1.0)
    for i in range(QUAD):
        gap = W[GAP * WIDE + i]
        if i % TILE > last - first or not (least < gap <= most):
            continue
        away = math.inf
        for lane in (i, QUAD + i):
            if W[GOOD * WIDE + lane] == TWIN:
                W[GOOD * WIDE + lane] = 0.0
                continue
            for j in range(6):
                work[j] = W[j * WIDE + lane]
            found, short = polish(chain, T, 16 * (first + i % TILE), work)
            for j in range(6):
                W[j * WIDE + lane] = work[j]
            W[GOOD * WIDE + lane] = POLISHED if found else 0.0
            away = min(away, 0.0 if found else max(gap, short))
        W[GAP * WIDE + i], W[GAP * WIDE + QUAD + i] = away, away


@kernel
def _same(W: Floats, one: int, other: int) -> bool:
    for j in range(6):
        d = W[j * WIDE + one] - W[j * WIDE + other]
        if abs(d - 2.0 * math.pi * np.floor(d / (2.0 * math.pi) + 0.5)) >= SAME:
            return False
    return True


@kernel
def drop_repeated(W: Floats, at: Counts, fitted: bool) -> None:
    """Let a solution go that repeats an earlier one: where branches meet, or polishing has brought them together.

    This comes after the limits: of two that have met, one may be within them by less than they are apart.
    """
    for k in range(TILE):
        for later in range(1, 8):
            lane = at[later] * TILE + k
            if W[GOOD * WIDE + lane] != TWIN and W[GOOD * WIDE + lane] != POLISHED:
                continue
            for before in range(later):
                other = at[before] * TILE + k
                if W[GOOD * WIDE + other] > 0.0 and _same(W, other, lane):
                    W[GOOD * WIDE + lane] = 0.0
                    for j in range(6 if fitted else 0):
                        W[j * WIDE + lane] = math.nan
                    break


@kernel
def within(K: Floats, near: Floats, inside: Floats) -> None:
    """Put near, moved into the limits, into rows of its own."""
    widest()
    for j in range(6):
        low, high = K[LIMITS + j], K[HIGH + j]
        for i in range(WIDE):
            inside[j * WIDE + i] = min(max(near[j * WIDE + i], low), high)


@kernel
def fit(K: Floats, inside: Floats, W: Floats) -> None:
    """Turn the joints of all branches into the limits; NaN for what is no solution, or does not fit."""
    widest()
    l0, l1, l2, l3, l4, l5 = K[LIMITS], K[LIMITS + 1], K[LIMITS + 2], K[LIMITS + 3], K[LIMITS + 4], K[LIMITS + 5]
    h0, h1, h2, h3, h4, h5 = K[HIGH], K[HIGH + 1], K[HIGH + 2], K[HIGH + 3], K[HIGH + 4], K[HIGH + 5]
    for i in range(WIDE):
        q0, f0 = turned_into(W[i], inside[i], l0, h0)
        q1, f1 = turned_into(W[WIDE + i], inside[WIDE + i], l1, h1)
        q2, f2 = turned_into(W[2 * WIDE + i], inside[2 * WIDE + i], l2, h2)
        q3, f3 = turned_into(W[3 * WIDE + i], inside[3 * WIDE + i], l3, h3)
        q4, f4 = turned_into(W[4 * WIDE + i], inside[4 * WIDE + i], l4, h4)
        q5, f5 = turned_into(W[5 * WIDE + i], inside[5 * WIDE + i], l5, h5)
        good = (W[GOOD * WIDE + i] > 0.0) & f0 & f1 & f2 & f3 & f4 & f5
        W[GOOD * WIDE + i] = W[GOOD * WIDE + i] if good else 0.0
        W[i], W[WIDE + i] = (q0 if good else math.nan), (q1 if good else math.nan)
        W[2 * WIDE + i], W[3 * WIDE + i] = (q2 if good else math.nan), (q3 if good else math.nan)
        W[4 * WIDE + i], W[5 * WIDE + i] = (q4 if good else math.nan), (q5 if good else math.nan)


@kernel
def distances(near: Floats, W: Floats, keys: Floats) -> None:
    """Set the keys by which branches are ordered: 1e-9 apart is equal, what is no solution comes last."""
    widest()
    for i in range(WIDE):
        away = 0.0
        for j in range(6):
            away += (W[j * WIDE + i] - near[j * WIDE + i]) ** 2
        keys[i] = np.floor(math.sqrt(away) * 1e9 + 0.5) if W[GOOD * WIDE + i] > 0.0 else math.inf


@kernel
def rank(keys: Floats, at: Counts, place: Counts) -> None:
    """Set the place of each branch by its key: the number of those before it; equal ones keep their order."""
    widest()
    for i in range(WIDE):
        place[i] = 0
    for branch in range(8):
        for other in range(8):
            one, two = np.uint64(at[branch] * TILE), np.uint64(at[other] * TILE)
            if other < branch:
                for k in range(TILE):
                    place[one + np.uint64(k)] += 1 if keys[two + np.uint64(k)] <= keys[one + np.uint64(k)] else 0
            else:
                for k in range(TILE):
                    place[one + np.uint64(k)] += 1 if keys[two + np.uint64(k)] < keys[one + np.uint64(k)] else 0


@kernel
def hand_out(W: Floats, at: Counts, first: int, count: int, q: Floats, flags: Counts) -> None:
    """Write all branches in their order; the flags of a pose are eight bytes, one a branch as they lie in memory."""
    for k in range(count):
        for branch in range(8):
            lane, to = np.uint64(at[branch] * TILE + k), np.uint64(48 * (first + k) + 6 * branch)
            for j in range(6):
                q[to + np.uint64(j)] = W[lane + np.uint64(j * WIDE)]
    for k in range(count):
        flags[np.uint64(first + k)] = 0
    for branch in range(8):
        byte = 1 << 8 * (branch if LITTLE_ENDIAN else 7 - branch)
        lane = np.uint64(GOOD * WIDE + at[branch] * TILE)
        for k in range(count):
            flags[np.uint64(first + k)] |= byte if W[lane + np.uint64(k)] > 0.0 else 0


@kernel
def hand_out_ordered(W: Floats, at: Counts, first: int, count: int, place: Counts, q: Floats, ok: Flags) -> None:
    """Write the branches to their places."""
    for k in range(count):
        for branch in range(8):
            lane = np.uint64(at[branch] * TILE + k)
            row = np.uint64(8 * (first + k) + place[lane])
            ok[row] = 1 if W[lane + np.uint64(GOOD * WIDE)] > 0.0 else 0
            for j in range(6):
                q[np.uint64(6) * row + np.uint64(j)] = W[lane + np.uint64(j * WIDE)]


@kernel
def hand_out_gaps(W: Floats, at: Counts, first: int, count: int, gap: Floats) -> None:
    """Write how far the branches are out of reach."""
    for k in range(count):
        for branch in range(8):
            gap[8 * (first + k) + branch] = W[GAP * WIDE + at[branch] * TILE + k]


@inlined
def finish(
    K: Floats,
    chain: Floats,
    T: Floats,
    near: Floats,
    inside: Floats,
    wanted: int,
    first: int,
    last: int,
    at: Counts,
    W: Floats,
    keys: Floats,
    place: Counts,
    q: Floats,
    ok: Flags,
    flags: Counts,
    gap: Floats,
) -> None:
    """Polish, fit, order and write the branches of a tile."""
    suspects = twins(W)
    if doubtful(K, W) > 0:
        refine(K, chain, T, first, last, W)
        suspects += 1
    if wanted > 0:
        fit(K, inside, W)
    if suspects > 0:
        drop_repeated(W, at, wanted > 0)
    count = last - first + 1
    if wanted > 1:
        distances(near, W, keys)
        rank(keys, at, place)
        hand_out_ordered(W, at, first, count, place, q, ok)
    else:
        hand_out(W, at, first, count, q, flags)
    if len(gap) > 0:
        hand_out_gaps(W, at, first, count, gap)
