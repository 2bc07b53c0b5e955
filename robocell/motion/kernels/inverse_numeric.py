"""Inverse kinematics of any serial chain: damped least squares inside the limits, from several starts.

The starts of a pose are those of a fixed table whose own poses are nearest to it, nearest first, so that the first
descent mostly arrives within a few steps.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels.inverse_descent import (
    DAMPING,
    ERROR,
    JACOBIAN,
    RESIDUAL,
    STEP,
    WORK,
    Q,
    newton_step,
    residual,
)
from robocell.motion.kernels.inverse_tiles import SAME, first_bad
from robocell.motion.kernels.inverse_turns import WHOLE, finish_pose
from robocell.motion.kernels.types import Flags, Floats

BRANCHES = 8
STEPS = 40  # of one descent
TRIES = 64  # starts, until a first solution is found
MORE = 24  # starts to look for several

# constants: joints, seeds and the weight of a rotation, then low, high, 1 for joints that turn; half the squared
# length of each seed's pose as a vector of twelve; those vectors by rows; the seeds
HEAD = 4


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
    """Look for `most` solutions of poses T; see `robocell.motion.inverse` for the arguments all solvers share.

    Unless turns are to be fitted without near, near is the first start.
    """
    n, seeds = int(K[0]), int(K[1])
    limits = K[HEAD : HEAD + 3 * n].copy()
    count = len(T) // 16
    bad = first_bad(T, count)
    work, far = np.zeros(WORK), np.empty(seeds)
    rows, good = np.zeros(BRANCHES * n), np.empty(BRANCHES, dtype=np.uint8)
    for pose in range(count if bad < 0 else 0):
        found, away = 0, math.inf
        rank_seeds(K, T, 16 * pose, far)
        tries = -1 if wanted != 1 else 0
        while found < min(most, BRANCHES) and tries < (TRIES if found == 0 else MORE):
            if tries < 0:
                for j in range(n):
                    work[Q + j] = near[step * pose + j]
            else:
                seed = np.argmin(far)
                far[seed] = math.inf
                for j in range(n):
                    work[Q + j] = K[HEAD + 3 * n + 13 * seeds + seed * n + j]
            tries += 1
            if descend_within(chain, limits, T, 16 * pose, STEPS, work) <= RESIDUAL:
                found += 1 if keep_new(limits, work, rows, found) else 0
            away = min(away, math.sqrt(work[ERROR] ** 2 + work[ERROR + 1] ** 2 + work[ERROR + 2] ** 2))
        for b in range(BRANCHES):
            good[b] = 1 if b < found else 0
            if len(gap) > 0:
                gap[pose * BRANCHES + b] = 0.0 if b < found else away
        finish_pose(limits, near, step * pose, wanted, BRANCHES, rows, good, q, ok, pose * BRANCHES)
    return bad


@kernel
def rank_seeds(K: Floats, T: Floats, at: int, far: Floats) -> None:
    """Put how far each seed's pose is from the pose T[at:] into `far` (a monotone measure)."""
    n, seeds, weight = int(K[0]), int(K[1]), K[2]
    begin = HEAD + 3 * n
    half = K[begin : begin + seeds]
    a, b, c = weight * T[at], weight * T[at + 1], weight * T[at + 2]
    d, e, f = weight * T[at + 4], weight * T[at + 5], weight * T[at + 6]
    g, h, i = weight * T[at + 8], weight * T[at + 9], weight * T[at + 10]
    x, y, z = T[at + 3], T[at + 7], T[at + 11]
    rows = K[begin + seeds : begin + 13 * seeds]
    r0, r1, r2, r3 = rows[:seeds], rows[seeds:], rows[2 * seeds :], rows[3 * seeds :]
    r4, r5, r6, r7 = rows[4 * seeds :], rows[5 * seeds :], rows[6 * seeds :], rows[7 * seeds :]
    r8, r9, r10, r11 = rows[8 * seeds :], rows[9 * seeds :], rows[10 * seeds :], rows[11 * seeds :]
    for s in range(seeds):
        near = a * r0[s] + b * r1[s] + c * r2[s] + d * r3[s] + e * r4[s] + f * r5[s]
        near += g * r6[s] + h * r7[s] + i * r8[s] + x * r9[s] + y * r10[s] + z * r11[s]
        far[s] = half[s] - near


@kernel
def descend_within(chain: Floats, limits: Floats, T: Floats, at: int, steps: int, work: Floats) -> float:
    """Go from work's q to the pose T[at:] inside the limits; return the largest number of the remaining twist.

    A joint at a limit that the goal pulls further out is left out of the step. A descent that no longer halves its
    error in eight steps is given up.
    """
    n = int(chain[0])
    for j in range(n):
        work[Q + j] = min(max(work[Q + j], limits[j]), limits[n + j])
    worst = residual(chain, T, at, work)
    mark = worst
    for count in range(steps):
        if worst <= RESIDUAL or not worst < math.inf:
            break
        if count % 8 == 7:
            if worst > 0.5 * mark:
                break
            mark = worst
        for j in range(n):
            pull = 0.0
            for k in range(6):
                pull += work[JACOBIAN + 6 * j + k] * work[ERROR + k]
            if (work[Q + j] <= limits[j] and pull < 0.0) or (work[Q + j] >= limits[n + j] and pull > 0.0):
                for k in range(6):
                    work[JACOBIAN + 6 * j + k] = 0.0
        newton_step(chain, DAMPING, work)
        longest = 1.0
        for j in range(n):
            longest = max(longest, abs(work[STEP + j]))
        for j in range(n):
            work[Q + j] = min(max(work[Q + j] + work[STEP + j] / longest, limits[j]), limits[n + j])
        worst = residual(chain, T, at, work)
    return worst


@kernel
def keep_new(limits: Floats, work: Floats, rows: Floats, found: int) -> bool:
    """Write work's q as the next of `rows`, unless it is there already, whole turns apart or not."""
    n = len(limits) // 3
    for row in range(found):
        same = True
        for j in range(n):
            apart = work[Q + j] - rows[row * n + j]
            if limits[2 * n + j] > 0.0:
                apart -= WHOLE * np.floor(apart / WHOLE + 0.5)
            same = same and abs(apart) < SAME
        if same:
            return False
    for j in range(n):
        rows[found * n + j] = work[Q + j]
    return True
