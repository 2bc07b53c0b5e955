"""The physical world: parts, belts and arms are bodies, stepped by Bullet while anything moves.

Time jumps while every body rests, as in the kinematic world. Steps are counted as whole numbers, so that a run
is the same wherever it was interrupted; the bodies are where the last whole step has left them, less than a
step behind `now`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import ClassVar

from robocell.clock import Clock
from robocell.world.belt import Belt
from robocell.world.bullet.arm import BulletArm
from robocell.world.bullet.bodies import Bodies
from robocell.world.bullet.engine import RATE, Engine
from robocell.world.bullet.scenery import Scenery
from robocell.world.bullet.watch import Watch
from robocell.world.bullet.way import Way
from robocell.world.fingers import TwoFingers
from robocell.world.handling import HandlingWorld
from robocell.world.protocol import Part
from robocell.world.shapes import Matrix, inverse
from robocell.world.spec import ArmSpec, WorldSpec

GRIP = 500.0
"""Force in N by which the engine keeps a part in the fingers; whether they can carry it is the grips' rule."""
AT_REST = 5e-3
"""Speed in m/s, against what it lies on, below which a part rests."""


class BulletWorld(HandlingWorld):
    """Ground truth by physics.

    Args:
        spec: the cell and the scene.
        clock: the run's clock.

    Attributes:
        engine: the simulation.
        tick: how many steps have been made, or jumped over while all rested.
        tallest: greatest extent of any product, m.

    """

    kind: ClassVar[str] = "bullet"

    def __init__(self, spec: WorldSpec, clock: Clock) -> None:
        self.engine = Engine()
        self.tick = 0
        self.scenery = Scenery(self.engine, spec)
        self.bodies = Bodies(self.engine, spec.products)
        self.ways: dict[str, Way] = {}
        self._ways: list[Way] = []
        self._arms: list[BulletArm] = []
        self._clamps: dict[int, int] = {}
        self._holds: dict[int, int] = {}
        self.tallest = max(
            (max(p.shape.length, p.shape.width, p.shape.height) for p in spec.products.values()), default=0.0
        )
        super().__init__(spec, clock)

    def _build_devices(self) -> None:
        super()._build_devices()
        drains = self.spec.scene.drains
        for name, belt in self.belts.items():
            beams = [beam for beam in self.beams.values() if beam.spec.belt == name]
            self.ways[name] = Way(self, belt, beams, drains is not None and name not in drains)
        self._ways = list(self.ways.values())
        self._arms = [arm for arm in self.arms.values() if isinstance(arm, BulletArm)]
        self._watch = Watch(self)

    # --- time -----------------------------------------------------------------------------------------------

    def run(self, until: float) -> float:
        """Step to `until`, or to the end of the step that changed a signal; jump while all rests."""
        agenda = self.agenda
        while self.active():
            due = agenda.next()  # what happens in a step may enter something that is due before `until`
            end = (self.tick + 1) / RATE
            if due < end and due < until:
                return max(due, self.now)
            if end > until:
                break
            self._step(end)
            if self._changes:
                return end
        return until

    def busy(self) -> bool:
        """Whether a body moves."""
        return self.active()

    def active(self) -> bool:
        """Whether the engine has anything to do."""
        return bool(self.bodies.awake) or self.arms_move()

    def arms_move(self) -> bool:
        """Whether an arm's joints are driven somewhere."""
        for arm in self._arms:  # noqa: SIM110 (asked at every step: a generator costs three times as much)
            if arm.until > self.tick:
                return True
        return False

    def begin(self) -> None:
        """Note that something begins to move now: time may have jumped while all rested."""
        if not self.active():
            self.tick = max(self.tick, int(self.now * RATE))
            for way in self._ways:
                way.resume(self.now)

    def arm_begins(self) -> None:
        """Note that an arm begins to move: what it has held back on a running belt may go on."""
        self.begin()
        for way in self._ways:
            way.wake()

    def _step(self, end: float) -> None:
        tick = self.tick + 1
        for way in self._ways:
            if way.moving:
                way.move(end)
        moving = [arm for arm in self._arms if arm.until >= tick]
        for arm in moving:
            arm.step(tick)
        self.engine.step()
        self.tick, self.now = tick, max(self.now, end)
        for way in self._ways:
            if tick >= way.due:
                way.look()
        for arm in moving:
            if tick >= arm.due:
                arm.look(tick)
        if tick >= self._watch.due:
            self._watch.look()

    def close(self) -> None:
        """End the simulation."""
        self.engine.close()

    # --- handles --------------------------------------------------------------------------------------------

    def arm_handle(self, name: str, spec: ArmSpec) -> BulletArm:
        """Make an arm's handle."""
        arm = BulletArm(self, name, spec)
        self.scenery.names[arm.skeleton.body] = f"arm {name}"
        return arm

    def belt_changed(self, belt: Belt) -> None:
        """Note a belt's new plan."""
        self.ways[belt.name].commanded()

    def room_at_start(self, belt: str) -> float:
        """Return the free length at a belt's start, m."""
        return self.ways[belt].room_at_start()

    def watch_start(self, belt: str, room: float, action: Callable[[], None]) -> None:
        """Call `action` once when there is room at a belt's start."""
        self.ways[belt].watch_start(room, action)

    def occluders(self, camera: Matrix) -> Sequence[Matrix]:
        """Return the corners of bodies about the arms' capsules, (16, 3) each."""
        return [box for arm in self._arms for box in arm.boxes()]

    def words(self, body: int) -> str:
        """Return what a body is called in front of people."""
        part = self.bodies.parts.get(body)
        return f"part {part.number}" if part is not None else self.scenery.names.get(body, "something")

    # --- where parts are ------------------------------------------------------------------------------------

    def pose_of(self, part: Part) -> Matrix:
        """Return a part's true pose."""
        return self.bodies.pose(part)

    def where(self, part: Part) -> tuple[float, float, float]:
        """Return the middle of a part's base, m."""
        return self.bodies.where(part)

    def rests(self, part: Part) -> bool:
        """Whether a part lies still and free."""
        if part.number in self.gripped or part.number in self._clamps:
            return False
        if part.number not in self.bodies.awake:
            return True
        carried = (0.0, 0.0, 0.0)
        if part.place.startswith("belt "):
            way = self.ways[part.place[5:]]
            if way.belt.motor.rests_at > self.now:
                return False
            carried = way.velocity()  # the belt has stopped since the last step
        return math.dist(self.bodies.velocity(part), carried) < AT_REST

    def held(self) -> list[Part]:
        """Return the parts in grips."""
        return [self.parts[number - 1] for number in self.gripped]

    def near(self, x: float, y: float, reach: float) -> list[tuple[Part, Matrix]]:
        """Return the parts within `reach` of a point that no grip holds, with their poses."""
        square = reach * reach
        found = []
        for number in self.live:
            part = self.parts[number - 1]
            if number not in self.gripped and not self.bodies.is_away(part):
                at = self.bodies.where(part)
                if (at[0] - x) ** 2 + (at[1] - y) ** 2 <= square:
                    found.append((part, self.bodies.pose(part)))
        return found

    def tcp_of(self, arm: str) -> Matrix:
        """Return an arm's true TCP pose in the cell frame."""
        handle = self.arms[arm]
        assert isinstance(handle, BulletArm)
        return handle.tcp()

    def torn(self, part: Part) -> bool:
        """Whether a part is in a machine's clamp."""
        return part.number in self._clamps

    # --- parts come and go ----------------------------------------------------------------------------------

    def moved(self, part: Part, place: str) -> None:
        """Note that a part is at another place now."""
        before = part.place
        super().moved(part, place)
        if part.place != before:
            if before.startswith("belt "):
                self.ways[before[5:]].leave(part)
            if place.startswith("belt "):
                self.ways[place[5:]].enter(part)

    def lay(self, part: Part, belt: str, s: float, yaw: float) -> None:
        """Let a new part appear on a belt, moving with it."""
        way = self.ways[belt]
        self.begin()
        way.lay(part, s, yaw)
        if way.moving:
            self.bodies.wake(part)

    def drop(self, part: Part, pose: Matrix) -> None:
        """Let a part that is nowhere appear at `pose` and come to rest from there."""
        self.begin()
        self.bodies.appear(part, pose)
        self._falls(part)

    def displace(self, part: Part, pose: Matrix) -> None:
        """Put a part that rests to another pose, from which it settles."""
        self.begin()
        self.bodies.put(part, pose)
        self._falls(part)

    def _falls(self, part: Part) -> None:
        """Let a part come to rest from where it is; until then it counts as being where it belongs."""
        self.bodies.wake(part)
        self.moved(part, self.seats.under(*self.bodies.where(part)).place)
        self._look_at_belts()

    def gone(self, part: Part) -> None:
        """Let a part that ran over the end of its belt leave the cell."""
        self.bodies.vanish(part)
        self.moved(part, "gone")

    def take(self, part: Part) -> None:
        """Let a part vanish bodily, wherever it is."""
        grip = self.gripped.get(part.number)
        self._loosen(self._holds, part)
        self._loosen(self._clamps, part)
        if grip is not None:
            grip.lost()
            self.bodies.let_go(part)
        self.bodies.vanish(part)
        if part.place.startswith("belt "):
            self.ways[part.place[5:]].leave(part)
        self._look_at_belts()

    def _look_at_belts(self) -> None:
        for way in self.ways.values():
            way.look()

    def _loosen(self, constraints: dict[int, int], part: Part) -> None:
        constraint = constraints.pop(part.number, None)
        if constraint is not None:
            self.engine.loosen(constraint)

    def hold_fast(self, part: Part, held: bool) -> None:
        """Hold a part in a machine's clamp, or let it go."""
        self.begin()
        if not held:
            self._loosen(self._clamps, part)
        else:
            station = part.place.removeprefix("station ")
            machine = self.machines[self.spec.stations[station].machine or ""]
            self._clamps[part.number] = self.engine.pin(self.bodies.body(part), machine.spec.clamp_force)
        if part.number not in self.gripped:
            self.bodies.wake(part)

    def friction_changed(self, part: Part) -> None:
        """Note a part's new friction."""
        if self.bodies.is_away(part):
            return
        if part.number in self.gripped or part.number in self._clamps:
            self.engine.rub(self.bodies.body(part), part.friction)
        else:
            self.bodies.renew(part)

    # --- grips ----------------------------------------------------------------------------------------------

    def seize(self, part: Part, grip: TwoFingers, pose: Matrix) -> None:
        """Give a part into a grip, which has pushed it to `pose`."""
        arm = self._carrier(grip)
        self.begin()
        self.gripped[part.number] = grip
        self.bodies.hold(part)
        if not self.torn(part):
            self.bodies.put(part, pose)
        body = self.bodies.body(part)
        place = arm.tool() @ inverse(arm.tcp()) @ self.engine.frame(body)
        self._holds[part.number] = self.engine.fix(arm.skeleton.body, arm.skeleton.last, place, body, GRIP)
        self.moved(part, f"grip {grip.name}")
        self.settled()
        self._look_at_belts()

    def _carrier(self, grip: TwoFingers) -> BulletArm:
        arm = self.arms[next(arm for gripper, arm in self.tool_users() if gripper == grip.name)]
        assert isinstance(arm, BulletArm)
        return arm

    def release(self, part: Part, pose: Matrix) -> None:
        """Take a part out of a grip and let it fall."""
        self.begin()
        self._carrier(self.gripped.pop(part.number)).lets_fall(part)
        self._loosen(self._holds, part)
        self.bodies.let_go(part)
        self._falls(part)
