"""Joint moves from rest to rest against Ruckig, and their limits by dense sampling."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion import Limits, Moves, point_to_point
from robocell.motion.rigid import Floats
from tests.motion.oracles.arms import SIX, arm_of, random_q, rng

RELATIVE = 1e-9
FREE = [[-np.inf, np.inf]]


def timed(start: Floats, end: Floats, limits: Limits) -> Moves:
    moves = point_to_point(start, end, limits)
    assert isinstance(moves, Moves)
    return moves


def ruckig_durations(limits: Limits, start: Floats, end: Floats) -> Floats:
    pytest.importorskip("ruckig", reason="needs Ruckig (pip install ruckig)")
    from benchmarks.motion.rest_to_rest import durations

    return durations(limits, start, end)


def moves(axes: int, count: int, seed: int) -> tuple[Limits, Floats, Floats]:
    """Draw limits over four powers of ten, and moves short and long, some axes of which stand still."""
    g = rng(seed)
    v, a, j = 10.0 ** g.uniform([[-1.5], [-1.0], [0.0]], [[1.5], [2.0], [4.0]], (3, axes))
    start = g.uniform(-3, 3, (count, axes))
    step = g.choice([-1.0, 1.0], (count, axes)) * 10.0 ** g.uniform(-5, 1, (count, axes))
    step *= g.uniform(size=(count, axes)) > 0.15
    return Limits.uniform(FREE * axes, v, a, j), start, start + step


@pytest.mark.parametrize("axes", [1, 2, 3, 4, 6, 7, 8])
def test_durations_with_random_limits_are_ruckigs(axes: int) -> None:
    for seed in range(40):
        limits, start, end = moves(axes, 100, seed)
        mine, theirs = timed(start, end, limits).duration, ruckig_durations(limits, start, end)
        # The peer takes axes as at rest, and less, below 1e-12 or so; such moves last microseconds
        assert np.abs(mine - theirs).max() < RELATIVE * max(1.0, theirs.max())
        long = theirs > 1e-3
        assert np.abs(mine[long] / theirs[long] - 1.0).max() < RELATIVE


@pytest.mark.parametrize("name", SIX)
def test_durations_of_an_arms_moves_are_ruckigs(name: str) -> None:
    arm = arm_of(name)
    start, end = random_q(arm, 5000, 1), random_q(arm, 5000, 2)
    theirs = ruckig_durations(arm.limits, start, end)
    assert np.abs(timed(start, end, arm.limits).duration / theirs - 1.0).max() < RELATIVE


@pytest.mark.parametrize("axes", [1, 6, 7])
def test_limits_are_kept_and_ends_are_met_at_rest(axes: int) -> None:
    for seed in range(10):
        limits, start, end = moves(axes, 60, 100 + seed)
        mv = timed(start, end, limits)
        q0, qd0, _ = mv.sample(np.zeros(1))
        q1, qd1, _ = mv.sample(np.array([mv.duration.max()]))
        assert np.abs(q0[:, 0] - start).max() < 1e-12
        assert np.abs(q1[:, 0] - end).max() < 1e-12
        assert max(np.abs(qd0).max(), np.abs(qd1).max()) < 1e-9
        for i in range(len(mv)):
            t = np.linspace(0.0, mv.duration[i], 400)
            q, qd, qdd = (x[0] for x in timed(start[i : i + 1], end[i : i + 1], limits).sample(t))
            assert (np.abs(qd) <= limits.velocity * (1 + 1e-9)).all()
            assert (np.abs(qdd) <= limits.acceleration * (1 + 1e-9)).all()
            dt = max(t[1], 1e-12)
            # jerk by differences of q̈, which loses digits as dt falls
            slack = 1e-9 + 4e-13 * np.abs(qdd).max(initial=0.0) / (dt * limits.jerk)
            assert (np.abs(np.diff(qdd, axis=0)) / dt <= limits.jerk * (1 + slack) + 1e-9).all()
            assert (np.minimum(start[i], end[i]) - 1e-12 <= q).all()
            assert (q <= np.maximum(start[i], end[i]) + 1e-12).all()


def shortest(distance: float, v: float, a: float, j: float) -> float:
    """Return the least duration of one axis: the peak speed is found by bisection, no case is told apart by distance."""

    def rise(speed: float) -> float:
        return speed / a + a / j if speed * j >= a * a else 2.0 * math.sqrt(speed / j)

    d = abs(distance)
    if d >= v * rise(v):
        return 2.0 * rise(v) + (d - v * rise(v)) / v
    low, high = 0.0, v
    for _ in range(200):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if middle * rise(middle) <= d else (low, middle)
    return 2.0 * rise(low)


@settings(max_examples=200, deadline=None)
@given(
    rates=st.tuples(st.floats(1e-2, 1e2), st.floats(1e-2, 1e3), st.floats(1e-1, 1e5)),
    distance=st.sampled_from([0.0, 1e-9, -1e-6, 1.0]) | st.floats(-20, 20),
    seam=st.sampled_from(["none", "velocity", "acceleration"]),
    beside=st.sampled_from([0.0, 1e-12, -1e-12, 1e-7, -1e-7]),
)
def test_durations_at_the_seams_between_cases_are_the_shortest(
    rates: tuple[float, float, float], distance: float, seam: str, beside: float
) -> None:
    """Distances on which velocity or acceleration is just reached or just not; Ruckig itself errs on some of them."""
    v, a, j = rates
    top = min(a, math.sqrt(v * j))
    if seam == "velocity":
        distance = v * (v / top + top / j) * (1.0 + beside)
    elif seam == "acceleration":
        distance = 2.0 * top**3 / j**2 * (1.0 + beside)
    mv = timed(np.zeros((1, 1)), np.array([[distance]]), Limits.uniform(FREE, v, a, j))
    assert mv.duration[0] == pytest.approx(shortest(distance, v, a, j), rel=1e-9, abs=1e-9)


def test_synchronised_axes_end_together_and_a_slower_axis_never_hurries_the_rest() -> None:
    limits, start, end = moves(6, 500, 200)
    all_axes = timed(start, end, limits).duration
    alone = np.stack(
        [
            timed(
                start[:, i : i + 1],
                end[:, i : i + 1],
                Limits.uniform(FREE, limits.velocity[i], limits.acceleration[i], limits.jerk[i]),
            ).duration
            for i in range(6)
        ]
    )
    assert np.abs(all_axes - alone.max(axis=0)).max() < 1e-12 * all_axes.max()
