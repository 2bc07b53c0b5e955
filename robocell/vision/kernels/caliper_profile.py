"""Grey levels along a caliper, averaged across it, and how their noise hangs together through interpolation."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import inlined

LAGS: Final = 4  # samples within which noise is correlated


@inlined
def profile(
    image: np.ndarray, x: float, y: float, c: float, s: float, rows: int, white: int,
    mean: np.ndarray, over: np.ndarray, extra: np.ndarray
) -> None:  # fmt: skip
    """Write the mean grey level across the caliper at each sample along it, and what that sample is worth.

    Args:
        image: (H, W) uint8.
        x: column of the caliper's centre.
        y: its row.
        c: cosine of its angle.
        s: sine.
        rows: averaged across it.
        white: grey level from which on a pixel is saturated.
        mean: (n,) grey levels.
        over: (n,) share of saturated pixels.
        extra: (n,) px², how far along the caliper pixels lie from a sample that is interpolated between them.

    """
    n = mean.size
    height, width = image.shape
    flat = image.ravel()
    for i in range(n):
        mean[i], over[i], extra[i] = 0.0, 0.0, 0.0
    for j in range(rows):
        across = j - 0.5 * (rows - 1)
        x0 = x - s * across - 0.5 * (n - 1) * c
        y0 = y + c * across - 0.5 * (n - 1) * s
        for i in range(n):
            u, v = x0 + i * c, y0 + i * s
            k, m = min(max(int(u), 0), width - 2), min(max(int(v), 0), height - 2)
            p, q = u - k, v - m
            at = np.uint64(m * width + k)
            below = np.uint64(at + np.uint64(width))
            one = np.uint64(1)
            a, b, d, e = flat[at], flat[at + one], flat[below], flat[below + one]
            north = (1.0 - p) * a + p * b
            south = (1.0 - p) * d + p * e
            mean[i] += (1.0 - q) * north + q * south
            over[i] += 1.0 if max(a, b, d, e) >= white else 0.0
            extra[i] += c * c * p * (1.0 - p) + s * s * q * (1.0 - q)
    for i in range(n):
        mean[i] /= rows
        over[i] /= rows
        extra[i] /= rows


@inlined
def overlap(u: float, v: float) -> float:
    """Return the sum over pixels of the products of two linear interpolations' weights."""
    i, j = math.floor(u), math.floor(v)
    f, g = u - i, v - j
    total = 0.0
    if i == j:
        total = (1.0 - f) * (1.0 - g) + f * g
    elif j == i + 1.0:
        total = f * (1.0 - g)
    elif i == j + 1.0:
        total = (1.0 - f) * g
    return total


@inlined
def correlation(x: float, y: float, c: float, s: float, rows: int, lag: np.ndarray) -> None:
    """Write the covariance of the caliper's samples, by distance, where pixels have noise of variance 1."""
    for k in range(LAGS):
        lag[k] = 0.0
        for a in range(rows):
            across = a - 0.5 * (rows - 1)
            u, v = x - s * across, y + c * across
            for b in range(max(a - 2, 0), min(a + 3, rows)):
                beside = b - 0.5 * (rows - 1)
                lag[k] += overlap(u, x + k * c - s * beside) * overlap(v, y + k * s + c * beside)
        lag[k] /= rows * rows


@inlined
def slope(mean: np.ndarray, out: np.ndarray) -> None:
    """Write the profile's slope, smoothed over some three samples."""
    n = mean.size
    for i in range(n):
        a, b = mean[max(i - 1, 0)], mean[min(i + 1, n - 1)]
        d, e = mean[max(i - 2, 0)], mean[min(i + 2, n - 1)]
        out[i] = 0.25 * (b - a) + 0.125 * (e - d)


@inlined
def phase(x: float, y: float, c: float, s: float, along: float) -> tuple[bool, float]:
    """Return whether the caliper is oblique, and how far samples lie behind pixels where it follows columns or rows."""
    near = 1e-6
    f = 0.0
    if abs(s) < near:
        f = (x - c * along) * c
    elif abs(c) < near:
        f = (y - s * along) * s
    f -= math.floor(f)
    return min(abs(c), abs(s)) >= near, 0.0 if f > 1.0 - near else f
