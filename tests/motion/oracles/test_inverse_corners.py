"""Inverse kinematics in closed form where it is hardest: singularities, limits, boundaries, beyond reach."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.motion.peers.geometry import Screws
from robocell.motion import Arm
from tests.motion.oracles.arms import SIX, arm_of, random_q, rng

PI = np.pi
FEW = 2000
RESIDUAL = 1e-9

every_arm = pytest.mark.parametrize("name", SIX)


@every_arm
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_corner_positions_are_kept_by_near(name: str, data: st.DataObject) -> None:
    """Wrist, elbow and shoulder singularities, limits, and what lies within rounding of them."""
    arm = arm_of(name)
    low, high = arm.limits.position.T
    tiny = st.sampled_from([0.0, 1e-15, 1e-12, -1e-10, 1e-8, -1e-6, 1e-5])
    where = [
        st.sampled_from([0.0, PI / 2, -PI / 2, PI, -PI, lo, hi]) | st.floats(lo, hi)
        for lo, hi in zip(low.tolist(), high.tolist(), strict=True)
    ]
    rows = data.draw(st.lists(st.tuples(st.tuples(*where), st.tuples(*[tiny] * arm.n)), min_size=1, max_size=20))
    q = np.clip(np.array([np.add(a, b) for a, b in rows]), low, high)
    T = arm.fk(q)
    assert arm.ik(T, near=q).valid.any(axis=1).all(), "the pose is reached at q, which is within the limits"
    for found in (arm.ik(T), arm.ik(T, near=q)):
        assert np.isnan(found.q[~found.valid]).all()
        row, _ = np.nonzero(found.valid)
        assert np.abs(arm.fk(found.q[found.valid]) - T[row]).max() < RESIDUAL
        assert ((found.q[found.valid] >= low) & (found.q[found.valid] <= high)).all()


@pytest.mark.parametrize("name", ["universal-robots/ur5e", "ur5e"])
def test_a_ur_arm_that_is_stretched_and_wrist_singular_is_solved_without_near(name: str) -> None:
    arm = arm_of(name)
    for q in ([0, 0, 0, -PI / 2, 0, 0], [0.4, -1.0, 0.0, -0.3, 0, 2.0], [0.4, -1.0, 0.05, -0.3, 0, 2.0]):
        T = arm.fk(np.array(q))
        found = arm.ik(T)
        assert found.valid.any()
        assert np.abs(arm.fk(found.q[found.valid]) - T).max() < RESIDUAL


@every_arm
def test_a_wrist_singularity_keeps_the_free_joint_near(name: str) -> None:
    """Where two axes fall together only their sum is given by the pose: all joints stay where `near` has them."""
    arm = arm_of(name)
    joint = 4
    q = 0.5 * random_q(arm, FEW, 40)
    q[:, joint] = _singular(arm, joint)
    at = np.linalg.svd(arm.jacobian(q), compute_uv=False)[:, -1]
    assert at.max() < 1e-9, "not the wrist singularity"
    elsewhere = np.linalg.svd(arm.jacobian(q + 0.3 * np.eye(arm.n)[joint]), compute_uv=False)[:, -1] > 0.01
    q = q[elsewhere]
    assert len(q) > FEW // 10
    found = arm.ik(arm.fk(q), near=q)
    assert found.valid[:, 0].all()
    assert np.abs(found.q[:, 0] - q).max() < 1e-6


def _singular(arm: Arm, joint: int) -> float:
    """Return the position of a wrist's middle joint at which the axes beside it are parallel."""
    screws = Screws.of(arm)
    before, turn, after = screws.axes[joint - 1 : joint + 2]
    a, b = before - turn * (turn @ before), after - turn * (turn @ after)
    angle = float(np.arctan2(turn @ np.cross(b, a), a @ b))
    low, high = arm.limits.position[joint]
    return next(t for t in (angle, angle - PI, angle + PI, angle - 2 * PI) if low <= t <= high)


@every_arm
def test_poses_beyond_all_links_end_to_end_are_invalid(name: str) -> None:
    arm = arm_of(name)
    reach = 2.0 * sum(np.linalg.norm(joint.origin[:3, 3]) for joint in arm.joints)
    T = arm.fk(random_q(arm, FEW, 50))
    away = rng(51).normal(size=(FEW, 3))
    T[:, :3, 3] = (reach + 1.0) * away / np.linalg.norm(away, axis=1)[:, None]
    found = arm.ik(T)
    assert not found.valid.any()
    assert np.isnan(found.q).all()
