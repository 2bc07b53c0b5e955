"""Rigid transforms: checks, rotations, quaternions (x, y, z, w), all with a leading batch axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Bools = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]

ORTHONORMAL = 1e-6  # largest accepted deviation of R Rᵀ from the identity


def check_vector(value: ArrayLike, size: int, what: str) -> Floats:
    """Return `value` as a float array (size,), or say what is wrong with it.

    Raises:
        ValueError: another shape, or a number that is not finite.

    """
    array = np.asarray(value, dtype=np.float64)
    if array.shape != (size,):
        raise ValueError(f"{what} has shape {array.shape}, expected ({size},)")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} holds a number that is not finite: {array.tolist()}")
    return array


def check_joints(q: ArrayLike, n: int, what: str = "q") -> tuple[Floats, bool]:
    """Return joint positions as (N, n) and whether a single (n,) was given.

    Raises:
        ValueError: another shape, or a number that is not finite.

    """
    array = np.asarray(q, dtype=np.float64)
    if array.ndim not in (1, 2) or array.shape[-1] != n:
        raise ValueError(f"{what} has shape {array.shape}, expected ({n},) or (N, {n})")
    if not np.isfinite(array).all():
        raise ValueError(f"{what} holds a number that is not finite")
    return (array[None], True) if array.ndim == 1 else (array, False)


def check_poses(T: ArrayLike, what: str = "T") -> tuple[Floats, bool]:
    """Return poses as (N, 4, 4) and whether a single (4, 4) was given.

    Raises:
        ValueError: another shape, numbers that are not finite, or matrices that are no rigid transforms.

    """
    array = np.asarray(T, dtype=np.float64)
    if array.ndim not in (2, 3) or array.shape[-2:] != (4, 4):
        raise ValueError(f"{what} has shape {array.shape}, expected (4, 4) or (N, 4, 4)")
    single = array.ndim == 2
    batch = array[None] if single else array
    if not np.isfinite(batch).all():
        raise ValueError(f"{what} holds a number that is not finite")
    R = batch[:, :3, :3]
    skew = np.abs(R @ R.transpose(0, 2, 1) - np.eye(3)).max(axis=(1, 2), initial=0.0)
    bad = (skew > ORTHONORMAL) | (_determinant(R) < 0.0)
    bad |= (batch[:, 3] != (0.0, 0.0, 0.0, 1.0)).any(axis=1)
    if bad.any():
        first = int(np.argmax(bad))
        raise ValueError(
            f"{what}[{first}] is no rigid transform: its rotation is not orthonormal and right-handed "
            f"(off by {skew[first]:.1e}), or its last row is not 0 0 0 1"
        )
    return batch, single


def _determinant(R: Floats) -> Floats:
    return np.asarray(
        R[:, 0, 0] * (R[:, 1, 1] * R[:, 2, 2] - R[:, 1, 2] * R[:, 2, 1])
        - R[:, 0, 1] * (R[:, 1, 0] * R[:, 2, 2] - R[:, 1, 2] * R[:, 2, 0])
        + R[:, 0, 2] * (R[:, 1, 0] * R[:, 2, 1] - R[:, 1, 1] * R[:, 2, 0])
    )


def inverse(T: Floats) -> Floats:
    """Invert rigid transforms (..., 4, 4)."""
    out = np.zeros_like(T)
    Rt = np.swapaxes(T[..., :3, :3], -1, -2)
    out[..., :3, :3] = Rt
    out[..., :3, 3] = -(Rt @ T[..., :3, 3, None])[..., 0]
    out[..., 3, 3] = 1.0
    return out


def pose(R: ArrayLike | None = None, p: ArrayLike | None = None) -> Floats:
    """Build (4, 4) from a rotation (3, 3) and a position (3,); either may be left out."""
    out = np.eye(4)
    if R is not None:
        out[:3, :3] = R
    if p is not None:
        out[:3, 3] = p
    return out


def rotation(axis: ArrayLike, angle: float) -> Floats:
    """Return the (3, 3) rotation about a unit axis (3,) by an angle in radians (Rodrigues)."""
    return rotations(np.asarray(axis, dtype=np.float64) * angle)


def rotations(vector: ArrayLike) -> Floats:
    """Return the rotations (..., 3, 3) of rotation vectors (..., 3) in radians."""
    v = np.asarray(vector, dtype=np.float64)
    angle = np.sqrt((v * v).sum(axis=-1))
    half = np.sinc(angle / (2 * np.pi))  # sin(a/2) / (a/2)
    s, c = np.sinc(angle / np.pi), 0.5 * half * half
    x, y, z = v[..., 0], v[..., 1], v[..., 2]
    zero = np.zeros_like(x)
    K = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape((*v.shape[:-1], 3, 3))
    return np.asarray(np.eye(3) + s[..., None, None] * K + c[..., None, None] * (K @ K))


def rotation_vectors(R: Floats) -> Floats:
    """Return the rotation vectors (..., 3) of rotations (..., 3, 3), at most π long."""
    q = quaternions(R)
    q = np.where(q[..., 3:] < 0.0, -q, q)
    sine = np.sqrt((q[..., :3] ** 2).sum(axis=-1, keepdims=True))
    angle = 2.0 * np.arctan2(sine, q[..., 3:])
    return np.asarray(q[..., :3] * np.where(sine > 1e-150, angle / np.maximum(sine, 1e-150), 2.0))


def quaternions(R: Floats) -> Floats:
    """Return unit quaternions (..., 4) as (x, y, z, w) of rotations (..., 3, 3) (Shepperd's method)."""
    m = R.reshape((-1, 3, 3))
    xx, yy, zz = m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]
    dx, dy, dz = m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]
    sxy, sxz, syz = m[:, 0, 1] + m[:, 1, 0], m[:, 0, 2] + m[:, 2, 0], m[:, 1, 2] + m[:, 2, 1]
    rows = np.array(
        [
            [1 + xx - yy - zz, sxy, sxz, dx],
            [sxy, 1 - xx + yy - zz, syz, dy],
            [sxz, syz, 1 - xx - yy + zz, dz],
            [dx, dy, dz, 1 + xx + yy + zz],
        ]
    )
    # rows of 4 × the quaternion's outer product: the one with the largest diagonal is well conditioned
    pick = np.argmax(rows[[0, 1, 2, 3], [0, 1, 2, 3]], axis=0)
    q = rows[pick, :, np.arange(len(m))]
    q /= np.sqrt((q * q).sum(axis=1, keepdims=True))
    return np.asarray(q.reshape((*R.shape[:-2], 4)))


