"""Jerk-limited rest-to-rest profiles (double S), time-optimal, batched over any shape.

Formulas: Biagiotti and Melchiorri, Trajectory Planning for Automatic Machines and Robots (2008), section 3.4,
    for zero
velocity at both ends. With jerk phases of `tj`, an acceleration phase of `ta` (both jerk phases included) and
a cruise of `tv`, the distance is jerk · tj · (ta − tj) · (ta + tv), whichever of the limits are met.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.rigid import Floats

JERK_SIGN = np.array([1.0, 0.0, -1.0, 0.0, -1.0, 0.0, 1.0])


def phases(
    distance: ArrayLike, velocity: ArrayLike, acceleration: ArrayLike, jerk: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Return the phase times of the fastest profile over a distance.

    Args:
        distance: (…) how far, any sign.
        velocity: limits, positive, broadcast against distance.
        acceleration: likewise.
        jerk: likewise.

    Returns:
        tj, ta, tv (…) in seconds: a jerk phase, the whole acceleration phase, the cruise. Duration = 2·ta +
        tv.

    """
    d, v, a, j = (np.asarray(x, dtype=np.float64) for x in (distance, velocity, acceleration, jerk))
    d = np.abs(d)
    # Limits that cannot be met beside the others are lowered to what can: then only three cases are left.
    a = np.minimum(a, np.sqrt(v * j))
    tj_full = a / j
    ta_full = tj_full + v / a
    cruise = d >= v * ta_full
    plateau = d >= 2.0 * a * tj_full * tj_full
    tj_short = np.cbrt(d / (2.0 * j))
    ta_plateau = 0.5 * (tj_full + np.sqrt(tj_full * tj_full + 4.0 * d / a))
    tj = np.where(cruise | plateau, tj_full, tj_short)
    ta = np.where(cruise, ta_full, np.where(plateau, ta_plateau, 2.0 * tj_short))
    tv = np.where(cruise, d / v - ta_full, 0.0)
    return tj, ta, np.maximum(tv, 0.0)


def durations(distance: ArrayLike, velocity: ArrayLike, acceleration: ArrayLike, jerk: ArrayLike) -> Floats:
    """Return how long the fastest profile over each distance takes, seconds; arguments as for `phases`."""
    _, ta, tv = phases(distance, velocity, acceleration, jerk)
    return 2.0 * ta + tv


def profile(distance: Floats, tj: Floats, ta: Floats, tv: Floats) -> tuple[Floats, Floats]:
    """Return the profiles' knots (8, …) and cubic coefficients (4, 7, …), ascending, local to each phase.

    Phase times may have been stretched; the jerk follows from them, so that the profile ends exactly at
    `distance`.
    """
    tail = ta - 2.0 * tj
    spans = np.stack([tj, tail, tj, tv, tj, tail, tj])
    knots = np.zeros((8, *spans.shape[1:]))
    np.cumsum(spans, axis=0, out=knots[1:])
    scale = tj * (ta - tj) * (ta + tv)
    moving = scale > 0.0
    jerk = np.where(moving, distance / np.where(moving, scale, 1.0), 0.0)
    c = np.zeros((4, 7, *jerk.shape))
    peak = jerk * tj
    speed = peak * (ta - tj)
    # Both halves are written from their own end, so that no error accumulates along the profile.
    c[3] = np.multiply.outer(JERK_SIGN / 6.0, jerk)
    c[2, 1] = c[2, 2] = 0.5 * peak
    c[2, 5] = c[2, 6] = -0.5 * peak
    half = 0.5 * peak * tj
    c[1, 1] = half
    c[1, 2] = speed - half
    c[1, 3] = c[1, 4] = speed
    c[1, 5] = speed - half
    c[1, 6] = half
    first = half * tj / 3.0
    c[0, 1] = first
    c[0, 2] = 0.5 * speed * ta - speed * tj + first
    c[0, 3] = 0.5 * speed * ta
    c[0, 4] = distance - 0.5 * speed * ta
    c[0, 5] = distance - c[0, 2]
    c[0, 6] = distance - first
    return knots, c
