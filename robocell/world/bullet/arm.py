"""A physical arm: its joints are driven along trajectories, and it stops at what it unexpectedly touches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from robocell.motion.trajectory import Trajectory
from robocell.signals import Signal
from robocell.world.agenda import Entry
from robocell.world.arms import SLIPPING
from robocell.world.bullet.engine import RATE
from robocell.world.bullet.landing import may_land
from robocell.world.bullet.skeleton import Skeleton
from robocell.world.fingers import TwoFingers
from robocell.world.following import Following
from robocell.world.outlines import boxes_about
from robocell.world.protocol import Part
from robocell.world.shapes import Matrix
from robocell.world.spec import ArmSpec

if TYPE_CHECKING:
    from robocell.world.bullet.world import BulletWorld

EVERY = 4
"""Steps between two looks at what a moving arm touches."""
DEPTH = 5e-4
"""Overlap in m from which a contact counts: engines keep what lies against each other a little apart or inside."""
FORCE = 100.0
"""Force in N from which it counts as well: what stands fast stops an arm without any overlap. Collaborative arms stop
at about this."""
DISPLACED = 3e-3
"""How far in m a held part is from its place in the grip when something else holds it back."""
ENCODER = 1e-4
"""Resolution of the joints' encoders, rad or m: at rest the drives hold the set-point more closely than that."""
AROUND = 0.5
"""Distance in m from the TCP within which parts may have been hit by what an arm ran into."""
SETTLING = 2
"""Steps after the last set-point until the joints stand still."""
FALLING = 0.05
"""Speed in m/s downwards above which a part falls, so that nothing can press upon it."""
HEADROOM = 0.02
"""Height in m above a part from which on fingers that come down are watched."""


