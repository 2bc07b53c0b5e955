"""Straight lines of the tool centre point, on one branch of the inverse kinematics, within all limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import Unreachable
from robocell.motion.arm import TURN, Arm
from robocell.motion.ik_chain import descend
from robocell.motion.joint_path import JointPath, TimedPath, Timing, time_paths
from robocell.motion.kernels.inverse_descent import RESIDUAL
from robocell.motion.limits import Limits, TcpLimits
from robocell.motion.rigid import Bools, Floats, check_joints, check_poses, rotation_vectors, rotations
from robocell.motion.scurve import durations
from robocell.motion.trajectory import Trajectory

KNOT_LENGTH = 0.02  # metres between knots, to begin with
KNOT_ANGLE = 0.1  # radians between knots, to begin with
STRAIGHT = 1e-6  # metres: largest deviation from the line between knots
UPRIGHT = 1e-5  # radians: likewise
FINEST = 256  # pieces


@dataclass(frozen=True, eq=False)
class Lines:
    """M straight lines of the TCP, orientation turning about a fixed axis (slerp).

    Attributes:
        start: (M, 4, 4).
        shift: (M, 3) metres from start to end.
        turn: (M, 3) rotation vector from start to end, base frame.

    """

    start: Floats
    shift: Floats
    turn: Floats

    @staticmethod
    def between(T0: Floats, T1: Floats) -> Lines:
        """Return the lines from T0 to T1, each (M, 4, 4)."""
        turn = rotation_vectors(T1[:, :3, :3] @ T0[:, :3, :3].transpose(0, 2, 1))
        return Lines(T0, T1[:, :3, 3] - T0[:, :3, 3], turn)

    def lengths(self) -> tuple[Floats, Floats]:
        """Return lengths (M,) in metres and angles (M,) in radians."""
        return np.sqrt((self.shift**2).sum(axis=1)), np.sqrt((self.turn**2).sum(axis=1))

    def pieces(self) -> int:
        """Return into how many pieces to divide the longest of the lines, to begin with."""
        length, angle = self.lengths()
        need = max(length.max() / KNOT_LENGTH, angle.max() / KNOT_ANGLE)
        return int(np.clip(np.ceil(need - 1e-6), 2, FINEST // 4))

    def poses(self, s: Floats) -> Floats:
        """Return the poses (M, S, 4, 4) at s (S,), 0 to 1."""
        out = np.zeros((len(self.start), len(s), 4, 4))
        out[:, :, :3, :3] = self.start[:, None, :3, :3]
        turning = (np.abs(self.turn) > 1e-15).any(axis=1)
        if turning.any():
            R = rotations(self.turn[turning, None] * s[:, None])
            out[turning, :, :3, :3] = R @ self.start[turning, None, :3, :3]
        out[:, :, :3, 3] = self.start[:, None, :3, 3] + self.shift[:, None] * s[:, None]
        out[..., 3, 3] = 1.0
        return out

    def rates(self, tcp: TcpLimits) -> tuple[Floats, Floats, Floats]:
        """Return the largest ṡ, s̈ and s⃛, each (M,), that the TCP's limits allow."""
        length, angle = (np.maximum(x, 1e-15) for x in self.lengths())
        return (
            np.minimum(tcp.velocity / length, tcp.angular_velocity / angle),
            np.minimum(tcp.acceleration / length, tcp.angular_acceleration / angle),
            np.minimum(tcp.jerk / length, tcp.angular_jerk / angle),
        )

    def least_time(self, tcp: TcpLimits) -> Floats:
        """Return the time (M,) below which no arm runs these lines, 0 where the TCP has no limits."""
        v, a, j = self.rates(tcp)
        bounded = np.isfinite(v) & np.isfinite(a) & np.isfinite(j)
        v, a, j = (np.where(bounded, x, 1.0) for x in (v, a, j))
        return np.where(bounded, durations(1.0, v, a, j), 0.0)


