"""A cell, its profiles and a scene → a world: the one place that reads models and makes `spec`s of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, get_args

from robocell.clock import Clock
from robocell.errors import SetupError
from robocell.model import profile as profiles_of
from robocell.model import scene as scenes
from robocell.model.calibration import CameraCalibration
from robocell.model.cell import Cell
from robocell.model.device import (
    ArmDevice,
    CameraDevice,
    ConveyorDevice,
    Device,
    GripperDevice,
    MachineDevice,
    MeterDevice,
    PanelDevice,
    SafetyDevice,
    SensorDevice,
)
from robocell.model.fixture import BoxFixture, CylinderFixture
from robocell.model.frames import Frames
from robocell.model.product import Cylinder, Product
from robocell.model.station import BIN, BeltStation, BinStation, MachineStation, Station
from robocell.motion.arm import Arm
from robocell.world.base import BaseWorld
from robocell.world.grips import Fingers
from robocell.world.imaging import Camera
from robocell.world.kinematic import KinematicWorld
from robocell.world.shapes import Shape, pose_at
from robocell.world.spec import (
    ArmSpec,
    BeamSpec,
    BeltSpec,
    BoxSpec,
    CameraSpec,
    DefectSpec,
    DriftSpec,
    GripSpec,
    MachineSpec,
    MishapKind,
    MishapSpec,
    OperatorSpec,
    Power,
    ProductSpec,
    SceneSpec,
    StationSpec,
    SupplySpec,
    WorldSpec,
)

D = TypeVar("D", bound=Device)
P = TypeVar("P", bound=profiles_of.Profile)
Profiles = Mapping[str, profiles_of.Profile]

URDF_ARM = Power(100.0, 300.0)
"""Consumption in W of an arm without a profile: that of a collaborative arm of 5 kg payload."""


def build_world(
    kind: str,
    cell: Cell,
    profiles: Profiles,
    arms: Mapping[str, Arm],
    scene: scenes.Scene | None,
    clock: Clock,
    calibrations: Mapping[str, CameraCalibration] | None = None,
) -> BaseWorld:
    """Build the ground truth of one run.

    Args:
        kind: "kinematic" or "bullet".
        cell: a checked cell.
        profiles: each device's profile by the device's name; an arm from a URDF has none.
        arms: each arm's model with its tool and limits, by the device's name.
        scene: supply, defects, operator, faults; None: nothing comes and nobody is there.
        clock: the run's clock.
        calibrations: what was measured of the cameras, by name: the world's have these lenses then.

    Raises:
        SetupError: Bullet is asked for and not installed.
        ValueError: no such kind of world.

    """
    spec = world_spec(cell, profiles, arms, scene, calibrations)
    if kind == "kinematic":
        return KinematicWorld(spec, clock)
    if kind != "bullet":
        raise ValueError(f"no world '{kind}': kinematic or bullet")
    try:
        from robocell.world.bullet import BulletWorld
    except ModuleNotFoundError as error:
        if error.name != "pybullet":
            raise
        raise SetupError(
            "the Bullet world needs pybullet, which is not installed",
            "install robocell[sim] on Python 3.11, or run with --world kinematic",
        ) from error
    world: BaseWorld = BulletWorld(spec, clock)
    return world


def world_spec(
    cell: Cell,
    profiles: Profiles,
    arms: Mapping[str, Arm],
    scene: scenes.Scene | None,
    calibrations: Mapping[str, CameraCalibration] | None = None,
) -> WorldSpec:
    """Return what a world is built from; see `build_world` for the arguments."""
    frames = Frames(cell)
    permit = cell.permit
    reset = _signal(permit.reset) if permit is not None else None
    floor = min([0.0, *(float(frames.fixture(n)[2, 3]) - 0.5 * _box(f)[2] for n, f in cell.fixtures.items())])
    panels = {
        name: (panel_inputs(_profile(profiles, name, profiles_of.PanelProfile)), _power(profiles, name))
        for name in _of(cell, PanelDevice)
    }
    starting = [name for name, (inputs, _) in panels.items() if "start" in inputs]
    start = reset[0] if reset is not None and reset[0] in starting else next(iter(starting), None)
    return WorldSpec(
        products={name: _product(name, product, scene) for name, product in cell.products.items()},
        belts={name: _belt(name, device, profiles, frames) for name, device in _of(cell, ConveyorDevice).items()},
        beams={name: _beam(name, device, profiles, frames) for name, device in _of(cell, SensorDevice).items()},
        arms={name: _arm(name, device, profiles, arms[name], frames) for name, device in _of(cell, ArmDevice).items()},
        grips={name: _grip(name, device, profiles) for name, device in _of(cell, GripperDevice).items()},
        machines={name: _machine(name, cell, profiles, frames) for name in _of(cell, MachineDevice)},
        cameras={
            name: CameraSpec(
                optics(profiles, name, (calibrations or {}).get(name)), frames.of(name), _power(profiles, name)
            )
            for name in _of(cell, CameraDevice)
        },
        relays={name: _power(profiles, name) for name in _of(cell, SafetyDevice)},
        panels=panels,
        meters={name: _power(profiles, name) for name in _of(cell, MeterDevice)},
        stations={name: _station(name, station, frames) for name, station in cell.stations.items()},
        fixtures={name: BoxSpec(frames.fixture(name), _box(f)) for name, f in cell.fixtures.items()},
        floor=floor,
        relay=permit.relay if permit is not None else None,
        reset=reset,
        start=(start, "start") if start is not None else None,
        scene=scene_spec(scene) if scene is not None else SceneSpec(),
    )


def panel_inputs(profile: profiles_of.PanelProfile) -> tuple[str, ...]:
    """Return the names of a panel's inputs: its push-buttons, then channels "input_1", "input_2", …"""
    return (*profile.inputs, *(f"input_{k}" for k in range(1, profile.digital_inputs + 1)))


