"""Straight lines: straightness, limits by dense resampling, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import ArrayLike

from robocell.errors import Unreachable
from robocell.motion import Arm, JointMove, Limits, LinearMove, interpolate, line
from robocell.motion.rigid import pose, rotation, rotation_vectors, to_xyz_quaternion
from tests.motion.arms import ANALYTIC, TCP, gantry_scara, ur5e

READY = np.array([0.1, -1.3, 1.6, -1.9, -1.57, 0.2])


def moved(T: np.ndarray, shift: ArrayLike, turn: ArrayLike) -> np.ndarray:
    size = float(np.linalg.norm(np.asarray(turn)))
    R = rotation(np.array(turn) / size, size) if size else np.eye(3)
    return pose(R @ T[:3, :3], T[:3, 3] + np.asarray(shift))


@pytest.mark.parametrize("name", [*ANALYTIC, "gantry"])
def test_random_lines_are_straight_and_hold_every_limit(name: str) -> None:
    arm: Arm = {**ANALYTIC, "gantry": gantry_scara}[name]()
    g = np.random.Generator(np.random.PCG64(3))
    low, high = arm.limits.position.T
    done = 0
    for _ in range(60):
        q0 = g.uniform(low, high) * 0.7
        T0 = arm.fk(q0)
        shift = g.normal(size=3) * 0.05
        turn = [0, 0, float(g.uniform(-0.3, 0.3))] if name == "gantry" else list(g.normal(size=3) * 0.15)
        T1 = moved(T0, shift, turn)
        try:
            run = line(arm, T0, T1, q0)
        except Unreachable:
            continue
        done += 1
        t = np.linspace(0, run.duration, 1500)
        q, qd, qdd = run.sample(t)
        jerk = np.diff(qdd, axis=0) / t[1]
        assert (np.abs(qd) <= 1.001 * arm.limits.velocity).all()
        assert (np.abs(qdd) <= 1.001 * arm.limits.acceleration).all()
        assert (np.abs(jerk) <= 1.001 * arm.limits.jerk).all()
        assert ((q >= low - 1e-6) & (q <= high + 1e-6)).all()
        assert np.abs(run.start - q0).max() < 1e-6, "it starts on the branch and turn of near"
        assert np.abs(arm.fk(run.end) - T1).max() < 1e-8
        P = arm.fk(q)
        s = (P[:, :3, 3] - T0[:3, 3]) @ shift / (shift @ shift)
        assert np.linalg.norm(P[:, :3, 3] - T0[:3, 3] - s[:, None] * shift, axis=1).max() < 5e-6
        turned = rotation_vectors(P[:, :3, :3] @ T0[:3, :3].T)
        assert np.abs(turned - s[:, None] * np.array(turn)).max() < 5e-5
        rate = np.abs(np.diff(s)) / t[1]
        assert rate.max() * np.linalg.norm(shift) <= 1.001 * TCP.velocity
        assert rate.max() * np.linalg.norm(turn) <= 1.001 * TCP.angular_velocity
    assert done >= 25


def test_higher_joint_limits_never_lengthen_a_line() -> None:
    arm = ur5e()
    T0 = arm.fk(READY)
    T1 = moved(T0, [0.05, 0.02, -0.06], [0, 0, 0.4])
    base = line(arm, T0, T1, READY).duration
    for v, a, j in ((2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 2, 2)):
        at = arm.limits
        more = Limits(at.position, v * at.velocity, a * at.acceleration, j * at.jerk, at.tcp)
        assert line(arm.with_limits(more), T0, T1, READY).duration <= base * 1.002


def test_speed_and_acceleration_fractions_slow_a_line() -> None:
    arm = ur5e()
    T0 = arm.fk(READY)
    T1 = moved(T0, [0.0, 0.0, -0.2], [0, 0, 0])
    full, slow = line(arm, T0, T1, READY), line(arm, T0, T1, READY, speed=0.05)
    assert slow.duration >= 0.2 / (0.05 * TCP.velocity)
    assert slow.duration > full.duration


def test_a_line_of_no_length_stands_still() -> None:
    arm = ur5e()
    run = line(arm, arm.fk(READY), arm.fk(READY), READY)
    assert run.duration == 0.0
    assert run.end == pytest.approx(READY, abs=1e-9)


def test_a_line_out_of_reach_says_by_how_much() -> None:
    arm = ur5e()
    T0 = arm.fk(READY)
    with pytest.raises(Unreachable, match=r"out of reach by \d+ mm") as caught:
        line(arm, T0, moved(T0, [1.5, 0, 0], [0, 0, 0]), READY)
    assert caught.value.shortfall > 0.0


def test_a_line_that_meets_a_joint_limit_names_the_joint() -> None:
    arm = ur5e()
    at = arm.limits
    position = np.array(at.position)
    position[0] = [0.0, 0.15]
    T0 = arm.fk(READY)
    tight = arm.with_limits(Limits(position, at.velocity, at.acceleration, at.jerk, at.tcp))
    with pytest.raises(Unreachable, match="limit of joint 1"):
        line(tight, T0, moved(T0, [0.0, 0.2, 0], [0, 0, 0]), READY)


def test_a_line_across_the_shoulder_axis_is_refused() -> None:
    arm = ANALYTIC["irb1200"]()
    q = arm.ik(pose(rotation([1, 0, 0], np.pi), [0.2, 0.0, 0.5]), near=np.zeros(6)).q[0]
    T0 = arm.fk(q)
    with pytest.raises(Unreachable):
        line(arm, T0, moved(T0, [-0.4, 0, 0], [0, 0, 0]), q)


def test_segments_are_values_and_interpolate_to_one_trajectory_with_rests() -> None:
    arm = ur5e()
    T = moved(arm.fk(READY), [0, 0, -0.06], [0, 0, 0])
    moves = (JointMove(tuple(READY)), LinearMove.to(T, speed=0.5), LinearMove.to(arm.fk(READY)))
    assert hash(moves) == hash((JointMove(tuple(READY)), LinearMove(to_xyz_quaternion(T), 0.5), moves[2]))
    home = np.radians([0, -90, 90, -90, -90, 0])
    run = interpolate(arm, home, moves)
    assert np.array_equal(run.start, home)
    assert run.end == pytest.approx(READY, abs=1e-6)
    first = interpolate(arm, home, moves[:1]).duration
    assert np.abs(run.sample(first)[1]).max() < 1e-6
    assert interpolate(arm, home, ()).duration == 0.0


def test_a_joint_move_past_a_limit_is_refused_with_its_segment() -> None:
    arm = ur5e()
    with pytest.raises(Unreachable, match=r"segment 2 of 2.*joint 3"):
        interpolate(arm, READY, (JointMove(tuple(READY)), JointMove((0.0, 0.0, 3.5, 0.0, 0.0, 0.0))))


def test_malformed_segments_are_refused() -> None:
    with pytest.raises(ValueError, match="length"):
        LinearMove((0, 0, 0, 0, 0, 0, 2.0))
    with pytest.raises(ValueError, match="fraction"):
        JointMove((0.0,), speed=2.0)
