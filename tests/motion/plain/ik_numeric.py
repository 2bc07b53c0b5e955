"""Inverse kinematics by iteration: polishing of nearly closed-form arms, and any other serial chain.

Damped least squares (Levenberg–Marquardt with Sugihara's damping: proportional to the squared error), all
poses and all starts as one batch. The starts of a chain without closed form are fixed points of a Weyl
sequence inside the limits, so that the same pose always gives the same answer.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from robocell.motion.chain import Chain
from robocell.motion.rigid import Bools, Floats, rotation_vectors

REACH = 1e-10  # metres: a pose that is this little out of reach counts as reached
DOUBT = 1e-6  # metres: below this, rounding at a singularity may be all that is missing
NEARLY = 5e-3  # metres: likewise, where the chain is only nearly of the closed form's class
RESIDUAL = 5e-10  # metres and radians: what counts as a solution
BRANCHES = 8
STARTS = 24
SAME = 1e-4  # rad and metres: solutions closer than this are one


def residual(chain: Chain, q: Floats, T: Floats) -> tuple[Floats, Floats]:
    """Return the twist (N, 6) from fk(q) to T, base frame, linear first, and the Jacobian (N, 6, n)."""
    frames = chain.frames(q)
    tip = frames[-1] @ chain.end
    error = np.empty((len(q), 6))
    error[:, :3] = T[:, :3, 3] - tip[:, :3, 3]
    error[:, 3:] = rotation_vectors(T[:, :3, :3] @ tip[:, :3, :3].transpose(0, 2, 1))
    return error, chain.jacobian(*chain.columns(frames))


def descend(
    chain: Chain, q: Floats, T: Floats, steps: int, bounds: Floats | None = None, damping: float = 0.05
) -> tuple[Floats, Floats]:
    """Go from starts q (N, n) to poses T (N, 4, 4); return q and the remaining twists (N, 6)."""
    q = q.copy()
    error, J = residual(chain, q, T)
    active = np.arange(len(q))
    for _ in range(steps):
        active = active[np.abs(error[active]).max(axis=1, initial=0.0) > 1e-13]
        if not len(active):
            break
        e, Ja = error[active], J[active]
        weight = damping * (e * e).sum(axis=1) + 1e-14
        A = Ja @ Ja.transpose(0, 2, 1) + weight[:, None, None] * np.eye(6)
        step = (Ja.transpose(0, 2, 1) @ np.linalg.solve(A, e[..., None]))[..., 0]
        step *= np.minimum(1.0, 1.0 / np.maximum(np.abs(step).max(axis=1, keepdims=True), 1e-300))
        moved = q[active] + step
        if bounds is not None:
            moved = np.clip(moved, bounds[:, 0], bounds[:, 1])
        q[active] = moved
        error[active], J[active] = residual(chain, moved, T[active])
    return q, error


class Rough(Protocol):
    """A closed form: all branches, some of them out of reach."""

    def solve(self, T: Floats, near: Floats) -> tuple[Floats, Bools, Floats]: ...


class ClosedForm:
    """A closed-form solver, with a few Newton steps where its answer is not yet good to 1e-9.

    That is so for a chain that is only nearly of the solver's class (a calibrated arm, a URDF with rounded
    angles), and at poses where two singularities meet, which magnify rounding. Of such an inexact chain, one
    of two branches that have almost merged at the edge of the reach may be missing.

    Args:
        chain: the true chain.
        rough: the solver.
        exact: whether the chain is of the solver's class to rounding.

    """

    ordered = True

    def __init__(self, chain: Chain, rough: Rough, exact: bool) -> None:
        self.rough = rough
        self.exact = exact
        self._chain = chain

    def solve(self, T: Floats, near: Floats) -> tuple[Floats, Bools, Floats]:
        """Return q (N, 8, 6), whether each is a solution (N, 8), and the gap to reach (N, 8), m."""
        q, distinct, gap = self.rough.solve(T, near)
        ok = distinct & (gap <= REACH)
        doubtful = distinct & (gap <= DOUBT) & ~ok if self.exact else distinct & (gap <= NEARLY)
        if not doubtful.any():
            return q, ok, gap
        q = q.copy()
        row, column = np.nonzero(doubtful)
        q[row, column], error = descend(self._chain, q[row, column], T[row], 20)
        ok[row, column] = np.abs(error).max(axis=1) <= RESIDUAL
        ok &= ~(doubtful & repeated(q, ok, self._chain.revolute))
        away = np.zeros_like(gap)
        away[row, column] = np.sqrt((error[:, :3] ** 2).sum(axis=1))
        return q, ok, np.where(ok, 0.0, np.maximum(gap, away))


class Numeric:
    """Solver for any serial chain. Columns have no order from pose to pose.

    Args:
        chain: the chain.
        position: (n, 2) joint limits, which the iteration never leaves.

    """

    ordered = False

    def __init__(self, chain: Chain, position: Floats) -> None:
        self._chain = chain
        reach = np.where(chain.revolute, np.pi, 1.0)
        low = np.where(np.isfinite(position[:, 0]), position[:, 0], -reach)
        high = np.where(np.isfinite(position[:, 1]), position[:, 1], reach)
        self._bounds = np.stack([low, high], axis=1)
        n = len(low)
        # Weyl sequence with the root of x^(n+1) = x + 1 (Roberts' R_n): evenly spread, deterministic starts.
        root = 2.0
        for _ in range(64):
            root = (1.0 + root) ** (1.0 / (n + 1))
        weyl = np.mod(0.5 + np.outer(np.arange(STARTS), root ** -np.arange(1.0, n + 1.0)), 1.0)
        self._starts = low + weyl * (high - low)

    def solve(self, T: Floats, near: Floats) -> tuple[Floats, Bools, Floats]:
        """Return q (N, 8, n), whether each is a solution (N, 8), and the gap to reach (N, 8), m."""
        N, n = near.shape
        starts = np.concatenate([near[:, None], np.broadcast_to(self._starts, (N, STARTS, n))], axis=1)
        count = starts.shape[1]
        start = np.clip(starts.reshape(-1, n), self._bounds[:, 0], self._bounds[:, 1])
        q, error = descend(self._chain, start, np.repeat(T, count, axis=0), 80, self._bounds)
        ok = (np.abs(error).max(axis=1) <= RESIDUAL).reshape(N, count)
        gap = np.sqrt((error[:, :3] ** 2).sum(axis=1)).reshape(N, count)
        q = q.reshape(N, count, n)
        ok &= ~repeated(q, ok, self._chain.revolute)
        order = np.argsort(np.where(ok, 0.0, 1.0 + gap), axis=1, kind="stable")[:, :BRANCHES]
        rows = np.arange(N)[:, None]
        return q[rows, order], ok[rows, order], gap[rows, order]


def repeated(q: Floats, ok: Bools, revolute: Bools) -> Bools:
    """Return which of q (N, B, n) repeat an earlier solution of the same pose, whole turns apart or not."""
    apart = q[:, :, None] - q[:, None]
    apart = np.where(revolute, apart - 2 * np.pi * np.round(apart / (2 * np.pi)), apart)
    same = (np.abs(apart).max(axis=-1) < SAME) & ok[:, :, None] & ok[:, None]
    out: Bools = np.tril(same, -1).any(axis=2)
    return out
