"""Forward kinematics and Jacobian: kernels against products of matrices and against Pinocchio."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.motion import Arm
from robocell.motion.denavit import Denavit
from robocell.motion.kernels import ALONG, CROSSED, HEAD, LINK, OBLIQUE, TILE
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ur5e
from tests.motion.chain_cases import KNOWN, random_chain, rng
from tests.motion.oracle_pin import model_of
from tests.motion.plain import chains

CASES = [*KNOWN, *(f"random {n} {seed}" for n in (1, 2, 3, 5, 6, 7, 8) for seed in range(4))]


def case(name: str) -> Arm:
    return KNOWN[name]() if name in KNOWN else random_chain(*(int(word) for word in name.split()[1:]))


@pytest.mark.parametrize("name", CASES)
def test_kernels_agree_with_products_of_matrices(name: str) -> None:
    arm = case(name)
    q = rng(1).uniform(-20.0, 20.0, (3 * TILE + 5, arm.n))  # several turns, and a tile that is not full
    tips, links, J = arm.fk(q), arm.fk(q, links=True), arm.jacobian(q)
    assert np.abs(tips - [chains.tip(arm, row) for row in q]).max() < 1e-12 * max(1.0, np.abs(tips).max())
    assert np.abs(links - [chains.frames(arm, row) for row in q]).max() < 1e-12 * max(1.0, np.abs(links).max())
    assert np.abs(J - [chains.jacobian(arm, row) for row in q]).max() < 1e-12 * max(1.0, np.abs(J).max())


@pytest.mark.parametrize("name", [*KNOWN, "random 7 1"])
def test_kernels_agree_with_pinocchio(name: str) -> None:
    arm = case(name)
    model, data, tip = model_of(arm)
    pin = pytest.importorskip("pinocchio")
    for q in rng(2).uniform(-6.0, 6.0, (300, arm.n)):
        pin.forwardKinematics(model, data, q)
        pin.updateFramePlacements(model, data)
        assert np.abs(arm.fk(q) - data.oMf[tip].homogeneous).max() < 1e-12
        J = pin.computeFrameJacobian(model, data, q, tip, pin.ReferenceFrame.LOCAL_WORLD_ALIGNED)
        assert np.abs(arm.jacobian(q) - J).max() < 1e-12


@pytest.mark.parametrize("name", KNOWN)
def test_a_hundred_thousand_poses_agree_with_numpy_within_1e_12(name: str) -> None:
    arm = case(name)
    q = rng(3).uniform(-7.0, 7.0, (100_000, arm.n))
    T = np.broadcast_to(np.eye(4), (len(q), 4, 4))
    for joint, angle in zip(arm.joints, q.T, strict=True):
        moved = np.zeros((len(q), 4, 4))
        moved[:] = np.eye(4)
        if joint.kind == "revolute":
            x, y, z = joint.axis
            K = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
            moved[:, :3, :3] += np.sin(angle)[:, None, None] * K + (1 - np.cos(angle))[:, None, None] * (K @ K)
        else:
            moved[:, :3, 3] = joint.axis * angle[:, None]
        T = T @ joint.origin @ moved
    assert np.abs(arm.fk(q) - T @ arm.flange @ arm.tool).max() < 1e-12


@given(
    st.lists(
        st.sampled_from([0.0, -0.0, 1e-300, np.pi, -np.pi / 2, 1e-9, 1e3, -1e5]) | st.floats(-1e5, 1e5), min_size=6
    )
)
def test_corner_positions_agree_with_products_of_matrices(q: list[float]) -> None:
    # one rounding of an angle of 1e5 rad is 1.5e-11 rad
    assert np.abs(ur5e().fk(q[:6]) - chains.tip(ur5e(), np.array(q[:6]))).max() < 1e-10


@pytest.mark.parametrize("count", [0, 1, TILE - 1, TILE, TILE + 1])
def test_every_batch_size_gives_what_single_positions_give(count: int) -> None:
    arm = ur5e()
    q = rng(4).uniform(-3, 3, (count, 6))
    assert arm.fk(q).shape == (count, 4, 4)
    assert arm.fk(q, links=True).shape == (count, 7, 4, 4)
    assert arm.jacobian(q).shape == (count, 6, 6)
    for i, row in enumerate(q):
        assert np.array_equal(arm.fk(q)[i], arm.fk(row))
        assert np.array_equal(arm.jacobian(q)[i], arm.jacobian(row))
        assert np.array_equal(arm.fk(q, links=True)[i], arm.fk(row, links=True))


def test_positions_in_any_memory_order_are_taken() -> None:
    arm, q = ur5e(), rng(5).uniform(-3, 3, (40, 6))
    locked = q.copy()
    locked.flags.writeable = False
    for same in (np.asfortranarray(q), q[::-1][::-1], locked, q.tolist(), np.stack([q, q], axis=2)[..., 0]):
        assert np.array_equal(arm.fk(same), arm.fk(q))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1.1e5])
@pytest.mark.parametrize("call", ["fk", "jacobian"])
@pytest.mark.parametrize("place", [(0, 0), (15, 5), (16, 0), (39, 5)])
def test_numbers_that_are_no_positions_are_refused_wherever_they_stand(
    bad: float, call: str, place: tuple[int, int]
) -> None:
    q = np.zeros((40, 6))
    q[place] = bad
    with pytest.raises(ValueError, match="not finite|110000, expected joint positions within"):
        getattr(ur5e(), call)(q)


def test_nearly_parallel_axes_keep_their_digits() -> None:
    """Their common normal is 10 km away; a plain Denavit–Hartenberg form would lose four digits to it."""
    arm = ur5e()
    joints = list(arm.joints)
    tilt = pose(rotation([0.6, 0.8, 0.0], 1e-5))
    joints[2] = type(joints[2])(joints[2].origin @ tilt, joints[2].axis)
    bent = type(arm)("bent", tuple(joints), arm.limits)
    q = rng(6).uniform(-3, 3, (50, 6))
    assert np.abs(bent.fk(q) - [chains.tip(bent, row) for row in q]).max() < 1e-13


def test_a_makers_geometry_becomes_steps_along_and_across_only() -> None:
    def kinds(arm: Arm) -> list[float]:
        stack = [np.stack([getattr(j, a) for j in arm.joints]) for a in ("origin", "axis")]
        flat = Denavit.of(stack[0], stack[1], arm.chain.revolute, arm.flange).flat
        return [float(flat[HEAD + LINK * j + 4]) for j in range(arm.n - 1)]

    assert kinds(KNOWN["ur5e"]()) == [CROSSED, ALONG, ALONG, CROSSED, CROSSED]
    assert kinds(KNOWN["kr6"]()) == [CROSSED, ALONG, CROSSED, CROSSED, CROSSED]
    assert OBLIQUE in kinds(random_chain(7, 0))
