"""What an arm may do: joint limits and limits of the tool centre point, SI."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.rigid import Floats, frozen


class Sources(NamedTuple):
    """Who says what one joint may do: documents, measurements, or "assumed: why"."""

    velocity: str
    acceleration: str
    jerk: str


@dataclass(frozen=True)
class TcpLimits:
    """Limits of straight moves at the tool centre point. Infinite means that only the joints limit.

    Attributes:
        velocity: m/s.
        acceleration: m/s².
        jerk: m/s³.
        angular_velocity: rad/s.
        angular_acceleration: rad/s².
        angular_jerk: rad/s³.

    """

    velocity: float = np.inf
    acceleration: float = np.inf
    jerk: float = np.inf
    angular_velocity: float = np.inf
    angular_acceleration: float = np.inf
    angular_jerk: float = np.inf

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not value > 0.0:
                raise ValueError(f"TCP limit {name} is {value}, expected a positive number")


@dataclass(frozen=True, eq=False)
class Limits:
    """Joint limits of an arm of n joints (rad or m, and their rates), and of its tool centre point.

    Attributes:
        position: (n, 2) lowest and highest; ±inf for a joint without stops.
        velocity: (n,) largest magnitude.
        acceleration: (n,) likewise.
        jerk: (n,) likewise; may be infinite.
        tcp: limits of straight moves.
        sources: for each joint who says so of its velocity, acceleration and jerk; empty where nobody is named.
        uncertainty: (3, n) relative, rows velocity, acceleration, jerk: the truth lies within value · (1 ± uncertainty);
            zeros where nobody says, as an empty array does too.
        tcp_sources: likewise for the tool centre point's six limits, in their order.
        tcp_uncertainty: (6,) likewise.
        rates: (3n,) velocity, then acceleration, then jerk of all joints, as kernels take them; derived.

    """

    position: Floats
    velocity: Floats
    acceleration: Floats
    jerk: Floats
    tcp: TcpLimits = field(default_factory=TcpLimits)
    sources: tuple[Sources, ...] = ()
    uncertainty: Floats = field(default_factory=lambda: np.zeros(0))
    tcp_sources: tuple[str, ...] = ()
    tcp_uncertainty: Floats = field(default_factory=lambda: np.zeros(0))
    rates: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        position = frozen(self.position)
        if position.ndim != 2 or position.shape[1] != 2:
            raise ValueError(f"position limits have shape {position.shape}, expected (n, 2)")
        if not (position[:, 0] < position[:, 1]).all():
            raise ValueError(f"position limits are not lowest < highest: {position.tolist()}")
        object.__setattr__(self, "position", position)
        for name in ("velocity", "acceleration", "jerk"):
            value = frozen(getattr(self, name))
            if value.shape != (len(position),):
                raise ValueError(f"{name} limits have shape {value.shape}, expected ({len(position)},)")
            if not ((value > 0.0) & (np.isfinite(value) | (name == "jerk"))).all():
                finite = "" if name == "jerk" else " and finite"
                raise ValueError(f"{name} limits must be positive{finite}: {value.tolist()}")
            object.__setattr__(self, name, value)
        n = len(position)
        if len(self.sources) not in (0, n) or len(self.tcp_sources) not in (0, 6):
            raise ValueError(f"sources are of {len(self.sources)} joints and {len(self.tcp_sources)} TCP limits")
        for name, shape in (("uncertainty", (3, n)), ("tcp_uncertainty", (6,))):
            given = np.asarray(getattr(self, name))
            share = frozen(given if given.size else np.zeros(shape))
            if share.shape != shape or not ((share >= 0.0) & (share < 1.0)).all():
                raise ValueError(f"{name} has shape {share.shape}, expected {shape} with fractions from 0 to below 1")
            object.__setattr__(self, name, share)
        object.__setattr__(self, "rates", np.concatenate([self.velocity, self.acceleration, self.jerk]))

    @staticmethod
    def uniform(
        position: ArrayLike,
        velocity: ArrayLike,
        acceleration: ArrayLike,
        jerk: ArrayLike,
        tcp: TcpLimits | None = None,
    ) -> Limits:
        """Build limits from (n, 2) positions and rates that are scalars or (n,)."""
        where = np.asarray(position, dtype=np.float64)
        n = len(where)
        v, a, j = (np.broadcast_to(np.asarray(x, dtype=np.float64), n) for x in (velocity, acceleration, jerk))
        return Limits(where, v, a, j, tcp or TcpLimits())

    def scaled(self, speed: float = 1.0, acceleration: float = 1.0) -> Limits:
        """Return these limits at a fraction of the speed and a fraction of acceleration and jerk.

        Raises:
            ValueError: a fraction outside (0, 1].

        """
        for name, value in (("speed", speed), ("acceleration", acceleration)):
            if not 0.0 < value <= 1.0:
                raise ValueError(f"{name} is {value}, expected a fraction above 0 and at most 1")
        if speed == 1.0 and acceleration == 1.0:
            return self
        joint = np.array([speed, acceleration, acceleration])
        return self._times(joint[:, None], np.concatenate([joint, joint]))

    def low(self) -> Limits:
        """Return the slowest limits that the uncertainty allows: every rate times 1 − its uncertainty, then certain."""
        return self._bound(-1.0)

    def high(self) -> Limits:
        """Return the fastest limits that the uncertainty allows: every rate times 1 + its uncertainty, then certain."""
        return self._bound(1.0)

    def _bound(self, side: float) -> Limits:
        if not (self.uncertainty.any() or self.tcp_uncertainty.any()):
            return self
        certain = replace(self, uncertainty=np.zeros(0), tcp_uncertainty=np.zeros(0))
        return certain._times(1.0 + side * self.uncertainty, 1.0 + side * self.tcp_uncertainty)

    def _times(self, joint: Floats, tcp: Floats) -> Limits:
        """Return these limits with the joints' rates times (3, n) and the TCP's times (6,)."""
        rates = joint * np.stack([self.velocity, self.acceleration, self.jerk])
        fields = dict(zip(vars(self.tcp), tcp.tolist(), strict=True))
        return replace(
            self,
            velocity=rates[0],
            acceleration=rates[1],
            jerk=rates[2],
            tcp=TcpLimits(**{name: getattr(self.tcp, name) * factor for name, factor in fields.items()}),
        )
