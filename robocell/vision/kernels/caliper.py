"""Edges along a caliper: rows averaged across it, steps found along it, each fitted by a blurred one."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.vision.kernels.caliper_fit import begin, locate
from robocell.vision.kernels.caliper_profile import LAGS, correlation, phase, profile, slope

# What `edges` returns where it finds none.
OUTSIDE: Final = -1
SATURATED: Final = -2
CROWDED: Final = -3
RESULT: Final = 4  # numbers an edge: position, its standard error, contrast (rising is positive), blur
FEWEST: Final = 6  # samples that a step is fitted to
PLATEAU: Final = 6  # samples beyond an edge on which its levels are seen
FOOT: Final = 0.08  # share of an edge's steepest slope where its plateau begins
OTHER: Final = 0.24  # share of an edge's steepest slope from which on another edge begins
NEARLY: Final = 0.7  # share of the contrast asked for that is worth a fit
EDGE: Final = 1e-9  # px that a caliper may reach outside by rounding
WHITE_SHARE: Final = 0.02  # of an edge's pixels that may be saturated
CLEAR: Final = 1.5  # blurs that an edge lies within its samples at least: what never levels off is shading
UNSURE: Final = 0.5  # px: an edge whose place is no better known is none


@inlined
def ascent(mean: np.ndarray, steep: np.ndarray, first: int, last: int) -> tuple[int, int, float]:
    """Return where the edge about a peak of the slope begins and ends, and the slope there at its steepest.

    A lesser peak of the same sign belongs to the same edge. Slopes are taken with the first peak's sign.

    Args:
        mean: the profile.
        steep: its slope.
        first: where the slope peaks.
        last: sample before which the edge does not begin.

    """
    sign = 1.0 if steep[first] > 0.0 else -1.0
    peak = sign * steep[first]
    top = first
    while top < mean.size - 1 and sign * steep[top] > FOOT * peak:
        top += 1
        peak = max(peak, sign * steep[top])
    foot = first
    while foot > last and sign * steep[foot] > FOOT * peak:
        foot -= 1
    return foot, top, sign * peak


@inlined
def plateaus(steep: np.ndarray, foot: int, top: int, last: int, most: float) -> tuple[int, int]:
    """Return the samples (first, behind the last) of an edge and of the plateaus beside it, up to any other edge."""
    lo, hi = foot, top
    while lo > max(foot - PLATEAU, last) and abs(steep[lo - 1]) <= most:
        lo -= 1
    while hi < min(top + PLATEAU, steep.size - 1) and abs(steep[hi + 1]) <= most:
        hi += 1
    return lo, hi + 1


@inlined
def total(values: np.ndarray, lo: int, hi: int) -> float:
    """Return a sum."""
    result = 0.0
    for k in range(lo, hi):
        result += values[k]
    return result


@kernel
def edges(
    image: np.ndarray, x: float, y: float, angle: float, samples: int, rows: int, least: float, blur: float,
    white: int, out: np.ndarray
) -> int:  # fmt: skip
    """Write all edges along a caliper, in order; return how many, or why there can be none.

    Args:
        image: (H, W) uint8, C order, at least 2 × 2.
        x: column of the caliper's centre, px.
        y: its row.
        angle: of the caliper, from columns towards rows, rad.
        samples: along it, 1 px apart.
        rows: averaged across it, 1 px apart.
        least: grey levels of contrast that an edge has.
        blur: of edges, px, the standard deviation of a Gaussian; 0 where it is not known.
        white: grey level from which on a pixel is saturated.
        out: (K, RESULT) float64; more than K edges are CROWDED. Positions are in px from the centre.

    """
    c, s = math.cos(angle), math.sin(angle)
    along, across = 0.5 * (samples - 1), 0.5 * (rows - 1)
    reach_x, reach_y = abs(c) * along + abs(s) * across - EDGE, abs(s) * along + abs(c) * across - EDGE
    height, width = image.shape
    if x < reach_x or y < reach_y or x + reach_x > width - 1.0 or y + reach_y > height - 1.0:
        return OUTSIDE
    mean, over, steep, extra = np.empty(samples), np.empty(samples), np.empty(samples), np.empty(samples)
    profile(image, x, y, c, s, rows, white, mean, over, extra)
    slope(mean, steep)
    lag, grid, guess, other = np.empty(LAGS), np.empty((samples + 2, 3)), np.empty(4), np.empty(4)
    jac, a = np.empty((samples, 4)), np.empty((4, 8))
    correlation(x, y, c, s, rows, lag)
    oblique, f = phase(x, y, c, s, along)
    if not oblique:
        extra[:] = 0.0  # the shape of the step has it
    found, last, i = 0, 0, 1
    while i < samples - 1:
        peak = abs(steep[i])
        if peak == 0.0 or peak < abs(steep[i - 1]) or peak < abs(steep[i + 1]):
            i += 1
            continue
        foot, top, steepest = ascent(mean, steep, i, last)
        i = max(top, i + 1)
        if abs(mean[top] - mean[foot]) < NEARLY * least or (mean[top] - mean[foot]) * steepest <= 0.0:
            continue
        lo, hi = plateaus(steep, foot, top, last, OTHER * abs(steepest))
        last = top
        if total(over, lo, hi) > WHITE_SHARE * (hi - lo):
            return SATURATED
        if hi - lo < FEWEST:
            continue
        begin(mean, foot, top, lo, hi, blur, guess)
        sigma = locate(mean, lo, hi, f, oblique, extra, blur > 0.0, lag, guess, other, grid, jac, a)
        contrast = guess[3] - guess[2]
        room = min(guess[0] - lo, hi - 1 - guess[0]) + 0.5
        if sigma > UNSURE or contrast * steepest < 0.0 or abs(contrast) < least or room < CLEAR * guess[1]:
            continue
        if found == out.shape[0]:
            return CROWDED
        out[found, 0], out[found, 1], out[found, 2], out[found, 3] = guess[0] - along, sigma, contrast, guess[1]
        found += 1
    if found == 0 and total(over, 0, samples) > 0.5 * samples:
        return SATURATED
    return found
