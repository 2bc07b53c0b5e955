"""Kinematics against independent references: products of matrices, numeric derivatives, a numeric search."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion import Arm, Joint, Limits
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ANALYTIC, gantry_scara, ur5e
from tests.motion.plain.ik_numeric import descend

PI = math.pi


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def random_q(arm: Arm, count: int, seed: int) -> np.ndarray:
    low, high = arm.limits.position.T
    return rng(seed).uniform(low, high, (count, arm.n))


def wrapped(d: np.ndarray) -> np.ndarray:
    return d - 2 * PI * np.round(d / (2 * PI))


def dh(theta: float, d: float, a: float, alpha: float) -> np.ndarray:
    ct, s, ca, sa = math.cos(theta), math.sin(theta), math.cos(alpha), math.sin(alpha)
    return np.array([[ct, -s * ca, s * sa, a * ct], [s, ct * ca, -ct * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1.0]])


def test_ur5e_agrees_with_its_makers_dh_figures() -> None:
    rows = [
        (0.1625, 0, PI / 2),
        (0, -0.425, 0),
        (0, -0.3922, 0),
        (0.1333, 0, PI / 2),
        (0.0997, 0, -PI / 2),
        (0.0996, 0, 0),
    ]
    arm = ur5e()
    for q in random_q(arm, 50, 1):
        T = np.diag([-1.0, -1.0, 1.0, 1.0])  # base_link is the maker's base turned by π
        for angle, (d, a, alpha) in zip(q, rows, strict=True):
            T = T @ dh(angle, d, a, alpha)
        assert np.abs(arm.fk(q) - T).max() < 1e-12


def test_ur5e_stretched_at_zero_points_along_x_of_base_link() -> None:
    assert ur5e().fk(np.zeros(6))[0, 3] == pytest.approx(0.425 + 0.3922)


@pytest.mark.parametrize("name", [*ANALYTIC, "gantry"])
def test_fk_is_the_product_of_joint_transforms(name: str) -> None:
    arm = {**ANALYTIC, "gantry": gantry_scara}[name]()
    q = random_q(arm, 40, 2)
    links = arm.fk(q, links=True)
    assert links.shape == (40, arm.n + 1, 4, 4)
    for i, row in enumerate(q):
        T = np.eye(4)
        assert np.array_equal(links[i, 0], T)
        for k, (j, value) in enumerate(zip(arm.joints, row, strict=True)):
            moved = pose(rotation(j.axis, value)) if j.kind == "revolute" else pose(None, j.axis * value)
            T = T @ j.origin @ moved
            assert np.abs(links[i, k + 1] - T).max() < 1e-12
        assert np.abs(arm.fk(row) - T @ arm.flange @ arm.tool).max() < 1e-12


@pytest.mark.parametrize("name", [*ANALYTIC, "gantry"])
def test_jacobian_and_its_rate_are_derivatives_of_fk(name: str) -> None:
    arm = {**ANALYTIC, "gantry": gantry_scara}[name]().with_tool(pose(rotation([0, 1, 0], 0.4), [0.1, 0.2, 0.3]))
    h = 1e-6
    for q, rate in zip(random_q(arm, 10, 3), rng(4).normal(size=(10, arm.n)), strict=True):
        J = arm.jacobian(q)
        for i in range(arm.n):
            step = h * np.eye(arm.n)[i]
            d = (arm.fk(q + step) - arm.fk(q - step)) / (2 * h)
            W = d[:3, :3] @ arm.fk(q)[:3, :3].T
            numeric = [*d[:3, 3], W[2, 1], W[0, 2], W[1, 0]]
            assert J[:, i] == pytest.approx(numeric, abs=2e-8)
        z, o, tip = arm.chain.columns(arm.chain.frames(q[None]))
        drift = (arm.jacobian(q + h * rate) - arm.jacobian(q - h * rate)) @ rate / (2 * h)
        assert arm.chain.bias(z, o, tip, rate[None])[0] == pytest.approx(drift, abs=1e-6)


@pytest.mark.parametrize("name", ANALYTIC)
def test_ik_finds_every_pose_again_with_a_residual_below_1e_9(name: str) -> None:
    arm = ANALYTIC[name]()
    low, high = arm.limits.position.T
    q = random_q(arm, 4000, 5)
    T = arm.fk(q)
    found = arm.ik(T)
    assert found.q.shape == (4000, 8, 6)
    assert np.isnan(found.q[~found.valid]).all()
    row, _ = np.nonzero(found.valid)
    assert np.abs(arm.fk(found.q[found.valid]) - T[row]).max() < 1e-9
    assert ((found.q[found.valid] >= low) & (found.q[found.valid] <= high)).all()
    apart = np.where(found.valid[..., None], np.abs(wrapped(found.q - q[:, None])), np.inf).max(axis=2)
    assert apart.min(axis=1).max() < 1e-6
    nearest = arm.ik(T, near=q)
    assert np.abs(nearest.q[:, 0] - q).max() < 1e-6, "with near, the first branch is the very position, turns included"


@pytest.mark.parametrize("name", ANALYTIC)
def test_no_branch_is_lost_or_doubled_against_a_numeric_search(name: str) -> None:
    arm = ANALYTIC[name]()
    free = arm.with_limits(Limits.uniform([[-np.inf, np.inf]] * 6, 1.0, 1.0, 1.0))
    for q in random_q(arm, 6, 6):
        T = arm.fk(q)
        found = free.ik(T)
        mine = found.q[found.valid]
        for a, b in itertools.combinations(mine, 2):
            assert np.abs(wrapped(a - b)).max() > 1e-5
        starts = rng(7).uniform(-PI, PI, (300, 6))
        search, error = descend(arm.chain, starts, np.broadcast_to(T, (300, 4, 4)), 200)
        for other in search[np.abs(error).max(axis=1) < 1e-10]:
            assert np.abs(wrapped(mine - other)).max(axis=1).min() < 1e-4, "a solution that the closed form lacks"


@pytest.mark.parametrize("name", ANALYTIC)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_corner_positions_come_back_within_1e_9(name: str, data: st.DataObject) -> None:
    arm = ANALYTIC[name]()
    corner = st.sampled_from([0.0, PI / 2, -PI / 2, PI, 1e-12, 1e-9, 1e-6, -1e-7])
    q = np.array(data.draw(st.lists(corner | st.floats(-3, 3), min_size=6, max_size=6)))
    q = np.clip(q, *arm.limits.position.T)
    T = arm.fk(q)
    found = arm.ik(T, near=q)
    assert found.valid.any()
    assert np.isfinite(found.q[found.valid]).all()
    assert np.abs(arm.fk(found.q[found.valid]) - T).max() < 1e-9


@pytest.mark.parametrize(("name", "joint"), [("irb1200", 4), ("ur5e", 4)])
def test_a_wrist_singularity_is_resolved_towards_near(name: str, joint: int) -> None:
    arm = ANALYTIC[name]()
    for q in random_q(arm, 50, 8) * 0.6:
        q[joint] = 0.0
        found = arm.ik(arm.fk(q), near=q)
        assert found.valid[0]
        assert np.abs(found.q[0] - q).max() < 1e-6


@pytest.mark.parametrize("name", ANALYTIC)
def test_poses_out_of_reach_are_invalid_and_their_shortfall_is_the_missing_distance(name: str) -> None:
    arm = ANALYTIC[name]()
    q = random_q(arm, 1, 9)[0]
    T = np.repeat(arm.fk(q)[None], 30, axis=0)
    T[:, :3, 3] += rng(10).normal(size=(30, 3)) * 6.0
    found = arm.ik(T)
    far = np.linalg.norm(T[:, :3, 3], axis=1) > 2.5
    assert far.any()
    assert not found.valid[far].any()
    assert np.isnan(found.q[~found.valid]).all()
    for pose_far in T[far]:
        short = arm.shortfall(pose_far)
        inward = -pose_far[:3, 3] / np.linalg.norm(pose_far[:3, 3])
        less = pose_far.copy()
        less[:3, 3] += 0.5 * inward
        assert short > 0.5
        assert arm.shortfall(less) == pytest.approx(short - 0.5, abs=0.06)


def test_shortfall_is_zero_where_only_a_joint_limit_forbids() -> None:
    arm = ur5e()
    q = np.array([0.3, -1.2, 1.5, -1.0, 1.2, 0.4])
    tight = np.array([[2.0, 2.5]] + [[-6.0, 6.0]] * 5)
    limited = replace(arm, limits=Limits.uniform(tight, 1.0, 1.0, 1.0))
    narrow = limited.ik(arm.fk(q))
    assert all(2.0 <= v <= 2.5 for v in narrow.q[narrow.valid][:, 0])
    locked = replace(arm, limits=Limits.uniform([[9.0, 9.001]] * 6, 1.0, 1.0, 1.0))
    assert not locked.ik(arm.fk(q)).valid.any()
    assert locked.shortfall(arm.fk(q)) == 0.0


def test_a_branch_is_valid_if_any_of_its_turns_lies_within_the_limits() -> None:
    arm = ur5e()
    q = np.array([0.3, -1.2, 1.5, -1.0, 1.2, 0.4])
    shifted = np.array([[5.0, 8.0]] + [[-6.0, 6.0]] * 5)
    found = replace(arm, limits=Limits.uniform(shifted, 1.0, 1.0, 1.0)).ik(arm.fk(q), near=q)
    assert found.q[0] == pytest.approx(q + 2 * PI * np.eye(6)[0], abs=1e-9)


def test_the_turn_nearest_to_near_is_taken() -> None:
    arm = ur5e()
    q = np.array([0.3, -1.2, 1.5, -1.0, 1.2, 0.4])
    near = q + np.array([0, 0, 0, 2 * PI, 0, -2 * PI])
    found = arm.ik(arm.fk(q), near=near)
    assert found.q[0] == pytest.approx(near, abs=1e-9)


def test_a_calibrated_arm_is_polished_from_the_closed_form_and_keeps_all_branches() -> None:
    nominal = ur5e()
    noise = rng(11)
    joints = []
    for j in nominal.joints:
        off = pose(rotation([1, 0, 0], noise.normal() * 2e-4), noise.normal(size=3) * 1e-4)
        joints.append(replace(j, origin=j.origin @ off))
    arm = replace(nominal, joints=tuple(joints))
    assert arm.solver.kind == "parallel axes"
    assert not arm.solver.exact
    q = random_q(arm, 100, 12)
    q = q[np.abs(np.linalg.det(arm.jacobian(q))) > 0.01]
    assert len(q) > 30
    T = arm.fk(q)
    found = arm.ik(T, near=q)
    assert np.abs(found.q[:, 0] - q).max() < 1e-6
    row, _ = np.nonzero(found.valid)
    assert np.abs(arm.fk(found.q[found.valid]) - T[row]).max() < 1e-9


def test_a_chain_without_closed_form_is_solved_by_iteration() -> None:
    arm = gantry_scara()
    q = random_q(arm, 60, 13)
    T = arm.fk(q)
    found = arm.ik(T)
    assert found.valid.any(axis=1).all()
    row, _ = np.nonzero(found.valid)
    assert np.abs(arm.fk(found.q[found.valid]) - T[row]).max() < 1e-9
    tilted = T[0].copy()
    tilted[:3, :3] = tilted[:3, :3] @ rotation([1, 0, 0], 0.5)
    assert not arm.ik(tilted).valid.any()


def test_with_tool_moves_the_tcp_and_nothing_else() -> None:
    arm, T = ur5e(), pose(rotation([0, 0, 1], 0.7), [0.01, 0.02, 0.15])
    q = random_q(arm, 5, 14)
    assert np.abs(arm.with_tool(T).fk(q) - arm.fk(q) @ T).max() < 1e-14
    assert np.array_equal(arm.with_tool(T).fk(q, links=True), arm.fk(q, links=True))


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda a: a.fk(np.zeros(5)), r"shape \(5,\), expected \(6,\)"),
        (lambda a: a.fk([np.nan] * 6), "not finite"),
        (lambda a: a.ik(np.eye(3)), r"expected \(4, 4\)"),
        (lambda a: a.ik(np.diag([2.0, 1, 1, 1])), "no rigid transform"),
        (lambda a: a.ik(np.diag([-1.0, 1, 1, 1])), "no rigid transform"),
        (lambda a: a.ik(np.eye(4), near=np.zeros((3, 6))), "3 rows for 1 poses"),
        (lambda a: a.with_tool(np.full((4, 4), np.nan)), "tool holds a number that is not finite"),
    ],
)
def test_wrong_arguments_are_refused_in_clear_words(call: Callable[[Arm], object], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        call(ur5e())


def test_a_joint_axis_must_have_length_one() -> None:
    with pytest.raises(ValueError, match="axis of length 1"):
        Joint(np.eye(4), np.array([0.0, 0.0, 2.0]), name="elbow")
