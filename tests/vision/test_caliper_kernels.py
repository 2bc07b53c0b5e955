from __future__ import annotations

import math

import numpy as np
import pytest

from robocell.vision.kernels import caliper_fit, caliper_profile
from tests.vision.plain import caliper as plain

PLACES = [
    (20.0, 18.0, 0.0, 3),
    (20.3, 18.5, 0.0, 4),
    (19.5, 20.25, math.pi / 2, 5),
    (20.1, 19.7, 0.7, 6),
    (21, 20, 3.6, 1),
]


def numbers(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize(("x", "y", "angle", "rows"), PLACES)
def test_profile_and_the_covariance_of_its_noise(x: float, y: float, angle: float, rows: int) -> None:
    image = np.asarray(numbers(1).integers(0, 256, (40, 42)), np.uint8)
    n = 21
    weights = plain.weights(image.shape, x, y, angle, n, rows)
    mean, over, extra, lag = np.empty(n), np.empty(n), np.empty(n), np.empty(caliper_profile.LAGS)
    caliper_profile.profile(image, x, y, math.cos(angle), math.sin(angle), rows, 255, mean, over, extra)
    assert mean == pytest.approx(weights @ image.ravel(), abs=1e-9)
    row, column = (g.ravel() for g in np.indices(image.shape))
    along = (column - x) * math.cos(angle) + (row - y) * math.sin(angle)
    apart = along[None, :] - (np.arange(n) - (n - 1) / 2)[:, None]
    # rows of the caliper lie at right angles, so that they differ by nothing along it
    assert extra == pytest.approx((weights * apart**2).sum(axis=1), abs=1e-9)
    caliper_profile.correlation(x, y, math.cos(angle), math.sin(angle), rows, lag)
    covariance = weights @ weights.T
    middle = n // 2
    assert lag == pytest.approx(covariance[middle, middle : middle + caliper_profile.LAGS], abs=1e-9)


def test_saturated_pixels_are_counted_where_they_are() -> None:
    image = np.full((20, 30), 100, np.uint8)
    image[5:9, 12] = 255
    mean, over, extra = np.empty(21), np.empty(21), np.empty(21)
    caliper_profile.profile(image, 14.0, 6.5, 1.0, 0.0, 4, 255, mean, over, extra)
    # a sample on a pixel is not touched by the neighbour whose weight is 0, or only as a whole
    assert set(np.flatnonzero(over)) <= {7, 8}
    assert over[8] == 1


@pytest.mark.parametrize("blur", [0.13, 0.4, 0.7, 2.0])
@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize("f", [0.0, 0.3])
def test_step_and_its_slopes(blur: float, box: bool, f: float) -> None:
    count, first = 15, -7.3
    grid, shape = np.empty((count + 2, 3)), np.empty((count, 3))
    caliper_fit.step_shape(first, blur, f, box, np.zeros(count), grid, shape, count)
    u = np.asarray(first + np.arange(count), np.float64)
    assert shape[:, 0] == pytest.approx(plain.step_between(u, blur, box, f), abs=2e-6)
    h = 1e-4
    place = (plain.step_between(u - h, blur, box, f) - plain.step_between(u + h, blur, box, f)) / (2 * h)
    wider = (plain.step_between(u, blur + h, box, f) - plain.step_between(u, blur - h, box, f)) / (2 * h)
    assert shape[:, 1] == pytest.approx(place, abs=2e-4)
    assert shape[:, 2] == pytest.approx(wider, abs=2e-4)


@pytest.mark.parametrize("box", [False, True])
@pytest.mark.parametrize("fixed", [False, True])
def test_fit_is_the_least_squares_solution(box: bool, fixed: bool) -> None:
    n, blur, f = 22, 0.8, 0.2
    u = np.asarray(np.arange(n) - 10.37, np.float64)
    mean = 60 + 90 * plain.step_between(u, blur, box, f) + numbers(2).normal(0, 0.4, n)
    guess = np.array([10.0, blur if fixed else 1.3, 61.0, 148.0])
    grid, jac, a = np.empty((n + 2, 3)), np.empty((n, 4)), np.empty((4, 8))
    rss = caliper_fit.fit(mean, 1, n - 1, f, box, np.zeros(n), fixed, guess, grid, jac, a)

    def residual(p: plain.Array) -> plain.Array:
        shape = plain.step_between(np.asarray(np.arange(1, n - 1) - p[0], np.float64), float(p[1]), box, f)
        return np.asarray(mean[1:-1] - p[2] - (p[3] - p[2]) * shape, np.float64)

    def slopes() -> plain.Array:
        h = 1e-4
        return np.stack([(residual(guess - h * e) - residual(guess + h * e)) / (2 * h) for e in np.eye(4)], axis=1)

    left = residual(guess)
    assert rss == pytest.approx(float(left @ left), rel=1e-4)
    used = [0, 2, 3] if fixed else [0, 1, 2, 3]
    assert np.abs(slopes()[:, used].T @ left).max() < 0.02  # nothing more to be gained
    lag = np.array([0.5, 0.25, 0.0, 0.0])
    covariance = np.array([[lag[abs(i - j)] if abs(i - j) < 4 else 0.0 for j in range(n - 2)] for i in range(n - 2)])
    expected = plain.standard_error(left, slopes()[:, used], covariance)
    assert caliper_fit.standard_error(rss, n - 2, lag, jac, a) == pytest.approx(expected, rel=1e-3)


def test_a_step_whose_blur_differs_from_sample_to_sample() -> None:
    extra = numbers(3).uniform(0, 0.3, 15)
    grid, shape = np.empty((17, 3)), np.empty((15, 3))
    caliper_fit.step_shape(-7.3, 0.6, 0.0, False, extra, grid, shape, 15)
    for i in range(15):
        wide = math.sqrt(0.36 + extra[i])
        assert shape[i, 0] == pytest.approx(plain.step(np.array([i - 7.3]), wide, False)[0], abs=1e-9)
    wider = np.empty((15, 3))
    caliper_fit.step_shape(-7.3, 0.6 + 1e-5, 0.0, False, extra, grid, wider, 15)
    assert shape[:, 2] == pytest.approx((wider[:, 0] - shape[:, 0]) / 1e-5, abs=1e-4)


def test_slope_of_a_ramp_is_its_own() -> None:
    out = np.empty(12)
    caliper_profile.slope(3.0 * np.arange(12), out)
    assert out[2:-2] == pytest.approx(3.0)
