"""Distances against brute force over sampled points, and clearance along a trajectory."""

from __future__ import annotations

import numpy as np
import pytest

from robocell.motion import Capsule, point_to_point
from robocell.motion.clearance import (
    Box,
    Cylinder,
    ViewCone,
    Volume,
    arm_capsules,
    capsule_distance,
    clear_of,
    last_clear,
    least_distance,
    segment_distance,
)
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ur5e

HOME = np.radians([0, -90, 90, -90, -90, 0])


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def surface(volume: Volume) -> np.ndarray:
    """Points that fill a volume densely, made from its description alone."""
    if isinstance(volume, Box):
        axes = [np.linspace(-s / 2, s / 2, 41) for s in volume.size]
        local = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)
        return np.asarray(local @ volume.pose[:3, :3].T + volume.pose[:3, 3])
    angle, r, h = np.meshgrid(np.linspace(0, 2 * np.pi, 73), np.linspace(0, 1, 21), np.linspace(0, 1, 41))
    if isinstance(volume, Cylinder):
        xyz = [
            volume.radius * r * np.cos(angle),
            volume.radius * r * np.sin(angle),
            volume.height * (h - 0.5),
        ]
        return np.asarray(np.stack(xyz, axis=-1).reshape(-1, 3) @ volume.pose[:3, :3].T + volume.pose[:3, 3])
    assert isinstance(volume, ViewCone)
    axis = volume.centre - volume.apex
    u = np.cross(axis, [0.3, 0.5, 0.8])
    u /= np.linalg.norm(u)
    w = np.cross(axis / np.linalg.norm(axis), u)
    rim = np.cos(angle)[..., None] * u + np.sin(angle)[..., None] * w
    points = volume.apex + h[..., None] * (axis + volume.radius * r[..., None] * rim)
    return np.asarray(points.reshape(-1, 3))


VOLUMES = [
    Box(pose(rotation([0, 0.6, 0.8], 0.7), [0.2, -0.1, 0.3]), np.array([0.4, 0.2, 0.3])),
    Cylinder(pose(rotation([1, 0, 0], 0.5), [0.1, 0.2, 0.3]), 0.15, 0.4),
    ViewCone(np.array([0.1, 0.0, 0.7]), np.array([0.2, -0.2, 0.1]), 0.2),
]


@pytest.mark.parametrize("volume", VOLUMES, ids=lambda v: type(v).__name__)
def test_capsule_distance_equals_brute_force(volume: Volume) -> None:
    filling = surface(volume)
    p0, p1 = rng(1).normal(size=(2, 60, 3)) * 0.5
    mine = capsule_distance(p0, p1, np.full(60, 0.05), volume)
    for i in range(60):
        d = p1[i] - p0[i]
        s = np.clip((filling - p0[i]) @ d / (d @ d), 0, 1)
        brute = np.linalg.norm(p0[i] + s[:, None] * d - filling, axis=1).min() - 0.05
        assert mine[i] <= brute + 1e-7
        assert mine[i] >= brute - 0.02, "the filling's grid is about 2 cm"
    clear = clear_of(p0[:, None], p1[:, None], np.array([0.05]), [volume], margin=0.03)
    assert np.array_equal(clear, mine > 0.03)


def test_segment_distance_equals_brute_force_and_takes_points_and_parallels() -> None:
    p0, p1, q0, q1 = rng(2).normal(size=(4, 200, 3))
    p1[:20] = p0[:20]
    q1[10:30] = q0[10:30]
    q1[30:60] = q0[30:60] + 0.7 * (p1[30:60] - p0[30:60])
    mine = segment_distance(p0, p1, q0, q1)
    s = np.linspace(0, 1, 201)
    a = p0[:, None] + s[:, None] * (p1 - p0)[:, None]
    b = q0[:, None] + s[:, None] * (q1 - q0)[:, None]
    for i in range(200):
        brute = np.linalg.norm(a[i][:, None] - b[i][None], axis=2).min()
        assert brute - 0.05 <= mine[i] <= brute + 1e-12


def test_arm_capsules_sit_on_their_links_flange_and_tcp() -> None:
    arm = ur5e().with_tool(pose(None, [0, 0, 0.15]))
    extra = Capsule(0, np.zeros(3), np.array([0, 0, 0.1]), 0.03)
    p0, p1, radius = arm_capsules(arm, HOME, flange=[extra], tcp=[extra])
    assert p0.shape == p1.shape == (1, len(arm.capsules) + 2, 3)
    assert radius[-1] == 0.03
    links = arm.fk(HOME, links=True)
    upper = arm.capsules[2]
    assert p1[0, 2] == pytest.approx((links[2] @ [*upper.p1, 1.0])[:3])
    assert p0[0, -1] == pytest.approx(arm.fk(HOME)[:3, 3])
    assert p0[0, -2] == pytest.approx(links[-1][:3, 3])
    assert arm_capsules(arm, HOME, base=False)[0].shape[1] == len(arm.capsules) - 1


def test_last_clear_is_the_last_moment_before_the_arm_enters() -> None:
    arm = ur5e()
    there = HOME + np.array([1.5, 0.2, 0, 0, 0, 0])
    run = point_to_point(HOME, there, arm.limits)
    tip = arm.fk(there)[:3, 3]
    view = ViewCone(tip + np.array([0, 0, 0.5]), tip - np.array([0, 0, 0.1]), 0.08)
    t = last_clear(arm, run, [view], margin=0.02, step=0.01)
    assert t is not None
    assert 0.0 < t < run.duration
    before = np.linspace(0, t, 40)
    q = run.sample(before)[0]
    assert clear_of(*arm_capsules(arm, q, base=False), [view], 0.02 - 1e-3).all()
    assert not clear_of(*arm_capsules(arm, run.sample(t + 0.0101)[0], base=False), [view], 0.02).all()
    assert last_clear(arm, run.reversed(), [view]) is None
    away = ViewCone(np.array([5.0, 0, 1]), np.array([5.0, 0, 0]), 0.1)
    assert last_clear(arm, run, [away]) == run.duration


def test_least_distance_names_time_and_volume_and_shrinks_as_the_volume_comes_nearer() -> None:
    arm = ur5e()
    run = point_to_point(HOME, HOME + np.eye(6)[0], arm.limits)
    boxes = [Box(pose(None, [x, 0.0, -0.5]), np.array([0.2, 0.2, 0.2])) for x in (3.0, 0.5)]
    distance, when, which = least_distance(arm, run, boxes)
    assert which == 1
    assert 0.0 <= when <= run.duration
    assert distance > 0.0
    closer = Box(pose(None, [0.5, 0.0, -0.4]), np.array([0.2, 0.2, 0.2]))
    assert least_distance(arm, run, [closer])[0] < distance
    assert least_distance(arm, run, [])[2] == -1


def test_volumes_without_size_are_refused() -> None:
    with pytest.raises(ValueError, match="size of a box must be positive"):
        Box(np.eye(4), np.array([1.0, 0.0, 1.0]))
    with pytest.raises(ValueError, match="depth"):
        ViewCone(np.zeros(3), np.zeros(3), 0.1)
