"""A way round, where no direct one is free: fold up, turn, come down again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import Unreachable
from robocell.motion.arm import Arm
from robocell.motion.choice import Choice, best_approach
from robocell.motion.point_to_point import point_to_point
from robocell.motion.rigid import Floats, check_poses, check_vector
from robocell.motion.surroundings import Surroundings, between

MOST = 12
"""Directions of the first joint that are tried."""


def detour(
    arm: Arm,
    start: ArrayLike,
    folded: ArrayLike,
    approach: ArrayLike,
    target: ArrayLike,
    surroundings: Surroundings,
    via: Sequence[ArrayLike] = (),
) -> tuple[tuple[Floats, ...], Choice]:
    """Return joint positions to pass first, and the way on from the last of them; see `best_approach`.

    The arm goes to its folded position without turning its first joint, turns that alone, and goes on from there.

    Args:
        arm: the arm with its tool.
        start: (n,) present joint position.
        folded: (n,) a position in which the arm may turn its first joint, as its rest position.
        approach: (M, 4, 4) or (4, 4) poses over equivalent targets.
        target: likewise.
        surroundings: what the arm keeps clear of.
        via: poses (4, 4) to pass after that.

    Raises:
        Unreachable: no such way is free either.

    """
    here, rest = check_vector(start, arm.n, "start"), check_vector(folded, arm.n, "folded")
    poses, _ = check_poses(approach, "approach")
    up = np.array([here[0], *rest[1:]])
    best: tuple[float, tuple[Floats, ...], Choice] | None = None
    refused: Unreachable | None = None
    for turn in _directions(arm, up, poses):
        turned = np.array([turn, *rest[1:]])
        if not surroundings.clear(arm, between([here, up, turned])).all():
            continue
        try:
            choice = best_approach(arm, turned, approach, target, via=via, surroundings=surroundings)
        except Unreachable as problem:
            refused = refused or problem
            continue
        took = sum(point_to_point(a, b, arm.limits).duration for a, b in ((here, up), (up, turned)))
        if best is None or took + choice.duration < best[0] - 1e-9:
            best = (took + choice.duration, (up, turned), choice)
    if best is None:
        raise refused or Unreachable(f"{arm.name}: it cannot fold up and turn clear of what stands around it")
    return best[1], best[2]


def _directions(arm: Arm, near: Floats, poses: Floats) -> list[float]:
    """Return where the first joint may stand over poses (M, 4, 4), all turns within its limits, nearest first."""
    solution = arm.ik(poses)
    found = solution.q[solution.valid][:, 0]
    low, high = arm.limits.position[0]
    turns = np.concatenate([found + 2.0 * np.pi * k for k in (-1, 0, 1)]) if arm.chain.revolute[0] else found
    inside = np.unique(np.round(turns[(turns >= low) & (turns <= high)], 3))
    order = np.argsort(np.abs(inside - near[0]), kind="stable")
    return [float(inside[k]) for k in order[:MOST]]
