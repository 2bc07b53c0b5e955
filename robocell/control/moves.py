"""An arm's moves to seats: approach, straight line, retreat; planned once and kept, since a cell's moves repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robocell.errors import Unreachable
from robocell.model.cell import Cell
from robocell.model.device import ArmDevice
from robocell.model.frames import Frames, approach_pose, tool_pose
from robocell.model.pose import Pose
from robocell.model.product import Product
from robocell.motion import Arm, JointMove, LinearMove, Segment, best_approach
from robocell.motion.detour import detour
from robocell.motion.grasping import clear_turns
from robocell.motion.onward import Onward
from robocell.motion.surroundings import Surroundings

Matrix = NDArray[np.float64]
Joints = tuple[float, ...]

KEPT = 4096
"""Plans that are kept."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a seat and back.

    Attributes:
        approach: joint moves over the via poses (after a detour, where no direct way is free) to the approach pose.
        line: the straight line to the seat.
        back: the straight line back to the approach pose.
        out: joint moves back over the via poses.
        at_via, at_approach, at_seat: joint positions after each part; `at_via` is where the arm waits outside (the
            last via pose), None without one.
        yaw: the tool's turn about the grasp, rad.

    """

    approach: tuple[Segment, ...]
    line: LinearMove
    back: LinearMove
    out: tuple[Segment, ...]
    at_via: Joints | None
    at_approach: Joints
    at_seat: Joints
    yaw: float

    @property
    def at_end(self) -> Joints:
        """Where the arm stands when it is clear of the seat."""
        return self.at_via or self.at_approach

    @property
    def to_wait(self) -> tuple[Segment, ...]:
        """The moves to where the arm waits outside; none without a via pose."""
        return self.approach[:-1] if self.at_via is not None else ()


class Moves:
    """Plans moves of a cell's arms.

    Args:
        cell: a checked cell.
        frames: its resolved frames.
        arms: each arm's model with its tool, by the device's name.
        surroundings: what each arm keeps clear of, in its base frame.

    """

    def __init__(
        self, cell: Cell, frames: Frames, arms: Mapping[str, Arm], surroundings: Mapping[str, Surroundings]
    ) -> None:
        self._cell = cell
        self._frames = frames
        self._arms = arms
        self._surroundings = surroundings
        self._to_base = {name: _inverse(frames.of(name)) for name in arms}
        self._onward = Onward(cell, frames, arms)
        self._clear: dict[tuple[str, str, str], tuple[float, ...]] = {}
        self._way = lru_cache(maxsize=KEPT)(self._way_to)

    def to_seat(
        self,
        arm: str,
        start: Joints,
        seat: Matrix,
        product: str,
        station: str,
        approach: float,
        via: Sequence[Pose] = (),
        yaw: float | None = None,
    ) -> Way:
        """Return the fastest way from a joint position to a product's grasp at a seat, and back out.

        Args:
            arm: the arm's name.
            start: (n,) joint position to begin at.
            seat: (4, 4) in the cell's frame.
            product: the product's name.
            station: the station's name: other parts may lie beside there.
            approach: length of the straight line, m.
            via: TCP poses to pass before the approach.
            yaw: the tool's turn about the grasp that is to be kept, rad; None: whatever the part allows.

        Raises:
            Unreachable: no branch reaches it; says by how much.

        """
        return self._way(arm, start, seat.tobytes(), product, station, approach, tuple(via), yaw)

    def _way_to(
        self,
        arm: str,
        start: Joints,
        seat: bytes,
        product: str,
        station: str,
        approach: float,
        via: tuple[Pose, ...],
        yaw: float | None,
    ) -> Way:
        yaws = (yaw,) if yaw is not None else self._turns(arm, product, station)
        pose = np.frombuffer(seat).reshape(4, 4)
        onward = self._onward.after(arm, station, product)
        return self._plan(arm, start, pose, self._cell.products[product], approach, via, yaws, onward)

    def _turns(self, arm: str, product: str, station: str) -> tuple[float, ...]:
        key = (arm, product, station)
        if key not in self._clear:
            cell = self._cell
            self._clear[key] = clear_turns(self._arms[arm], cell.products[product], cell.stations[station])
        return self._clear[key]

    def _plan(
        self,
        arm: str,
        start: Joints,
        seat: Matrix,
        product: Product,
        approach: float,
        via: Sequence[Pose],
        yaws: Sequence[float],
        onward: Sequence[Matrix],
    ) -> Way:
        model, to_base = self._arms[arm], self._to_base[arm]
        targets = np.stack([to_base @ tool_pose(seat, product.grasp, turn) for turn in yaws])
        approaches = np.stack([approach_pose(target, approach) for target in targets])
        passing = [to_base @ self._frames.pose(pose) for pose in via]
        around = self._surroundings.get(arm)
        if around is not None and not around.clear(model, np.array([start]))[0]:
            around = None  # it stands among what it keeps clear of, as after a stop: any way out will do
        before: tuple[JointMove, ...] = ()
        try:
            choice = best_approach(model, start, approaches, targets, via=passing, surroundings=around, onward=onward)
        except Unreachable as problem:
            device = self._cell.devices[arm]
            if around is None or not isinstance(device, ArmDevice) or device.home is None:
                raise
            try:
                corners, choice = detour(model, start, device.home, approaches, targets, around, passing)
            except Unreachable:
                raise problem from None
            before = tuple(JointMove(tuple(corner.tolist())) for corner in corners)
        *joints, line = choice.segments
        assert isinstance(line, LinearMove)
        moves = tuple(move for move in joints if isinstance(move, JointMove))
        return Way(
            approach=(*before, *moves),
            line=line,
            back=LinearMove.to(approaches[choice.index]),
            out=tuple(reversed(moves[:-1])),
            at_via=moves[-2].target if len(moves) > 1 else None,
            at_approach=moves[-1].target,
            at_seat=tuple(choice.q_target.tolist()),
            yaw=yaws[choice.index],
        )


def _inverse(pose: Matrix) -> Matrix:
    out = np.eye(4)
    out[:3, :3] = pose[:3, :3].T
    out[:3, 3] = -pose[:3, :3].T @ pose[:3, 3]
    return out
