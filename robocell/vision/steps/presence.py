"""The step `presence`: is a region as bright, as uneven and as full of edges as where something is there?"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from robocell.errors import VisionError
from robocell.model.recipe import PresenceStep
from robocell.model.recipe_limits import GreyLimits, ShareLimits
from robocell.vision.steps.base import Findings, Learnt, Lesson, Setting, StepTool
from robocell.vision.steps.regions import Cut, cut
from robocell.vision.tools.presence import Content, Limits, presence
from robocell.vision.verdict import Unit
from robocell.vision.view import View

_ENOUGH = 12  # pictures from which on a spread is known to a fifth
_FIGURES: tuple[tuple[str, Unit], ...] = (("brightness", "grey"), ("contrast", "grey"), ("edges", ""))


class PresenceTool(StepTool[PresenceStep]):
    """Judges what a region shows."""

    fewest = 3

    def prepare(self, learnt: Learnt) -> None:
        """Take the limits, given or learnt."""
        tool = self.step.presence
        if tool.learns:
            if "limits" not in learnt:
                raise VisionError(f"the step '{self.step.name}' has not learnt its limits: teach the recipe first")
            rows = [(float(low), float(high)) for low, high in learnt["limits"]]
            self.limits = Limits(*rows)
            return
        self.limits = Limits(_bounds(tool.brightness), _bounds(tool.contrast), _bounds(tool.edges))

    def run(self, view: View, out: Findings) -> None:
        """Measure and judge."""
        region = cut(self.step.presence.region, view, self.place(view))
        content, good = _content(region), True
        for name, unit in _FIGURES:
            value, allowed = getattr(content, name), getattr(self.limits, name)
            out.measure(name, value, unit)
            if allowed is not None:
                good = out.judge(name, value, allowed, unit) and good
        out.mark(region.corners, closed=True, bad=not good, label=self.step.name)

    @classmethod
    def learn(cls, step: PresenceStep, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Learn the limits of all figures."""
        contents = [_content(cut(step.presence.region, view, view.place(setting.frame))) for view in views]
        limits = np.array(dataclasses.astuple(Limits.learn(contents)))
        return Lesson({"limits": limits}, max(_ENOUGH - len(views), 0), "how much what is there varies")


def _bounds(limits: GreyLimits | ShareLimits | None) -> tuple[float, float] | None:
    return None if limits is None else limits.bounds


def _content(region: Cut) -> Content:
    rows, columns = region.pixels.shape
    return presence(region.pixels, (0, 0, columns, rows), region.mask)
