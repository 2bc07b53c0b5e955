"""Joint positions and straight moves, looked at by the quickest kernel that knows the arm."""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import kernel
from robocell.motion.kernels import collision, collision_spheres


@kernel
def passes(
    a: np.ndarray,
    b: np.ndarray,
    step: float,
    margin: float,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> bool:
    """Return whether the straight move from a (excluded) to b (included) is clear, samples `step` apart (Euclidean)."""
    if spheres:
        return collision_spheres.edge_clear(a, b, step, margin, data, layout, work)
    # there the joint that moves most has the step
    most, square = 0.0, 0.0
    for j in range(a.size):
        most = max(most, abs(b[j] - a[j]))
        square += (b[j] - a[j]) ** 2
    part = most / math.sqrt(square) if square > 0.0 else 1.0
    return collision.edge_clear(a, b, step * part, margin, data, layout, work)


@kernel
def clear(a: np.ndarray, margin: float, spheres: bool, data: np.ndarray, layout: np.ndarray, work: np.ndarray) -> bool:
    """Return whether joint positions (n,) are clear."""
    if spheres:
        return collision_spheres.clear(a, margin, data, layout, work)
    return collision.clear(a, margin, data, layout, work)


@kernel
def path_passes(
    path: np.ndarray,
    n: int,
    step: float,
    margin: float,
    spheres: bool,
    data: np.ndarray,
    layout: np.ndarray,
    work: np.ndarray,
) -> bool:
    """Return whether all straight moves of a path (M · n) are clear."""
    for i in range(path.size // n - 1):
        if not passes(
            path[i * n : (i + 1) * n], path[(i + 1) * n : (i + 2) * n], step, margin, spheres, data, layout, work
        ):
            return False
    return True
