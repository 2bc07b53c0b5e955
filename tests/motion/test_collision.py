"""The collision kernels against their plain twins: all kinds of arms, obstacles and corner cases."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import TILE, collision
from robocell.motion.obstacles import Box, ConvexMesh, Sphere, Volume
from robocell.motion.packing import Packed, pack, pieces_of
from robocell.motion.rigid import Floats, pose
from tests.motion.arms import irb1200, ur5e
from tests.motion.plain.clearance import environment_distance, self_distance
from tests.motion.shapes import random_arm, random_obstacles, rng, sliding_arm, sphere_arm

ARMS = {"capsules": ur5e, "spheres": sphere_arm, "sliding": sliding_arm}
NEAR = 1e-6


def all_pairs(arm: Arm) -> list[tuple[int, int]]:
    return [(i, j) for i in range(arm.n + 1) for j in range(i + 2, arm.n + 1)]


def configurations(arm: Arm, count: int, seed: int = 5) -> Floats:
    low, high = np.clip(arm.limits.position, -np.pi, np.pi).T
    return rng(seed).uniform(low, high, (count, arm.n))


def collides(arm: Arm, volumes: list[Volume], q: Floats, margin: float, held: list[Capsule]) -> np.ndarray:
    at = pack(arm.joints, [v.record() for v in volumes], pieces_of(arm, held), all_pairs(arm), margin)
    hit = np.zeros(len(q), dtype=np.uint8)
    collision.collide(q.ravel(), margin, at.data, at.layout, at.work, hit)
    return hit.astype(bool)


def nearest(arm: Arm, volumes: list[Volume], q: Floats, held: list[Capsule]) -> tuple[Floats, np.ndarray, Packed]:
    at = pack(arm.joints, [v.record() for v in volumes], pieces_of(arm, held), all_pairs(arm))
    least, which = np.zeros(len(q)), np.zeros(2 * len(q), dtype=np.int64)
    collision.distance(q.ravel(), at.data, at.layout, at.work, least, which)
    return least, which.reshape(-1, 2), at


def compare(arm: Arm, volumes: list[Volume], q: Floats, margin: float, held: list[Capsule]) -> int:
    """Compare kernels with their twins; return how many configurations collide."""
    around = environment_distance(arm, q, volumes, held)
    outside, itself = around.min(axis=1, initial=np.inf), self_distance(arm, q, all_pairs(arm), held)
    hit = collides(arm, volumes, q, margin, held)
    sure = (np.abs(outside - margin) > NEAR) & (np.abs(itself) > NEAR)
    expected = (outside <= margin) | (itself <= 0.0)
    assert np.array_equal(hit[sure], expected[sure])
    least, which, at = nearest(arm, volumes, q, held)
    both = np.minimum(outside, itself)
    finite = np.isfinite(both)
    assert np.array_equal(finite, np.isfinite(least))
    assert np.abs(least[finite] - both[finite]).max(initial=0.0) < NEAR
    for row in np.flatnonzero(finite):
        if which[row, 1] >= 0:
            assert around[row, which[row, 1]] == pytest.approx(least[row], abs=NEAR)
        else:
            pair = at.pieces[which[row, 0]].link, at.pieces[-1 - which[row, 1]].link
            assert self_distance(arm, q[row : row + 1], [pair], held)[0] == pytest.approx(least[row], abs=NEAR)
    return int(hit.sum())


@pytest.mark.parametrize("kind", ARMS)
@pytest.mark.parametrize("margin", [0.0, 0.03])
def test_contacts_and_distances_equal_the_plain_ones(kind: str, margin: float) -> None:
    arm = ARMS[kind]()
    held = [Capsule(0, np.zeros(3), np.array([0.0, 0.05, 0.1]), 0.02)]
    q = configurations(arm, 150)
    hits = compare(arm, random_obstacles(11, 24), q, margin, held) + compare(arm, random_obstacles(3, 4), q, margin, [])
    assert 30 < hits < 270


@given(
    seed=st.integers(0, 10_000), n=st.integers(1, 8), obstacles=st.integers(0, 20), margin=st.sampled_from([0.0, 0.05])
)
@example(seed=1, n=8, obstacles=0, margin=0.0)
@example(seed=2, n=1, obstacles=17, margin=0.0)
@settings(max_examples=25)
def test_any_chain_among_any_obstacles_equals_the_plain_twin(seed: int, n: int, obstacles: int, margin: float) -> None:
    arm = random_arm(seed, n)
    compare(arm, random_obstacles(seed, obstacles), configurations(arm, 24, seed), margin, [])


@pytest.mark.parametrize("count", [0, 1, TILE - 1, TILE, TILE + 1])
def test_a_row_is_the_same_in_any_batch(count: int) -> None:
    arm, volumes = sphere_arm(), random_obstacles(2, 12)
    q = configurations(arm, 3 * TILE)
    whole, least = collides(arm, volumes, q, 0.0, []), nearest(arm, volumes, q, [])[0]
    assert np.array_equal(collides(arm, volumes, q[5 : 5 + count], 0.0, []), whole[5 : 5 + count])
    assert np.array_equal(nearest(arm, volumes, q[5 : 5 + count], [])[0], least[5 : 5 + count])


def test_an_edge_is_clear_where_all_its_samples_are_and_its_start_does_not_count() -> None:
    arm = sphere_arm()
    volumes = random_obstacles(4, 6)
    at = pack(arm.joints, [v.record() for v in volumes], pieces_of(arm), [], 0.01)
    ends = configurations(arm, 80)
    both = [0, 0]
    for i, (a, b) in enumerate(zip(ends, ends[1:], strict=False)):
        step = (0.02, 0.2, 7.0)[i % 3]
        b = a + 0.4 * (b - a)
        count = max(int(np.ceil(np.abs(b - a).max() / step)), 1)
        q = a + np.arange(1, count + 1)[:, None] / count * (b - a)
        hit = np.zeros(count, dtype=np.uint8)
        collision.collide(q.ravel(), 0.01, at.data, at.layout, at.work, hit)
        clear = collision.edge_clear(a, b, step, 0.01, at.data, at.layout, at.work)
        assert clear == (not hit.any())
        both[clear] += 1
        assert collision.clear(b, 0.01, at.data, at.layout, at.work) == (not hit[-1])
    assert min(both) > 10


def test_an_arm_without_capsules_and_an_empty_scene_touch_nothing() -> None:
    q = configurations(irb1200(), 20)
    assert not collides(irb1200(), random_obstacles(1, 9), q, 0.1, []).any()
    assert np.isinf(nearest(irb1200(), random_obstacles(1, 9), q, [])[0]).all()
    arm = ur5e()
    at = pack(arm.joints, [], pieces_of(arm), [])
    least, which = np.zeros(1), np.zeros(2, dtype=np.int64)
    collision.distance(np.zeros(6), at.data, at.layout, at.work, least, which)
    assert np.isinf(least[0])
    assert which.tolist() == [-1, -1]


@pytest.mark.parametrize("length", [0.0, 0.25])
def test_a_contact_exactly_at_the_margin_counts_and_one_just_off_it_does_not(length: float) -> None:
    """One joint, figures that are sums of powers of two: the gap is exactly 0.25 m."""
    arm = random_arm(0, 1)
    shape = [Capsule(1, np.zeros(3), np.array([0.0, 0.0, length]), 0.125)]
    for obstacle in (
        Box(pose(None, [0.625, 0.0, 0.125]), np.array([0.5, 1.0, 1.0])),
        Sphere(np.array([0.625, 0.0, 0.0]), 0.25),
        ConvexMesh(
            pose(None, [0.375, 0.0, 0.0]), np.array([[0, -1, -1], [0, 1, -1], [0, 0, 2], [1, 0, 0]], dtype=float)
        ),
    ):
        joint = replace(arm.joints[0], origin=np.eye(4), axis=np.array([0.0, 0.0, 1.0]), kind="revolute")
        one = replace(arm, joints=(joint,), capsules=tuple(shape))
        assert collides(one, [obstacle], np.zeros((1, 1)), 0.25 + 1e-12, [])[0]
        assert not collides(one, [obstacle], np.zeros((1, 1)), 0.25 - 1e-7, [])[0]
        if not isinstance(obstacle, ConvexMesh):
            assert collides(one, [obstacle], np.zeros((1, 1)), 0.25, [])[0]


def test_a_point_deep_inside_is_as_far_in_as_its_radius() -> None:
    arm = sphere_arm()
    everywhere = Box(pose(), np.full(3, 10.0))
    least, _, _ = nearest(arm, [everywhere], configurations(arm, 10), [])
    assert least.max() <= -min(c.radius for c in arm.capsules)
    assert collides(arm, [everywhere], configurations(arm, 10), 0.0, []).all()