def panel_outputs(profile: profiles_of.PanelProfile) -> tuple[str, ...]:
    """Return the names of a panel's outputs: its lamps, then channels "output_1", "output_2", …"""
    return (*profile.outputs, *(f"output_{k}" for k in range(1, profile.digital_outputs + 1)))


def optics(profiles: Profiles, name: str, calibration: CameraCalibration | None = None) -> Camera:
    """Return a camera's optics from its profile, its lens as it was measured where it was."""
    p = _profile(profiles, name, profiles_of.CameraProfile)
    camera = Camera(
        resolution=p.resolution,
        pitch=p.pitch.value,
        focal_length=p.focal_length.value,
        distortion=p.distortion.value,
        blur=p.blur.value,
        noise=p.noise.value,
        vignetting=p.vignetting.value,
        shading=p.shading.value,
        drift=p.drift.value,
    )
    lens = calibration.lens if calibration is not None else None
    if lens is None:
        return camera
    k1, k2, p1, p2 = lens.distortion
    focal_length = lens.focal * camera.pitch
    return replace(camera, focal_length=focal_length, distortion=k1, k2=k2, p1=p1, p2=p2, axis=lens.centre)


# --- devices ------------------------------------------------------------------------------------------------


def _of(cell: Cell, kind: type[D]) -> dict[str, D]:
    return {name: device for name, device in sorted(cell.devices.items()) if isinstance(device, kind)}


def _profile(profiles: Profiles, name: str, kind: type[P]) -> P:
    found = profiles[name]
    if not isinstance(found, kind):
        raise TypeError(f"{name} has a profile of kind {found.kind}")
    return found


def _power(profiles: Profiles, name: str) -> Power:
    power = profiles[name].power
    return Power(power.idle.value, power.active.value)


def _signal(name: str) -> tuple[str, str]:
    device, _, signal = name.partition(".")
    return device, signal


def _product(name: str, product: Product, scene: scenes.Scene | None) -> ProductSpec:
    length, width, height = product.shape.extent
    shape = Shape(length, width, height, isinstance(product.shape, Cylinder))
    shown = scene.faces.get(name) if scene is not None else None
    pictures, good = (Path(shown.folder), shown.good) if shown is not None else (None, 0.0)
    return ProductSpec(name, shape, product.mass, product.sliding_friction, product.face, pictures, good)


def _belt(name: str, device: ConveyorDevice, profiles: Profiles, frames: Frames) -> BeltSpec:
    p = _profile(profiles, name, profiles_of.ConveyorProfile)
    return BeltSpec(
        pose=frames.of(name),
        length=device.length,
        width=device.width,
        speed=p.usual_speed.value if device.speed is None else device.speed,
        acceleration=p.acceleration.value,
        friction=p.friction.value,
        trip=p.overload.value,
        power=_power(profiles, name),
    )


def _beam(name: str, device: SensorDevice, profiles: Profiles, frames: Frames) -> BeamSpec:
    p = _profile(profiles, name, profiles_of.SensorProfile)
    power = _power(profiles, name)
    if device.belt is not None and device.at is not None:
        return BeamSpec(device.belt, device.at, p.beam.value, power=power)
    return BeamSpec(pose=frames.of(name), reach=p.range.value, power=power)


