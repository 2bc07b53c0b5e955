"""A belt drive: ramps to set-points, counts its travel, comes to rest where it is told to.

The drive is the same in both worlds: a plan of pieces of constant acceleration, known in closed form from
each command to the next.
"""

from __future__ import annotations

import math

from robocell.world.plan import INF, Piece, position, speed


class Drive:
    """The motion of one belt's surface.

    Args:
        acceleration: the ramp, m/s².
        nominal: speed of `run_to` while no set-point is given, m/s.

    Attributes:
        plan: the surface's travel as a plan; positions are the drive's travel count.
        setpoint: the commanded speed, m/s; 0 after a `run_to`.
        rests_at: when the plan comes to rest, inf if it runs for ever.
        backwards: whether any of the plan runs backwards.

    """

    __slots__ = ("_asked", "_cruise", "acceleration", "backwards", "nominal", "plan", "rests_at", "setpoint")

    def __init__(self, acceleration: float, nominal: float) -> None:
        self.acceleration = acceleration
        self.nominal = nominal
        self.plan: list[Piece] = [(0.0, 0.0, 0.0, 0.0)]
        self.setpoint = 0.0
        self.rests_at = 0.0
        self.backwards = False
        self._cruise = 0.0
        self._asked = (self.plan, 0.0, 0.0)  # the last answer: every part on the belt asks at the same moment

    def travel(self, now: float) -> float:
        """Return the travel count in m."""
        plan, time, travel = self._asked
        if time != now or plan is not self.plan:
            travel = position(self.plan, now)
            self._asked = (self.plan, now, travel)
        return travel

    def speed(self, now: float) -> float:
        """Return the surface's speed in m/s."""
        return speed(self.plan, now)

    def run(self, now: float, target: float) -> None:
        """Ramp to a speed."""
        self.setpoint = target
        builder = _Builder(now, self.travel(now), self.speed(now))
        builder.ramp(target, self.acceleration)
        self._take(builder)

    def run_to(self, now: float, travel: float) -> None:
        """Go on at the set-point (or the nominal speed) and rest where the count equals `travel`.

        If the ramp cannot stop in time the belt comes to rest as early as it can, beyond.
        """
        at, v = self.travel(now), self.speed(now)
        ahead = travel - at
        cruise = self.setpoint or (self._cruise if v else 0.0) or math.copysign(self.nominal, v or ahead)
        sign = math.copysign(1.0, v or cruise)
        self.setpoint, self._cruise = 0.0, cruise
        builder = _Builder(now, at, v)
        a = self.acceleration
        braking = v * v / (2.0 * a)
        if sign * ahead <= braking or cruise * sign < 0.0:
            builder.ramp(0.0, a)
            if abs(sign * ahead - braking) < 1e-9:
                builder.at = travel
        else:
            # With too little way for the cruising speed, turn at the speed whose two ramps fill the way.
            peak = math.sqrt(a * sign * ahead + 0.5 * v * v)
            top = min(abs(cruise), peak) if abs(v) <= abs(cruise) else abs(cruise)
            way = abs(top * top - v * v) / (2.0 * a) + top * top / (2.0 * a)
            builder.ramp(sign * top, a)
            builder.hold(max(sign * ahead - way, 0.0) / top)
            builder.ramp(0.0, a)
            builder.at = travel
        self._take(builder)

    def stall(self, now: float) -> None:
        """Stand still at once: something blocks the belt."""
        self.plan = [(now, self.travel(now), 0.0, 0.0)]
        self.rests_at = now
        self.backwards = False

    def _take(self, builder: _Builder) -> None:
        self.plan = builder.finish()
        self.rests_at = builder.time if builder.v == 0.0 else INF
        # A piece that ends backwards is followed by one that begins so.
        self.backwards = any(piece[2] < 0.0 for piece in self.plan)


class _Builder:
    """Strings pieces together."""

    def __init__(self, time: float, at: float, v: float) -> None:
        self.time, self.at, self.v = time, at, v
        self.pieces: list[Piece] = []

    def ramp(self, target: float, acceleration: float) -> None:
        change = target - self.v
        if change == 0.0:
            return
        a = math.copysign(acceleration, change)
        duration = change / a
        self.pieces.append((self.time, self.at, self.v, a))
        self.at += 0.5 * (self.v + target) * duration
        self.time += duration
        self.v = target

    def hold(self, duration: float) -> None:
        if duration > 0.0:
            self.pieces.append((self.time, self.at, self.v, 0.0))
            self.at += self.v * duration
            self.time += duration

    def finish(self) -> list[Piece]:
        self.pieces.append((self.time, self.at, self.v, 0.0))
        return self.pieces
