"""The geometric subproblems that both closed forms share, over a tile.

All are written so that rounding at a boundary moves the solution, never its residual: square roots are taken of
factored differences, sines and cosines go along with their angles and are normalised, and a singular angle is taken
from near.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel, widest
from robocell.motion.kernels.elementary import inverse_root, unit_angle
from robocell.motion.kernels.inverse_tiles import AXIS2_X, AXIS2_Z, MERGED, OFFSET, PAIR, SINGULAR, TILE
from robocell.motion.kernels.types import Floats

# rows of PAIR: the wrist centre in the arm's plane seen from axis 2, the angle of axis 1, its sine and cosine, how far the
# centre is too close to axis 1, and whether another solution is the same; then the wrist frame turned back by that angle:
# of each of its columns what is along the arm's plane, across it and up (3 rows a column)
X, Z, ANGLE1, SINE1, COSINE1, SHORT, SAME_TWICE, COLUMNS = range(8)
SHOULDER = COLUMNS + 9

PI = math.pi


@kernel
def shoulder(K: Floats, P: Floats, near: Floats, S: Floats) -> None:
    """Turn the wrist centre about axis 1 into the arm's plane, y = offset: two ways."""
    widest()
    offset, ax, az = K[OFFSET], K[AXIS2_X], K[AXIS2_Z]
    free = 0
    for k in range(TILE):
        x, y = P[9 * TILE + k], P[10 * TILE + k]
        square = x * x + y * y
        scale = inverse_root(square)
        radius = square * scale
        free += 1 if radius < SINGULAR else 0
        sine, cosine = y * scale, x * scale
        S[SINE1 * PAIR + k], S[COSINE1 * PAIR + k] = sine, cosine
        S[ANGLE1 * PAIR + k], S[SHORT * PAIR + k] = unit_angle(sine, cosine), radius
        S[SAME_TWICE * PAIR + k] = 0.0
    if free > 0:
        for k in range(TILE):
            if S[SHORT * PAIR + k] < SINGULAR:
                angle = near[k]
                S[SINE1 * PAIR + k], S[COSINE1 * PAIR + k] = math.sin(angle), math.cos(angle)
                S[ANGLE1 * PAIR + k], S[SAME_TWICE * PAIR + k] = angle, 1.0
    for k in range(TILE):
        sine, cosine = S[SINE1 * PAIR + k], S[COSINE1 * PAIR + k]
        angle, radius = S[ANGLE1 * PAIR + k], S[SHORT * PAIR + k]
        root = math.sqrt(max((radius - abs(offset)) * (radius + abs(offset)), 0.0))
        square = root * root + offset * offset
        scale = inverse_root(square)
        sl, cl = offset * scale, (root * scale if square > 0.0 else 1.0)
        lean = unit_angle(sl, cl)
        twin = 1.0 if (root < MERGED * radius) & (S[SAME_TWICE * PAIR + k] < 0.5) else 0.0
        short, z = max(abs(offset) - radius, 0.0), P[11 * TILE + k] - az
        S[SINE1 * PAIR + k], S[COSINE1 * PAIR + k] = sine * cl - cosine * sl, cosine * cl + sine * sl
        S[SINE1 * PAIR + TILE + k] = -(sine * cl + cosine * sl)
        S[COSINE1 * PAIR + TILE + k] = sine * sl - cosine * cl
        S[ANGLE1 * PAIR + k], S[ANGLE1 * PAIR + TILE + k] = angle - lean, angle + lean - PI
        S[X * PAIR + k], S[X * PAIR + TILE + k] = root - ax, -root - ax
        S[Z * PAIR + k], S[Z * PAIR + TILE + k] = z, z
        S[SHORT * PAIR + k], S[SHORT * PAIR + TILE + k] = short, short
        S[SAME_TWICE * PAIR + k], S[SAME_TWICE * PAIR + TILE + k] = 0.0, twin


@kernel
def turned_back(P: Floats, S: Floats) -> None:
    """Turn the wrist frame back by the angle of axis 1, into the rows from `COLUMNS` on."""
    widest()
    for way in range(2):
        for k in range(TILE):
            i = np.uint64(way * TILE + k)
            s, c = S[np.uint64(SINE1 * PAIR) + i], S[np.uint64(COSINE1 * PAIR) + i]
            for column in range(3):
                x, y, z = P[column * TILE + k], P[(3 + column) * TILE + k], P[(6 + column) * TILE + k]
                S[np.uint64((COLUMNS + 3 * column) * PAIR) + i] = c * x + s * y
                S[np.uint64((COLUMNS + 3 * column + 1) * PAIR) + i] = c * y - s * x
                S[np.uint64((COLUMNS + 3 * column + 2) * PAIR) + i] = z


@inlined
def two_links(
    x: float, z: float, r1: float, r2: float
) -> tuple[float, float, float, float, float, float, float, float, float, float, bool]:
    """Reach a point (x, z) with two links of lengths r1 and r2; angles go from Z towards X.

    Returns:
        The direction of the point, its sine and cosine; the bend of the second link, its sine and cosine; the angle
        between the first link and the direction, its sine and cosine; by how much the point is too far or too near;
        and whether both ways are the same. One way is direction − inner and +bend, the other direction + inner
        and −bend.

    """
    square = x * x + z * z
    scale = inverse_root(square)
    r = square * scale
    sine, cosine = x * scale, (z * scale if r > 0.0 else 1.0)
    gap = max(r - (r1 + r2), abs(r1 - r2) - r, 0.0)
    short = max((r1 + r2 - r) * (r1 + r2 + r), 0.0)  # ∝ 1 − cos(bend)
    long = max((r - abs(r1 - r2)) * (r + abs(r1 - r2)), 0.0)  # ∝ 1 + cos(bend)
    scale = 0.25 / (r1 * r2)  # within reach, that is 1 / (short + long)
    sb, cb = 2.0 * math.sqrt(short * long) * scale, min(max((long - short) * scale, -1.0), 1.0)
    u, v = r2 * sb, r1 + r2 * cb
    square = u * u + v * v
    scale = inverse_root(square)
    si, ci = u * scale, (v * scale if square > 0.0 else 1.0)
    twin = sb < MERGED
    return unit_angle(sine, cosine), sine, cosine, unit_angle(sb, cb), sb, cb, unit_angle(si, ci), si, ci, gap, twin
