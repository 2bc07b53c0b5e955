"""Turns that keep the tool clear of what lies beside, and ways round where no direct one is free."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robocell.config.prepare import Prepared, prepare
from robocell.errors import Unreachable
from robocell.model.frames import Frames, approach_pose, beside, grasp_turns, tool_pose
from robocell.model.station import BeltStation, GridStation
from robocell.motion import best_approach
from robocell.motion.detour import detour
from robocell.motion.grasping import clear_turns, tool_clear_of
from robocell.motion.obstacles import Box
from robocell.motion.surroundings import Surroundings, between

CELLS = Path(__file__).parents[2] / "cells"


@pytest.fixture(scope="module")
def cell() -> Prepared:
    return prepare(CELLS / "cap-sorting.yaml")


def angles(turns: tuple[float, ...]) -> list[int]:
    return [round(np.degrees(turn)) for turn in turns]


def test_at_a_belt_the_fingers_stand_beside_the_queue(cell: Prepared) -> None:
    stop, cap = cell.cell.stations["pick_stop"], cell.cell.products["cap"]
    turns = angles(clear_turns(cell.arms["arm"], cap, stop))
    assert 90 in turns
    assert 0 not in turns
    assert turns == sorted(180 - turn for turn in turns if turn) + ([0] if 0 in turns else [])


def test_in_a_narrow_tray_the_fingers_stand_across_the_corners(cell: Prepared) -> None:
    tray, cap = cell.cell.stations["good"], cell.cell.products["cap"]
    assert isinstance(tray, GridStation)
    narrow = tray.model_copy(update={"pitch": (0.085, 0.085)})
    turns = angles(clear_turns(cell.arms["arm"], cap, narrow))
    assert {45, 135} <= set(turns)
    assert not {0, 90} & set(turns)
    wide = tray.model_copy(update={"pitch": (0.2, 0.2)})
    assert clear_turns(cell.arms["arm"], cap, wide) == grasp_turns(cap)


def test_where_no_turn_is_clear_all_are_left_for_the_check_to_warn_of(cell: Prepared) -> None:
    tray, cap = cell.cell.stations["good"], cell.cell.products["cap"]
    tight = tray.model_copy(update={"pitch": (0.061, 0.061)})
    assert clear_turns(cell.arms["arm"], cap, tight) == grasp_turns(cap)


def test_beside_a_part_are_the_next_ones_of_its_belt_or_tray(cell: Prepared) -> None:
    cap = cell.cell.products["cap"]
    stop, tray = cell.cell.stations["pick_stop"], cell.cell.stations["good"]
    assert isinstance(stop, BeltStation)
    assert beside(stop, cap) == ((-0.06, 0.0), (0.06, 0.0))
    assert len(beside(tray, cap)) == 8
    row = tray.model_copy(update={"grid": (4, 1)})
    assert beside(row, cap) == ((-0.09, 0.0), (0.09, 0.0))


def test_the_tool_s_clearance_is_that_of_its_capsules(cell: Prepared) -> None:
    arm = cell.arms["arm"]
    down = tool_pose(np.eye(4), cell.cell.products["cap"].grasp)[None]
    beside_pads = np.eye(4)
    beside_pads[:3, 3] = (0.053, 0.0, 0.03)
    assert not tool_clear_of(arm, down, [Box(beside_pads, np.full(3, 0.01))])[0]
    far = np.eye(4)
    far[:3, 3] = (0.3, 0.0, 0.03)
    assert tool_clear_of(arm, down, [Box(far, np.full(3, 0.01))])[0]


def test_a_detour_folds_up_turns_and_comes_down_clear_of_a_wall(cell: Prepared) -> None:
    """A block stands between two stations at the height of the approaches; over it the folded arm may turn."""
    arm, frames = cell.arms["arm"], Frames(cell.cell)
    home = np.radians([0, -90, 90, -90, -90, 0])
    grasp = cell.cell.products["cap"].grasp
    stop = np.stack([tool_pose(frames.seat("pick_stop"), grasp, turn) for turn in (1.2, 1.57, 1.9)])
    reject = np.stack([tool_pose(frames.seat("reject"), grasp, turn) for turn in np.arange(12) * np.pi / 12])
    lifted = [np.stack([approach_pose(T, 0.06) for T in group]) for group in (stop, reject)]
    here = best_approach(arm, home, lifted[0], stop).q_approach
    middle = np.eye(4)
    middle[:3, 3] = (-0.28, -0.28, 0.06)
    wall = Surroundings(("wall",), (Box(middle, np.array([0.12, 0.12, 0.32])),))
    straight = best_approach(arm, here, lifted[1], reject).q_approach
    assert not wall.clear(arm, between([here, straight])).all()
    corners, choice = detour(arm, here, home, lifted[1], reject, wall)
    assert wall.clear(arm, between([here, *corners])).all()
    assert wall.clear(arm, between([corners[-1], choice.q_approach])).all()
    assert np.allclose(arm.fk(choice.q_target)[:3, 3], reject[choice.index][:3, 3], atol=1e-6)


def test_a_detour_that_is_blocked_too_is_refused(cell: Prepared) -> None:
    arm = cell.arms["arm"]
    home = np.radians([0, -90, 90, -90, -90, 0])
    pose = arm.fk(home)
    everywhere = np.eye(4)
    everywhere[:3, 3] = (0.0, 0.0, 0.6)
    block = Surroundings(("block",), (Box(everywhere, np.array([2.0, 2.0, 0.8])),))
    with pytest.raises(Unreachable):
        detour(arm, home, home, approach_pose(pose, 0.05), pose, block)
