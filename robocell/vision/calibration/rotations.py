"""Rotations in batches: vectors (axis × angle, rad), quaternions (x, y, z, w) and matrices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def exp(vectors: Array) -> Array:
    """Return (…, 3, 3) rotations by vectors (…, 3): Rodrigues' formula."""
    angle = np.linalg.norm(vectors, axis=-1)[..., None, None]
    cross = _cross(vectors)
    near = angle < 1e-6
    safe = np.where(near, 1.0, angle)
    first = np.where(near, 1 - angle**2 / 6, np.sin(safe) / safe)
    second = np.where(near, 0.5 - angle**2 / 24, (1 - np.cos(safe)) / safe**2)
    return np.asarray(np.eye(3) + first * cross + second * (cross @ cross))


def log(turns: Array) -> Array:
    """Return vectors (…, 3) of rotations (…, 3, 3), of angles from 0 to π."""
    xyzw = to_quaternions(turns)
    sine = np.linalg.norm(xyzw[..., :3], axis=-1, keepdims=True)
    angle = 2 * np.arctan2(sine, xyzw[..., 3:])
    return np.asarray(xyzw[..., :3] * np.where(sine < 1e-9, 2.0, angle / np.where(sine < 1e-9, 1.0, sine)))


def to_quaternions(turns: Array) -> Array:
    """Return unit quaternions (…, 4), w ≥ 0, of rotations (…, 3, 3) (Shepperd: from the largest of the four squares)."""
    m = np.asarray(turns, np.float64)
    xx, yy, zz = m[..., 0, 0], m[..., 1, 1], m[..., 2, 2]
    squares = np.stack([1 + xx - yy - zz, 1 - xx + yy - zz, 1 - xx - yy + zz, 1 + xx + yy + zz], axis=-1)
    xy, xz, yz = m[..., 0, 1] + m[..., 1, 0], m[..., 0, 2] + m[..., 2, 0], m[..., 1, 2] + m[..., 2, 1]
    xw, yw, zw = m[..., 2, 1] - m[..., 1, 2], m[..., 0, 2] - m[..., 2, 0], m[..., 1, 0] - m[..., 0, 1]
    rows = np.stack(
        [
            np.stack([squares[..., 0], xy, xz, xw], axis=-1),
            np.stack([xy, squares[..., 1], yz, yw], axis=-1),
            np.stack([xz, yz, squares[..., 2], zw], axis=-1),
            np.stack([xw, yw, zw, squares[..., 3]], axis=-1),
        ],
        axis=-2,
    )
    best = np.argmax(squares, axis=-1)[..., None, None]
    found = np.take_along_axis(rows, best, axis=-2)[..., 0, :]
    found = found * np.where(found[..., 3:] < 0, -1.0, 1.0)
    return np.asarray(found / np.linalg.norm(found, axis=-1, keepdims=True))


def from_quaternions(xyzw: Array) -> Array:
    """Return rotations (…, 3, 3) of quaternions (…, 4) of any length but 0."""
    x, y, z, w = np.moveaxis(xyzw / np.linalg.norm(xyzw, axis=-1, keepdims=True), -1, 0)
    return np.asarray(
        np.stack(
            [
                np.stack([1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)], axis=-1),
                np.stack([2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)], axis=-1),
                np.stack([2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)], axis=-1),
            ],
            axis=-2,
        )
    )


def nearest(matrices: Array) -> Array:
    """Return the rotations (…, 3, 3) nearest to any matrices, in the Frobenius norm."""
    u, _, vt = np.linalg.svd(matrices)
    sign = np.where(np.linalg.det(u @ vt) < 0, -1.0, 1.0)
    u = u.copy()
    u[..., :, 2] *= sign[..., None]
    return np.asarray(u @ vt)


def inverse(poses: Array) -> Array:
    """Return the inverses of rigid poses (…, 4, 4)."""
    turned = np.swapaxes(poses[..., :3, :3], -1, -2)
    found = np.zeros_like(poses)
    found[..., :3, :3] = turned
    found[..., :3, 3] = -np.einsum("...ij,...j->...i", turned, poses[..., :3, 3])
    found[..., 3, 3] = 1.0
    return found


def pose(turns: Array, at: Array) -> Array:
    """Return (…, 4, 4) from rotations (…, 3, 3) and positions (…, 3)."""
    found = np.zeros((*np.shape(at)[:-1], 4, 4))
    found[..., :3, :3] = turns
    found[..., :3, 3] = at
    found[..., 3, 3] = 1.0
    return found


def _cross(vectors: Array) -> Array:
    x, y, z = np.moveaxis(np.asarray(vectors, np.float64), -1, 0)
    zero = np.zeros_like(x)
    rows = [[zero, -z, y], [z, zero, -x], [-y, x, zero]]
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