def to_xyz_quaternion(T: ArrayLike) -> tuple[float, ...]:
    """Return a pose (4, 4) as x, y, z (m) and a quaternion x, y, z, w with w ≥ 0: seven plain floats."""
    batch, _ = check_poses(T)
    q = quaternions(batch[0, :3, :3])
    q = -q if q[3] < 0.0 else q
    return tuple(float(v) for v in (*batch[0, :3, 3], *q))


def from_xyz_quaternion(values: ArrayLike) -> Floats:
    """Return the pose (4, 4) of seven floats: x, y, z (m) and a quaternion x, y, z, w of length one.

    Raises:
        ValueError: not seven finite numbers, or a quaternion whose length is off by more than 1e-6.

    """
    v = check_vector(values, 7, "pose x y z qx qy qz qw")
    length = float(np.sqrt(v[3:] @ v[3:]))
    if abs(length - 1.0) > ORTHONORMAL:
        raise ValueError(f"quaternion {v[3:].tolist()} has length {length:.6g}, expected 1")
    x, y, z, w = (v[3:] / length).tolist()
    R = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return pose(R, v[:3])


def frozen(array: Any) -> Floats:
    """Return a read-only float copy: what immutable objects keep."""
    out = np.array(array, dtype=np.float64)
    out.flags.writeable = False
    return out
