"""Where everything is: each pose of a cell as a 4×4 matrix in the cell's frame."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robocell.model.cell import Cell
from robocell.model.pose import CELL_FRAME, Pose
from robocell.model.product import Grasp, Product
from robocell.model.station import BeltStation, BinStation, GridStation, Station

Matrix = NDArray[np.float64]


def matrix_of(xyz: tuple[float, float, float], rpy: tuple[float, float, float] = (0.0, 0.0, 0.0)) -> Matrix:
    """Return the 4×4 transform of a position (m) and fixed-axis angles (rad): R = Rz·Ry·Rx."""
    (cr, cp, cy), (sr, sp, sy) = (tuple(f(angle) for angle in rpy) for f in (math.cos, math.sin))
    return np.array(
        [
            [cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr, xyz[0]],
            [sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr, xyz[1]],
            [-sp, cp * sr, cp * cr, xyz[2]],
            [0.0, 0.0, 0.0, 1.0],
        ]
    )


TOOL_DOWN = matrix_of((0.0, 0.0, 0.0), (math.pi, 0.0, 0.0))


def fixed_poses(cell: Cell) -> dict[str, Pose]:
    """Return the pose of every named frame, station and device that stands somewhere, by name.

    A stop on a belt and a sensor at a belt are poses in the belt's frame. Grippers move with their arm, and
    panels or meters stand nowhere: they are not in the result.
    """
    found: dict[str, Pose] = dict(cell.frames)
    for name, device in cell.devices.items():
        pose: Pose | None = getattr(device, "pose", None)
        belt, at = getattr(device, "belt", None), getattr(device, "at", None)
        if pose is not None:
            found[name] = pose
        elif belt is not None and at is not None:
            found[name] = Pose(frame=belt, xyz=(at, 0.0, 0.0))
    for name, station in cell.stations.items():
        if isinstance(station, BeltStation):
            found[name] = Pose(frame=station.belt, xyz=(station.at, 0.0, 0.0))
        else:
            found[name] = station.pose
    return found


class Frames:
    """The resolved frames of a cell.

    Args:
        cell: A checked cell: every `in` is known, and no frame is in a circle.

    Raises:
        KeyError: A pose is in a frame that is nowhere.
        ValueError: Frames are in a circle.

    """

    def __init__(self, cell: Cell) -> None:
        self._cell = cell
        self._poses = fixed_poses(cell)
        self._matrices: dict[str, Matrix] = {CELL_FRAME: np.eye(4)}
        self._seat = lru_cache(maxsize=4096)(self._seat_of)
        for name in self._poses:
            self._resolve(name)

    def _resolve(self, name: str) -> None:
        chain: list[str] = []
        while name not in self._matrices:
            if name in chain:
                raise ValueError("frames in a circle: " + " in ".join([*chain[chain.index(name) :], name]))
            chain.append(name)
            name = self._poses[name].frame
        for link in reversed(chain):
            pose = self._poses[link]
            self._matrices[link] = self._matrices[pose.frame] @ matrix_of(pose.xyz, pose.rpy)

    def of(self, name: str) -> Matrix:
        """Return a device's (an arm's base_link), station's (its seat) or named frame, 4×4 in the cell."""
        return self._matrices[name].copy()

    def pose(self, pose: Pose) -> Matrix:
        """Return any pose of the cell as 4×4 in the cell's frame."""
        return self._matrices[pose.frame] @ matrix_of(pose.xyz, pose.rpy)

    def fixture(self, name: str) -> Matrix:
        """Return the centre of a fixture, 4×4 in the cell's frame."""
        return self.pose(self._cell.fixtures[name].pose)

    def seat(self, station: str, slot: int = 0) -> Matrix:
        """Return the seat of a station's slot (from 0), 4×4 in the cell's frame; in bins, above it parts are let go."""
        return self._seat(station, slot).copy()

    def _seat_of(self, station: str, slot: int) -> Matrix:
        found = self._cell.stations[station]
        seat = self._matrices[station]
        if isinstance(found, GridStation):
            return seat @ matrix_of(found.slot(slot))
        return seat @ matrix_of(found.drop(slot)) if isinstance(found, BinStation) else seat

    def seats(self, station: str) -> Iterator[tuple[int, Matrix]]:
        """Yield every slot of a station with its seat."""
        found = self._cell.stations[station]
        for slot in range(found.capacity if isinstance(found, GridStation) else 1):
            yield slot, self.seat(station, slot)


def tool_pose(seat: Matrix, grasp: Grasp, yaw: float = 0.0) -> Matrix:
    """Return where the TCP is when it holds a part that rests on `seat`: seat × grasp × Rz(yaw) × Rx(180°).

    Args:
        seat: 4×4, in any frame.
        grasp: The product's grasp.
        yaw: Turn about the grasp's Z in radians, for parts whose yaw is free.

    """
    turned = matrix_of((0.0, 0.0, 0.0), (0.0, 0.0, yaw))
    return seat @ matrix_of(grasp.xyz, grasp.rpy) @ turned @ TOOL_DOWN


TURNS = 12
"""Turns about the grasp that are tried where the part leaves it free: every 15° of the half turn that two fingers need."""


def grasp_turns(product: Product) -> tuple[float, ...]:
    """Return the tool's turns about the grasp's Z (rad) that take a product alike: half a turn is the same to fingers.

    Args:
        product: its grasp may say which; a box is taken as its grasp frame lies, or half a turn on.

    """
    grasp = product.grasp
    if grasp.yaw is not None or not product.shape.symmetric:
        given = grasp.yaw or 0.0
        return (given, given + math.pi)
    return tuple(k * math.pi / TURNS for k in range(TURNS))


def beside(station: Station, product: Product) -> tuple[tuple[float, float], ...]:
    """Return where the nearest other parts may lie: (x, y) in m from a part, in the frame of its seat.

    On a belt they queue up before and behind it; in a tray they are in the slots around it.
    """
    if isinstance(station, BeltStation):
        length = product.shape.extent[0]
        return ((-length, 0.0), (length, 0.0))
    if not isinstance(station, GridStation):
        return ()
    steps = [(0,) if count == 1 else (-1, 0, 1) for count in station.grid]
    return tuple((i * station.pitch[0], j * station.pitch[1]) for j in steps[1] for i in steps[0] if i or j)


def approach_pose(tool: Matrix, distance: float) -> Matrix:
    """Return `tool` lifted by `distance` (m) along the grasp's +Z, which is the tool's −Z."""
    lifted = tool.copy()
    lifted[:3, 3] -= distance * tool[:3, 2]
    return lifted
