"""Which branch, turns and yaw to take, so that reaching a target over its approach pose takes least time.

A branch counts only if the straight line from approach to target stays on it inside the limits, and if the
whole way keeps clear of the surroundings. Joint moves are timed exactly for all branches at once; lines are
timed, and ways looked at, in order of a lower bound until no other branch can win.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import Unreachable
from robocell.motion.arm import Arm, Capsule
from robocell.motion.limits import Limits
from robocell.motion.line import Lines, follow, line, timed_lines
from robocell.motion.rigid import Bools, Floats, check_poses, check_vector
from robocell.motion.scurve import move_durations
from robocell.motion.segments import JointMove, LinearMove, Segment
from robocell.motion.surroundings import Surroundings, between

TIE = 1e-9  # seconds: choices this close are equal, and the lowest index wins
TOGETHER = 4  # lines timed in one vectorised call


@dataclass(frozen=True, eq=False)
class Choice:
    """The chosen way to a target.

    Attributes:
        index: which of the M targets.
        q_approach: (n,) joint position at the approach pose.
        q_target: (n,) joint position at the target.
        duration: seconds of all segments, each from rest to rest.
        segments: joint moves over the via poses to the approach, then the straight line.

    """

    index: int
    q_approach: Floats
    q_target: Floats
    duration: float
    segments: tuple[Segment, ...]


@dataclass(frozen=True, eq=False)
class _Ways:
    """All branches of M lines: q at the line's knots (M, K, B, n) and which may be used (M, B)."""

    lines: Lines
    q: Floats
    usable: Bools


@dataclass(frozen=True, eq=False)
class _Stop:
    """Where a sequence of joint moves may stand: S states: position, least time, predecessor."""

    q: Floats
    time: Floats
    before: np.ndarray[tuple[int, ...], np.dtype[np.intp]]


