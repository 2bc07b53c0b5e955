"""What an arm may do: joint limits and limits of the tool centre point, SI."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.rigid import Floats, frozen


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
        rates: (3n,) velocity, then acceleration, then jerk of all joints, as kernels take them; derived.

    """

    position: Floats
    velocity: Floats
    acceleration: Floats
    jerk: Floats
    tcp: TcpLimits = field(default_factory=TcpLimits)
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
        t = self.tcp
        tcp = replace(
            t,
            velocity=t.velocity * speed,
            angular_velocity=t.angular_velocity * speed,
            acceleration=t.acceleration * acceleration,
            angular_acceleration=t.angular_acceleration * acceleration,
            jerk=t.jerk * acceleration,
            angular_jerk=t.angular_jerk * acceleration,
        )
        return Limits(
            self.position,
            self.velocity * speed,
            self.acceleration * acceleration,
            self.jerk * acceleration,
            tcp,
        )
