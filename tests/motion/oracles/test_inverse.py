"""Inverse kinematics in closed form: every position found again, every solution reaches, none comes twice."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.motion.peers.geometry import Screws
from benchmarks.motion.peers.sets import TURN
from tests.motion.oracles.arms import SIX, arm_of, random_q

MANY = 100_000
PART = 20_000  # keeps what is held at once small
RESIDUAL = 1e-9
# rad: how near a pose's solutions lie to those of a rounding of it; near a singularity the square root of that
SINGULAR = 1e-5

every_arm = pytest.mark.parametrize("name", SIX)


@every_arm
def test_every_position_within_the_limits_is_found_again_and_every_solution_reaches(name: str) -> None:
    arm = arm_of(name)
    low, high = arm.limits.position.T
    screws = Screws.of(arm)
    for seed in range(MANY // PART):
        q = random_q(arm, PART, seed)
        T = screws.fk(q)
        found = arm.ik(T)
        assert np.isnan(found.q[~found.valid]).all()
        solutions = found.q[found.valid]
        row, _ = np.nonzero(found.valid)
        assert np.abs(screws.fk(solutions) - T[row]).max() < RESIDUAL
        assert ((solutions >= low) & (solutions <= high)).all()
        off = np.abs(found.q - q[:, None])
        off = (
            np.where(found.valid[..., None], np.abs(off - TURN * np.round(off / TURN)), np.inf).max(axis=2).min(axis=1)
        )
        assert off.max() < SINGULAR


@every_arm
def test_with_near_the_first_branch_is_the_position_itself(name: str) -> None:
    arm = arm_of(name)
    for seed in range(10, 10 + MANY // PART):
        q = random_q(arm, PART, seed)
        found = arm.ik(arm.fk(q), near=q)
        assert np.abs(found.q[:, 0] - q).max() < SINGULAR
        apart = np.linalg.norm(found.q - q[:, None], axis=2)
        later, earlier = apart[:, 1:], apart[:, :-1]
        both = found.valid[:, 1:] & found.valid[:, :-1]
        assert (later[both] >= earlier[both] - 1e-8).all(), "nearest branch first"
        assert not (found.valid[:, 1:] & ~found.valid[:, :-1]).any(), "valid branches first"


@every_arm
def test_no_branch_comes_twice(name: str) -> None:
    arm = arm_of(name)
    q = random_q(arm, PART, 20)
    found = arm.ik(arm.fk(q))
    off = np.abs(found.q[:, :, None] - found.q[:, None])
    off = np.nan_to_num(np.abs(off - TURN * np.round(off / TURN)).max(axis=3), nan=9.0)
    off[:, np.arange(off.shape[1]), np.arange(off.shape[1])] = 9.0
    assert off.min() > 1e-7
