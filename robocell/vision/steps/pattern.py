"""The step `locate` with a pattern: what a good picture showed in a box is the frame of later steps."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robocell.errors import VisionError
from robocell.model.recipe import LocateStep
from robocell.model.recipe_locate import LocatePattern
from robocell.vision.steps.base import Findings, Learnt, Lesson, Setting, StepTool
from robocell.vision.steps.locate import tell_pose
from robocell.vision.steps.regions import box_corners
from robocell.vision.tools.pattern import Pattern
from robocell.vision.view import Place, UnjudgeableError, View


class PatternLocator(StepTool[LocateStep]):
    """Finds what a good picture showed in a box."""

    def prepare(self, learnt: Learnt) -> None:
        """Take the learnt pattern."""
        assert isinstance(self.step.locate, LocatePattern)
        self.tool: LocatePattern = self.step.locate
        if "pattern" not in learnt:
            raise VisionError(f"the step '{self.step.name}' has not learnt its pattern: teach the recipe first")
        self.pattern = Pattern.from_bytes(learnt["pattern"].tobytes())

    def run(self, view: View, out: Findings) -> None:
        """Find the pattern."""
        region = None
        if self.tool.search is not None:
            region = _box(self.tool.search.box, view, self.place(view))
        match = self.pattern.find(view.grey, angle=self.tool.angle, region=region, least=self.tool.least)
        if match is None:
            raise UnjudgeableError("the pattern is not in view")
        if match.ambiguous:
            raise UnjudgeableError(
                "the pattern is in view twice: narrow 'search', or choose a pattern that is there once"
            )
        place = Place(match.x, match.y, match.angle, agreement=match.score)
        view.places[self.step.name] = place
        out.measure("score", match.score)
        out.measure("angle", match.angle, "rad")
        tell_pose(view, place, out)
        out.mark([(match.x, match.y)], label=self.step.name)

    @classmethod
    def learn(cls, step: LocateStep, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Cut the pattern out of the first picture."""
        tool = step.locate
        assert isinstance(tool, LocatePattern)
        box = _box(tool.pattern.box, views[0], views[0].place(setting.frame))
        pattern = Pattern.learn(views[0].grey, box)
        return Lesson({"pattern": np.frombuffer(pattern.to_bytes(), np.uint8)})


def _box(box: tuple[object, ...], view: View, place: Place) -> tuple[int, int, int, int]:
    """Return (x, y, width, height) whole pixels of the upright box around a box in a frame, within the picture."""
    corners = box_corners(box, view.scale, place)
    low = np.maximum(np.rint(corners.min(axis=0)).astype(int), 0)
    high = np.minimum(np.rint(corners.max(axis=0)).astype(int), [view.grey.shape[1], view.grey.shape[0]])
    width, height = (int(n) for n in high - low)
    if min(width, height) < 1:
        raise UnjudgeableError("the region is outside the picture")
    return int(low[0]), int(low[1]), width, height
