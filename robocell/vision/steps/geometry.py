"""Distances and angles of points that were each measured along one direction, their errors carried to first order."""

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


def _carried(function: Callable[[Array], float], points: Array, sigmas: Array) -> tuple[float, float]:
    """Return a function of points and its standard error: the errors are independent and small."""
    value, variance = function(points), 0.0
    for index in np.ndindex(points.shape):
        moved = points.copy()
        moved[index] += _STEP
        variance += ((function(moved) - value) / _STEP * float(sigmas[index])) ** 2
    return value, math.sqrt(variance)
