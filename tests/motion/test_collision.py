"""The collision kernels against brute force over the arm's capsules."""

from __future__ import annotations

import numpy as np

from robocell.motion.clearance import Box, arm_capsules, capsule_distance, segment_distance
from robocell.motion.kernels import collision, gaps
from robocell.motion.packing import Record, pack, pieces_of
from robocell.motion.rigid import pose, rotations
from tests.motion.arms import ur5e

PAIRS = [(i, j) for i in range(7) for j in range(i + 2, 7)]


def test_distances_and_contacts_equal_brute_force_over_all_capsules() -> None:
    arm, count = ur5e(), 300
    rng = np.random.Generator(np.random.PCG64(3))
    records, boxes = [], []
    for i in range(16):
        at = rng.normal(size=3)
        where = pose(rotations(rng.normal(size=3) * (i % 2)), at * rng.uniform(0.4, 1.1) / np.linalg.norm(at))
        half = rng.uniform(0.03, 0.15, 3)
        records.append(Record(gaps.BOX, where, half, half))
        boxes.append(Box(where, 2.0 * half))
    q = rng.uniform(-np.pi, np.pi, (count, 6))
    p0, p1, radius = arm_capsules(arm, q)
    link = np.array([capsule.link for capsule in arm.capsules])
    around, itself = np.full(count, np.inf), np.full(count, np.inf)
    for box in boxes:
        each = capsule_distance(p0, p1, np.broadcast_to(radius, p0.shape[:2]), box)
        around = np.minimum(around, each[:, link > 0].min(axis=1))
    for i, a in enumerate(link):
        for j, b in enumerate(link):
            if (a, b) in PAIRS:
                each = segment_distance(p0[:, i], p1[:, i], p0[:, j], p1[:, j]) - radius[i] - radius[j]
                itself = np.minimum(itself, each)

    full = pack(arm, records, pieces_of(arm), PAIRS)
    least, which = np.zeros(count), np.zeros(2 * count, dtype=np.int64)
    collision.distance(q.ravel(), full.data, full.layout, full.work, least, which)
    assert np.abs(least - np.minimum(around, itself)).max() < 1e-8
    for margin in (0.0, 0.02):
        near = pack(arm, records, pieces_of(arm), PAIRS, margin)
        hit = np.zeros(count, dtype=np.uint8)
        collision.collide(q.ravel(), margin, near.data, near.layout, near.work, hit)
        assert np.array_equal(hit.astype(bool), (around <= margin) | (itself <= 0.0))
        for row in range(20):
            assert collision.clear(q[row], margin, near.data, near.layout, near.work) == (not hit[row])
