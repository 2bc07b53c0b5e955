"""Inverse kinematics: every branch of every pose, inside the limits, in compiled code.

Which solver an arm has follows from the geometry of its chain: closed forms for six joints with a spherical wrist,
for Universal Robots' type, for SCARA arms and for gantries; damped least squares with restarts for any other chain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion import ik_cartesian, ik_spherical, ik_ur
from robocell.motion.chain import Chain
from robocell.motion.ik_chain import packed
from robocell.motion.ik_geometry import ZeroPosition
from robocell.motion.ik_numeric import seeded
from robocell.motion.kernels import inverse_cartesian, inverse_numeric, inverse_parallel, inverse_spherical
from robocell.motion.kernels.inverse_turns import count_variants, fit_turns, list_variants
from robocell.motion.limits import Limits
from robocell.motion.rigid import Bools, Floats, check_joints, check_poses

BRANCHES = 8  # the most that a closed form has, and how many solutions a search looks for at most
SIX = 6  # joints: an arm with more reaches a pose in infinitely many ways
AS_SOLVED, FITTED, ORDERED = 0, 1, 2  # what is wanted of a kernel

Kernel = Callable[..., int]
_NO_GAP = np.empty(0)


@dataclass(frozen=True, eq=False)
class IkSolution:
    """Joint positions that reach poses.

    Attributes:
        q: (N, B, n), or (B, n) for a single pose; rows that are no solution are NaN.
        valid: (N, B), or (B,) for a single pose.

    """

    q: Floats
    valid: Bools


class Inverse:
    """The inverse kinematics of one arm; build it with `of`.

    Attributes:
        kind: "spherical wrist", "parallel axes", "SCARA", "gantry" or "numeric".
        ordered: whether a column keeps its configuration from pose to pose.
        exact: whether the closed form needs no polishing.
        branches: B, the most solutions of a pose, whole turns apart.
        chain: the chain, packed for kernels.
        constants: of the solver, packed for its kernel.

    """

    def __init__(self, kind: str, run: Kernel, constants: Floats, branches: int, chain: Chain, limits: Limits) -> None:
        self.kind = kind
        self.ordered = kind != "numeric"
        self.exact = not (branches == BRANCHES and self.ordered) or bool(constants[-1] > 0.0)
        self.branches = branches
        self.n = len(chain.axis)
        self.chain = packed(chain)
        low, high = limits.position.T
        self._run = run
        self._limits = np.concatenate([low, high, chain.revolute])
        self.constants = np.concatenate([constants, self._limits]) if self.ordered else constants
        self._middle = np.clip(0.0, low, high)
        self._every = BRANCHES if self.ordered or self.n <= SIX else 1

    @staticmethod
    def of(chain: Chain, limits: Limits) -> Inverse:
        """Choose the solver by the chain's geometry."""
        zero = ZeroPosition.of(chain)
        if zero is not None:
            constants = ik_spherical.detect(zero)
            if constants is not None:
                return Inverse("spherical wrist", inverse_spherical.solve, constants, BRANCHES, chain, limits)
            constants = ik_ur.detect(zero)
            if constants is not None:
                return Inverse("parallel axes", inverse_parallel.solve, constants, BRANCHES, chain, limits)
        constants = ik_cartesian.scara(chain)
        if constants is not None:
            return Inverse("SCARA", inverse_cartesian.solve_scara, constants, 2, chain, limits)
        if ik_cartesian.gantry(chain):
            return Inverse("gantry", inverse_cartesian.solve_gantry, np.empty(0), 1, chain, limits)
        return Inverse("numeric", inverse_numeric.solve, seeded(chain, limits), BRANCHES, chain, limits)

    def ik(
        self, T: ArrayLike, near: ArrayLike | None = None, turns: bool = False, most: int | None = None
    ) -> IkSolution:
        """Return all joint positions inside the limits that bring the TCP to poses; see `Arm.ik`."""
        poses = np.ascontiguousarray(T, dtype=np.float64)
        if poses.ndim not in (2, 3) or poses.shape[-2:] != (4, 4):
            check_poses(poses)
        count = 1 if poses.ndim == 2 else len(poses)
        home, step = self._near(near, count)
        wanted = FITTED if near is None else ORDERED
        q, ok = self._solved(poses, home, step, wanted, self._every if most is None else most, _NO_GAP)
        width = self.branches
        if turns:
            q, ok, width = self._variants(q, ok, home, step, near is not None)
        valid = ok.view(np.bool_)
        if poses.ndim == 2:
            return IkSolution(q.reshape(width, self.n), valid)
        return IkSolution(q.reshape(count, width, self.n), valid.reshape(count, width))

    def solve(self, T: Floats, near: Floats, most: int = BRANCHES) -> tuple[Floats, Bools, Floats]:
        """Return all branches without regard to turns (of an iteration: inside the limits).

        Args:
            T: (N, 4, 4) poses.
            near: (N, n) or (n,) joint positions: what a free joint at a singularity takes, and where iterations begin.
            most: how many solutions an iteration looks for.

        Returns:
            q (N, B, n), whether each is a solution (N, B), and by how much the pose is out of its reach (N, B), m.

        """
        count = len(T)
        gap = np.empty(count * self.branches)
        home, step = (near.reshape(-1), self.n) if near.ndim == 2 else (near, 0)
        q, ok = self._solved(
            np.ascontiguousarray(T), np.ascontiguousarray(home, dtype=np.float64), step, AS_SOLVED, most, gap
        )
        shape = (count, self.branches)
        return q.reshape(*shape, self.n), ok.view(np.bool_).reshape(shape), gap.reshape(shape)

    def shortfall(self, T: ArrayLike) -> float:
        """Return by how many metres a pose (4, 4) is out of reach; 0 where only a joint limit forbids it."""
        poses, single = check_poses(T)
        if not single:
            raise ValueError("shortfall takes one pose (4, 4)")
        _, ok, gap = self.solve(poses, self._middle, 1)
        return 0.0 if ok.any() else float(gap.min())

    def fit_turns(self, q: Floats, near: Floats, span: Floats | None = None) -> tuple[Floats, Bools]:
        """Shift revolute joints by whole turns into the limits; see `Arm.fit_turns`."""
        shape = np.broadcast_shapes(q.shape, near.shape)
        fitted, home = np.empty(shape), np.empty(shape)
        fitted[...], home[...] = q, near
        ok = np.empty(shape[:-1], dtype=np.uint8)
        below = above = _NO_GAP
        if span is not None:
            below, above = (np.ascontiguousarray(np.broadcast_to(side, shape)).reshape(-1) for side in span)
        fit_turns(fitted.reshape(-1), home.reshape(-1), below, above, span is not None, self._limits, ok.reshape(-1))
        return fitted, ok.view(np.bool_)

    def _solved(
        self, poses: Floats, near: Floats, step: int, wanted: int, most: int, gap: Floats
    ) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.uint8]]]:
        rows = poses.size // 16 * self.branches
        q, ok = np.empty(rows * self.n), np.empty(rows, dtype=np.uint8)
        bad = self._run(self.constants, self.chain, poses.reshape(-1), near, step, wanted, most, q, ok, gap)
        if bad >= 0:
            check_poses(poses)
            raise ValueError(f"T[{bad}] is no rigid transform")
        return q, ok

    def _variants(
        self, q: Floats, ok: np.ndarray[tuple[int], np.dtype[np.uint8]], near: Floats, step: int, ordered: bool
    ) -> tuple[Floats, np.ndarray[tuple[int], np.dtype[np.uint8]], int]:
        """Make a row of every whole-turn variant; as many rows a pose as the richest pose has, at least B."""
        width = max(self.branches, count_variants(q, ok, self.branches, self._limits))
        poses = len(ok) // self.branches
        out = np.full(poses * width * self.n, np.nan)
        good = np.zeros(poses * width, dtype=np.uint8)
        list_variants(q, ok, self.branches, self._limits, near, step, ordered, width, out, good)
        return out, good, width

    def _near(self, near: ArrayLike | None, count: int) -> tuple[Floats, int]:
        """Return near as a flat array, and how far its rows are apart."""
        if near is None:
            return self._middle, 0
        batch, single = check_joints(near, self.n, "near")
        if not single and len(batch) != count:
            raise ValueError(f"near has {len(batch)} rows for {count} poses")
        return np.ascontiguousarray(batch).reshape(-1), 0 if single else self.n
