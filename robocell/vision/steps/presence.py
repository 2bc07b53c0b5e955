"""The step `presence`: is a region as bright and as structured as where something is there?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robocell.errors import VisionError
from robocell.model.recipe import PresenceStep
from robocell.vision.steps.base import Findings, Learnt, Lesson, Setting, StepTool
from robocell.vision.steps.regions import Cut, cut
from robocell.vision.view import View

_SPREAD = 6.0  # standard deviations of good parts that a figure may be off
_FLOOR = 4.0  # grey levels that it always may
_ENOUGH = 12  # pictures from which on a spread is known to a fifth


class PresenceTool(StepTool[PresenceStep]):
    """Judges mean and contrast of a region."""

    fewest = 3

    def prepare(self, learnt: Learnt) -> None:
        """Take the limits, given or learnt."""
        tool = self.step.presence
        if tool.learns:
            if "limits" not in learnt:
                raise VisionError(f"the step '{self.step.name}' has not learnt its limits: teach the recipe first")
            (a, b), (c, d) = (tuple(float(n) for n in row) for row in learnt["limits"])
            self.mean, self.contrast = (a, b), (c, d)
            return
        everything = (-np.inf, np.inf)
        self.mean = everything if tool.mean is None else tool.mean.bounds
        self.contrast = everything if tool.contrast is None else tool.contrast.bounds

    def run(self, view: View, out: Findings) -> None:
        """Measure and judge."""
        region = cut(self.step.presence.region, view, self.place(view))
        mean, contrast = _figures(region)
        out.measure("mean", mean, "grey")
        out.measure("contrast", contrast, "grey")
        good = [out.judge("mean", mean, self.mean, "grey"), out.judge("contrast", contrast, self.contrast, "grey")]
        out.mark(region.corners, closed=True, bad=not all(good), label=self.step.name)

    @classmethod
    def learn(cls, step: PresenceStep, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Learn both figures' limits."""
        rows = np.array([_figures(cut(step.presence.region, view, view.place(setting.frame))) for view in views])
        middle, spread = rows.mean(axis=0), rows.std(axis=0, ddof=1) if len(rows) > 1 else np.zeros(2)
        half = _FLOOR + _SPREAD * spread
        limits = np.stack([middle - half, middle + half], axis=1)
        return Lesson({"limits": limits}, max(_ENOUGH - len(rows), 0), "how much brightness varies there")


def _figures(region: Cut) -> tuple[float, float]:
    pixels = region.inside.astype(np.float64)
    return float(pixels.mean()), float(pixels.std())
