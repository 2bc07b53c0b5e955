"""The worlds: how many times real time they run, what a step costs, and where the time goes.

    python -m benchmarks.worlds [--parts 60] [--cell cap-sorting]

Three jobs: a belt and an arm that picks and places without a controller; a shipped cell whose cameras are told the
truth; the same cell with pictures made and judged. Of each the factor of real time (of the time in Execute for cells),
ms a part, µs a step, and the shares of the wall time within the engine and within making pictures. Set-up (reading
the cell, drawing faces) is not counted.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from robocell.assembly import Inspection, RunOptions, WorldKind, simulate
from robocell.catalog import load_arm
from robocell.clock import Clock, wall_seconds
from robocell.config.prepare import prepare
from robocell.motion import Arm, JointMove, LinearMove, Segment, interpolate
from robocell.motion.rigid import to_xyz_quaternion
from robocell.simloop import virtual_loop
from robocell.world.bullet import BulletWorld
from robocell.world.bullet.engine import Engine
from robocell.world.cameras import AreaCamera
from robocell.world.grips import Fingers
from robocell.world.handling import HandlingWorld
from robocell.world.kinematic import KinematicWorld
from robocell.world.shapes import Matrix, Shape, pose_at
from robocell.world.spec import (
    ArmSpec,
    BeamSpec,
    BeltSpec,
    GripSpec,
    ProductSpec,
    SceneSpec,
    StationSpec,
    SupplySpec,
    WorldSpec,
)

CELLS = Path(__file__).parent.parent / "cells"
DOWN = np.diag([1.0, -1.0, -1.0, 1.0])
HOME = (0.0, -math.pi / 2, math.pi / 2, -math.pi / 2, -math.pi / 2, 0.0)
PITCH = 0.09
LIFT = 0.15  # m, clear of parts also where a joint move sags


@dataclass
class Meter:
    """Calls and wall seconds of one function."""

    calls: int = 0
    seconds: float = 0.0


@dataclass
class Shares:
    """What a job spent within the engine and within making pictures."""

    steps: Meter = field(default_factory=Meter)
    pictures: Meter = field(default_factory=Meter)


@contextmanager
def measured(owner: Any, name: str, meter: Meter) -> Iterator[None]:
    """Count calls of `owner.name` and their time while the context lasts."""
    kept = getattr(owner, name)

    def call(*args: Any, **kwargs: Any) -> Any:
        began = wall_seconds()
        try:
            return kept(*args, **kwargs)
        finally:
            meter.calls += 1
            meter.seconds += wall_seconds() - began

    setattr(owner, name, call)
    try:
        yield
    finally:
        setattr(owner, name, kept)


def bench_spec() -> tuple[WorldSpec, Arm]:
    """A belt of 1.2 m with a photo-eye, an arm beside it, a tray of 24 seats."""
    arm = load_arm("universal-robots/ur5e", gripper="robotiq/2f-85")
    seats = tuple(pose_at(0.3 + PITCH * (k % 4), -0.225 + PITCH * (k // 4), 0.02) for k in range(24))
    spec = WorldSpec(
        products={"cap": ProductSpec("cap", Shape(0.06, 0.06, 0.02, True), 0.12)},
        belts={"infeed": BeltSpec(pose_at(-0.9, -0.45, 0.08), 1.2, 0.12, 0.25, 2.0)},
        beams={"at_stop": BeamSpec("infeed", 0.9)},
        arms={"arm": ArmSpec(arm, np.eye(4), HOME, "gripper")},
        grips={"gripper": GripSpec(0.085, 0.15, 235.0, Fingers(0.022, 0.02, 0.01))},
        stations={"stop": StationSpec("belt", belt="infeed", at=0.9), "tray": StationSpec("seat", seats)},
        floor=-0.04,
        scene=SceneSpec(supply={"infeed": SupplySpec("cap", 3.0, 0.5)}),
    )
    return spec, arm


def above(x: float, y: float, z: float) -> Matrix:
    """Return the tool's pose, looking down, over a point (m); the fingers stand on either side of the belt's parts."""
    return pose_at(x, y, z, 0.5 * math.pi) @ DOWN


class Script:
    """Picks what the belt brings and fills the tray, which is emptied when it is full."""

    def __init__(self, world: HandlingWorld, arm: Arm) -> None:
        self.world = world
        self.arm = arm

    async def move(self, *targets: Matrix, straight: bool = False) -> None:
        handle = self.world.arm("arm")
        start = handle.joints()
        segments: list[Segment] = []
        at = np.array(start)
        for target in targets:
            solutions = self.arm.ik(target)
            rows = solutions.q[solutions.valid]
            at = rows[np.argmin(np.abs(rows - at).max(axis=1))]
            segments.append(
                LinearMove(to_xyz_quaternion(target)) if straight else JointMove(tuple(float(v) for v in at))
            )
        handle.follow(interpolate(self.arm, start, segments))
        await handle.moving.until(lambda moving: not moving)

    async def grip(self, opening: float) -> bool:
        handle = self.world.grip("gripper")
        handle.move(opening, 235.0)
        await handle.moving.until(lambda moving: not moving)
        return handle.holding.value

    async def run(self, parts: int) -> int:
        world = self.world
        belt, beam = world.belt("infeed"), world.beam("at_stop").blocked
        await self.grip(0.07)
        done = 0
        while done < parts:
            belt.drive(0.25)
            if not beam.value:
                await beam.until(bool)
            belt.run_to(belt.travel() + 0.03)
            await belt.resting.until(bool)
            x, y, z = world.where(world.parts_at("stop")[0])
            await self.move(above(x, y, z + LIFT))
            await self.move(above(x, y, z + 0.012), straight=True)
            held = await self.grip(0.0)
            await self.move(above(x, y, z + LIFT), straight=True)
            if not held:
                await self.grip(0.07)
                continue
            slot = done % 24
            x, y = 0.3 + PITCH * (slot % 4), -0.225 + PITCH * (slot // 4)
            if slot == 0:
                for part in world.parts_in("station tray"):
                    world.remove(part)
            await self.move(above(x, y, 0.02 + LIFT))
            await self.move(above(x, y, 0.032), straight=True)
            await self.grip(0.07)
            await self.move(above(x, y, 0.02 + LIFT), straight=True)
            done += 1
        return done


def scripted(kind: WorldKind, parts: int) -> None:
    """Race the scripted belt and arm."""
    spec, arm = bench_spec()
    clock = Clock(1)
    world: HandlingWorld = BulletWorld(spec, clock) if kind == "bullet" else KinematicWorld(spec, clock)
    loop = virtual_loop()
    loop.hook = world
    shares = Shares()
    with measured(Engine, "step", shares.steps):
        began = wall_seconds()
        done = loop.run(Script(world, arm).run(parts))
        wall = wall_seconds() - began
    report(f"belt and arm, {kind}", world.now, wall, done, shares)
    world.close()


def cell(name: str, kind: WorldKind, inspect: Inspection, parts: int) -> None:
    """Race a shipped cell."""
    prepared = prepare(CELLS / f"{name}.yaml")
    simulate(prepared, RunOptions(parts=1, seed=1, world=kind, inspect=inspect))  # draws faces, loads libraries
    empty = wall_seconds()
    simulate(prepared, RunOptions(parts=1, seed=1, world=kind, inspect=inspect))
    fixed = wall_seconds() - empty
    shares = Shares()
    with measured(Engine, "step", shares.steps), measured(AreaCamera, "picture", shares.pictures):
        began = wall_seconds()
        result = simulate(prepared, RunOptions(parts=parts, seed=1, world=kind, inspect=inspect)).result
        wall = wall_seconds() - began - fixed
    report(f"{name}, {kind}, {inspect}", result.states["Execute"], wall, parts, shares)


def report(title: str, seconds: float, wall: float, parts: int, shares: Shares) -> None:
    steps, pictures = shares.steps, shares.pictures
    line = f"{title:32} {seconds / wall:8.1f} × real time  {1e3 * wall / parts:7.2f} ms a part"
    if steps.calls:
        outside = 1.0 - (steps.seconds + pictures.seconds) / wall
        line += f"  {1e6 * steps.seconds / steps.calls:6.1f} µs a step  {100 * outside:4.0f} % outside"
    if pictures.calls:
        line += f"  {1e3 * pictures.seconds / pictures.calls:5.1f} ms a picture"
    print(line)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=int, default=60)
    parser.add_argument("--cell", default="cap-sorting")
    options = parser.parse_args()
    scripted("kinematic", options.parts)
    scripted("bullet", options.parts)
    cell(options.cell, "kinematic", "truth", options.parts)
    cell(options.cell, "bullet", "truth", options.parts)
    cell(options.cell, "bullet", "image", options.parts)


if __name__ == "__main__":
    main()
