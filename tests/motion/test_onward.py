"""A choice of branch looks ahead: what comes after a visit counts."""

from pathlib import Path

import numpy as np
import pytest

import robocell
from robocell.config.prepare import prepare
from robocell.model.frames import Frames
from robocell.motion import best_approach, point_to_point
from robocell.motion.onward import Onward
from robocell.motion.rigid import pose, rotation

ROOT = Path(__file__).parents[2]
ARM = robocell.load_arm("kuka/kr6-r900")
DOWN = rotation([0.0, 1.0, 0.0], np.pi)


def visit(x: float, y: float) -> tuple[np.ndarray, np.ndarray]:
    """An approach and its target, for 24 turns of the tool."""
    turns = [rotation([0.0, 0.0, 1.0], a) @ DOWN for a in np.linspace(-np.pi, np.pi, 24, endpoint=False)]
    over, at = (np.stack([pose(R, [x, y, z]) for R in turns]) for z in (0.35, 0.25))
    return over, at


def going_on(q: np.ndarray, goals: np.ndarray) -> float:
    """The time to the nearest of some goals, each in whichever turn is nearest."""
    there, fits = ARM.fit_turns(goals, q)
    return float(min(point_to_point(q, goal, ARM.limits).duration for goal in there[fits]))


@pytest.mark.parametrize("seed", range(12))
def test_looking_ahead_never_makes_two_visits_slower(seed: int) -> None:
    chance = np.random.default_rng(seed)  # noqa: TID251
    start = ARM.ik(visit(*chance.uniform(0.3, 0.5, 2))[0][3], near=np.zeros(6)).q[0]
    first, second = (
        visit(r * np.cos(a), r * np.sin(a)) for r, a in zip((0.5, 0.55), chance.uniform(-2.5, 2.5, 2), strict=True)
    )
    goals = ARM.ik(second[0])
    onward = goals.q[goals.valid]

    def both(ahead: tuple[np.ndarray, ...]) -> float:
        one = best_approach(ARM, start, *first, onward=ahead)
        return one.duration + going_on(one.q_approach, onward)

    assert both((onward,)) <= both(()) + 1e-9


def test_a_choice_may_be_slower_now_to_be_quicker_in_all() -> None:
    """Of all places to go on to, one lies where the fastest first choice is the wrong branch."""
    start = ARM.ik(visit(0.5, 0.0)[0][0], near=np.zeros(6)).q[0]
    first = visit(0.45, 0.3)
    fastest = best_approach(ARM, start, *first)
    states = ARM.ik(first[0])
    gains = []
    for away in states.q[states.valid]:
        ahead = best_approach(ARM, start, *first, onward=(away[None],))
        both = [c.duration + going_on(c.q_approach, away[None]) for c in (fastest, ahead)]
        assert both[1] <= both[0] + 1e-9
        assert ahead.duration >= fastest.duration - 1e-9
        gains.append(both[0] - both[1])
    assert max(gains) > 0.1


def test_after_a_pick_come_its_placings_and_after_a_place_every_pick() -> None:
    prepared = prepare(ROOT / "cells" / "cap-sorting.yaml")
    onward = Onward(prepared.cell, Frames(prepared.cell), prepared.arms)
    assert len(onward.after("arm", "pick_stop", "cap")) == 2
    (again,) = onward.after("arm", "good", "cap")
    seat = Frames(prepared.cell).seats("pick_stop")
    arm = prepared.arms["arm"]
    at = next(iter(seat))[1][:2, 3] - Frames(prepared.cell).of("arm")[:2, 3]
    assert np.abs(arm.fk(again)[:, :2, 3] - at).max() < 1e-9
    assert onward.after("arm", "reject", "cap")
    assert onward.after("arm", "nowhere", "cap") == ()


def test_where_poses_are_passed_the_next_stop_begins_at_the_first_of_them() -> None:
    prepared = prepare(ROOT / "cells" / "tended-machine.yaml")
    frames = Frames(prepared.cell)
    onward = Onward(prepared.cell, frames, prepared.arms)
    (goals,) = onward.after("loader", "infeed_stop", "blank")
    gate = np.linalg.inv(frames.of("loader")) @ frames.of("left_of_mill")
    assert np.abs(prepared.arms["loader"].fk(goals) - gate).max() < 1e-8
