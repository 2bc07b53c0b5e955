"""Solids → capsules that cover them; triangle meshes as the points of their corners."""

from __future__ import annotations

import itertools
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robocell.errors import CatalogError

Floats = NDArray[np.float64]
Hull = tuple[Floats, Floats, float]
"""Both ends (3,) and the radius, m."""

MAX_MESH_BYTES = 64 * 1024 * 1024
_LEAST_RADIUS = 1e-4  # m: a flat or empty solid still has a shape
_STL_HEADER = 84
_STL_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def of_box(size: Floats) -> Hull:
    """Return the least capsule along one of its edges that covers a box around the origin, size (3,)."""
    corners = np.array(list(itertools.product((-0.5, 0.5), repeat=3))) * size
    return min((of_points(corners, axis) for axis in np.eye(3)), key=_volume)


def of_cylinder(radius: float, length: float) -> Hull:
    """Return the capsule that covers a cylinder along Z around the origin."""
    end = np.array([0.0, 0.0, 0.5 * length])
    return -end, end, radius


def of_sphere(radius: float) -> Hull:
    """Return a sphere around the origin as a capsule without length."""
    return np.zeros(3), np.zeros(3), radius


def of_mesh(points: Floats) -> Hull:
    """Return the least capsule along one of its principal axes that covers points (N, 3)."""
    middle = points.mean(axis=0)
    _, axes = np.linalg.eigh((points - middle).T @ (points - middle))
    return min((of_points(points, axis) for axis in axes.T), key=_volume)


def of_points(points: Floats, axis: Floats) -> Hull:
    """Return a capsule along `axis` (3,), of length 1, that covers points (N, 3)."""
    along = points @ axis
    aside = points - along[:, None] * axis
    centre = 0.5 * (aside.min(axis=0) + aside.max(axis=0))
    centre = centre - (centre @ axis) * axis
    distance = np.sqrt(((aside - centre) ** 2).sum(axis=1))
    radius = max(float(distance.max()), _LEAST_RADIUS)
    cap = np.sqrt(
        np.maximum(radius**2 - distance**2, 0.0)
    )  # how far the round end reaches past the segment's end there
    low, high = float((along + cap).min()), float((along - cap).max())
    if low > high:
        low = high = 0.5 * (low + high)
    return centre + low * axis, centre + high * axis, radius


def _volume(hull: Hull) -> float:
    start, end, radius = hull
    length = float(np.sqrt(((end - start) ** 2).sum()))
    return float(np.pi * radius**2 * (length + 4.0 / 3.0 * radius))


def read_mesh(path: Path, name: str) -> Floats:
    """Return the corners (N, 3) of an STL or OBJ file, in the file's units.

    Raises:
        CatalogError: it cannot be read, or is neither.

    """
    try:
        if path.stat().st_size > MAX_MESH_BYTES:
            raise CatalogError(f"mesh {name} has more than {MAX_MESH_BYTES // 1024 // 1024} MiB", str(path))
        data = path.read_bytes()
    except OSError as error:
        raise CatalogError(f"cannot read mesh {name}: {error.strerror or error}", str(path)) from None
    kind = path.suffix.lower()
    if kind not in (".stl", ".obj"):
        hint = "robocell reads STL and OBJ; convert it, or describe the collision by boxes, cylinders and spheres"
        raise CatalogError(f"mesh {name} is of an unknown kind ({hint})", str(path))
    try:
        points = _obj(data) if kind == ".obj" else _stl(data)
    except (ValueError, struct.error):
        points = np.zeros((0, 3))
    if not len(points) or not np.isfinite(points).all():
        raise CatalogError(f"mesh {name} is malformed or empty", str(path))
    return points


def _stl(data: bytes) -> Floats:
    if len(data) >= _STL_HEADER:
        (count,) = struct.unpack_from("<I", data, _STL_HEADER - 4)
        if len(data) == _STL_HEADER + count * _STL_TRIANGLE.itemsize:
            triangles = np.frombuffer(data, _STL_TRIANGLE, count, _STL_HEADER)
            return np.asarray(triangles["corners"], dtype=np.float64).reshape(-1, 3)
    return _numbers(data, b"vertex")


def _obj(data: bytes) -> Floats:
    return _numbers(data, b"v")


def _numbers(data: bytes, word: bytes) -> Floats:
    rows = [line.split()[1:4] for line in data.splitlines() if line.split()[:1] == [word]]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)
