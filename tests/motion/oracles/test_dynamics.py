"""Inverse dynamics of every arm against Pinocchio, with inertials drawn at random and with those of the catalogue."""

from __future__ import annotations

import importlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion.rigid import Floats, rotations
from tests.motion.oracles.arms import ALL, CATALOGUE, arm_of, random_q, rng

pinocchio = pytest.importorskip("pinocchio", reason="needs Pinocchio (pip install pin)")

dynamics = importlib.import_module("robocell.motion.dynamics")

MANY = 100_000
FEW = 5000
RELATIVE = 1e-9


def body(g: np.random.Generator, kind: Any = None) -> Any:
    """Draw a rigid body: its inertia is that of some box, turned."""
    mass, size, turn = g.uniform(0.1, 20.0), g.uniform(0.02, 0.5, 3), rotations(g.normal(size=3))
    moments = mass / 12.0 * (size @ size - size**2)
    return (kind or dynamics.Inertial)(mass, g.uniform(-0.2, 0.2, 3), turn @ np.diag(moments) @ turn.T)


def loaded(name: str) -> Any:
    arm: Any = arm_of(name)
    g = rng(len(name))
    return replace(arm, inertials=tuple(body(g) for _ in range(arm.n + 1)))


def states(arm: Any, count: int, seed: int) -> tuple[Floats, Floats, Floats]:
    qd, qdd = rng(seed).normal(size=(2, count, arm.n)) * [[[2.0]], [[10.0]]]
    return random_q(arm, count, seed), qd, qdd


def torques(model: Any, q: Floats, qd: Floats, qdd: Floats) -> Floats:
    data = model.createData()
    return np.array([pinocchio.rnea(model, data, *row) for row in zip(q, qd, qdd, strict=True)])


def off(mine: Floats, theirs: Floats) -> float:
    """Return the largest error relative to the largest torque of the same row."""
    scale = np.maximum(np.abs(theirs).max(axis=1, keepdims=True), 1.0)
    return float((np.abs(mine - theirs) / scale).max())


@pytest.mark.parametrize("name", ALL)
def test_torques_agree_with_pinocchio(name: str) -> None:
    from benchmarks.motion.peers import pin

    arm = loaded(name)
    at = states(arm, MANY, 1)
    assert off(arm.inverse_dynamics(*at), torques(pin.weighed(arm), *at)) < RELATIVE


@pytest.mark.parametrize("name", CATALOGUE)
def test_torques_of_the_catalogues_own_inertials_agree_with_pinocchio(name: str) -> None:
    from benchmarks.motion.peers import pin

    arm: Any = arm_of(name)
    assert len(arm.inertials) == arm.n + 1
    at = states(arm, FEW, 2)
    assert off(arm.inverse_dynamics(*at), torques(pin.weighed(arm), *at)) < RELATIVE


@pytest.mark.parametrize("name", ALL)
def test_a_payload_is_a_body_on_the_flange(name: str) -> None:
    from benchmarks.motion.peers import pin

    arm = loaded(name)
    payload = body(rng(3), dynamics.Payload)
    model = pin.weighed(arm)
    placed = pinocchio.SE3(np.array(arm.flange)).act(pin.inertia(payload))
    model.inertias[arm.n] = model.inertias[arm.n] + placed
    at = states(arm, FEW, 4)
    assert off(arm.inverse_dynamics(*at, payload=payload), torques(model, *at)) < RELATIVE


@pytest.mark.parametrize("name", ["universal-robots/ur5e", "iiwa", "crooked-RPRRRP"])
def test_gravity_of_any_direction_is_pinocchios(name: str) -> None:
    from benchmarks.motion.peers import pin

    arm = loaded(name)
    down = (3.0, -4.0, 5.0)
    at = states(arm, FEW, 5)
    assert off(arm.inverse_dynamics(*at, gravity=down), torques(pin.weighed(arm, down), *at)) < RELATIVE


@pytest.mark.parametrize("name", ["abb/irb-1200-5-0.9", "panda", "scara"])
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_torques_at_corner_states_agree_with_pinocchio(name: str, data: st.DataObject) -> None:
    from benchmarks.motion.peers import pin

    arm = loaded(name)
    corner = st.sampled_from([0.0, -0.0, np.pi / 2, -np.pi, 1e-12, 1e-300]) | st.floats(-6, 6)
    row = st.lists(corner, min_size=arm.n, max_size=arm.n)
    at = tuple(np.array(data.draw(st.lists(row, min_size=3, max_size=3))) for _ in range(3))
    assert off(arm.inverse_dynamics(*at), torques(pin.weighed(arm), *at)) < RELATIVE


@pytest.mark.parametrize("name", ["universal-robots/ur5e", "crooked-RRRRRRRR"])
def test_holding_still_balances_gravity_by_virtual_work(name: str) -> None:
    """Without Pinocchio: torque at rest is the gradient of the potential energy, by differences of link poses."""
    arm = loaded(name)
    q = random_q(arm, 50, 6)
    still = np.zeros_like(q)
    h = 1e-5

    def energy(at: Floats) -> Floats:
        links = arm.fk(at, links=True)
        out = np.zeros(len(at))
        for i, part in enumerate(arm.inertials[1:], start=1):
            out += part.mass * 9.80665 * (links[:, i, 2, :3] @ part.centre + links[:, i, 2, 3])
        return out

    slope = [(energy(q + h * e) - energy(q - h * e)) / (2 * h) for e in np.eye(arm.n)]
    assert np.abs(arm.inverse_dynamics(q, still, still) - np.stack(slope, axis=1)).max() < 1e-5
