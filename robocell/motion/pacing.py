"""The first pace s(x) along a smooth path, from and to rest, and the grid on which it is improved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.motion.limits import Limits
from robocell.motion.rigid import Floats
from robocell.motion.spline import Spline

INTERVALS = 240  # at least
TABLE = 33  # places of each phase from which s(x) is inverted
REFINED = 3  # steps of Newton's method after that
RUN_UP = 0.25  # of the path, at most, for getting up to speed


@dataclass(frozen=True, eq=False)
class Grid:
    """Intervals of x, on each of which s is one cubic and the path one piece.

    Attributes:
        rows: (5 N,) five numbers an interval: its width, then s, s′, s″ and s‴ at its left.
        piece: (N,) piece of the path.

    """

    rows: Floats
    piece: NDArray[np.int64]


def paced(path: Spline, limits: Limits) -> Grid:
    """Return the grid of a path whose s gets up to speed and down again by ramps of jerk, then none, then jerk.

    Between the ramps s′ = 1; their lengths are those of the same change of speed within the limits, at the greatest
    constant speed that the whole path allows.
    """
    S = path.breaks[-1] - path.breaks[0]
    _, first, second, third = path.at(np.linspace(path.breaks[0], path.breaks[-1], 4 * INTERVALS))
    steep, bent, jerky = (np.maximum(np.abs(x), 1e-12) for x in (first, second, third))
    v, a, j = limits.velocity, limits.acceleration, limits.jerk
    w = float(min((v / steep).min(), np.sqrt((a / bent).min()), np.cbrt((j / jerky).min())))
    ramps = []
    for end in (0, -1):
        along_a, along_j = float((a / steep[end]).min()), float((j / steep[end]).min())
        tj = min(along_a / along_j, np.sqrt(w / along_j))
        T = tj + w / (along_j * tj)
        scale = min(1.0, 2.0 * RUN_UP * S / (w * T)) * w
        ramps.append((T * scale, tj * scale))
    return _grid(path, S, ramps[0], ramps[1])


def _grid(path: Spline, S: float, up: tuple[float, float], down: tuple[float, float]) -> Grid:
    """Lay out the ramps (length and jerk phase, in x) and cut x where s, its derivatives or the path change."""
    X = S + 0.5 * (up[0] + down[0])
    corners = np.array([0.0, up[1], up[0] - up[1], up[0], X - down[0], X - down[0] + down[1], X - down[1], X])
    rise, fall = 1.0 / ((up[0] - up[1]) * up[1]), 1.0 / ((down[0] - down[1]) * down[1])
    jerk = np.array([rise, 0.0, -rise, 0.0, -fall, 0.0, fall])
    state = np.zeros((8, 3))  # s, s′ and s″ at the corners
    state[0, 0] = path.breaks[0]
    for i, h in enumerate(np.diff(corners)):
        s, v, a = state[i]
        state[i + 1] = s + h * (v + h * (a / 2 + h * jerk[i] / 6)), v + h * (a + h * jerk[i] / 2), a + h * jerk[i]

    def at(x: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        k = np.clip(np.searchsorted(corners, x, side="right") - 1, 0, 6)
        u, (s, v, a), j = x - corners[k], state[k].T, jerk[k]
        return s + u * (v + u * (a / 2 + u * j / 6)), v + u * (a + u * j / 2), a + u * j, j

    x = _inverse(at, path.breaks[1:-1], corners)
    cuts = np.sort(np.concatenate([corners, x]))
    cuts = cuts[np.concatenate([[True], np.diff(cuts) > 1e-7 * X])]
    cuts[-1] = X
    parts = np.ceil(np.diff(cuts) * (INTERVALS / X)).astype(np.int64)
    which = np.repeat(np.arange(len(parts)), parts)
    within = np.arange(len(which)) - np.repeat(np.cumsum(parts) - parts, parts)
    h = np.diff(cuts)[which] / parts[which]
    left = cuts[which] + within * h
    rows = np.empty((len(left), 5))
    # the cubic and the piece are those in the middle, so that an end that rounding has moved across does no harm
    s, v, a, rows[:, 4] = at(left + 0.5 * h)
    back = -0.5 * h
    rows[:, 1] = s + back * (v + back * (a / 2 + back * rows[:, 4] / 6))
    rows[:, 2] = v + back * (a + back * rows[:, 4] / 2)
    rows[:, 3] = a + back * rows[:, 4]
    rows[:, 0] = h
    piece = np.clip(np.searchsorted(path.breaks, s, side="right") - 1, 0, len(path.coefficients) - 1)
    return Grid(rows.reshape(-1), piece.astype(np.int64))


def _inverse(at: Callable[[Floats], tuple[Floats, ...]], places: Floats, corners: Floats) -> Floats:
    """Return the x at which s passes places (K,): from a table, then by Newton's method."""
    share = np.linspace(0.0, 1.0, TABLE)
    table = (corners[:-1, None] + np.diff(corners)[:, None] * share).reshape(-1)
    x = np.interp(places, at(table)[0], table)
    for _ in range(REFINED):
        s, slope, _, _ = at(x)
        x = np.clip(x - (s - places) / np.maximum(slope, 1e-9), 0.0, corners[-1])
    return np.asarray(x)
