"""Whether a beam of light meets a part, exactly."""

from __future__ import annotations

import math

from robocell.world.bullet.engine import Pose
from robocell.world.shapes import Shape

Point = tuple[float, float, float]


def interrupts(shape: Shape, pose: Pose, start: Point, end: Point) -> bool:
    """Whether the line from `start` to `end` meets a part whose middle is at `pose`.

    Args:
        shape: the part's.
        pose: position and quaternion (x, y, z, w) of the part's middle.
        start: one end, m, in the pose's frame of reference.
        end: the other.

    """
    a, b = _local(pose, start), _local(pose, end)
    span = _slab(a[2], b[2], 0.5 * shape.height, (0.0, 1.0))
    if span is None:
        return False
    if not shape.is_round:
        span = _slab(a[0], b[0], 0.5 * shape.length, span)
        return span is not None and _slab(a[1], b[1], 0.5 * shape.width, span) is not None
    # The nearest point to the axis, of those between the two faces.
    dx, dy = b[0] - a[0], b[1] - a[1]
    square = dx * dx + dy * dy
    t = -(a[0] * dx + a[1] * dy) / square if square > 0.0 else 0.0
    t = min(max(t, span[0]), span[1])
    return math.hypot(a[0] + t * dx, a[1] + t * dy) < 0.5 * shape.length


def _local(pose: Pose, point: Point) -> Point:
    """Return a point in the frame of a pose."""
    (px, py, pz), (x, y, z, w) = pose
    dx, dy, dz = point[0] - px, point[1] - py, point[2] - pz
    # v + 2 w (u × v) + 2 u × (u × v) with the conjugate's vector u
    cx, cy, cz = dy * z - dz * y, dz * x - dx * z, dx * y - dy * x
    return (
        dx + 2.0 * (w * cx + cy * z - cz * y),
        dy + 2.0 * (w * cy + cz * x - cx * z),
        dz + 2.0 * (w * cz + cx * y - cy * x),
    )


def _slab(a: float, b: float, half: float, span: tuple[float, float]) -> tuple[float, float] | None:
    """Return the part of a line's span where |a + t (b − a)| < half, None for none."""
    way = b - a
    if way == 0.0:
        return span if abs(a) < half else None
    first, last = sorted(((-half - a) / way, (half - a) / way))
    low, high = max(first, span[0]), min(last, span[1])
    return (low, high) if low < high else None
