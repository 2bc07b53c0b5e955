"""Moves that pass by their corners: quicker, within every limit, on their lines where no blend touches them."""

from dataclasses import replace

import numpy as np
import pytest

import robocell
from robocell.motion import Arm, JointMove, LinearMove, Trajectory, interpolate
from robocell.motion.rigid import pose, rotation
from robocell.motion.segments import Segment

UR5E = robocell.load_arm("universal-robots/ur5e", gripper="robotiq/2f-85")
KUKA = robocell.load_arm("kuka/kr6-r900")
HOME = np.radians([0.0, -90.0, 90.0, -90.0, -90.0, 0.0])
KUKA_HOME = np.radians([0.0, -90.0, 90.0, 0.0, 90.0, 0.0])
DOWN = rotation([1.0, 0.0, 0.0], np.pi)
CASES = [(UR5E, HOME), (KUKA, KUKA_HOME)]


def pick(arm: Arm, home: np.ndarray, seed: int, blend: float) -> list[Segment]:
    """A joint move over a random place in front of the arm, and a line down."""
    chance = np.random.default_rng(seed)  # noqa: TID251
    angle, reach = chance.uniform(-1.5, 1.5), chance.uniform(0.4, 0.55)
    turned = rotation([0.0, 0.0, 1.0], chance.uniform(-1.0, 1.0)) @ DOWN
    over, at = (
        pose(turned, [reach * np.cos(angle), reach * np.sin(angle), z]) for z in (0.3, 0.3 - chance.uniform(0.05, 0.2))
    )
    q = arm.ik(over, near=home).q[0]
    return [JointMove(tuple(q.tolist()), blend=blend), LinearMove.to(at)]


def sampled(way: Trajectory, count: int = 4001) -> tuple[np.ndarray, np.ndarray]:
    t = np.linspace(0.0, way.duration, count)
    return t, np.stack(way.sample(t))


@pytest.mark.parametrize(("arm", "home"), CASES, ids=["ur5e", "kr6"])
@pytest.mark.parametrize("seed", range(6))
def test_passing_by_is_quicker_than_stopping_and_ends_at_the_same_place(arm: Arm, home: np.ndarray, seed: int) -> None:
    stopping = interpolate(arm, home, pick(arm, home, seed, 0.0))
    passing = interpolate(arm, home, pick(arm, home, seed, 0.05))
    assert passing.duration < stopping.duration - 0.02
    assert np.abs(passing.end - stopping.end).max() < 1e-9
    assert np.abs(passing.position(passing.duration) - stopping.end).max() < 1e-9
    assert (passing.start == home).all()
    _, (_, qd, qdd) = sampled(passing)
    assert np.abs(np.stack([qd[0], qd[-1], qdd[0], qdd[-1]])).max() < 1e-3


@pytest.mark.parametrize(("arm", "home"), CASES, ids=["ur5e", "kr6"])
@pytest.mark.parametrize("seed", range(6))
def test_all_limits_hold_on_the_way(arm: Arm, home: np.ndarray, seed: int) -> None:
    way = interpolate(arm, home, pick(arm, home, seed, 0.05))
    t, (q, qd, qdd) = sampled(way)
    limits = arm.limits
    assert (np.abs(qd) <= limits.velocity * 1.001).all()
    assert (np.abs(qdd) <= limits.acceleration * 1.001).all()
    jerk = np.diff(qdd, axis=0) / np.diff(t)[:, None]
    assert (np.abs(jerk) <= limits.jerk * 1.001).all()
    assert np.abs(np.gradient(q, t, axis=0)[1:-1] - qd[1:-1]).max() < 2e-3


