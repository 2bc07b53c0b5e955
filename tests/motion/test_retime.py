"""Motions along way-points and splines: limits by dense resampling, paths by distance, times against peers."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion import Limits, Spline, Trajectory, point_to_point, retime
from robocell.motion.blending import blended
from robocell.motion.kernels import (
    LONG,
    retime_corners,
    retime_curve,
    retime_jerk,
    retime_lines,
    retime_path,
    retime_rows,
    retime_velocity,
)
from robocell.motion.pacing import paced
from robocell.motion.point_to_point import straight_move
from robocell.motion.rigid import Floats
from tests.motion.plain import retime as plain

KUKA = np.radians([360.0, 300.0, 360.0, 381.0, 388.0, 615.0])
FREE = [[-np.inf, np.inf]]


def kr6(jerk: float = 1.0) -> Limits:
    a = np.array([15.0, 12.0, 20.0, 20.0, 20.0, 30.0])
    return Limits.uniform(FREE * 6, KUKA, a, 10.0 * a * jerk)


def stream(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def wandering(seed: int, M: int = 10, n: int = 6) -> Floats:
    return stream(seed).uniform(-1.5, 1.5, (M, n))


def stopping(points: Floats, limits: Limits) -> float:
    moves: list[Trajectory] = [point_to_point(a, b, limits) for a, b in zip(points[:-1], points[1:], strict=True)]
    return sum(move.duration for move in moves)


def largest(run: Trajectory, limits: Limits, samples: int = 20_001) -> tuple[float, float, float]:
    """Largest shares of the limits; the jerk from differences of the acceleration."""
    t = np.linspace(0.0, run.duration, samples)
    q, qd, qdd = run.sample(t)
    dt = t[1]
    # velocity and acceleration are the derivatives of what they belong to
    assert np.abs(np.diff(q, axis=0) / dt - 0.5 * (qd[1:] + qd[:-1])).max() <= 1e-3 * np.abs(qd).max() + 1e-12
    if np.isfinite(limits.jerk).all():
        off = np.abs(np.diff(qd, axis=0) / dt - 0.5 * (qdd[1:] + qdd[:-1])).max()
        assert off <= 0.6 * limits.jerk.max() * dt + 1e-9 * limits.acceleration.max()
    shares = qd / limits.velocity, qdd / limits.acceleration, np.diff(qdd, axis=0) / dt / limits.jerk
    v, a, j = (float(np.abs(x).max()) for x in shares)
    return v, a, j


def distance(q: Floats, points: Floats) -> Floats:
    """Distance (K,) of positions from the way-points' lines, in the joint that is farthest."""
    best = np.full(len(q), np.inf)
    for a, b in zip(points[:-1], points[1:], strict=True):
        low, high = np.zeros(len(q)), np.ones(len(q))
        for _ in range(70):  # the distance is convex along a line
            s, t = low + (high - low) / 3, high - (high - low) / 3
            left = np.abs(q - a - s[:, None] * (b - a)).max(axis=1) < np.abs(q - a - t[:, None] * (b - a)).max(axis=1)
            low, high = np.where(left, low, s), np.where(left, t, high)
        best = np.minimum(best, np.abs(q - a - low[:, None] * (b - a)).max(axis=1))
    return best


def check(points: Floats, limits: Limits, blend: float) -> Trajectory:
    """Assert what every motion along way-points owes."""
    run = retime(points, limits, blend)
    assert max(largest(run, limits)) <= 1.001
    assert np.array_equal(run.sample(run.duration)[0], run.end)
    assert np.abs(run.start - points[0]).max() <= 1e-12
    assert np.abs(run.end - points[-1]).max() <= 1e-9
    for at in (0.0, run.duration):
        assert np.abs(run.sample(at)[1]).max() <= 1e-6
    q = run.sample(np.linspace(0.0, run.duration, 1500))[0]
    assert distance(q, points).max() <= blend * (1 + 1e-6) + 1e-8
    fine = run.sample(np.linspace(0.0, run.duration, 20_001))[0]
    resolution = np.abs(np.diff(fine, axis=0)).max()
    for w in points:
        assert np.abs(fine - w).max(axis=1).min() <= blend * (1 + 1e-6) + resolution
    return run


