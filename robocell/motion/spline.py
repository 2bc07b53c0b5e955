"""`Spline`: smooth joint paths q(s), piecewise cubic and twice continuously differentiable."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.kernels import spline as kernels
from robocell.motion.rigid import Floats


@dataclass(frozen=True, eq=False)
class Spline:
    """A smooth joint path.

    Attributes:
        breaks: (P + 1,) s at which pieces begin, ascending, then the end.
        coefficients: (P, 4, n) ascending powers of s since the piece began.
        n: number of joints; derived.
        flat: (P · 4 · n,) the coefficients as kernels take them; derived.
        end: (n,) where the path ends; derived.

    """

    breaks: Floats
    coefficients: Floats
    n: int = field(init=False)
    flat: Floats = field(init=False, repr=False)
    end: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", int(self.coefficients.shape[2]))
        object.__setattr__(self, "flat", self.coefficients.reshape(-1))
        c, u = self.coefficients[-1], self.breaks[-1] - self.breaks[-2]
        object.__setattr__(self, "end", c[0] + u * (c[1] + u * (c[2] + u * c[3])))

    @staticmethod
    def through(points: ArrayLike, at: ArrayLike | None = None) -> Spline:
        """Return the natural cubic spline (q″ = 0 at both ends) through points.

        Args:
            points: (M, n) joint positions, rad or m, M ≥ 2.
            at: (M,) s at each point, ascending; by default the lengths of the chords between them.

        Raises:
            ValueError: wrong shapes, numbers that are not finite, points that coincide, s that does not ascend.

        """
        q = np.array(points, dtype=np.float64, order="C")
        if q.ndim != 2 or len(q) < 2 or q.shape[1] < 1:
            raise ValueError(f"points have shape {q.shape}, expected (M, n) with M ≥ 2")
        if at is None:
            chords = np.sqrt((np.diff(q, axis=0) ** 2).sum(axis=1))
            s = np.concatenate([[0.0], np.cumsum(chords)])
        else:
            s = np.array(at, dtype=np.float64)
        if s.shape != (len(q),):
            raise ValueError(f"at has shape {s.shape}, expected ({len(q)},)")
        if not (np.isfinite(q).all() and np.isfinite(s).all()):
            raise ValueError("points or their places hold a number that is not finite")
        if not (np.diff(s) > 0.0).all():
            k = int(np.argmin(np.diff(s) > 0.0))
            raise ValueError(f"s does not ascend from point {k} to point {k + 1}")
        c = np.empty((len(q) - 1, 4, q.shape[1]))
        kernels.through(q.reshape(-1), s, c.reshape(-1))
        return Spline(s, c)

    def points(self, s: ArrayLike) -> Floats:
        """Return q (K, n) at s (K,), as `at` does."""
        places = np.asarray(s, dtype=np.float64)
        piece = np.clip(np.searchsorted(self.breaks, places, side="right") - 1, 0, len(self.coefficients) - 1)
        c = self.coefficients
        u = (places - self.breaks[piece])[:, None]
        return np.asarray(c[piece, 0] + u * (c[piece, 1] + u * (c[piece, 2] + u * c[piece, 3])))

    def at(self, s: ArrayLike) -> tuple[Floats, Floats, Floats, Floats]:
        """Return q, q′, q″ and q‴, each (K, n), at s (K,); outside the ends the nearer piece goes on."""
        places = np.asarray(s, dtype=np.float64)
        piece = np.clip(np.searchsorted(self.breaks, places, side="right") - 1, 0, len(self.coefficients) - 1)
        c = self.coefficients[piece].transpose(1, 0, 2)
        u = (places - self.breaks[piece])[:, None]
        return (
            c[0] + u * (c[1] + u * (c[2] + u * c[3])),
            c[1] + u * (2.0 * c[2] + 3.0 * u * c[3]),
            2.0 * c[2] + 6.0 * u * c[3],
            6.0 * c[3] + 0.0 * u,
        )

    def bulge(self) -> float:
        """Return a bound of how far any joint leaves the straight lines between the ends of pieces: h² max |q″| / 8."""
        h = np.diff(self.breaks)[:, None]
        left = 2.0 * self.coefficients[:, 2]
        right = left + 6.0 * self.coefficients[:, 3] * h
        return float((np.maximum(np.abs(left), np.abs(right)) * (h * h)).max() / 8.0)
