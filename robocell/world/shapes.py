"""Poses and outlines in plain floats: what the worlds' rules about grips, seats and beams are made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
_IDENTITY = np.eye(4)


@dataclass(frozen=True, slots=True)
class Shape:
    """A part's shape: a cylinder standing on its base, or a box; origin in the middle of the base, Z up.

    Attributes:
        length, width: extents along X and Y, m; both the diameter of a cylinder.
        height: along Z, m.
        is_round: whether it is a cylinder.

    """

    length: float
    width: float
    height: float
    is_round: bool

    def half_along(self, angle: float) -> float:
        """Return half of the extent along a horizontal direction at `angle` (rad) from the part's X."""
        if self.is_round:
            return 0.5 * self.length
        return 0.5 * (abs(self.length * math.cos(angle)) + abs(self.width * math.sin(angle)))


def pose_at(x: float, y: float, z: float, yaw: float = 0.0) -> Matrix:
    """Return the 4×4 pose at a point, turned about Z."""
    c, s = math.cos(yaw), math.sin(yaw)
    return np.array([[c, -s, 0.0, x], [s, c, 0.0, y], [0.0, 0.0, 1.0, z], [0.0, 0.0, 0.0, 1.0]])


def yaw_of(pose: Matrix) -> float:
    """Return the direction of a pose's X axis in the horizontal plane, rad."""
    return math.atan2(float(pose[1, 0]), float(pose[0, 0]))


def inverse(pose: Matrix) -> Matrix:
    """Return the inverse of a rigid 4×4 pose."""
    result = _IDENTITY.copy()  # a fifth of what np.eye costs
    turned = pose[:3, :3].T
    result[:3, :3] = turned
    result[:3, 3] = -(turned @ pose[:3, 3])
    return result


def upright(pose: Matrix) -> Matrix:
    """Return the pose with its Z axis made vertical: how a part comes to lie on a level place."""
    return pose_at(float(pose[0, 3]), float(pose[1, 3]), float(pose[2, 3]), yaw_of(pose))


def outlines_meet(
    shape: Shape, x: float, y: float, yaw: float, half: tuple[float, float], tolerance: float = 0.0
) -> bool:
    """Whether a part's outline, at (x, y) turned by `yaw`, meets the rectangle ±half about the origin.

    Args:
        shape: the part's.
        x: the part's centre in the rectangle's frame, m.
        y: likewise.
        yaw: the part's turn in the rectangle's frame, rad.
        half: half extents of the rectangle, m.
        tolerance: depth of overlap that does not count, m.

    """
    if shape.is_round:
        dx = max(abs(x) - half[0], 0.0)
        dy = max(abs(y) - half[1], 0.0)
        return math.hypot(dx, dy) < 0.5 * shape.length - tolerance
    # Separating axes of two rectangles: the axes of both.
    c, s = math.cos(yaw), math.sin(yaw)
    a, b = 0.5 * shape.length, 0.5 * shape.width
    return (
        abs(x) < half[0] + abs(a * c) + abs(b * s) - tolerance
        and abs(y) < half[1] + abs(a * s) + abs(b * c) - tolerance
        and abs(c * x + s * y) < a + abs(half[0] * c) + abs(half[1] * s) - tolerance
        and abs(c * y - s * x) < b + abs(half[0] * s) + abs(half[1] * c) - tolerance
    )


def parts_meet(a: Shape, pose_a: Matrix, b: Shape, pose_b: Matrix, tolerance: float = 1e-3) -> bool:
    """Whether two upright parts overlap by more than `tolerance` in every direction."""
    dz = float(pose_b[2, 3] - pose_a[2, 3])
    if dz >= a.height - tolerance or -dz >= b.height - tolerance:
        return False
    yaw = yaw_of(pose_a)
    c, s = math.cos(yaw), math.sin(yaw)
    dx, dy = float(pose_b[0, 3] - pose_a[0, 3]), float(pose_b[1, 3] - pose_a[1, 3])
    x, y = c * dx + s * dy, c * dy - s * dx
    if a.is_round and b.is_round:
        return math.hypot(x, y) < 0.5 * (a.length + b.length) - tolerance
    if a.is_round:
        turn = yaw_of(pose_b)
        c, s = math.cos(turn), math.sin(turn)
        return outlines_meet(a, -(c * dx + s * dy), -(c * dy - s * dx), 0.0, (0.5 * b.length, 0.5 * b.width), tolerance)
    return outlines_meet(b, x, y, yaw_of(pose_b) - yaw, (0.5 * a.length, 0.5 * a.width), tolerance)
