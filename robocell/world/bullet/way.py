"""A belt in the engine: it carries by its surface's velocity; its beams, its ends, and who waits for room."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from robocell.world.belt import Belt
from robocell.world.bullet.engine import STEP, SUPPORT, split
from robocell.world.bullet.rays import interrupts
from robocell.world.inputs import Beam
from robocell.world.plan import INF
from robocell.world.protocol import Part
from robocell.world.shapes import pose_at, yaw_of

if TYPE_CHECKING:
    from robocell.world.bullet.world import BulletWorld

THICK = 0.02  # m, of the belt's body
RUN = 0.1
"""How far the belt's body moves before it is set back, m: it is longer than the belt by this at both ends."""
STOP = (0.005, 0.03)  # m, thickness and height of the stop at a closed end
GUIDE = 2e-3  # m, clearance of the widest part between guides
AHEAD = 12
"""Most steps between two looks at a belt."""
SLACK = 2e-3  # m, by which a part may be off from where its speed has taken it at most
Rider = tuple[Part, float, float, tuple[float, float, float]]
HASTY = 2.0  # m/s, speed of what arms carry
OVER = 0.1  # m above the surface below which a held part leaves no room for another
CLEAR = 0.02  # m below the surface at which a part has fallen off


class Way:
    """One belt's body and what happens along it.

    A part on the belt cannot be faster than the belt has been, so between two looks at least the time passes
    that the nearest part needs to the next beam or end: the belt is looked at seldom, and at each step where it
    matters.

    Args:
        world: the world.
        belt: the belt.
        beams: the beams across it.
        closed: whether the belt's end is blocked.

    Attributes:
        riders: the parts whose place the belt is, by number.
        due: step from which the belt is to be looked at again.
        moving: whether the belt moves, or will.

    """

    def __init__(self, world: BulletWorld, belt: Belt, beams: list[Beam], closed: bool) -> None:
        self.belt = belt
        self.riders: dict[int, Part] = {}
        self.due = 0
        self._world = world
        self._beams = beams
        self._closed = closed
        self._watch: tuple[float, Callable[[], None]] | None = None
        spec = belt.spec
        self._direction = tuple(float(v) for v in spec.pose[:3, 0])
        self._x, self._y, self._z = (float(v) for v in spec.pose[:3, 3])
        self._yaw = yaw_of(spec.pose)
        self._home = split(spec.pose @ pose_at(0.5 * spec.length, 0.0, -0.5 * THICK))
        half = (0.5 * spec.length + RUN, 0.5 * spec.width, 0.5 * THICK)
        self._body = world.engine.belt(spec.pose @ pose_at(0.5 * spec.length, 0.0, -0.5 * THICK), half, spec.friction)
        self._stop(-0.5 * STOP[0] - 1e-3)
        if closed:
            self._stop(spec.length + 0.5 * STOP[0])
            self._guide()
        self._rays = [self._ray(beam) for beam in beams]
        self.moving = False
        self._speed = 0.0
        self._travel = 0.0
        self._shift = 0.0
        self._fastest = 0.0

    def _stop(self, s: float) -> None:
        spec = self.belt.spec
        half = (0.5 * STOP[0], 0.5 * spec.width, 0.5 * STOP[1])
        self._world.engine.box(spec.pose @ pose_at(s, 0.0, 0.5 * STOP[1]), half, SUPPORT, 0.0)

    def _guide(self) -> None:
        """Keep parts in one file where they pile up, as guides do: discs would push past each other."""
        world, spec = self._world, self.belt.spec
        supply = world.spec.scene.supply.get(self.belt.name)
        products = world.spec.products
        shapes = [products[name].shape for name in ([supply.product] if supply is not None else sorted(products))]
        widest = max((s.length if s.is_round else math.hypot(s.length, s.width) for s in shapes), default=spec.width)
        half = (0.5 * spec.length, 0.5 * STOP[0], 0.5 * STOP[1])
        for side in (-1.0, 1.0):
            across = side * (0.5 * widest + GUIDE + 0.5 * STOP[0])
            pose = spec.pose @ pose_at(0.5 * spec.length, across, 0.5 * STOP[1])
            world.engine.box(pose, half, SUPPORT, 0.0)

    def _ray(self, beam: Beam) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        spec = self.belt.spec
        ends = [spec.pose @ (beam.spec.at, side * spec.width, beam.spec.height, 1.0) for side in (-1.0, 1.0)]
        a, b = ((float(e[0]), float(e[1]), float(e[2])) for e in ends)
        return a, b

    # --- motion ---------------------------------------------------------------------------------------------

    def commanded(self) -> None:
        """Follow the drive's new plan: what lies on a belt that begins to move wakes."""
        motor = self.belt.motor
        self.moving = motor.rests_at > self._world.now or self._speed != 0.0
        self._fastest = max(self._fastest, abs(motor.setpoint), *(abs(piece[2]) for piece in motor.plan))
        self.due = 0
        self.wake()

    def wake(self) -> None:
        """Let what lies on the belt move if the belt does."""
        if self.riders and self.moving:
            self._world.begin()
            for part in self.riders.values():
                self._world.bodies.wake(part)

    def enter(self, part: Part) -> None:
        """Note that a part is on the belt now."""
        if not self.riders and self._speed == 0.0:
            self._travel = self.belt.motor.travel(self._world.now)
        self.riders[part.number] = part
        self.due = 0

    def leave(self, part: Part) -> None:
        """Note that a part is not on the belt any more: those behind it may go on."""
        if self.riders.pop(part.number, None) is not None:
            self.due = 0
            self.wake()

    def resume(self, now: float) -> None:
        """Note that the engine stood still until `now`: what the belt did meanwhile has moved nothing."""
        self._travel = self.belt.motor.travel(now)

    def move(self, end: float) -> None:
        """Give the belt its speed for the step that ends at `end`: the mean of what the drive does in it."""
        motor = self.belt.motor
        if self._speed == 0.0 and motor.rests_at <= end - STEP:
            self.moving, self._fastest = False, 0.0
            return
        if not self.riders and self._speed == 0.0:
            return
        travel = motor.travel(end)
        speed = (travel - self._travel) / STEP
        self._travel = travel
        engine = self._world.engine
        if self._speed == 0.0 and speed != 0.0:
            engine.wake(self._body)
        self._shift += speed * STEP
        if abs(self._shift) > RUN - abs(speed) * STEP:
            self._shift = speed * STEP
            engine.put(self._body, self._home, self._along(speed))
        elif abs(speed - self._speed) > 1e-12:
            engine.drive(self._body, self._along(speed))
        self._speed = speed
        if speed == 0.0:
            engine.sleep(self._body)

    def _along(self, speed: float) -> tuple[float, float, float]:
        x, y, z = self._direction
        return speed * x, speed * y, speed * z

    def velocity(self) -> tuple[float, float, float]:
        """Return the surface's velocity in the last step, m/s."""
        return self._along(self._speed)

    def lay(self, part: Part, s: float, yaw: float) -> None:
        """Let a part appear on the belt, moving with it."""
        now = self._world.now
        speed = self.belt.motor.speed(now)
        # Its first step carries it by what the belt moves from the step's beginning, not from now.
        s -= self.belt.motor.travel(now) - self._travel
        pose = self.belt.spec.pose @ pose_at(s, 0.0, 0.0, yaw)
        self._world.bodies.appear(part, pose, self._along(speed))
        self.look()

    # --- what happens along it ------------------------------------------------------------------------------

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return (along, across) of a point of the cell, m."""
        c, s = self._direction[0], self._direction[1]
        return c * (x - self._x) + s * (y - self._y), c * (y - self._y) - s * (x - self._x)

    def room_at_start(self) -> float:
        """Return the free length at the belt's start, m."""
        return self._room(self._positions())

    def _room(self, found: list[Rider]) -> float:
        """Return the free length at the start before the parts found on the belt and those held over it."""
        rears = [s - half for _, s, half, _ in found]
        for part in self._world.held():
            x, y, z = self._world.bodies.where(part)
            s, across = self.place(x, y)
            bound = self._world.bound
            if abs(across) < 0.5 * self.belt.spec.width + bound and -bound < s and z < self._z + OVER:
                rears.append(s - bound)
        return min(rears, default=INF)

    def _positions(self) -> list[Rider]:
        """Return (part, position, half extent along the belt, point in the cell) of the riders."""
        bodies, products = self._world.bodies, self._world.spec.products
        c, sine, x0, y0 = self._direction[0], self._direction[1], self._x, self._y
        found = []
        for part in self.riders.values():
            point = bodies.where(part)
            shape = products[part.product].shape
            half = 0.5 * shape.length if shape.is_round else shape.half_along(yaw_of(bodies.pose(part)) - self._yaw)
            found.append((part, c * (point[0] - x0) + sine * (point[1] - y0), half, point))
        return found

    def watch_start(self, room: float, action: Callable[[], None]) -> None:
        """Call `action` once when there is `room` at the start."""
        self._watch = (room, action)
        self.look()

    def look(self) -> None:
        """Bring beams up to date, let parts leave, tell who waits; enter when to look next."""
        world = self._world
        found = self._off_the_end(self._positions())
        speed = self._fastest_part()
        wait = self._see(found, speed)
        if not self._closed:
            wait = min(wait, min((self.belt.spec.length - s for _, s, _, _ in found), default=INF) / speed)
        if self._watch is not None:
            room = self._room(found)
            if room >= self._watch[0] - 1e-9:
                watch, self._watch = self._watch, None
                world.agenda.at(world.now, watch[1])
            else:
                wait = min(wait, (self._watch[0] - room) / speed)
        self.due = world.tick + max(1, min(AHEAD, int(min(wait, 1.0) / STEP)))

    def _fastest_part(self) -> float:
        """Return a speed that no part on the belt exceeds, m/s; above 0."""
        if self.moving:
            return self._fastest + 1e-3
        bodies = self._world.bodies
        speeds = [math.hypot(*bodies.velocity(part)) for part in self.riders.values() if part.number in bodies.awake]
        return max(speeds, default=0.0) + 1e-3

    def _off_the_end(self, found: list[Rider]) -> list[Rider]:
        """Let parts leave that are beyond the end, or have fallen off; return the others."""
        world = self._world
        stay = []
        for rider in found:
            part, s, _, (x, y, z) = rider
            if not self._closed and s >= self.belt.spec.length:
                world.gone(part)
            elif z < self._z - CLEAR:
                world.moved(part, world.seats.under(x, y, z).place)
            else:
                stay.append(rider)
        return stay

    def _see(self, found: list[Rider], speed: float) -> float:
        """Bring the beams up to date; return the time in s within which no part changes one that is this fast."""
        world = self._world
        if not self._beams:
            return INF
        held = world.held()
        wait = INF
        for beam, (start, end) in zip(self._beams, self._rays, strict=True):
            blocked = False
            for part, s, half, _ in found:
                away = abs(s - beam.spec.at)
                wait = min(wait, (abs(away - half) - SLACK) / speed)
                if away <= half + SLACK and not blocked:
                    blocked = interrupts(world.spec.products[part.product].shape, world.bodies.centre(part), start, end)
            for part in held:
                shape = world.spec.products[part.product].shape
                gap = self._gap(beam, part) - 0.5 * math.hypot(shape.length, shape.width, shape.height)
                wait = min(wait, gap / HASTY)
                if gap <= 0.0 and not blocked:
                    blocked = interrupts(shape, world.bodies.centre(part), start, end)
            beam.see(blocked)
        return wait

    def _gap(self, beam: Beam, part: Part) -> float:
        """Return how far a part's middle is from a beam, or less, m."""
        x, y, z = self._world.bodies.centre(part)[0]
        s, across = self.place(x, y)
        aside = max(abs(across) - self.belt.spec.width, 0.0)
        above = max(abs(z - self._z) - beam.spec.height, 0.0)
        return math.hypot(s - beam.spec.at, aside, above)