def _arm(name: str, device: ArmDevice, profiles: Profiles, model: Arm, frames: Frames) -> ArmSpec:
    p = profiles.get(name)
    home = device.home
    if home is None:
        home = p.home if isinstance(p, profiles_of.ArmProfile) else (0.0,) * model.n
    return ArmSpec(
        model=model,
        base=frames.of(name),
        home=home,
        gripper=device.tool,
        acceleration=min(model.limits.tcp.acceleration, 10.0),
        power=_power(profiles, name) if p is not None else URDF_ARM,
    )


def _grip(name: str, device: GripperDevice, profiles: Profiles) -> GripSpec:
    p = _profile(profiles, name, profiles_of.GripperProfile)
    return GripSpec(
        stroke=p.stroke.value,
        speed=p.speed.value,
        force=p.force.value if device.force is None else device.force,
        fingers=Fingers(p.fingers.width, p.fingers.depth, p.fingers.thickness),
        detection=p.detection.value,
        power=_power(profiles, name),
    )


def _machine(name: str, cell: Cell, profiles: Profiles, frames: Frames) -> MachineSpec:
    p = _profile(profiles, name, profiles_of.MachineProfile)
    power = _power(profiles, name)
    extents = p.enclosure.box
    return MachineSpec(
        door_opens=p.door_opens.value,
        door_closes=p.door_closes.value,
        clamp_opens=p.clamp_opens.value,
        clamp_closes=p.clamp_closes.value,
        starts=p.start.value,
        stations=tuple(
            station
            for station, found in sorted(cell.stations.items())
            if isinstance(found, MachineStation) and found.machine == name
        ),
        enclosure=(
            frames.of(name) @ pose_at(*p.enclosure.xyz),
            (0.5 * extents[0], 0.5 * extents[1], 0.5 * extents[2]),
        ),
        clamp_force=p.clamp_force.value,
        power=Power(power.idle, power.active + p.spindle.value),
    )


def _station(name: str, station: Station, frames: Frames) -> StationSpec:
    if isinstance(station, BeltStation):
        return StationSpec("belt", belt=station.belt, at=station.at)
    if isinstance(station, MachineStation):
        return StationSpec("seat", (frames.seat(name),), machine=station.machine)
    exchange = _signal(station.exchange.confirm) if station.exchange is not None else None
    seats = tuple(seat for _, seat in frames.seats(name))
    if isinstance(station, BinStation):
        return StationSpec("bin", seats, size=BIN, exchange=exchange)
    return StationSpec("seat", seats, exchange=exchange)


def _box(fixture: BoxFixture | CylinderFixture) -> tuple[float, float, float]:
    if isinstance(fixture, BoxFixture):
        return fixture.box
    size = fixture.cylinder
    return (size.diameter, size.diameter, size.height)


# --- scene --------------------------------------------------------------------------------------------------


def scene_spec(scene: scenes.Scene) -> SceneSpec:
    """Return a scene's specs."""
    defects = scene.defects
    drift = scene.drift.diameter if scene.drift is not None else None
    return SceneSpec(
        supply={
            belt: SupplySpec(s.product, s.every.mean, s.every.sd, s.first, s.turn) for belt, s in scene.supply.items()
        },
        defects=(
            DefectSpec(defects.share, defects.kinds, defects.area, defects.contrast, defects.count)
            if defects is not None
            else None
        ),
        drift=DriftSpec(drift.product, drift.by, drift.sd, drift.after) if drift is not None else None,
        operator=OperatorSpec(scene.operator.start, scene.operator.respond),
        mishaps=tuple(_mishap(event) for event in scene.faults),
        drains=scene.drain or None,
    )


def _mishap(event: scenes.EventBase) -> MishapSpec:
    at = event.at or 0.0
    if isinstance(event, scenes.Shift):
        return MishapSpec("shift", at, event.part, event.shift.at, by=event.shift.by)
    if isinstance(event, scenes.Friction):
        return MishapSpec("friction", at, event.part, value=event.friction)
    if isinstance(event, scenes.Delay):
        return MishapSpec("delay", at, event.part, event.delay, value=event.by, times=event.times)
    kind = next(known for known in get_args(MishapKind) if known == event.variant)
    lasts = getattr(event, "duration", None)
    return MishapSpec(
        kind,
        at,
        event.part,
        getattr(event, kind),
        times=getattr(event, "times", 1),
        lasts=float("inf") if lasts is None else lasts,
    )
