"""One belt's traffic: its lane in the cell, beams' edges, the belt's end, and who waits for room."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from robocell.world.agenda import Entry
from robocell.world.belt import Belt
from robocell.world.inputs import Beam
from robocell.world.lane import Lane, Rider
from robocell.world.plan import INF
from robocell.world.shapes import Matrix, pose_at, yaw_of

if TYPE_CHECKING:
    from robocell.world.kinematic import KinematicWorld

EDGE = 1e-9
"""Overlap in m of a part and a beam that counts, so that rounding never makes an edge."""


class Traffic:
    """Keeps one agenda entry for the next thing that happens on its belt.

    Args:
        world: the world.
        belt: the belt.
        beams: the beams across it.

    """

    def __init__(self, world: KinematicWorld, belt: Belt, beams: list[Beam]) -> None:
        self.belt = belt
        self.lane = Lane(belt.motor, belt.spec.length)
        self._world = world
        self._beams = beams
        self._covering: list[Rider | None] = [None] * len(beams)
        self._riders: dict[int, Rider] = {}
        self._poses: dict[int, tuple[tuple[float, float, float], Matrix]] = {}
        self._watch: tuple[float, Callable[[], None]] | None = None
        self._next: Entry | None = None
        # A part is out of the others' way, and out of the beams, once it is higher than these.
        self.clearance = max([0.02, *(beam.spec.height + 1e-3 for beam in beams)])
        pose = belt.spec.pose
        self._yaw = yaw_of(pose)
        self._x, self._y, self._z = (float(pose[i, 3]) for i in range(3))
        self._cos, self._sin = math.cos(self._yaw), math.sin(self._yaw)

    # --- where parts are ------------------------------------------------------------------------------------

    def where(self, number: int, now: float) -> tuple[float, float, float]:
        """Return the middle of a part's base in the cell frame, m."""
        rider = self._riders[number]
        s = self.lane.position(rider, now)
        return (
            self._x + self._cos * s - self._sin * rider.y,
            self._y + self._sin * s + self._cos * rider.y,
            self._z,
        )

    def pose(self, number: int, now: float) -> Matrix:
        """Return a part's pose, (4, 4), read-only: the same matrix for as long as it stands."""
        rider = self._riders[number]
        place = (self.lane.position(rider, now), rider.y, rider.yaw)
        known = self._poses.get(number)
        if known is not None and known[0] == place:
            return known[1]
        pose = pose_at(*self.where(number, now), self._yaw + rider.yaw)
        pose.flags.writeable = False
        self._poses[number] = (place, pose)
        return pose

    def speed(self, number: int, now: float) -> float:
        """Return a part's speed, m/s."""
        return self.lane.speed(self._riders[number], now)

    def coordinates(self, x: float, y: float, yaw: float) -> tuple[float, float, float]:
        """Return (s, y, yaw) on the belt of a point and direction in the cell."""
        dx, dy = x - self._x, y - self._y
        return self._cos * dx + self._sin * dy, self._cos * dy - self._sin * dx, yaw - self._yaw

    def around(self, x: float, y: float, reach: float, now: float) -> list[int]:
        """Return the parts within `reach` of a point in the plane, m."""
        lane = self.lane
        if not lane.riders:
            return []
        s, across, _ = self.coordinates(x, y, 0.0)
        if abs(across) > self.belt.spec.width + reach or not -reach <= s <= lane.length + reach:
            return []
        return [
            r.number for r in lane.riders if (lane.position(r, now) - s) ** 2 + (r.y - across) ** 2 <= reach * reach
        ]

    # --- coming and going -----------------------------------------------------------------------------------

    def add(self, rider: Rider, s: float, v: float) -> None:
        """Lay a part on the belt at `s` with speed `v`."""
        self._riders[rider.number] = rider
        self.lane.add(rider, s, v, self._world.now)
        self._look()

    def remove(self, number: int) -> None:
        """Take a part off the belt."""
        rider = self._riders.pop(number)
        self._poses.pop(number, None)
        self.lane.remove(rider, self._world.now)
        self._look()

    def hold(self, number: int, pose: Matrix) -> None:
        """Hold a part in place at a pose, against the belt."""
        rider = self._riders[number]
        s, rider.y, rider.yaw = self.coordinates(float(pose[0, 3]), float(pose[1, 3]), yaw_of(pose))
        self.lane.hold(rider, s, self._world.now)
        self._look()

    def friction_changed(self, number: int, grip: float) -> None:
        """Give a part another friction."""
        self._riders[number].grip = grip
        self.lane.commanded(self._world.now)
        self._look()

    def commanded(self) -> None:
        """Follow the drive's new plan."""
        self.lane.commanded(self._world.now)
        self._look()

    def watch_start(self, room: float, action: Callable[[], None]) -> None:
        """Call `action` once when there is `room` at the start."""
        self._watch = (room, action)
        self._look()

    # --- what happens next ----------------------------------------------------------------------------------

    def _look(self) -> None:
        """Bring the beams up to date and enter the next thing that happens on the belt."""
        world, now, lane = self._world, self._world.now, self.lane
        world.agenda.cancel(self._next)
        self._next = None
        if self._watch is not None and lane.room_at_start(now) >= self._watch[0] - 1e-9:
            watch, self._watch = self._watch, None
            world.agenda.at(now, watch[1])
        due = lane.due
        for index in range(len(self._beams)):
            due = min(due, self._beam(index, now))
        if lane.riders and not lane.closed:
            due = min(due, lane.crossing(lane.riders[0], lane.length, now, 1))
        if self._watch is not None and lane.riders:
            last = lane.riders[-1]
            due = min(due, lane.crossing(last, self._watch[0] + last.half, now, 1))
        if due < INF:
            self._next = world.agenda.at(max(due, now), self._happen)

    def _beam(self, index: int, now: float) -> float:
        """Bring one beam up to date; return when it changes next.

        A beam is interrupted while `at − half < s < at + half`. The moments looked for lie `EDGE` further on
        than the limits compared here, so that the state is beyond doubt when they come.
        """
        at = self._beams[index].spec.at
        lane = self.lane
        due = INF
        covering: Rider | None = None
        for rider in lane.riders:
            s, half = lane.position(rider, now), rider.half
            if s >= at + half - EDGE:
                due = min(due, lane.crossing(rider, at + half - 2.0 * EDGE, now, -1))
            elif s > at - half + EDGE:
                covering = rider
                due = min(
                    due,
                    lane.crossing(rider, at + half, now, 1),
                    lane.crossing(rider, at - half, now, -1),
                )
            else:
                due = min(due, lane.crossing(rider, at - half + 2.0 * EDGE, now, 1))
                break
        if covering is not self._covering[index]:
            self._covering[index] = covering
            self._beams[index].see(covering is not None)
        return due

    def _happen(self) -> None:
        """Do what is due now: a motion is due again, a part leaves, a beam changes."""
        self._next = None
        world, now, lane = self._world, self._world.now, self.lane
        if lane.due <= now:
            lane.replan(now)
        while lane.riders and not lane.closed:
            first = lane.riders[0]
            if lane.position(first, now) < lane.length - EDGE or lane.speed(first, now) <= 0.0:
                break
            world.left_belt(first.number)
        self._look()
