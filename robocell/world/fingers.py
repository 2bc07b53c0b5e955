"""Two parallel fingers: they take their time, stop on what is between them, and can lose it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from robocell.signals import Signal
from robocell.world.agenda import Entry
from robocell.world.grips import Closing, close, holds, lands, local
from robocell.world.protocol import Part
from robocell.world.shapes import Matrix, inverse, pose_at
from robocell.world.spec import GripSpec

if TYPE_CHECKING:
    from robocell.world.handling import HandlingWorld

FACING = 0.9
"""Least cosine of the angle between a part's axis and the approach at which fingers can grip it."""


class TwoFingers:
    """Implements `GripHandle`.

    Args:
        world: the world.
        name: the gripper's name.
        spec: its fingers; they begin open.
        arm: the arm that carries it, None if no arm does (it then grips nothing).

    Attributes:
        part: the part that it truly holds.
        reach: how far from the TCP, across the approach, the middle of a part may be that the fingers meet, m.

    """

    def __init__(self, world: HandlingWorld, name: str, spec: GripSpec, arm: str | None) -> None:
        self.name = name
        self.spec = spec
        self.moving: Signal[bool] = Signal(f"{name}.moving", False)
        self.holding: Signal[bool] = Signal(f"{name}.holding", False)
        self.part: Part | None = None
        fingers = spec.fingers
        self.reach = math.hypot(0.5 * spec.stroke + fingers.thickness, 0.5 * fingers.pad_width) + world.bound
        self._world = world
        self._arm = arm
        self._load = world.loads[name]
        self._force = spec.force
        self._from, self._to, self._since = spec.stroke, spec.stroke, 0.0
        self._target = spec.stroke
        self._ends: Entry | None = None
        self._relative: Matrix | None = None
        self._inverted: tuple[Matrix, Matrix] | None = None

    # --- the handle -----------------------------------------------------------------------------------------

    def opening(self) -> float:
        """Present distance between the fingers."""
        way = self._to - self._from
        if way == 0.0:
            return self._to
        share = (self._world.now - self._since) * self.spec.speed / abs(way)
        return self._from + way * min(share, 1.0)

    def move(self, opening: float, force: float) -> None:
        """Start to open or close to `opening` metres; stops at what is between the fingers."""
        at = self.opening()
        self._target = min(max(opening, 0.0), self.spec.stroke)
        self._force = force
        if self.part is not None and self._target <= at:
            return  # the fingers press already
        self._let_go()
        if self._target >= at:
            self._go(at, self._target, None)
            return
        found = None if self._world.misses(self.name) else self._between(at)
        if found is None:
            self._go(at, self._target, None)
        else:
            part, closing = found
            assert closing.width is not None
            self._go(at, min(closing.width, at), part)

    def _go(self, at: float, to: float, part: Part | None) -> None:
        world, now = self._world, self._world.now
        world.agenda.cancel(self._ends)
        self._ends = None
        self._from, self._to, self._since = at, to, now
        world.change(self.holding, False)
        duration = abs(to - at) / self.spec.speed
        if duration == 0.0 and part is None:
            world.change(self.moving, False)
            return
        self._load.work(True, now)
        world.change(self.moving, True)
        self._ends = world.agenda.at(now + duration, lambda: self._there(part))

    def _there(self, part: Part | None) -> None:
        world = self._world
        found = self._between(self._from) if part is not None else None
        self._ends = None
        self._load.work(False, world.now)
        self._from = self._to
        if part is not None and (found is None or found[0] is not part):
            self._go(self._to, self._target, None)  # it is not there any more
            return
        world.change(self.moving, False)
        if found is not None:
            world.change(self.holding, self._to - self._target >= self.spec.detection)
            self._seize(*found)

    # --- truth ----------------------------------------------------------------------------------------------

    def _tcp(self) -> Matrix | None:
        return self._world.tcp_of(self._arm) if self._arm is not None else None

    def _inverse(self, tcp: Matrix) -> Matrix:
        """Return a TCP pose's inverse; an arm that stands is asked for the same pose several times."""
        if self._inverted is None or self._inverted[0] is not tcp:
            self._inverted = (tcp, inverse(tcp))
        return self._inverted[1]

    def _between(self, opening: float) -> tuple[Part, Closing] | None:
        """Return the part that fingers closing from `opening` to the target would grip, and how."""
        tcp = self._tcp()
        if tcp is None:
            return None
        near = self._before(tcp)
        if not near:
            return None
        back = self._inverse(tcp)
        products = self._world.spec.products
        best: tuple[Part, Closing] | None = None
        for part, pose in near:
            closing = close(self.spec.fingers, products[part.product].shape, local(back, pose), opening, self._target)
            if closing.width is not None and (best is None or closing.width > (best[1].width or 0.0)):
                best = (part, closing)
        return best

    def _before(self, tcp: Matrix) -> list[tuple[Part, Matrix]]:
        """Return the parts near the fingers that face them: the rules of `grips` are about no others."""
        near = self._world.near(float(tcp[0, 3]), float(tcp[1, 3]), self.reach)
        return [(part, pose) for part, pose in near if float(pose[:3, 2] @ tcp[:3, 2]) < -FACING]

    def _seize(self, part: Part, closing: Closing) -> None:
        """Take the part: the fingers have pushed it to their middle and turned its faces to the pads."""
        world = self._world
        tcp = self._tcp()
        assert tcp is not None
        relative = self._inverse(tcp) @ world.pose_of(part)
        if not world.torn(part):
            relative[0, 3] += closing.shift
            if closing.turn:
                relative[:3, :3] = pose_at(0.0, 0.0, 0.0, closing.turn)[:3, :3] @ relative[:3, :3]
        self.part, self._relative = part, relative
        world.seize(part, self, tcp @ relative)

    def part_pose(self) -> Matrix:
        """Return the pose of the part in the grip, (4, 4) in the cell frame."""
        tcp = self._tcp()
        assert tcp is not None
        return self.place_at(tcp)

    def place_at(self, tcp: Matrix) -> Matrix:
        """Return the pose (4, 4) that the part has in the grip when the TCP is at a pose (4, 4)."""
        assert self._relative is not None
        return tcp @ self._relative

    def carries(self, acceleration: float) -> bool:
        """Whether friction carries the part at an acceleration of the TCP, m/s²."""
        part = self.part
        if part is None:
            return True
        mass = self._world.spec.products[part.product].mass
        return holds(part.friction, self._force, mass, acceleration)

    def _let_go(self) -> None:
        if self.part is not None:
            part, pose = self.part, self.part_pose()
            self.part = self._relative = None
            self._world.release(part, pose)

    def lost(self) -> None:
        """Note that the part was taken away: the fingers close on nothing."""
        if self.part is not None:
            del self._world.gripped[self.part.number]
            self.part = self._relative = None
            self._go(self.opening(), self._target, None)

    def slip(self) -> bool:
        """Lose the part, which falls; return False if there is none."""
        if self.part is None:
            return False
        at = self.opening()
        self._let_go()
        self._go(at, self._target, None)
        return True

    def slip_if(self, part: Part) -> None:
        """Lose the part if it is still this one."""
        if self.part is part:
            self.slip()

    def landing(self, tcp: Matrix) -> tuple[Part, float] | None:
        """Return a part that the fingers or the held part press upon at this TCP, and how deep (m)."""
        world = self._world
        if self.part is not None:
            assert self._relative is not None
            pose = tcp @ self._relative
            other = world.obstacle(self.part, pose)
            if other is None:
                return None
            top = world.where(other)[2] + world.spec.products[other.product].shape.height
            return other, max(top - float(pose[2, 3]), 1e-3)
        near = self._before(tcp)
        if not near:
            return None
        back, opening = self._inverse(tcp), self.opening()
        for part, pose in near:
            shape = world.spec.products[part.product].shape
            place = local(back, pose)
            if lands(self.spec.fingers, shape, place, opening):
                depth = 0.5 * self.spec.fingers.pad_depth - (place[2] - shape.height)
                return part, max(depth, math.ulp(1.0))
        return None
