"""What choosing saves: the cycle of the shipped cells by how an arm chooses its ways.

    python -m benchmarks.choice [--parts 60] [--json]

Parts come faster than the cell can take them, so that the arms are what limits it. Three choices, in the kinematic world:
the branch nearest to where the arm stands, the tool not turned about the grasp, a stop at every corner (what a script
with `ik(near=...)` does); the fastest of all branches, whole turns and turns about the grasp, with the next stop in mind,
still with stops; and the same passing by the corners, which is what robocell does.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from robocell.assembly import RunOptions, simulate
from robocell.config.prepare import prepare
from robocell.control import moves
from robocell.errors import Unreachable
from robocell.model.scene import Operator, Scene, Spread, Supply
from robocell.motion import Arm, Choice, JointMove, LinearMove, Segment, line, point_to_point
from robocell.motion.rigid import Floats
from robocell.motion.surroundings import Surroundings, between

CELLS = Path(__file__).parent.parent / "cells"


def nearest(
    arm: Arm,
    q0: Sequence[float],
    approach: Floats,
    target: Floats,
    via: Sequence[Floats] = (),
    surroundings: Surroundings | None = None,
    onward: Sequence[Floats] = (),
) -> Choice:
    """Choose the nearest branch that is free, the first turn about the grasp before the others."""
    around = surroundings or Surroundings()
    corners: list[Floats] = []
    at = np.asarray(q0, dtype=np.float64)
    for pose in via:
        at = arm.ik(pose, near=at).q[0]
        corners.append(at)
    for m in range(len(target)):
        found = arm.ik(approach[m], near=at)
        for q in found.q[found.valid]:
            way = [np.asarray(q0, dtype=np.float64), *corners, q]
            try:
                down = line(arm, approach[m], target[m], q)
            except Unreachable:
                continue
            if around and not around.clear(arm, between(way)).all():
                continue
            segments: list[Segment] = [JointMove(tuple(c.tolist())) for c in way[1:]]
            segments.append(LinearMove.to(target[m]))
            took = sum(point_to_point(a, b, arm.limits).duration for a, b in zip(way, way[1:], strict=False))
            return Choice(m, q, down.end, took + down.duration, tuple(segments))
    raise Unreachable(f"{arm.name}: no branch is free")


@contextmanager
def choosing(how: str) -> Iterator[None]:
    """Let the controller choose otherwise for a while."""
    kept: dict[str, Any] = {name: vars(moves)[name] for name in ("best_approach", "BLENDS")}
    if how != "as robocell does":
        vars(moves)["BLENDS"] = ()
    if how == "nearest branch, stops":
        vars(moves)["best_approach"] = nearest
    try:
        yield
    finally:
        vars(moves).update(kept)


def cycle(cell: str, parts: int) -> float:
    """Return the mean time between finished parts in Execute, s."""
    prepared = prepare(CELLS / f"{cell}.yaml")
    assert prepared.scene is not None
    supply = {
        belt: Supply(product=fed.product, every=Spread(mean=1.0), first=0.0)
        for belt, fed in prepared.scene.supply.items()
    }
    scene = Scene(supply=supply, operator=Operator(start=0.1), drain=prepared.scene.drain)
    result = simulate(prepared, RunOptions(parts=parts, world="kinematic", scene=scene)).result
    median = result.cycle_time_s.p50
    assert result.ended == "complete"
    assert median is not None
    return median


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parts", type=int, default=60)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    for cell in ("cap-sorting", "tended-machine"):
        for how in ("nearest branch, stops", "fastest branch, stops", "as robocell does"):
            with choosing(how):
                rows.setdefault(cell, {})[how] = cycle(cell, asked.parts)
    if asked.json:
        print(json.dumps(rows, indent=1))
        return
    for cell, times in rows.items():
        first = next(iter(times.values()))
        for how, seconds in times.items():
            print(f"{cell:16} {how:24} {seconds:7.3f} s  {100.0 * (seconds / first - 1.0):+6.1f} %")


if __name__ == "__main__":
    main()
