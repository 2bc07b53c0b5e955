"""Inverse kinematics against independent libraries: they find what we find, and nothing that we lack."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from robocell.motion import Arm, Limits
from tests.motion.arms import ANALYTIC

SAME = 1e-5  # rad


def free(name: str) -> Arm:
    """Return an arm without limits: the libraries know none."""
    return ANALYTIC[name]().with_limits(Limits.uniform([[-np.inf, np.inf]] * 6, 1.0, 1.0, 1.0))


def axes_and_offsets(arm: Arm) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return joint axes H (6, 3), the way from each joint to the next P (7, 3), and the TCP's rotation at zero."""
    frames, tip = arm.fk(np.zeros(6), links=True), arm.fk(np.zeros(6))
    H = np.array([frames[i + 1, :3, :3] @ arm.joints[i].axis for i in range(6)])
    places = np.array([np.zeros(3), *frames[1:, :3, 3], tip[:3, 3]])
    return H, np.diff(places, axis=0), tip[:3, :3]


def wrist_in_one_point(H: np.ndarray, P: np.ndarray, first: int) -> np.ndarray:
    """Move the places of the joints from `first` on along their axes to where these meet."""
    places = np.cumsum(P, axis=0)
    A, b = np.zeros((3, 3)), np.zeros(3)
    for axis, place in zip(H[first:], places[first:6], strict=True):
        across = np.eye(3) - np.outer(axis, axis)
        A, b = A + across, b + across @ place
    places[first:6] = np.linalg.solve(A, b)
    return np.diff(places, axis=0, prepend=0.0)


def poses(arm: Arm, count: int) -> np.ndarray:
    rng = np.random.Generator(np.random.PCG64(5))
    q = rng.uniform(-3.0, 3.0, (count, 6))
    well = np.abs(np.linalg.det(arm.jacobian(q))) > 1e-3  # near singularities the libraries lose branches
    return np.asarray(arm.fk(q[well]))


def assert_same_branches(arm: Arm, T: np.ndarray, theirs: list[np.ndarray]) -> None:
    found = arm.ik(T)
    missed = 0
    for q, valid, others in zip(found.q, found.valid, theirs, strict=True):
        exact = [o for o in others if np.isfinite(o).all() and np.abs(arm.fk(o) - arm.fk(q[valid][0])).max() < 1e-8]
        for other in exact:
            apart = q[valid] - other
            apart -= 2 * np.pi * np.round(apart / (2 * np.pi))
            assert np.abs(apart).max(axis=1).min() < SAME, "a branch that we lack"
        missed += int(valid.sum() != len(exact))
    assert missed <= len(T) // 50, "the other library lacks a few branches at most"


@pytest.mark.parametrize("name", ANALYTIC)
def test_eaik_finds_the_same_branches(name: str) -> None:
    eaik: Any = pytest.importorskip("eaik.IK_HP", reason="EAIK is not installed")
    arm = free(name)
    H, P, turn = axes_and_offsets(arm)
    robot = eaik.HPRobot(H, P)
    T = poses(arm, 300)
    theirs = []
    for one in T:
        goal = one.copy()
        goal[:3, :3] = one[:3, :3] @ turn.T
        solution = robot.IK(goal)
        rows = np.array(solution.Q).reshape(-1, 6)
        exact = ~np.asarray(solution.is_LS, dtype=bool)
        theirs.append(rows[exact])
    assert_same_branches(arm, T, theirs)


@pytest.mark.parametrize("name", ["irb1200", "kr6", "offset"])
def test_ik_geo_finds_the_same_branches(name: str) -> None:
    ik_geo: Any = pytest.importorskip("ik_geo", reason="ik-geo is not installed")
    arm = free(name)
    H, P, turn = axes_and_offsets(arm)
    robot = ik_geo.Robot.spherical_two_parallel(H.tolist(), wrist_in_one_point(H, P, 3).tolist())
    T = poses(arm, 200)
    theirs = []
    for one in T:
        rotation = one[:3, :3] @ turn.T
        solutions = robot.get_ik(rotation.T.tolist(), one[:3, 3].tolist())
        theirs.append(np.array([q for q, least_squares in solutions if not least_squares]).reshape(-1, 6))
    assert_same_branches(arm, T, theirs)
