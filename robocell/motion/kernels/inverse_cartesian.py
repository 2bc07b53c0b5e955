"""Closed forms of SCARA arms and of gantries, whose tools cannot tilt: of two branches, and of one."""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels.inverse_descent import ERROR, JACOBIAN, REACH, TIP, WORK, forward, residual
from robocell.motion.kernels.inverse_subproblems import two_links
from robocell.motion.kernels.inverse_tiles import first_bad
from robocell.motion.kernels.inverse_turns import finish_pose
from robocell.motion.kernels.types import Flags, Floats

TILT = 1e-9  # sine: the tool may be tilted by this much against what the arm can reach

# constants of a SCARA arm: base to canonical frame, home pose to canonical frame (each rotation and shift), the third
# turning axis at zero, lengths and angles of both links, which joints turn and which slides, and their signs
INTO, TOOL, THIRD, LINKS, ORDER, SIGNS, SCARA = 0, 12, 24, 27, 31, 35, 39


@kernel
def solve_scara(
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
    """Solve for both branches of poses T; see `robocell.motion.inverse` for the arguments all solvers share."""
    limits = K[SCARA:].copy()
    count = len(T) // 16
    bad = first_bad(T, count)
    D, rows, good = np.empty(12), np.empty(8), np.empty(2, dtype=np.uint8)
    for pose in range(count if bad < 0 else 0):
        _displacement(K, T, 16 * pose, D)
        _scara(K, D, rows, good, gap, 2 * pose)
        finish_pose(limits, near, step * pose, wanted, 2, rows, good, q, ok, 2 * pose)
    return bad


@kernel
def _displacement(K: Floats, T: Floats, at: int, D: Floats) -> None:
    """Put into · T · tool into D (3×4 by rows): how the tool has moved since zero, seen in the canonical frame."""
    for r in range(3):
        for c in range(4):
            value = 0.0
            for i in range(3):
                inner = T[at + 4 * i + 3] if c == 3 else 0.0
                for j in range(3):
                    inner += T[at + 4 * i + j] * (K[TOOL + 9 + j] if c == 3 else K[TOOL + 3 * j + c])
                value += K[INTO + 3 * r + i] * inner
            D[4 * r + c] = value + (K[INTO + 9 + r] if c == 3 else 0.0)


@kernel
def _scara(K: Floats, D: Floats, rows: Floats, good: Flags, gap: Floats, row: int) -> None:
    wx, wy, wz = K[THIRD], K[THIRD + 1], K[THIRD + 2]
    x = D[0] * wx + D[1] * wy + D[2] * wz + D[3]
    y = D[4] * wx + D[5] * wy + D[6] * wz + D[7]
    z = D[8] * wx + D[9] * wy + D[10] * wz + D[11]
    total = math.atan2(D[4] - D[1], D[0] + D[5])
    tilt = max(math.sqrt(D[2] * D[2] + D[6] * D[6]), math.sqrt(D[8] * D[8] + D[9] * D[9]))
    upright = tilt <= TILT and D[10] > 0.0
    r1, b1, r2, b2 = K[LINKS], K[LINKS + 1], K[LINKS + 2], K[LINKS + 3]
    direction, _, _, bend, _, _, inner, _, _, short, twin = two_links(y, x, r1, r2)
    for b in range(2):
        side = 1.0 - 2.0 * b
        first = direction - side * inner - b1
        second = side * bend - (b2 - b1)
        rows[4 * b + int(K[ORDER])] = K[SIGNS] * first
        rows[4 * b + int(K[ORDER + 1])] = K[SIGNS + 1] * second
        rows[4 * b + int(K[ORDER + 2])] = K[SIGNS + 2] * (total - first - second)
        rows[4 * b + int(K[ORDER + 3])] = K[SIGNS + 3] * (z - wz)
        good[b] = 1 if upright and short <= REACH and not (b == 1 and twin) else 0
        if len(gap) > 0:
            gap[row + b] = short


@kernel
def solve_gantry(
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
    """Solve for the one branch of poses T; see `robocell.motion.inverse` for the arguments all solvers share.

    The orientation gives the turning joint's position; then the sliding joints' are linear in the position.
    """
    n = len(K) // 3
    count = len(T) // 16
    bad = first_bad(T, count)
    zero, work, rows, good = np.zeros(WORK), np.zeros(WORK), np.empty(n), np.empty(1, dtype=np.uint8)
    forward(chain, zero)
    turning = -1
    for j in range(n):
        turning = j if K[2 * n + j] > 0.0 else turning
    for pose in range(count if bad < 0 else 0):
        for j in range(n):
            work[j] = 0.0
        if turning >= 0:
            work[turning] = _turn(zero, JACOBIAN + 6 * turning + 3, T, 16 * pose)
        residual(chain, T, 16 * pose, work)
        tilt = math.sqrt(work[ERROR + 3] ** 2 + work[ERROR + 4] ** 2 + work[ERROR + 5] ** 2)
        _slides(work, turning, n, rows)
        good[0] = 1 if tilt <= TILT else 0
        if len(gap) > 0:
            gap[pose] = 0.0
        finish_pose(K, near, step * pose, wanted, 1, rows, good, q, ok, pose)
    return bad


@kernel
def _turn(zero: Floats, axis: int, T: Floats, at: int) -> float:
    """Return the angle about an axis by which the pose T[at:] is turned against the TCP at zero."""
    x, y, z = zero[axis], zero[axis + 1], zero[axis + 2]
    sine, cosine = 0.0, 0.0
    for c in range(3):
        a, b, e = zero[TIP + c], zero[TIP + 3 + c], zero[TIP + 6 + c]
        d, f, g = T[at + c], T[at + 4 + c], T[at + 8 + c]
        sine += x * (b * g - e * f) + y * (e * d - a * g) + z * (a * f - b * d)
        along = x * a + y * b + z * e
        cosine += a * d + b * f + e * g - along * (x * d + y * f + z * g)
    return math.atan2(sine, cosine)


@kernel
def _slides(work: Floats, turning: int, n: int, rows: Floats) -> None:
    """Solve for the sliding joints by Cramer's rule, from the position error and the Jacobian in work."""
    columns = np.empty(12)
    names = np.empty(3, dtype=np.int64)
    count = 0
    for j in range(n):
        rows[j] = work[j]
        if j != turning:
            names[count] = j
            for k in range(3):
                columns[3 * count + k] = work[JACOBIAN + 6 * j + k]
            count += 1
    for k in range(3):
        columns[9 + k] = work[ERROR + k]
    whole = _triple(columns, 0, 1, 2)
    rows[names[0]] = _triple(columns, 3, 1, 2) / whole
    rows[names[1]] = _triple(columns, 0, 3, 2) / whole
    rows[names[2]] = _triple(columns, 0, 1, 3) / whole


@kernel
def _triple(columns: Floats, i: int, j: int, k: int) -> float:
    a, b, c = columns[3 * i], columns[3 * i + 1], columns[3 * i + 2]
    d, e, f = columns[3 * j], columns[3 * j + 1], columns[3 * j + 2]
    g, h, m = columns[3 * k], columns[3 * k + 1], columns[3 * k + 2]
    volume: float = a * (e * m - f * h) - b * (d * m - f * g) + c * (d * h - e * g)
    return volume
