"""The plain distances that kernels are compared with, against brute force over points; and where capsules are."""

from __future__ import annotations

import numpy as np
import pytest

from robocell.motion import Capsule
from robocell.motion.clearance import arm_capsules
from robocell.motion.obstacles import Box, ConvexMesh, Cylinder, ViewCone, Volume
from robocell.motion.rigid import pose, rotation
from tests.motion.arms import ur5e
from tests.motion.plain.clearance import capsule_distance, segment_distance

HOME = np.radians([0, -90, 90, -90, -90, 0])


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def filling(volume: Volume) -> np.ndarray:
    """Points that fill a volume densely, made from its description alone."""
    if isinstance(volume, Box):
        axes = [np.linspace(-s / 2, s / 2, 41) for s in volume.size]
        local = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, 3)
        return np.asarray(local @ volume.pose[:3, :3].T + volume.pose[:3, 3])
    if isinstance(volume, ConvexMesh):
        weights = rng(7).dirichlet(np.full(len(volume.vertices), 0.3), 40_000)
        local = np.concatenate([weights @ volume.vertices, volume.vertices])
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
    ConvexMesh(pose(rotation([0, 0.6, 0.8], 0.7), [0.2, -0.1, 0.3]), rng(5).normal(size=(6, 3)) * 0.12),
]


@pytest.mark.parametrize("volume", VOLUMES, ids=lambda v: type(v).__name__)
def test_capsule_distance_equals_brute_force(volume: Volume) -> None:
    points = filling(volume)
    p0, p1 = rng(1).normal(size=(2, 60, 3)) * 0.5
    mine = capsule_distance(p0, p1, np.full(60, 0.05), volume)
    for i in range(60):
        d = p1[i] - p0[i]
        s = np.clip((points - p0[i]) @ d / (d @ d), 0, 1)
        brute = np.linalg.norm(p0[i] + s[:, None] * d - points, axis=1).min() - 0.05
        assert mine[i] <= brute + 1e-7
        assert mine[i] >= brute - 0.02, "the filling's grid is about 2 cm"


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
