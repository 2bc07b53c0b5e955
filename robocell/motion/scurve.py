"""Jerk-limited rest-to-rest profiles (double S), time-optimal, batched over any shape.

The formulas and their source are in `kernels.scurve`. An infinite jerk limit gives trapezoids.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.kernels import scurve as kernels
from robocell.motion.limits import Limits
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
    shape = np.broadcast_shapes(d.shape, v.shape, a.shape, j.shape)
    over = _row(d, shape, True)
    tj, ta, tv = np.empty((3, over.size))
    kernels.phases(over, _row(v, shape), _row(a, shape), _row(j, shape), tj, ta, tv)
    return tj.reshape(shape), ta.reshape(shape), tv.reshape(shape)


def _row(x: Floats, shape: tuple[int, ...], whole: bool = False) -> Floats:
    """Return x as a plain row; the kernel itself repeats scalars and rows of one limit per joint."""
    repeats = not whole and x.shape == shape[len(shape) - x.ndim :]
    return np.array(x if repeats else np.broadcast_to(x, shape), order="C").reshape(-1)


def durations(distance: ArrayLike, velocity: ArrayLike, acceleration: ArrayLike, jerk: ArrayLike) -> Floats:
    """Return how long the fastest profile over each distance takes, seconds; arguments as for `phases`."""
    _, ta, tv = phases(distance, velocity, acceleration, jerk)
    return 2.0 * ta + tv


def move_durations(start: ArrayLike, end: ArrayLike, limits: Limits) -> Floats:
    """Return how long synchronised joint moves take, without making them.

    Args:
        start: (…, n) rad or m, broadcast against end.
        end: likewise.
        limits: joint limits.

    Returns:
        (…) seconds; NaN where a position is not finite.

    """
    a, b = np.asarray(start, dtype=np.float64), np.asarray(end, dtype=np.float64)
    if a.shape != b.shape:
        a, b = np.broadcast_arrays(a, b)
    out = np.empty(a.shape[:-1])
    if out.size:
        kernels.durations(np.array(a).ravel(), np.array(b).ravel(), limits.rates, out.reshape(-1))
    return out


def profile(distance: Floats, tj: Floats, ta: Floats, tv: Floats) -> tuple[Floats, Floats]:
    """Return the profiles' knots (8, …) and cubic coefficients (4, 7, …), ascending, local to each phase.

    Phase times may have been stretched; acceleration and jerk follow from them, so that the profile ends exactly
    at `distance`.
    """
    tail = ta - 2.0 * tj
    spans = np.stack([tj, tail, tj, tv, tj, tail, tj])
    knots = np.zeros((8, *spans.shape[1:]))
    np.cumsum(spans, axis=0, out=knots[1:])
    scale = (ta - tj) * (ta + tv)
    peak = np.where(scale > 0.0, distance / np.where(scale > 0.0, scale, 1.0), 0.0)
    jerk = np.where(tj > 0.0, peak / np.where(tj > 0.0, tj, 1.0), 0.0)
    c = np.zeros((4, 7, *jerk.shape))
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
