"""Planning on MotionBenchMaker's problems for a UR5 in 40 spheres, shortcut included; the data is not part of the project.

VAMP, the peer, is not on PyPI; its figures of another machine are in the row's note.
"""

from __future__ import annotations

import importlib
import time
from typing import Any

import numpy as np

from benchmarks.motion.ours import part
from benchmarks.table import Aim, Contest, NotYet, Row
from robocell.errors import RobocellError
from robocell.motion.rigid import Floats

TITLE = "planning, UR5 in 40 spheres, MotionBenchMaker, shortcut included"
LONGEST = 1.0  # s
FINE = 0.005  # rad at which paths are looked at once more
VAMP = "VAMP, planned and simplified, on another machine: median 295 µs, mean 460 µs, 95 % 1.23 ms"


def given() -> tuple[Any, list[Any]]:
    """Return the arm and the problems.

    Raises:
        NotYet: their data is absent.

    """
    import pytest

    try:
        source = importlib.import_module("tests.motion.planning_problems")
        return source.ur5(), source.problems()
    except (ModuleNotFoundError, pytest.skip.Exception) as error:
        raise NotYet(f"the planning problems ({error})") from error


def between(path: Floats, step: float) -> Floats:
    """Return configurations along way-points (M, n), a step (rad) apart at most."""
    parts = [path[:1]]
    for begin, end in zip(path, path[1:], strict=False):
        count = max(int(np.ceil(np.linalg.norm(end - begin) / step)), 1)
        parts.append(begin + (end - begin) * (np.arange(1, count + 1) / count)[:, None])
    return np.concatenate(parts)


def all_problems() -> list[Row]:
    """Plan each problem once, after one that compiles; a problem whose start or goal collides does not count."""
    plan, step, scene_of = part("plan", "plan"), part("plan", "STEP"), part("scene", "Scene")
    arm, problems = given()
    taken: list[float] = []
    failed = touching = finely = 0
    warm = True
    for problem in problems:
        scene = scene_of(problem.obstacles)
        ends = np.stack([problem.start, problem.goal])
        if scene.collides(arm, ends).any():
            continue
        if warm:
            plan(arm, problem.start, problem.goal, scene, seed=0)
            warm = False
        begin = time.process_time()
        try:
            path = plan(arm, problem.start, problem.goal, scene, seed=0)
        except RobocellError:
            failed += 1
            continue
        taken.append(time.process_time() - begin)
        touching += bool(scene.collides(arm, between(path, step)).any())
        finely += bool(scene.collides(arm, between(path, FINE)).any())
    count = len(taken) + failed
    note = f"{count} of {len(problems)} problems have clear ends; {finely} paths touch when looked at every {FINE} rad"
    middle, late = float(np.median(taken)), float(np.quantile(taken, 0.95))
    in_time = sum(t < LONGEST for t in taken) / count
    looked = f"{TITLE}: paths that touch when looked at anew every {step} rad, as is stated"
    return [
        Row(looked, touching / count, aim=Aim("most", 0.0), unit="share"),
        Row(f"{TITLE}: solved within {LONGEST:g} s", in_time, aim=Aim("least", 0.99), unit="share", note=note),
        Row(f"{TITLE}: median time", middle, aim=Aim("most", 1e-3), note=VAMP),
        Row(f"{TITLE}: mean time", float(np.mean(taken))),
        Row(f"{TITLE}: 95 % are quicker than", late),
    ]


CONTESTS = [Contest(TITLE, "", all_problems)]
