"""A cell → its simulated devices on a world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from robocell.clock import Clock
from robocell.devices.base import Device
from robocell.devices.looking import Judge
from robocell.model import profile as profiles_of
from robocell.model.cell import Cell
from robocell.model.confusion import Confusion
from robocell.model.device import CameraDevice, SensorDevice
from robocell.simulated.arm import SimArm
from robocell.simulated.camera import SimCamera
from robocell.simulated.conveyor import SimConveyor
from robocell.simulated.gripper import SimGripper
from robocell.simulated.machine import SimMachine
from robocell.simulated.others import SimMeter, SimPanel, SimSafety, SimSensor
from robocell.simulated.truth import TruthTelling
from robocell.world.base import BaseWorld
from robocell.world.build import panel_outputs

if TYPE_CHECKING:
    from robocell.vision.runner import PreparedRecipe

Profiles = Mapping[str, profiles_of.Profile]


def build_devices(
    cell: Cell,
    profiles: Profiles,
    world: BaseWorld,
    clock: Clock,
    inspect: Literal["truth", "image"] = "truth",
    recipes: Mapping[str, PreparedRecipe] | None = None,
    confusions: Mapping[str, Confusion] | None = None,
) -> dict[str, Device]:
    """Build one simulated device for each device of the cell, unconfigured, in order of their names.

    Args:
        cell: a checked cell.
        profiles: each device's profile by the device's name; an arm from a URDF has none.
        world: the world that was built for this cell.
        clock: the run's clock.
        inspect: whether cameras tell the truth or judge rendered pictures.
        recipes: prepared recipes by name; needed with "image".
        confusions: how recipes err, by name, where that was measured; what "truth" draws its errors from.

    """
    make = _Maker(cell, profiles, world, clock, inspect, recipes or {}, confusions or {})
    return {name: make.device(name) for name in sorted(cell.devices)}


class _Maker:
    """Holds what all devices need; one method a kind."""

    def __init__(
        self,
        cell: Cell,
        profiles: Profiles,
        world: BaseWorld,
        clock: Clock,
        inspect: Literal["truth", "image"],
        recipes: Mapping[str, PreparedRecipe],
        confusions: Mapping[str, Confusion],
    ) -> None:
        self.cell = cell
        self.profiles = profiles
        self.world = world
        self.clock = clock
        self.inspect = inspect
        self.recipes = recipes
        self.confusions = confusions

    def device(self, name: str) -> Device:
        """Build one device."""
        device: Device = getattr(self, f"_{self.cell.devices[name].kind}")(name)
        return device

    def _arm(self, name: str) -> SimArm:
        spec = self.world.spec.arms[name]
        return SimArm(name, self.clock, spec.model, self.world.arm(name), self.world.answers(name))

    def _gripper(self, name: str) -> SimGripper:
        spec, world = self.world.spec.grips[name], self.world
        return SimGripper(name, self.clock, spec.stroke, spec.force, world.grip(name), world.answers(name))

    def _conveyor(self, name: str) -> SimConveyor:
        spec, world = self.world.spec.belts[name], self.world
        return SimConveyor(
            name, self.clock, spec.speed, spec.acceleration, world.belt(name), world.answers(name), spec.friction
        )

    def _machine(self, name: str) -> SimMachine:
        spec, world = self.world.spec.machines[name], self.world
        door = max(spec.door_opens, spec.door_closes)
        clamp = max(spec.clamp_opens, spec.clamp_closes)
        return SimMachine(name, self.clock, door, clamp, world.machine(name), world.answers(name))

    def _camera(self, name: str) -> SimCamera:
        device, profile = self.cell.devices[name], self.profiles[name]
        assert isinstance(device, CameraDevice)
        assert isinstance(profile, profiles_of.CameraProfile)
        spec, world = self.world.spec.cameras[name], self.world
        nominal = profile.exposure.value
        judge: Judge
        if self.inspect == "truth":
            ordinal = sorted(self.world.spec.cameras).index(name)
            judge = TruthTelling(self.confusions, self.clock.stream(f"verdicts/{ordinal}"))
        else:
            from robocell.devices.judging import Judging

            judge = Judging(self.recipes, spec.pose)
        return SimCamera(
            name,
            self.clock,
            spec.pose,
            nominal if device.exposure is None else device.exposure,
            profile.readout.value,
            nominal,
            world.camera(name),
            world.answers(name),
            spec.optics,
            judge,
            self.inspect == "image",
            profile.max_age.value,
        )

    def _sensor(self, name: str) -> SimSensor:
        device, profile = self.cell.devices[name], self.profiles[name]
        assert isinstance(device, SensorDevice)
        assert isinstance(profile, profiles_of.SensorProfile)
        response, world = profile.response.value, self.world
        return SimSensor(name, self.clock, response, device.debounce, world.beam(name), world.answers(name))

    def _safety(self, name: str) -> SimSafety:
        return SimSafety(name, self.clock, self.world.relay(name), self.world.answers(name))

    def _panel(self, name: str) -> SimPanel:
        profile = self.profiles[name]
        assert isinstance(profile, profiles_of.PanelProfile)
        return SimPanel(name, self.clock, panel_outputs(profile), self.world.panel(name), self.world.answers(name))

    def _meter(self, name: str) -> SimMeter:
        return SimMeter(name, self.clock, self.world.meter(name), self.world.answers(name))
