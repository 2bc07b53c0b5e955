"""Gauge repeatability and reproducibility by analysis of variance (AIAG, Measurement Systems Analysis, 4th ed., ch. III B)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from robocell.quality.distributions import f_survival

SPREAD = 6.0
"""Standard deviations that count as the whole spread."""
POOLED = 0.25
"""Significance above which the interaction of part and appraiser is taken for repeatability."""


@dataclass(frozen=True)
class Source:
    """One source of variation.

    Attributes:
        sigma: standard deviation, in the measurement's unit.
        of_total: share of the total standard deviation.
        of_tolerance: `SPREAD` σ as a share of the tolerance; None where none is given.

    """

    sigma: float
    of_total: float
    of_tolerance: float | None


@dataclass(frozen=True)
class GaugeStudy:
    """What a study of a measuring system found.

    Attributes:
        repeatability: the same part, the same appraiser, again.
        reproducibility: between appraisers (setups, shifts), the interaction with parts included.
        gauge: both together: the measuring system.
        parts: between parts.
        total: everything.
        categories: how many classes of parts can be told apart (ndc); at least 5 are wanted.
        interaction_p: significance of the interaction of part and appraiser; None with one appraiser.
        verdict: "good" (gauge ≤ 10 % of the tolerance, or of the total where none is given), "marginal" (≤ 30 %), "bad".

    """

    repeatability: Source
    reproducibility: Source
    gauge: Source
    parts: Source
    total: Source
    categories: int
    interaction_p: float | None
    verdict: str


def gauge_study(values: ArrayLike, tolerance: float | None = None) -> GaugeStudy:
    """Analyse a crossed study.

    Args:
        values: (parts, appraisers, repeats) measurements, at least (2, 1, 2).
        tolerance: width between the limits, in the measurement's unit.

    Raises:
        ValueError: another shape, or numbers that are not finite.

    """
    x = np.asarray(values, np.float64)
    if x.ndim != 3 or x.shape[0] < 2 or x.shape[1] < 1 or x.shape[2] < 2:
        raise ValueError(f"a study is (parts ≥ 2, appraisers ≥ 1, repeats ≥ 2), not {x.shape}")
    if not np.all(np.isfinite(x)):
        raise ValueError("a study takes finite numbers: leave a part out altogether where one is missing")
    if tolerance is not None and not tolerance > 0:
        raise ValueError("a tolerance is positive")
    part, operator, mixed, repeat, p = _variances(x)
    gauge, total = repeat + operator + mixed, repeat + operator + mixed + part

    def source(variance: float) -> Source:
        sigma = math.sqrt(variance)
        share = sigma / math.sqrt(total) if total > 0 else 0.0
        return Source(sigma, share, SPREAD * sigma / tolerance if tolerance is not None else None)

    shown = source(gauge)
    judged = shown.of_tolerance if shown.of_tolerance is not None else shown.of_total
    categories = int(math.sqrt(2 * part / gauge)) if gauge > 0 else 1000
    verdict = "good" if judged <= 0.1 else ("marginal" if judged <= 0.3 else "bad")
    return GaugeStudy(
        source(repeat), source(operator + mixed), shown, source(part), source(total), categories, p, verdict
    )


def _variances(x: NDArray[np.float64]) -> tuple[float, float, float, float, float | None]:
    """Return variance components: part, appraiser, interaction, repeatability; and the interaction's significance."""
    parts, operators, repeats = x.shape
    cell, by_part, by_operator, mean = x.mean(axis=2), x.mean(axis=(1, 2)), x.mean(axis=(0, 2)), x.mean()
    ss_part = operators * repeats * float(np.sum((by_part - mean) ** 2))
    ss_repeat = float(np.sum((x - cell[:, :, None]) ** 2))
    df_part, df_repeat = parts - 1, parts * operators * (repeats - 1)
    if operators == 1:
        repeat = ss_repeat / df_repeat
        return max((ss_part / df_part - repeat) / repeats, 0.0), 0.0, 0.0, repeat, None
    ss_operator = parts * repeats * float(np.sum((by_operator - mean) ** 2))
    ss_mixed = repeats * float(np.sum((cell - by_part[:, None] - by_operator[None, :] + mean) ** 2))
    df_operator, df_mixed = operators - 1, (parts - 1) * (operators - 1)
    ms_mixed, ms_repeat = ss_mixed / df_mixed, ss_repeat / df_repeat
    p = f_survival(ms_mixed / ms_repeat, df_mixed, df_repeat) if ms_repeat > 0 else (0.0 if ms_mixed > 0 else 1.0)
    if p > POOLED:
        ms_repeat = (ss_mixed + ss_repeat) / (df_mixed + df_repeat)
        ms_mixed = ms_repeat
    mixed = max((ms_mixed - ms_repeat) / repeats, 0.0)
    operator = max((ss_operator / df_operator - ms_mixed) / (parts * repeats), 0.0)
    part = max((ss_part / df_part - ms_mixed) / (operators * repeats), 0.0)
    return part, operator, mixed, ms_repeat, p
