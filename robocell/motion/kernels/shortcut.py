"""Shorter ways: what a sampling planner finds, pulled tight.

First every way-point from which a later one can be reached straight skips what lies between. Then two places on the
path, wherever they fall, are joined straight where that is clear and pays (Geraerts and Overmars, Creating High-quality
Paths for Motion Planning, IJRR 2007).
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels.chance import uniform
from robocell.motion.kernels.edges import passes

PATIENCE: Final = 10  # rounds without a gain after which no more are tried
GAIN: Final = 0.98  # a straight way must be so much shorter than what it replaces


@kernel
def shorten(
    path: np.ndarray,
    weight: np.ndarray,
    step: float,
    margin: float,
    rounds: int,
    seed: int,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> np.ndarray:
    """Return a path (K·n,) with the same ends as a clear path (M·n,), clear too and never longer."""
    n = weight.size
    points = np.empty(path.size + rounds * n)
    points[: path.size] = path
    state = np.array([seed])
    begin, end = np.empty(n), np.empty(n)
    count = _skip(points, path.size // n, n, step, margin, spheres, data, layout, work)
    vain = 0
    for _ in range(rounds):
        if count < 3 or vain >= PATIENCE:
            break
        whole = 0.0
        for i in range(count - 1):
            whole += _length(points, i, weight)
        one, two = uniform(state) * whole, uniform(state) * whole
        first, second = min(one, two), max(one, two)
        i = _place(points, count, weight, first, begin)
        j = _place(points, count, weight, second, end)
        square = 0.0
        for k in range(n):
            square += ((end[k] - begin[k]) * weight[k]) ** 2
        vain += 1
        if i == j or math.sqrt(square) > GAIN * (second - first):
            continue
        if passes(begin, end, step, margin, spheres, data, layout, work):
            vain = 0
            count = _replace(points, count, n, i + 1, j, begin, end)
    count = _skip(points, count, n, step, margin, spheres, data, layout, work)
    return points[: count * n].copy()


@kernel
def _length(points: np.ndarray, i: int, weight: np.ndarray) -> float:
    """Return the length of the leg that begins at way-point i."""
    n = weight.size
    square = 0.0
    for k in range(n):
        square += ((points[(i + 1) * n + k] - points[i * n + k]) * weight[k]) ** 2
    return math.sqrt(square)


@kernel
def _place(points: np.ndarray, count: int, weight: np.ndarray, along: float, q: np.ndarray) -> int:
    """Set q to the place so far along the path, and return which leg it is on."""
    n = weight.size
    i = 0
    length = _length(points, 0, weight)
    while i < count - 2 and along > length:
        along -= length
        i += 1
        length = _length(points, i, weight)
    part = min(along / length, 1.0) if length > 0.0 else 0.0
    for k in range(n):
        q[k] = points[i * n + k] + part * (points[(i + 1) * n + k] - points[i * n + k])
    return i


@kernel
def _replace(points: np.ndarray, count: int, n: int, first: int, last: int, a: np.ndarray, b: np.ndarray) -> int:
    """Put a and b where way-points first … last are; return how many there are now."""
    more = 1 - (last - first)
    if more > 0:
        for k in range(count * n - 1, (last + 1) * n - 1, -1):
            points[k + more * n] = points[k]
    else:
        for k in range((last + 1) * n, count * n):
            points[k + more * n] = points[k]
    points[first * n : (first + 1) * n] = a
    points[(first + 1) * n : (first + 2) * n] = b
    return count + more


@kernel
def _skip(
    points: np.ndarray,
    count: int,
    n: int,
    step: float,
    margin: float,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> int:
    """Leave out way-points between two that can be joined straight, farthest first; return how many stay."""
    i = 0
    while i < count - 2:
        a = points[i * n : (i + 1) * n]
        j = count - 1
        while j > i + 1 and not passes(a, points[j * n : (j + 1) * n], step, margin, spheres, data, layout, work):
            j -= 1
        for k in range(j * n, count * n):
            points[k - (j - i - 1) * n] = points[k]
        count -= j - i - 1
        i += 1
    return count
