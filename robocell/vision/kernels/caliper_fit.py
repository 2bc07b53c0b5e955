"""A blurred step fitted to an edge of a profile, and what noise makes of its place.

The step is an edge blurred by a Gaussian, Φ(u/s), or that integrated over a pixel, I(u + ½) - I(u - ½) with I(u) =
u Φ(u/s) + s φ(u/s); which of the two it is shows where it is sharp. Interpolation makes neighbouring samples' noise
alike; the standard error follows from the residuals with that correlation, as in generalised least squares.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import inlined
from robocell.vision.kernels.caliper_profile import LAGS

SHARPEST: Final = 0.12  # px, the least blur
ITERATIONS: Final = 25
ENOUGH: Final = 1e-5  # px: a shorter step of a fit's place is its last but one
NEAR: Final = 0.02  # px: a fit whose place still moves by less when iterations end is taken
SOFT: Final = 1.2  # px: from this blur on, it does not matter whether pixels integrate
ROOT: Final = 0.3989422804014327  # 1/√(2π)
ROOT_HALF: Final = 0.7071067811865476


@inlined
def step_shape(
    first: float, s: float, f: float, box: bool, extra: np.ndarray, grid: np.ndarray, shape: np.ndarray, count: int
) -> None:
    """Write a rising step of height 1 at samples 1 px apart, and its change with its place and with its blur.

    Args:
        first: where the first sample lies, from the edge, px.
        s: blur, px.
        f: samples lie that far behind pixels and are interpolated between two of them.
        box: whether pixels integrate over their width.
        extra: (count,) px², what adds to the blur's square at each sample; 0 with f or box.
        grid: workspace, (count + 2, 3).
        shape: (count, 3).
        count: samples.

    """
    half = 0.5 if box else 0.0
    for k in range(count + 2):
        wide = math.sqrt(s * s + extra[min(k, count - 1)])
        z = (first + k - f - half) / wide
        p, d = 0.5 + 0.5 * math.erf(z * ROOT_HALF), ROOT * math.exp(-0.5 * z * z)
        if box:
            grid[k, 0], grid[k, 1], grid[k, 2] = s * (z * p + d), -p, d
        else:
            grid[k, 0], grid[k, 1], grid[k, 2] = p, -d / wide, -z * d * s / (wide * wide)
    if box:
        for k in range(count + 1):
            for m in range(3):
                grid[k, m] = grid[k + 1, m] - grid[k, m]
    for i in range(count):
        for m in range(3):
            shape[i, m] = (1.0 - f) * grid[i, m] + f * grid[i + 1, m]


@inlined
def fit(
    mean: np.ndarray, lo: int, hi: int, f: float, box: bool, extra: np.ndarray, fixed: bool, guess: np.ndarray,
    grid: np.ndarray, jac: np.ndarray, a: np.ndarray
) -> float:  # fmt: skip
    """Fit a step to samples lo to hi (exclusive); return the residuals' sum of squares, infinite where it fails.

    Args:
        mean: the profile.
        lo: first sample.
        hi: behind the last sample.
        f: as in `step_shape`.
        box: as in `step_shape`.
        extra: as in `step_shape`, of the whole profile.
        fixed: whether the blur is known.
        guess: (4,) place, blur, lower and higher level (in order along the caliper); improved in place.
        grid: workspace, (n + 2, 3).
        jac: (n, 4) becomes the residuals' Jacobian.
        a: (4, 8) becomes the normal matrix's inverse, in its right half.

    """
    count = hi - lo
    part = extra[lo:hi]
    done = False
    for n in range(ITERATIONS):
        place, s, low, high = guess[0], guess[1], guess[2], guess[3]
        step_shape(lo - place, s, f, box, part, grid, jac, count)
        for r in range(4):
            for k in range(8):
                a[r, k] = 1.0 if k == r + 4 else 0.0
        rss, r0, r1, r2, r3 = 0.0, 0.0, 0.0, 0.0, 0.0
        for i in range(count):
            g = jac[i, 0]
            residual = mean[lo + i] - low - (high - low) * g
            rss += residual * residual
            jac[i, 0] = (high - low) * jac[i, 1]
            jac[i, 1] = 0.0 if fixed else (high - low) * jac[i, 2]
            jac[i, 2], jac[i, 3] = 1.0 - g, g
            r0 += jac[i, 0] * residual
            r1 += jac[i, 1] * residual
            r2 += jac[i, 2] * residual
            r3 += jac[i, 3] * residual
            for r in range(4):
                for k in range(4):
                    a[r, k] += jac[i, r] * jac[i, k]
        if fixed:
            a[1, 1] = 1.0
        if not invert(a):
            return math.inf
        if done:
            return rss
        d0 = a[0, 4] * r0 + a[0, 5] * r1 + a[0, 6] * r2 + a[0, 7] * r3
        d1 = a[1, 4] * r0 + a[1, 5] * r1 + a[1, 6] * r2 + a[1, 7] * r3
        d2 = a[2, 4] * r0 + a[2, 5] * r1 + a[2, 6] * r2 + a[2, 7] * r3
        d3 = a[3, 4] * r0 + a[3, 5] * r1 + a[3, 6] * r2 + a[3, 7] * r3
        wider = s if fixed else min(max(s + min(max(d1, -0.5 * s), s), SHARPEST), 0.5 * count)
        done = abs(d0) < ENOUGH and abs(wider - s) < 10.0 * ENOUGH
        done = done or (n == ITERATIONS - 2 and abs(d0) < NEAR)
        guess[0], guess[1], guess[2], guess[3] = place + min(max(d0, -1.0), 1.0), wider, low + d2, high + d3
        if not (lo < guess[0] < hi - 1):
            return math.inf
    return math.inf


@inlined
def standard_error(rss: float, count: int, lag: np.ndarray, jac: np.ndarray, a: np.ndarray) -> float:
    """Return the place's standard error from the residuals, for samples whose noise is alike as `lag` says.

    The row of (JᵀJ)⁻¹Jᵀ that makes the place is w, and its variance wᵀ C w; the residuals' sum of squares is the
    noise's variance times tr(M C) with M = 1 - J (JᵀJ)⁻¹ Jᵀ.
    """
    variance, trace = 0.0, 0.0
    for i in range(count):
        for j in range(i, min(i + LAGS, count)):
            wi, wj, hat = 0.0, 0.0, 0.0
            for k in range(4):
                wi += a[0, 4 + k] * jac[i, k]
                wj += a[0, 4 + k] * jac[j, k]
                for r in range(4):
                    hat += jac[i, r] * a[r, 4 + k] * jac[j, k]
            both = lag[j - i] * (1.0 if i == j else 2.0)
            variance += wi * wj * both
            trace += ((1.0 if i == j else 0.0) - hat) * both
    return math.sqrt(max(variance, 0.0) * rss / max(trace, 1e-9))


@inlined
def invert(a: np.ndarray) -> bool:
    """Invert the first 4 × 4 of a (4, 8) array whose other half is the identity; the inverse replaces that."""
    good = True
    for p in range(4):
        pivot = a[p, p]
        good = good and abs(pivot) > 1e-12
        for k in range(8):
            a[p, k] /= pivot
        for r in range(4):
            if r != p:
                factor = a[r, p]
                for k in range(8):
                    a[r, k] -= factor * a[p, k]
    return good


@inlined
def begin(mean: np.ndarray, foot: int, top: int, lo: int, hi: int, blur: float, guess: np.ndarray) -> None:
    """Write a fit's start: the centroid of the slope and its spread, and the levels at the ends."""
    weight, first, second = mean[top] - mean[foot], 0.0, 0.0
    for k in range(foot, top):
        d = (mean[k + 1] - mean[k]) / weight
        first += d * (k + 0.5)
        second += d * (k + 0.5) * (k + 0.5)
    spread = math.sqrt(max(second - first * first - 1.0 / 12.0, 0.04))
    guess[0], guess[1] = first, blur if blur > 0.0 else spread
    guess[2], guess[3] = mean[lo], mean[hi - 1]


