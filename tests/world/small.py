"""Small worlds for tests: a gantry whose joints are the TCP's coordinates, one belt, a few places."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Awaitable, Callable
from importlib.util import find_spec
from typing import Any, TypeVar

import numpy as np
import pytest

from robocell.clock import Clock
from robocell.motion import Arm, Joint, JointMove, Limits, interpolate
from robocell.motion.limits import TcpLimits
from robocell.simloop import virtual_loop
from robocell.world.base import BaseWorld
from robocell.world.grips import Fingers
from robocell.world.handling import HandlingWorld
from robocell.world.kinematic import KinematicWorld
from robocell.world.protocol import Part
from robocell.world.shapes import Shape, pose_at
from robocell.world.spec import (
    ArmSpec,
    BeamSpec,
    BeltSpec,
    GripSpec,
    MachineSpec,
    Power,
    ProductSpec,
    SceneSpec,
    StationSpec,
    WorldSpec,
)

T = TypeVar("T")

NEEDS_BULLET = (
    pytest.mark.bullet,
    pytest.mark.skipif(find_spec("pybullet") is None, reason="pybullet is not installed"),
)
both = pytest.mark.parametrize("kind", ["kinematic", pytest.param("bullet", marks=NEEDS_BULLET)])
"""Runs a test, which takes `kind`, on either world."""
OPEN: list[BaseWorld] = []
"""The worlds that a test has made; they are closed when it is over."""

CAP = ProductSpec("cap", Shape(0.06, 0.06, 0.02, True), 0.12, 0.6)
BLOCK = ProductSpec("block", Shape(0.08, 0.04, 0.03, False), 0.3, 0.6)
DOWN = np.diag([1.0, -1.0, -1.0, 1.0])


def gantry() -> Arm:
    """Three sliding joints x, y, z and a turn about the vertical; the tool points down."""
    joints = (
        Joint(np.eye(4), np.array([1.0, 0.0, 0.0]), "prismatic", "x"),
        Joint(np.eye(4), np.array([0.0, 1.0, 0.0]), "prismatic", "y"),
        Joint(np.eye(4), np.array([0.0, 0.0, 1.0]), "prismatic", "z"),
        Joint(np.eye(4), np.array([0.0, 0.0, 1.0]), "revolute", "turn"),
    )
    limits = Limits(
        position=np.array([[-3.0, 3.0], [-3.0, 3.0], [-1.0, 2.0], [-math.pi, math.pi]]),
        velocity=np.array([1.0, 1.0, 1.0, 3.0]),
        acceleration=np.array([5.0, 5.0, 5.0, 15.0]),
        jerk=np.array([100.0, 100.0, 100.0, 300.0]),
        tcp=TcpLimits(),
    )
    return Arm("gantry", joints, limits, tool=DOWN)


def small(**changes: Any) -> WorldSpec:
    """A belt of 1.2 m with a beam at 0.9 m, a gantry with a gripper, a tray, a bin, a machine."""
    spec = WorldSpec(
        products={"cap": CAP, "block": BLOCK},
        belts={"infeed": BeltSpec(pose_at(-0.9, -0.45, 0.08), 1.2, 0.12, 0.25, 2.0, power=Power(10.0, 60.0))},
        beams={"at_stop": BeamSpec("infeed", 0.9, power=Power(1.0, 1.0))},
        arms={"arm": ArmSpec(gantry(), np.eye(4), (0.0, 0.0, 0.5, 0.0), "gripper", power=Power(90.0, 250.0))},
        grips={"gripper": GripSpec(0.085, 0.1, 50.0, Fingers(0.022, 0.02, 0.012), power=Power(1.0, 20.0))},
        machines={"mill": MachineSpec(1.5, 1.5, 0.5, 0.5, stations=("vise",), power=Power(300.0, 2000.0))},
        relays={"guard": Power()},
        panels={"panel": (("reset", "start", "tray_changed"), Power())},
        meters={"meter": Power()},
        stations={
            "pick_stop": StationSpec("belt", belt="infeed", at=0.9),
            "tray": StationSpec(
                "seat",
                tuple(pose_at(0.3 + 0.09 * i, -0.2, 0.02) for i in range(3)),
                exchange=("panel", "tray_changed"),
            ),
            "bin": StationSpec("bin", (pose_at(-0.4, 0.2, 0.05),)),
            "vise": StationSpec("seat", (pose_at(0.6, 0.6, 0.3),), machine="mill"),
        },
        floor=-0.1,
        relay="guard",
        reset=("panel", "reset"),
        start=("panel", "start"),
    )
    return dataclasses.replace(spec, **changes)


def scene(**changes: Any) -> SceneSpec:
    return SceneSpec(**changes)


def build(spec: WorldSpec, clock: Clock, kind: str = "kinematic") -> HandlingWorld:
    """Make a world that is closed after the test."""
    world: HandlingWorld
    if kind == "kinematic":
        world = KinematicWorld(spec, clock)
    else:
        from robocell.world.bullet import BulletWorld

        world = BulletWorld(spec, clock)
    OPEN.append(world)
    return world


def perform(world: HandlingWorld, act: Callable[[], Awaitable[T]]) -> T:
    """Run `act` in virtual time with the world as the loop's hook."""
    loop = virtual_loop()
    loop.hook = world

    async def main() -> T:
        return await act()

    return loop.run(main())


def play(
    spec: WorldSpec, act: Callable[[KinematicWorld, Clock], Awaitable[T]], seed: int = 0
) -> tuple[KinematicWorld, T]:
    """Run `act` on a kinematic world; return the world and what `act` returned."""
    clock = Clock(seed)
    world = KinematicWorld(spec, clock)
    return world, perform(world, lambda: act(world, clock))


def play_on(
    kind: str, spec: WorldSpec, act: Callable[[HandlingWorld, Clock], Awaitable[T]], seed: int = 0
) -> tuple[HandlingWorld, T]:
    """Run `act` on a world of a kind; return the world and what `act` returned."""
    clock = Clock(seed)
    world = build(spec, clock, kind)
    return world, perform(world, lambda: act(world, clock))


def put(world: HandlingWorld, x: float, y: float, z: float, product: str = "cap") -> Part:
    """Let a new part come to rest from a point, its base's middle, m."""
    part = Part(len(world.parts) + 1, product, friction=world.spec.products[product].friction)
    world.parts.append(part)
    world.drop(part, pose_at(x, y, z))
    return part


async def go(world: BaseWorld, *targets: tuple[float, float, float], turn: float = 0.0, speed: float = 1.0) -> None:
    """Let the gantry move through points, at rest at each."""
    arm = world.arm("arm")
    moves = [JointMove((*target, turn), speed) for target in targets]
    trajectory = interpolate(world.spec.arms["arm"].model, arm.joints(), moves)
    arm.follow(trajectory)
    await arm.moving.until(lambda moving: not moving)


async def grip(world: BaseWorld, opening: float, force: float = 50.0) -> bool:
    """Move the fingers and return what the gripper senses."""
    handle = world.grip("gripper")
    handle.move(opening, force)
    await handle.moving.until(lambda moving: not moving)
    return handle.holding.value


async def settle(clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)
    await asyncio.sleep(0)
