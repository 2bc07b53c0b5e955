"""The geometric subproblems that both closed forms share, over a tile.

All are written so that rounding at a boundary moves the solution, never its residual: square roots are taken of
factored differences, sines and cosines go along with their angles and are normalised, and a singular angle is taken
from near.
"""

from __future__ import annotations

import math

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.elementary import arctan2
from robocell.motion.kernels.inverse_tiles import AXIS2_X, AXIS2_Z, MERGED, OFFSET, SINGULAR
from robocell.motion.kernels.types import Floats

# rows of a shoulder solution: sine and cosine of the angle of axis 1, the wrist centre in the arm's plane seen from
# axis 2, the angle itself, how far the centre is too close to axis 1, and whether another solution is the same
SINE1, COSINE1, X, Z, ANGLE1, SHORT, TWIN = range(7)
SHOULDER = 7

PI = math.pi
TINY = 1e-300


@kernel
def shoulder(K: Floats, P: Floats, near: Floats, S: Floats, R: Floats) -> None:
    """Turn the wrist centre about axis 1 into the arm's plane, y = offset: two ways, into rows S and R."""
    offset, ax, az = K[OFFSET], K[AXIS2_X], K[AXIS2_Z]
    free = 0
    for k in range(TILE):
        x, y = P[9 * TILE + k], P[10 * TILE + k]
        radius = math.sqrt(x * x + y * y)
        free += 1 if radius < SINGULAR else 0
        scale = 1.0 / (radius + TINY)
        S[X * TILE + k], S[Z * TILE + k] = y * scale, x * scale
        S[ANGLE1 * TILE + k], S[SHORT * TILE + k] = arctan2(y, x), radius
        S[TWIN * TILE + k] = 0.0
    if free > 0:
        for k in range(TILE):
            if S[SHORT * TILE + k] < SINGULAR:
                angle = near[k]
                S[X * TILE + k], S[Z * TILE + k], S[ANGLE1 * TILE + k] = math.sin(angle), math.cos(angle), angle
                S[TWIN * TILE + k] = 1.0
    for k in range(TILE):
        sine, cosine, angle, radius = S[X * TILE + k], S[Z * TILE + k], S[ANGLE1 * TILE + k], S[SHORT * TILE + k]
        root = math.sqrt(max((radius - abs(offset)) * (radius + abs(offset)), 0.0))
        lean = arctan2(offset, root)
        norm = math.sqrt(root * root + offset * offset)
        least = 1.0 / (norm + TINY)
        sl = offset * least
        cl = root * least if norm > 0.0 else 1.0
        twin = 1.0 if (root < MERGED * radius) & (S[TWIN * TILE + k] < 0.5) else 0.0
        short = max(abs(offset) - radius, 0.0)
        S[SINE1 * TILE + k], S[COSINE1 * TILE + k] = sine * cl - cosine * sl, cosine * cl + sine * sl
        R[SINE1 * TILE + k], R[COSINE1 * TILE + k] = -(sine * cl + cosine * sl), sine * sl - cosine * cl
        S[ANGLE1 * TILE + k], R[ANGLE1 * TILE + k] = angle - lean, angle + lean - PI
        S[X * TILE + k], R[X * TILE + k] = root - ax, -root - ax
        z = P[11 * TILE + k] - az
        S[Z * TILE + k], R[Z * TILE + k] = z, z
        S[SHORT * TILE + k], R[SHORT * TILE + k] = short, short
        S[TWIN * TILE + k], R[TWIN * TILE + k] = 0.0, twin


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
    r = math.sqrt(x * x + z * z)
    scale = 1.0 / (r + TINY)
    sine, cosine = x * scale, (z * scale if r > 0.0 else 1.0)
    gap = max(r - (r1 + r2), abs(r1 - r2) - r, 0.0)
    short = max((r1 + r2 - r) * (r1 + r2 + r), 0.0)  # ∝ 1 − cos(bend)
    long = max((r - abs(r1 - r2)) * (r + abs(r1 - r2)), 0.0)  # ∝ 1 + cos(bend)
    root_short, root_long = math.sqrt(short), math.sqrt(long)
    bend = 2.0 * arctan2(root_short, root_long)
    scale = 1.0 / (short + long)
    sb, cb = 2.0 * root_short * root_long * scale, (long - short) * scale
    u, v = r2 * sb, r1 + r2 * cb
    norm = math.sqrt(u * u + v * v)
    scale = 1.0 / (norm + TINY)
    si, ci = u * scale, (v * scale if norm > 0.0 else 1.0)
    twin = (bend < MERGED) | (PI - bend < MERGED)
    return arctan2(x, z), sine, cosine, bend, sb, cb, arctan2(u, v), si, ci, gap, twin