@inlined
def locate(
    mean: np.ndarray, lo: int, hi: int, f: float, oblique: bool, extra: np.ndarray, fixed: bool, lag: np.ndarray, guess: np.ndarray,
    other: np.ndarray, grid: np.ndarray, jac: np.ndarray, a: np.ndarray
) -> float:  # fmt: skip
    """Improve a guess by the fits of a step; return the place's standard error, infinite where they fail.

    Whether pixels integrate shows in the shape of a sharp edge along columns or rows, more or less: both fits are averaged by how likely
    each is (Bayesian model averaging), and what they differ by counts as uncertainty.
    """
    for k in range(4):
        other[k] = guess[k]
    sigma, variance, share = math.inf, 0.0, 1.0
    rss = fit(mean, lo, hi, f, False, extra, fixed, guess, grid, jac, a)
    if rss < math.inf:
        sigma = standard_error(rss, hi - lo, lag, jac, a)
    if not oblique and (rss == math.inf or guess[1] < SOFT):
        again = fit(mean, lo, hi, f, True, extra, fixed, other, grid, jac, a)
        if again < math.inf:
            variance = standard_error(again, hi - lo, lag, jac, a) ** 2
            if rss < math.inf:
                odds = min((rss / max(again, 1e-12)) ** (0.5 * (hi - lo)), 1e12)
                share = odds / (1.0 + odds)
                variance = share * variance + (1.0 - share) * sigma * sigma
                variance += share * (1.0 - share) * (other[0] - guess[0]) ** 2
            else:
                for k in range(4):
                    guess[k] = other[k]
            for k in range(4):
                guess[k] += share * (other[k] - guess[k])
            sigma = math.sqrt(variance)
    return sigma
