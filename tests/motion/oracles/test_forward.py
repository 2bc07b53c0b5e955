"""Forward kinematics and Jacobian of every arm against products of exponentials, Pinocchio and MuJoCo."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.motion.peers.geometry import Screws
from robocell.motion.rigid import Floats, pose, rotations
from tests.motion.oracles.arms import ALL, arm_of, random_q

MANY = 100_000
FEW = 2000  # for peers that take a call a pose
PI = np.pi
CORNERS = [0.0, -0.0, PI / 2, -PI / 2, PI, -PI, 2 * PI, 1e-300, 1e-12, -1e-8, PI / 4, 3 * PI / 4, 100.0]

every_arm = pytest.mark.parametrize("name", ALL)


def differentiated(screws: Screws, q: Floats) -> Floats:
    """Return the Jacobians (N, 6, n) by central differences of order four."""
    h = 1e-3
    T = screws.fk(q)
    J = np.empty((len(q), 6, q.shape[1]))
    for i in range(q.shape[1]):
        step = h * np.eye(q.shape[1])[i]
        near, far = (screws.fk(q + k * step) - screws.fk(q - k * step) for k in (1, 2))
        rate = (8.0 * near - far) / (12.0 * h)
        spin = rate[:, :3, :3] @ T[:, :3, :3].transpose(0, 2, 1)
        J[:, :3, i] = rate[:, :3, 3]
        J[:, 3:, i] = np.stack([spin[:, 2, 1], spin[:, 0, 2], spin[:, 1, 0]], axis=1)
    return J


@every_arm
def test_fk_agrees_with_products_of_exponentials(name: str) -> None:
    arm = arm_of(name)
    q = random_q(arm, MANY, 1)
    assert np.abs(arm.fk(q) - Screws.of(arm).fk(q)).max() < 1e-12


@every_arm
def test_the_last_links_frame_carries_flange_and_tool(name: str) -> None:
    arm = arm_of(name)
    q = random_q(arm, 999, 2)  # no whole number of tiles
    links = arm.fk(q, links=True)
    assert links.shape == (999, arm.n + 1, 4, 4)
    assert np.array_equal(links[:, 0], np.broadcast_to(np.eye(4), (999, 4, 4)))
    assert np.abs(links[:, -1] @ arm.flange @ arm.tool - arm.fk(q)).max() < 1e-12
    screws, fixed = Screws.of(arm), np.eye(4)
    for i, joint in enumerate(arm.joints):
        fixed = fixed @ joint.origin
        beyond = np.linalg.inv(fixed) @ screws.tip  # the rest of the arm at joint position 0
        assert np.abs(links[:, i + 1] @ beyond - screws.fk(np.where(np.arange(arm.n) <= i, q, 0.0))).max() < 1e-12


@every_arm
def test_fk_agrees_with_pinocchio(name: str) -> None:
    pytest.importorskip("pinocchio", reason="needs Pinocchio (pip install pin)")
    from benchmarks.motion.peers import pin

    arm = arm_of(name)
    q = random_q(arm, FEW, 3)
    assert np.abs(arm.fk(q) - pin.fk(pin.model(arm), q)).max() < 1e-12


@every_arm
def test_fk_agrees_with_mujoco(name: str) -> None:
    pytest.importorskip("mujoco", reason="needs MuJoCo (pip install mujoco)")
    from benchmarks.motion.peers import mjc

    arm = arm_of(name)
    q = random_q(arm, FEW, 4)
    assert np.abs(arm.fk(q) - mjc.fk(mjc.model(arm), q)).max() < 1e-12


@every_arm
def test_jacobian_agrees_with_pinocchio(name: str) -> None:
    pytest.importorskip("pinocchio", reason="needs Pinocchio (pip install pin)")
    from benchmarks.motion.peers import pin

    arm = arm_of(name)
    q = random_q(arm, FEW, 5)
    assert np.abs(arm.jacobian(q) - pin.jacobian(pin.model(arm), q)).max() < 1e-12


@every_arm
def test_jacobian_is_the_derivative_of_products_of_exponentials(name: str) -> None:
    arm = arm_of(name).with_tool(pose(rotations([0.3, -0.5, 0.7]), [0.11, -0.07, 0.19]))
    q = random_q(arm, 5000, 6)
    assert np.abs(arm.jacobian(q) - differentiated(Screws.of(arm), q)).max() < 1e-10


@every_arm
def test_a_single_row_equals_its_row_in_a_batch(name: str) -> None:
    arm = arm_of(name)
    q = random_q(arm, 40, 7)
    T, J, links = arm.fk(q), arm.jacobian(q), arm.fk(q, links=True)
    for i, row in enumerate(q):
        assert np.abs(arm.fk(row) - T[i]).max() < 1e-15
        assert np.abs(arm.jacobian(row) - J[i]).max() < 1e-15
        assert np.abs(arm.fk(row, links=True) - links[i]).max() < 1e-15


@every_arm
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_fk_is_exact_at_corner_positions(name: str, data: st.DataObject) -> None:
    arm = arm_of(name)
    low, high = np.clip(arm.limits.position, -100.0, 100.0).T
    joint = [st.sampled_from([*CORNERS, *(-c for c in CORNERS), lo, hi]) for lo, hi in zip(low, high, strict=True)]
    q = np.array([data.draw(st.tuples(*joint)) for _ in range(data.draw(st.integers(1, 40)))])
    T = arm.fk(q)
    assert np.abs(T - Screws.of(arm).fk(q)).max() < 1e-12 * max(1.0, float(np.abs(q).max()) / 10.0)
    R = T[:, :3, :3]
    assert np.abs(R @ R.transpose(0, 2, 1) - np.eye(3)).max() < 1e-13
    assert np.array_equal(T[:, 3], np.broadcast_to([0.0, 0.0, 0.0, 1.0], (len(q), 4)))
