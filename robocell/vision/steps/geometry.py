"""Distances, angles and circles of measured points, with their standard errors carried through to first order."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from robocell.vision.frame import Array

_STEP = 1e-4  # pixels: for derivatives by differences


def distance(points: Array, sigmas: Array) -> tuple[float, float]:
    """Return the distance of two points and its standard error.

    Args:
        points: (2, 2) pixels.
        sigmas: (2, 2) standard errors along x and y.

    """
    return _carried(lambda p: math.hypot(*(p[1] - p[0])), points, sigmas)


def angle(points: Array, sigmas: Array) -> tuple[float, float]:
    """Return the angle at the second of three points, or between the lines through the first and the last two of four.

    Args:
        points: (3, 2) or (4, 2) pixels.
        sigmas: their standard errors along x and y.

    Returns:
        The angle, 0 to π (three points) or 0 to π/2 … π as the two directions have it, and its standard error, rad.

    """
    return _carried(_angle, points, sigmas)


def circle(points: Array, sigmas: Array) -> tuple[float, float, Array]:
    """Return the diameter of the circle through K points (least squares), its standard error, and points on it.

    Returns:
        Diameter (NaN where the points lie on a line), standard error, (72, 2) to draw it.

    """
    middle, radius = _circle(points)
    if not math.isfinite(radius):
        return math.nan, math.nan, points
    value, sigma = _carried(lambda p: 2 * _circle(p)[1], points, sigmas)
    turn = np.arange(72) * (2 * math.pi / 72)
    return value, sigma, middle + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


def _angle(points: Array) -> float:
    a, b = (
        (points[0] - points[1], points[2] - points[1])
        if len(points) == 3
        else (
            points[1] - points[0],
            points[3] - points[2],
        )
    )
    return math.atan2(abs(float(a[0] * b[1] - a[1] * b[0])), float(a @ b))


def _circle(points: Array) -> tuple[Array, float]:
    """Fit a circle: algebraically (Kåsa), then by Gauss-Newton on the distances."""
    middle = points.mean(axis=0)
    local = points - middle
    rows = np.column_stack([2 * local, np.ones(len(local))])
    solution, _, rank, singular = np.linalg.lstsq(rows, np.sum(local * local, axis=1), rcond=None)
    if rank < 3 or singular[-1] < 1e-6 * singular[0]:
        return middle, math.nan
    centre = solution[:2]
    radius = math.sqrt(max(float(solution[2] + centre @ centre), 0.0))
    for _ in range(10):
        away = local - centre
        distance = np.maximum(np.hypot(away[:, 0], away[:, 1]), 1e-12)
        jacobian = np.column_stack([away / distance[:, None], np.ones(len(local))])
        step = np.linalg.lstsq(jacobian, distance - radius, rcond=None)[0]
        centre, radius = centre + step[:2], radius + float(step[2])
        if float(np.max(np.abs(step))) < 1e-10:
            break
    return middle + centre, radius


def _carried(function: Callable[[Array], float], points: Array, sigmas: Array) -> tuple[float, float]:
    """Return a function of points and its standard error: the errors are independent and small."""
    value, variance = function(points), 0.0
    for index in np.ndindex(points.shape):
        moved = points.copy()
        moved[index] += _STEP
        variance += ((function(moved) - value) / _STEP * float(sigmas[index])) ** 2
    return value, math.sqrt(variance)
