"""Double-S profiles said plainly: one joint at a time, phases of constant jerk one after another."""

from __future__ import annotations

import math


def phase_times(d: float, v: float, a: float, j: float) -> tuple[float, float, float]:
    """Jerk phase, acceleration phase and cruise over a distance: the largest peak speed whose ramps fit."""
    d = abs(d)
    if d == 0.0:
        return 0.0, 0.0, 0.0

    def ramp(peak: float) -> tuple[float, float]:
        if peak * j <= a * a:
            return math.sqrt(peak / j), 2.0 * math.sqrt(peak / j)
        return a / j, peak / a + a / j

    if v * ramp(v)[1] <= d:
        tj, ta = ramp(v)
        return tj, ta, d / v - ta
    low, high = 0.0, v
    for _ in range(200):
        peak = 0.5 * (low + high)
        low, high = (peak, high) if peak * ramp(peak)[1] <= d else (low, peak)
    return (*ramp(low), 0.0)


def duration(d: float, v: float, a: float, j: float) -> float:
    _, ta, tv = phase_times(d, v, a, j)
    return 2.0 * ta + tv


def state(d: float, tj: float, ta: float, tv: float, t: float) -> tuple[float, float, float]:
    """Distance, velocity and acceleration at a time, by running through the seven phases."""
    peak = d / ((ta - tj) * (ta + tv)) if d else 0.0
    jerk = peak / tj if tj else 0.0
    x = v = 0.0
    # for each phase the acceleration that it begins with, its jerk and its length
    phases = [(0.0, jerk, tj), (peak, 0.0, ta - 2 * tj), (peak, -jerk, tj), (0.0, 0.0, tv)]
    phases += [(0.0, -jerk, tj), (-peak, 0.0, ta - 2 * tj), (-peak, jerk, tj)]
    acceleration = 0.0
    for begins, slope, length in phases:
        u = min(t, length)
        x += v * u + begins * u * u / 2 + slope * u**3 / 6
        v += begins * u + slope * u * u / 2
        acceleration = begins + slope * u
        t -= u
        if t <= 0.0:
            break
    return x, v, acceleration
