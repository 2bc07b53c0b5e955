"""What stands around an arm, and which joint positions keep clear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from robocell.motion.arm import Arm, Capsule
from robocell.motion.clearance import Volume, arm_capsules, clear_of
from robocell.motion.rigid import Bools, Floats

MARGIN = 1e-3
STEP = 0.12  # rad or m between joint positions that are looked at; a tool at 0.8 m moves 0.1 m meanwhile


@dataclass(frozen=True, eq=False)
class Surroundings:
    """Convex volumes in an arm's base frame.

    Attributes:
        names: what messages call each volume.
        volumes: in the arm's base frame (ROS `base_link`).
        margin: metres that the arm keeps from each.
        laid_names, laid: likewise, where parts may lie: on a straight line the tool goes among them.

    """

    names: tuple[str, ...] = ()
    volumes: tuple[Volume, ...] = ()
    margin: float = MARGIN
    laid_names: tuple[str, ...] = ()
    laid: tuple[Volume, ...] = ()

    def __post_init__(self) -> None:
        for names, volumes in ((self.names, self.volumes), (self.laid_names, self.laid)):
            if len(names) != len(volumes):
                raise ValueError(f"{len(names)} names for {len(volumes)} volumes")

    def __bool__(self) -> bool:
        return bool(self.volumes or self.laid)

    def clear(self, arm: Arm, q: Floats, held: Sequence[Capsule] = (), among: bool = False) -> Bools:
        """Return at which joint positions q (K, n) the arm without its base keeps clear (K,).

        Args:
            arm: the arm with its tool.
            q: (K, n) rad or m.
            held: more capsules in the TCP frame: a part in the gripper.
            among: whether the tool (the last link with what it carries) may be where parts lie.

        """
        ok: Bools = np.ones(len(q), dtype=bool)
        if self:
            for capsules, volumes in self._pairs(arm, q, held, among):
                ok &= clear_of(*capsules, volumes, self.margin)
        return ok

    def touched(self, arm: Arm, q: Floats, held: Sequence[Capsule] = (), among: bool = False) -> tuple[int, str]:
        """Return at how many joint positions q (K, n) the arm is not clear, and of what most often; (0, "") of none."""
        apart = np.ones(len(q), dtype=bool)
        worst = (0, "")
        names = (self.names, self.laid_names)
        for words, (capsules, volumes) in zip(names, self._pairs(arm, q, held, among), strict=True):
            for name, volume in zip(words, volumes, strict=True):
                clear = clear_of(*capsules, [volume], self.margin)
                apart &= clear
                worst = max(worst, (int((~clear).sum()), name), key=lambda found: found[0])
        return int((~apart).sum()), worst[1]

    def _pairs(
        self, arm: Arm, q: Floats, held: Sequence[Capsule], among: bool
    ) -> list[tuple[tuple[Floats, Floats, Floats], tuple[Volume, ...]]]:
        """Return which capsules keep clear of which volumes."""
        p0, p1, radius = arm_capsules(arm, q, tcp=held, base=False)
        tool = np.array([c.link == arm.n for c in arm.capsules if c.link > 0] + [True] * len(held), dtype=bool)
        some = ~tool if among else np.ones(len(tool), dtype=bool)
        return [((p0, p1, radius), self.volumes), ((p0[:, some], p1[:, some], radius[some]), self.laid)]


def between(corners: Sequence[Floats]) -> Floats:
    """Return joint positions (K, n) on the way through corners (n,), at most `STEP` apart, both ends included.

    Joint moves are straight in joint space but for joints that travel little, whose speed rises otherwise.
    """
    legs = [corners[0][None]]
    for begin, end in zip(corners, corners[1:], strict=False):
        count = int(np.ceil(max(float(np.abs(end - begin).max()) / STEP, 1.0)))
        legs.append(begin + np.linspace(0.0, 1.0, count + 1)[1:, None] * (end - begin))
    return np.concatenate(legs)
