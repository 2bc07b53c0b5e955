"""The few distributions that the figures of quality need, without a library of statistics.

The regularised incomplete beta function follows Numerical Recipes (Press et al., 3rd ed., 6.4: Lentz's continued fraction).
"""

from __future__ import annotations

import math
from statistics import NormalDist

_TINY = 1e-300
_STEPS = 300


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b) for a, b > 0 and 0 ≤ x ≤ 1."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1.0 - front * _fraction(b, a, 1.0 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _away(1.0 - (a + b) * x / (a + 1.0))
    h = d
    for m in range(1, _STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        d, c = 1.0 / _away(1.0 + even * d), _away(1.0 + even / c)
        h *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        d, c = 1.0 / _away(1.0 + odd * d), _away(1.0 + odd / c)
        h *= d * c
        if abs(d * c - 1.0) < 1e-15:
            break
    return h


def _away(x: float) -> float:
    return x if abs(x) > _TINY else _TINY


def f_survival(f: float, between: float, within: float) -> float:
    """Return P(F > f) of Fisher's distribution with `between` and `within` degrees of freedom."""
    if f <= 0.0:
        return 1.0
    return incomplete_beta(within / 2, between / 2, within / (within + between * f))


def chi_square_quantile(p: float, freedom: float) -> float:
    """Return the p-quantile of χ² by Wilson and Hilferty's approximation, good to about 1 % from 5 degrees of freedom."""
    z = NormalDist().inv_cdf(p)
    return freedom * max(1.0 - 2.0 / (9.0 * freedom) + z * math.sqrt(2.0 / (9.0 * freedom)), 0.0) ** 3