@pytest.mark.parametrize("jerk", [1.0, 30.0, np.inf])
@pytest.mark.parametrize("blend", [0.0, 0.003, 0.03, 0.3])
def test_limits_hold_and_the_path_keeps_to_its_way_points(blend: float, jerk: float) -> None:
    for seed in range(3):
        check(wandering(seed), kr6(jerk), blend)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    n=st.sampled_from([1, 2, 6, 7]),
    M=st.integers(2, 12),
    blend=st.sampled_from([0.002, 0.02, 0.2]),
    size=st.floats(-3.0, 0.5),
)
def test_limits_and_the_path_hold_for_any_limits_and_way_points(
    seed: int, n: int, M: int, blend: float, size: float
) -> None:
    g = stream(seed)
    limits = Limits.uniform(FREE * n, g.uniform(1, 8, n), g.uniform(4, 40, n), g.uniform(30, 800, n))
    points = np.cumsum(g.normal(size=(M, n)) * 10.0 ** g.uniform(size - 1, size, (M, 1)), axis=0)
    check(points, limits, blend)


@pytest.mark.parametrize("limits", [kr6(), kr6(4.0), Limits.uniform(FREE * 6, np.pi, 15.0, 150.0)])
def test_passing_is_always_quicker_than_stopping_at_each_way_point(limits: Limits) -> None:
    for seed in range(40):
        g = stream(seed)
        points = g.uniform(-1.5, 1.5, (int(g.integers(3, 12)), 6)) * 10 ** g.uniform(-1, 0)
        for blend in (0.01, 0.1):
            assert retime(points, limits, blend).duration < 0.999 * stopping(points, limits)


def test_stopping_with_ruckig_at_each_way_point_takes_longer() -> None:
    ruckig = pytest.importorskip("ruckig", reason="ruckig is not installed")
    limits = kr6()
    calculator, given_, found = ruckig.Ruckig(6), ruckig.InputParameter(6), ruckig.Trajectory(6)
    given_.max_velocity, given_.max_acceleration = limits.velocity.tolist(), limits.acceleration.tolist()
    given_.max_jerk = limits.jerk.tolist()
    for seed in range(20):
        points = wandering(seed)
        chain = 0.0
        for a, b in zip(points[:-1], points[1:], strict=True):
            given_.current_position, given_.target_position = a.tolist(), b.tolist()
            calculator.calculate(given_, found)
            chain += found.duration
        assert retime(points, limits, 0.05).duration < 0.95 * chain


@pytest.mark.parametrize("jerk", [1.0, np.inf])
def test_a_wider_blend_never_takes_longer(jerk: float) -> None:
    points = wandering(3)
    times = [retime(points, kr6(jerk), blend).duration for blend in (0.0, 0.001, 0.01, 0.03, 0.1, 0.3)]
    assert all(late <= early * 1.0005 for early, late in zip(times[:-1], times[1:], strict=True))
    assert times[-1] < 0.9 * times[0]


def test_without_blend_each_leg_is_straight_and_takes_the_least_time() -> None:
    points = wandering(1)
    v, a, j = np.full((3, 6), [[2.0], [9.0], [90.0]])
    same = Limits.uniform(FREE * 6, v, a, j)
    run = retime(points, same)
    assert run.duration == pytest.approx(stopping(points, same), rel=1e-12)
    q = run.sample(np.linspace(0, run.duration, 2000))[0]
    assert distance(q, points).max() < 1e-9


