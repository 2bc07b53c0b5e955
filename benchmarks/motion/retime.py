"""Time along many way-points: without a jerk limit against TOPP-RA on the same spline, with one against Ruckig's stops."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from benchmarks.motion.inputs import UR, arm_of, rng
from benchmarks.motion.ours import part
from benchmarks.motion.rest_to_rest import durations
from benchmarks.table import Aim, Contest, Row, called
from benchmarks.timing import race
from robocell.motion import Limits
from robocell.motion.rigid import Floats

WAYPOINTS = 10
POINTS = 300
PATHS = 5
BLEND = 0.1  # rad
JERKLESS = f"path timing, velocity and acceleration, 6 axes, {POINTS} points"
JERK = f"path timing with jerk, {WAYPOINTS} way-points, 6 axes, blend {BLEND} rad"


def waypoints(seed: int) -> Floats:
    """Return way-points (M, 6) of a wandering path: steps of up to 0.8 rad an axis."""
    start = rng(seed).uniform(-1.0, 1.0, 6)
    return np.asarray(start + np.cumsum(rng(seed + 1000).uniform(-0.8, 0.8, (WAYPOINTS, 6)), axis=0))


def jerkless(limits: Limits) -> Limits:
    """Return the limits without that of jerk."""
    return replace(limits, jerk=np.full(len(limits.velocity), np.inf))


def toppra_problem(points: Floats, at: Floats, limits: Limits) -> Any:
    """Return TOPP-RA's algorithm for the natural spline through points (M, n) at s (M,)."""
    import toppra
    from toppra import algorithm, constraint

    toppra.setup_logging("ERROR")
    path = toppra.SplineInterpolator(at, points, bc_type="natural")
    velocity = constraint.JointVelocityConstraint(np.stack([-limits.velocity, limits.velocity], axis=1))
    acceleration = constraint.JointAccelerationConstraint(np.stack([-limits.acceleration, limits.acceleration], axis=1))
    grid = np.linspace(at[0], at[-1], POINTS + 1)
    return algorithm.TOPPRA([velocity, acceleration], path, gridpoints=grid, solver_wrapper="seidel")


def toppra_duration(problem: Any) -> float:
    """Return the optimum's duration, each interval of the grid run at constant s̈ as the method means it."""
    _, speed, _ = problem.compute_parameterization(0.0, 0.0)
    grid = np.asarray(problem.problem_data.gridpoints)
    return float((2.0 * np.diff(grid) / (speed[1:] + speed[:-1])).sum())


def against_toppra() -> list[Row]:
    """TOPP-RA's set-up is not counted, only `compute_parameterization`; ours counts all but the spline."""
    import toppra  # noqa: F401

    retime, spline = part("retime", "retime"), part("spline", "Spline")
    limits = arm_of(UR).limits
    free = jerkless(limits)
    slower, ours_s, theirs_s = [], [], []
    for seed in range(PATHS):
        points = waypoints(seed)
        at = np.linspace(0.0, 1.0, WAYPOINTS)
        problem, path = toppra_problem(points, at, limits), spline.through(points, at)
        slower.append(retime(path, free).duration / toppra_duration(problem) - 1.0)
        ours, theirs = race([partial(retime, path, free), partial(problem.compute_parameterization, 0.0, 0.0)])
        ours_s.append(ours)
        theirs_s.append(theirs)
    name = called("toppra", f"compute_parameterization, seidel, {POINTS} intervals, set-up not counted")
    longer = 1.0 + max(slower)
    return [
        Row(JERKLESS, float(np.median(ours_s)), name, float(np.median(theirs_s)), Aim("ratio", 100.0)),
        Row(f"{JERKLESS}: duration, worst of {PATHS} paths", longer, "as TOPP-RA's", 1.0, Aim("most", 1.001), "times"),
    ]


def against_stops() -> list[Row]:
    """Ruckig's free version stops at way-points; what jerk costs is told by TOPP-RA's optimum of the same path."""
    retime = part("retime", "retime")
    limits = arm_of(UR).limits
    ours_s, parts, ratios = [], [], []
    for seed in range(PATHS):
        points = waypoints(seed)
        run = retime(points, limits, blend=BLEND)
        ours_s += race([partial(retime, points, limits, blend=BLEND)])
        parts.append(run.duration / float(durations(limits, points[:-1], points[1:]).sum()))
        ratios.append(run.duration / retime(points, jerkless(limits), blend=BLEND).duration)
    return [
        Row(JERK, float(np.median(ours_s)), aim=Aim("most", 5e-3)),
        Row(
            f"{JERK}: duration, worst of {PATHS} paths",
            max(parts),
            called("ruckig", "stopping at every way-point, its durations added"),
            1.0,
            Aim("most", 1.0),
            "times",
        ),
        Row(
            f"{JERK}: duration, median of {PATHS} paths",
            float(np.median(ratios)),
            "our own optimum of the same way-points without a jerk limit",
            1.0,
            None,
            "times",
        ),
    ]


CONTESTS = [Contest(JERKLESS, "toppra", against_toppra), Contest(JERK, "ruckig", against_stops)]