def follow(arm: Arm, poses: Floats, near: Floats) -> tuple[Floats, Bools]:
    """Return all branches along M lines.

    Args:
        arm: the arm.
        poses: (M, K, 4, 4) poses along the lines.
        near: (n,) for free joints at singularities.

    Returns:
        q (M, K, B, n) without jumps by whole turns, but outside position limits perhaps, and whether each is
        a solution (M, K, B).

    """
    M, K = poses.shape[:2]
    n = arm.n
    good: Bools
    if arm.solver.ordered:
        flat, ok, _ = arm.solver.solve(poses.reshape(-1, 4, 4), np.broadcast_to(near, (M * K, n)))
        B = flat.shape[1]
        q, good = flat.reshape(M, K, B, n), ok.reshape(M, K, B)
    else:
        q, good = _trace(arm, poses, near)
    step = np.diff(q, axis=1)
    turns = np.where(arm.chain.revolute, np.round(step / TURN), 0.0)
    if turns.any():
        q = q.copy()
        q[:, 1:] -= TURN * np.cumsum(turns, axis=1)
    return q, good


def _trace(arm: Arm, poses: Floats, near: Floats, start: Floats | None = None) -> tuple[Floats, Bools]:
    """Follow all branches by Newton's method: for chains whose solver has no branch order."""
    M, K = poses.shape[:2]
    ok: Bools
    if start is None:
        first, ok, _ = arm.solver.solve(poses[:, 0], np.broadcast_to(near, (M, arm.n)))
    else:
        first = start
        ok = np.full(start.shape[:2], True)
    B = first.shape[1]
    q = np.empty((M, K, B, arm.n))
    good: Bools = np.empty((M, K, B), dtype=bool)
    q[:, 0], good[:, 0] = first, ok
    for k in range(1, K):
        guess = q[:, k - 1] if k == 1 else 2.0 * q[:, k - 1] - q[:, k - 2]
        flat, error = descend(arm.solver.chain, guess.reshape(-1, arm.n), poses[:, k], 12)
        q[:, k] = flat.reshape(M, B, arm.n)
        good[:, k] = (error <= RESIDUAL).reshape(M, B)
    return q, good


def timed_lines(arm: Arm, lines: Lines, q: Floats, limits: Limits) -> tuple[JointPath, Timing, Bools]:
    """Make and time the joint paths of C lines.

    Args:
        arm: the arm.
        lines: C lines.
        q: (C, K, n) joint positions at K equally spaced places on them.
        limits: what holds on the way.

    Returns:
        The paths, their timing, and whether each follows its line between the knots too (C,).

    """
    C, K, n = q.shape
    chain = arm.chain
    z, o, tip = chain.columns(chain.frames(q.reshape(-1, n)))
    inverse = _inverse(chain.jacobian(z, o, tip))
    twist = np.repeat(np.concatenate([lines.shift, lines.turn], axis=1), K, axis=0)
    first = (inverse @ twist[..., None])[..., 0]
    second = -(inverse @ chain.bias(z, o, tip, first)[..., None])[..., 0]
    path = JointPath.hermite(q, first.reshape(C, K, n), second.reshape(C, K, n))
    between = lines.poses((np.arange(K - 1) + 0.5) / (K - 1))
    reached = (chain.frames(path.middles().reshape(-1, n))[-1] @ chain.end).reshape(C, K - 1, 4, 4)
    away = np.abs(reached - between).reshape(C, -1, 4, 4)
    follows = (away[..., :3, 3].max(axis=(1, 2)) <= STRAIGHT) & (away[..., :3, :3].max(axis=(1, 2, 3)) <= UPRIGHT)
    return path, time_paths(path, limits, lines.rates(limits.tcp)), follows


def _inverse(J: Floats) -> Floats:
    """Return (pseudo-)inverses (N, n, 6) of Jacobians (N, 6, n), the plain one where it serves."""
    if J.shape[2] == 6:
        try:
            inverse = np.asarray(np.linalg.inv(J), dtype=np.float64)
        except np.linalg.LinAlgError:
            inverse = np.full(1, np.inf)
        if np.abs(inverse).max() < 1e7:
            return inverse
    return np.asarray(np.linalg.pinv(J, rcond=1e-9), dtype=np.float64)


def trajectory_of(path: JointPath, timing: Timing, i: int) -> Trajectory:
    """Return timed path i as a trajectory."""
    single = path.select(i)
    curve = TimedPath(single, timing.knots[:, i], timing.coefficients[..., i], float(timing.duration[i]))
    return Trajectory.of(curve, single.coefficients[0, 0, 0], single.coefficients[:, 0, -1].sum(axis=0))


