"""Double-S profiles, rest to rest: phase times, common durations, samples.

Formulas: Biagiotti and Melchiorri, Trajectory Planning for Automatic Machines and Robots (2008), section 3.4, for
zero velocity at both ends. With jerk phases of `tj`, an acceleration phase of `ta` (both jerk phases included) and a
cruise of `tv`, the distance is peak acceleration · (ta − tj) · (ta + tv), whichever of the limits are met.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel
from robocell.motion.kernels import TILE
from robocell.motion.kernels.elementary import cube_root

Flat: TypeAlias = NDArray[np.float64]


@inlined
def fastest(d: float, v: float, a: float, j: float) -> tuple[float, float, float]:
    """Return tj, ta and tv of the fastest profile over a distance d ≥ 0; j may be infinite."""
    # An acceleration that cannot be reached beside the other limits is lowered to what can: three cases are left.
    reachable = math.sqrt(v * j)
    a = reachable if reachable < a else a
    tj_full = a / j
    ta_full = tj_full + v / a
    cruises = d >= v * ta_full
    levels = d >= 2.0 * a * tj_full * tj_full
    tj_short = cube_root(d * (0.5 / j)) if d > 0.0 else 0.0
    ta_level = 0.5 * (tj_full + math.sqrt(tj_full * tj_full + d * (4.0 / a)))
    tj = tj_full if levels else tj_short
    ta = ta_level if levels else 2.0 * tj_short
    ta = ta_full if cruises else ta
    tv = d * (1.0 / v) - ta_full
    tv = tv if cruises and tv > 0.0 else 0.0
    return tj, ta, tv


@kernel
def phases(d: Flat, v: Flat, a: Flat, j: Flat, tj: Flat, ta: Flat, tv: Flat) -> None:
    """Set the phase times of profiles over |d|; a limit that is shorter than d is repeated."""
    for i in range(d.size):
        tj[i], ta[i], tv[i] = fastest(abs(d[i]), v[i % v.size], a[i % a.size], j[i % j.size])


@kernel
def durations(start: Flat, end: Flat, rates: Flat, longest: Flat) -> None:
    """Set the least duration of each synchronised move: that of its slowest joint.

    Args:
        start: (N · n) joint positions, move after move; NaN or infinity makes the duration NaN.
        end: (N · n).
        rates: (3 · n) velocity limits of all joints, then acceleration, then jerk.
        longest: (N) out, seconds.

    """
    n = rates.size // 3
    N = longest.size
    distance = np.empty(n * TILE)
    row = np.empty(TILE)
    worst = np.empty(TILE)
    worst_cube = np.empty(TILE)
    for first in range(0, N, TILE):
        for i in range(TILE):
            at = min(first + i, N - 1) * n
            for k in range(n):
                distance[k * TILE + i] = end[at + k] - start[at + k]
        worst[:] = 0.0
        worst_cube[:] = 0.0
        for k in range(n):
            v, j = rates[k], rates[2 * n + k]
            a = min(rates[n + k], math.sqrt(v * j))
            tj = a / j
            ta = tj + v / a
            cruising, level, per_v, per_a, per_j = v * ta, 2.0 * a * tj * tj, 1.0 / v, 4.0 / a, 32.0 / j
            for i in range(TILE):
                row[i] = abs(distance[k * TILE + i])
            for i in range(TILE):
                d = row[i]
                t = d * per_v + ta if d >= cruising else tj + math.sqrt(tj * tj + d * per_a)
                t = t if d >= level else 0.0
                # the difference is 0 for every number that is finite, and NaN for the others
                worst[i] = (t if t > worst[i] else worst[i]) + (d - d)
                # profiles of jerk phases alone are compared by the cube of their time: one root serves all joints
                cube = 0.0 if d >= level else d * per_j
                worst_cube[i] = cube if cube > worst_cube[i] else worst_cube[i]
        for i in range(TILE):
            t = cube_root(worst_cube[i]) if worst_cube[i] > 0.0 else 0.0
            row[i] = t if t > worst[i] else worst[i]
        for i in range(min(TILE, N - first)):
            longest[first + i] = row[i]


@kernel
def synchronised(start: Flat, end: Flat, rates: Flat, duration: Flat, times: Flat) -> None:
    """Set the phase times (N · n · 3) of every joint, stretched to the duration (N) of its move."""
    n = rates.size // 3
    for m in range(duration.size):
        for k in range(n):
            at = m * n + k
            tj, ta, tv = fastest(abs(end[at] - start[at]), rates[k], rates[n + k], rates[2 * n + k])
            own = 2.0 * ta + tv
            stretch = duration[m] / own if own > 0.0 else 0.0
            times[3 * at] = tj * stretch
            times[3 * at + 1] = ta * stretch
            times[3 * at + 2] = tv * stretch


@inlined
def half(t: float, peak: float, tj: float, ta: float) -> tuple[float, float, float]:
    """Return distance, velocity and acceleration at t ≤ ta + tv after the start, for a peak acceleration."""
    speed = peak * (ta - tj)
    jerk = peak / tj if tj > 0.0 else 0.0
    if t < tj:
        return jerk * t * t * t / 6.0, 0.5 * jerk * t * t, jerk * t
    if t <= ta - tj:
        u = t - tj
        v = 0.5 * peak * tj
        return peak * tj * tj / 6.0 + (v + 0.5 * peak * u) * u, v + peak * u, peak
    if t < ta:
        u = ta - t
        return 0.5 * speed * ta - speed * u + jerk * u * u * u / 6.0, speed - 0.5 * jerk * u * u, jerk * u
    return speed * (t - 0.5 * ta), speed, 0.0


@kernel
def sample(start: Flat, end: Flat, times: Flat, duration: Flat, t: Flat, q: Flat, qd: Flat, qdd: Flat) -> None:
    """Set positions, velocities and accelerations (N · K · n) of N moves at times t (K).

    Outside their duration moves stand at the nearer end.
    """
    N = duration.size
    n = start.size // max(N, 1)
    for m in range(N):
        T = duration[m]
        for k in range(n):
            at = m * n + k
            tj, ta, tv = times[3 * at], times[3 * at + 1], times[3 * at + 2]
            d = end[at] - start[at]
            scale = (ta - tj) * (ta + tv)
            peak = d / scale if scale > 0.0 else 0.0
            for i in range(t.size):
                o = (m * t.size + i) * n + k
                # Each half is computed from its own end, so that no error accumulates along the profile.
                if t[i] >= T:
                    q[o], qd[o], qdd[o] = end[at], 0.0, 0.0
                elif t[i] <= 0.0:
                    q[o], qd[o], qdd[o] = start[at], 0.0, 0.0
                elif 2.0 * t[i] <= T:
                    x, v, a = half(t[i], peak, tj, ta)
                    q[o], qd[o], qdd[o] = start[at] + x, v, a
                else:
                    x, v, a = half(T - t[i], peak, tj, ta)
                    q[o], qd[o], qdd[o] = end[at] - x, v, -a
