from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.quality.capability import capability
from robocell.quality.chart import ControlChart, ControlLimits, Signal, learnt

LOW, HIGH = 59.8, 60.2


def chart(**more: object) -> ControlChart:
    return ControlChart(LOW, HIGH, limits=ControlLimits(60.0, 0.02, 5), **more)  # type: ignore[arg-type]


def fed(chart: ControlChart, values: list[float]) -> list[Signal]:
    return [signal for value in values if (signal := chart.add(value)[1]) is not None]


def means(*z: float) -> list[float]:
    """Return subgroups of five whose means lie so many of their standard deviations off, of a usual range."""
    sigma = 0.02
    spread = np.array([-0.5, -0.25, 0.0, 0.25, 0.5]) * 2.326 * sigma
    return [float(60 + off * sigma / math.sqrt(5) + s) for off in z for s in spread]


@pytest.mark.parametrize(
    ("z", "rule"),
    [
        ([0.5, -0.5, 3.2], "beyond-limit"),
        ([0.3, 2.3, -0.2, 2.4], "two-of-three"),
        ([-1.2, -1.4, 0.2, -1.1, -1.5], "four-of-five"),
        ([0.2, 0.5, 0.1, 0.4, 0.6, 0.3, 0.2, 0.5], "run"),
        ([-1.5, -0.9, -0.4, 0.1, 0.6, 0.9], "trend"),
    ],
)
def test_each_rule_is_told_when_its_last_mean_comes_and_not_before(z: list[float], rule: str) -> None:
    assert fed(chart(), means(*z[:-1])) == []
    assert [signal.rule for signal in fed(chart(), means(*z))] == [rule]


def test_a_wide_subgroup_breaks_the_range_chart() -> None:
    assert [s.rule for s in fed(chart(), [59.9, 60.1, 59.95, 60.05, 60.0])] == ["range"]


def test_a_steady_process_seldom_alarms_and_a_shifted_one_soon() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    steady = fed(chart(), list(rng.normal(60.0, 0.02, 5000)))
    assert len(steady) < 40  # the five rules together: about one false alarm in 90 subgroups (Champ and Woodall 1987)
    shifted = chart()
    first = next(k for k, v in enumerate(rng.normal(60.02, 0.02, 500)) if shifted.add(float(v))[1])
    assert first < 40


def test_a_slow_drift_is_told_before_the_first_part_is_out_of_tolerance() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    values = [60.0 + float(rng.normal(0, 0.02)) + max(k - 150, 0) * 0.4e-3 for k in range(900)]
    out = next(k for k, value in enumerate(values) if value > HIGH)
    seen = ControlChart(LOW, HIGH, subgroup=5, learn=20)
    told = [k for k, value in enumerate(values[:out]) if seen.add(value)[1] is not None and k >= 150]
    assert told
    assert told[0] < out - 50


def test_before_limits_are_learnt_the_tolerance_itself_warns() -> None:
    assert [s.rule for s in fed(ControlChart(LOW, HIGH), [60.0, 60.12, 60.13])] == ["pre-control"]
    assert fed(ControlChart(LOW, HIGH), [60.12, 59.88, 60.12, 60.0]) == []
    assert fed(ControlChart(-math.inf, HIGH), [60.19, 60.19, 60.19]) == []


@given(st.floats(-5, 5), st.floats(0.01, 2), st.integers(2, 8))
def test_learnt_limits_follow_shift_and_scale(shift: float, scale: float, subgroup: int) -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    groups = rng.normal(0, 1, (60, subgroup))

    def limits(x: np.ndarray) -> ControlLimits:
        chart = ControlChart(-1e9, 1e9, subgroup, 60)
        for value in x.ravel():
            chart.add(float(value))
        assert chart.limits is not None
        return chart.limits

    plain, moved = limits(groups), limits(shift + scale * groups)
    assert moved.mean == pytest.approx(shift + scale * plain.mean, abs=1e-9)
    assert moved.sigma == pytest.approx(scale * plain.sigma, rel=1e-9)
    assert plain.sigma == pytest.approx(1.0, rel=0.2)


def test_subgroups_that_are_out_themselves_do_not_widen_the_limits() -> None:
    from robocell.quality.chart import Point

    good = [Point(60 + 0.001 * (-1) ** k, 0.04) for k in range(20)]
    with_one = learnt([*good, Point(60.5, 0.04)], 5)
    assert with_one.mean == pytest.approx(learnt(good, 5).mean, abs=1e-12)


def test_capability_of_a_known_process() -> None:
    rng = np.random.Generator(np.random.PCG64(6))
    values = list(rng.normal(60.05, 0.03, 5000))
    found = capability(values, LOW, HIGH)
    assert found is not None
    assert found.cp == pytest.approx(0.4 / 0.18, rel=0.03)
    assert found.cpk == pytest.approx(0.15 / 0.09, rel=0.03)
    assert found.ppk == pytest.approx(0.15 / 0.09, rel=0.04)
    assert found.cpk_low is not None
    assert found.cpk is not None
    assert found.cpk_low < found.cpk
    assert found.outside == pytest.approx(2.9e-7, rel=0.6)


def test_the_lower_limit_of_cpk_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    below = 0
    for _ in range(400):
        found = capability(list(rng.normal(0, 1, 100)), -4, 4)
        assert found is not None
        assert found.cpk_low is not None
        below += found.cpk_low <= 4 / 3
    assert 0.92 <= below / 400 <= 1.0


def test_one_limit_gives_one_sided_figures_and_few_values_none() -> None:
    found = capability([float(k % 7) for k in range(50)], -math.inf, 10.0)
    assert found is not None
    assert found.cp is None
    assert found.cpk is not None
    assert capability([1.0] * 19, 0, 2) is None
    constant = capability([1.0] * 30, 0, 2)
    assert constant is not None
    assert constant.cpk is None


def test_charts_and_values_that_make_no_sense_are_refused() -> None:
    for subgroup, learn in ((0, 20), (11, 20), (5, 1)):
        with pytest.raises(ValueError, match="no chart"):
            ControlChart(LOW, HIGH, subgroup, learn)
    with pytest.raises(ValueError, match="finite"):
        chart().add(math.nan)
