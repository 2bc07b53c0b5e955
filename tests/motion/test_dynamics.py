"""Inverse dynamics: against a plain twin, Pinocchio, Lagrange's equations, and the balance of power."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from robocell.motion import Arm, Inertial, Payload
from robocell.motion.kernels import TILE
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import gantry_scara, ur5e
from tests.motion.chain_cases import KNOWN, random_chain, random_pose, rng, with_inertials
from tests.motion.oracle_pin import model_of
from tests.motion.plain import chains

CASES = [*KNOWN, *(f"random {n} {seed}" for n in (1, 2, 4, 6, 7, 8) for seed in range(4))]
DOWN = np.array([0.0, 0.0, -9.80665])


def case(name: str) -> Arm:
    if name in KNOWN:
        return with_inertials(KNOWN[name](), 5)
    return random_chain(*(int(word) for word in name.split()[1:]))


def motion(arm: Arm, count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    r = rng(seed)
    return r.uniform(-4, 4, (count, arm.n)), r.uniform(-3, 3, (count, arm.n)), r.uniform(-20, 20, (count, arm.n))


def close(found: np.ndarray, expected: np.ndarray) -> bool:
    return bool(np.abs(found - expected).max() < 1e-11 * max(1.0, np.abs(expected).max()))


def moving(arm: Arm) -> list[Inertial]:
    return [body for body in arm.inertials[1:] if body is not None]


@pytest.mark.parametrize("name", CASES)
def test_the_kernel_agrees_with_its_plain_twin(name: str) -> None:
    arm = case(name)
    moves = motion(arm, TILE + 3, 1)
    tau = arm.inverse_dynamics(*moves)
    assert close(tau, np.array([chains.newton_euler(arm, moving(arm), *row, DOWN) for row in zip(*moves, strict=True)]))
    for i in (0, TILE, TILE + 2):
        assert np.array_equal(arm.inverse_dynamics(*(x[i] for x in moves)), tau[i])


@pytest.mark.parametrize("name", CASES)
def test_the_kernel_agrees_with_pinocchio(name: str) -> None:
    arm, gravity = case(name), (1.0, -2.0, 9.0)
    model, data, _ = model_of(arm, gravity)
    pin = pytest.importorskip("pinocchio")
    moves = motion(arm, 200, 2)
    expected = np.array([pin.rnea(model, data, *row) for row in zip(*moves, strict=True)])
    assert close(arm.inverse_dynamics(*moves, gravity=gravity), expected)


def energy(arm: Arm, q: np.ndarray, qd: np.ndarray) -> tuple[float, float]:
    """Kinetic and potential energy from the links' velocities, which are numeric derivatives of their frames."""
    h = 1e-5
    frames = chains.frames(arm, q)
    rates = (chains.frames(arm, q + h * qd) - chains.frames(arm, q - h * qd)) / (2 * h)
    kinetic = potential = 0.0
    for body, F, rate in zip(moving(arm), frames[1:], rates[1:], strict=True):
        v = rate[:3, :3] @ body.centre + rate[:3, 3]
        W = F[:3, :3].T @ rate[:3, :3]
        w = np.array([W[2, 1], W[0, 2], W[1, 0]])
        kinetic += 0.5 * body.mass * v @ v + 0.5 * w @ body.inertia @ w
        potential -= body.mass * DOWN @ (F[:3, :3] @ body.centre + F[:3, 3])
    return kinetic, potential


@pytest.mark.parametrize("name", ["ur5e", "kr6", "gantry", "random 4 1"])
def test_power_of_the_joints_is_the_change_of_energy(name: str) -> None:
    arm, h = case(name), 1e-4
    for q, qd, qdd in zip(*motion(arm, 4, 3), strict=True):
        at = [sum(energy(arm, q + t * qd + 0.5 * t * t * qdd, qd + t * qdd)) for t in (-h, h)]
        power = arm.inverse_dynamics(q, qd, qdd) @ qd
        assert power == pytest.approx((at[1] - at[0]) / (2 * h), rel=2e-5, abs=2e-3)


@pytest.mark.parametrize("name", ["ur5e", "gantry"])
def test_gravity_alone_is_the_gradient_of_the_potential(name: str) -> None:
    arm, h = case(name), 1e-5
    zero = np.zeros(arm.n)
    for q in motion(arm, 4, 4)[0]:
        gradient = [
            (energy(arm, q + h * e, zero)[1] - energy(arm, q - h * e, zero)[1]) / (2 * h) for e in np.eye(arm.n)
        ]
        assert arm.inverse_dynamics(q, zero, zero) == pytest.approx(gradient, abs=1e-6)


