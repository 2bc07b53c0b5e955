"""The step `golden`: the region against what good parts look like."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.model.recipe import GoldenStep
from robocell.model.recipe_region import DiscRegion
from robocell.model.recipe_tools import Golden
from robocell.vision.frame import Array
from robocell.vision.steps.base import Findings, Learnt, Lesson, Setting, StepTool
from robocell.vision.steps.locate import LEAST_AGREEMENT
from robocell.vision.steps.regions import frame_of_region
from robocell.vision.tools.golden import Defects, VariationModel
from robocell.vision.verdict import Flaw, Located
from robocell.vision.view import Place, UnjudgeableError, View

_GAIN = (0.6, 1.5)  # brightness relative to the pictures taught, within which the bands hold
_COVERED = "something covers the part and a stretch of its rim"
_LEAST_SIDE = 16  # pixels of a learnt model
_MARGIN = 4  # pixels of a learnt model around what is compared


class GoldenTool(StepTool[GoldenStep]):
    """Compares with a variation model."""

    fewest = 5

    def prepare(self, learnt: Learnt) -> None:
        """Take the learnt model."""
        if not learnt:
            raise VisionError(f"the step '{self.step.name}' has not learnt what good parts look like: teach the recipe")
        self.model = VariationModel.from_arrays(learnt)
        self.tool: Golden = self.step.golden

    def run(self, view: View, out: Findings) -> None:
        """Compare, and list what differs."""
        place = self.place(view)
        if place.agreement < LEAST_AGREEMENT:
            if len(place.hidden):
                raise UnjudgeableError(_COVERED, True)
            out.fail(f"the face is not this part's: its pattern agrees by {place.agreement:.0%}")
            return
        found = self.model.compare(view.grey, placement(self.tool, self.model.mean.shape, view, place))
        if not _GAIN[0] <= found.gain <= _GAIN[1]:
            raise UnjudgeableError(
                f"the part is {found.gain:.0%} as bright as when the recipe was taught: check the light", True
            )
        if found.overflow:
            raise UnjudgeableError(found.reason)
        flaws = _flaws(found, self.tool, view)
        out.flaws += flaws
        if _covered(flaws, place, self.tool, view):
            raise UnjudgeableError(_COVERED, True)
        out.measure("score", found.worst)
        out.measure("flaws", len(flaws))
        _tell_turn(found, self.tool, out)
        if self.tool.region is not None:
            own, width, height = frame_of_region(self.tool.region, view.scale, place)
            half = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
            out.mark(own.to_picture(half), closed=True, bad=bool(flaws), label=self.step.name)
        if flaws:
            largest = max(flaws, key=lambda flaw: flaw.area)
            size = f"{largest.area * 1e6:.2f} mm²" if largest.unit == "m2" else f"{largest.area:.0f} px"
            out.fail(
                f"{len(flaws)} flaw{'s' if len(flaws) > 1 else ''}, the largest {size} and "
                f"{abs(largest.contrast):.0f} grey levels {'darker' if largest.contrast < 0 else 'brighter'}"
            )

    @classmethod
    def learn(cls, step: GoldenStep, setting: Setting, views: Sequence[View], first_yaw: float) -> Lesson:
        """Learn the mean good picture and its band."""
        tool = step.golden
        mask = _mask(tool)
        places = [placement(tool, mask.shape, view, view.place(setting.frame)) for view in views]
        least = 5 if tool.area is None else _model_pixels(tool, views[0])
        model = VariationModel.learn(
            [view.grey for view in views],
            mask,
            placements=places,
            shape=(mask.shape[0], mask.shape[1]),
            contrast=tool.contrast,
            spread=tool.spread,
            least_area=least,
        )
        wants = model.wants_more
        return Lesson(model.to_arrays(), wants, "how much good parts differ")


def placement(tool: Golden, shape: tuple[int, ...], view: View, place: Place) -> Array:
    """Return (2, 3): pixel of the model to pixel of the picture, for a region in a frame."""
    own = place
    if tool.region is not None:
        own, _, _ = frame_of_region(tool.region, view.scale, place)
    scale = tool.pixel.seen(view.scale)
    c, s = scale * math.cos(own.angle), scale * math.sin(own.angle)
    mx, my = (shape[1] - 1) / 2, (shape[0] - 1) / 2
    return np.array([[c, -s, own.x - c * mx + s * my], [s, c, own.y - s * mx - c * my]])


def _mask(tool: Golden) -> NDArray[np.bool_]:
    """Return what the learnt model compares: whole blocks of eight pixels and a margin."""
    width, height = (side.value / tool.pixel.value for side in tool.sides)
    columns, rows = (max(8 * math.ceil((n + _MARGIN) / 8), _LEAST_SIDE) for n in (width, height))
    j, i = np.meshgrid(np.arange(columns) - (columns - 1) / 2, np.arange(rows) - (rows - 1) / 2)
    if tool.inside is not None or isinstance(tool.region, DiscRegion):
        return np.asarray(np.hypot(j, i) <= width / 2, bool)
    return np.asarray((np.abs(j) <= width / 2) & (np.abs(i) <= height / 2), bool)


def _model_pixels(tool: Golden, view: View) -> int:
    """Return how many pixels of the model the least area has."""
    assert tool.area is not None
    if tool.area.pixels == tool.pixel.pixels:
        return max(math.ceil(tool.area.value / tool.pixel.value**2), 1)
    return max(math.ceil(tool.area.seen(view.scale) / tool.pixel.seen(view.scale) ** 2), 1)


def _flaws(found: Defects, tool: Golden, view: View) -> list[Flaw]:
    metric = view.scale is not None
    a_pixel = tool.pixel.seen(view.scale) ** 2 * (view.scale**2 if view.scale is not None else 1.0)
    rows = zip(found.boxes, found.area, found.contrast, found.score, strict=True)
    return [
        Flaw(
            (int(b[0]), int(b[1]), int(b[2]), int(b[3])), float(a) * a_pixel, float(c), float(s),
            unit="m2" if metric else "px2",
        )
        for b, a, c, s in rows
    ]  # fmt: skip


def _covered(flaws: Sequence[Flaw], place: Place, tool: Golden, view: View) -> bool:
    """Whether a flaw runs out over the rim where that is hidden: then something lies on the part."""
    if tool.inside is None or not flaws or not len(place.hidden):
        return False
    reach = min(tool.inside.seen(view.scale) / 2, place.radius) - 2
    edge = np.array([place.x, place.y]) + reach * place.hidden
    boxes = np.array([flaw.box for flaw in flaws], float).reshape(-1, 4)
    low, high = boxes[:, None, :2] - 2, boxes[:, None, 2:] + 2
    return bool(np.any(np.all((edge >= low) & (edge <= high), axis=2)))


def _tell_turn(found: Defects, tool: Golden, out: Findings) -> None:
    """Tell the located part's turn more finely: the whole face was laid upon the learnt one."""
    if tool.inside is None or out.pose is None or out.pose.yaw is None:
        return
    turned = math.atan2(found.placement[1, 0], found.placement[0, 0])
    out.pose = Located(out.pose.x, out.pose.y, turned, out.pose.diameter)
