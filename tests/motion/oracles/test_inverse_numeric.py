"""Inverse kinematics of chains without closed form, and of SCARA arms and gantries: reachable poses are reached."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from benchmarks.motion.peers.geometry import Screws
from tests.motion.oracles.arms import FOUR, SEVEN, arm_of, random_q

RESIDUAL = 1e-9
AT_LEAST = 0.995

POOR = {"crooked-RRRRRR": 0.97, "crooked-RPRRRP": 0.97}  # six joints: few solutions, some behind limits
ITERATED = [*SEVEN, "crooked-RRRRRRRR", *POOR, "gantry-scara"]


def reached(arm: Any, found: Any, poses: Any) -> float:
    """Return the share of poses with a solution, all of which reach and lie within the limits."""
    low, high = arm.limits.position.T
    row, _ = np.nonzero(found.valid)
    solutions = found.q[found.valid]
    assert np.abs(Screws.of(arm).fk(solutions) - poses[row]).max(initial=0.0) < RESIDUAL
    assert ((solutions >= low) & (solutions <= high)).all()
    assert np.isnan(found.q[~found.valid]).all()
    return float(found.valid.any(axis=1).mean())


@pytest.mark.parametrize("name", ITERATED)
def test_random_reachable_poses_are_solved(name: str) -> None:
    arm: Any = arm_of(name)
    poses = arm.fk(random_q(arm, 3000, 1))
    assert reached(arm, arm.ik(poses, most=1), poses) >= POOR.get(name, AT_LEAST)


@pytest.mark.parametrize("name", ITERATED)
def test_with_near_at_a_solution_that_solution_comes_first(name: str) -> None:
    arm: Any = arm_of(name)
    q = random_q(arm, 1000, 2)
    poses = arm.fk(q)
    found = arm.ik(poses, near=q, most=1)
    reached(arm, found, poses)
    assert (np.abs(found.q[:, 0] - q).max(axis=1) < 1e-6).mean() >= AT_LEAST


@pytest.mark.parametrize("name", FOUR)
def test_all_positions_of_scara_arms_and_gantries_are_found_again(name: str) -> None:
    arm = arm_of(name)
    q = random_q(arm, 100_000, 3)
    poses = arm.fk(q)
    found = arm.ik(poses, near=q)
    assert reached(arm, found, poses) == 1.0
    assert np.abs(found.q[:, 0] - q).max() < 1e-5


@pytest.mark.parametrize("name", FOUR)
def test_tilted_poses_are_invalid_for_four_axes(name: str) -> None:
    arm = arm_of(name)
    poses = arm.fk(random_q(arm, 100, 4))
    tilt = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(0.01), -np.sin(0.01)], [0.0, np.sin(0.01), np.cos(0.01)]])
    poses[:, :3, :3] = poses[:, :3, :3] @ tilt
    assert not arm.ik(poses).valid.any()
