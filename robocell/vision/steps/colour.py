"""The step `colour`: how far is a region's colour from the right one, as people see it (CIEDE2000)?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robocell.errors import VisionError
from robocell.model.recipe import ColourStep
from robocell.vision.frame import Array
from robocell.vision.steps.base import Findings, Learnt, Lesson, Setting, StepTool
from robocell.vision.steps.regions import cut
from robocell.vision.tools.colour import Lab, colour, delta_e
from robocell.vision.view import Place, UnjudgeableError, View

_SPREAD = 6.0  # standard deviations of good parts that a colour may be off
_FLOOR = 3.0  # ΔE that it always may: what people just notice beside each other
_ENOUGH = 12  # pictures from which on a spread is known to a fifth


class ColourTool(StepTool[ColourStep]):
    """Judges a region's mean colour."""

    fewest = 3

    def prepare(self, learnt: Learnt) -> None:
        """Take the right colour, given or learnt."""
        tool = self.step.colour
        if not tool.learns:
            assert tool.like is not None
            self.like, self.tolerance = tool.like, float(tool.tolerance or 0.0)
            return
        if "like" not in learnt:
            raise VisionError(f"the step '{self.step.name}' has not learnt its colour: teach the recipe first")
        self.like = _lab(learnt["like"])
        self.tolerance = float(learnt["tolerance"]) if tool.tolerance is None else tool.tolerance

    def run(self, view: View, out: Findings) -> None:
        """Measure and judge."""
        mean, corners = _mean(self.step, view, self.place(view))
        difference = delta_e(mean, self.like)
        out.measure("difference", difference)
        for name, value in zip("Lab", mean, strict=True):
            out.measure(name, value)
        good = out.judge("difference", difference, (0.0, self.tolerance))
        out.mark(corners, closed=True, bad=not good, label=self.step.name)

    @classmethod
    def learn(cls, step: ColourStep, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Learn the mean colour and how much good parts differ from it."""
        rows, refused = [], {}
        for index, view in enumerate(views):
            try:
                rows.append(_mean(step, view, view.place(setting.frame))[0])
            except UnjudgeableError as reason:
                refused[index] = str(reason)
        if not rows:
            return Lesson({}, refused=refused)
        like = _lab(np.mean(rows, axis=0))
        apart = [delta_e(row, like) for row in rows]
        tolerance = _FLOOR + _SPREAD * float(np.sqrt(np.mean(np.square(apart))))
        wants = max(_ENOUGH - len(rows), 0)
        return Lesson(
            {"like": np.array(like), "tolerance": np.array(tolerance)}, wants, "how much the colour varies", refused
        )


def _mean(step: ColourStep, view: View, place: Place) -> tuple[Lab, Array]:
    region = cut(step.colour.region, view, place, colour=True)
    inside = np.ascontiguousarray(region.inside.reshape(1, -1, 3))
    found = colour(inside, (0, 0, inside.shape[1], 1))
    if found.reason:
        raise UnjudgeableError(found.reason)
    return found.lab, region.corners


def _lab(numbers: Array) -> Lab:
    lightness, a, b = (float(n) for n in numbers)
    return lightness, a, b
