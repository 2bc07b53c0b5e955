"""Parts that ride on a belt without physics: carried, slipping, queueing, all in closed form.

A part is carried with the belt as long as friction can give it the belt's acceleration; beyond that it
slips, at friction's own acceleration μ₁ μ₂ g, until the speeds are equal again: a stop from v then costs
v²/(2 μ₁ μ₂ g) of slip. Parts never overlap: one that reaches a part before it which cannot move takes that
part's motion.

While every part is carried (nearly always) nothing is kept per part but its offset on the belt, so that a
command to the drive costs the same for any number of parts.
"""

from __future__ import annotations

import itertools

from robocell.world.drive import Drive
from robocell.world.plan import INF, Piece, crossing, lesser, position, rest, shifted, speed

GRAVITY = 9.81


class Rider:
    """A part on a lane.

    Attributes:
        number: the part's number.
        half: half of its extent along the belt, m.
        y, yaw: where it lies across (m) and how it is turned (rad), in the belt's frame.
        grip: greatest acceleration that friction can give it, m/s².
        offset: its position minus the drive's travel while it is carried.
        plan: its own motion while it is not carried, else None.
        held: whether fingers hold it in place.

    """

    __slots__ = ("grip", "half", "held", "number", "offset", "plan", "y", "yaw")

    def __init__(self, number: int, half: float, y: float, yaw: float, grip: float) -> None:
        self.number = number
        self.half = half
        self.y = y
        self.yaw = yaw
        self.grip = grip
        self.offset = 0.0
        self.plan: list[Piece] | None = None
        self.held = False


