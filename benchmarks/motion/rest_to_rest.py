"""Jerk-limited moves of six axes from rest to rest, against Ruckig."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.motion.inputs import BATCH, UR, arm_of, joints
from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race
from robocell.motion import Limits, point_to_point
from robocell.motion.rigid import Floats

TITLE = f"move from rest to rest, 6 axes ({UR}'s limits), batch of {BATCH}"


def given(limits: Limits) -> Any:
    """Return Ruckig's input with these limits, at rest at both ends."""
    import ruckig

    out = ruckig.InputParameter(len(limits.velocity))
    out.max_velocity = limits.velocity.tolist()
    out.max_acceleration = limits.acceleration.tolist()
    out.max_jerk = limits.jerk.tolist()
    return out


def durations(limits: Limits, start: Floats, end: Floats) -> Floats:
    """Return Ruckig's durations (N,) of moves from start to end (N, n), seconds."""
    import ruckig

    n = len(limits.velocity)
    ask, otg, answer = given(limits), ruckig.Ruckig(n), ruckig.Trajectory(n)
    out = np.empty(len(start))
    for i, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        ask.current_position, ask.target_position = a, b
        if otg.calculate(ask, answer) not in (ruckig.Result.Working, ruckig.Result.Finished):
            raise RuntimeError(f"Ruckig refuses the move from {a} to {b}")
        out[i] = answer.duration
    return out


def ruckig_calls() -> list[Row]:
    """Ruckig's inputs are made before; its output, a trajectory object, is used again."""
    import ruckig

    limits = arm_of(UR).limits
    start, end = joints(arm_of(UR), seed=2), joints(arm_of(UR), seed=3)
    ours_s = point_to_point(start, end, limits).duration
    agree(float(np.abs(ours_s / durations(limits, start, end) - 1.0).max()), 1e-9, "durations (relative)")
    asked = []
    for a, b in zip(start.tolist(), end.tolist(), strict=True):
        asked.append(given(limits))
        asked[-1].current_position, asked[-1].target_position = a, b
    otg, answer = ruckig.Ruckig(6), ruckig.Trajectory(6)

    def peer() -> None:
        for ask in asked:
            otg.calculate(ask, answer)

    ours, theirs = race([lambda: point_to_point(start, end, limits), peer])
    name = called("ruckig", "calculate, inputs prepared, a call a move")
    return [Row(TITLE, ours / BATCH, name, theirs / BATCH, Aim("ratio", 40.0))]


def sampled() -> list[Row]:
    """Ours waits with what only sampling needs; so the two together are shown as well."""
    limits = arm_of(UR).limits
    start, end = joints(arm_of(UR), seed=2), joints(arm_of(UR), seed=3)
    t = np.array([0.1])
    (both,) = race([lambda: point_to_point(start, end, limits).sample(t)])
    return [Row(f"{TITLE}, and sampled once", both / BATCH)]


CONTESTS = [Contest(TITLE, "ruckig", ruckig_calls), Contest(f"{TITLE}, and sampled once", "", sampled)]
