"""An arm's moves to seats: approach, straight line, retreat; planned once and kept, since a cell's moves repeat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robocell.errors import Unreachable
from robocell.model.cell import Cell
from robocell.model.frames import Frames, approach_pose, tool_pose
from robocell.model.pose import Pose
from robocell.model.product import Product
from robocell.motion import Arm, Choice, JointMove, LinearMove, Segment, Trajectory, best_approach
from robocell.motion.grasping import clear_turns
from robocell.motion.onward import Onward
from robocell.motion.rigid import inverse
from robocell.motion.segments import predicted
from robocell.motion.surroundings import Surroundings
from robocell.motion.way_round import way_round

Matrix = NDArray[np.float64]
Joints = tuple[float, ...]

KEPT = 4096
"""Plans that are kept."""
BLENDS = (0.05, 0.02)
"""How far any joint may pass by a corner, rad or m: the first that keeps clear is taken."""
LOOK = 0.02
"""Seconds between the positions of a way that are looked at: no joint turns more than some hundredths of a radian."""
ON_LINE = 1e-3
"""Distance in m from a straight line within which the TCP is on it."""


@dataclass(frozen=True, slots=True)
class Way:
    """The way to a seat and back.

    Attributes:
        approach: joint moves over the via poses (and round what is in the way) to the approach pose.
        line: the straight line to the seat.
        back: the straight line back to the approach pose.
        out: joint moves back over the via poses.
        at_via, at_approach, at_seat: joint positions after each part; `at_via` is where the arm waits outside (the
            last via pose), None without one.
        yaw: the tool's turn about the grasp, rad.
        outside: how many of the approach's moves lead to where the arm waits.

    """

    approach: tuple[Segment, ...]
    line: LinearMove
    back: LinearMove
    out: tuple[JointMove, ...]
    at_via: Joints | None
    at_approach: Joints
    at_seat: Joints
    yaw: float
    outside: int = 0

    @property
    def at_end(self) -> Joints:
        """Where the arm stands when it is clear of the seat."""
        return self.out[-1].target if self.out else self.at_approach

    @property
    def to_wait(self) -> tuple[Segment, ...]:
        """The moves to where the arm waits outside; none without a via pose."""
        return self.approach[: self.outside]


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
        self._to_base = {name: inverse(frames.of(name)) for name in arms}
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
        inside: tuple[Matrix, ...] = ()
        first = 0
        try:
            choice = best_approach(model, start, approaches, targets, via=passing, surroundings=around, onward=onward)
            outside = tuple(_corners(choice)[:-1])
        except Unreachable as problem:
            if around is None:
                raise
            try:
                planned = way_round(model, start, approaches, targets, around, passing)
            except Unreachable:
                raise problem from None
            outside, inside, choice = planned.outside, planned.inside[:-1], planned.choice
            first = max(len(outside) - 1, 0)  # it comes out again to the last via pose, and goes on from there
        corners = [tuple(q.tolist()) for q in (*outside, *inside, choice.q_approach)]
        back = approaches[choice.index]
        blend = self._blend(arm, start, corners, choice, back, around, bool(outside))
        moves = tuple(JointMove(corner, blend=blend) for corner in corners)
        line = choice.segments[-1]
        assert isinstance(line, LinearMove)
        via_at = len(outside)
        return Way(
            approach=moves,
            line=line,
            back=LinearMove.to(back, blend=blend if via_at else 0.0),
            out=tuple(reversed(moves[first:-1])) if via_at else (),
            at_via=moves[via_at - 1].target if via_at else None,
            at_approach=moves[-1].target,
            at_seat=tuple(choice.q_target.tolist()),
            yaw=yaws[choice.index],
            outside=via_at,
        )

    def _blend(
        self,
        arm: str,
        start: Joints,
        corners: Sequence[Joints],
        choice: Choice,
        back: Matrix,
        around: Surroundings | None,
        outside: bool,
    ) -> float:
        """Return the greatest blend at which an arm passes by corners clear of what stands around; 0: it stops there."""
        model, line, seat = self._arms[arm], choice.segments[-1], tuple(choice.q_target.tolist())
        assert isinstance(line, LinearMove)
        for blend in BLENDS:
            moves = tuple(JointMove(corner, blend=blend) for corner in corners)
            if around is None:
                return blend
            ways = [predicted(model, start, (*moves, line))]
            if outside:
                ways.append(predicted(model, seat, (LinearMove.to(back, blend=blend), *moves[-2::-1])))
            if all(_keeps_clear(model, way, line.pose, back, around) for way in ways):
                return blend
        return 0.0


def _keeps_clear(arm: Arm, way: Trajectory, seat: Matrix, above: Matrix, around: Surroundings) -> bool:
    """Tell whether an arm keeps clear all the way; on the straight line its tool may go among what lies there."""
    q = way.sample(np.linspace(0.0, way.duration, int(np.ceil(way.duration / LOOK)) + 1))[0]
    along = above[:3, 3] - seat[:3, 3]
    away = arm.fk(q)[:, :3, 3] - seat[:3, 3]
    share = np.clip(away @ along / (along @ along), 0.0, 1.0)
    on_line = np.linalg.norm(away - share[:, None] * along, axis=1) <= ON_LINE
    clear = [around.clear(arm, q[rows], among=among).all() for among, rows in ((False, ~on_line), (True, on_line))]
    return bool(all(clear))


def _corners(choice: Choice) -> list[Matrix]:
    return [np.array(segment.target) for segment in choice.segments if isinstance(segment, JointMove)]
