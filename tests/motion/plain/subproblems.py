"""The three geometric subproblems that the closed-form solvers share, batched over any leading shape.

All are written so that rounding at a boundary moves the solution, never its residual: square roots are taken
of factored differences, angles come from atan2 of a sine and a cosine, and a singular angle is taken from
`near`.
"""

from __future__ import annotations

import numpy as np

from robocell.motion.rigid import Bools, Floats

MERGED = 1e-6  # rad: two solutions closer than this are one, met at the boundary of the reach
SINGULAR = 1e-10  # sine (or metres) below which an angle is free and taken from `near`


def swing_to_offset(x: Floats, y: Floats, offset: float, near: Floats) -> tuple[Floats, Floats, Floats, Bools]:
    """Turn a point about Z so that its y becomes `offset`: Rz(−a)·(x, y) = (r, offset).

    Args:
        x: (N,) metres.
        y: (N,) metres.
        offset: metres.
        near: (N,) the angle to take where the point is on the axis.

    Returns:
        Angles a (N, 2), the new x coordinates r (N, 2), the gap (N,) in metres by which the point is too
        close to the axis, and whether the second solution repeats the first (N,).

    """
    radius = np.hypot(x, y)
    free = radius < SINGULAR
    direction = np.where(free, near, np.arctan2(y, x))
    gap = np.maximum(abs(offset) - radius, 0.0)
    root = np.sqrt(np.maximum((radius - abs(offset)) * (radius + abs(offset)), 0.0))
    lean = np.arctan2(offset, root)
    twin = (root < MERGED * radius) & ~free
    angles = np.stack([direction - lean, direction + lean - np.pi], axis=-1)
    return angles, np.stack([root, -root], axis=-1), gap, twin


def two_links(
    x: Floats, z: Floats, first: tuple[float, float], second: tuple[float, float]
) -> tuple[Floats, Floats, Floats, Bools]:
    """Reach a point in the XZ plane with two links that turn about +Y (Ry turns Z towards X).

    Args:
        x: (…) target from the first axis, metres.
        z: (…) likewise.
        first: (length, angle) of the first link at zero, the angle measured from Z towards X.
        second: likewise of the second link.

    Returns:
        First angles (…, 2), second angles relative to the first (…, 2), the gap (…) in metres by which the
        point is too far or too near, and whether the second solution repeats the first (…).

    """
    (r1, b1), (r2, b2) = first, second
    r = np.hypot(x, z)
    gap = np.maximum(np.maximum(r - (r1 + r2), abs(r1 - r2) - r), 0.0)
    short = np.maximum((r1 + r2 - r) * (r1 + r2 + r), 0.0)  # ∝ 1 − cos γ
    long = np.maximum((r - abs(r1 - r2)) * (r + abs(r1 - r2)), 0.0)  # ∝ 1 + cos γ
    bend = 2.0 * np.arctan2(np.sqrt(short), np.sqrt(long))
    inner = np.arctan2(r2 * np.sin(bend), r1 + r2 * np.cos(bend))
    direction = np.arctan2(x, z) - b1
    q_first = np.stack([direction - inner, direction + inner], axis=-1)
    q_second = np.stack([bend, -bend], axis=-1) - (b2 - b1)
    twin = (bend < MERGED) | (np.pi - bend < MERGED)
    return q_first, q_second, gap, twin


def euler_zyz(E: Floats, near: Floats) -> tuple[Floats, Floats, Floats]:
    """Split rotations into Rz(a)·Ry(b)·Rz(c).

    Args:
        E: (3, 3, …) rotations, component axes first.
        near: (…) the angle a to take where b is 0 or π, so that only a ± c is determined.

    Returns:
        a, b, c, each (…, 2): the solution with sin b ≥ 0 and its flip.

    """
    free = np.hypot(E[0, 2], E[1, 2]) < SINGULAR
    a = np.where(free, near, np.arctan2(E[1, 2], E[0, 2]))
    sa, ca = np.sin(a), np.cos(a)
    b = np.arctan2(ca * E[0, 2] + sa * E[1, 2], E[2, 2])
    c = np.arctan2(ca * E[1, 0] - sa * E[0, 0], ca * E[1, 1] - sa * E[0, 1])
    return np.stack([a, a + np.pi], axis=-1), np.stack([b, -b], axis=-1), np.stack([c, c + np.pi], axis=-1)
