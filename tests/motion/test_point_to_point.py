"""Joint moves: limits by dense resampling, durations against an independent integrator."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion import Limits, Trajectory, point_to_point
from robocell.motion.scurve import durations, move_durations, phases
from tests.motion.plain import scurve as plain

FREE = [[-np.inf, np.inf]]
positive = st.floats(0.05, 50.0)


def limits_of(v: list[float], a: list[float], j: list[float]) -> Limits:
    return Limits.uniform(FREE * len(v), v, a, j)


oracle = plain.duration


@settings(max_examples=300, deadline=None)
@given(d=st.floats(1e-4, 20.0), v=positive, a=positive, j=positive)
def test_durations_equal_the_oracles_in_every_case_of_met_and_unmet_limits(
    d: float, v: float, a: float, j: float
) -> None:
    assert float(durations(d, v, a, j)) == pytest.approx(oracle(d, v, a, j), rel=1e-9)


@settings(max_examples=80, deadline=None)
@given(
    d=st.lists(
        st.floats(-6, 6).filter(lambda x: abs(x) > 1e-9) | st.just(0.0) | st.floats(1e-9, 1e-5),
        min_size=3,
        max_size=3,
    ),
    v=st.lists(positive, min_size=3, max_size=3),
    a=st.lists(positive, min_size=3, max_size=3),
    j=st.lists(positive, min_size=3, max_size=3),
)
def test_limits_hold_and_the_ends_are_met_by_dense_resampling(
    d: list[float], v: list[float], a: list[float], j: list[float]
) -> None:
    limits = limits_of(v, a, j)
    start = np.array([0.3, -1.0, 2.0])
    move = point_to_point(start, start + d, limits)
    t = np.linspace(0.0, move.duration, 2001)
    q, qd, qdd = move.sample(t)
    assert np.array_equal(q[-1], start + d)
    assert np.abs(q[0] - start).max() < 1e-12
    assert np.abs(qd[[0, -1]]).max() < 1e-9
    assert (np.abs(qd).max(axis=0) <= limits.velocity * (1 + 1e-9)).all()
    assert (np.abs(qdd).max(axis=0) <= limits.acceleration * (1 + 1e-9)).all()
    dt = t[1]
    if dt > 1e-6:
        assert (np.abs(np.diff(qdd, axis=0) / dt).max(axis=0) <= limits.jerk * (1 + 1e-6)).all()
        assert np.abs(np.diff(q, axis=0) - 0.5 * dt * (qd[1:] + qd[:-1])).max() <= max(j) * dt**3 + 1e-14
        assert np.abs(np.diff(qd, axis=0) - 0.5 * dt * (qdd[1:] + qdd[:-1])).max() <= max(j) * dt**2 + 1e-13
    slowest = max(oracle(abs(x), *rest) if x else 0.0 for x, *rest in zip(d, v, a, j, strict=True))
    assert move.duration == pytest.approx(slowest, rel=1e-8, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(d=st.floats(1e-12, 1e9), v=positive, a=positive, j=positive | st.just(np.inf), share=st.floats(0.001, 0.999))
def test_kernels_say_what_their_plain_twins_say(d: float, v: float, a: float, j: float, share: float) -> None:
    times = tuple(float(x) for x in phases(d, v, a, j))
    expected = plain.phase_times(d, v, a, j)
    assert times == pytest.approx(expected, rel=1e-7, abs=1e-9 * sum(expected))
    limits = Limits.uniform(FREE, v, a, j)
    move = point_to_point([0.0], [d], limits)
    assert move.duration == pytest.approx(oracle(d, v, a, j), rel=1e-9)
    x, speed, acceleration = plain.state(d, times[0], times[1], times[2], share * move.duration)
    q, qd, qdd = move.sample(share * move.duration)
    assert q[0] == pytest.approx(x, rel=1e-7, abs=1e-9 * d)
    assert qd[0] == pytest.approx(speed, rel=1e-6, abs=1e-8 * v)
    if j < np.inf:
        assert qdd[0] == pytest.approx(acceleration, rel=1e-5, abs=1e-6 * a + 1e-9 * j * move.duration)
    else:
        assert abs(qdd[0]) <= a * (1 + 1e-12)


@pytest.mark.parametrize("n", [1, 6, 7, 8])
@pytest.mark.parametrize("N", [1, 15, 16, 17, 100])
def test_a_batch_has_the_plain_durations_whatever_its_size(N: int, n: int) -> None:
    g = np.random.Generator(np.random.PCG64(N * 10 + n))
    v, a, j = g.uniform(0.5, 5.0, (3, n)) * [[1.0], [5.0], [50.0]]
    start = g.uniform(-3, 3, (N, n))
    end = start + g.normal(size=(N, n)) * 10.0 ** g.uniform(-12, 1, (N, n)) * (g.uniform(size=(N, n)) < 0.9)
    expected = [max(map(oracle, d, v, a, j)) for d in end - start]
    assert point_to_point(start, end, limits_of(list(v), list(a), list(j))).duration == pytest.approx(
        expected, rel=1e-9
    )


def test_distances_at_the_border_of_two_cases_take_the_time_of_both() -> None:
    v, a, j = 2.0, 5.0, 40.0
    for d in (v * (a / j + v / a), 2 * a * (a / j) ** 2):
        below, at, above = durations([d * (1 - 1e-12), d, d * (1 + 1e-12)], v, a, j)
        assert below == pytest.approx(at, rel=1e-11)
        assert above == pytest.approx(at, rel=1e-11)
    assert float(durations(1.0, 1.0, 2.0, 4.0)) == pytest.approx(2.0, rel=1e-12), "v j = a²: all limits met at once"


def test_without_a_jerk_limit_a_move_is_a_trapezoid() -> None:
    move = point_to_point([0.0, 0.0], [3.0, -0.5], limits_of([1.0, 9.0], [2.0, 9.0], [np.inf, np.inf]))
    assert move.duration == pytest.approx(3.0 / 1.0 + 1.0 / 2.0)
    assert move.sample(0.25)[2][0] == pytest.approx(2.0)
    assert move.sample(0.25)[0][0] == pytest.approx(0.5 * 2.0 * 0.25**2)
    assert move.sample(1.0)[2][0] == 0.0


def test_move_durations_broadcast_and_equal_those_of_moves() -> None:
    g = np.random.Generator(np.random.PCG64(4))
    limits = limits_of([1, 2, 3], [4, 5, 6], [70, 80, 9])
    q0, q1 = g.normal(size=(8, 1, 3)), g.normal(size=(1, 5, 3))
    table = move_durations(q0, q1, limits)
    assert table.shape == (8, 5)
    assert table[3, 2] == point_to_point(q0[3, 0], q1[0, 2], limits).duration
    assert move_durations(np.zeros((0, 3)), np.zeros((0, 3)), limits).shape == (0,)


def test_durations_equal_ruckigs() -> None:
    ruckig = pytest.importorskip("ruckig", reason="ruckig is not installed")
    g = np.random.Generator(np.random.PCG64(2))
    calculator, given, found = ruckig.Ruckig(6), ruckig.InputParameter(6), ruckig.Trajectory(6)
    for _ in range(300):
        v, a, j = g.uniform(0.5, 8.0, 6), g.uniform(2, 40, 6), g.uniform(20, 900, 6)
        q0, q1 = g.uniform(-3, 3, (2, 6))
        given.max_velocity, given.max_acceleration, given.max_jerk = v.tolist(), a.tolist(), j.tolist()
        given.current_position, given.target_position = q0.tolist(), q1.tolist()
        calculator.calculate(given, found)
        move = point_to_point(q0, q1, limits_of(list(v), list(a), list(j)))
        assert move.duration == pytest.approx(found.duration, rel=1e-9)


def test_positions_that_are_no_numbers_or_of_another_shape_are_refused() -> None:
    limits = limits_of([1, 1], [1, 1], [1, 1])
    for bad in ([np.nan, 0.0], [np.inf, 0.0]):
        with pytest.raises(ValueError, match="not finite"):
            point_to_point([0.0, 0.0], bad, limits)
        with pytest.raises(ValueError, match="not finite"):
            point_to_point(np.array([bad, bad]), np.zeros((2, 2)), limits)
    with pytest.raises(ValueError, match="expected"):
        point_to_point([0.0], [1.0], limits)
    with pytest.raises(ValueError, match="expected"):
        point_to_point(np.zeros((3, 3)), np.zeros((3, 3)), limits)


def test_what_a_move_was_made_of_may_change_afterwards() -> None:
    q0, q1 = np.zeros((4, 2)), np.ones((4, 2))
    moves = point_to_point(q0, q1, limits_of([1, 1], [1, 1], [1, 1]))
    q1 += 5.0
    assert moves.sample([float(moves.duration[0])])[0][0, 0].tolist() == [1.0, 1.0]


@settings(max_examples=100, deadline=None)
@given(d=st.floats(1e-4, 20), v=positive, a=positive, j=positive, more=st.floats(1, 5), which=st.integers(0, 2))
def test_higher_limits_never_lengthen_a_move(d: float, v: float, a: float, j: float, more: float, which: int) -> None:
    raised = [v, a, j]
    raised[which] *= more
    assert float(durations(d, *raised)) <= float(durations(d, v, a, j)) * (1 + 1e-12)


def test_a_batch_equals_its_moves_one_by_one() -> None:
    limits = limits_of([1, 2, 3], [4, 5, 6], [70, 80, 9])
    g = np.random.Generator(np.random.PCG64(1))
    q0, q1 = g.normal(size=(2, 7, 3))
    many = point_to_point(q0, q1, limits)
    t = np.linspace(-0.1, float(many.duration.max()) + 0.1, 50)
    q, qd, qdd = many.sample(t)
    assert q.shape == qd.shape == qdd.shape == (7, 50, 3)
    for i in range(7):
        single = point_to_point(q0[i], q1[i], limits)
        assert single.duration == many.duration[i]
        for mine, batch in zip(single.sample(t), (q[i], qd[i], qdd[i]), strict=True):
            assert np.abs(mine - batch).max() < 1e-9


def test_fractions_scale_the_limits() -> None:
    limits = limits_of([1.0], [2.0], [20.0])
    slow = point_to_point([0.0], [3.0], limits, speed=0.5, acceleration=0.25)
    assert slow.duration == pytest.approx(oracle(3.0, 0.5, 0.5, 5.0))
    for bad in (0.0, 1.5, float("nan")):
        with pytest.raises(ValueError, match="expected a fraction"):
            point_to_point([0.0], [1.0], limits, speed=bad)


@pytest.mark.parametrize("d", [1e-15, 1e-118, 5e-324])
def test_a_move_over_next_to_nothing_stays_finite(d: float) -> None:
    move = point_to_point([0.0, 0.0], [d, 0.0], limits_of([1, 1], [1, 1], [1, 1]))
    assert np.isfinite(np.array(move.sample([0.0, 0.5 * move.duration, move.duration]))).all()
    assert move.end[0] == d


def wave() -> Trajectory:
    return point_to_point([0.0, 1.0], [1.0, -1.0], limits_of([1, 1], [3, 2], [20, 30]))


def test_sampling_outside_stays_at_the_ends_at_rest() -> None:
    move = wave()
    q, qd, qdd = move.sample([-1.0, move.duration + 1.0])
    assert q.tolist() == [[0.0, 1.0], [1.0, -1.0]]
    assert not qd.any()
    assert not qdd.any()
    assert move.sample(0.1)[0].shape == (2,)


def test_reversed_scaled_cut_and_joined_trajectories_agree_with_the_original() -> None:
    move = wave()
    t = np.linspace(0, move.duration, 101)
    q, qd, qdd = move.sample(t)
    back = move.reversed().sample(move.duration - t)
    assert np.abs(back[0] - q).max() < 1e-12
    assert np.abs(back[1] + qd).max() < 1e-12
    half = move.scaled(0.5)
    assert half.duration == 2 * move.duration
    slow = half.sample(2 * t)
    assert np.abs(slow[0] - q).max() < 1e-12
    assert np.abs(slow[1] - 0.5 * qd).max() < 1e-12
    assert np.abs(slow[2] - 0.25 * qdd).max() < 1e-12
    both = Trajectory.concatenate([move, move.reversed(), move])
    assert both.duration == pytest.approx(3 * move.duration)
    assert np.abs(both.sample(2 * move.duration + t[1:])[0] - q[1:]).max() < 1e-9
    cut = both.until(1.3 * move.duration)
    assert cut.duration == pytest.approx(1.3 * move.duration)
    assert np.abs(cut.end - both.position(1.3 * move.duration)).max() < 1e-12
    assert np.abs(cut.reversed().scaled(3.0).start - cut.end).max() < 1e-12
    with pytest.raises(ValueError, match="begins"):
        Trajectory.concatenate([move, move])


def test_trajectories_cannot_be_changed_through_their_ends() -> None:
    with pytest.raises(ValueError, match="read-only"):
        wave().start[0] = 9.0
