"""The kinematic world: exact, event-driven, thousands of times real time.

Nothing is stepped. Belts, slip, queues and beams are known in closed form from one command to the next; arms
follow their trajectories exactly and are asked for a pose only when something depends on it: fingers that
close or open, a landing, a picture. What a physical world would find by contact is found here by the
geometry at the end of a move.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import ClassVar

import numpy as np

from robocell.clock import Clock
from robocell.world.arms import KinematicArm
from robocell.world.belt import Belt
from robocell.world.cameras import AreaCamera
from robocell.world.fingers import TwoFingers
from robocell.world.handling import HandlingWorld
from robocell.world.lane import GRAVITY, Rider
from robocell.world.protocol import Part
from robocell.world.rested import Lying
from robocell.world.shapes import Matrix, upright, yaw_of
from robocell.world.spec import ArmSpec, WorldSpec
from robocell.world.traffic import Traffic


class KinematicWorld(HandlingWorld):
    """Ground truth by geometry.

    A part is in exactly one of three hands: a belt's `Traffic`, the heap of what lies still (`Lying`), or a
    grip.

    Args:
        spec: the cell and the scene.
        clock: the run's clock.

    """

    kind: ClassVar[str] = "kinematic"

    def __init__(self, spec: WorldSpec, clock: Clock) -> None:
        self.traffic: dict[str, Traffic] = {}
        self.lying = Lying()
        self._ways: dict[int, Traffic] = {}
        self._clamped: dict[int, None] = {}
        super().__init__(spec, clock)

    def _build_devices(self) -> None:
        super()._build_devices()
        for name, belt in self.belts.items():
            beams = [beam for beam in self.beams.values() if beam.spec.belt == name]
            self.traffic[name] = Traffic(self, belt, beams)
            drains = self.spec.scene.drains
            self.traffic[name].lane.closed = drains is not None and name not in drains

    # --- the seam of the base -------------------------------------------------------------------------------

    def run(self, until: float) -> float:
        """Return `until`: whatever happens before is on the agenda."""
        return until

    def busy(self) -> bool:
        """Return False: whatever is under way is on the agenda."""
        return False

    def arm_handle(self, name: str, spec: ArmSpec) -> KinematicArm:
        """Make an arm's handle."""
        return KinematicArm(self, name, spec)

    def pose_of(self, part: Part) -> Matrix:
        """Return a part's true pose."""
        grip = self.gripped.get(part.number)
        if grip is not None:
            return grip.part_pose()
        way = self._ways.get(part.number)
        if way is not None:
            return way.pose(part.number, self.now)
        return self.lying.pose(part.number)

    def where(self, part: Part) -> tuple[float, float, float]:
        """Return the middle of a part's base, m."""
        number = part.number
        way = self._ways.get(number)
        if way is not None and number not in self.gripped:
            return way.where(number, self.now)
        if number not in self.gripped:
            return self.lying.where(number)
        pose = self.pose_of(part)
        return float(pose[0, 3]), float(pose[1, 3]), float(pose[2, 3])

    def rests(self, part: Part) -> bool:
        """Whether a part lies still and free."""
        if part.number in self.gripped or part.number in self._clamped:
            return False
        way = self._ways.get(part.number)
        return way is None or abs(way.speed(part.number, self.now)) < 1e-9

    def lay(self, part: Part, belt: str, s: float, yaw: float) -> None:
        """Let a new part appear on a belt, moving with it."""
        way = self.traffic[belt]
        self._ways[part.number] = way
        way.add(self._rider(part, belt, 0.0, yaw), s, self.belts[belt].motor.speed(self.now))

    def displace(self, part: Part, pose: Matrix) -> None:
        """Put a part that rests to another pose, from which it settles."""
        self.take(part)
        self.drop(part, pose)

    def take(self, part: Part) -> None:
        """Let a part vanish bodily, wherever it is."""
        grip = self.gripped.get(part.number)
        if grip is not None:
            grip.lost()
        self._clamped.pop(part.number, None)
        way = self._ways.pop(part.number, None)
        if way is not None:
            way.remove(part.number)
        else:
            self.lying.remove(part.number)

    def hold_fast(self, part: Part, held: bool) -> None:
        """Hold a part in a machine's clamp, or let it go."""
        if held:
            self._clamped[part.number] = None
        else:
            self._clamped.pop(part.number, None)

    def room_at_start(self, belt: str) -> float:
        """Return the free length at a belt's start, m."""
        return self.traffic[belt].lane.room_at_start(self.now)

    def watch_start(self, belt: str, room: float, action: Callable[[], None]) -> None:
        """Call `action` once when there is room at a belt's start."""
        self.traffic[belt].watch_start(room, action)

    def belt_changed(self, belt: Belt) -> None:
        """Note a belt's new plan."""
        self.traffic[belt.name].commanded()

    def friction_changed(self, part: Part) -> None:
        """Note a part's new friction."""
        way = self._ways.get(part.number)
        if way is not None:
            way.friction_changed(part.number, self._grip_on(part, way.belt.name))

    def occluders(self, camera: Matrix) -> Sequence[Matrix]:
        """Return the corners of boxes about the arms' capsules, (8, 3) each."""
        boxes: list[Matrix] = []
        for arm in self.arms.values():
            assert isinstance(arm, KinematicArm)
            boxes.extend(arm.boxes())
        return boxes

    def shadows(self, camera: AreaCamera) -> Sequence[Matrix]:
        """Return the outlines (N, 2) of the arms' bodies in a camera's view, pixels from its middle."""
        arms = (arm for arm in self.arms.values() if isinstance(arm, KinematicArm))
        return [outline for arm in arms for outline in arm.shadows(camera)]

    # --- parts between hands --------------------------------------------------------------------------------

    def _rider(self, part: Part, belt: str, y: float, yaw: float) -> Rider:
        shape = self.spec.products[part.product].shape
        return Rider(part.number, shape.half_along(yaw), y, yaw, self._grip_on(part, belt))

    def _grip_on(self, part: Part, belt: str) -> float:
        return part.friction * self.spec.belts[belt].friction * GRAVITY

    def left_belt(self, number: int) -> None:
        """Let a part that ran over the end of its belt leave the cell."""
        part = self.parts[number - 1]
        self._ways.pop(number).remove(number)
        self.moved(part, "gone")

    def seize(self, part: Part, grip: TwoFingers, pose: Matrix) -> None:
        """Give a part into a grip; a part on a belt stays in the way of others until it is lifted."""
        self.gripped[part.number] = grip
        way = self._ways.get(part.number)
        if way is not None:
            way.hold(part.number, pose)
        elif part.number in self.lying:
            self.lying.remove(part.number)
        self.moved(part, f"grip {grip.name}")
        self.settled()

    def blocking_height(self, part: Part) -> float | None:
        """Return how high (m) a gripped part must rise to clear its belt, None if it is on none."""
        way = self._ways.get(part.number)
        return None if way is None else way.clearance

    def lifted(self, part: Part, grip: TwoFingers) -> None:
        """Clear the way of a part that a grip has lifted off its belt."""
        if grip.part is part:
            self._clear_way(part)

    def _clear_way(self, part: Part) -> None:
        way = self._ways.pop(part.number, None)
        if way is not None:
            way.remove(part.number)

    def tcp_of(self, arm: str) -> Matrix:
        """Return an arm's true TCP pose in the cell frame."""
        handle = self.arms[arm]
        assert isinstance(handle, KinematicArm)
        return handle.tcp()

    def torn(self, part: Part) -> bool:
        """Whether a gripped part is still in a machine's clamp, which is stronger than any fingers."""
        return part.number in self._clamped

    def release(self, part: Part, pose: Matrix) -> None:
        """Take a part out of a grip and let it come to rest."""
        del self.gripped[part.number]
        self._clear_way(part)
        self.drop(part, pose)

    def drop(self, part: Part, pose: Matrix) -> None:
        """Let a part come to rest from `pose`: it falls upright onto what is below it."""
        flat = upright(pose)
        x, y, z = float(flat[0, 3]), float(flat[1, 3]), float(flat[2, 3])
        rest = self.seats.under(x, y, z)
        self.moved(part, rest.place)
        if rest.place.startswith("belt "):
            name = rest.place[5:]
            way = self.traffic[name]
            s, across, yaw = way.coordinates(x, y, yaw_of(flat))
            self._ways[part.number] = way
            way.add(self._rider(part, name, across, yaw), s, 0.0)
        else:
            flat[2, 3] = rest.z
            self.lying.add(part.number, flat)
        self.settled()

    def around(self, x: float, y: float, reach: float) -> Iterable[int]:
        """Return the numbers of the parts within `reach` of a point in the plane (m), and of all in grips."""
        return [*self._loose_around(x, y, reach), *self.gripped]

    def near(self, x: float, y: float, reach: float) -> list[tuple[Part, Matrix]]:
        """Return the parts within about `reach` of a point that no grip holds, with their poses."""
        found = [self.parts[number - 1] for number in sorted(self._loose_around(x, y, reach))]
        return [(part, self.pose_of(part)) for part in found]

    def _loose_around(self, x: float, y: float, reach: float) -> list[int]:
        """Return the numbers of the parts within `reach` of a point in the plane (m) that no grip holds."""
        found = self.lying.around(x, y, reach)
        for way in self.traffic.values():
            found += way.around(x, y, reach, self.now)
        return [n for n in found if n not in self.gripped] if self.gripped else found

    def door_in_the_way(self, tcp: Matrix) -> str:
        """Return the machine whose enclosure holds the TCP while its door is not open, "" if none."""
        for name, machine in self.machines.items():
            enclosure = machine.spec.enclosure
            if enclosure is None or self.latest(machine.door_open):
                continue
            pose, half = enclosure
            local = pose[:3, :3].T @ (tcp[:3, 3] - pose[:3, 3])
            if bool(np.all(np.abs(local) <= half)):
                return name
        return ""
