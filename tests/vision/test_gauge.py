from __future__ import annotations

import math

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.vision.frame import Array, Calibration
from robocell.vision.tools.gauge import Circle, Line, Point, angle, distance, fit_circle, fit_line, on_plane


def numbers(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def on_line(count: int, rng: np.random.Generator, noise: float, turn: float = 0.4, offset: float = 7.0) -> Array:
    t = np.linspace(-50, 60, count)
    c, s = math.cos(turn), math.sin(turn)
    off = offset + rng.normal(0, noise, count) * (noise > 0)
    return np.stack([100 + c * t - s * off, 80 + s * t + c * off], axis=1)


def on_circle(count: int, rng: np.random.Generator, noise: float, arc: float = 2 * math.pi) -> Array:
    a = np.arange(count) * arc / count + 0.3
    r = 40 + rng.normal(0, noise, count) * (noise > 0)
    return np.stack([120 + r * np.cos(a), 90 + r * np.sin(a)], axis=1)


def off_line(line: Line, turn: float, offset: float) -> float:
    return -math.sin(turn) * (line.x - 100) + math.cos(turn) * (line.y - 80) - offset


def test_a_lines_errors_are_what_they_claim() -> None:
    rng = numbers(1)
    pull = []
    for k in range(300):
        count = (12, 30)[k % 2]
        line = fit_line(on_line(count, rng, 0.05), np.full(count, 0.05))
        pull.append([off_line(line, 0.4, 7.0) / line.sigma, (line.angle - 0.4) / line.angle_sigma])
    rms = np.sqrt(np.mean(np.square(pull), axis=0))
    assert (rms > 0.8).all()
    assert (rms < 1.2).all()


def test_a_circles_errors_are_what_they_claim() -> None:
    rng = numbers(2)
    pull = []
    for k in range(200):
        sigma = None if k % 2 else np.full(24, 0.03)
        circle = fit_circle(on_circle(24, rng, 0.03, (2 * math.pi, 2.5)[k % 4 // 2]), sigma)
        pull.append((circle.diameter - 80) / circle.sigma)
    assert 0.75 < math.sqrt(np.mean(np.square(pull))) < 1.3


def test_exact_points_give_exact_results() -> None:
    rng = numbers(3)
    circle = fit_circle(on_circle(9, rng, 0))
    assert (circle.x, circle.y, circle.diameter) == pytest.approx((120, 90, 80), abs=1e-9)
    line = fit_line(on_line(5, rng, 0))
    assert line.angle == pytest.approx(0.4, abs=1e-9)
    assert off_line(line, 0.4, 7.0) == pytest.approx(0, abs=1e-9)
    assert fit_circle([[0, 0], [2, 0], [0, 2]]).diameter == pytest.approx(2 * math.sqrt(2))
    assert fit_line([[0, 0], [0, 5]]).angle == pytest.approx(math.pi / 2)


@pytest.mark.parametrize("seed", range(8))
def test_three_outliers_in_ten_do_not_pull(seed: int) -> None:
    rng = numbers(seed)
    for count in (10, 20, 40):
        bad = rng.permutation(count)[: int(0.3 * count)]
        rim, edge = on_circle(count, rng, 0.02), on_line(count, rng, 0.02)
        # half of them together, as on another edge; half anywhere
        shift = np.where(np.arange(len(bad)) % 2 == 0, 6.0, rng.uniform(-20, 20, len(bad)))
        shift[np.abs(shift) < 1] = 3.0
        away = (rim[bad] - [120, 90]) / 40
        rim[bad] += shift[:, None] * away
        edge[bad] += shift[:, None] * np.array([-math.sin(0.4), math.cos(0.4)])
        circle, line = fit_circle(rim), fit_line(edge)
        assert not circle.used[bad].any()
        assert not line.used[bad].any()
        assert circle.used.sum() >= 0.55 * count
        assert circle.diameter == pytest.approx(80, abs=0.15)
        assert abs(off_line(line, 0.4, 7.0)) < 0.05


def test_points_that_claim_less_error_count_more() -> None:
    rng = numbers(5)
    points = on_line(20, rng, 0)
    points[::2] += np.array([-math.sin(0.4), math.cos(0.4)]) * 0.3
    sigma = np.where(np.arange(20) % 2 == 0, 0.3, 0.001)
    assert abs(off_line(fit_line(points, sigma), 0.4, 7.0)) < 0.01


def test_results_move_with_the_points() -> None:
    points = on_circle(15, numbers(6), 0.1)
    turn = np.array([[math.cos(1.1), -math.sin(1.1)], [math.sin(1.1), math.cos(1.1)]])
    one, other = fit_circle(points), fit_circle(3 * points @ turn.T + [5, -9])
    assert other.diameter == pytest.approx(3 * one.diameter)
    assert other.sigma == pytest.approx(3 * one.sigma, rel=1e-6)
    assert [other.x, other.y] == pytest.approx(3 * turn @ [one.x, one.y] + [5, -9])


def test_distances() -> None:
    a, b = Point(1, 2, 0.3), Point(4, 6, 0.4)
    assert (distance(a, b).value, distance(a, b).sigma) == pytest.approx((5, 0.5))
    level = fit_line([[0, 10], [5, 10], [10, 10]], [0.1, 0.1, 0.1])
    assert distance(a, level) == distance(level, a)
    assert distance(a, level).value == pytest.approx(8)
    # at the line's end its angle counts
    assert distance(Point(200, 0), level).sigma > distance(Point(5, 0), level).sigma > 0.05
    upper = fit_line([[0, 30], [5, 30], [10, 30]], [0.1, 0.1, 0.1])
    assert distance(level, upper).value == pytest.approx(20)
    assert distance(level, upper).sigma == pytest.approx(math.sqrt(2) * 0.1 / math.sqrt(3))


def test_the_distance_of_parallel_edges_has_an_honest_error() -> None:
    rng = numbers(7)
    pull = []
    for _ in range(300):
        one, other = (fit_line(on_line(15, rng, 0.05, offset=o), np.full(15, 0.05)) for o in (0.0, 25.0))
        found = distance(one, other)
        pull.append((found.value - 25) / found.sigma)
    assert 0.8 < math.sqrt(np.mean(np.square(pull))) < 1.2


@pytest.mark.parametrize(
    ("first", "second", "expected"), [(0.2, 0.5, 0.3), (-1.4, 1.4, math.pi - 2.8), (0.1, 1.7, math.pi - 1.6)]
)
def test_angles(first: float, second: float, expected: float) -> None:
    rng = numbers(8)
    one, other = (fit_line(on_line(9, rng, 0, turn)) for turn in (first, second))
    assert angle(one, other).value == pytest.approx(expected, abs=1e-9)
    with pytest.raises(VisionError, match="no one distance"):
        distance(one, other)


def test_millimetres_through_a_calibration() -> None:
    camera = Calibration((2448, 2048), 3000.0, (1223.5, 1023.5), 0.6, -0.1)
    true = 0.05 * np.stack([np.cos(np.arange(12)), np.sin(np.arange(12))], axis=1) / 2 + [0.03, 0.01]
    points, sigma = on_plane(camera.to_pixels(true), np.full(12, 0.02), camera)
    assert points == pytest.approx(true, abs=1e-9)
    assert sigma == pytest.approx(0.02 * 0.6 / 3000, rel=0.02)
    circle = fit_circle(points, sigma)
    assert isinstance(circle, Circle)
    assert circle.diameter == pytest.approx(0.05, abs=1e-8)
    assert circle.sigma == pytest.approx(2 * float(sigma[0]) / math.sqrt(12), rel=0.1)


def test_what_cannot_be_told_is_told() -> None:
    with pytest.raises(VisionError, match="1 point of at least 2"):
        fit_line([[0, 0]])
    with pytest.raises(VisionError, match="no circle"):
        fit_circle([[0, 0], [1, 1], [2, 2], [3, 3]])
    with pytest.raises(VisionError, match="0 points of at least 3"):
        fit_circle(np.zeros((0, 2)))
    with pytest.raises(VisionError, match="finite"):
        fit_line(np.array([[0, math.nan], [1, 1]]))
    with pytest.raises(VisionError, match="standard error"):
        fit_line([[0, 0], [1, 1]], [-1, 1])
    with pytest.raises(ValueError, match="half"):
        fit_line([[0, 0], [1, 1]], outliers=0.6)
    with pytest.raises(VisionError, match="one place"):
        fit_line(np.ones((6, 2)))


def test_points_that_lie_on_nothing_tell_of_little() -> None:
    points = numbers(10).uniform(0, 100, (30, 2))
    assert fit_line(points, np.full(30, 0.01)).sigma > 1
    assert fit_circle(points, np.full(30, 0.01)).sigma > 1