def best_approach(
    arm: Arm,
    q0: ArrayLike,
    approach: ArrayLike,
    target: ArrayLike,
    via: Sequence[ArrayLike] = (),
    speed: float = 1.0,
    acceleration: float = 1.0,
    line_speed: float | None = None,
    surroundings: Surroundings | None = None,
    held: Sequence[Capsule] = (),
    onward: Sequence[Floats] = (),
) -> Choice:
    """Choose the fastest way from q0 over via poses to an approach pose and straight on to its target.

    Args:
        arm: the arm with its tool.
        q0: (n,) present joint position.
        approach: (M, 4, 4) or (4, 4) poses over equivalent targets, e.g. samples of a free yaw.
        target: likewise, the pose that belongs to each approach.
        via: poses (4, 4) to pass before, each with a rest, by joint moves.
        speed: fraction of velocity limits, 0 < speed ≤ 1.
        acceleration: fraction of acceleration and jerk limits, likewise.
        line_speed: another fraction for the straight line, or None.
        surroundings: what the arm keeps clear of all the way, or None.
        held: capsules of a part in the gripper, TCP frame.
        onward: where the arm goes afterwards: sets (G, n) of joint positions of which any will do; each set is as
            likely as the others. What the nearest of them costs counts in the choice, not in its duration.

    Returns:
        The choice; among equally fast ones (1e-9 s) that with the lowest target, then branch index.

    Raises:
        Unreachable: no branch of any target will do; says by how much, or what is in the way.
        ValueError: wrong shapes or numbers that are not finite.

    """
    start = check_vector(q0, arm.n, "q0")
    approaches, _ = check_poses(approach, "approach")
    targets, _ = check_poses(target, "target")
    if len(approaches) != len(targets) or not len(targets):
        raise ValueError(f"{len(approaches)} approach poses for {len(targets)} targets")
    limits = arm.limits.scaled(speed, acceleration)
    on_line = arm.limits.scaled(line_speed if line_speed is not None else speed, acceleration)
    ways = _ways(arm, Lines.between(approaches, targets), start)
    stops = [_Stop(start[None], np.zeros(1), np.zeros(1, dtype=np.intp))]
    for i, T in enumerate(via):
        stops.append(_pass(arm, stops[-1], T, limits, i))
    B = ways.usable.shape[1]
    stops.append(_arrive(arm, stops[-1], ways, limits))
    search = _Search(arm, ways, stops, on_line, surroundings or Surroundings(), held, onward)
    chosen = search.fastest()
    if chosen < 0:
        raise _refusal(arm, ways, start, search.touched)
    q_approach, q_target = search.ends[chosen]
    moves: list[Segment] = [JointMove(tuple(q.tolist()), speed, acceleration) for q in search.corners(chosen)[1:]]
    segments = (*moves, LinearMove.to(targets[chosen // B], line_speed or speed, acceleration))
    return Choice(chosen // B, q_approach, q_target, float(search.total[chosen]), segments)


def _ways(arm: Arm, lines: Lines, near: Floats) -> _Ways:
    """Find all branches along M lines, and which stay solutions and may fit the limits."""
    K = lines.pieces() + 1
    q, ok = follow(arm, lines.poses(np.linspace(0.0, 1.0, K)), near)
    step = np.abs(np.diff(q, axis=1))[..., arm.chain.revolute]
    smooth = np.asarray((step < np.pi / 2).all(axis=(1, 3)))
    return _Ways(lines, q, np.logical_and(smooth, ok.all(axis=1)))


def _join(
    arm: Arm, stop: _Stop, q: Floats, usable: Bools, limits: Limits, span: Floats | None = None
) -> tuple[Floats, Floats, np.ndarray[tuple[int, ...], np.dtype[np.intp]]]:
    """Go from the states of a stop to positions q (S, n) in least time.

    Returns:
        q in the turns to take (S, n), the time when there (S,), inf where it cannot be, and from which state
        (S,).

    """
    there, fits = arm.fit_turns(q[:, None], stop.q, span)  # (S, states, n)
    took = move_durations(stop.q, there, limits)
    total = np.where(fits & usable[:, None], took + stop.time, np.inf)
    best = total.min(axis=1, keepdims=True)
    before = np.argmax(total <= best + TIE, axis=1)
    rows = np.arange(len(q))
    return there[rows, before], total[rows, before], before


def _pass(arm: Arm, stop: _Stop, T: ArrayLike, limits: Limits, i: int) -> _Stop:
    poses, single = check_poses(T, f"via[{i}]")
    if not single:
        raise ValueError(f"via[{i}] must be one pose (4, 4)")
    q, ok, _ = arm.solver.solve(poses, stop.q[:1])
    there, time, before = _join(arm, stop, q[0], ok[0], limits)
    if not np.isfinite(time).any():
        short = arm.shortfall(poses[0])
        why = (
            f"out of reach by {short * 1000:.0f} mm" if short > 0.0 else "reached on no branch within the joint limits"
        )
        raise Unreachable(f"{arm.name}: via pose {i + 1} is {why}", short)
    keep = np.isfinite(time)
    return _Stop(there[keep], time[keep], before[keep])


def _arrive(arm: Arm, stop: _Stop, ways: _Ways, limits: Limits) -> _Stop:
    """Time the joint moves to the approach of every branch of every line, as M·B states."""
    n = arm.n
    relative = ways.q - ways.q[:, :1]
    span = np.stack([relative.min(axis=1).reshape(-1, 1, n), relative.max(axis=1).reshape(-1, 1, n)])
    there, time, before = _join(arm, stop, ways.q[:, 0].reshape(-1, n), ways.usable.reshape(-1), limits, span)
    return _Stop(there, time, before)


class _Search:
    """The fastest way of all; `total` and `ends` hold what has been timed."""

    def __init__(
        self,
        arm: Arm,
        ways: _Ways,
        stops: Sequence[_Stop],
        limits: Limits,
        surroundings: Surroundings,
        held: Sequence[Capsule],
        onward: Sequence[Floats],
    ) -> None:
        self._arm, self._ways, self._limits = arm, ways, limits
        self._stops, self._last = stops, stops[-1]
        self._after = _onward_times(arm, self._outside(), onward)
        self._surroundings, self._held = surroundings, held
        self.total = np.full(len(self._last.time), np.inf)
        self.ends: dict[int, tuple[Floats, Floats]] = {}
        self._blocked: list[tuple[Floats, bool]] = []

    @property
    def touched(self) -> str:
        """What stands in the way that is least blocked; "" if none was."""
        found = [self._surroundings.touched(self._arm, way, self._held, among) for way, among in self._blocked]
        return min(found, key=lambda item: item[0], default=(0, ""))[1]

    def fastest(self) -> int:
        """Return the fastest state of the last stop; −1: none will do."""
        ways, limits = self._ways, self._limits
        # no line is quicker than its TCP may be, nor than any of its joints could go as far on its own
        alone = move_durations(ways.q[:, 0], ways.q[:, -1], limits)
        bound = self._last.time + np.maximum(alone, ways.lines.least_time(limits.tcp)[:, None]).ravel() + self._after
        order = np.argsort(bound, kind="stable")
        order = order[np.isfinite(bound[order])]
        for begin in range(0, len(order), TOGETHER):
            group = order[begin : begin + TOGETHER]
            if bound[group[0]] > self._cost.min() + TIE:
                break
            group = group[self._clear(group)]
            if len(group):
                self._time(group)
        if not self.ends:
            return -1
        return int(np.argmax(self._cost <= self._cost.min() + TIE))

    @property
    def _cost(self) -> Floats:
        return np.asarray(self.total + self._after)

    def _outside(self) -> Floats:
        """Return where the arm stands after each state (S, n), when it has come out again."""
        return self._last.q if len(self._stops) < 3 else self._stops[-2].q[self._last.before]

    def corners(self, state: int) -> list[Floats]:
        """Return the joint positions of a way: start, via poses, approach."""
        found = []
        for stop in reversed(self._stops):
            found.append(stop.q[state])
            state = int(stop.before[state])
        return found[::-1]

    def _line(self, states: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Floats:
        """Return the joint positions (S, K, n) on the lines of some states, in the turns to take."""
        m, b = np.divmod(states, self._ways.usable.shape[1])
        q = self._ways.q[m, :, b]
        return np.asarray(q + (self._last.q[states] - q[:, 0])[:, None])

    def _clear(self, group: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> Bools:
        """Return which of some states are reached, and their lines run, clear of the surroundings."""
        clear: Bools = np.ones(len(group), dtype=bool)
        if not self._surroundings:
            return clear
        moves = [between(self.corners(int(state))) for state in group]
        for among, ways in ((False, moves), (True, list(self._line(group)))):
            found = self._surroundings.clear(self._arm, np.concatenate(ways), self._held, among)
            pieces = np.split(found, np.cumsum([len(way) for way in ways])[:-1])
            for i, (way, piece) in enumerate(zip(ways, pieces, strict=True)):
                if not piece.all():
                    clear[i] = False
                    self._blocked.append((way, among))
        return clear

    def _time(self, group: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> None:
        """Time the lines of some states exactly; enter sums in `total`, ends of lines in `ends`."""
        m = group // self._ways.usable.shape[1]
        q = self._line(group)
        lines = Lines(self._ways.lines.start[m], self._ways.lines.shift[m], self._ways.lines.turn[m])
        _, timing, follows = timed_lines(self._arm, lines, q, self._limits)
        for i, state in enumerate(group.tolist()):
            duration, end = float(timing.duration[i]), q[i, -1]
            if not follows[i]:  # near a singularity: with finer knots, or not at all
                try:
                    finer = _finer(self._arm, lines, i, self._last.q[state], self._limits)
                except Unreachable:
                    continue
                duration, end = finer
            self.total[state] = self._last.time[state] + duration
            self.ends[state] = (self._last.q[state], end)


def _onward_times(arm: Arm, ends: Floats, onward: Sequence[Floats]) -> Floats:
    """Return what it costs to go on from positions (S, n): the mean over sets of goals of the nearest goal's time (S,)."""
    out = np.zeros(len(ends))
    for goals in onward:
        there, fits = arm.fit_turns(goals, ends[:, None])
        out += np.where(fits, move_durations(ends[:, None], there, arm.limits), np.inf).min(axis=1) / len(onward)
    return out


def _finer(arm: Arm, lines: Lines, i: int, near: Floats, limits: Limits) -> tuple[float, Floats]:
    T0, T1 = lines.start[i], lines.poses(np.ones(1))[i, 0]
    run = line(arm.with_limits(limits), T0, T1, near)
    return run.duration, run.end


def _refusal(arm: Arm, ways: _Ways, q0: Floats, touched: str) -> Unreachable:
    """Say why no branch will do: the smallest shortfall, or what stands in a line's way."""
    if touched:
        return Unreachable(f"{arm.name}: every way there touches {touched}")
    ends = ways.lines.poses(np.array([0.0, 1.0]))
    short = [max(arm.shortfall(pair[0]), arm.shortfall(pair[1])) for pair in ends]
    best = int(np.argmin(short))
    if short[best] > 0.0:
        return Unreachable(f"{arm.name}: out of reach by {short[best] * 1000:.0f} mm", short[best])
    try:
        line(arm, ends[best, 0], ends[best, 1], q0)
    except Unreachable as problem:
        return problem
    return Unreachable(f"{arm.name}: no branch reaches the target in a straight line within the joint limits")
