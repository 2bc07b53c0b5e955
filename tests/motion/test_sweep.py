"""Where two arms can meet: their shapes over all of their ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

import robocell
from robocell.motion.kernels.sweeps import axes_apart, first_meeting
from robocell.motion.rigid import pose, rotation
from robocell.motion.sweep import Swept
from tests.motion.plain import sweeps as plain

Capsules = arrays(np.float64, (2, 7), elements=st.integers(-3, 3).map(float))
UR5E = robocell.load_arm("universal-robots/ur5e")
HOME = np.radians([0.0, -90.0, 90.0, -90.0, -90.0, 0.0])


@given(Capsules)
def test_the_distance_of_axes_is_the_least_there_is_whether_they_are_lines_or_points(pair: np.ndarray) -> None:
    assert axes_apart(pair[0], pair[1]) == pytest.approx(plain.axes_apart(pair[0], pair[1]), abs=1e-9)


@given(st.integers(0, 10_000), st.floats(0.0, 0.5))
def test_a_meeting_is_found_exactly_where_two_capsules_come_near(seed: int, margin: float) -> None:
    chance = np.random.default_rng(seed)  # noqa: TID251
    a, b = chance.uniform(-1.0, 1.0, (2, 6, 7))
    a[:, 6], b[:, 6] = np.abs(a[:, 6]) * 0.2, np.abs(b[:, 6]) * 0.2
    b[:, [0, 3]] += 1.2
    assert (first_meeting(a, b, margin)[0] >= 0) == plain.meets(a, b, margin)
    assert Swept(a).meets(Swept(b), margin) == plain.meets(a, b, margin)


def test_arms_that_reach_for_the_same_place_meet_and_those_that_turn_away_do_not() -> None:
    towards, away = HOME, HOME + [np.pi, 0, 0, 0, 0, 0]
    left = Swept.of(UR5E, np.eye(4), [[away, towards]])
    opposite = pose(rotation([0.0, 0.0, 1.0], np.pi), [0.9, 0.0, 0.0])
    assert left.meets(Swept.at(UR5E, opposite, towards))
    assert not left.meets(Swept.at(UR5E, opposite, away))


def test_moving_both_arms_together_changes_nothing() -> None:
    moved = pose(rotation([0.0, 0.0, 1.0], 0.7), [3.0, -1.0, 0.5])
    for apart in np.linspace(0.6, 2.4, 19):
        other = pose(rotation([0.0, 0.0, 1.0], np.pi), [apart, 0.1, 0.0])
        here = Swept.at(UR5E, np.eye(4), HOME).meets(Swept.at(UR5E, other, HOME))
        there = Swept.at(UR5E, moved, HOME).meets(Swept.at(UR5E, moved @ other, HOME))
        assert here == there


def test_nothing_meets_an_arm_that_goes_nowhere() -> None:
    assert not Swept.of(UR5E, np.eye(4), []).meets(Swept.at(UR5E, np.eye(4), HOME))
