"""Plain twins of the caliper's kernels."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def weights(shape: tuple[int, int], x: float, y: float, angle: float, samples: int, rows: int) -> Array:
    """Return (samples, H · W): what each pixel adds to each sample."""
    c, s = math.cos(angle), math.sin(angle)
    out = np.zeros((samples, *shape))
    for i in range(samples):
        for j in range(rows):
            t, n = i - (samples - 1) / 2, j - (rows - 1) / 2
            u, v = x + c * t - s * n, y + s * t + c * n
            k, m = min(int(u), shape[1] - 2), min(int(v), shape[0] - 2)
            p, q = u - k, v - m
            out[i, m : m + 2, k : k + 2] += np.outer([1 - q, q], [1 - p, p]) / rows
    return out.reshape(samples, -1)


def gaussian(z: Array) -> tuple[Array, Array]:
    """Return the normal distribution and its density."""
    return 0.5 + 0.5 * np.vectorize(math.erf)(z / math.sqrt(2)), np.exp(-z * z / 2) / math.sqrt(2 * math.pi)


def step(u: Array, blur: float, box: bool) -> Array:
    """Return a blurred step at distances u from it, pixels integrating over their width or not."""
    if not box:
        return gaussian(u / blur)[0]
    within = np.linspace(-0.5, 0.5, 2001)
    return np.asarray(np.trapezoid(gaussian((u[:, None] + within) / blur)[0], within, axis=1), np.float64)


def step_between(u: Array, blur: float, box: bool, f: float) -> Array:
    """Return it at samples interpolated between pixels, f behind."""
    return (1 - f) * step(u - f, blur, box) + f * step(u - f + 1, blur, box)


def standard_error(residual: Array, jacobian: Array, covariance: Array) -> float:
    """Return the first unknown's standard error, of a least squares fit with noise of that covariance's shape."""
    solver = np.linalg.pinv(jacobian)
    onto = np.eye(len(residual)) - jacobian @ solver
    noise = float(residual @ residual) / float(np.trace(onto @ covariance))
    return math.sqrt(noise * float(solver[0] @ covariance @ solver[0]))
