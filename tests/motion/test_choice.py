"""The chosen approach against an exhaustive search, and what must not change it."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from robocell.errors import Unreachable
from robocell.motion import Arm, best_approach, interpolate, line, point_to_point
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ANALYTIC, ur5e

HOME = np.radians([0, -90, 90, -90, -90, 0])
DOWN = rotation([1, 0, 0], np.pi)


def grasps(x: float, y: float, z: float, yaws: int, lift: float = 0.06) -> tuple[np.ndarray, np.ndarray]:
    target = np.array([pose(rotation([0, 0, 1], 2 * np.pi * k / yaws) @ DOWN, [x, y, z]) for k in range(yaws)])
    approach = target.copy()
    approach[:, 2, 3] += lift
    return approach, target


def exhaustive(arm: Arm, q0: np.ndarray, approach: np.ndarray, target: np.ndarray) -> float:
    """Least time over all yaws, branches and turns, each tried with the public functions."""
    best = np.inf
    low, high = arm.limits.position.T
    for A, T in zip(approach, target, strict=True):
        found = arm.ik(A)
        for q in found.q[found.valid]:
            fitting = []
            for v, at, lo, hi in zip(q, q0, low, high, strict=True):
                turns = [v + 2 * np.pi * k for k in range(-2, 3) if lo <= v + 2 * np.pi * k <= hi]
                nearest = np.argsort(np.abs(np.array(turns) - at))[:2]
                fitting.append([turns[i] for i in nearest])
            for choice in itertools.product(*fitting):
                there = np.array(choice)
                took: float = point_to_point(q0, there, arm.limits).duration
                if took >= best:
                    continue
                try:
                    best = min(best, took + line(arm, A, T, there).duration)
                except Unreachable:
                    continue
    return best


@pytest.mark.parametrize("name", ["ur5e", "irb1200", "kr6"])
def test_no_branch_turn_or_yaw_is_faster_than_the_choice(name: str) -> None:
    arm = ANALYTIC[name]()
    g = np.random.Generator(np.random.PCG64(5))
    low, high = arm.limits.position.T
    for _ in range(4):
        r, at = g.uniform(0.35, 0.65), g.uniform(-3, 3)
        approach, target = grasps(r * np.cos(at), r * np.sin(at), g.uniform(0.0, 0.3), 3)
        q0 = g.uniform(low, high) * 0.6
        choice = best_approach(arm, q0, approach, target)
        assert choice.duration == pytest.approx(exhaustive(arm, q0, approach, target), abs=1e-9)


def test_the_segments_do_what_the_choice_says() -> None:
    arm = ur5e().with_tool(pose(None, [0, 0, 0.15]))
    approach, target = grasps(0.0, -0.45, 0.1, 4)
    via = [pose(DOWN, [0.3, -0.3, 0.5]), pose(DOWN, [0.2, -0.35, 0.4])]
    for stops in ((), via):
        choice = best_approach(arm, HOME, approach, target, via=stops, speed=0.8, line_speed=0.3)
        run = interpolate(arm, HOME, choice.segments)
        assert len(choice.segments) == 2 + len(stops)
        assert run.duration == pytest.approx(choice.duration, abs=1e-6)
        assert np.abs(arm.fk(run.end) - target[choice.index]).max() < 1e-8
        assert run.end == pytest.approx(choice.q_target, abs=1e-6)
        for stop, move in zip(stops, choice.segments, strict=False):
            assert np.abs(arm.fk(move.target) - stop).max() < 1e-9


def test_passing_via_poses_takes_no_less_time_than_going_straight() -> None:
    arm = ur5e()
    approach, target = grasps(0.1, -0.45, 0.1, 4)
    direct = best_approach(arm, HOME, approach, target).duration
    around = best_approach(arm, HOME, approach, target, via=[pose(DOWN, [0.3, 0.3, 0.4])]).duration
    assert around > direct


def test_more_yaws_never_lengthen_the_choice() -> None:
    arm = ur5e()
    few, many = grasps(0.3, -0.3, 0.1, 2), grasps(0.3, -0.3, 0.1, 8)
    assert best_approach(arm, HOME, *many).duration <= best_approach(arm, HOME, *few).duration + 1e-9


def test_a_cell_that_is_turned_and_moved_with_its_arm_gets_the_same_choice() -> None:
    arm = ur5e()
    approach, target = grasps(0.25, -0.35, 0.08, 4)
    plain = best_approach(arm, HOME, approach, target)
    for yaw in (0.7, np.pi / 3, np.pi, -2.1):
        cell = pose(rotation([0, 0, 1], yaw), [1.7, -0.3, 0.4])
        back = np.linalg.inv(cell)
        turned = best_approach(arm, HOME, back @ (cell @ approach), back @ (cell @ target))
        assert turned.index == plain.index
        assert turned.duration == pytest.approx(plain.duration, abs=1e-9)
        assert turned.q_approach == pytest.approx(plain.q_approach, abs=1e-9)


def test_equally_fast_targets_give_the_first() -> None:
    arm = ur5e()
    approach, target = grasps(0.25, -0.35, 0.08, 1)
    twice = best_approach(arm, HOME, np.repeat(approach, 3, axis=0), np.repeat(target, 3, axis=0))
    assert twice.index == 0


def test_a_target_out_of_reach_says_by_how_much() -> None:
    with pytest.raises(Unreachable, match=r"out of reach by \d+ mm") as caught:
        best_approach(ur5e(), HOME, *grasps(1.2, 0.0, 0.1, 4))
    assert 0.1 < caught.value.shortfall < 0.8


def test_a_via_pose_out_of_reach_is_named() -> None:
    via = [pose(DOWN, [0.3, 0.3, 0.4]), pose(DOWN, [2.0, 0.0, 0.4])]
    with pytest.raises(Unreachable, match="via pose 2 is out of reach"):
        best_approach(ur5e(), HOME, *grasps(0.3, -0.3, 0.1, 2), via=via)
