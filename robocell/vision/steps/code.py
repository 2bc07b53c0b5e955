"""The step `code`: what does a code say, and may it?"""

from __future__ import annotations

import re
from importlib.util import find_spec

import numpy as np

from robocell.errors import SetupError
from robocell.model.recipe import CodeStep
from robocell.vision.steps.base import Findings, Learnt, StepTool
from robocell.vision.steps.regions import frame_of_region
from robocell.vision.tools.codes import read_codes
from robocell.vision.view import UnjudgeableError, View

_SHOWN = 40  # characters of a text in a reason


class CodeTool(StepTool[CodeStep]):
    """Reads codes."""

    def prepare(self, learnt: Learnt) -> None:
        """Compile the text pattern, and refuse where codes cannot be read at all."""
        if find_spec("zxingcpp") is None:
            raise SetupError("reading codes needs zxing-cpp, which is not installed", "install robocell[vision]")
        tool = self.step.code
        self.wanted = None if tool.text is None else re.compile(tool.text)

    def run(self, view: View, out: Findings) -> None:
        """Read, count, match. A code that cannot be read says nothing of the part: the picture may be at fault."""
        tool = self.step.code
        left, top, right, bottom = self._window(view)
        found = read_codes(np.ascontiguousarray(view.grey[top:bottom, left:right]), tool.kinds)
        found = tuple(sorted(found, key=lambda code: (code.corners[0][1], code.corners[0][0])))
        out.measure("count", len(found))
        name = tool.result or self.step.name
        for number, code in enumerate(found):
            out.texts[name if number == 0 else f"{name}.{number + 1}"] = code.text
        wrong = [code for code in found if self.wanted is not None and not self.wanted.fullmatch(code.text)]
        for code in found:
            out.mark(np.asarray(code.corners) + [left, top], closed=True, bad=code in wrong, label=code.text[:_SHOWN])
        for code in wrong:
            out.fail(f"text '{_plain(code.text)}' does not match {tool.text}")
        if wrong:
            return
        if not found:
            raise UnjudgeableError(f"no {' or '.join(tool.kinds)} could be read")
        if len(found) != tool.count:
            raise UnjudgeableError(f"{len(found)} codes instead of {tool.count}")
        view.ids[self.step.name] = self._id(found[0].text)

    def _id(self, text: str) -> str:
        """Return what tells parts apart in a text: the group `id` of the pattern, or all of it."""
        match = None if self.wanted is None else self.wanted.fullmatch(text)
        return match["id"] if match is not None and "id" in match.re.groupindex else text

    def _window(self, view: View) -> tuple[int, int, int, int]:
        """Return the upright window around the region: left, top, right, bottom."""
        rows, columns = view.grey.shape
        region = self.step.code.region
        if region is None:
            return 0, 0, columns, rows
        own, width, height = frame_of_region(region, view.scale, self.place(view))
        half = np.array([[-width, -height], [width, -height], [width, height], [-width, height]]) / 2
        corners = own.to_picture(half)
        low = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
        high = np.minimum(np.ceil(corners.max(axis=0)).astype(int) + 1, [columns, rows])
        if np.any(high - low < 2):
            raise UnjudgeableError("the region is outside the picture")
        return int(low[0]), int(low[1]), int(high[0]), int(high[1])


def _plain(text: str) -> str:
    shown = "".join(c if c.isprintable() else "�" for c in text)
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
