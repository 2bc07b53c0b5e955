"""Joint moves: every joint on its own double-S profile, all stretched to end together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Never, overload

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.kernels import scurve as kernels
from robocell.motion.limits import Limits
from robocell.motion.rigid import Floats, check_joints
from robocell.motion.trajectory import Trajectory

Vector = np.ndarray[tuple[int], np.dtype[np.float64]]
Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


class Moves:
    """N joint moves of n joints at once.

    Args:
        start: (N, n), kept: not to be changed any more.
        end: likewise.
        duration: (N,) seconds.
        limits: what the moves keep within.

    Attributes:
        start: (N, n).
        end: (N, n).
        duration: (N,) seconds.

    """

    __slots__ = ("_limits", "_times", "duration", "end", "start")

    def __init__(self, start: Floats, end: Floats, duration: Floats, limits: Limits) -> None:
        self.start = start
        self.end = end
        self.duration = duration
        self._limits = limits
        self._times: Floats | None = None

    def __len__(self) -> int:
        return len(self.start)

    def __getitem__(self, i: int) -> Trajectory:
        """Return one of the moves as a trajectory."""
        return _single(self.start[i].copy(), self.end[i].copy(), np.array([self.duration[i]]), self._limits)

    def sample(self, t: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (N, K, n), at times t (K,) in seconds; a move rests once it has ended."""
        times = np.array(t, dtype=np.float64)
        if times.ndim != 1:
            raise ValueError(f"t has shape {times.shape}, expected (K,)")
        start, end = self.start.reshape(-1), self.end.reshape(-1)
        if self._times is None:  # phase times are only needed by those who sample
            self._times = np.empty(3 * start.size)
            kernels.synchronised(start, end, self._limits.rates, self.duration, self._times)
        q, qd, qdd = np.empty((3, len(self), len(times), self.start.shape[1]))
        kernels.sample(start, end, self._times, self.duration, times, q.reshape(-1), qd.reshape(-1), qdd.reshape(-1))
        return q, qd, qdd


class _Move:
    """One move as a curve; its phase times are computed when it is first sampled."""

    __slots__ = ("_duration", "_end", "_limits", "_start", "_times", "duration")

    def __init__(self, start: Floats, end: Floats, duration: Floats, limits: Limits) -> None:
        self.duration = float(duration[0])
        self._start, self._end, self._duration, self._limits = start, end, duration, limits
        self._times: Floats | None = None

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (K, n), at times t (K,)."""
        if self._times is None:
            self._times = np.empty(3 * len(self._start))
            kernels.synchronised(self._start, self._end, self._limits.rates, self._duration, self._times)
        K, n = len(t), len(self._start)
        q, qd, qdd = np.empty(K * n), np.empty(K * n), np.empty(K * n)
        kernels.sample(self._start, self._end, self._times, self._duration, t, q, qd, qdd)
        return q.reshape(K, n), qd.reshape(K, n), qdd.reshape(K, n)


def _single(start: Floats, end: Floats, duration: Floats, limits: Limits) -> Trajectory:
    return Trajectory.of(_Move(start, end, duration, limits), start, end)


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
    within = limits.scaled(speed, acceleration)
    # copies: kernels are compiled for plain, writable arrays, and what a move was made of may change
    start = np.array(q0, dtype=np.float64, order="C")
    end = np.array(q1, dtype=np.float64, order="C")
    if start.shape == end.shape == (n,):
        duration = np.empty(1)
        kernels.durations(start, end, within.rates, duration)
        if not math.isfinite(duration[0]):
            _refuse(q0, q1, n)
        return _single(start, end, duration, within)
    if not (start.ndim == end.ndim == 2 and start.shape == end.shape):
        start, end = (
            x.copy() for x in np.broadcast_arrays(check_joints(start, n, "q0")[0], check_joints(end, n, "q1")[0])
        )
    if start.shape[1] != n:
        _refuse(q0, q1, n)
    duration = np.empty(len(start))
    if len(start):
        kernels.durations(start.reshape(-1), end.reshape(-1), within.rates, duration)
    if not np.isfinite(duration).all():
        _refuse(q0, q1, n)
    return Moves(start, end, duration, within)


def _refuse(q0: ArrayLike, q1: ArrayLike, n: int) -> Never:
    """Say what is wrong with positions whose duration is no number."""
    check_joints(q0, n, "q0")
    check_joints(q1, n, "q1")
    raise ValueError("q0 and q1 are too far apart")
