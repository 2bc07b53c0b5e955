"""Inverse kinematics: the kernels against plain numpy, other libraries, and what must hold for any solution."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion import Arm, Joint, Limits
from robocell.motion.kernels.inverse_tiles import FORE_ANGLE, SIGN3, UPPER_ANGLE
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ANALYTIC, cartesian, gantry, gantry_scara, scara
from tests.motion.plain.inverse import every_turn, nearest_turn, plain_solver

PI = math.pi
CARTESIAN = {"scara": scara, "gantry": gantry, "cartesian": cartesian}
CLOSED = {**ANALYTIC, **CARTESIAN}
EVERY = {**CLOSED, "gantry_scara": gantry_scara}


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def random_q(arm: Arm, count: int, seed: int) -> np.ndarray:
    low, high = arm.limits.position.T
    return rng(seed).uniform(low, high, (count, arm.n))


def wrapped(arm: Arm, d: np.ndarray) -> np.ndarray:
    return np.where(arm.chain.revolute, d - 2 * PI * np.round(d / (2 * PI)), d)


def residual(arm: Arm, q: np.ndarray, T: np.ndarray) -> float:
    return float(np.abs(arm.fk(q) - T).max(initial=0.0))


@pytest.mark.parametrize("name", ANALYTIC)
def test_closed_forms_agree_with_plain_numpy_branch_by_branch(name: str) -> None:
    arm = ANALYTIC[name]()
    T = arm.fk(random_q(arm, 203, 1))
    T[::5, :3, 3] *= 1.6  # some out of reach
    near = random_q(arm, 203, 2)
    q, ok, gap = arm.solver.solve(T, near)
    plain_q, plain_ok, plain_gap = plain_solver(arm).solve(T, near)
    assert np.array_equal(ok, plain_ok)
    assert not ok.all()
    assert np.abs(wrapped(arm, q - plain_q))[ok].max() < 1e-7
    assert gap == pytest.approx(plain_gap, abs=1e-12)


@pytest.mark.parametrize("name", EVERY)
def test_a_search_by_plain_numpy_finds_nothing_that_the_kernel_lacks(name: str) -> None:
    arm = EVERY[name]()
    T = arm.fk(random_q(arm, 8, 3))
    plain_q, plain_ok, _ = plain_solver(arm).solve(T, np.zeros((8, arm.n)))
    assert plain_ok.any(axis=1).all()
    found = arm.ik(T)
    for i in range(8 if arm.n != 5 else 0):
        for other in plain_q[i][plain_ok[i]]:
            variants = every_turn(arm, other)
            if variants:
                apart = np.abs(wrapped(arm, found.q[i][found.valid[i]] - other)).max(axis=1)
                assert apart.min() < 1e-5


@pytest.mark.parametrize("name", CLOSED)
def test_every_position_is_among_the_solutions_of_its_pose(name: str) -> None:
    arm = CLOSED[name]()
    low, high = arm.limits.position.T
    for seed in range(5):
        q = random_q(arm, 20_000, 10 + seed)
        T = arm.fk(q)
        found = arm.ik(T)
        assert np.isnan(found.q[~found.valid]).all()
        row, _ = np.nonzero(found.valid)
        rows = found.q[found.valid]
        assert residual(arm, rows, T[row]) < 1e-9
        assert ((rows >= low) & (rows <= high)).all()
        apart = np.where(found.valid[..., None], np.abs(wrapped(arm, found.q - q[:, None])), np.inf).max(axis=2)
        assert apart.min(axis=1).max() < 1e-5


@pytest.mark.parametrize("name", CLOSED)
@settings(max_examples=80)
@given(data=st.data())
def test_corner_positions_are_found_again_and_nothing_false_is_valid(name: str, data: st.DataObject) -> None:
    arm = CLOSED[name]()
    corner = st.sampled_from([0.0, PI / 2, -PI / 2, PI, -PI, 1e-12, 1e-10, 1e-9, 1e-8, 1e-6, -1e-7, 1e-4])
    q = np.array(data.draw(st.lists(corner | st.floats(-4, 4), min_size=arm.n, max_size=arm.n)))
    q = np.clip(q, *arm.limits.position.T)
    T = arm.fk(q)
    found = arm.ik(T, near=q)
    assert found.valid[0]
    assert np.isfinite(found.q[found.valid]).all()
    assert residual(arm, found.q[found.valid], T) < 1e-9
    mine = found.q[found.valid]
    for i in range(len(mine)):
        for k in range(i):
            assert np.abs(wrapped(arm, mine[i] - mine[k])).max() > 1e-7, "a branch is there twice"


@pytest.mark.parametrize("name", ANALYTIC)
def test_poses_on_the_boundary_of_the_reach_are_solved_on_it_and_not_beyond(name: str) -> None:
    arm = ANALYTIC[name]()
    free = arm.with_limits(Limits.uniform([[-np.inf, np.inf]] * 6, 1.0, 1.0, 1.0))
    for q in random_q(arm, 20, 20):
        stretched = q.copy()
        stretched[2] = -(free.solver.constants[FORE_ANGLE] - free.solver.constants[UPPER_ANGLE])
        stretched[2] *= free.solver.constants[SIGN3]
        T = free.fk(stretched)
        found = free.ik(T, near=stretched)
        assert found.valid[0]
        assert residual(free, found.q[found.valid], T) < 1e-9
        assert np.abs(found.q[0] - stretched).max() < 1e-5
        assert found.valid.sum() < 8, "branches that meet are one"


@pytest.mark.parametrize("name", ["irb1200", "kr6"])
def test_a_shoulder_singularity_is_resolved_towards_near(name: str) -> None:
    arm = ANALYTIC[name]().with_limits(Limits.uniform([[-np.inf, np.inf]] * 6, 1.0, 1.0, 1.0))
    # put the wrist centre on axis 1: any angle of joint 1 will do
    q = np.array([0.7, 0.0, 0.0, 0.4, 0.9, -0.3])
    q2, q3 = _over_axis_1(arm)
    q[1], q[2] = q2, q3
    T = arm.fk(q)
    found = arm.ik(T, near=q)
    assert found.valid[0]
    assert np.abs(found.q[0] - q).max() < 1e-5
    assert residual(arm, found.q[found.valid], T) < 1e-9


def _over_axis_1(arm: Arm) -> tuple[float, float]:
    """Find joints 2 and 3 that put the wrist centre on axis 1, by solving for a pose made so."""
    K = arm.solver.constants
    T = arm.fk(np.array([0.7, 0.1, 0.8, 0.4, 0.9, -0.3]))
    into = pose(K[0:9].reshape(3, 3), K[9:12])
    centre = into @ T @ np.array([*K[21:24], 1.0])
    away = np.linalg.inv(into) @ np.array([-centre[0], -centre[1], 0.0, 0.0])
    T[:3, 3] += away[:3]
    found = arm.ik(T, near=np.array([0.7, 0.1, 0.8, 0.4, 0.9, -0.3]))
    assert found.valid[0]
    return float(found.q[0, 1]), float(found.q[0, 2])


@pytest.mark.parametrize("name", EVERY)
def test_turns_gives_every_whole_turn_within_the_limits_once(name: str) -> None:
    arm = EVERY[name]()
    q = random_q(arm, 12, 30)
    T = arm.fk(q)
    plain = arm.ik(T)
    for near in (None, q):
        wide = arm.ik(T, near=near, turns=True)
        assert wide.q.shape[1] == max(plain.q.shape[1], wide.valid.sum(axis=1).max())
        for i in range(12):
            rows = wide.q[i][wide.valid[i]]
            assert wide.valid[i, : len(rows)].all(), "valid rows come first"
            if near is not None:
                far = np.linalg.norm(rows - q[i], axis=1)
                assert (np.diff(far) > -1e-8).all()
                if arm.n != 5:
                    assert far[0] < 1e-5
            if arm.n == 5 and near is not None:
                continue  # another search, other solutions
            expected = [v for solution in plain.q[i][plain.valid[i]] for v in every_turn(arm, solution)]
            assert len(rows) == len(expected)
            for variant in expected:
                assert np.abs(rows - variant).max(axis=1).min() < 1e-8


@pytest.mark.parametrize("name", EVERY)
def test_turns_fit_the_limits_nearest_to_near(name: str) -> None:
    arm = EVERY[name]()
    q = rng(31).uniform(-9, 9, (40, 3, arm.n))
    near = rng(32).uniform(-9, 9, (40, 1, arm.n))
    fitted, fits = arm.fit_turns(q, near)
    assert fits.any() or not arm.chain.revolute.all()
    for i in range(40):
        for b in range(3):
            expected = nearest_turn(arm, q[i, b], near[i, 0])
            assert fits[i, b] == (expected is not None)
            if expected is not None:
                assert fitted[i, b] == pytest.approx(expected, abs=1e-12)


def test_a_span_keeps_room_on_both_sides() -> None:
    arm = ANALYTIC["ur5e"]().with_limits(Limits.uniform([[-1.0, 7.0]] * 6, 1.0, 1.0, 1.0))
    q, near = np.full((2, 6), 0.5), np.full((2, 6), 0.4)
    span = np.zeros((2, 2, 6))
    span[0, 1, 0] = -2.0  # the second row will go 2 rad down from here: only a turn further on is there room
    fitted, fits = arm.fit_turns(q, near, span)
    assert fits.all()
    assert fitted[0] == pytest.approx(q[0])
    assert fitted[1] == pytest.approx(q[1] + 2 * PI * np.eye(6)[0])


@pytest.mark.parametrize("name", EVERY)
def test_a_batch_gives_what_single_poses_give(name: str) -> None:
    arm = EVERY[name]()
    q = random_q(arm, 37, 33)
    T = arm.fk(q)
    for near in (None, q[0], q):
        batch = arm.ik(T, near=near)
        for i in (0, 15, 16, 36):
            one = arm.ik(T[i], near=near if near is None or near.ndim == 1 else near[i])
            assert np.array_equal(one.valid, batch.valid[i])
            assert np.array_equal(one.q, batch.q[i], equal_nan=True)


@pytest.mark.parametrize("name", EVERY)
def test_the_first_matrix_that_is_no_pose_is_named(name: str) -> None:
    arm = EVERY[name]()
    T = arm.fk(random_q(arm, 40, 34))
    for row, column, value in ((0, 0, np.nan), (1, 3, np.inf), (2, 3, -np.inf), (0, 1, np.nan)):
        wrong = T.copy()
        wrong[21, row, column] = value
        with pytest.raises(ValueError, match="not finite"):
            arm.ik(wrong)
    for change in (1.0 + 2e-6, -1.0):
        wrong = T.copy()
        wrong[21, :3, 0] *= change
        wrong[30, :3, 0] *= 2.0
        with pytest.raises(ValueError, match=r"T\[21\] is no rigid transform"):
            arm.ik(wrong)
    wrong = T.copy()
    wrong[39, 3, 3] = 2.0
    with pytest.raises(ValueError, match=r"T\[39\] is no rigid transform"):
        arm.ik(wrong)
    assert arm.ik(T[:0]).q.shape[0] == 0


def test_limits_that_exclude_branches_leave_the_others() -> None:
    arm = ANALYTIC["kr6"]()
    q = random_q(arm, 200, 35)
    T = arm.fk(q)
    position = arm.limits.position.copy()
    position[4, 0] = 0.0
    some = arm.with_limits(replace(arm.limits, position=position)).ik(T)
    every = arm.ik(T)
    assert np.array_equal(some.valid, every.valid & ~(np.nan_to_num(every.q[..., 4], nan=-1.0) < 0.0))


@pytest.mark.parametrize("name", CARTESIAN)
def test_a_tool_that_cannot_tilt_reaches_no_tilted_pose(name: str) -> None:
    arm = CARTESIAN[name]()
    T = arm.fk(random_q(arm, 20, 36))
    z = (np.linalg.inv(T[0]) @ np.eye(4))[:3, 2]  # what is vertical, seen from the tool
    across = np.cross(z, [0.3, 0.5, 0.8])
    across /= np.linalg.norm(across)
    for angle, reached in ((1e-10, True), (5e-10, True), (2e-9, False), (0.3, False), (PI, False)):
        tilted = T @ pose(rotation(across, angle))
        found = arm.ik(tilted)
        if name == "cartesian" and angle == PI:
            assert not found.valid.any()
        assert found.valid.any(axis=1).all() == reached
        row, _ = np.nonzero(found.valid)
        assert residual(arm, found.q[found.valid], tilted[row]) < 1e-9


def test_which_solver_follows_from_the_geometry() -> None:
    kinds = {name: make().solver.kind for name, make in EVERY.items()}
    assert kinds == {
        "ur5e": "parallel axes",
        "irb1200": "spherical wrist",
        "kr6": "spherical wrist",
        "offset": "spherical wrist",
        "scara": "SCARA",
        "gantry": "gantry",
        "cartesian": "gantry",
        "gantry_scara": "numeric",
    }
    assert all(make().solver.exact for make in CLOSED.values())


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 2, 3, 0), (3, 1, 2, 0)])
def test_the_joints_of_a_scara_may_come_in_any_order(order: tuple[int, ...]) -> None:
    nominal = scara()
    arm = replace(
        nominal,
        joints=tuple(nominal.joints[i] for i in order),
        limits=Limits.uniform(nominal.limits.position[list(order)], 1.0, 1.0, 1.0),
    )
    assert arm.solver.kind == "SCARA"
    q = random_q(arm, 300, 37)
    found = arm.ik(arm.fk(q), near=q)
    assert np.abs(found.q[:, 0] - q).max() < 1e-6


def test_a_gantry_may_turn_before_it_slides_along_the_same_axis() -> None:
    z = np.array([0.0, 0.0, 1.0])
    joints = (
        Joint(pose(None, [0, 0, 1.0]), np.array([0.6, 0.8, 0.0]), "prismatic"),
        Joint(pose(rotation(z, 0.3)), np.array([0.0, 1.0, 0.0]), "prismatic"),
        Joint(pose(None, [0.1, 0.2, 0.0]), -z),
        Joint(pose(None, [0.05, 0, 0]), -z, "prismatic"),
    )
    position = np.array([[0.0, 1.5], [-0.5, 0.5], [-4.0, 4.0], [0.0, 0.6]])
    arm = Arm("turret", joints, Limits.uniform(position, 1.0, 1.0, 1.0), pose(rotation([0, 1, 0], 0.4), [0.1, 0, 0.1]))
    assert arm.solver.kind == "gantry"
    q = random_q(arm, 500, 38)
    found = arm.ik(arm.fk(q), near=q)
    assert found.valid.all()
    assert np.abs(found.q[:, 0] - q).max() < 1e-9
