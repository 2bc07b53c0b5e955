"""Plain counterpart of `kernels/sweeps.py`."""

import numpy as np
from numpy.typing import NDArray


def axes_apart(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """The least over the sixteen ways in which two segments can be nearest: each at an end, or inside."""
    pa, u, pb, v = a[:3], a[3:6] - a[:3], b[:3], b[3:6] - b[:3]
    found = [np.linalg.norm(pa + s * u - pb - t * v) for s in (0.0, 1.0) for t in (0.0, 1.0)]
    for s in (0.0, 1.0):
        found.append(_from_point(pa + s * u, pb, v))
        found.append(_from_point(pb + s * v, pa, u))
    A = np.array([[u @ u, -u @ v], [-u @ v, v @ v]])
    if abs(np.linalg.det(A)) > 1e-12:
        s, t = np.linalg.solve(A, [u @ (pb - pa), -v @ (pb - pa)])
        if 0.0 <= s <= 1.0 and 0.0 <= t <= 1.0:
            found.append(np.linalg.norm(pa + s * u - pb - t * v))
    return float(min(found))


def _from_point(point: NDArray[np.float64], start: NDArray[np.float64], along: NDArray[np.float64]) -> np.floating:
    length = along @ along
    t = np.clip((point - start) @ along / length, 0.0, 1.0) if length > 0.0 else 0.0
    return np.linalg.norm(start + t * along - point)


def meets(a: NDArray[np.float64], b: NDArray[np.float64], margin: float) -> bool:
    return any(axes_apart(p, q) < p[6] + q[6] + margin for p in a for q in b)
