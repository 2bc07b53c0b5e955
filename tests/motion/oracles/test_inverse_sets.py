"""Inverse kinematics in closed form: the sets of solutions are EAIK's and py-opw-kinematics'."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.motion.peers.sets import inside, lacking
from robocell.motion import Arm, Limits
from robocell.motion.rigid import Floats
from tests.motion.oracles.arms import SIX, arm_of, random_q

PI = np.pi
FEW = 2000
MANY = 20_000
# rad: solutions of one pose differ by rounding, magnified where the arm is nearly singular
SAME = 1e-5

every_arm = pytest.mark.parametrize("name", SIX)


def unlimited(arm: Arm) -> Arm:
    """Return the arm with one whole turn everywhere, as peers have it."""
    return arm.with_limits(Limits.uniform([[-PI, PI]] * arm.n, 1.0, 1.0, 1.0))


def branches(arm: Arm, T: Floats) -> list[Floats]:
    found = arm.ik(T)
    return [q[valid] for q, valid in zip(found.q, found.valid, strict=True)]


def well_conditioned(arm: Arm, q: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return the rows whose Jacobian's least singular value exceeds 0.005."""
    return np.asarray(np.linalg.svd(arm.jacobian(q), compute_uv=False)[:, -1] > 5e-3)


@every_arm
def test_solutions_are_those_of_eaik(name: str) -> None:
    pytest.importorskip("eaik", reason="needs EAIK (pip install eaik)")
    from benchmarks.motion.peers import eaik

    arm = unlimited(arm_of(name))
    q = random_q(arm, FEW, 30)
    q = q[well_conditioned(arm, q)]
    T = arm.fk(q)
    robot = eaik.robot(arm)
    for mine, pose in zip(branches(arm, T), T, strict=True):
        theirs = eaik.solutions(robot.calculate_IK(pose))
        good = np.abs(arm.fk(theirs) - pose).max(axis=(1, 2)) < 1e-7  # EAIK calls some inexact ones exact
        assert len(lacking(mine, theirs[good], SAME)) == 0
        for extra in lacking(theirs, mine, SAME):
            # EAIK lets go of branches near a singularity; what only we have must be one, and still reach
            assert not well_conditioned(arm, extra[None])[0]


@pytest.mark.parametrize("name", ["irb1200", "kr6"])
def test_solutions_are_those_of_opw_kinematics(name: str) -> None:
    pytest.importorskip("py_opw_kinematics", reason="needs py-opw-kinematics")
    from benchmarks.motion.peers import opw

    arm = arm_of(name)
    robot = opw.robot(name)
    q = random_q(arm, MANY, 31)
    q = q[well_conditioned(arm, q)]
    T = arm.fk(q)
    slots = np.asarray(robot.reach(T.reshape(-1, 16))[0])
    for mine, theirs in zip(branches(arm, T), slots, strict=True):
        theirs = inside(theirs[np.isfinite(theirs).all(axis=1)], arm.limits.position)
        assert len(lacking(mine, theirs, SAME)) == 0
        assert len(lacking(theirs, mine, SAME)) == 0
