"""`Trajectory`: what the world executes. Immutable, made of curves seen through time maps."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.rigid import Floats, frozen


class Curve(Protocol):
    """A smooth joint curve over 0 … duration seconds."""

    @property
    def duration(self) -> float:
        """Length in seconds."""
        ...

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (K, n), at times t (K,) inside the curve."""
        ...


@dataclass(frozen=True, eq=False)
class Rest:
    """Standing still.

    Attributes:
        at: (n,) joint position.
        duration: seconds.

    """

    at: Floats
    duration: float

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (K, n), at times t (K,)."""
        q = np.empty((len(t), len(self.at)))
        q[:] = self.at
        return q, np.zeros_like(q), np.zeros_like(q)


@dataclass(frozen=True, eq=False)
class _Span:
    """A stretch of a curve: time t of the span is time `start + rate · t` of the curve."""

    curve: Curve
    start: float
    rate: float
    duration: float

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        inner = np.minimum(np.maximum(self.start + self.rate * t, 0.0), self.curve.duration)
        q, qd, qdd = self.curve.evaluate(inner)
        return (q, qd, qdd) if self.rate == 1.0 else (q, qd * self.rate, qdd * (self.rate * self.rate))


class Trajectory:
    """Joint positions over time, from 0 to `duration`.

    Args:
        spans: made by this module's functions; use `Trajectory.of`, `Trajectory.still` and `concatenate`.

    """

    __slots__ = ("_ends", "_spans", "duration", "end", "start")

    duration: float
    """Seconds."""
    start: Floats
    """(n,) joint position at 0."""
    end: Floats
    """(n,) joint position at `duration`."""

    def __init__(self, spans: tuple[_Span, ...], start: ArrayLike, end: ArrayLike) -> None:
        self._spans = spans
        self._ends = tuple(accumulate([s.duration for s in spans]))
        self.duration = self._ends[-1] if spans else 0.0
        self.start = frozen(start)
        self.end = frozen(end)

    @staticmethod
    def of(curve: Curve, start: ArrayLike, end: ArrayLike) -> Trajectory:
        """Return the trajectory along a whole curve, whose ends (n,) are given exactly."""
        return Trajectory((_Span(curve, 0.0, 1.0, curve.duration),), start, end)

    @staticmethod
    def still(q: ArrayLike, duration: float = 0.0) -> Trajectory:
        """Return a trajectory that stays at q (n,) for a time (s)."""
        at = frozen(q)
        return Trajectory.of(Rest(at, duration), at, at)

    def sample(self, t: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Return joint position, velocity and acceleration.

        Args:
            t: (K,) or scalar, seconds; times outside are taken as the nearer end, at rest there.

        Returns:
            q, q̇, q̈, each (K, n); (n,) for a scalar.

        """
        times = np.asarray(t, dtype=np.float64)
        if times.ndim == 0:
            return self._moment(float(times))
        flat = times
        inside = np.minimum(np.maximum(flat, 0.0), self.duration)
        if len(self._spans) == 1:
            q, qd, qdd = self._spans[0].evaluate(inside)
        else:
            q, qd, qdd = self._piecewise(inside)
        outside = inside != flat
        if outside.any():
            qd, qdd = np.where(outside[:, None], 0.0, qd), np.where(outside[:, None], 0.0, qdd)
        last = flat >= self.duration
        if last.any():
            q = np.where(last[:, None], self.end, q)
        return q, qd, qdd

    def _moment(self, t: float) -> tuple[Floats, Floats, Floats]:
        """Sample at a single time, as control loops and simulated worlds do every few milliseconds."""
        if t < 0.0 or t > self.duration:
            return (self.end if t > 0.0 else self.start).copy(), np.zeros(len(self.end)), np.zeros(len(self.end))
        i = min(bisect_right(self._ends, t), len(self._spans) - 1)
        before = self._ends[i - 1] if i else 0.0
        q, qd, qdd = self._spans[i].evaluate(np.array([t - before]))
        return (q[0] if t < self.duration else self.end.copy()), qd[0], qdd[0]

    def _piecewise(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        which = np.minimum(np.searchsorted(self._ends, t, side="right"), len(self._spans) - 1)
        out = np.empty((3, len(t), len(self.start)))
        for i in np.unique(which):
            here = which == i
            before = self._ends[i - 1] if i else 0.0
            out[:, here] = self._spans[i].evaluate(t[here] - before)
        return out[0], out[1], out[2]

    def position(self, t: float) -> Floats:
        """Return the joint position (n,) at a time (s)."""
        return self.sample(t)[0]

    def scaled(self, factor: float) -> Trajectory:
        """Return the same motion at `factor` times the speed: a speed override, 0 < factor.

        Raises:
            ValueError: factor is not a positive number.

        """
        if not 0.0 < factor < np.inf:
            raise ValueError(f"speed override is {factor}, expected a positive number")
        spans = tuple(_Span(s.curve, s.start, s.rate * factor, s.duration / factor) for s in self._spans)
        return Trajectory(spans, self.start, self.end)

    def reversed(self) -> Trajectory:
        """Return the same path run backwards, with the same timing."""
        spans = tuple(_Span(s.curve, s.start + s.rate * s.duration, -s.rate, s.duration) for s in self._spans[::-1])
        return Trajectory(spans, self.end, self.start)

    def until(self, t: float) -> Trajectory:
        """Return the part from 0 to a time (s); it may end in motion."""
        if t >= self.duration:
            return self
        spans: list[_Span] = []
        left = max(t, 0.0)
        for s in self._spans:
            spans.append(_Span(s.curve, s.start, s.rate, min(s.duration, left)))
            left -= s.duration
            if left <= 0.0:
                break
        return Trajectory(tuple(spans), self.start, self.position(t))

    @staticmethod
    def concatenate(parts: tuple[Trajectory, ...] | list[Trajectory]) -> Trajectory:
        """Return one trajectory that runs several after each other.

        Raises:
            ValueError: no parts, or a part that does not begin where the one before it ends (1e-6 rad or m).

        """
        if not parts:
            raise ValueError("concatenate needs at least one trajectory")
        for i in range(1, len(parts)):
            gap = float(np.abs(parts[i].start - parts[i - 1].end).max())
            if gap > 1e-6:
                raise ValueError(f"trajectory {i} begins {gap:.3g} away from where trajectory {i - 1} ends")
        spans = tuple(s for part in parts for s in part._spans)
        return Trajectory(spans, parts[0].start, parts[-1].end)