def test_where_lines_cost_time_the_way_may_be_left_to_stop_as_quickly_as_moves_do() -> None:
    g = stream(8)
    limits = Limits.uniform(FREE * 6, g.uniform(1, 8, 6), g.uniform(4, 40, 6), g.uniform(30, 800, 6))
    points = g.uniform(-1.5, 1.5, (4, 6))
    for blend in (0.0, 1e-4, 0.05):
        free = retime(points, limits, blend, straight=False)
        assert free.duration <= stopping(points, limits) * (1 + 1e-12)
        assert free.duration <= retime(points, limits, blend).duration
        assert max(largest(free, limits)) <= 1.001


def test_way_points_on_one_line_are_passed_without_slowing_down() -> None:
    start, end = np.array([0.1, -0.4, 0.9, 0.0, 1.0, 2.0]), np.array([1.4, 0.7, -0.5, 0.0, 0.2, -1.0])
    shares = np.array([0.0, 0.13, 0.5, 0.55, 0.8, 1.0])[:, None]
    points = start + shares * (end - start)
    whole = retime(points[[0, -1]], kr6()).duration
    assert check(points, kr6(), 0.01).duration == pytest.approx(whole, rel=3e-3)


def test_a_reversal_comes_within_the_blend_and_turns_round() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.5], [0.2, 0.1]])
    limits = Limits.uniform(FREE * 2, 3.0, 15.0, 150.0)
    run = check(points, limits, 0.02)
    assert run.duration < stopping(points, limits)


def test_equal_neighbours_count_as_one() -> None:
    points = wandering(5, 6)
    repeated = np.repeat(points, [1, 3, 1, 2, 1, 2], axis=0)
    assert retime(repeated, kr6(), 0.05).duration == retime(points, kr6(), 0.05).duration
    still = retime(np.repeat(points[:1], 4, axis=0), kr6(), 0.1)
    assert still.duration == 0.0
    assert np.array_equal(still.end, points[0])
    assert retime(points[:1], kr6()).duration == 0.0


def test_dithering_at_the_last_way_point_makes_no_legs_of_its_own() -> None:
    points = wandering(5, 3)
    near, nearer = points[2] + 0.0015, points[2] + 0.0008
    for tail in ([nearer], [nearer, points[2]], [near, nearer]):
        run = check(np.array([*points, *tail]), kr6(), 0.1)
        assert np.abs(run.end - tail[-1]).max() < 1e-9
        assert run.duration <= retime(points, kr6(), 0.1).duration * 1.01
    assert retime([points[0], points[0] + 0.0008, points[0]], kr6(), 0.1).duration == 0.0


def test_two_way_points_are_one_move() -> None:
    points = wandering(2, 2)
    same = Limits.uniform(FREE * 6, 2.0, 9.0, 90.0)
    assert retime(points, same, 0.1).duration == pytest.approx(stopping(points, same), rel=1e-12)


def test_one_very_short_leg_among_long_ones_does_no_harm() -> None:
    points = wandering(6, 6)
    points[3] = points[2] + 1e-7
    run = check(points, kr6(), 0.03)
    assert run.duration < retime(np.delete(points, 3, axis=0), kr6(), 0.03).duration * 1.01


def test_a_path_much_smaller_than_its_blend_still_leads_to_its_end() -> None:
    points = wandering(6, 6) * 1e-5
    run = check(points, kr6(), 0.3)
    assert run.duration > 0.0


def test_two_hundred_way_points_take_time_in_proportion() -> None:
    points = wandering(7, 200)
    run = retime(points, kr6(), 0.05)
    assert max(largest(run, kr6(), 200_001)) <= 1.001
    parts = sum(retime(points[k : k + 21], kr6(), 0.05).duration for k in range(0, 180, 20))
    assert run.duration < parts + retime(points[180:], kr6(), 0.05).duration


def test_way_points_close_together_are_passed_like_the_curve_they_lie_on() -> None:
    t = np.linspace(0.0, 3.0, 80)
    points = np.sin(np.outer(t, [0.5, 0.9, 1.3, 1.1, 0.7, 1.9]))
    run = check(points, kr6(), 0.005)
    assert run.duration < 1.1 * retime(Spline.through(points), kr6()).duration
    assert run.duration < 0.2 * stopping(points, kr6())


