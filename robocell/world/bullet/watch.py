"""A look, now and then, at what is awake: what rests is put to sleep, what is lost is found."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from robocell.world.bullet.engine import RATE
from robocell.world.bullet.way import Way
from robocell.world.protocol import Part
from robocell.world.shapes import pose_at

if TYPE_CHECKING:
    from robocell.world.bullet.world import BulletWorld

LOOK = 12
"""Steps between two looks."""
HELD_BACK = 0.1
"""Share of a running belt's speed below which a part is held back by something."""
LOST = 0.05
"""Depth in m under the floor, and `AWAY` (m) the distance, at which the engine has lost a part."""
AWAY = 15.0


class Watch:
    """Looks after a world's parts.

    Args:
        world: the world.

    Attributes:
        due: the step at which it is to look next.

    """

    def __init__(self, world: BulletWorld) -> None:
        self._world = world
        self._closed = dict.fromkeys(world.scenery.hoods, False)
        self.due = 0

    def look(self) -> None:
        """Put to sleep what rests, note what has fallen, been pushed or got lost, close enclosures."""
        world = self._world
        bodies = world.bodies
        self.due = world.tick + LOOK
        self._close_hoods()
        for part in list(bodies.awake.values()):
            if part.number not in bodies.awake:
                continue  # what happened to another has taken it away
            x, y, z = bodies.where(part)
            way = world.ways.get(part.place.removeprefix("belt "))
            if not (z > world.spec.floor - LOST and max(abs(x), abs(y)) < AWAY):
                self._recover(part, x, y)
            elif way is not None and way.moving:
                self._see_if_held_back(part, way)
            elif bodies.is_still(part):
                world.moved(part, world.seats.under(x, y, z).place)
                if self._in_bin(part):
                    bodies.put_away(part)  # bins are as deep as they must be
                else:
                    bodies.sleep(part)
                world.settled()
        for part in [*bodies.awake.values(), *world.held()]:
            for other in bodies.woken(part):
                if other.number not in world.gripped:
                    bodies.rouse(other)

    def _in_bin(self, part: Part) -> bool:
        station = self._world.spec.stations.get(part.place.removeprefix("station "))
        return station is not None and station.kind == "bin"

    def _see_if_held_back(self, part: Part, way: Way) -> None:
        """Pin a part that something keeps from going with the belt that runs under it.

        In a long queue the engine would let parts tremble and climb upon each other, so they are pinned where they
        are until one leaves the belt, the belt is commanded or an arm moves.
        """
        world = self._world
        hardly = HELD_BACK * abs(way.belt.motor.speed(world.now)) * LOOK / RATE
        if world.bodies.is_still(part, hardly, 1.0) and not world.arms_move():
            world.bodies.pin(part)

    def _recover(self, part: Part, x: float, y: float) -> None:
        """Lay a part that the engine has lost on the floor, where people find it."""
        x, y = (min(max(v, 1.0 - AWAY), AWAY - 1.0) if math.isfinite(v) else AWAY - 1.0 for v in (x, y))
        self._world.bodies.put(part, pose_at(x, y, self._world.spec.floor))
        self._world.moved(part, "floor")

    def _close_hoods(self) -> None:
        """Let the enclosure of a machine whose door is not open stand in the arms' way."""
        world = self._world
        for name, was in self._closed.items():
            closed = not world.latest(world.machines[name].door_open)
            if closed != was:
                self._closed[name] = closed
                world.scenery.close(name, closed)
