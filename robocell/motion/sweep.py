"""The space that an arm's ways take, and whether it meets another arm's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.arm import Arm
from robocell.motion.clearance import arm_capsules
from robocell.motion.kernels.sweeps import FLAT, first_meeting
from robocell.motion.rigid import Floats, check_joints, check_poses
from robocell.motion.surroundings import between

MARGIN = 0.1
"""Metres that two arms keep apart: more than any of their points moves from one position looked at to the next."""


@dataclass(frozen=True, eq=False)
class Swept:
    """What an arm's shape takes up over some of its joint positions.

    Attributes:
        capsules: (N, 7) ends of the axes and radii, in the frame that both arms share, metres; sorted along x.

    """

    capsules: Floats

    @staticmethod
    def of(arm: Arm, base: ArrayLike, ways: Sequence[Sequence[Floats]]) -> Swept:
        """Sweep an arm along ways through joint space.

        Args:
            arm: the arm with its tool; its base, which never moves, does not count.
            base: (4, 4) of the arm's base in the shared frame.
            ways: each the joint positions (n,) of its corners, with straight moves between them.

        """
        if not ways:
            return Swept(np.zeros((0, FLAT)))
        return Swept.at(arm, base, np.concatenate([between(way) for way in ways]))

    @staticmethod
    def at(arm: Arm, base: ArrayLike, q: ArrayLike) -> Swept:
        """Return what an arm takes up at joint positions q (N, n) or (n,)."""
        batch, _ = check_joints(q, arm.n)
        pose = check_poses(base, "base")[0][0]
        p0, p1, radius = arm_capsules(arm, batch, base=False)
        ends = [p @ pose[:3, :3].T + pose[:3, 3] for p in (p0, p1)]
        flat = np.concatenate([*ends, np.broadcast_to(radius[:, None], (*p0.shape[:2], 1))], axis=2).reshape(-1, FLAT)
        return Swept(np.ascontiguousarray(np.unique(np.round(flat, 6), axis=0)))

    def meets(self, other: Swept, margin: float = MARGIN) -> bool:
        """Return whether two arms may come nearer to each other than a margin in metres."""
        mine, theirs = self._within(other, margin), other._within(self, margin)
        return bool(len(mine) and len(theirs)) and first_meeting(mine, theirs, margin)[0] >= 0

    def _within(self, other: Swept, margin: float) -> Floats:
        """Return those capsules that reach into the box around all of another sweep."""
        if not len(self.capsules) or not len(other.capsules):
            return self.capsules[:0]
        low, high = _extent(self.capsules)
        lows, highs = _extent(other.capsules)
        box_low, box_high = lows.min(axis=0) - margin, highs.max(axis=0) + margin
        inside = ((high > box_low) & (low < box_high)).all(axis=1)
        return np.asarray(self.capsules[inside])


def _extent(capsules: Floats) -> tuple[Floats, Floats]:
    """Return the lowest and highest corner (N, 3) of each capsule."""
    p0, p1, radius = capsules[:, :3], capsules[:, 3:6], capsules[:, 6:]
    return np.minimum(p0, p1) - radius, np.maximum(p0, p1) + radius
