from __future__ import annotations

import math

import numpy as np
import pytest

from robocell.quality.chart import ControlChart, ControlLimits, Point, Signal
from robocell.quality.weight import ROOM, SHARE, matters

LOW, HIGH = 59.8, 60.2
GOOD = ControlLimits(60.0, 0.001, 5)
BEYOND = Signal("beyond-limit", "")


@pytest.mark.parametrize("side", [-1, 1])
def test_a_shift_matters_from_a_tenth_of_the_room_to_the_limit_on_its_side(side: int) -> None:
    limits = ControlLimits(60.1, 0.001, 5)
    room = HIGH - 60.1 if side > 0 else 60.1 - LOW
    for factor, expected in ((0.99, False), (1.01, True)):
        point = Point(60.1 + side * factor * SHARE * room, 0.002)
        assert matters(BEYOND, point, limits, LOW, HIGH) is expected


def test_away_from_the_only_limit_nothing_matters() -> None:
    assert not matters(BEYOND, Point(40.0, 0.002), GOOD, -math.inf, HIGH)
    assert matters(BEYOND, Point(60.19, 0.002), GOOD, -math.inf, HIGH)


def test_a_spread_matters_where_it_would_leave_too_little_room() -> None:
    edge = 2.326 * 0.2 / ROOM
    assert not matters(Signal("range", ""), Point(60.0, 0.98 * edge), GOOD, LOW, HIGH)
    assert matters(Signal("range", ""), Point(60.0, 1.02 * edge), GOOD, LOW, HIGH)
    assert not matters(Signal("range", ""), Point(60.0, 0.0), GOOD, LOW, HIGH)  # steadier than ever


def test_what_the_tolerance_itself_tells_always_matters() -> None:
    assert matters(Signal("pre-control", ""), None, None, LOW, HIGH)
    assert matters(BEYOND, Point(61.0, 0.002), ControlLimits(61.0, 0.001, 5), LOW, HIGH)


@pytest.mark.parametrize("seed", range(5))
def test_a_process_much_better_than_its_tolerance_calls_nobody(seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    chart, told, called = ControlChart(LOW, HIGH), 0, 0
    for value in rng.normal(60.0, 0.005, 5000):
        point, signal = chart.add(float(value))
        if signal is not None:
            told += 1
            called += matters(signal, point, chart.limits, LOW, HIGH)
    assert told > 0  # the rules are broken by chance
    assert called == 0
