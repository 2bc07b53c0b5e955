"""An arm as a plain model: its chain, tool, limits and shape, with forward and inverse kinematics."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.chain import Chain, flat
from robocell.motion.dynamics import GRAVITY, Dynamics, Inertial, Payload
from robocell.motion.inverse import IkSolution, Inverse
from robocell.motion.kernels import FARTHEST, forward
from robocell.motion.limits import Limits
from robocell.motion.rigid import Bools, Floats, check_poses, check_vector, frozen

TURN = 2.0 * np.pi


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
        object.__setattr__(self, "inertials", tuple(self.inertials))
        moving = self.inertials[1:] or (None,) * n
        object.__setattr__(self, "dynamics", Dynamics(chain, moving, self.flange))

    @property
    def n(self) -> int:
        """Number of joints."""
        return len(self.joints)

    @cached_property
    def solver(self) -> Inverse:
        """The inverse kinematics of its chain; found out when first asked for, since that needs compiled code."""
        return Inverse.of(self.chain, self.limits)

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

    def ik(
        self, T: ArrayLike, near: ArrayLike | None = None, turns: bool = False, most: int | None = None
    ) -> IkSolution:
        """Return all joint positions inside the limits that bring the TCP to poses.

        A branch is valid if any of its whole turns lies within the limits. Without `near` the turn nearest to
        zero is given and branches keep their configuration's column; with `near` the turn nearest to it,
        nearest branch first, and a free joint at a singularity stays where `near` has it.

        Args:
            T: (N, 4, 4) or (4, 4).
            near: (n,) or (N, n) joint positions, or None.
            turns: give every whole turn within the limits a row of its own, valid rows first.
            most: how many solutions a chain without closed form is searched for, at most 8; all that are found
                by default, one where more than six joints leave infinitely many.

        Returns:
            q (N, B, n) and valid (N, B); without the leading axis for a single pose. B = 8, for SCARA arms 2 and
            gantries 1; with `turns` as many as the pose of the batch with most rows needs, if that is more. The
            residual of a valid row is at most 1e-9 m and rad.

        Raises:
            ValueError: a wrong shape, a number that is not finite, or no rigid transform.

        """
        return self.solver.ik(T, near, turns, most)

    def shortfall(self, T: ArrayLike) -> float:
        """Return by how many metres a pose (4, 4) is out of reach; 0 where only a joint limit forbids it.

        Raises:
            ValueError: a wrong shape, a number that is not finite, or no rigid transform.

        """
        return self.solver.shortfall(T)

    def fit_turns(self, q: Floats, near: Floats, span: Floats | None = None) -> tuple[Floats, Bools]:
        """Shift revolute joints by whole turns into the limits, as near to `near` as can be.

        Args:
            q: (..., n) joint positions.
            near: (..., n), broadcast against q.
            span: (2, ..., n) how far below (≤ 0) and above (≥ 0) q each joint will still go, or None.

        Returns:
            q shifted, and whether all joints lie within their limits (...).

        """
        return self.solver.fit_turns(q, near, span)

    def _flat(self, q: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
        """Return joint positions as kernels take them, and the leading axes of what comes back: (N,) or ()."""
        array = np.asarray(q, dtype=np.float64, order="C")
        if array.ndim not in (1, 2) or array.shape[-1] != self.n:
            raise ValueError(f"q has shape {array.shape}, expected ({self.n},) or (N, {self.n})")
        return flat(array), array.shape[:-1]


def _far(q: Floats) -> ValueError:
    if np.isfinite(q).all():
        return ValueError(
            f"q holds {q[np.abs(q).argmax()]:.6g}, expected joint positions within ±{FARTHEST:g} rad or m"
        )
    return ValueError("q holds a number that is not finite")
