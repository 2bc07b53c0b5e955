"""A kinematic arm: follows trajectories exactly in time, stops on its path, feels what it lands on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from robocell.motion.trajectory import Trajectory
from robocell.signals import Signal
from robocell.world.agenda import Entry
from robocell.world.fingers import TwoFingers
from robocell.world.following import Following
from robocell.world.outlines import boxes_about
from robocell.world.shapes import Matrix
from robocell.world.spec import ArmSpec

if TYPE_CHECKING:
    from robocell.world.cameras import AreaCamera
    from robocell.world.kinematic import KinematicWorld

SLIPPING = 0.1
"""Seconds after a move's start at which a part slips out that the fingers cannot carry."""
KEPT = 512
"""Trajectories of which is kept where they end and how they rise: a cell's moves repeat."""


@dataclass(frozen=True, eq=False)
class Stance:
    """Where an arm stands still, and what follows from that, worked out when first asked for.

    Attributes:
        spec: the arm.
        joints: (n,) positions, rad or m.

    """

    spec: ArmSpec
    joints: Matrix

    @cached_property
    def measured(self) -> tuple[float, ...]:
        """The joint positions as numbers."""
        return tuple(float(v) for v in self.joints)

    @cached_property
    def tcp(self) -> Matrix:
        """The TCP pose in the cell frame, (4, 4)."""
        return self.spec.base @ self.spec.model.fk(self.joints)

    @cached_property
    def boxes(self) -> list[Matrix]:
        """The corners (16, 3) of a body about each capsule, cell frame."""
        return boxes_about(self.spec, self.joints)


class KinematicArm:
    """Implements `ArmHandle`.

    Args:
        world: the world.
        name: the arm's name.
        spec: its model and base; it stands at its home.

    """

    def __init__(self, world: KinematicWorld, name: str, spec: ArmSpec) -> None:
        self.name = name
        self.spec = spec
        self.moving: Signal[bool] = Signal(f"{name}.moving", False)
        self.contact: Signal[str] = Signal(f"{name}.contact", "")
        self._world = world
        self._load = world.loads[name]
        self._following = Following(spec.home)
        self._ends: Entry | None = None
        self._pressed = 0.0
        self._stance_after = lru_cache(maxsize=KEPT)(lambda trajectory: Stance(spec, trajectory.end))
        self._rise = lru_cache(maxsize=KEPT)(self._rise_on)
        self._shadows = lru_cache(maxsize=KEPT)(lambda camera, stance: camera.outlines(stance.boxes))

    # --- the handle -----------------------------------------------------------------------------------------

    def follow(self, trajectory: Trajectory) -> None:
        """Start to move along the trajectory, from the present joints."""
        world, now = self._world, self._world.now
        world.agenda.cancel(self._ends)
        grip = self._grip()
        if grip is not None and grip.part is not None:
            self._carry(grip, trajectory)
        self._following.start(trajectory, now)
        self._pressed = 0.0
        self._load.work(True, now)
        world.change(self.moving, True)
        self._ends = world.agenda.at(now + trajectory.duration, self._arrived)
        world.settled()

    def halt(self) -> None:
        """Stop on the path, as fast as the arm's limits allow; `moving` falls at rest."""
        if self._ends is None or self._following.halting:
            return
        world = self._world
        world.agenda.cancel(self._ends)
        self._following.halt(world.now, self.spec.model.limits.acceleration)
        self._ends = world.agenda.at(self._following.ends, self._arrived)

    def free(self) -> None:
        """Clear the contact: a person frees the arm."""
        self._world.change(self.contact, "")
        self._pressed = 0.0

    def joints(self) -> tuple[float, ...]:
        """Present joint positions."""
        return self._stance().measured

    def deviation(self) -> float:
        """Return by how much (m) what the arm pressed against keeps its TCP from its set-point."""
        return self._pressed

    # --- truth for the world --------------------------------------------------------------------------------

    def _stance(self) -> Stance:
        """Return where the arm is now; the same object whenever it stands at the end of the same trajectory."""
        following, now = self._following, self._world.now
        if self._ends is None:
            return self._stance_after(following.trajectory)
        return Stance(self.spec, following.now(now))

    def tcp(self) -> Matrix:
        """Return the true TCP pose in the cell frame, (4, 4)."""
        return self._stance().tcp

    def shadows(self, camera: AreaCamera) -> list[Matrix]:
        """Return the outlines (N, 2) of its bodies that come into a camera's view, pixels from the middle."""
        stance = self._stance()
        return camera.outlines(stance.boxes) if self._ends is not None else self._shadows(camera, stance)

    def boxes(self) -> list[Matrix]:
        """Return the corners (16, 3) of a body about each capsule, cell frame."""
        return self._stance().boxes

    def _grip(self) -> TwoFingers | None:
        return self._world.fingers(self.spec.gripper)

    def _carry(self, grip: TwoFingers, trajectory: Trajectory) -> None:
        """Begin to move with a part: it may be too heavy, held fast, or yet to be lifted off its belt."""
        world, part = self._world, grip.part
        assert part is not None
        if world.torn(part):
            world.change(self.contact, f"pulls at part {part.number}, which a clamp holds")
            self._pressed = 5e-3
            return
        if not grip.carries(self.spec.acceleration):
            world.agenda.at(world.now + min(SLIPPING, 0.5 * trajectory.duration), lambda: grip.slip_if(part))
        height = world.blocking_height(part)
        if height is not None:
            after = self._rise(trajectory, height)
            if after is not None:
                world.agenda.at(world.now + after, lambda: world.lifted(part, grip))

    def _rise_on(self, trajectory: Trajectory, height: float) -> float | None:
        """Return when the TCP has risen by `height` on the trajectory, None if it does not."""
        times = np.linspace(0.0, trajectory.duration, 33)
        heights = (self.spec.base @ self.spec.model.fk(trajectory.sample(times)[0]))[:, 2, 3]
        above = np.flatnonzero(heights - heights[0] >= height)
        if len(above) == 0 or above[0] == 0:
            return None
        k = int(above[0])
        share = (height + heights[0] - heights[k - 1]) / (heights[k] - heights[k - 1])
        return float(times[k - 1] + share * (times[k] - times[k - 1]))

    def _arrived(self) -> None:
        world = self._world
        if self._following.halting:
            self._following.stand(self._following.now(world.now), world.now)
        self._ends = None
        self._load.work(False, world.now)
        self._touch()
        world.change(self.moving, False)

    def _touch(self) -> None:
        """Feel what the arm stands against: a closed door, a part under a finger or the held part."""
        world = self._world
        tcp = self.tcp()
        door = world.door_in_the_way(tcp)
        if door:
            self._press(f"the door of {door}", 5e-3)
            return
        grip = self._grip()
        if grip is None:
            return
        found = grip.landing(tcp)
        if found is not None:
            self._press(f"part {found[0].number}", found[1])

    def _press(self, against: str, depth: float) -> None:
        self._pressed = depth
        self._world.change(self.contact, against)
