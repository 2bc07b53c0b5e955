"""Bullet as this package uses it: one simulation without a display, in SI units, stepped at a fixed rate.

What was measured and decides its settings: sleeping is what makes it quick, so whatever does not move sleeps
by order, and the static bodies beneath sleep too, since a sleeping part on a waking body is still looked at.
Belts are multibodies, because only such carry what lies on them by their velocity, and parts are, because a plain
rigid body would hang a millimetre low in a grip. What stands still is a plain body: a multibody would join the
parts on it to one island, which sleeps or wakes as a whole. Contact properties are taken when two bodies begin to touch and never after.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from robocell.motion.rigid import to_xyz_quaternion
from robocell.world.bullet.library import p
from robocell.world.shapes import Matrix, Shape

RATE = 240
"""Steps a second."""
STEP = 1.0 / RATE
ITERATIONS = 10
"""Of the solver: at rest they do not matter, and moving parts cost half of what the default 50 do."""

PULL = 0.8
"""Share of a constraint's and a contact's error that one step corrects. A gripped part then lags by micrometres, and
a disc that slides on a belt, which the engine carries by one point at a time, sinks in by 0.2 mm; at the default 0.2
it is 3 mm."""
TOUCH = 5e-3
"""Distance in m within which bodies are looked at as touching. The engine takes bodies whose boxes come that close for
one island, which wakes as a whole: at its default of 20 mm the neighbours in a tray would never sleep."""
ROLLING = 1e-3
"""Coefficient of a part's rolling resistance, m."""
SCENERY, SUPPORT, PART, HELD, ARM, TOOL, FOOT, HOOD = 1, 2, 4, 8, 16, 32, 64, 128
MASKS = {
    SCENERY: PART | HELD | ARM | TOOL,
    SUPPORT: PART,
    PART: SCENERY | SUPPORT | PART | HELD | ARM | FOOT,
    HELD: SCENERY | PART | HELD | ARM | FOOT | HOOD,
    ARM: SCENERY | PART | HELD | ARM | TOOL | FOOT | HOOD,
    TOOL: SCENERY | ARM | TOOL | FOOT | HOOD,
    FOOT: PART | HELD | ARM | TOOL,
    HOOD: HELD | ARM | TOOL,
}
"""What each group collides with, the same from either side. SUPPORT (trays, bins, belts) carries parts and lets arms and what they hold through,
since the cell file gives places but not the form of what they are in. A TOOL is the link between whose fingers parts
come: what fingers do to parts is the grips' rule. The FOOT of an arm stands in its bench; a HOOD
is a machine's closed enclosure."""

Pose = tuple[tuple[float, float, float], tuple[float, float, float, float]]


def split(pose: Matrix) -> Pose:
    """Return a 4×4 pose as the engine takes it: position and quaternion (x, y, z, w)."""
    x, y, z, a, b, c, d = to_xyz_quaternion(pose)
    return (x, y, z), (a, b, c, d)


def joined(pose: Pose) -> Matrix:
    """Return the engine's pose as a 4×4 matrix."""
    (px, py, pz), (x, y, z, w) = pose
    return np.array([
        [1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - z * w), 2.0 * (x * z + y * w), px],
        [2.0 * (x * y + z * w), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - x * w), py],
        [2.0 * (x * z - y * w), 2.0 * (y * z + x * w), 1.0 - 2.0 * (x * x + y * y), pz],
        [0.0, 0.0, 0.0, 1.0],
    ])  # fmt: skip


