"""What stands around an arm, as convex volumes: belts, machines, cameras, bins, other arms' bases, fixtures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from robocell.model.cell import Cell
from robocell.model.device import ArmDevice, CameraDevice, ConveyorDevice, MachineDevice
from robocell.model.fixture import BoxFixture
from robocell.model.frames import Frames, Matrix, matrix_of
from robocell.model.profile import MachineProfile, Profile
from robocell.model.route import PlaceStep
from robocell.model.station import BIN, BinStation, GridStation
from robocell.motion import Arm
from robocell.motion.obstacles import Box, Cylinder, Volume
from robocell.motion.surroundings import Surroundings

BELT_HEIGHT = 0.06
"""m below its surface that a belt with its frame takes up."""
CAMERA = (0.06, 0.06, 0.12)
"""m that a camera's body takes up behind its optical centre."""
HEAP = 0.045
"""m above its bottom to which a bin may be heaped: fingers let go at least 60 mm above it."""
WALL = 0.02
"""m, thickness of a machine's walls."""

_SIDES = {"left": (0, -1.0), "right": (0, 1.0), "front": (1, -1.0), "back": (1, 1.0), "top": (2, 1.0)}


def surroundings_of(cell: Cell, profiles: Mapping[str, Profile], arms: Mapping[str, Arm], name: str) -> Surroundings:
    """Return what an arm of a cell must keep clear of, in its base frame.

    Machines are their walls, without the one that the door opens. Trays and bins are full: joint moves keep clear of the parts in
    them, straight lines go among these. Other arms' moving links are not in it: that is what zones are for.

    Args:
        cell: a checked cell.
        profiles: each device's profile, by the device's name.
        arms: each arm's model, by the device's name.
        name: the arm.

    """
    frames = Frames(cell)
    to_base: Matrix = np.asarray(np.linalg.inv(frames.of(name)), dtype=np.float64)
    found = list(_around(cell, profiles, arms, frames, to_base, name))
    laid = list(_laid(cell, frames, to_base))
    return Surroundings(
        tuple(word for word, _ in found),
        tuple(volume for _, volume in found),
        laid_names=tuple(f"parts in {word}" for word, _ in laid),
        laid=tuple(volume for _, volume in laid),
    )


def _laid(cell: Cell, frames: Frames, to_base: Matrix) -> Iterator[tuple[str, Volume]]:
    """Yield a box about each full tray, and about what may be heaped in each bin."""
    for name, station in cell.stations.items():
        products = _products_at(cell, name)
        if isinstance(station, GridStation) and products:
            length, width, height = np.max([cell.products[product].shape.extent for product in products], axis=0)
            span = [(count - 1) * pitch for count, pitch in zip(station.grid, station.pitch, strict=True)]
            middle = matrix_of((0.5 * span[0], 0.5 * span[1], 0.5 * float(height)))
            yield name, Box(to_base @ frames.of(name) @ middle, np.array([span[0] + length, span[1] + width, height]))
        elif isinstance(station, BinStation):
            yield name, Box(to_base @ frames.of(name) @ matrix_of((0.0, 0.0, 0.5 * HEAP)), np.array([*BIN, HEAP]))


def _products_at(cell: Cell, station: str) -> list[str]:
    """Return the products whose routes place parts at a station."""
    return [
        product
        for product, steps in cell.routes.items()
        if any(isinstance(step, PlaceStep) and step.place.station == station for step in steps)
    ]


def _around(
    cell: Cell, profiles: Mapping[str, Profile], arms: Mapping[str, Arm], frames: Frames, to_base: Matrix, own: str
) -> Iterator[tuple[str, Volume]]:
    for name, fixture in cell.fixtures.items():
        pose = to_base @ frames.fixture(name)
        if isinstance(fixture, BoxFixture):
            yield name, Box(pose, np.array(fixture.box))
        else:
            yield name, Cylinder(pose, 0.5 * fixture.cylinder.diameter, fixture.cylinder.height)
    for name, device in cell.devices.items():
        profile = profiles.get(name)
        if isinstance(device, ConveyorDevice):
            middle = matrix_of((0.5 * device.length, 0.0, -0.5 * BELT_HEIGHT))
            size = np.array([device.length, device.width, BELT_HEIGHT])
            yield name, Box(to_base @ frames.of(name) @ middle, size)
        elif isinstance(device, CameraDevice):
            yield name, Box(to_base @ frames.of(name) @ matrix_of((0.0, 0.0, -0.5 * CAMERA[2])), np.array(CAMERA))
        elif isinstance(device, MachineDevice) and isinstance(profile, MachineProfile):
            pose = to_base @ frames.of(name) @ matrix_of(profile.enclosure.xyz)
            for wall in _walls(pose, np.array(profile.enclosure.box), profile.enclosure.door):
                yield name, wall
        elif isinstance(device, ArmDevice) and name != own:
            for volume in _base(to_base @ frames.of(name), arms[name]):
                yield name, volume


def _walls(pose: Matrix, size: Matrix, door: str) -> Iterator[Box]:
    """Yield a machine's walls: all sides that are not the door's; it stands on the floor, which is none of them."""
    for side, (axis, sign) in _SIDES.items():
        if side != door:
            shift, extents = np.zeros(3), size.copy()
            shift[axis] = sign * 0.5 * (size[axis] - WALL)
            extents[axis] = WALL
            yield Box(pose @ matrix_of((float(shift[0]), float(shift[1]), float(shift[2]))), extents)


def _base(base: Matrix, arm: Arm) -> Iterator[Cylinder]:
    """Yield upright cylinders around the capsules of an arm's base."""
    for capsule in arm.capsules:
        if capsule.link == 0:
            low = np.minimum(capsule.p0, capsule.p1) - capsule.radius
            high = np.maximum(capsule.p0, capsule.p1) + capsule.radius
            x, y, z = (0.5 * (low + high)).tolist()
            yield Cylinder(
                base @ matrix_of((x, y, z)), 0.5 * float(np.hypot(*(high - low)[:2])), float((high - low)[2])
            )
