from __future__ import annotations

import numpy as np
import pytest

from robocell.quality.gauge_rr import gauge_study

# AIAG, Measurement Systems Analysis, 4th ed., table III-B 6: ten parts, three appraisers, three trials
AIAG = np.array([
    [[0.29, -0.56, 1.34, 0.47, -0.80, 0.02, 0.59, -0.31, 2.26, -1.36],
     [0.41, -0.68, 1.17, 0.50, -0.92, -0.11, 0.75, -0.20, 1.99, -1.25],
     [0.64, -0.58, 1.27, 0.64, -0.84, -0.21, 0.66, -0.17, 2.01, -1.31]],
    [[0.08, -0.47, 1.19, 0.01, -0.56, -0.20, 0.47, -0.63, 1.80, -1.68],
     [0.25, -1.22, 0.94, 1.03, -1.20, 0.22, 0.55, 0.08, 2.12, -1.62],
     [0.07, -0.68, 1.34, 0.20, -1.28, 0.06, 0.83, -0.34, 2.19, -1.50]],
    [[0.04, -1.38, 0.88, 0.14, -1.46, -0.29, 0.02, -0.46, 1.77, -1.49],
     [-0.11, -1.13, 1.09, 0.20, -1.07, -0.67, 0.01, -0.56, 1.45, -1.77],
     [-0.15, -0.96, 0.67, 0.11, -1.45, -0.49, 0.21, -0.49, 1.87, -2.16]],
]).transpose(2, 0, 1)  # fmt: skip


def test_the_manual_s_example_comes_out_as_printed() -> None:
    study = gauge_study(AIAG)
    assert study.repeatability.sigma == pytest.approx(0.199933, abs=1e-6)
    assert study.reproducibility.sigma == pytest.approx(0.226838, abs=1e-6)
    assert study.gauge.sigma == pytest.approx(0.302373, abs=3e-6)
    assert study.parts.sigma == pytest.approx(1.042327, abs=2e-6)
    assert study.total.sigma == pytest.approx(1.0853, abs=1e-5)
    assert study.categories == 4
    assert study.interaction_p == pytest.approx(0.974, abs=1e-3)
    assert study.verdict == "marginal"


def test_known_sources_of_variation_are_found_again() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    parts, operators = rng.normal(0, 3.0, (400, 1, 1)), np.array([-0.8, 0.0, 0.8]).reshape(1, 3, 1)
    study = gauge_study(parts + operators + rng.normal(0, 0.5, (400, 3, 3)), tolerance=40.0)
    assert study.parts.sigma == pytest.approx(3.0, rel=0.08)
    assert study.repeatability.sigma == pytest.approx(0.5, rel=0.05)
    assert study.reproducibility.sigma == pytest.approx(0.8, rel=0.1)
    assert study.gauge.of_tolerance == pytest.approx(6 * np.hypot(0.5, 0.8) / 40, rel=0.1)
    assert study.verdict == "marginal"


def test_shifting_and_scaling_the_unit_changes_no_share() -> None:
    study, other = gauge_study(AIAG, 8.0), gauge_study(1e-3 * AIAG + 7, 8e-3)
    assert other.gauge.of_total == pytest.approx(study.gauge.of_total)
    assert other.gauge.of_tolerance == pytest.approx(study.gauge.of_tolerance)
    assert other.verdict == study.verdict


def test_a_gauge_that_repeats_exactly_is_good() -> None:
    study = gauge_study(np.repeat(np.arange(5.0)[:, None, None], 2, axis=2), tolerance=1.0)
    assert study.gauge.sigma == 0
    assert study.verdict == "good"


def test_studies_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="parts ≥ 2"):
        gauge_study(np.zeros((1, 1, 5)))
    with pytest.raises(ValueError, match="finite"):
        gauge_study(np.full((3, 1, 2), np.nan))
    with pytest.raises(ValueError, match="positive"):
        gauge_study(AIAG, 0.0)
