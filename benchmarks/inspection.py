"""Inspection: how long a picture takes, and how far good caps and the faintest flaws lie apart.

    python -m benchmarks.inspection [--pictures 200] [--seed 100]

Prints ms a picture for making and for each tool (one thread, median and p99), the verdicts on good caps and
on caps with the smallest, faintest flaws, and the distribution of their scores, where 1 is the limit.
"""

from __future__ import annotations

import argparse
import dataclasses
from collections import Counter
from pathlib import Path

import numpy as np

from robocell import load_recipe
from robocell.clock import wall_seconds
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.verdict import Verdict
from robocell.world.faces import draw_face
from robocell.world.specimens import Specimen, Studio

RECIPE = Path(__file__).parent.parent / "cells" / "recipes" / "cap-top.yaml"


def campaign(recipe: PreparedRecipe, count: int, seed: int, defective: bool) -> list[tuple[Specimen, Verdict]]:
    """Inspect drawn caps; defects are 0.5 to 1 mm² and 12 to 16 grey levels, pictures are not kept."""
    studio = Studio(draw_face("machined-cap", 60e-3), seed)
    pictures = studio.specimens(
        count, defective=defective, kinds=["scratch", "stain"], area=(0.5e-6, 1e-6), contrast=(12, 16)
    )
    done = []
    for specimen in pictures:
        unseen = dataclasses.replace(specimen.frame, image=np.zeros((0, 0), np.uint8))
        done.append((dataclasses.replace(specimen, frame=unseen), inspect(recipe, specimen.frame)))
    return done


def report(name: str, done: list[tuple[Specimen, Verdict]]) -> None:
    scores = np.array([v.measurements.get("golden.score", np.nan) for _, v in done])
    apart = np.array([np.hypot(v.pose.x - s.xy[0], v.pose.y - s.xy[1]) for s, v in done if v.pose])
    print(f"{name}: {dict(sorted(Counter(v.status for _, v in done).items()))}")
    print("  score  " + "  ".join(f"p{q:g} {np.nanpercentile(scores, q):.3f}" for q in (0, 0.1, 1, 50, 99, 99.9, 100)))
    print(f"  centre error  rms {np.sqrt(np.mean(apart**2)) * 1e6:.1f} µm, greatest {apart.max() * 1e6:.1f} µm")
    for specimen, verdict in done:
        wrong = verdict.passed if specimen.defects else not verdict.passed
        if wrong:
            print(f"  WRONG: {verdict.status} {verdict.reasons} {specimen.defects}")
    for tool in ("check", "locate", "golden"):
        ms = np.array([v.ms[tool] for _, v in done if tool in v.ms])
        print(f"  {tool:7s} {np.median(ms):6.2f} ms median, {np.percentile(ms, 99):6.2f} ms p99")
    total = np.array([sum(v.ms.values()) for _, v in done])
    print(f"  {'all':7s} {np.median(total):6.2f} ms median, {np.percentile(total, 99):6.2f} ms p99")


def picture_time(seed: int) -> None:
    studio = Studio(draw_face("machined-cap", 60e-3), seed)
    for neighbours in (False, True):
        took = []
        for _ in range(30):
            start = wall_seconds()
            studio.take(neighbours=neighbours)
            took.append((wall_seconds() - start) * 1e3)
        print(f"making a picture, {3 if neighbours else 1} caps: {np.median(took):.1f} ms median")


def main() -> None:
    import cv2

    cv2.setNumThreads(1)
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=200)
    parser.add_argument("--seed", type=int, default=100)
    given = parser.parse_args()
    recipe = load_recipe(RECIPE)
    picture_time(given.seed)
    report("good caps", campaign(recipe, given.pictures, given.seed, defective=False))
    report("faintest flaws", campaign(recipe, given.pictures, given.seed + 1, defective=True))


if __name__ == "__main__":
    main()
