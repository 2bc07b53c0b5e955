from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.config.prepare import prepare
from robocell.model.cell import Cell
from robocell.model.frames import Frames, approach_pose, fixed_poses, matrix_of, tool_pose
from robocell.model.pose import Pose
from robocell.model.product import Grasp

ROOT = Path(__file__).parents[2]
angles = st.floats(-math.pi, math.pi)


def about(axis: int, angle: float) -> np.ndarray:
    c, s = math.cos(angle), math.sin(angle)
    turn = np.eye(3)
    i, j = [(1, 2), (2, 0), (0, 1)][axis]
    turn[i, i] = turn[j, j] = c
    turn[i, j], turn[j, i] = -s, s
    return turn


@given(angles, angles, angles)
def test_rpy_turns_about_fixed_axes_x_then_y_then_z_as_urdf_has_it(roll: float, pitch: float, yaw: float) -> None:
    expected = about(2, yaw) @ about(1, pitch) @ about(0, roll)
    found = matrix_of((1.0, 2.0, 3.0), (roll, pitch, yaw))
    assert found[:3, :3] == pytest.approx(expected, abs=1e-12)
    assert found[:, 3] == pytest.approx([1.0, 2.0, 3.0, 1.0])


def cell(**changes: object) -> Cell:
    found = prepare(ROOT / "cells" / "tended-machine.yaml").cell
    return found.model_copy(update=changes)


def test_a_pose_in_a_turned_frame_turns_with_it() -> None:
    frames = Frames(
        cell(
            frames={
                "corner": Pose(xyz=(1.0, 0.0, 0.0), rpy=(0.0, 0.0, math.pi / 2)),
                "inner": Pose(frame="corner", xyz=(0.5, 0.0, 0.2)),
            }
        )
    )
    assert frames.of("inner")[:3, 3] == pytest.approx([1.0, 0.5, 0.2])
    assert frames.pose(Pose(frame="inner", xyz=(0.0, 1.0, 0.0)))[:3, 3] == pytest.approx([0.0, 0.5, 0.2])


def test_what_moves_or_stands_nowhere_is_no_frame() -> None:
    found = fixed_poses(cell())
    assert {"infeed", "at_stop", "loader", "mill", "vise", "infeed_stop", "left_of_mill"} <= set(found)
    assert not {"grip_l", "panel", "guard", "meter"} & set(found)


def test_frames_in_a_circle_are_refused() -> None:
    with pytest.raises(ValueError, match="a in b in a"):
        Frames(cell(frames={"a": Pose(frame="b"), "b": Pose(frame="a")}))


@given(st.tuples(angles, angles, angles), angles)
def test_the_tool_comes_along_the_grasps_negative_z(rpy: tuple[float, float, float], yaw: float) -> None:
    seat = matrix_of((0.3, -0.2, 0.1), (0.1, 0.2, 0.3))
    grasp = Grasp(xyz=(0.01, 0.02, 0.03), rpy=rpy)
    frame = seat @ matrix_of(grasp.xyz, grasp.rpy)
    tool = tool_pose(seat, grasp, yaw)
    assert tool[:3, 3] == pytest.approx(frame[:3, 3])
    assert tool[:3, 2] == pytest.approx(-frame[:3, 2])
    assert approach_pose(tool, 0.06)[:3, 3] == pytest.approx(frame[:3, 3] + 0.06 * frame[:3, 2])
