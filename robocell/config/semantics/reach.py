"""Every arm reaches where its routes send it: via poses, the approach, the seat, the way there.

Joint positions for all slots of a station, all turns of a free yaw, seat and approach are found in one batch. The way
itself is planned for the slots at the corners, as the controller plans it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from robocell.catalog.obstacles import surroundings_of
from robocell.config.semantics.context import Context
from robocell.config.semantics.visits import Visit, visits
from robocell.errors import Unreachable
from robocell.model.frames import Frames, Matrix, approach_pose, tool_pose
from robocell.model.station import GridStation
from robocell.motion import Arm, Choice, JointMove, best_approach
from robocell.motion.grasping import clear_turns
from robocell.motion.onward import Onward
from robocell.motion.surroundings import Surroundings
from robocell.motion.way_round import WayRound, way_round

MOST = 128
"""Slots of a station that are tried; of a larger one its rim is."""

COARSE = 4
"""Every which turn is tried first for an arm without a closed form, which takes a hundred times longer."""

SIX = 6
"""Joints of an arm whose ways are planned: one with more can change its posture on the way, at leisure."""


@dataclass(frozen=True)
class Track:
    """The ways of one visit, as corners of joint positions (n,) with straight moves between them.

    Attributes:
        visit: whose.
        before: to the last via pose, where the arm waits until it may enter.
        within: from there to the seat, and back out; from where it starts, and home again, without via poses.

    """

    visit: Visit
    before: list[list[Matrix]] = field(default_factory=list)
    within: list[list[Matrix]] = field(default_factory=list)


def tracks(context: Context) -> list[Track]:
    """Return the ways that this check has planned so far."""
    found: list[Track] = context.notes.setdefault("tracks", [])
    return found


def check(context: Context) -> None:
    """Report what is out of reach, by how much or which limit; and ways that touch what stands around."""
    whole = ("devices", "stations", "products", "route", "frames", "fixtures", "faults")
    if not context.whole(*whole):
        return
    frames = Frames(context.cell)
    onward = Onward(context.cell, frames, context.arms)
    parked: dict[tuple[str, str, str], Matrix] = {}  # where an arm is after it took a product at a station
    for visit in visits(context):
        if visit.arm in context.arms:
            if visit.arm not in context.around:
                context.around[visit.arm] = _around(context, visit.arm)
            _Reach(context, frames, visit, parked, onward).check()


def _around(context: Context, name: str) -> Surroundings:
    """Return what stands around an arm; nothing if it touches something already at home, which is reported."""
    around = surroundings_of(context.cell, context.profiles, context.arms, name)
    home, arm = context.homes[name], context.arms[name]
    if around.clear(arm, home[None])[0]:
        return around
    told = f"'{name}' at home touches '{around.touched(arm, home[None])[1]}'"
    loc = ("devices", name, "home") if context.document.node(("devices", name, "home")) else ("devices", name)
    context.report("RC611", loc, told, "choose another home: the ways from there are not looked at", key=True)
    return Surroundings()


@dataclass(frozen=True, eq=False)
class _Way:
    """A way to a seat: joint positions to pass outside and inside, the approach with its line, and what it touches."""

    choice: Choice
    outside: tuple[Matrix, ...]
    inside: tuple[Matrix, ...]
    touched: str = ""


class _Reach:
    """One visit of one arm."""

    def __init__(
        self,
        context: Context,
        frames: Frames,
        visit: Visit,
        parked: dict[tuple[str, str, str], Matrix],
        onward: Onward,
    ) -> None:
        self._context, self._visit, self._parked, self._onward = context, visit, parked, onward
        self._arm: Arm = context.arms[visit.arm]
        self._product = context.cell.products[visit.product]
        self._station = context.cell.stations[visit.station]
        self._turns = clear_turns(self._arm, self._product, self._station)
        to_base = np.linalg.inv(frames.of(visit.arm))
        self._via = [np.asarray(to_base @ frames.pose(pose)) for pose in visit.via]
        seats = dict(frames.seats(visit.station))
        chosen = _slots(self._station, self._arm) if isinstance(self._station, GridStation) else [0]
        self._slots = {slot: np.asarray(to_base @ seats[slot]) for slot in chosen}

    def check(self) -> None:
        if self._vias() and self._poses() and self._arm.n <= SIX:
            self._ways()

    def _report(self, code: str, message: str, hint: str = "") -> None:
        self._context.report(code, self._visit.loc, message, hint, key=True)

    def _name(self, slot: int) -> str:
        if not isinstance(self._station, GridStation):
            return f"'{self._visit.station}'"
        row, column = divmod(slot, self._station.grid[0])
        return f"slot ({column}, {row}) of '{self._visit.station}'"

    def _vias(self) -> bool:
        fine = True
        for index, pose in enumerate(self._via):
            if not self._arm.ik(pose).valid.any():
                loc = (*self._visit.loc, "via", index)
                told = _why(self._arm, pose[None])
                self._context.report("RC607", loc, f"'{self._visit.arm}' does not reach via pose {index + 1}: {told}")
                fine = False
        return fine

    def _poses(self) -> bool:
        """Check seat and approach of all slots at once; report the worst slot of each."""
        yaws = self._turns
        targets = np.array(
            [[tool_pose(seat, self._product.grasp, yaw) for yaw in yaws] for seat in self._slots.values()]
        )
        lifted = np.array([[approach_pose(T, self._visit.approach) for T in row] for row in targets])
        for code, noun, poses in (("RC603", "", targets), ("RC604", "the approach to ", lifted)):
            missed = list(range(len(poses)))
            for some in self._tries:
                valid = self._arm.ik(poses[missed][:, some].reshape(-1, 4, 4)).valid.reshape(len(missed), -1)
                missed = [slot for slot, fine in zip(missed, valid, strict=True) if not fine.any()]
                if not missed:
                    break
            if missed:
                self._out_of_reach(code, noun, [(slot, poses[i]) for i, slot in enumerate(self._slots) if i in missed])
                return False
        return True

    @property
    def _tries(self) -> tuple[slice, ...]:
        """Which turns to try at first, and which then, if those will not do."""
        return (slice(None),) if self._arm.solver.ordered else (slice(None, None, COARSE), slice(None))

    def _out_of_reach(self, code: str, noun: str, missed: list[tuple[int, Matrix]]) -> None:
        worst = max(missed, key=lambda item: min(self._arm.shortfall(pose) for pose in item[1]))
        more = f" (and {len(missed) - 1} more of its slots)" if len(missed) > 1 else ""
        where = f"{noun}{self._name(worst[0])}"
        message = f"'{self._visit.arm}' does not reach {where}: {_why(self._arm, worst[1])}{more}"
        hint = "move the station or the arm" if code == "RC603" else "choose a shorter approach, or move the station"
        self._report(code, message, hint)

    def _ways(self) -> None:
        """Plan the way to the corners, as the controller does: from home, or from where the part was taken."""
        visit, arm = self._visit, self._arm
        start = self._parked.get((visit.arm, visit.after, visit.product), self._context.homes[visit.arm])
        around = self._context.around[visit.arm]
        if not around.clear(arm, start[None])[0]:
            around = Surroundings()  # what it touches there is reported where it got there
        corners = _corners(self._station) if isinstance(self._station, GridStation) else [0]
        track = Track(visit)
        tracks(self._context).append(track)
        for slot in corners if arm.solver.ordered else corners[-1:]:
            try:
                way = self._way(start, self._slots[slot], around)
            except Unreachable as problem:
                told = str(problem).removeprefix(f"{arm.name}: ")
                self._report("RC608", f"'{visit.arm}' has no way to {self._name(slot)}: {told}")
                return
            if way.touched:
                message = f"'{visit.arm}' touches '{way.touched}' on every way to {self._name(slot)}"
                hint = "pass poses on the way with via:, start from another home, or choose another approach"
                self._report("RC611", message, hint)
                around = Surroundings()
            outside = self._note(track, start, way)
            if visit.picks:
                self._parked[visit.arm, visit.station, visit.product] = outside

    def _note(self, track: Track, start: Matrix, way: _Way) -> Matrix:
        """Note a way; return where the arm stands once it is out again."""
        seat = [*way.inside, way.choice.q_approach, way.choice.q_target]
        if way.outside:
            track.before.append([start, *way.outside])
            track.within.append([way.outside[-1], *seat])
            return way.outside[-1]
        track.within.append([start, *seat])
        track.within.append([way.choice.q_approach, self._context.homes[self._visit.arm]])
        return way.choice.q_approach

    def _way(self, start: Matrix, seat: Matrix, around: Surroundings) -> _Way:
        """Return the way to a seat as the controller goes it, and what it touches where there is none that touches nothing."""
        refused: Unreachable | None = None
        onward = self._onward.after(self._visit.arm, self._visit.station, self._visit.product)
        for volumes in (around, Surroundings()):
            for some in self._tries:
                targets = np.array([tool_pose(seat, self._product.grasp, yaw) for yaw in self._turns[some]])
                lifted = np.array([approach_pose(T, self._visit.approach) for T in targets])
                try:
                    choice = best_approach(
                        self._arm, start, lifted, targets, self._via, surroundings=volumes, onward=onward
                    )
                except Unreachable as problem:
                    refused = refused or problem
                    if volumes and "touches" in str(problem):
                        planned = self._round(start, lifted, targets, volumes)
                        if planned is not None:
                            return _Way(planned.choice, planned.outside, planned.inside[:-1])
                else:
                    *passed, _ = [np.array(move.target) for move in choice.segments if isinstance(move, JointMove)]
                    return _Way(choice, tuple(passed), (), str(refused or "").rpartition("touches ")[2])
        raise refused or Unreachable("")

    def _round(self, start: Matrix, lifted: Matrix, targets: Matrix, around: Surroundings) -> WayRound | None:
        try:
            return way_round(self._arm, start, lifted, targets, around, self._via)
        except Unreachable:
            return None


def _corners(station: GridStation) -> list[int]:
    columns, rows = station.grid
    return list(dict.fromkeys((0, columns - 1, (rows - 1) * columns, rows * columns - 1)))


def _slots(station: GridStation, arm: Arm) -> list[int]:
    """Return the slots to try: all of them, or the rim of a large tray: an arm reaches around, not into it."""
    columns, rows = station.grid
    if not arm.solver.ordered:
        return _corners(station)
    if columns * rows <= MOST:
        return list(range(columns * rows))
    rim = (slot for slot in range(columns * rows) if _on_rim(*divmod(slot, columns), rows, columns))
    return sorted({*_corners(station), *list(rim)[:: max(1, 2 * (columns + rows) // MOST)]})


def _on_rim(row: int, column: int, rows: int, columns: int) -> bool:
    return row in (0, rows - 1) or column in (0, columns - 1)


def _why(arm: Arm, poses: Matrix) -> str:
    """Return by how much the best of some poses (M, 4, 4) is missed, or the limit that is in the way."""
    shortfall = min(arm.shortfall(pose) for pose in poses)
    if shortfall > 0.0:
        return f"it is {max(1.0, np.ceil(1000.0 * shortfall)):.0f} mm too far"
    q, ok, _ = arm.solver.solve(poses, np.broadcast_to(_middle(arm), (len(poses), arm.n)))
    found = q[ok]
    low, high = arm.limits.position.T
    found = found + 2.0 * np.pi * np.where(arm.chain.revolute, np.round((_middle(arm) - found) / (2.0 * np.pi)), 0.0)
    excess = np.maximum(np.maximum(low - found, found - high), 0.0)
    if not len(excess):
        return "no joint position was found"
    best = excess[int(np.argmin(excess.max(axis=1)))]
    joint = int(np.argmax(best))
    unit, scale = (" deg", 180.0 / np.pi) if arm.chain.revolute[joint] else (" mm", 1000.0)
    return f"{arm.joints[joint].name} would have to go {best[joint] * scale:.3g}{unit} past its limit"


def _middle(arm: Arm) -> Matrix:
    low, high = arm.limits.position.T
    return np.asarray(np.where(np.isfinite(low + high), 0.5 * (low + high), 0.0))