def line(
    arm: Arm, T0: ArrayLike, T1: ArrayLike, near: ArrayLike, speed: float = 1.0, acceleration: float = 1.0
) -> Trajectory:
    """Move the TCP on a straight line, its orientation turning evenly, from rest to rest.

    Starts on the branch nearest to `near` and stays on it. TCP limits and joint limits hold.

    Args:
        arm: the arm.
        T0: (4, 4) start, base frame.
        T1: (4, 4) end.
        near: (n,) joint position at or near the start.
        speed: fraction of all velocity limits, 0 < speed ≤ 1.
        acceleration: fraction of all acceleration and jerk limits, likewise.

    Raises:
        Unreachable: a pose out of reach, a joint at its limit, or a singularity on the way.
        ValueError: wrong shapes, numbers that are not finite, fractions outside (0, 1].

    """
    start, single0 = check_poses(T0, "T0")
    end, single1 = check_poses(T1, "T1")
    home, single = check_joints(near, arm.n, "near")
    if not (single0 and single1 and single):
        raise ValueError("line takes single poses (4, 4) and one joint position (n,)")
    limits = arm.limits.scaled(speed, acceleration)
    lines = Lines.between(start, end)
    if max(float(x[0]) for x in lines.lengths()) < 1e-9:
        return Trajectory.still(_start(arm, lines, home[0]))
    pieces = lines.pieces()
    while pieces <= FINEST:
        q = _on_branch(arm, lines, pieces, home[0])
        path, timing, follows = timed_lines(arm, lines, q[None], limits)
        if follows[0]:
            return trajectory_of(path, timing, 0)
        pieces *= 4
    raise Unreachable(f"{arm.name}: the straight line passes a singularity; approach it otherwise or turn the tool")


def _start(arm: Arm, lines: Lines, near: Floats) -> Floats:
    solution = arm.ik(lines.start[0], near=near)
    if not solution.valid[0]:
        raise Unreachable(_why(arm, lines, 0.0), arm.shortfall(lines.start[0]))
    return np.asarray(solution.q[0])


def _on_branch(arm: Arm, lines: Lines, pieces: int, near: Floats) -> Floats:
    """Return q (K, n) along the branch that starts nearest to `near`."""
    s = np.arange(pieces + 1) / pieces
    poses = lines.poses(s)
    along = good = None
    if arm.solver.ordered:
        q, ok = follow(arm, poses, near)
        first, fits = arm.fit_turns(q[0, 0], near)
        far = np.where(ok[0, 0] & fits, ((first - near) ** 2).sum(axis=1), np.inf)
        branch = int(np.argmin(far))
        if np.isfinite(far[branch]) and _smooth(arm, q[0, :, branch]):
            along, good = q[0, :, branch] + (first[branch] - q[0, 0, branch]), ok[0, :, branch]
    if along is None or good is None:
        q, ok = _trace(arm, poses, near, _start(arm, lines, near)[None, None])
        along, good = q[0, :, 0], ok[0, :, 0]
    low, high = arm.limits.position.T
    past = (along < low - 1e-9) | (along > high + 1e-9)
    bad = ~good | past.any(axis=1)
    if bad.any():
        k = int(np.argmax(bad))
        joint = int(np.argmax(past[k])) if good[k] else -1
        raise Unreachable(_why(arm, lines, float(s[k]), joint), 0.0 if good[k] else arm.shortfall(poses[0, k]))
    return np.clip(along, low, high)


def _smooth(arm: Arm, q: Floats) -> bool:
    """Tell whether a column keeps its branch: no joint jumps by an eighth of a turn between knots."""
    step = np.abs(np.diff(q, axis=0))
    return bool((step[:, arm.chain.revolute] < TURN / 8).all())


def _why(arm: Arm, lines: Lines, s: float, joint: int = -1) -> str:
    length, angle = (float(x[0]) for x in lines.lengths())
    where = f"{s * length * 1000:.0f} mm" if length > 1e-4 else f"{np.degrees(s * angle):.0f}°"
    place = f"{arm.name}: the straight line, {where} after its start," if s > 0.0 else f"{arm.name}: the line's start"
    if joint >= 0:
        return f"{place} meets the limit of joint {joint + 1}"
    short = arm.shortfall(lines.poses(np.array([s]))[0, 0])
    if short > 0.0:
        return f"{place} is out of reach by {short * 1000:.0f} mm"
    return f"{place} is reached on no branch within the joint limits"
