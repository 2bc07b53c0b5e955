"""What the closed forms of six-joint arms share: a tile of poses taken in, and how it and its branches lie in memory.

Each closed form chooses three times between two ways. What is known after the first choice has a row of `PAIR` lanes,
one way's TILE poses after the other's; what is known after the second a row of `QUAD`, and a tile's branches rows of
`WIDE` lanes: lane = TILE · block + pose, with block = first choice + 2 · second + 4 · third. So one loop at constant
offsets works on all branches at once. Which block holds which branch is told by `blocks`.
"""

from __future__ import annotations

import sys
from typing import Final

import numpy as np

from robocell.compiler import kernel, widest
from robocell.motion.kernels.types import Counts, Floats

TILE: Final = 32
PAIR: Final = 2 * TILE
QUAD: Final = 4 * TILE
WIDE: Final = 8 * TILE

# rows of a tile's branches: joints first
GAP = 6  # metres out of reach
GOOD = 7  # 1 a solution, 2 one found by polishing, ½ one that may repeat another, 0 none
TWIN, POLISHED = 0.5, 2.0
ROWS = 8

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
    widest()
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
    """Bring the rows of near that belong to poses `first` to `last` into rows of all branches; step is 6 or 0."""
    widest()
    for j in range(6):
        if step == 0:
            value = near[j]
            for i in range(WIDE):
                rows[j * WIDE + i] = value
        else:
            for k in range(TILE):
                rows[j * WIDE + k] = near[step * min(first + k, last) + j]
            for block in range(1, 8):
                for k in range(TILE):
                    rows[np.uint64(j * WIDE + block * TILE + k)] = rows[np.uint64(j * WIDE + k)]


@kernel
def blocks(elbow: int, wrist: int) -> Counts:
    """Return in which block each branch 4·shoulder + 2·elbow + wrist lies, from what the two choices add to it."""
    at = np.empty(8, dtype=np.int64)
    for branch in range(8):
        at[branch] = (branch >> 2) + elbow * (branch >> 1 & 1) + wrist * (branch & 1)
    return at


@kernel
def to_canonical(K: Floats, M: Floats, P: Floats) -> None:
    """Turn poses into wrist frames, seen in the canonical frame: P = into · M · (turn, centre)."""
    widest()
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