def test_a_path_run_backwards_takes_the_same_time() -> None:
    for seed in range(3):
        points = wandering(seed)
        there, back = (retime(p, kr6(), 0.05).duration for p in (points, points[::-1]))
        assert there == pytest.approx(back, rel=5e-3)


def test_motions_scale_with_their_limits() -> None:
    """At twice the speed, four times the acceleration and eight times the jerk everything takes half the time."""
    points = wandering(4)
    slow = kr6()
    fast = Limits.uniform(FREE * 6, 2 * slow.velocity, 4 * slow.acceleration, 8 * slow.jerk)
    assert retime(points, fast, 0.05).duration == pytest.approx(0.5 * retime(points, slow, 0.05).duration, rel=1e-3)
    assert retime(2 * points, slow.scaled(0.5, 1.0), 0.0).duration > retime(points, slow, 0.0).duration


@pytest.mark.parametrize("seed", range(5))
def test_a_spline_is_run_within_limits_hardly_slower_than_without_a_jerk_limit(seed: int) -> None:
    path = Spline.through(wandering(seed, 6))
    free, smooth = retime(path, kr6(np.inf)), retime(path, kr6())
    assert max(largest(smooth, kr6())) <= 1.001
    assert max(largest(free, kr6(np.inf))[:2]) <= 1.001
    assert free.duration < smooth.duration < 1.12 * free.duration
    much = retime(path, kr6(100.0)).duration
    # 300 grid points cost the two passes some 0.2 %
    assert 0.996 * free.duration < much < smooth.duration
    for run in (free, smooth):
        q = run.sample(np.linspace(0.0, run.duration, 4000))[0]
        along = path.at(np.linspace(0.0, path.breaks[-1], 4000))[0]
        assert np.abs(q[:, None, :] - along[::40]).max(axis=2).min(axis=0).max() < 5e-3


@pytest.mark.parametrize("seed", range(4))
def test_times_without_jerk_limit_are_toppras(seed: int) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        toppra, algorithm, constraint = (
            pytest.importorskip(name, reason="toppra is not installed")
            for name in ("toppra", "toppra.algorithm", "toppra.constraint")
        )

        points, limits = wandering(seed, 6), kr6(np.inf)
        path = Spline.through(points)
        v, a = limits.velocity, limits.acceleration
        bounds = [
            constraint.JointVelocityConstraint(np.stack([-v, v], axis=1)),
            constraint.JointAccelerationConstraint(np.stack([-a, a], axis=1)),
        ]
        geometry = toppra.SplineInterpolator(path.breaks, points, bc_type="natural")
        grid = np.linspace(0.0, path.breaks[-1], 301)
        peer = algorithm.TOPPRA(
            bounds, geometry, gridpoints=grid, solver_wrapper="seidel", parametrizer="ParametrizeConstAccel"
        ).compute_trajectory()
    assert np.abs(geometry(grid) - path.at(grid)[0]).max() < 1e-9
    run = retime(path, limits)
    assert run.duration < 1.001 * peer.duration
    assert run.duration > 0.99 * peer.duration


def test_what_is_no_path_is_refused() -> None:
    points = wandering(0)
    for bad in (points[:, :5], points[0], np.zeros((0, 6)), points[None]):
        with pytest.raises(ValueError, match="expected"):
            retime(bad, kr6())
    for hole in (np.nan, np.inf):
        with pytest.raises(ValueError, match="not finite"):
            retime(np.where(np.arange(60).reshape(10, 6) == 7, hole, points), kr6())
    for blend in (-0.1, np.nan, np.inf):
        with pytest.raises(ValueError, match="blend"):
            retime(points, kr6(), blend)
    with pytest.raises(ValueError, match="joints"):
        retime(Spline.through(points[:, :3]), kr6())
    with pytest.raises(ValueError, match="ascend"):
        Spline.through(points[[0, 1, 1, 2]])
    with pytest.raises(ValueError, match="not finite"):
        Spline.through(points * np.nan)
    with pytest.raises(ValueError, match="expected"):
        Spline.through(points[0])


