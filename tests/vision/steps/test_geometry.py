"""Distances and angles: against closed forms, and their errors against chance."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.vision.steps.geometry import angle, distance

NONE = np.zeros((4, 2))
Figure = Callable[[np.ndarray, np.ndarray], tuple[float, ...]]


@given(st.floats(-math.pi, math.pi), st.floats(1, 500), st.tuples(st.floats(-900, 900), st.floats(-900, 900)))
def test_a_distance_does_not_depend_on_where_and_how_it_lies(
    turn: float, length: float, at: tuple[float, float]
) -> None:
    ends = np.array([at, (at[0] + length * math.cos(turn), at[1] + length * math.sin(turn))])
    assert distance(ends, NONE[:2])[0] == pytest.approx(length, abs=1e-9)


@given(st.floats(-math.pi, math.pi), st.floats(0.01, math.pi - 0.01))
def test_an_angle_is_that_of_its_arms_whichever_way_it_is_turned(turn: float, between: float) -> None:
    arms = [(3 * math.cos(t), 3 * math.sin(t)) for t in (turn, turn + between)]
    corner = np.array([arms[0], (0.0, 0.0), arms[1]])
    assert angle(corner, NONE[:3])[0] == pytest.approx(between, abs=1e-9)
    lines = np.array([(0.0, 0.0), arms[0], (7.0, 1.0), (7.0 + arms[1][0], 1.0 + arms[1][1])])
    assert angle(lines, NONE)[0] == pytest.approx(between, abs=1e-9)


@pytest.mark.parametrize(
    ("figure", "points"),
    [
        (distance, [(0, 0), (300, 40)]),
        (angle, [(100, 0), (0, 0), (30, 200)]),
        (angle, [(0, 0), (100, 5), (10, 300), (30, 90)]),
    ],
)
def test_the_stated_error_is_that_of_repeated_measurements(figure: Figure, points: list[tuple[float, float]]) -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    true = np.array(points, float)
    sigmas = rng.uniform(0.01, 0.05, true.shape)
    drawn = [figure(true + rng.normal(0, sigmas), sigmas)[0] for _ in range(2000)]
    assert np.std(drawn) == pytest.approx(figure(true, sigmas)[1], rel=0.1)