class BulletArm:
    """Implements `ArmHandle`.

    An arm that touches something stands still at once, as a protective stop makes it: `contact` says what it
    touches and `deviation` how far it was from its target. What its fingers and the part between them meet
    follows the rules of `grips`; its links meet what the engine says.

    Args:
        world: the world.
        name: the arm's name.
        spec: its model and base; it stands at its home.

    Attributes:
        until: the last step that the engine has to make for it.
        due: the step after which it is to look next at what it touches.

    """

    def __init__(self, world: BulletWorld, name: str, spec: ArmSpec) -> None:
        self.name = name
        self.spec = spec
        self.moving: Signal[bool] = Signal(f"{name}.moving", False)
        self.contact: Signal[str] = Signal(f"{name}.contact", "")
        self.skeleton = Skeleton(world.engine, spec)
        self._world = world
        self._load = world.loads[name]
        self._following = Following(spec.home)
        self._ends: Entry | None = None
        self._target: Matrix | None = None  # where a move was to end that a contact has cut short
        self._pressed = 0.0  # m, how deep the end of a move lies in what it came down upon
        self._goals: list[list[float]] = []
        self._first = 0
        self.until = 0
        self.due = 0
        self._looks: Matrix = np.empty((0, 4, 4))
        self._low: list[bool] = []
        self._known: dict[int, None] = {}  # bodies that it touched when the move began
        self._against: int | None = None  # number of the part that is under or between the fingers already

    # --- the handle -----------------------------------------------------------------------------------------

    def follow(self, trajectory: Trajectory) -> None:
        """Start to move along the trajectory, from the present joints."""
        world, now = self._world, self._world.now
        world.arm_begins()
        world.agenda.cancel(self._ends)
        self._following.start(trajectory, now)
        self._target, self._pressed = None, 0.0
        self._plan()
        self._begin()
        self._load.work(True, now)
        world.change(self.moving, True)
        self._ends = world.agenda.at(self._following.ends, self._arrived)
        world.settled()

    def halt(self) -> None:
        """Stop on the path, as fast as the arm's limits allow; `moving` falls at rest."""
        if self._ends is None or self._following.halting:
            return
        world = self._world
        world.agenda.cancel(self._ends)
        self._following.halt(world.now, self.spec.model.limits.acceleration)
        self._plan()
        self._ends = world.agenda.at(self._following.ends, self._arrived)

    def free(self) -> None:
        """Clear the contact: a person frees the arm."""
        self._world.change(self.contact, "")
        self._target, self._pressed = None, 0.0

    def joints(self) -> tuple[float, ...]:
        """Present joint positions, as the encoders give them."""
        measured = self.skeleton.joints()
        if self._ends is None and bool(np.all(np.abs(measured - self._following.end) < ENCODER)):
            measured = self._following.end
        return tuple(float(v) for v in measured)

    def deviation(self) -> float:
        """Return how far (m) the TCP is from where it was told to end."""
        told = self._following.end if self._target is None else self._target
        return max(float(np.linalg.norm(self.tcp()[:3, 3] - self._tcp_at(told)[:3, 3])), self._pressed)

    # --- truth for the world --------------------------------------------------------------------------------

    def tcp(self) -> Matrix:
        """Return the true TCP pose in the cell frame, (4, 4)."""
        return self._tcp_at(self.skeleton.joints())

    def boxes(self) -> list[Matrix]:
        """Return the corners (16, 3) of a body about each capsule, cell frame."""
        return boxes_about(self.spec, self.skeleton.joints())

    def tool(self) -> Matrix:
        """Return the TCP in the frame of the last link, (4, 4)."""
        return self.spec.model.flange @ self.spec.model.tool

    def _tcp_at(self, joints: Matrix) -> Matrix:
        result: Matrix = self.spec.base @ self.spec.model.fk(joints)
        return result

    # --- moving ---------------------------------------------------------------------------------------------

    def _plan(self) -> None:
        """Work out the set-points at the ends of the steps to come, and where to look."""
        self._first = self.due = self._world.tick + 1
        last = max(math.ceil(self._following.ends * RATE), self._first)
        goals = self._following.at(np.arange(self._first, last + 1) / RATE)
        self.until = last + SETTLING
        self._goals = goals.tolist()
        self._looks = self.spec.base @ self.spec.model.fk(goals[::EVERY])
        self._low = self._where_it_may_land()

    def _where_it_may_land(self) -> list[bool]:
        """Return at which looks fingers, or what they hold, may come down upon a part."""
        grip = self._grip()
        if grip is None:
            return [False] * len(self._looks)
        depth, reach = 0.5 * grip.spec.fingers.pad_depth + HEADROOM, grip.reach
        if grip.part is not None:
            depth += self._world.tallest
            reach = max(reach, 2.0 * self._world.bound)
        result: list[bool] = may_land(self._world, self._looks, reach, depth).tolist()
        return result

    def _begin(self) -> None:
        """Take in what the arm touches already, and whether the fingers can carry what they hold."""
        world = self._world
        self._known = dict.fromkeys(body for _, body in world.engine.touching(self.skeleton.body, DEPTH, FORCE))
        grip = self._grip()
        self._against = None
        if grip is None:
            return
        found = grip.landing(self.tcp())
        self._against = found[0].number if found is not None else None
        part = grip.part
        if part is not None and not grip.carries(self.spec.acceleration):
            after = min(SLIPPING, 0.5 * self._following.duration)
            world.agenda.at(world.now + after, lambda: grip.slip_if(part))

    def step(self, tick: int) -> None:
        """Drive the joints to where they are to be at the end of step `tick`."""
        index = tick - self._first
        if index < len(self._goals):
            self.skeleton.aim(self._goals[index])

    def look(self, tick: int) -> None:
        """Look at what the arm touches; it stands still at what it should not."""
        self.due = tick + EVERY
        index = tick - self._first
        if self._ends is None or index >= len(self._goals):
            return
        look = index // EVERY
        against = self._touched() or self._held_back(self._looks[look])
        if not against and self._low[look]:
            against = self._comes_down_upon(self._looks[look])
        if against:
            self._target = self._following.end
            self._stand()
            self._disturb()
            self._world.change(self.contact, against)

    def _stand(self) -> None:
        """Stand still at once, as with the brakes on."""
        world = self._world
        world.agenda.cancel(self._ends)
        self._ends = None
        self._following.stand(self.skeleton.joints(), world.now)
        self._plan()
        self._load.work(False, world.now)
        world.change(self.moving, False)

    def _disturb(self) -> None:
        """Wake what lies around the tool: it may have been hit."""
        world, tcp = self._world, self.tcp()
        for part, _ in world.near(float(tcp[0, 3]), float(tcp[1, 3]), AROUND):
            world.bodies.wake(part)

    def _arrived(self) -> None:
        world = self._world
        if self._following.halting:
            self._following.stand(self._following.now(world.now), world.now)
        self._ends = None
        self._load.work(False, world.now)
        against = ""
        if not self._low or self._low[-1]:
            against, self._pressed = self._lands(self._tcp_at(self._following.end))
        if against:
            world.change(self.contact, against)
        world.change(self.moving, False)

    # --- what it touches ------------------------------------------------------------------------------------

    def _grip(self) -> TwoFingers | None:
        return self._world.fingers(self.spec.gripper)

    def _touched(self) -> str:
        """Return what a link of the arm has run into, "" for nothing."""
        world = self._world
        touching = world.engine.touching(self.skeleton.body, DEPTH, FORCE)
        grip = self._grip()
        own = world.bodies.body(grip.part) if grip is not None and grip.part is not None else -1
        for _, body in touching:
            if body != own and body not in self._known:
                return world.words(body)
        if self._known:
            self._known = {body: None for _, body in touching if body in self._known}
        return ""

    def _held_back(self, tcp: Matrix) -> str:
        """Return what keeps the held part from its place in the grip, "" for nothing."""
        world, grip = self._world, self._grip()
        if grip is None or grip.part is None:
            return ""
        part = grip.part
        expected = grip.place_at(tcp)[:3, 3]
        off = math.dist(world.bodies.where(part), expected)
        if off < DISPLACED:
            return ""
        if world.torn(part):
            return f"pulls at part {part.number}, which a clamp holds"
        for _, body in world.engine.touching(world.bodies.body(part), 0.0):
            if body != self.skeleton.body:
                return world.words(body)
        return f"something with part {part.number}"

    def lets_fall(self, part: Part) -> None:
        """Note that the fingers have lost a part: while it is still between them, they do not come down upon it."""
        self._against = part.number

    def _comes_down_upon(self, tcp: Matrix) -> str:
        """Return the part upon which the fingers or the held part have come now, "" for none."""
        found, _ = self._lands(tcp)
        if self._against is not None and found == f"part {self._against}":
            return ""
        self._against = None
        return found

    def _lands(self, tcp: Matrix) -> tuple[str, float]:
        """Return what the fingers or the held part press upon at a TCP pose, "" for nothing, and how deep, m."""
        grip = self._grip()
        found = grip.landing(tcp) if grip is not None else None
        if found is None or self._world.bodies.velocity(found[0])[2] < -FALLING:
            return "", 0.0
        return f"part {found[0].number}", found[1]
