"""Whether a process can hold its tolerance: Cp, Cpk, Pp, Ppk with their confidence limits (ISO 22514-2; Bissell 1990)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from robocell.quality.chart import D2
from robocell.quality.distributions import chi_square_quantile

FEWEST = 20
"""Measurements below which nothing is said."""


@dataclass(frozen=True)
class Capability:
    """How a process lies in its tolerance.

    Attributes:
        count: measurements.
        mean: of all.
        sigma: overall standard deviation.
        within: standard deviation inside subgroups, from the mean range.
        cp, cpk: from `within`: what the process could do; None where a limit that it needs is missing or nothing varies.
        pp, ppk: from `sigma`: what it did.
        cpk_low: lower 95 % confidence limit of Cpk (one-sided).
        cp_low: that of Cp.
        outside: expected share outside the tolerance, of a normal process.

    """

    count: int
    mean: float
    sigma: float
    within: float
    cp: float | None
    cpk: float | None
    pp: float | None
    ppk: float | None
    cp_low: float | None
    cpk_low: float | None
    outside: float | None


def capability(values: Sequence[float], lower: float, upper: float, subgroup: int = 5) -> Capability | None:
    """Work out a process's capability.

    Args:
        values: measurements in the order in which they were taken.
        lower: least allowed value; −inf where there is none.
        upper: greatest allowed value; inf where there is none.
        subgroup: consecutive values that form a subgroup, 1 to 10; a rest is left out of `within`.

    Returns:
        None for fewer than `FEWEST` measurements.

    """
    count = len(values)
    if count < FEWEST:
        return None
    mean = math.fsum(values) / count
    sigma = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (count - 1))
    within = _within(values, subgroup)
    cp, cpk = _ratios(mean, within, lower, upper)
    pp, ppk = _ratios(mean, sigma, lower, upper)
    freedom = 0.9 * (count // subgroup) * (subgroup - 1) if subgroup > 1 else 0.62 * (count - 1)
    cp_low = cp * math.sqrt(chi_square_quantile(0.05, freedom) / freedom) if cp is not None else None
    cpk_low = None
    if cpk is not None:
        cpk_low = cpk - 1.645 * math.sqrt(1 / (9 * count) + cpk**2 / (2 * freedom))
    outside = None
    if sigma > 0:
        normal = NormalDist(mean, sigma)
        outside = (normal.cdf(lower) if math.isfinite(lower) else 0.0) + (
            1 - normal.cdf(upper) if math.isfinite(upper) else 0.0
        )
    return Capability(count, mean, sigma, within, cp, cpk, pp, ppk, cp_low, cpk_low, outside)


def _within(values: Sequence[float], subgroup: int) -> float:
    if subgroup == 1:
        moves = [abs(b - a) for a, b in zip(values, values[1:], strict=False)]
        return math.fsum(moves) / len(moves) / D2[1]
    groups = [values[k : k + subgroup] for k in range(0, len(values) - subgroup + 1, subgroup)]
    return math.fsum(max(group) - min(group) for group in groups) / len(groups) / D2[subgroup]


def _ratios(mean: float, sigma: float, lower: float, upper: float) -> tuple[float | None, float | None]:
    if sigma <= 0:
        return None, None
    sides = [side for side in ((upper - mean), (mean - lower)) if math.isfinite(side)]
    both = (upper - lower) / (6 * sigma) if len(sides) == 2 else None
    return both, (min(sides) / (3 * sigma) if sides else None)
