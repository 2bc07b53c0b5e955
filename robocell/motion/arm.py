"""An arm as a plain model: its chain, tool, limits and shape, with forward and inverse kinematics."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.chain import Chain, flat
from robocell.motion.dynamics import GRAVITY, Dynamics, Inertial, Payload
from robocell.motion.ik_geometry import Solver, ZeroPosition
from robocell.motion.ik_numeric import ClosedForm, Numeric
from robocell.motion.ik_spherical import SphericalWrist
from robocell.motion.ik_ur import ParallelAxes
from robocell.motion.kernels import FARTHEST, forward
from robocell.motion.limits import Limits
from robocell.motion.rigid import Floats, check_joints, check_poses, check_vector, frozen
from robocell.motion.subproblems import Bools

TURN = 2.0 * np.pi
AT_LIMIT = 1e-10  # rad or m: a solution this little past a limit is put on the limit


@dataclass(frozen=True, eq=False)
class Joint:
    """One joint, given as URDF gives it.

    Attributes:
        origin: (4, 4) joint frame in the frame of the link before it, at joint position 0.
        axis: (3,) unit vector in the joint frame.
        kind: "revolute" or "prismatic".
        name: for people.

    """

    origin: Floats
    axis: Floats
    kind: Literal["revolute", "prismatic"] = "revolute"
    name: str = ""

    def __post_init__(self) -> None:
        origin, single = check_poses(self.origin, f"origin of joint {self.name!r}")
        axis = check_vector(self.axis, 3, f"axis of joint {self.name!r}")
        length = float(np.sqrt(axis @ axis))
        if not single or abs(length - 1.0) > 1e-6:
            raise ValueError(f"joint {self.name!r} needs one origin (4, 4) and an axis of length 1, not {length:.6g}")
        if self.kind not in ("revolute", "prismatic"):
            raise ValueError(f"joint {self.name!r} is {self.kind!r}, expected revolute or prismatic")
        object.__setattr__(self, "origin", frozen(origin[0]))
        object.__setattr__(self, "axis", frozen(axis / length))


@dataclass(frozen=True, eq=False)
class Capsule:
    """A part of an arm's shape: all points within `radius` of the segment p0 to p1.

    Attributes:
        link: 0 is the base, i the link that joint i (1-based) moves.
        p0: (3,) metres, in the link's frame.
        p1: (3,) likewise.
        radius: metres.

    """

    link: int
    p0: Floats
    p1: Floats
    radius: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "p0", frozen(check_vector(self.p0, 3, "capsule end p0")))
        object.__setattr__(self, "p1", frozen(check_vector(self.p1, 3, "capsule end p1")))
        if not 0.0 < self.radius < np.inf:
            raise ValueError(f"capsule radius is {self.radius}, expected a positive length in metres")


@dataclass(frozen=True, eq=False)
class IkSolution:
    """Joint positions that reach poses.

    Attributes:
        q: (N, B, n), or (B, n) for a single pose; rows that are no solution are NaN.
        valid: (N, B), or (B,) for a single pose.

    """

    q: Floats
    valid: Bools


@dataclass(frozen=True, eq=False)
class Arm:
    """A serial arm. All poses are in its base frame (ROS `base_link`).

    Attributes:
        name: for people.
        joints: the chain, base first.
        limits: joint and TCP limits.
        flange: (4, 4) flange in the last link's frame.
        tool: (4, 4) tool centre point in the flange frame.
        capsules: the arm's shape.
        inertials: what its links weigh, n + 1 of them, counted as the capsules' links, in the links' frames; None where
            nobody knows; empty: of no link.

    """

    name: str
    joints: tuple[Joint, ...]
    limits: Limits
    flange: Floats = field(default_factory=lambda: np.eye(4))
    tool: Floats = field(default_factory=lambda: np.eye(4))
    capsules: tuple[Capsule, ...] = ()
    inertials: tuple[Inertial | None, ...] = ()
    chain: Chain = field(init=False, repr=False)
    solver: Solver = field(init=False, repr=False)
    dynamics: Dynamics = field(init=False, repr=False)

    def __post_init__(self) -> None:
        n = len(self.joints)
        if n == 0 or len(self.limits.position) != n:
            raise ValueError(f"{self.name}: {n} joints, but limits for {len(self.limits.position)}")
        for capsule in self.capsules:
            if not 0 <= capsule.link <= n:
                raise ValueError(f"{self.name}: a capsule sits on link {capsule.link}, expected 0 to {n}")
        if len(self.inertials) not in (0, n + 1):
            raise ValueError(f"{self.name}: {len(self.inertials)} inertials, expected {n + 1} or none")
        flange, _ = check_poses(self.flange, "flange")
        tool, _ = check_poses(self.tool, "tool")
        object.__setattr__(self, "flange", frozen(flange[0]))
        object.__setattr__(self, "tool", frozen(tool[0]))
        object.__setattr__(self, "capsules", tuple(self.capsules))
        chain = Chain(
            np.stack([j.origin for j in self.joints]),
            np.stack([j.axis for j in self.joints]),
            np.array([j.kind == "revolute" for j in self.joints]),
            self.flange @ self.tool,
        )
        object.__setattr__(self, "chain", chain)
        object.__setattr__(self, "solver", _solver(chain, self.limits))
        object.__setattr__(self, "inertials", tuple(self.inertials))
        moving = self.inertials[1:] or (None,) * n
        object.__setattr__(self, "dynamics", Dynamics(chain, moving, self.flange))

    @property
    def n(self) -> int:
        """Number of joints."""
        return len(self.joints)

    def with_tool(self, T: ArrayLike) -> Arm:
        """Return the same arm with another TCP: T (4, 4) in the flange frame."""
        return replace(self, tool=np.asarray(T, dtype=np.float64))

    def with_limits(self, limits: Limits) -> Arm:
        """Return the same arm with other limits."""
        return replace(self, limits=limits)

    def fk(self, q: ArrayLike, links: bool = False) -> Floats:
        """Return the TCP's pose, or the links' frames.

        Args:
            q: (N, n) or (n,) joint positions, rad or m.
            links: return the base frame and the frame after each joint instead.

        Returns:
            (N, 4, 4) or (4, 4); with links (N, n + 1, 4, 4) or (n + 1, 4, 4).

        Raises:
            ValueError: a wrong shape, a number that is not finite, or one beyond ±1e5.

        """
        array, shape = self._flat(q)
        if not links:
            out = np.empty((*shape, 4, 4))
            good = forward.tips(array, self.chain.constants, out.reshape(-1))
        else:
            out = np.empty((*shape, self.n + 1, 4, 4))
            good = forward.links(array, self.chain.constants, out.reshape(-1))
        if not good:
            raise _far(array)
        return out

    def jacobian(self, q: ArrayLike) -> Floats:
        """Return the TCP's geometric Jacobian in the base frame, linear rows first: (N, 6, n) or (6, n).

        Raises:
            ValueError: a wrong shape, a number that is not finite, or one beyond ±1e5.

        """
        array, shape = self._flat(q)
        out = np.empty((*shape, 6, self.n))
        if not forward.jacobians(array, self.chain.constants, out.reshape(-1)):
            raise _far(array)
        return out

    def inverse_dynamics(
        self,
        q: ArrayLike,
        qd: ArrayLike,
        qdd: ArrayLike,
        payload: Payload | None = None,
        gravity: ArrayLike = GRAVITY,
    ) -> Floats:
        """Return what each joint must exert for a motion: (N, n) or (n,), N·m of turning joints, N of sliding ones.

        The arm's links and its gripper, where it has one, are rigid bodies (recursive Newton–Euler); the inertia of rotors
        and friction are not in it.

        Args:
            q: (N, n) or (n,) joint positions, rad or m.
            qd: joint velocities of the same shape.
            qdd: joint accelerations of the same shape.
            payload: what hangs on the flange besides, in the flange's frame.
            gravity: (3,) m/s² in the base frame; of an arm that hangs upside down (0, 0, 9.80665).

        Raises:
            ValueError: a link without inertial, a wrong shape, or a number that is not finite or beyond ±1e5.

        """
        return self.dynamics.torques(q, qd, qdd, payload, gravity)

    def ik(self, T: ArrayLike, near: ArrayLike | None = None) -> IkSolution:
        """Return all joint positions inside the limits that bring the TCP to poses.

        A branch is valid if any of its whole turns lies within the limits. Without `near` the turn nearest to
        zero is given and branches keep their configuration's column; with `near` the turn nearest to it,
        nearest branch first, and a free joint at a singularity stays where `near` has it.

        Args:
            T: (N, 4, 4) or (4, 4).
            near: (n,) or (N, n) joint positions, or None.

        Returns:
            q (N, B, n) and valid (N, B), B = 8; without the leading axis for a single pose. The residual of a
            valid row is at most 1e-9 m and rad.

        Raises:
            ValueError: a wrong shape, a number that is not finite, or no rigid transform.

        """
        poses, single = check_poses(T)
        home = self._near(near, len(poses))
        q, ok, _ = self.solver.solve(poses, home)
        q, fits = self.fit_turns(q, home[:, None])
        valid = ok & fits
        if near is not None:
            far = np.where(valid, np.round(np.sqrt(((q - home[:, None]) ** 2).sum(axis=2)), 9), np.inf)
            order = np.argsort(far, axis=1, kind="stable")
            rows = np.arange(len(q))[:, None]
            q, valid = q[rows, order], valid[rows, order]
        q = np.where(valid[..., None], q, np.nan)
        return IkSolution(q[0], valid[0]) if single else IkSolution(q, valid)

    def shortfall(self, T: ArrayLike) -> float:
        """Return by how many metres a pose (4, 4) is out of reach; 0 where only a joint limit forbids it.

        Raises:
            ValueError: a wrong shape, a number that is not finite, or no rigid transform.

        """
        poses, single = check_poses(T)
        if not single:
            raise ValueError("shortfall takes one pose (4, 4)")
        _, ok, gap = self.solver.solve(poses, self._near(None, 1))
        return 0.0 if ok.any() else float(gap.min())

    def fit_turns(self, q: Floats, near: Floats, span: Floats | None = None) -> tuple[Floats, Bools]:
        """Shift revolute joints by whole turns into the limits, as near to `near` as can be.

        Args:
            q: (..., n) joint positions.
            near: (..., n), broadcast against q.
            span: (2, ..., n) how far below (≤ 0) and above (≥ 0) q each joint will still go, or None.

        Returns:
            q shifted, and whether all joints lie within their limits (...).

        """
        low, high = self.limits.position.T
        first, last = (q, q) if span is None else (q + span[0], q + span[1])
        least = np.ceil((low - first - AT_LIMIT) / TURN)
        most = np.floor((high - last + AT_LIMIT) / TURN)
        # the last term decides ties the same way whatever rounding does
        turns = np.minimum(np.maximum(np.ceil((near - q) / TURN - 0.5 - 1e-9), least), most)
        fits = least <= most
        if not self.chain.revolute.all():
            inside = (first >= low - AT_LIMIT) & (last <= high + AT_LIMIT)
            turns = np.where(self.chain.revolute, turns, 0.0)
            fits = np.where(self.chain.revolute, fits, inside)
        ok: Bools = fits.all(axis=-1)
        return np.clip(q + TURN * np.where(fits, turns, 0.0), low, high), ok

    def _flat(self, q: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
        """Return joint positions as kernels take them, and the leading axes of what comes back: (N,) or ()."""
        array = np.asarray(q, dtype=np.float64, order="C")
        if array.ndim not in (1, 2) or array.shape[-1] != self.n:
            raise ValueError(f"q has shape {array.shape}, expected ({self.n},) or (N, {self.n})")
        return flat(array), array.shape[:-1]

    def _near(self, near: ArrayLike | None, count: int) -> Floats:
        if near is None:
            low, high = self.limits.position.T
            return np.broadcast_to(np.clip(0.0, low, high), (count, self.n))
        batch, single = check_joints(near, self.n, "near")
        if not single and len(batch) != count:
            raise ValueError(f"near has {len(batch)} rows for {count} poses")
        return np.broadcast_to(batch, (count, self.n))


def _far(q: Floats) -> ValueError:
    if np.isfinite(q).all():
        return ValueError(
            f"q holds {q[np.abs(q).argmax()]:.6g}, expected joint positions within ±{FARTHEST:g} rad or m"
        )
    return ValueError("q holds a number that is not finite")


def _solver(chain: Chain, limits: Limits) -> Solver:
    """Choose the solver by the chain's geometry."""
    zero = ZeroPosition.of(chain)
    if zero is not None:
        for kind in (SphericalWrist, ParallelAxes):
            found = kind.detect(zero)
            if found is not None:
                solver, exact = found
                return ClosedForm(chain, solver, exact)
    return Numeric(chain, limits.position)
