"""The step `blob`: connected areas of some brightness, counted."""

from __future__ import annotations

import numpy as np

from robocell.model.recipe import BlobStep
from robocell.vision.frame import U8
from robocell.vision.steps.base import Findings, StepTool
from robocell.vision.steps.regions import Cut, cut
from robocell.vision.tools.blobs import find_blobs
from robocell.vision.view import UnjudgeableError, View

_MOST_DRAWN = 50


class BlobTool(StepTool[BlobStep]):
    """Counts blobs."""

    def run(self, view: View, out: Findings) -> None:
        """Find, filter by area, count."""
        tool = self.step.blob
        region = cut(tool.region, view, self.place(view))
        low, high = tool.levels
        least, most = 1.0, float(region.pixels.size)
        if tool.area is not None and tool.area.min is not None:
            least = max(tool.area.min.seen(view.scale), 1.0)
        if tool.area is not None and tool.area.max is not None:
            most = tool.area.max.seen(view.scale)
        pixels = _masked(region, low, high)
        found = find_blobs(pixels, low, high, int(np.ceil(least)), max(int(np.floor(most)), 0))
        if found.overflow:
            raise UnjudgeableError("there are more blobs than can be counted: check the threshold")
        count, scale = len(found.area), view.scale
        out.measure("count", count)
        if count:
            largest = float(np.max(found.area))
            out.measure("largest", largest if scale is None else largest * scale**2, "px2" if scale is None else "m2")
        wrong = tool.count.judge(count)
        for x1, y1, x2, y2 in region.boxes(found.boxes[:_MOST_DRAWN]):
            out.mark([(x1, y1), (x2, y1), (x2, y2), (x1, y2)], closed=True, bad=bool(wrong))
        out.mark(region.corners, closed=True, bad=bool(wrong), label=self.step.name)
        if wrong:
            out.fail(f"count {wrong}")


def _masked(region: Cut, low: int, high: int) -> U8:
    """Return the cut-out with a level that is no blob's where the region is not."""
    if region.mask is None:
        return region.pixels
    return np.where(region.mask, region.pixels, np.uint8(low - 1 if low > 0 else high + 1)).astype(np.uint8)
