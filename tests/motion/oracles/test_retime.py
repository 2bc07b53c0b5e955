"""Time along a path: against TOPP-RA where jerk is free, against Ruckig's stops where it is not, limits by sampling."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from robocell.motion import Limits
from robocell.motion.rigid import Floats
from tests.motion.oracles.arms import arm_of, rng

retime = importlib.import_module("robocell.motion.retime").retime
spline = importlib.import_module("robocell.motion.spline").Spline

OVERSHOOT = 1.001
ARMS = ["universal-robots/ur5e", "kuka/kr6-r900", "iiwa"]
every_arm = pytest.mark.parametrize("name", ARMS)


def waypoints(limits: Limits, count: int, seed: int) -> Floats:
    g = rng(seed)
    n = len(limits.velocity)
    return g.uniform(-1, 1, n) + np.cumsum(g.uniform(-0.8, 0.8, (count, n)), axis=0)


def peaks(run: Any, limits: Limits, samples: int = 20_000) -> tuple[float, float, float]:
    """Return the largest shares of the limits that are used; jerk by differences of q̈."""
    t = np.linspace(0.0, run.duration, samples)
    _, qd, qdd = run.sample(t)
    jerk = np.diff(qdd, axis=0) / t[1]
    shares = (
        np.abs(x) / limit for x, limit in ((qd, limits.velocity), (qdd, limits.acceleration), (jerk, limits.jerk))
    )
    return tuple(float(share.max()) for share in shares)  # type: ignore[return-value]


@every_arm
@pytest.mark.parametrize("seed", range(4))
def test_without_a_jerk_limit_it_takes_no_longer_than_toppra(name: str, seed: int) -> None:
    pytest.importorskip("toppra", reason="needs TOPP-RA (pip install toppra)")
    from benchmarks.motion.retime import jerkless, toppra_duration, toppra_problem

    limits = arm_of(name).limits
    points, at = waypoints(limits, 10, seed), np.linspace(0.0, 1.0, 10)
    run = retime(spline.through(points, at), jerkless(limits))
    best = toppra_duration(toppra_problem(points, at, limits))
    # TOPP-RA's 300 intervals are themselves 0.3 % longer than its 3000
    assert 0.99 * best < run.duration < 1.001 * best
    velocity, acceleration, _ = peaks(run, limits)
    assert max(velocity, acceleration) < OVERSHOOT


@pytest.mark.parametrize("n", [2, 3, 6, 7, 8])
@pytest.mark.parametrize("chords", [False, True])
def test_on_random_paths_within_random_limits_it_takes_no_longer_than_toppra(n: int, chords: bool) -> None:
    pytest.importorskip("toppra", reason="needs TOPP-RA (pip install toppra)")
    from benchmarks.motion.retime import toppra_duration, toppra_problem

    for seed in range(12):
        g = rng(100 * n + seed)
        limits = Limits.uniform([[-np.inf, np.inf]] * n, g.uniform(1, 8, n), g.uniform(4, 40, n), np.inf)
        points = np.cumsum(g.uniform(-0.8, 0.8, (int(g.integers(3, 13)), n)), axis=0)
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1) if chords else np.ones(len(points) - 1)
        at = np.append(0.0, np.cumsum(lengths))
        run = retime(spline.through(points, at), limits)
        best = toppra_duration(toppra_problem(points, at, limits))
        assert run.duration < 1.001 * best
        velocity, acceleration, _ = peaks(run, limits)
        assert max(velocity, acceleration) <= 1.0 + 1e-9


@every_arm
@pytest.mark.parametrize("blend", [0.0, 0.02, 0.1, 0.3])
def test_with_a_jerk_limit_all_limits_hold_and_no_stop_is_slower(name: str, blend: float) -> None:
    pytest.importorskip("ruckig", reason="needs Ruckig (pip install ruckig)")
    from benchmarks.motion.rest_to_rest import durations

    limits = arm_of(name).limits
    for seed in range(4):
        points = waypoints(limits, 10, 10 + seed)
        run = retime(points, limits, blend=blend, straight=False)
        assert max(peaks(run, limits)) < OVERSHOOT
        stops = float(durations(limits, points[:-1], points[1:]).sum())
        assert run.duration < stops * (1.0 + 1e-9)
        if blend >= 0.1:
            assert run.duration < 0.95 * stops


@every_arm
@pytest.mark.parametrize("blend", [0.0, 0.05, 0.2])
def test_the_path_stays_within_the_blend_of_the_lines_and_of_the_waypoints(name: str, blend: float) -> None:
    limits = arm_of(name).limits
    for seed in range(3):
        points = waypoints(limits, 8, 20 + seed)
        run = retime(points, limits, blend=blend)
        t = np.linspace(0.0, run.duration, 20_000)
        q, qd, _ = run.sample(t)
        assert np.abs(q[[0, -1]] - points[[0, -1]]).max() < 1e-9
        assert np.abs(qd[[0, -1]]).max() < 1e-6
        slack = blend + 2e-4  # between samples the arm moves on
        assert (
            np.abs(q[:, None] - points[None]).max(axis=2).min(axis=0).max() < slack + np.abs(np.diff(q, axis=0)).max()
        )
        assert _off_lines(q[::80], points) < slack + 5e-4


def _off_lines(q: Floats, points: Floats) -> float:
    """Return how far, in the worst joint, q (K, n) is from the nearest of the lines, sampled finely."""
    part = np.linspace(0.0, 1.0, 800)[:, None]
    far = np.full(len(q), np.inf)
    for begin, end in zip(points, points[1:], strict=False):
        line = begin + part * (end - begin)
        for chunk in range(0, len(q), 250):
            rows = slice(chunk, chunk + 250)
            least = np.abs(q[rows, None] - line[None]).max(axis=2).min(axis=1)
            far[rows] = np.minimum(far[rows], least)
    return float(far.max())


@every_arm
def test_a_wider_blend_is_never_slower(name: str) -> None:
    limits = arm_of(name).limits
    points = waypoints(limits, 12, 30)
    took = [retime(points, limits, blend=blend).duration for blend in (0.0, 0.01, 0.03, 0.1, 0.3)]
    assert all(later <= earlier * 1.01 for earlier, later in zip(took, took[1:], strict=False)), took
