"""What only the world knows, for the record: which parts have which defects, and verdicts held against that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from robocell.errors import RecordError
from robocell.journal import Event
from robocell.model.confusion import Confusion
from robocell.report.confusion import Blemish, ConfusionCount
from robocell.report.record import TRUTH
from robocell.world.boards.flaws import BoardDefect
from robocell.world.protocol import Audit, Part


class VerdictAudit:
    """A reader of the journal that holds each verdict against the part that its frame showed.

    Args:
        parts: every part that was ever supplied; part n is `parts[n - 1]`. Grows while the run goes on.
        shown: by camera and number of the frame, the part that it shows; grows likewise.

    """

    kinds = ("verdict",)

    def __init__(self, parts: Sequence[Part], shown: Mapping[str, Mapping[int, int]]) -> None:
        self._parts = parts
        self._shown = shown
        self._counts: dict[str, ConfusionCount] = {}

    def take(self, event: Event) -> None:
        """Count a verdict; one whose frame showed no part says nothing about any."""
        data = event.data
        number = self._shown.get(data["camera"], {}).get(data["frame"])
        if number is not None:
            findings = [_blemish(finding) for finding in data["findings"]]
            count = self._counts.setdefault(data["recipe"], ConfusionCount())
            count.add(data["status"], findings, truth_of(self._parts[number - 1]))

    def result(self) -> dict[str, Confusion]:
        """Return what the verdicts come to, by recipe."""
        return {recipe: count.result() for recipe, count in sorted(self._counts.items())}


def _blemish(finding: Sequence[Any]) -> Blemish:
    kind, *box = finding
    return Blemish(kind, (box[0], box[1], box[2], box[3]) if box else None)


def truth_of(part: Part) -> tuple[Blemish, ...]:
    """Return a part's defects; only those of boards have a place in the picture that they are compared with."""
    return tuple(
        Blemish(defect.kind, defect.box if isinstance(defect, BoardDefect) else None, defect.area)
        for defect in part.defects
    )


def write_truth(folder: Path, audit: Audit) -> None:
    """Write a record's truth file: one part a line, with its defects and the frames that show it.

    Raises:
        RecordError: the folder cannot be written.

    """
    frames: dict[int, dict[str, list[int]]] = {}
    for camera, shown in sorted(audit.shown.items()):
        for frame, number in shown.items():
            frames.setdefault(number, {}).setdefault(camera, []).append(frame)
    try:
        with (folder / TRUTH).open("wb") as file:
            file.writelines(_lines(audit.parts, frames))
    except OSError as error:
        raise RecordError(f"{folder / TRUTH} cannot be written: {error.strerror}") from error


def _lines(parts: Sequence[Part], frames: Mapping[int, Mapping[str, list[int]]]) -> Iterator[bytes]:
    for part in parts:
        defects = [
            {"kind": blemish.kind, "area": float(f"{blemish.area:.6g}"), "box": blemish.box}
            for blemish in truth_of(part)
        ]
        line = {"part": part.number, "product": part.product, "defects": defects, "frames": frames.get(part.number, {})}
        if part.design:
            line["design"] = part.design
        if part.growth:
            line["growth"] = float(f"{part.growth:.6g}")
        yield orjson.dumps(line, option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