@pytest.mark.parametrize(("arm", "home"), CASES, ids=["ur5e", "kr6"])
@pytest.mark.parametrize("seed", range(6))
def test_the_half_of_a_line_away_from_the_corner_is_straight(arm: Arm, home: np.ndarray, seed: int) -> None:
    segments = pick(arm, home, seed, 0.3)
    line = segments[1]
    assert isinstance(line, LinearMove)
    over, at = arm.fk(np.array(segments[0].target))[:3, 3], line.pose[:3, 3]
    _, (q, _, _) = sampled(interpolate(arm, home, segments))
    tcp = arm.fk(q)
    along = over - at
    share = (tcp[:, :3, 3] - at) @ along / (along @ along)
    off = np.linalg.norm(tcp[:, :3, 3] - at - share[:, None] * along, axis=1)
    low = share < 0.5
    low[: int(np.argmax(share > 0.9))] = False  # before it came to the line at all
    assert off[low].max() < 1e-4
    assert np.abs(tcp[low][:, :3, :3] - line.pose[:3, :3]).max() < 1e-3
    assert share.min() > -1e-6


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("blend", [0.01, 0.05])
def test_no_joint_passes_a_corner_by_more_than_the_blend(seed: int, blend: float) -> None:
    chance = np.random.default_rng(seed)  # noqa: TID251
    corners = HOME + chance.uniform(-1.0, 1.0, (3, 6))
    way = interpolate(UR5E, HOME, [JointMove(tuple(c.tolist()), blend=blend) for c in corners])
    _, (q, _, _) = sampled(way)
    for corner in corners:
        assert np.abs(q - corner).max(axis=1).min() <= blend * 1.001 + 1e-6


def test_the_tool_keeps_its_own_limits_on_lines() -> None:
    slow = replace(UR5E.limits, tcp=replace(UR5E.limits.tcp, velocity=0.1, acceleration=0.5, jerk=5.0))
    arm = UR5E.with_limits(slow)
    segments = pick(arm, HOME, 3, 0.05)
    line = segments[1]
    assert isinstance(line, LinearMove)
    t, (q, _, _) = sampled(interpolate(arm, HOME, segments))
    p = arm.fk(q)[:, :3, 3]
    over = arm.fk(np.array(segments[0].target))[:3, 3]
    length = np.linalg.norm(over - line.pose[:3, 3])
    speed = np.linalg.norm(np.diff(p, axis=0), axis=1) / np.diff(t)
    late = np.linalg.norm(p[1:] - line.pose[:3, 3], axis=1) < 0.45 * length
    assert speed[late].max() <= 0.1 * 1.002
    assert speed[~late].max() > 0.2


def test_a_line_back_and_a_move_on_pass_by_too() -> None:
    down = pick(UR5E, HOME, 1, 0.0)
    seat = interpolate(UR5E, HOME, down).end
    over = UR5E.fk(np.array(down[0].target))
    stopping = interpolate(UR5E, seat, [LinearMove.to(over), JointMove(tuple(HOME.tolist()))])
    passing = interpolate(UR5E, seat, [LinearMove.to(over, blend=0.05), JointMove(tuple(HOME.tolist()))])
    assert passing.duration < stopping.duration - 0.02
    assert np.abs(passing.end - HOME).max() < 1e-12


def test_moves_at_different_speeds_stop_between_them() -> None:
    moves = [JointMove(tuple((HOME + d).tolist()), speed=s, blend=0.05) for d, s in ((0.5, 1.0), (1.0, 0.5))]
    way = interpolate(UR5E, HOME, moves)
    stop = interpolate(UR5E, HOME, moves[:1])
    assert np.abs(way.sample(stop.duration)[1]).max() < 1e-6
    assert np.abs(way.position(stop.duration) - moves[0].target).max() < 1e-9


def test_the_last_move_s_blend_means_nothing() -> None:
    target = tuple((HOME + 0.3).tolist())
    with_blend, without = (interpolate(UR5E, HOME, [JointMove(target, blend=b)]) for b in (0.1, 0.0))
    assert with_blend.duration == without.duration


@pytest.mark.parametrize("blend", [-0.1, float("nan"), float("inf")])
def test_a_blend_that_is_no_distance_is_refused(blend: float) -> None:
    with pytest.raises(ValueError, match="blend"):
        JointMove(tuple(HOME.tolist()), blend=blend)