class Engine:
    """One simulation; every body and constraint in it is known by a number."""

    def __init__(self) -> None:
        self.client: int = p.connect(p.DIRECT)
        p.setGravity(0.0, 0.0, -9.81, physicsClientId=self.client)
        p.setPhysicsEngineParameter(
            fixedTimeStep=STEP,
            numSolverIterations=ITERATIONS,
            erp=PULL,
            contactERP=PULL,
            contactBreakingThreshold=TOUCH,
            physicsClientId=self.client,
        )
        self._shapes: dict[tuple[float, ...], int] = {}
        self._anchor: int = p.createMultiBody(0, -1, -1, physicsClientId=self.client)

    def step(self) -> None:
        """Go on by one step."""
        p.stepSimulation(self.client)

    def close(self) -> None:
        """End the simulation; nothing may be asked of it afterwards."""
        if self.client >= 0:
            p.disconnect(self.client)
            self.client = -1

    # --- making bodies --------------------------------------------------------------------------------------

    def box(self, pose: Matrix, half: Sequence[float], group: int, friction: float = 1.0) -> int:
        """Add a body that never moves, or is only put elsewhere: a box about `pose` of half extents `half`, m."""
        return self._still(pose, half, group, friction, 1)

    def belt(self, pose: Matrix, half: Sequence[float], friction: float) -> int:
        """Add a body that carries parts by its velocity: a box about `pose` of half extents `half` (m)."""
        return self._still(pose, half, SUPPORT, friction, 0)

    def _still(self, pose: Matrix, half: Sequence[float], group: int, friction: float, rigid: int) -> int:
        xyz, turn = split(pose)
        body: int = p.createMultiBody(
            0, self._box(half), -1, xyz, turn, useMaximalCoordinates=rigid, physicsClientId=self.client
        )
        self.enter(body, -1, group)
        p.changeDynamics(body, -1, lateralFriction=friction, physicsClientId=self.client)
        self.sleep(body)
        return body

    def part(self, shape: Shape, mass: float, at: tuple[float, float, float]) -> int:
        """Add a part's body (its origin in its middle), asleep at a point."""
        half = (0.5 * shape.length, 0.5 * shape.width, 0.5 * shape.height)
        form = self._cylinder(half[0], shape.height) if shape.is_round else self._box(half)
        body: int = p.createMultiBody(mass, form, -1, at, physicsClientId=self.client)
        self.enter(body, -1, PART)
        # A disc that topples onto its edge must not roll for ever.
        p.changeDynamics(
            body,
            -1,
            rollingFriction=ROLLING,
            spinningFriction=ROLLING,
            restitution=0.0,
            linearDamping=0.0,
            angularDamping=0.0,
            physicsClientId=self.client,
        )
        self.sleep(body)
        return body

    def _box(self, half: Sequence[float]) -> int:
        key = tuple(half)
        if key not in self._shapes:
            self._shapes[key] = p.createCollisionShape(p.GEOM_BOX, halfExtents=key, physicsClientId=self.client)
        return self._shapes[key]

    def _cylinder(self, radius: float, height: float) -> int:
        key = (radius, height)
        if key not in self._shapes:
            self._shapes[key] = p.createCollisionShape(
                p.GEOM_CYLINDER, radius=radius, height=height, physicsClientId=self.client
            )
        return self._shapes[key]

    def enter(self, body: int, link: int, group: int) -> None:
        """Let a body's link (−1: its base) collide as a group does from its next contacts on."""
        p.setCollisionFilterGroupMask(body, link, group, MASKS[group], physicsClientId=self.client)

    # --- one body -------------------------------------------------------------------------------------------

    def pose(self, body: int) -> Pose:
        """Return a body's pose."""
        pose: Pose = p.getBasePositionAndOrientation(body, self.client)
        return pose

    def frame(self, body: int) -> Matrix:
        """Return a body's pose, (4, 4)."""
        return joined(self.pose(body))

    def put(self, body: int, pose: Pose, velocity: Sequence[float] = (0.0, 0.0, 0.0)) -> None:
        """Set a body to a pose with a velocity (m/s), not turning."""
        p.resetBasePositionAndOrientation(body, pose[0], pose[1], self.client)
        p.resetBaseVelocity(body, velocity, (0.0, 0.0, 0.0), self.client)

    def drive(self, body: int, velocity: Sequence[float]) -> None:
        """Set a body's velocity, m/s."""
        p.resetBaseVelocity(body, velocity, (0.0, 0.0, 0.0), self.client)

    def velocity(self, body: int) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
        """Return a body's velocity and angular velocity, m/s and rad/s."""
        result: tuple[tuple[float, float, float], tuple[float, float, float]] = p.getBaseVelocity(body, self.client)
        return result

    def rub(self, body: int, friction: float) -> None:
        """Give a body a friction coefficient; the product of two bodies' holds between them once they touch anew."""
        p.changeDynamics(body, -1, lateralFriction=friction, physicsClientId=self.client)

    def sleep(self, body: int) -> None:
        """Let a body stay where it is at no cost until something awake touches it, or `wake`."""
        p.changeDynamics(body, -1, activationState=p.ACTIVATION_STATE_ENABLE_SLEEPING, physicsClientId=self.client)
        p.changeDynamics(body, -1, activationState=p.ACTIVATION_STATE_SLEEP, physicsClientId=self.client)

    def wake(self, body: int) -> None:
        """Let a body move again; it does not fall asleep by itself."""
        p.changeDynamics(body, -1, activationState=p.ACTIVATION_STATE_DISABLE_SLEEPING, physicsClientId=self.client)
        p.changeDynamics(body, -1, activationState=p.ACTIVATION_STATE_WAKE_UP, physicsClientId=self.client)

    # --- what bodies do to each other -----------------------------------------------------------------------

    def touching(self, body: int, depth: float, force: float = math.inf) -> list[tuple[int, int]]:
        """Return (link of `body`, other body) of the contacts deeper than `depth` (m) or stronger than `force` (N)."""
        points: Sequence[Sequence[Any]] = p.getContactPoints(bodyA=body, physicsClientId=self.client)
        return [(c[3], c[2]) if c[1] == body else (c[4], c[1]) for c in points if c[8] < -depth or c[9] > force]

    def fix(self, holder: int, link: int, place: Matrix, body: int, force: float) -> int:
        """Hold a body's origin at `place` in the frame of an arm's link, by at most `force` N; return what does so."""
        xyz, turn = split(place)
        constraint: int = p.createConstraint(
            holder, link, body, -1, p.JOINT_FIXED, (0, 0, 0), xyz, (0, 0, 0), turn, (0, 0, 0, 1),
            physicsClientId=self.client,
        )  # fmt: skip
        p.changeConstraint(constraint, maxForce=force, physicsClientId=self.client)
        return constraint

    def pin(self, body: int, force: float) -> int:
        """Hold a body where it is, by at most `force` N; return what does so."""
        return self.fix(self._anchor, -1, self.frame(body), body, force)

    def loosen(self, constraint: int) -> None:
        """Take back a `fix` or a `pin`."""
        p.removeConstraint(constraint, physicsClientId=self.client)


def turned(axis: np.ndarray[Any, Any]) -> Matrix:
    """Return a rotation (4, 4) whose Z lies along `axis` (3,)."""
    z = axis / np.linalg.norm(axis)
    other = np.array([1.0, 0.0, 0.0]) if abs(z[0]) < 0.9 else np.array([0.0, 1.0, 0.0])
    x = np.cross(other, z)
    x /= np.linalg.norm(x)
    result = np.eye(4)
    result[:3, 0], result[:3, 1], result[:3, 2] = x, np.cross(z, x), z
    return result