def test_a_retimed_motion_can_be_scaled_reversed_cut_and_joined() -> None:
    run = retime(wandering(1), kr6(), 0.1)
    t = np.linspace(0.0, run.duration, 301)
    q, qd, _ = run.sample(t)
    back = run.reversed().sample(run.duration - t)
    assert np.abs(back[0] - q).max() < 1e-9
    assert np.abs(back[1] + qd).max() < 1e-9
    assert np.abs(run.scaled(0.5).sample(2 * t)[1] - 0.5 * qd).max() < 1e-9
    both = Trajectory.concatenate([run.until(1.0), run.until(1.0).reversed()])
    assert np.abs(both.position(2.0) - run.start).max() < 1e-12
    for k in (3, 77, 150):
        assert np.abs(run.sample(float(t[k]))[0] - q[k]).max() == 0.0


def test_a_spline_passes_its_points_with_the_plain_twins_curvature() -> None:
    points = wandering(9, 12)
    at = np.cumsum(stream(1).uniform(0.1, 2.0, 12))
    path = Spline.through(points, at)
    q, _, second, _ = path.at(at)
    assert np.abs(q - points).max() < 1e-12
    assert np.abs(second - plain.spline(points, at)).max() < 1e-9
    s = np.linspace(at[0], at[-1], 2001)
    q, first, second, third = path.at(s)
    for value, slope in ((q, first), (first, second)):
        assert np.abs(np.gradient(value, s, axis=0)[1:-1] - slope[1:-1]).max() < 1e-2 * np.abs(third).max()
    chords = np.array([np.interp(s, at, c) for c in points.T]).T
    assert np.abs(q - chords).max() <= path.bulge() <= 8 * np.abs(q - chords).max()


@pytest.mark.parametrize("blend", [0.002, 0.05, 0.5])
def test_overlapping_legs_make_the_plain_twins_path(blend: float) -> None:
    points, limits = wandering(2, 7), kr6()
    M, n = points.shape
    length, slope, pace = np.empty(M - 1), np.empty((M - 1) * n), np.empty(2 * (M - 1))
    retime_corners.legs(points.reshape(-1), limits.rates, length, slope, pace)
    want, half, share, speed, overlap = np.empty((5, M))
    retime_corners.turns(slope, blend, want)
    retime_corners.even_corners(length, slope, pace, limits.rates, want, half, share, speed)
    retime_corners.late_corners(length, pace, want, half, speed, overlap)
    parts = np.empty(5 * retime_path.SEGMENTS * (M - 1))
    sizes, begins = np.empty(M - 1, dtype=np.int64), np.empty(M)
    retime_path.profiles(length, pace, half, share, speed, overlap, parts, sizes, begins)
    legs = [
        p[: 5 * k].reshape(-1, 5)
        for p, k in zip(parts.reshape(M - 1, 5 * retime_path.SEGMENTS), sizes.tolist(), strict=True)
    ]
    path, _ = blended(points, limits, blend)
    assert path.breaks[-1] == pytest.approx(begins[-1])
    for x in np.linspace(0.0, path.breaks[-1], 200):
        expected = plain.joined(points[0], slope.reshape(M - 1, n), legs, begins, x)
        assert np.abs(path.at([x])[0][0] - expected).max() < 1e-9
    ends = path.at(path.breaks[[0, -1]])
    assert np.abs(ends[1]).max() < 1e-9, "it rests at both ends"
    inner = path.breaks[1:-1]
    for before, after in zip(path.at(inner - 1e-9)[:3], path.at(inner + 1e-9)[:3], strict=True):
        assert np.abs(before - after).max() < 1e-4


