"""Smooth joint paths q(s), s from 0 to 1, timed by one double-S profile; batched over C candidates.

A path is a piecewise quintic that meets q, q′ and q″ at equally spaced knots, so it is twice continuously
differentiable and its geometry does not depend on how fast it is run. With s(t) a double S, q̇ = q′ṡ, q̈ =
q″ṡ² + q′s̈, q⃛ = q‴ṡ³ + 3q″ṡs̈ + q′s⃛.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.motion.limits import Limits
from robocell.motion.rigid import Floats
from robocell.motion.scurve import phases, profile

GRID = np.linspace(0.0, 1.0, 9)  # samples of each interval, both ends included
MARGIN = 1.0001  # on the stretch, for what those samples still miss


def horner(c: Floats, u: Floats) -> tuple[Floats, Floats, Floats]:
    """Evaluate polynomials c (D + 1, …), ascending, and their first two derivatives at u (…)."""
    value, first, second = c[-2] + u * c[-1], c[-1], np.zeros(())
    for k in c[-3::-1]:
        second = second * u + first
        first = first * u + value
        value = value * u + k
    return value, first, 2.0 * second


@dataclass(frozen=True, eq=False)
class JointPath:
    """C paths with P equal pieces each.

    Attributes:
        coefficients: (6, C, P, n) ascending powers of the place within a piece, 0 to 1.

    """

    coefficients: Floats

    @staticmethod
    def hermite(q: Floats, first: Floats, second: Floats) -> JointPath:
        """Build paths from q, q′ and q″ at K equally spaced knots, each (C, K, n)."""
        h = 1.0 / (q.shape[1] - 1)
        d, e = first * h, second * (h * h)
        c = np.empty((6, q.shape[0], q.shape[1] - 1, q.shape[2]))
        c[0], c[1], c[2] = q[:, :-1], d[:, :-1], 0.5 * e[:, :-1]
        A = q[:, 1:] - c[0] - c[1] - c[2]
        B = d[:, 1:] - c[1] - e[:, :-1]
        E = 0.5 * (e[:, 1:] - e[:, :-1])
        c[3] = 10.0 * A - 4.0 * B + E
        c[4] = -15.0 * A + 7.0 * B - 2.0 * E
        c[5] = 6.0 * A - 3.0 * B + E
        return JointPath(c)

    def select(self, i: int) -> JointPath:
        """Return path i alone."""
        return JointPath(self.coefficients[:, i : i + 1])

    def at(self, s: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return q, q′, q″, q‴ at s (C, S), each (C, S, n)."""
        P = self.coefficients.shape[2]
        piece = np.minimum((s * P).astype(np.intp), P - 1)
        q, first, second, third = self.on(piece, s[..., None])
        return q[:, :, 0], first[:, :, 0], second[:, :, 0], third[:, :, 0]

    def on(self, piece: NDArray[np.intp], s: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Return q, q′, q″, q‴ on given pieces (C, I) at s (C, I, G), each (C, I, G, n)."""
        P = self.coefficients.shape[2]
        c = self.coefficients[:, np.arange(len(s))[:, None], piece][:, :, :, None]
        u = (s * P - piece[..., None])[..., None]
        q, first, second = horner(c, u)
        third = 6.0 * c[3] + u * (24.0 * c[4] + u * (60.0 * c[5]))
        return q, first * P, second * (P * P), third * (P * P * P)

    def middles(self) -> Floats:
        """Return q halfway between the knots, (C, P, n)."""
        powers = np.array([1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125])
        return np.asarray(np.tensordot(powers, self.coefficients, axes=1))


@dataclass(frozen=True, eq=False)
class Timing:
    """Profiles s(t) of C paths.

    Attributes:
        knots: (8, C) seconds.
        coefficients: (4, 7, C).
        duration: (C,) seconds.

    """

    knots: Floats
    coefficients: Floats
    duration: Floats


@dataclass(frozen=True, eq=False)
class TimedPath:
    """One path and its profile: a curve for `Trajectory`.

    Attributes:
        path: a single path (C = 1).
        knots: (8,) seconds.
        coefficients: (4, 7).
        duration: seconds.

    """

    path: JointPath
    knots: Floats
    coefficients: Floats
    duration: float

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (K, n), at times t (K,)."""
        piece = np.searchsorted(self.knots[1:-1], t, side="right")
        s, v, a = horner(self.coefficients[:, piece], t - self.knots[piece])
        q, first, second, _ = self.path.at(np.minimum(np.maximum(s, 0.0), 1.0)[None])
        v, a = v[:, None], a[:, None]
        return q[0], first[0] * v, second[0] * (v * v) + first[0] * a


def time_paths(path: JointPath, limits: Limits, along: tuple[Floats, Floats, Floats]) -> Timing:
    """Time C paths from rest to rest within joint limits.

    The profile's own limits are the path's limits `along`, lowered to what the joints allow where the path is
    straight in joint space; then the whole is stretched by what the path's curvature still exceeds.
    Stretching by k divides velocity, acceleration and jerk by k, k² and k³, so one stretch suffices.

    Args:
        path: C paths.
        limits: joint limits.
        along: limits of ṡ, s̈ and s⃛, each (C,), may be infinite.

    """
    C, P = path.coefficients.shape[1:3]
    s = np.broadcast_to(np.linspace(0.0, 1.0, 2 * P + 1), (C, 2 * P + 1))
    steep = np.maximum(np.abs(path.at(s)[1]).max(axis=1), 1e-12)  # (C, n)
    bounds = (limits.velocity, limits.acceleration, limits.jerk)
    v, a, j = (np.minimum(b, (joint / steep).min(axis=1)) for b, joint in zip(along, bounds, strict=True))
    tj, ta, tv = phases(np.ones(C), v, a, j)
    knots, c = profile(np.ones(C), tj, ta, tv)
    stretch = _excess(path, limits, knots, c)
    k = np.where(stretch > 1.0, stretch * MARGIN, 1.0)
    scale = k ** -np.arange(4.0)[:, None]
    knots = knots * k
    return Timing(knots, c * scale[:, None], knots[-1])


def _excess(path: JointPath, limits: Limits, knots: Floats, c: Floats) -> Floats:
    """Return by how much (C,) the timing must be stretched for the joint limits to hold.

    Between two of all the times where the profile's phase or the path's piece changes everything is one
    polynomial; each such interval is sampled up to both its ends with its own phase and piece, since the jerk
    differs on either side.
    """
    C, P = path.coefficients.shape[1:3]
    breaks = np.sort(np.concatenate([knots.T, _crossings(P, knots, c)], axis=1), axis=1)
    t = breaks[:, :-1, None] + GRID * np.diff(breaks, axis=1)[..., None]  # (C, I, G)
    centre = t[..., len(GRID) // 2]
    phase = (knots[1:-1].T[:, None] <= centre[..., None]).sum(axis=2)
    row = np.arange(C)[:, None]
    own = c[:, phase, row][..., None]
    s, v, a = horner(own, t - knots[phase, row][..., None])
    j = 6.0 * own[3]
    piece = np.minimum((s[..., len(GRID) // 2] * P).astype(np.intp), P - 1)
    _, q1, q2, q3 = path.on(piece, s)
    v, a, j = v[..., None], a[..., None], j[..., None]
    vv = v * v
    y = np.empty((3, *q1.shape))
    y[0] = q1 * v / limits.velocity
    y[1] = (q2 * vv + q1 * a) / limits.acceleration
    y[2] = (q3 * (vv * v) + q2 * (3.0 * v * a) + q1 * j) / limits.jerk
    # a parabola through three samples exceeds the largest by at most an eighth of their second difference
    bulge = np.abs(y[..., 2:, :] - 2.0 * y[..., 1:-1, :] + y[..., :-2, :]).max(axis=3) / 8.0
    worst = (np.abs(y).max(axis=3) + bulge).reshape(3, C, -1).max(axis=2)
    return np.asarray(np.maximum(worst[0], np.maximum(np.sqrt(worst[1]), np.cbrt(worst[2]))))


def _crossings(P: int, knots: Floats, c: Floats) -> Floats:
    """Return the times (C, P − 1) at which s passes the path's inner knots, to a few thousandths of a piece.

    That is enough: a piece's polynomial goes on smoothly past its end.
    """
    C = knots.shape[1]
    u = GRID[:-1, None, None] * (knots[1:] - knots[:-1])
    s = ((c[3] * u + c[2]) * u + c[1]) * u + c[0]
    t = (u + knots[:-1]).transpose(2, 1, 0).reshape(C, -1)
    s = s.transpose(2, 1, 0).reshape(C, -1)
    places = np.arange(1.0, P) / P
    out = np.empty((C, P - 1))
    for i in range(C):
        out[i] = np.interp(places, s[i], t[i])
    return out