def test_the_mass_matrix_is_symmetric_and_positive_and_gives_the_kinetic_energy() -> None:
    arm = case("ur5e")
    (q,), (qd,), _ = motion(arm, 1, 5)
    still = np.zeros((6, 6))
    M = arm.inverse_dynamics(np.tile(q, (6, 1)), still, np.eye(6), gravity=(0, 0, 0)).T
    assert np.abs(M - M.T).max() < 1e-13
    assert np.linalg.eigvalsh(M).min() > 0.0
    assert 0.5 * qd @ M @ qd == pytest.approx(energy(arm, q, qd)[0], rel=1e-7)


def test_a_payload_is_a_body_on_the_flange_whatever_the_tcp_is() -> None:
    arm = case("offset")
    r = rng(6)
    body = Inertial.lumped(Inertial(0.3, r.normal(size=3) * 0.1) for _ in range(6))
    load = Payload(body.mass, body.centre, body.inertia)
    last = arm.inertials[-1]
    assert last is not None
    welded = replace(arm, inertials=(*arm.inertials[:-1], Inertial.lumped([last, body.moved(arm.flange)])))
    moves = motion(arm, 30, 7)
    assert close(arm.inverse_dynamics(*moves, payload=load), welded.inverse_dynamics(*moves))
    tool = arm.with_tool(random_pose(r))
    assert np.array_equal(tool.inverse_dynamics(*moves, payload=load), arm.inverse_dynamics(*moves, payload=load))


def test_the_same_arm_described_in_turned_link_frames_needs_the_same_torques() -> None:
    arm, r = case("random 6 2"), rng(8)
    turns = [pose(rotation(np.eye(3)[int(r.integers(3))], r.uniform(-3, 3))) for _ in arm.joints]
    joints, bodies, before = [], list(arm.inertials[:1]), np.eye(4)
    for joint, body, turn in zip(arm.joints, moving(arm), turns, strict=True):
        back = turn.T  # a pure turn
        joints.append(replace(joint, origin=before @ joint.origin @ turn, axis=back[:3, :3] @ joint.axis))
        bodies.append(body.moved(back))
        before = back
    other = replace(arm, joints=tuple(joints), inertials=tuple(bodies))
    moves = motion(arm, 30, 9)
    assert close(other.inverse_dynamics(*moves), arm.inverse_dynamics(*moves))


def test_a_sliding_joint_holds_up_the_weight_beyond_it() -> None:
    arm = with_inertials(gantry_scara(), 10)
    q = np.array([0.3, 0.2, -0.4, -0.1, 0.5])
    weight = sum(body.mass for body in moving(arm)[3:]) * 9.80665
    assert arm.inverse_dynamics(q, 0 * q, 0 * q)[3] == pytest.approx(weight, rel=1e-12)


def test_what_is_missing_or_wrong_is_told() -> None:
    bare, arm, zero = ur5e(), case("ur5e"), np.zeros(6)
    with pytest.raises(
        ValueError, match="mass and inertia of every link that moves: link 1, 2, 3, 4, 5, 6 of 6 has none"
    ):
        bare.inverse_dynamics(zero, zero, zero)
    holed = replace(arm, inertials=(None, *arm.inertials[1:3], None, *arm.inertials[4:]))
    with pytest.raises(ValueError, match="link 3 of 6 has none"):
        holed.inverse_dynamics(zero, zero, zero)
    with pytest.raises(ValueError, match="7 or none|expected 7"):
        replace(arm, inertials=arm.inertials[1:])
    with pytest.raises(ValueError, match=r"qd has shape \(5,\), expected"):
        arm.inverse_dynamics(zero, zero[:5], zero)
    with pytest.raises(ValueError, match="expected the same"):
        arm.inverse_dynamics(zero, zero, np.zeros((2, 6)))
    for k, name in enumerate(("q", "qd", "qdd")):
        wrong = [zero.copy() for _ in range(3)]
        wrong[k][4] = np.nan
        with pytest.raises(ValueError, match=f"^{name} holds a number that is not finite"):
            arm.inverse_dynamics(wrong[0], wrong[1], wrong[2])
    with pytest.raises(ValueError, match="mass is -1"):
        Inertial(-1.0)
    with pytest.raises(ValueError, match="not symmetric"):
        Inertial(1.0, np.zeros(3), np.array([[1, 0.1, 0], [0, 1, 0], [0, 0, 1.0]]))
    with pytest.raises(ValueError, match="negative principal"):
        Inertial(1.0, np.zeros(3), np.diag([1.0, 1.0, -0.1]))
