"""Every simulated device on one small world, for tests that hold for all of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from robocell.clock import Clock
from robocell.devices import Device
from robocell.motion import JointMove
from robocell.simulated.arm import SimArm
from robocell.simulated.camera import SimCamera
from robocell.simulated.conveyor import SimConveyor
from robocell.simulated.gripper import SimGripper
from robocell.simulated.machine import SimMachine
from robocell.simulated.others import SimMeter, SimPanel, SimSafety, SimSensor
from robocell.simulated.truth import TruthTelling
from robocell.world.handling import HandlingWorld
from robocell.world.imaging import Camera
from robocell.world.shapes import Matrix, pose_at
from robocell.world.spec import CameraSpec, WorldSpec
from tests.world.small import DOWN, play_on, put, small

T = TypeVar("T")
LOOKING: Matrix = pose_at(0.0, -0.45, 0.7) @ DOWN
OPTICS = Camera(resolution=(640, 480), pitch=7.5e-6, focal_length=25e-3)


def make(world: HandlingWorld, clock: Clock) -> dict[str, Device]:
    """All devices of `world`, by their names."""
    spec = world.spec
    belt, grip, mill = spec.belts["infeed"], spec.grips["gripper"], spec.machines["mill"]
    has = world.answers
    return {
        "arm": SimArm("arm", clock, spec.arms["arm"].model, world.arm("arm"), has("arm")),
        "at_stop": SimSensor("at_stop", clock, 0.001, 0.005, world.beam("at_stop"), has("at_stop")),
        "camera": SimCamera(
            "camera",
            clock,
            LOOKING,
            0.004,
            0.05,
            0.004,
            world.camera("camera"),
            has("camera"),
            OPTICS,
            TruthTelling({}, clock.stream("verdicts")),
            pictures=False,
        ),
        "gripper": SimGripper("gripper", clock, grip.stroke, grip.force, world.grip("gripper"), has("gripper")),
        "guard": SimSafety("guard", clock, world.relay("guard"), has("guard")),
        "infeed": SimConveyor("infeed", clock, belt.speed, belt.acceleration, world.belt("infeed"), has("infeed")),
        "meter": SimMeter("meter", clock, world.meter("meter"), has("meter")),
        "mill": SimMachine("mill", clock, mill.door_opens, mill.clamp_closes, world.machine("mill"), has("mill")),
        "panel": SimPanel("panel", clock, ("lamp",), world.panel("panel"), has("panel")),
    }


KINDS = ("arm", "at_stop", "camera", "gripper", "guard", "infeed", "meter", "mill", "panel")


def with_camera(spec: WorldSpec | None = None) -> WorldSpec:
    import dataclasses

    return dataclasses.replace(spec or small(), cameras={"camera": CameraSpec(OPTICS, LOOKING)})


def operate(
    act: Callable[[HandlingWorld, Clock, dict[str, Device]], Awaitable[T]],
    spec: WorldSpec | None = None,
    active: bool = True,
    kind: str = "kinematic",
) -> tuple[HandlingWorld, T]:
    """Run `act` with every device made, and active unless said otherwise."""

    async def main(world: HandlingWorld, clock: Clock) -> T:
        devices = make(world, clock)
        if active:
            for device in devices.values():
                await device.configure()
                await device.activate()
        try:
            return await act(world, clock, devices)
        finally:
            for device in devices.values():
                device.close()

    return play_on(kind, with_camera(spec), main)


Command = Callable[[], Awaitable[object]]


def commands(devices: Mapping[str, Device]) -> dict[str, tuple[str, Command]]:
    """Commands that are permitted only in active: (device, call)."""
    arm, belt, grip = devices["arm"], devices["infeed"], devices["gripper"]
    mill, camera, panel = devices["mill"], devices["camera"], devices["panel"]
    assert isinstance(arm, SimArm)
    assert isinstance(belt, SimConveyor)
    assert isinstance(grip, SimGripper)
    assert isinstance(mill, SimMachine)
    assert isinstance(camera, SimCamera)
    assert isinstance(panel, SimPanel)

    async def show() -> None:
        panel.show("lamp", True)

    async def ask() -> None:
        panel.ask("")

    return {
        "arm.execute": ("arm", lambda: arm.execute([JointMove((0.3, 0.2, 0.4, 0.0))])),
        "infeed.run": ("infeed", lambda: belt.run(0.2)),
        "infeed.run_to": ("infeed", lambda: belt.run_to(0.5)),
        "infeed.stop": ("infeed", belt.stop),
        "gripper.open": ("gripper", lambda: grip.open(0.02)),
        "gripper.grip": ("gripper", grip.grip),
        "mill.door": ("mill", lambda: mill.door(False)),
        "mill.clamp": ("mill", lambda: mill.clamp(False)),
        "camera.inspect": ("camera", lambda: camera.inspect("cap-top", 0.1)),
        "camera.locate": ("camera", lambda: camera.locate("cap-top", 0.1)),
        "panel.show": ("panel", show),
        "panel.ask": ("panel", ask),
    }


COMMANDS = (
    "arm.execute", "infeed.run", "infeed.run_to", "infeed.stop", "gripper.open", "gripper.grip", "mill.door",
    "mill.clamp", "camera.inspect", "camera.locate", "panel.show", "panel.ask",
)  # fmt: skip


__all__ = ["COMMANDS", "KINDS", "commands", "make", "operate", "put", "with_camera"]
