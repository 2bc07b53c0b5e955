"""What stands around an arm, and which joint positions keep clear of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from robocell.motion.arm import Arm, Capsule
from robocell.motion.obstacles import Volume
from robocell.motion.rigid import Bools, Floats
from robocell.motion.scene import Scene

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
    _scenes: dict[tuple[tuple[Volume, ...], tuple[int, ...]], Scene] = field(
        init=False, repr=False, default_factory=dict
    )

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
        if not among:
            return ~self._scene((*self.volumes, *self.laid), ()).collides(arm, q, held)
        standing, laid = self._scene(self.volumes, ()), self._scene(self.laid, (arm.n,))
        return ~(standing.collides(arm, q, held) | laid.collides(arm, q, held))

    def touched(self, arm: Arm, q: Floats, held: Sequence[Capsule] = (), among: bool = False) -> tuple[int, str]:
        """Return at how many joint positions q (K, n) the arm is not clear, and of what most often; (0, "") of none."""
        apart = np.ones(len(q), dtype=bool)
        worst = (0, "")
        for names, volumes, free in (
            (self.names, self.volumes, ()),
            (self.laid_names, self.laid, (arm.n,) if among else ()),
        ):
            for name, volume in zip(names, volumes, strict=True):
                hit = self._scene((volume,), free).collides(arm, q, held)
                apart &= ~hit
                worst = max(worst, (int(hit.sum()), name), key=lambda found: found[0])
        return int((~apart).sum()), worst[1]

    def _scene(self, volumes: tuple[Volume, ...], free: tuple[int, ...]) -> Scene:
        """Return the scene of some of the volumes, where some links may touch them; each is made once."""
        key = (volumes, free)
        if key not in self._scenes:
            self._scenes[key] = Scene(volumes, self.margin, alone=True, free=free)
        return self._scenes[key]


def between(corners: Sequence[Floats]) -> Floats:
    """Return joint positions (K, n) on the way through corners (n,), at most `STEP` apart, both ends included.

    Joint moves are straight in joint space but for joints that travel little, whose speed rises otherwise.
    """
    legs = [corners[0][None]]
    for begin, end in zip(corners, corners[1:], strict=False):
        count = int(np.ceil(max(float(np.abs(end - begin).max()) / STEP, 1.0)))
        legs.append(begin + np.linspace(0.0, 1.0, count + 1)[1:, None] * (end - begin))
    return np.concatenate(legs)
