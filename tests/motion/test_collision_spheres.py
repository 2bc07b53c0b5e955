"""The quick kernel for arms of spheres, against plain distances, and the kernels that planning is made of."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import TILE, collision_spheres, planning
from robocell.motion.kernels.chance import uniform
from robocell.motion.obstacles import Box, CapsuleObstacle, Cylinder, Sphere, Volume
from robocell.motion.packing import Packed
from robocell.motion.rigid import Floats, pose
from robocell.motion.sphere_packing import MOST, sphere_pack
from tests.motion.plain.planning import nearest, tile_samples, touches
from tests.motion.shapes import random_arm, random_obstacles, rng

KNOWN = (Box, Cylinder, Sphere, CapsuleObstacle)


def balls(arm: Arm) -> Arm:
    """The same arm with a sphere at both ends of each capsule."""
    ends = [Capsule(c.link, p, p, c.radius) for c in arm.capsules for p in (c.p0, c.p1)]
    return replace(arm, capsules=tuple(ends))


def packed(arm: Arm, volumes: list[Volume], pairs: list[tuple[int, int]], held: tuple[Capsule, ...] = ()) -> Packed:
    return sphere_pack(arm, [volume.record() for volume in volumes], held, pairs)


def clear(at: Packed, q: Floats, margin: float = 0.0) -> list[bool]:
    return [collision_spheres.clear(row, margin, at.data, at.layout, at.work) for row in q]


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 8), count=st.integers(0, 25), margin=st.sampled_from([0.0, 0.05]))
def test_a_configuration_is_clear_where_plain_distances_say_so(seed: int, n: int, count: int, margin: float) -> None:
    arm = balls(random_arm(seed, n))
    volumes: list[Volume] = [v for v in random_obstacles(seed, count) if isinstance(v, KNOWN)]
    pairs = [pair for pair in combinations(range(n + 1), 2) if pair[1] - pair[0] > 2]
    q = rng(seed).uniform(-np.pi, np.pi, (20, n))
    at = packed(arm, volumes, pairs)
    assert clear(at, q, margin) == (~touches(arm, q, volumes, pairs, margin)).tolist()


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), far=st.floats(0.0, 3.0), step=st.sampled_from([1 / 32, 0.2]))
def test_a_move_is_clear_where_all_its_samples_are(seed: int, far: float, step: float) -> None:
    arm = balls(random_arm(seed, 6))
    volumes: list[Volume] = [v for v in random_obstacles(seed, 4) if isinstance(v, KNOWN)]
    pairs = [(0, 3), (1, 5)]
    at = packed(arm, volumes, pairs)
    for a in rng(seed).uniform(-np.pi, np.pi, (5, 6)):
        b = a + far * rng(seed + 1).normal(size=6) / np.sqrt(6.0)
        expected = not touches(arm, tile_samples(a, b, step), volumes, pairs).any()
        assert collision_spheres.edge_clear(a, b, step, 0.0, at.data, at.layout, at.work) == expected


def test_a_move_is_looked_at_to_its_very_end_and_not_at_its_beginning() -> None:
    arm = balls(random_arm(3, 2))
    arm = replace(arm, capsules=(Capsule(2, np.zeros(3), np.zeros(3), 0.01),))
    a, b = np.array([0.1, 0.2]), np.array([0.9, -0.4])
    for q, expected in ((a, True), (b, False)):
        ball = Sphere(arm.fk(q, links=True)[2, :3, 3], 1e-3)
        at = packed(arm, [ball], [])
        assert collision_spheres.edge_clear(a, b, 1 / 32, -0.0109, at.data, at.layout, at.work) == expected


def test_what_is_held_goes_with_the_tool() -> None:
    arm = replace(balls(random_arm(11, 4)), tool=pose(None, [0.0, 0.1, 0.3]))
    q = np.array([[0.3, -0.2, 0.5, 0.1]])
    part = Capsule(0, np.array([0.0, 0.0, 0.05]), np.array([0.0, 0.0, 0.05]), 0.02)
    there = (arm.fk(q[0]) @ np.array([0.0, 0.0, 0.05, 1.0]))[:3]
    alone = replace(arm, capsules=())
    assert clear(packed(alone, [Sphere(there, 0.01)], []), q) == [True]
    assert clear(packed(alone, [Sphere(there, 0.01)], [], (part,)), q) == [False]


def test_more_spheres_than_fit_one_group_are_all_looked_at() -> None:
    arm = random_arm(2, 1)
    row = [np.array([0.1 * k, 0.0, 0.0]) for k in range(3 * MOST + 1)]
    arm = replace(arm, capsules=tuple(Capsule(1, p, p, 0.02) for p in row))
    q = np.array([[0.4]])
    frame = arm.fk(q[0], links=True)[1]
    for p in row:
        touched = packed(arm, [Sphere(frame[:3, :3] @ p + frame[:3, 3], 0.01)], [])
        assert clear(touched, q) == [False]


@settings(max_examples=60)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 8), count=st.integers(1, 3 * TILE + 1))
def test_the_nearest_node_is_the_plain_one(seed: int, n: int, count: int) -> None:
    chance = rng(seed)
    points, q, weight = chance.normal(size=(count, n)), chance.normal(size=n), chance.uniform(0.1, 3.0, n)
    tiles = -(-count // TILE)
    padded = np.full((tiles * TILE, n), np.inf)
    padded[:count] = points
    rows = np.concatenate([np.zeros(n * TILE), padded.reshape(tiles, TILE, n).transpose(0, 2, 1).ravel()])
    found = planning.nearest(rows, TILE, count, q, weight, np.empty(3 * TILE))
    expected = nearest(points, q, weight)
    assert found[0] == expected[0]
    assert found[1] == pytest.approx(expected[1], rel=1e-12)


def test_samples_fill_the_cube_evenly_for_every_seed() -> None:
    for seed in (0, 1, -5, 2**62):
        shift, stride = planning.sequence(6, seed)
        points = (shift + np.arange(1, 4097)[:, None] * stride) % 1.0
        counts = np.histogramdd(points[:, :3], bins=4, range=[(0, 1)] * 3)[0]
        assert counts.min() > 48  # 64 on average; chance alone would have a deviation of 8
        assert counts.max() < 80


def test_chance_is_even_and_seeds_differ() -> None:
    states = np.array([7]), np.array([8])
    one, two = (np.array([uniform(state) for _ in range(20000)]) for state in states)
    for drawn in (one, two):
        assert drawn.min() >= 0.0
        assert drawn.max() < 1.0
        assert np.abs(np.histogram(drawn, bins=20, range=(0, 1))[0] - 1000).max() < 150
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.03
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.03
