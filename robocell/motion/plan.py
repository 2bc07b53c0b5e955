"""A way through joint space that keeps clear of what stands around an arm."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from robocell.errors import PlanError
from robocell.motion.arm import Arm, Capsule
from robocell.motion.kernels import edges, planning
from robocell.motion.rigid import Bools, Floats, check_joints, check_vector
from robocell.motion.scene import Scene

STEP = 1.0 / 32.0
"""Euclidean distance (rad and m) between joint positions at which a move is looked at. A point 1 m from the axis of the
one joint that turns moves 31 mm meanwhile: let the scene's margin cover what that may miss."""

FINER = (1, 4, 16)
"""How much finer moves are looked at, one after the other, until the way proves clear at four times as many positions."""

SAMPLES = 50_000
ROUNDS = 40  # of shortening
REACH = 1.0  # longest step of a tree, rad of the quickest turning joint …
PART = 1.0 / 15.0  # … but at most this part of the diagonal of what is sampled
AT_LIMIT = 1e-6  # rad or m by which an end may be past a limit: readings and rounded figures are
BEYOND = math.pi  # rad or m by which samples lie outside start and goals, where limits are wider


def plan(
    arm: Arm,
    q_start: ArrayLike,
    q_goal: ArrayLike,
    scene: Scene,
    seed: int = 0,
    *,
    step: float = STEP,
    samples: int = SAMPLES,
    held: Sequence[Capsule] = (),
) -> Floats:
    """Return way-points from one joint position to another, joined by straight clear moves.

    Where the straight move is clear it is the answer. Else two trees of clear joint positions grow towards each other
    (RRT-Connect), and what they find is shortened: its length counts each joint by its greatest speed. The same
    arguments give the same path.

    Args:
        arm: the arm with its tool.
        q_start: (n,) joint positions, rad or m.
        q_goal: (n,), or (G, n) of which any will do; those that collide or are outside the limits are passed over.
        scene: what the arm keeps clear of, with a margin.
        seed: of all chance.
        step: Euclidean distance of joint positions (rad and m) at which a move is looked at; the way that is found is
            looked at again at a quarter of it, and found anew more finely if that shows a contact.
        samples: after how many to give up.
        held: capsules in the TCP frame, whatever their `link`: a part in the gripper.

    Returns:
        (M, n), M ≥ 2, with q_start first and a goal last, exactly; all within the limits (an end may be 1e-6 past
        them). A joint with limits wider than half a turn beyond start and goals is not led farther than that.

    Raises:
        PlanError: start or goals are outside the limits or collide, with what; or no way was found.
        ValueError: a wrong shape, a number that is not finite, a step or a number of samples that is not positive.

    """
    if not 0.0 < step < math.inf:
        raise ValueError(f"step is {step}, expected a positive distance")
    if samples < 1:
        raise ValueError(f"samples is {samples}, expected at least 1")
    start = check_vector(q_start, arm.n, "q_start").copy()  # in one piece, and not read-only, as kernels know arrays
    goals, _ = check_joints(q_goal, arm.n, "q_goal")
    if not len(goals):
        raise ValueError("q_goal holds no joint positions")
    low, high = arm.limits.position.T
    _within(arm, start[None], "start")
    inside = goals[~_outside(arm, goals).any(axis=1)]
    if not len(inside):
        _within(arm, goals, "goal")
    about = np.concatenate([start[None], inside])
    box = np.concatenate([np.maximum(low, about.min(axis=0) - BEYOND), np.minimum(high, about.max(axis=0) + BEYOND)])
    weight = _weight(arm)
    diagonal = (box[arm.n :] - box[: arm.n]) * weight
    reach = min(REACH, PART * math.sqrt(float(diagonal @ diagonal)))
    at, spheres = scene.packed_for_moves(arm, held)
    outcome = np.zeros(2, dtype=np.int64)
    for finer in FINER:
        figures = np.array([reach, step / finer, scene.margin, ROUNDS])
        path = planning.plan(
            start, inside.ravel(), box, weight, figures, samples, seed, spheres, at.data, at.layout, at.work, outcome
        )
        if outcome[0] != 0:
            break
        between = step / finer / FINER[1]
        if edges.path_passes(path, arm.n, between, scene.margin, spheres, at.data, at.layout, at.work):
            break
    status, taken = outcome.tolist()
    if status == planning.START_TOUCHES:
        raise PlanError(f"{arm.name}: the start collides: {_why(arm, start, scene, held)}")
    if status == planning.GOALS_TOUCH:
        which = "the goal collides" if len(inside) == 1 else f"all {len(inside)} goals collide, the first of them"
        raise PlanError(f"{arm.name}: {which}: {_why(arm, inside[0], scene, held)}")
    if status == planning.NO_WAY:
        raise PlanError(f"{arm.name}: no way found in {taken} samples", samples=taken)
    return np.asarray(path.reshape(-1, arm.n))


def _weight(arm: Arm) -> Floats:
    """Return how much each joint counts in distances (n,): as much time as it takes, the quickest turning one as 1."""
    velocity = arm.limits.velocity
    turning = np.array([joint.kind == "revolute" for joint in arm.joints])
    quickest = float(velocity[turning].max() if turning.any() else velocity.max())
    return np.asarray(quickest / velocity)


def _outside(arm: Arm, q: Floats) -> Bools:
    low, high = arm.limits.position.T
    return np.asarray((q < low - AT_LIMIT) | (q > high + AT_LIMIT))


def _within(arm: Arm, q: Floats, what: str) -> None:
    """Raise PlanError if no row of q (N, n) is within the limits, and say which joint of the first is not."""
    low, high = arm.limits.position.T
    bad = _outside(arm, q)
    if bad.any(axis=1).all():
        j = int(np.argmax(bad[0]))
        name = arm.joints[j].name or f"joint {j + 1}"
        raise PlanError(
            f"{arm.name}: the {what} is outside the limits: {name} at {q[0, j]:.4g}, limits {low[j]:.4g} to {high[j]:.4g}"
        )


def _why(arm: Arm, q: Floats, scene: Scene, held: Sequence[Capsule]) -> str:
    contact = scene.what(arm, q, held)
    if contact is None:
        return "nothing is near"
    if contact.distance <= 0.0:
        return f"{contact.words} overlap by {-1e3 * contact.distance:.1f} mm"
    return f"{contact.words} are {1e3 * contact.distance:.1f} mm apart, less than the margin"
