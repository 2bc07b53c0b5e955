"""Steps of axes: 1, 2, 5 times a power of ten for counts, and what clocks have for times."""

from __future__ import annotations

import math

_CLOCK = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


def tick_step(span: float, most: int) -> float:
    """Return the least step of a clock that divides `span` seconds into at most `most` pieces."""
    for step in _CLOCK:
        if span / step <= most:
            return float(step)
    return 86_400.0 * math.ceil(span / 86_400.0 / most)


def round_step(span: float, most: int) -> float:
    """Return the least of 1, 2, 5 × 10ⁿ that divides `span` into at most `most` pieces; 1 for no span."""
    if span <= 0.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(span / most))
    for factor in (1.0, 2.0, 5.0, 10.0):
        if span / (factor * power) <= most * (1.0 + 1e-9):
            return factor * power
    raise AssertionError("ten times the power below the quotient is above it")
