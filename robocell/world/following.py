"""What an arm's joints are told to be: a trajectory that runs from some moment, and may be stopped on its path."""

from __future__ import annotations

import numpy as np

from robocell.motion.trajectory import Trajectory
from robocell.world.shapes import Matrix


class Following:
    """The set-points of one arm over time.

    A stop runs the path's own clock down linearly, so that the arm stays on its path; it takes as long as the
    joint whose speed is greatest against its acceleration limit needs.

    Args:
        home: (n,) where the arm stands.

    Attributes:
        ends: when the present motion ends, s; the past at rest.

    """

    __slots__ = ("_halt", "_since", "_trajectory", "ends")

    def __init__(self, home: tuple[float, ...]) -> None:
        self._trajectory = Trajectory.still(home)
        self._since = 0.0
        self._halt: tuple[float, float, float] | None = None  # (time, path time, length) of a stop
        self.ends = 0.0

    @property
    def trajectory(self) -> Trajectory:
        """What is followed, or was last."""
        return self._trajectory

    @property
    def end(self) -> Matrix:
        """Where the joints are told to end, (n,), whether or not they have been stopped before."""
        return self._trajectory.end

    @property
    def duration(self) -> float:
        """Length of the trajectory, s."""
        return self._trajectory.duration

    @property
    def halting(self) -> bool:
        """Whether a stop has been ordered."""
        return self._halt is not None

    def start(self, trajectory: Trajectory, now: float) -> None:
        """Run a trajectory from `now` on."""
        self._trajectory, self._since, self._halt = trajectory, now, None
        self.ends = now + trajectory.duration

    def stand(self, joints: Matrix, now: float) -> None:
        """Stand at joints (n,) from `now` on."""
        self.start(Trajectory.still(joints), now)

    def halt(self, now: float, acceleration: Matrix) -> None:
        """Stop on the path, no harder than the joints' `acceleration` limits (n,) allow."""
        path_time = now - self._since
        speeds = np.abs(self._trajectory.sample(path_time)[1])
        # The path's clock runs down linearly; each joint then needs q̇/T of deceleration.
        length = float(np.max(speeds / acceleration))
        length = min(max(length, 1e-3), 2.0 * (self._trajectory.duration - path_time) + 1e-3)
        self._halt = (now, path_time, length)
        self.ends = now + length

    def at(self, times: Matrix) -> Matrix:
        """Return the set-points (K, n) at times (K,), s."""
        if self._halt is None:
            return self._trajectory.sample(times - self._since)[0]
        began, path_time, length = self._halt
        dt = np.clip(times - began, 0.0, length)
        return self._trajectory.sample(path_time + dt - 0.5 * dt * dt / length)[0]

    def now(self, time: float) -> Matrix:
        """Return the set-points (n,) at a time, s."""
        if self._halt is None:
            return self._trajectory.end if time >= self.ends else self._trajectory.position(time - self._since)
        result: Matrix = self.at(np.array([time]))[0]
        return result

    def sample(self, times: Matrix) -> Matrix:
        """Return joint positions (K, n) of the whole trajectory at times since its start (K,), s."""
        return self._trajectory.sample(times)[0]
