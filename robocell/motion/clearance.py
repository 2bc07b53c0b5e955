"""Where an arm's capsules are, for those who look at each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from robocell.motion.arm import Arm, Capsule
from robocell.motion.rigid import Floats, check_joints


def arm_capsules(
    arm: Arm, q: ArrayLike, flange: Sequence[Capsule] = (), tcp: Sequence[Capsule] = (), base: bool = True
) -> tuple[Floats, Floats, Floats]:
    """Place an arm's capsules.

    Args:
        arm: the arm.
        q: (N, n) or (n,) joint positions.
        flange: more capsules in the flange frame, e.g. a gripper's; their `link` does not matter.
        tcp: more capsules in the TCP frame, e.g. a held part's; likewise.
        base: whether to include those of link 0, which never move.

    Returns:
        p0 (N, C, 3), p1 (N, C, 3) in the base frame, and radius (C,), metres.

    Raises:
        ValueError: a wrong shape or a number that is not finite.

    """
    batch, _ = check_joints(q, arm.n)
    links = arm.fk(batch, links=True)
    own = [c for c in arm.capsules if base or c.link > 0]
    everything = [*own, *flange, *tcp]
    if not everything:
        return np.zeros((len(batch), 0, 3)), np.zeros((len(batch), 0, 3)), np.zeros(0)
    mount = links[:, -1] @ arm.flange
    frames = np.empty((len(batch), len(everything), 4, 4))
    frames[:, : len(own)] = links[:, [c.link for c in own]]
    frames[:, len(own) : len(own) + len(flange)] = mount[:, None]
    frames[:, len(own) + len(flange) :] = (mount @ arm.tool)[:, None]
    ends = np.array([[c.p0, c.p1] for c in everything])  # (C, 2, 3)
    placed = frames[:, :, None, :3, :3] @ ends[..., None]
    placed = placed[..., 0] + frames[:, :, None, :3, 3]
    return placed[:, :, 0], placed[:, :, 1], np.array([c.radius for c in everything])
