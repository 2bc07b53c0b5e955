"""Joint moves: every joint on its own double-S profile, all stretched to end together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.limits import Limits
from robocell.motion.rigid import Floats, check_joints
from robocell.motion.scurve import phases, profile
from robocell.motion.trajectory import Polynomials, Trajectory, horner

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


@dataclass(frozen=True, eq=False)
class Moves:
    """N joint moves of n joints at once.

    Attributes:
        start: (N, n).
        end: (N, n).
        duration: (N,) seconds.
        knots: (8, N, n) seconds.
        coefficients: (4, 7, N, n) ascending powers of the time since the phase began.

    """

    start: Floats
    end: Floats
    duration: Floats
    knots: Floats
    coefficients: Floats

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, i: int) -> Trajectory:
        """Return one of the moves as a trajectory."""
        curve = Polynomials(self.knots[:, i], self.coefficients[:, :, i], float(self.duration[i]))
        return Trajectory.of(curve, self.start[i], self.end[i])

    def sample(self, t: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (N, K, n), at times t (K,) in seconds; a move rests once it has ended."""
        times = np.asarray(t, dtype=np.float64)
        if times.ndim != 1:
            raise ValueError(f"t has shape {times.shape}, expected (K,)")
        inside = np.minimum(np.maximum(times, 0.0), self.duration[:, None])  # (N, K)
        piece = (self.knots[1:-1, :, None] <= inside[..., None]).sum(axis=0)  # (N, K, n)
        rows, columns = np.arange(len(self))[:, None, None], np.arange(self.start.shape[1])
        u = inside[..., None] - self.knots[piece, rows, columns]
        q, qd, qdd = horner(self.coefficients[:, piece, rows, columns], u)
        resting = (times != inside)[..., None]
        last = (times >= self.duration[:, None])[..., None]
        return np.where(last, self.end[:, None], q), np.where(resting, 0.0, qd), np.where(resting, 0.0, qdd)


@overload
def point_to_point(
    q0: Sequence[float], q1: Sequence[float], limits: Limits, speed: float = ..., acceleration: float = ...
) -> Trajectory: ...
@overload
def point_to_point(
    q0: Vector, q1: Vector, limits: Limits, speed: float = ..., acceleration: float = ...
) -> Trajectory: ...
@overload
def point_to_point(q0: Matrix, q1: Matrix, limits: Limits, speed: float = ..., acceleration: float = ...) -> Moves: ...
def point_to_point(
    q0: ArrayLike, q1: ArrayLike, limits: Limits, speed: float = 1.0, acceleration: float = 1.0
) -> Trajectory | Moves:
    """Move all joints from rest to rest, synchronised, within velocity, acceleration and jerk limits.

    The duration is that of the slowest joint's time-optimal profile; every other joint's own profile is
    stretched uniformly to it, which divides its velocity, acceleration and jerk by powers of a factor ≥ 1.

    Args:
        q0: (n,) or (N, n) start, rad or m.
        q1: (n,) or (N, n) end.
        limits: joint limits; positions are not checked.
        speed: fraction of the velocity limits, 0 < speed ≤ 1.
        acceleration: fraction of the acceleration and jerk limits, likewise.

    Returns:
        A `Trajectory` for single positions, `Moves` where either is a batch.

    Raises:
        ValueError: wrong shapes, numbers that are not finite, fractions outside (0, 1].

    """
    n = len(limits.velocity)
    start, single0 = check_joints(q0, n, "q0")
    end, single1 = check_joints(q1, n, "q1")
    if start.shape != end.shape:
        start, end = np.broadcast_arrays(start, end)
    duration, knots, coefficients = _synchronised(start, end, limits.scaled(speed, acceleration))
    if single0 and single1:
        curve = Polynomials(knots[:, 0], coefficients[:, :, 0], float(duration[0]))
        return Trajectory.of(curve, start[0], end[0])
    return Moves(start, end, duration, knots, coefficients)


def _synchronised(start: Floats, end: Floats, limits: Limits) -> tuple[Floats, Floats, Floats]:
    """Return durations (N,), knots (8, N, n) and coefficients (4, 7, N, n)."""
    distance = end - start
    tj, ta, tv = phases(distance, limits.velocity, limits.acceleration, limits.jerk)
    own = 2.0 * ta + tv
    duration = own.max(axis=1)
    stretch = np.where(own > 0.0, duration[:, None] / np.where(own > 0.0, own, 1.0), 0.0)
    knots, c = profile(distance, tj * stretch, ta * stretch, tv * stretch)
    c[0] += start
    return duration, knots, c