def two_passes(path: Spline, limits: Limits, least: int) -> tuple[Floats, Floats, Floats]:
    """Places, the greatest ṡ² there, and the lines, from the kernels."""
    room = least + len(path.breaks)
    s, piece = np.empty(room), np.empty(room, dtype=np.int64)
    N = retime_velocity.places(path.breaks, least, 1, s, piece)
    b = np.empty(N + 1)
    lines = np.empty((N + LONG - 1) // LONG * path.n * retime_lines.RECORD)
    s = s[: N + 1]
    retime_velocity.fastest(path.flat, path.breaks, limits.rates, s, piece[:N], np.ones(N), 0.0, 0.0, b, lines)
    return s, b, lines


@pytest.mark.parametrize(("n", "least"), [(1, 20), (2, 31), (6, 40), (7, 70)])
def test_two_passes_find_the_plain_twins_pace(n: int, least: int) -> None:
    g = stream(n)
    limits = Limits.uniform(FREE * n, g.uniform(1, 8, n), g.uniform(4, 40, n), np.inf)
    path = Spline.through(wandering(3 + n, 5, n))
    s, b, _ = two_passes(path, limits, least)
    assert b == pytest.approx(plain.velocity_only(path, limits, s), rel=1e-4, abs=1e-9)


@pytest.mark.parametrize("n", [1, 2, 6, 7])
def test_the_excess_is_that_of_dense_samples(n: int) -> None:
    for seed in range(8):
        g = stream(seed)
        limits = Limits.uniform(FREE * n, g.uniform(1, 8, n), g.uniform(4, 40, n), np.inf)
        path = Spline.through(wandering(seed, 5, n))
        s, b, lines = two_passes(path, limits, 60)
        b *= g.uniform(0.8, 1.3, len(b))
        v, a = plain.shares(path, limits, s, b)
        over = np.empty(len(b) - 1)
        k = np.sqrt(retime_velocity.excess(lines, s, b, limits.rates, over))
        assert k == np.sqrt(over.max())
        assert k >= max(v, np.sqrt(a)) * (1 - 1e-9)
        assert k <= max(v, np.sqrt(a)) * (1 + 2e-3)


def test_a_path_that_turns_back_on_itself_takes_as_long_as_there_and_back() -> None:
    limits = kr6(np.inf)
    points = wandering(0, 2)
    there = straight_move(points[0], points[1], limits)
    run = retime(Spline.through(points[[0, 1, 0]]), limits)
    assert max(largest(run, limits)[:2]) <= 1.001
    # where q′ = 0 in all joints the grid costs some 2 %
    assert 2 * there.duration * (1 - 1e-6) <= run.duration <= 2 * there.duration * 1.005


@pytest.mark.parametrize("case", ["blended", "spline"])
def test_the_interior_point_method_ends_at_the_plain_twins_optimum(case: str) -> None:
    points = wandering(11, 3, 2)
    limits = Limits.uniform(FREE * 2, [3.0, 4.0], [12.0, 15.0], [150.0, 90.0])
    if case == "blended":
        path, grid = blended(points, limits, 0.05)
    else:
        path = Spline.through(points)
        grid = paced(path, limits)
    keep = slice(None) if case == "blended" else slice(0, 60)
    piece = grid.piece[keep].copy()
    N = len(piece)
    rows = grid.rows[: 5 * N].copy()
    E = np.empty((retime_rows.KINDS * 2 + 2) * 3 * N)
    retime_rows.rows(path.coefficients.reshape(-1), path.breaks, rows, piece, limits.rates, E)
    h, c = rows[::5].copy(), np.empty(N + 2)
    T, _ = retime_jerk.optimise(E, h, 2, c)
    kinds = [0, 1, 2, 3, 3] * 2 + [3, 3]
    least = plain.fastest(E.reshape(-1, 3, N).transpose(0, 2, 1), kinds, h)
    assert abs(T - least) < 1e-3 * least
    b = np.empty(3 * N)
    retime_jerk.bezier(c, h, b)
    knots, place = np.empty(N + 1), np.empty(6 * N)
    retime_curve.clock(rows, b, knots, place)
    assert knots[-1] == pytest.approx(T, rel=1e-3)
