"""Limits keep who says so, and how far off it may be, whatever is done to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from robocell.motion import Limits, Sources, TcpLimits
from tests.motion.arms import ur5e


def told() -> Limits:
    limits = Limits.uniform([[-3.0, 3.0]] * 2, [1.0, 2.0], [10.0, 20.0], 100.0, TcpLimits(1.0, 2.0, 3.0, 4.0, 5.0))
    return replace(
        limits,
        sources=(Sources("manual", "assumed: a", "assumed: b"), Sources("test bench", "test bench", "assumed: b")),
        uncertainty=np.array([[0.0, 0.1], [0.5, 0.2], [0.5, 0.0]]),
        tcp_sources=("manual",) * 6,
        tcp_uncertainty=np.array([0.0, 0.5, 0.5, 0.25, 0.0, 0.5]),
    )


def test_low_and_high_are_each_rate_at_the_ends_of_its_uncertainty() -> None:
    low, high = told().low(), told().high()
    assert low.velocity == pytest.approx([1.0, 1.8])
    assert high.velocity == pytest.approx([1.0, 2.2])
    assert low.acceleration == pytest.approx([5.0, 16.0])
    assert high.acceleration == pytest.approx([15.0, 24.0])
    assert low.jerk == pytest.approx([50.0, 100.0])
    assert low.tcp == TcpLimits(1.0, 1.0, 1.5, 3.0, 5.0)
    assert high.tcp == TcpLimits(1.0, 3.0, 4.5, 5.0, 5.0)
    assert np.array_equal(low.position, told().position)


def test_a_bound_is_certain_and_keeps_its_sources() -> None:
    low = told().low()
    assert low.low() is low
    assert low.high() is low
    assert low.sources == told().sources


def test_sources_and_uncertainty_survive_scaling_and_another_arm() -> None:
    arm = ur5e()
    n = arm.n
    limits = replace(arm.limits, sources=(Sources("a", "b", "c"),) * n, uncertainty=np.full((3, n), 0.25))
    slow = arm.with_limits(limits).with_tool(np.eye(4)).limits.scaled(0.5, 0.4)
    assert slow.sources == limits.sources
    assert np.array_equal(slow.uncertainty, limits.uncertainty)
    assert slow.low().velocity == pytest.approx(0.75 * 0.5 * limits.velocity)
    assert slow.low().acceleration == pytest.approx(limits.low().scaled(0.5, 0.4).acceleration)


def test_limits_of_which_nobody_says_how_certain_they_are_are_taken_as_they_are() -> None:
    limits = ur5e().limits
    assert not limits.uncertainty.any()
    assert limits.uncertainty.shape == (3, 6)
    assert limits.low() is limits
    assert limits.high() is limits


@pytest.mark.parametrize(
    "share", [np.zeros((2, 2)), np.full((3, 2), -0.1), np.full((3, 2), 1.0), np.full((3, 2), np.nan)]
)
def test_an_uncertainty_that_is_none_is_refused(share: np.ndarray) -> None:
    with pytest.raises(ValueError, match="uncertainty has shape"):
        replace(told(), uncertainty=share)


def test_sources_of_some_joints_only_are_refused() -> None:
    with pytest.raises(ValueError, match="sources are of 1 joints"):
        replace(told(), sources=told().sources[:1])
