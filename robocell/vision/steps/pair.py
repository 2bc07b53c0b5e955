"""The step `pair`: the picture against its own template, which is found by the picture's name."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from robocell.model.recipe import PairStep
from robocell.model.recipe_tools import Pair
from robocell.vision.frame import U8
from robocell.vision.pictures import ENDINGS, read_picture
from robocell.vision.steps.base import Findings, Learnt, StepTool
from robocell.vision.steps.regions import cut
from robocell.vision.tools.pair import compare_pair
from robocell.vision.verdict import Flaw
from robocell.vision.view import UnjudgeableError, View

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_KEPT = 8  # templates that are kept in memory


class PairTool(StepTool[PairStep]):
    """Compares with a template."""

    def prepare(self, learnt: Learnt) -> None:
        """Remember which templates were read."""
        self.tool: Pair = self.step.pair
        self._read: OrderedDict[Path, U8] = OrderedDict()

    def run(self, view: View, out: Findings) -> None:
        """Compare, and list the defects that count."""
        template = view.template if view.template is not None else self._template(view)
        region = None
        if self.tool.region is not None:
            shape = (template.shape[0], template.shape[1])
            region = cut(self.tool.region, view, self.place(view), shape=shape)
        seen = view.grey if region is None else region.pixels
        found = compare_pair(template, seen, copper=self.tool.copper, least_score=self.tool.score)
        if found.overflow:
            raise UnjudgeableError(f"{found.reason}: is the template this board's?")
        least = 0.0 if self.tool.area is None else self.tool.area.seen(view.scale)
        counts: dict[str, int] = {}
        boxes = found.boxes if region is None else region.boxes(found.boxes)
        for box, there, kind, score in zip(boxes, found.boxes, found.kind, found.score, strict=True):
            x1, y1, x2, y2 = (int(n) for n in box)
            place = (int(there[0]), int(there[1]), int(there[2]), int(there[3]))
            area = float((x2 - x1) * (y2 - y1))
            if area < least:
                continue
            metric = view.scale is not None
            size = area * view.scale**2 if view.scale is not None else area
            out.flaws.append(
                Flaw((x1, y1, x2, y2), size, 0.0, float(score), str(kind), "m2" if metric else "px2", place)
            )
            counts[str(kind)] = counts.get(str(kind), 0) + 1
        out.measure("defects", sum(counts.values()))
        for kind in sorted(counts):
            out.measure(kind, counts[kind])
        bad = {kind: count for kind, count in counts.items() if kind in self.tool.reject}
        if region is not None:
            out.mark(region.corners, closed=True, bad=bool(bad), label=self.step.name)
        if bad:
            listed = ", ".join(f"{count} {kind}" for kind, count in sorted(bad.items()))
            out.fail(f"{sum(bad.values())} defect{'s' if sum(bad.values()) > 1 else ''}: {listed}")

    def _template(self, view: View) -> U8:
        read_id = None if self.tool.code is None else view.ids[self.tool.code]
        path = template_of(self.tool, self.setting.folder, view.source, read_id)
        if path not in self._read:
            read = read_picture(path)
            if isinstance(read, str):
                raise UnjudgeableError(f"the template {path.name} cannot be used: {read}")
            self._read[path] = read
            while len(self._read) > _KEPT:
                self._read.popitem(last=False)
        self._read.move_to_end(path)
        return self._read[path]


def template_of(tool: Pair, folder: Path | None, source: str, read_id: str | None = None) -> Path:
    """Return the template of a picture.

    Args:
        tool: the step.
        folder: the recipe's folder.
        source: what the picture is called: its file's name.
        read_id: the id that a code on the part tells.

    Raises:
        UnjudgeableError: the picture's name does not tell its id, or there is no such template.

    """
    if folder is None or tool.template is None:
        raise UnjudgeableError("the picture's template is not known: give it")
    base = folder if tool.folder is None else folder / tool.folder
    text = tool.template
    if "{id}" in text:
        text = text.replace("{id}", _id(tool, source) if read_id is None else _checked(read_id))
    path = next((path for path in _spellings(base / text) if path.is_file()), None)
    if path is None:
        raise UnjudgeableError(f"there is no template {text} for the picture {source or 'without a name'}")
    return path


def _spellings(path: Path) -> Iterator[Path]:
    """Yield a picture's path, and the same with the endings of other formats: which one it is in matters to nobody."""
    yield path
    yield from (path.with_suffix(ending) for ending in ENDINGS if ending != path.suffix)


def _id(tool: Pair, source: str) -> str:
    """Return what `{id}` stands for in the picture's name."""
    name = Path(source).name
    whole = "." in tool.picture.replace("{id}", "")
    before, after = tool.picture.split("{id}")
    text = name if whole else Path(name).stem
    match = re.fullmatch(f"{re.escape(before)}(.+){re.escape(after)}", text)
    if match is None:
        raise UnjudgeableError(
            f"the picture's name, '{name}', is not of the form {tool.picture}: its template is unknown"
        )
    return _checked(match[1])


def _checked(found: str) -> str:
    """Return an id that can be a part of a file's name: what a code says must not lead out of the folder."""
    if not _ID.fullmatch(found) or ".." in found:
        raise UnjudgeableError(f"'{found[:40]}' cannot be the name of a template")
    return found
