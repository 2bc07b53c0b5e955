"""The cap-sorting cell's own inspection: how long a picture takes, and how far good caps and the faintest flaws lie apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from benchmarks.table import Aim, Contest, Row
from benchmarks.timing import race_over
from robocell import load_recipe
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.vision.verdict import Verdict
from robocell.world.faces import draw_face
from robocell.world.specimens import Specimen, Studio

RECIPE = Path(__file__).parents[2] / "cells" / "recipes" / "cap-top.yaml"
PICTURES = 40
FAINT = "scratches and stains of 0.5 to 1 mm², 12 to 16 grey levels"


def specimens(seed: int, defective: bool) -> list[Specimen]:
    """Return pictures of caps, good ones or with one of the faintest flaws that the cell promises to find."""
    studio = Studio(draw_face("machined-cap", 60e-3), seed)
    return list(
        studio.specimens(
            PICTURES, defective=defective, kinds=["scratch", "stain"], area=(0.5e-6, 1e-6), contrast=(12, 16)
        )
    )


def scores(verdicts: list[Verdict]) -> np.ndarray:
    return np.array([verdict.measurements.get("golden.score", np.nan) for verdict in verdicts])


def judged(recipe: PreparedRecipe, defective: bool) -> list[Row]:
    """Verdicts on drawn caps, with their scores, where 1 is the limit, and how far off their centres are found."""
    drawn = specimens(101 if defective else 100, defective)
    verdicts: list[Verdict] = []
    (timing,) = race_over([lambda s: verdicts.append(inspect(recipe, s.frame))], drawn, rounds=1)
    verdicts = verdicts[1:]  # the first call is race_over's own
    wrong = sum(verdict.status != ("failed" if defective else "passed") for verdict in verdicts)
    found = scores(verdicts)
    edge = f"least score {np.nanmin(found):.2f}" if defective else f"greatest score {np.nanmax(found):.2f}"
    apart = [
        np.hypot(v.pose.x - s.xy[0], v.pose.y - s.xy[1]) for v, s in zip(verdicts, drawn, strict=True) if v.pose
    ]  # fmt: skip
    centre = f"centres {np.sqrt(np.mean(np.square(apart))) * 1e6:.1f} µm rms off"
    what = f"caps with {FAINT}" if defective else "good caps"
    verdict_row = Row(
        f"{PICTURES} {what}: judged wrongly", wrong, aim=Aim("most", 0), unit="count", note=f"{edge}, 1 is the limit; {centre}"
    )  # fmt: skip
    return [verdict_row, Row(f"{what}: a picture of 5 MP, whole recipe", timing.median, tail=timing.tail)]


CONTESTS = [
    Contest("good caps", "", lambda: judged(load_recipe(RECIPE), False)),
    Contest(f"caps with {FAINT}", "", lambda: judged(load_recipe(RECIPE), True)),
]
