"""A way round, where no direct one is free: planned joint moves over the via poses to wherever an approach begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import PlanError, Unreachable
from robocell.motion.arm import Arm
from robocell.motion.choice import Choice, best_approach
from robocell.motion.plan import plan
from robocell.motion.rigid import Floats, check_poses, check_vector
from robocell.motion.scene import Scene
from robocell.motion.surroundings import Surroundings

SAMPLES = 10_000
"""After how many samples a part of the way is given up: some tenths of a second."""
MOST = 8
"""Ends that are planned for, one after the other, until the line from one is free too."""


@dataclass(frozen=True, eq=False)
class WayRound:
    """A planned way.

    Attributes:
        outside: joint positions (n,) to pass, the last of them at the last via pose; none without via poses.
        inside: those to pass after it, before the approach.
        choice: the approach, begun where the planned way ends, and the straight line.

    """

    outside: tuple[Floats, ...]
    inside: tuple[Floats, ...]
    choice: Choice


def way_round(
    arm: Arm,
    start: ArrayLike,
    approach: ArrayLike,
    target: ArrayLike,
    surroundings: Surroundings,
    via: Sequence[ArrayLike] = (),
) -> WayRound:
    """Plan joint moves from one joint position over via poses to any branch of any approach; see `best_approach`.

    Args:
        arm: the arm with its tool.
        start: (n,) present joint position.
        approach: (M, 4, 4) or (4, 4) poses over equivalent targets.
        target: likewise.
        surroundings: what the arm keeps clear of.
        via: poses (4, 4) to pass.

    Raises:
        Unreachable: no way was found either; says what is in the way.

    """
    here = check_vector(start, arm.n, "start")
    approaches, _ = check_poses(approach, "approach")
    targets, _ = check_poses(target, "target")
    scene = surroundings.scene
    outside: list[Floats] = []
    for i, pose in enumerate(via):
        goals = _positions(arm, pose, here)
        if not len(goals):
            raise Unreachable(f"{arm.name}: via pose {i + 1} is out of reach", arm.shortfall(pose))
        outside += _path(arm, outside[-1] if outside else here, goals, scene)
    begin = outside[-1] if outside else here
    goals = _positions(arm, approaches, begin)
    refused: Unreachable | None = None
    for _ in range(MOST):
        if not len(goals):
            break
        inside = _path(arm, begin, goals, scene)
        try:
            choice = best_approach(arm, inside[-1], approaches, targets, surroundings=surroundings)
        except Unreachable as problem:
            refused = refused or problem
        else:
            return WayRound(tuple(outside), tuple(inside), choice)
        goals = goals[np.abs(goals - inside[-1]).max(axis=1) > 1e-6]
    raise refused or Unreachable(f"{arm.name}: no approach is within the joint limits")


def _positions(arm: Arm, poses: ArrayLike, near: Floats) -> Floats:
    """Return all joint positions (G, n) at poses, nearest first."""
    found = arm.ik(np.asarray(poses).reshape(-1, 4, 4), near=near)
    q = found.q[found.valid]
    return np.asarray(q[np.argsort(np.abs(q - near).max(axis=1), kind="stable")])


def _path(arm: Arm, start: Floats, goals: Floats, scene: Scene) -> list[Floats]:
    """Return the way-points after the start."""
    try:
        return list(plan(arm, start, goals, scene, samples=SAMPLES)[1:])
    except PlanError as problem:
        raise Unreachable(str(problem)) from None
