"""Smooth paths along way-points that are joined by straight joint lines."""

from __future__ import annotations

import numpy as np

from robocell.motion.kernels import retime_corners, retime_path
from robocell.motion.limits import Limits
from robocell.motion.pacing import Grid
from robocell.motion.rigid import Floats
from robocell.motion.spline import Spline

SHARPEST = 20.0  # jerk that shapes corners, in a²/v, where the limit is above it or infinite


def blended(points: Floats, limits: Limits, blend: float) -> tuple[Spline, Grid]:
    """Return the path through way-points (M, n) with blends, and the grid to time it on.

    The path's parameter is such that q′ = 0 where it rests. No two neighbours may be the same.
    """
    M, n = points.shape
    v, a = limits.velocity, limits.acceleration
    rates = np.concatenate([v, a, np.minimum(limits.jerk, SHARPEST * a * a / v)])
    flat = points.reshape(-1)
    length, slope, pace = np.empty(M - 1), np.empty((M - 1) * n), np.empty(2 * (M - 1))
    retime_corners.legs(flat, rates, length, slope, pace)
    want, half, share, speed, overlap = np.empty((5, M))
    retime_corners.turns(slope, blend, want)
    retime_corners.even_corners(length, slope, pace, rates, want, half, share, speed)
    retime_corners.late_corners(length, pace, want, half, speed, overlap)
    parts = np.empty(5 * retime_path.SEGMENTS * (M - 1))
    sizes, begins = np.empty(M - 1, dtype=np.int64), np.empty(M)
    retime_path.profiles(length, pace, half, share, speed, overlap, parts, sizes, begins)
    breaks = np.empty(retime_path.PIECES * (M - 1) + 1)
    coefficients = np.zeros((retime_path.PIECES * (M - 1), 4, n))
    widths = np.empty(5 * retime_path.INTERVALS * (M - 1))
    piece = np.empty(retime_path.INTERVALS * (M - 1), dtype=np.int64)
    P, N = retime_path.join(flat, slope, parts, sizes, begins, overlap, breaks, coefficients.reshape(-1), widths, piece)
    return Spline(breaks[: P + 1].copy(), coefficients[:P].copy()), Grid(widths[: 5 * N].copy(), piece[:N].copy())


def parabolic(points: Floats, limits: Limits, blend: float) -> Spline:
    """Return the path through way-points (M, n) whose corners are parabolas: the shape for acceleration limits alone.

    q″ jumps where a parabola begins and ends. No two neighbours may be the same.
    """
    d = np.diff(points, axis=0)
    length = (np.abs(d) / limits.velocity).max(axis=1)
    slope = d / length[:, None]
    turn = np.abs(np.diff(slope, axis=0)).max(axis=1)
    # half the width in s; a parabola leaves its corner by |Δq′| · half / 4
    want = np.zeros(len(points))
    want[1:-1] = np.where(turn > 0.0, 4.0 * blend / np.where(turn > 0.0, turn, 1.0), 0.0)
    half = np.minimum(want[1:-1], np.maximum(0.5 * length[:-1], length[:-1] - want[:-2]))
    half = np.concatenate([[0.0], np.minimum(half, np.maximum(0.5 * length[1:], length[1:] - want[2:])), [0.0]])
    breaks, pieces = [0.0], []
    for k, u in enumerate(slope):
        line = length[k] - half[k] - half[k + 1]
        if line > 1e-9 * length[k]:
            pieces.append([points[k] + half[k] * u, u, 0.0 * u, 0.0 * u])
            breaks.append(breaks[-1] + line)
        wide = half[k + 1]
        if wide > 0.0:
            pieces.append([points[k + 1] - wide * u, u, (slope[k + 1] - u) / (4.0 * wide), 0.0 * u])
            breaks.append(breaks[-1] + 2.0 * wide)
    return Spline(np.array(breaks), np.array(pieces))
