from __future__ import annotations

import numpy as np
import pytest

from robocell.vision.kernels import pattern_coarse as coarse
from robocell.vision.kernels import pattern_fine as fine
from tests.vision.plain import pattern as plain


def numbers(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize("step", [1, 2, 4, 8, 16])
@pytest.mark.parametrize("corner", [(0, 0), (3, 5), (-7, -20), (60, 50), (200, 300), (-500, -1)])
def test_block_means(step: int, corner: tuple[int, int]) -> None:
    for image in (numbers(step).integers(0, 256, (70, 93), dtype=np.uint8), np.full((70, 93), 255, np.uint8)):
        out = np.empty((6, 7), np.float32)
        coarse.block_means(image, *corner, step, np.empty(-(-7 * step // 4) * 4, np.uint16), out)
        assert out == pytest.approx(plain.block_means(image, *corner, step, (6, 7)), abs=1e-3)


@pytest.mark.parametrize("size", [(20, 31), (3, 40), (9, 1)])
def test_flatten(size: tuple[int, int]) -> None:
    picture = numbers(1).uniform(0, 255, size).astype(np.float32)
    out = np.empty_like(picture)
    coarse.flatten(picture, 4, 8.0, out, np.empty(2 * size[1] + 8, np.float32))
    assert out == pytest.approx(plain.flatten(picture, 4, 8.0), abs=0.02)


def test_correlate_and_peaks() -> None:
    rng = numbers(2)
    picture = rng.normal(0, 40, (40, 53)).astype(np.float32)
    picture[:12, :20] = 7  # even: correlates with nothing
    turned = rng.normal(0, 1, (6, 9, 8)).astype(np.float32)
    turned -= turned.mean(axis=(1, 2), keepdims=True)
    turned /= np.sqrt((turned**2).sum(axis=(1, 2), keepdims=True))
    best = np.empty((32, 46), np.float32)
    which = np.empty(best.shape, np.uint8)
    coarse.correlate(picture, turned, best, which, np.empty(2 * 53 + 4 * 46, np.float32))
    every = plain.correlate(picture, turned, coarse.LEAST_POWER)
    assert best == pytest.approx(every.max(axis=0), abs=2e-4)
    assert np.take_along_axis(every, which[None].astype(int), 0)[0] == pytest.approx(every.max(axis=0), abs=4e-4)
    for most in (5, 500):
        places, values = np.empty((most, 2), np.int64), np.empty(most)
        count = coarse.peaks(best, 0.2, places, values)
        expected = plain.peaks(best, 0.2)[:most]
        assert count == len(expected)
        assert [(v, *p) for v, p in zip(values[:count], places[:count].tolist(), strict=True)] == expected


@pytest.mark.parametrize("size", [(9, 12), (2, 2), (30, 3)])
def test_smooth(size: tuple[int, int]) -> None:
    picture = numbers(3).uniform(0, 255, size).astype(np.float32)
    expected = plain.smooth(picture)
    fine.smooth(picture, np.empty((2, size[1]), np.float32))
    assert picture == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("covered", [False, True])
def test_refine_and_its_agreement(covered: bool) -> None:
    y, x = np.indices((80, 90)).astype(float)
    picture = (120 + 50 * np.sin(x / 5 + y / 9) + 40 * np.cos(y / 4 - x / 13)).astype(np.float32)
    v, u = (g.ravel() - 12.0 for g in np.indices((25, 25)))
    level = 0.8 * (120 + 50 * np.sin((u + 45) / 5 + (v + 40) / 9) + 40 * np.cos((v + 40) / 4 - (u + 45) / 13)) + 9
    dx = 0.8 * (10 * np.cos((u + 45) / 5 + (v + 40) / 9) + 40 / 13 * np.sin((v + 40) / 4 - (u + 45) / 13))
    dy = 0.8 * (50 / 9 * np.cos((u + 45) / 5 + (v + 40) / 9) - 10 * np.sin((v + 40) / 4 - (u + 45) / 13))
    radius = 17.0
    features = np.stack([u, v, level, dx, dy, (dy * u - dx * v) / radius, np.hypot(dx, dy)], axis=1)
    if covered:
        picture[28:38, 33:43] = 250
    blocks = np.arange(0, 626, 125)
    start = np.array([45.8, 39.3, 0.05])
    for iterations in (0, 1, 2):
        pose = np.append(start, 0.0)[None]
        fine.refine(picture, features, blocks, pose, radius, iterations, 0.0, 0.0)
        expected = plain.refine(picture, features, start, radius, iterations, fine.TUKEY)
        # residuals' median is looked up in bins of a quarter grey level
        assert pose[0, :3] == pytest.approx(expected, abs=0.02 if covered else 0.01)
        turned = np.array([[np.cos(pose[0, 2]), -np.sin(pose[0, 2])], [np.sin(pose[0, 2]), np.cos(pose[0, 2])]])
        at = features[:, :2] @ turned.T + pose[0, :2]
        seen = plain.sample(picture, at[:, 0], at[:, 1])
        assert pose[0, 3] == pytest.approx(plain.agreement(level, blocks, seen), abs=1e-6)
    pose = np.append(start, 0.0)[None]
    fine.refine(picture, features, blocks, pose, radius, 15, 1e-4, 1e-3)
    assert pose[0, :3] == pytest.approx([45, 40, 0], abs=0.01)


def test_a_pose_far_outside_fails_and_says_so() -> None:
    picture = numbers(4).uniform(0, 255, (40, 40)).astype(np.float32)
    features = np.zeros((50, 7))
    features[:, 2] = np.arange(50)
    poses = np.array([[1e4, 0.0, 0.0, 0.0]])
    fine.refine(picture, features, np.array([0, 50]), poses, 10.0, 3, 0.01, 1e-3)
    assert poses[0, 3] == -1
