"""What an arm's links and its load weigh, and the joint torques that move them.

Rigid bodies only: the inertia of rotors, friction and the losses of gears are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.chain import Chain, flat
from robocell.motion.kernels import FARTHEST
from robocell.motion.kernels.dynamics import BODY, newton_euler
from robocell.motion.rigid import Floats, check_vector, frozen

GRAVITY = (0.0, 0.0, -9.80665)
"""m/s², base frame: the standard's value (CGPM 1901), along −Z."""

NAMES = ("q", "qd", "qdd")
_SYMMETRIC = 1e-9  # relative


@dataclass(frozen=True, eq=False)
class Inertial:
    """The mass of a rigid body and how it is distributed, in the frame of the body.

    Attributes:
        mass: kg.
        centre: (3,) centre of mass, m.
        inertia: (3, 3) about the centre of mass, kg·m².

    """

    mass: float
    centre: Floats = field(default_factory=lambda: np.zeros(3))
    inertia: Floats = field(default_factory=lambda: np.zeros((3, 3)))

    def __post_init__(self) -> None:
        if not 0.0 <= self.mass < np.inf:
            raise ValueError(f"mass is {self.mass}, expected kg, 0 or more")
        inertia = np.asarray(self.inertia, dtype=np.float64)
        if inertia.shape != (3, 3) or not np.isfinite(inertia).all():
            raise ValueError(f"inertia has shape {inertia.shape} or is not finite, expected (3, 3)")
        size = float(np.abs(inertia).max())
        if np.abs(inertia - inertia.T).max() > _SYMMETRIC * size:
            raise ValueError(f"inertia is not symmetric: {inertia.tolist()}")
        if np.linalg.eigvalsh(inertia).min() < -_SYMMETRIC * size:
            raise ValueError(f"inertia has a negative principal moment: {inertia.tolist()}")
        object.__setattr__(self, "centre", frozen(check_vector(self.centre, 3, "centre of mass")))
        object.__setattr__(self, "inertia", frozen(0.5 * (inertia + inertia.T)))

    def moved(self, T: Floats) -> Inertial:
        """Return it in another frame, T (4, 4) being this body's frame in that one."""
        R = T[:3, :3]
        return Inertial(self.mass, R @ self.centre + T[:3, 3], R @ self.inertia @ R.T)

    @staticmethod
    def lumped(parts: Iterable[Inertial]) -> Inertial:
        """Return bodies that are fixed to one another, all in one frame, as one body."""
        parts = tuple(parts)
        mass = sum(part.mass for part in parts)
        if mass == 0.0:
            return Inertial(0.0, np.zeros(3), sum((part.inertia for part in parts), np.zeros((3, 3))))
        centre = sum((part.mass * part.centre for part in parts), np.zeros(3)) / mass
        return Inertial(
            mass,
            centre,
            sum((part.inertia + part.mass * _spread(part.centre - centre) for part in parts), np.zeros((3, 3))),
        )


@dataclass(frozen=True, eq=False)
class Payload(Inertial):
    """What hangs on an arm's flange beside its links: a tool that is not part of the arm yet, a workpiece.

    Attributes:
        mass: kg.
        centre: (3,) centre of mass in the flange frame, m, as robot controllers ask for it; not in the TCP's.
        inertia: (3, 3) about the centre of mass, flange axes, kg·m²; none: a point mass.

    """


class Dynamics:
    """Inverse dynamics of one arm.

    Args:
        chain: its chain.
        links: one inertial a joint, of the link that it moves, in that link's frame; None where nobody knows it.
        flange: (4, 4) in the last link's frame.

    """

    def __init__(self, chain: Chain, links: Sequence[Inertial | None], flange: Floats) -> None:
        self._chain = chain
        self._missing = [str(i + 1) for i, link in enumerate(links) if link is None]
        self._flange = flange
        self._bodies = np.zeros((len(chain.axis), BODY))
        for j, link in enumerate(links):
            if link is not None:
                self._bodies[j] = _flattened(link.moved(chain.links[j]))

    def torques(
        self, q: ArrayLike, qd: ArrayLike, qdd: ArrayLike, payload: Payload | None, gravity: ArrayLike
    ) -> Floats:
        """Return joint torques; see `Arm.inverse_dynamics`."""
        n = len(self._bodies)
        if self._missing:
            which = f"link {', '.join(self._missing)} of {n} has none"
            raise ValueError(f"inverse dynamics needs the mass and inertia of every link that moves: {which}")
        down = check_vector(gravity, 3, "gravity").copy()
        arrays = [np.asarray(x, dtype=np.float64) for x in (q, qd, qdd)]
        shape = arrays[0].shape
        for name, array in zip(NAMES, arrays, strict=True):
            if array.ndim not in (1, 2) or array.shape[-1] != n:
                raise ValueError(f"{name} has shape {array.shape}, expected ({n},) or (N, {n})")
            if array.shape != shape:
                raise ValueError(f"{name} has shape {array.shape} and q has {shape}, expected the same")
        bodies = self._bodies
        if payload is not None:
            bodies = bodies.copy()
            bodies[-1] += _flattened(payload.moved(self._chain.links[-1] @ self._flange))
        out = np.empty(shape)
        place, rate, rise = (flat(array) for array in arrays)
        good = newton_euler(place, rate, rise, self._chain.constants, bodies.reshape(-1), down, out.reshape(-1))
        for name, ok in zip(NAMES, good, strict=True):
            if not ok:
                raise ValueError(f"{name} holds a number that is not finite, or beyond ±{FARTHEST:g}")
        return out


def _flattened(body: Inertial) -> Floats:
    """Return what the kernel takes: mass, first moment, inertia about the origin."""
    about = body.inertia + body.mass * _spread(body.centre)
    return np.array([body.mass, *(body.mass * body.centre), *about[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]])


def _spread(r: Floats) -> Floats:
    """Return the inertia (3, 3) about the origin of a unit mass at r."""
    return np.asarray((r @ r) * np.eye(3) - np.outer(r, r))