class Lane:
    """The riders of one belt, the front one first.

    Args:
        drive: the belt's drive.
        length: of the belt, m; positions run from 0 to it.

    Attributes:
        riders: by descending position.
        closed: whether the end of the belt is blocked, so that parts accumulate there.
        due: when `replan` is to be called again, inf for never.

    """

    __slots__ = ("_loose", "closed", "drive", "due", "length", "riders")

    def __init__(self, drive: Drive, length: float) -> None:
        self.drive = drive
        self.length = length
        self.riders: list[Rider] = []
        self.closed = False
        self.due = INF
        self._loose = False

    # --- where the riders are -------------------------------------------------------------------------------

    def position(self, rider: Rider, now: float) -> float:
        """Return the position of a rider's centre along the belt, m."""
        if rider.plan is None:
            return rider.offset + self.drive.travel(now)
        return position(rider.plan, now)

    def speed(self, rider: Rider, now: float) -> float:
        """Return a rider's speed, m/s."""
        return self.drive.speed(now) if rider.plan is None else speed(rider.plan, now)

    def crossing(self, rider: Rider, level: float, now: float, sign: int) -> float:
        """Return when a rider's centre passes `level` upwards (1) or downwards (-1), inf for never."""
        if rider.plan is None:
            if now >= self.drive.rests_at or (sign < 0 and not self.drive.backwards):
                return INF
            return crossing(self.drive.plan, level - rider.offset, now, sign)
        return crossing(rider.plan, level, now, sign)

    def room_at_start(self, now: float) -> float:
        """Return the free length from the belt's start to the last rider's rear, inf for an empty belt."""
        if not self.riders:
            return INF
        last = self.riders[-1]
        return self.position(last, now) - last.half

    # --- coming and going -----------------------------------------------------------------------------------

    def add(self, rider: Rider, s: float, v: float, now: float) -> None:
        """Lay a part on the belt at position `s` with speed `v`."""
        index = 0
        while index < len(self.riders) and self.position(self.riders[index], now) > s:
            index += 1
        self.riders.insert(index, rider)
        rider.plan = rest(s, now) if v == 0.0 else [(now, s, v, 0.0)]
        slips = abs(v - self.drive.speed(now)) > 1e-12 or self._steepest(now) > rider.grip
        bounded = self._loose or self.closed or self.drive.backwards
        if slips or bounded or self._crowded(index, now):
            self.replan(now)
        else:
            rider.offset = s - self.drive.travel(now)
            rider.plan = None

    def _crowded(self, index: int, now: float) -> bool:
        """Whether a rider overlaps the one before or behind it: it was put down on it, and pushes it aside."""
        around = self.riders[max(index - 1, 0) : index + 2]
        return any(
            self.position(a, now) - self.position(b, now) < a.half + b.half for a, b in itertools.pairwise(around)
        )

    def remove(self, rider: Rider, now: float) -> None:
        """Take a part off the belt."""
        self.riders.remove(rider)
        if not self._loose:
            return
        if rider.held and self._stands(now):
            self._loose = any(other.held for other in self.riders)
        else:
            self.replan(now)

    def hold(self, rider: Rider, s: float, now: float) -> None:
        """Hold a part in place at `s`, against the belt."""
        alone = self._stands(now)
        rider.held = True
        rider.plan = rest(s, now)
        if alone and not self._crowded(self.riders.index(rider), now):
            self._loose = True
        else:
            self.replan(now)

    def _stands(self, now: float) -> bool:
        """Whether the belt stands and nobody slides on it: who is held or taken then moves no other."""
        return now >= self.drive.rests_at and all(r.plan is None or r.held for r in self.riders)

    def let_go(self, rider: Rider, now: float) -> None:
        """Leave a held part to the belt again."""
        rider.held = False
        self.replan(now)

    # --- motion ---------------------------------------------------------------------------------------------

    def commanded(self, now: float) -> None:
        """Follow the drive's new plan; `now` is when it was given."""
        steep = self._steepest(now)
        if self._loose or self.closed or self.drive.backwards or any(r.grip < steep for r in self.riders):
            self.replan(now)

    def _steepest(self, now: float) -> float:
        plan = self.drive.plan
        return max(
            (abs(piece[3]) for index, piece in enumerate(plan) if index + 1 == len(plan) or plan[index + 1][0] > now),
            default=0.0,
        )

    def replan(self, now: float) -> None:
        """Work out every rider's motion anew: front to back, and back to front if the belt runs back."""
        self.due = INF
        states = [(self.position(r, now), self.speed(r, now)) for r in self.riders]
        self._loose = False
        ahead: list[Piece] | None = rest(self.length, now) if self.closed else None
        margin = 0.0
        for rider, (s, v) in zip(self.riders, states, strict=True):
            free = rest(s, now) if rider.held else self._free(rider, s, v, now)
            if ahead is not None and not rider.held:
                free = lesser(free, shifted(ahead, -margin - rider.half), now)
            rider.plan = free
            ahead, margin = free, rider.half
        if self.drive.backwards:
            behind, margin = rest(0.0, now), 0.0
            for rider in reversed(self.riders):
                assert rider.plan is not None
                if not rider.held:
                    rider.plan = lesser(rider.plan, shifted(behind, margin + rider.half), now, -1)
                behind, margin = rider.plan, rider.half
        for rider in self.riders:
            self.due = min(self.due, self._settle(rider, now))

    def _settle(self, rider: Rider, now: float) -> float:
        """Make a rider whose motion is the belt's a carried one; return when the others are due again."""
        plan = rider.plan
        assert plan is not None
        if not rider.held and self._steepest(now) <= rider.grip:
            belt = self.drive.plan
            same = abs(speed(plan, now) - self.drive.speed(now)) < 1e-9
            lags = abs(
                (position(plan, now) - self.drive.travel(now))
                - (position(plan, _late(plan, belt)) - self.drive.travel(_late(plan, belt)))
            )
            if same and lags < 1e-9:
                rider.offset = position(plan, now) - self.drive.travel(now)
                rider.plan = None
                return INF
        self._loose = True
        last = plan[-1][0]
        return last if last > now else INF

    def _free(self, rider: Rider, s: float, v: float, now: float) -> list[Piece]:
        """Return the motion that friction alone gives a rider."""
        result: list[Piece] = []
        belt = self.drive.plan
        time = now
        for index, (start, _, belt_v, belt_a) in enumerate(belt):
            end = belt[index + 1][0] if index + 1 < len(belt) else INF
            while time < end:
                speed_of_belt = belt_v + belt_a * (time - start)
                slip = speed_of_belt - v
                until = end
                if abs(slip) < 1e-12:
                    a = max(-rider.grip, min(rider.grip, belt_a))
                    v = speed_of_belt
                else:
                    a = rider.grip if slip > 0.0 else -rider.grip
                    if (a - belt_a) * slip > 0.0:
                        until = min(end, time + slip / (a - belt_a))
                result.append((time, s, v, a))
                if until == INF:
                    return result
                dt = until - time
                s += dt * (v + 0.5 * a * dt)
                v += a * dt
                if until < end or abs(v - (belt_v + belt_a * (until - start))) < 1e-12:
                    v = belt_v + belt_a * (until - start)
                time = until
        return result


def _late(a: list[Piece], b: list[Piece]) -> float:
    return max(a[-1][0], b[-1][0]) + 1.0
