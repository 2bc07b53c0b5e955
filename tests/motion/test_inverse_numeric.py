"""Chains without closed form: the iteration solves what can be reached, and says when nothing can."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import robocell
from robocell.errors import Unreachable
from robocell.motion import Arm, Joint, Limits, best_approach, line
from robocell.motion.ik_chain import descend, packed
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ANALYTIC, gantry_scara
from tests.motion.plain.ik_numeric import descend as plain_descend


def seven(name: str) -> Arm:
    data = pytest.importorskip("pybullet_data", reason="pybullet's data is not installed")
    file, tip = {
        "iiwa": ("kuka_iiwa/model.urdf", "lbr_iiwa_link_7"),
        "panda": ("franka_panda/panda.urdf", "panda_hand"),
    }[name]
    return robocell.load_arm(Path(data.getDataPath()) / file, tip=tip, acceleration=10.0, jerk=100.0)


def oblique() -> Arm:
    """Six joints and no two axes that cross: nothing closed about it."""
    rng = np.random.Generator(np.random.PCG64(8))
    joints = []
    for i in range(6):
        axis = rng.normal(size=3)
        origin = pose(rotation(np.array([0.0, 0.6, 0.8]), 0.9 * i), rng.uniform(0.05, 0.3, 3))
        joints.append(Joint(origin, axis / np.linalg.norm(axis)))
    return Arm("oblique", tuple(joints), Limits.uniform([[-3.0, 3.0]] * 6, 1.0, 5.0, 50.0))


MAKERS = {"gantry_scara": gantry_scara, "oblique": oblique}


def make(name: str) -> Arm:
    return MAKERS[name]() if name in MAKERS else seven(name)


def random_q(arm: Arm, count: int, seed: int) -> np.ndarray:
    low, high = arm.limits.position.T
    return np.random.Generator(np.random.PCG64(seed)).uniform(low, high, (count, arm.n))


@pytest.mark.parametrize("name", ["iiwa", "panda", "oblique", "gantry_scara"])
def test_nearly_every_reachable_pose_is_solved_inside_the_limits(name: str) -> None:
    arm = make(name)
    assert arm.solver.kind == "numeric"
    low, high = arm.limits.position.T
    T = arm.fk(random_q(arm, 20_000, 1))
    found = arm.ik(T, most=1)
    assert found.valid[:, 0].mean() >= 0.9995
    row, _ = np.nonzero(found.valid)
    rows = found.q[found.valid]
    assert np.abs(arm.fk(rows) - T[row]).max() < 1e-9
    assert ((rows >= low) & (rows <= high)).all()
    assert np.isnan(found.q[~found.valid]).all()


@pytest.mark.parametrize("name", ["iiwa", "oblique"])
def test_several_solutions_are_distinct_and_the_nearest_comes_first(name: str) -> None:
    arm = make(name)
    q = random_q(arm, 50, 2)
    T = arm.fk(q)
    found = arm.ik(T, near=q, most=8)
    assert np.abs(found.q[:, 0] - q).max() < 1e-6
    for rows, valid in zip(found.q, found.valid, strict=True):
        mine = rows[valid]
        assert len(mine) >= (8 if arm.n > 6 else 1)
        for i in range(len(mine)):
            for k in range(i):
                assert np.abs(mine[i] - mine[k]).max() > 1e-5
    far = np.linalg.norm(found.q - q[:, None], axis=2)
    assert (np.diff(np.where(found.valid, far, 1e9), axis=1) > -1e-8).all()


def test_of_six_joints_all_solutions_are_sought_of_seven_one() -> None:
    arm = seven("iiwa")
    assert arm.ik(arm.fk(random_q(arm, 20, 3))).valid.sum(axis=1).tolist() == [1] * 20
    other = oblique()
    assert other.ik(other.fk(random_q(other, 50, 3))).valid.sum(axis=1).max() > 1


def test_the_iteration_misses_no_branch_that_many_random_starts_find() -> None:
    arm = oblique()
    missed = total = 0
    for q in random_q(arm, 12, 4):
        T = arm.fk(q)
        starts = random_q(arm, 400, 5)
        search, error = plain_descend(arm.chain, starts, np.broadcast_to(T, (400, 4, 4)), 120, arm.limits.position)
        others = search[np.abs(error).max(axis=1) < 1e-9]
        found = arm.ik(T)
        mine = found.q[found.valid]
        distinct: list[np.ndarray] = []
        for other in others:
            if all(np.abs(other - known).max() > 1e-3 for known in distinct):
                distinct.append(other)
        total += len(distinct)
        missed += sum(np.abs(mine - other).max(axis=1).min() > 1e-3 for other in distinct)
    assert total > 24
    assert missed <= total // 20


@pytest.mark.parametrize("name", ["iiwa", "gantry_scara"])
def test_poses_out_of_reach_are_invalid(name: str) -> None:
    arm = make(name)
    T = arm.fk(random_q(arm, 5, 6))
    T[:, :3, 3] += [5.0, 5.0, 5.0]
    found = arm.ik(T)
    assert not found.valid.any()
    assert np.isnan(found.q).all()
    assert arm.shortfall(T[0]) > 3.0


@pytest.mark.parametrize("name", ["ur5e", "offset", "gantry_scara", "oblique"])
def test_descent_agrees_with_plain_numpy(name: str) -> None:
    arm = {**ANALYTIC, **MAKERS}[name]()
    q = random_q(arm, 60, 7)
    T = arm.fk(q)
    start = q + 0.05 * random_q(arm, 60, 8)
    mine, worst = descend(packed(arm.chain), start, T, 30)
    plain, error = plain_descend(arm.chain, start, T, 30)
    done = (worst < 1e-10) & (np.abs(error).max(axis=1) < 1e-10)
    assert done.mean() > 0.8
    assert np.abs(mine - plain)[done].max() < 1e-5
    assert np.abs(arm.fk(mine[done]) - T[done]).max() < 1e-9


def test_a_seven_joint_arm_plans_approaches_and_lines() -> None:
    arm = seven("iiwa")
    q = np.array([0.2, 0.5, 0.1, -1.2, 0.1, 0.9, 0.0])
    target = arm.fk(q)
    lifted = target.copy()
    lifted[:3, 3] -= 0.08 * target[:3, 2]
    choice = best_approach(arm, np.zeros(7), lifted, target)
    assert np.abs(arm.fk(choice.q_target) - target).max() < 1e-6
    assert np.abs(arm.fk(choice.q_approach) - lifted).max() < 1e-6
    run = line(arm, target, lifted, choice.q_target)
    assert np.abs(arm.fk(run.end) - lifted).max() < 1e-6
    far = target.copy()
    far[:3, 3] += 3.0
    with pytest.raises(Unreachable, match="out of reach"):
        best_approach(arm, np.zeros(7), far, far)
