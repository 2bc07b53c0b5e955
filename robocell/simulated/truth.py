"""Judges without pictures: what is true of a part, or what a real inspection, whose errors were measured, says of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from robocell.devices.others import Finding, Sighting
from robocell.model.confusion import Confusion
from robocell.simulated.frames import TrueFrame
from robocell.vision.frame import Frame
from robocell.world.boards.flaws import BoardDefect
from robocell.world.defects import Chance
from robocell.world.protocol import Part, Seen


class TruthTelling:
    """Implements `Judge` with the part nearest to the picture's middle whose whole face is in view.

    Its verdict is failed with its defects' kinds, else passed; inconclusive where none is in view or an arm covers it.
    Where the recipe's confusion was measured, the verdict errs as often as that says: each defect is found with its
    kind's share, and told as the kinds that it was told as; good parts fail, and any are inconclusive, as often as there.

    Args:
        confusions: measured ones by recipe.
        chance: stream that errors are drawn from; nothing is drawn for a recipe without a confusion.

    """

    def __init__(self, confusions: Mapping[str, Confusion], chance: Chance) -> None:
        self._confusions = confusions
        self._chance = chance

    def judge(self, recipe: str, frame: Frame, only_locate: bool) -> Sighting:
        """Tell what is true of the part at the frame's exposure, or what the inspection would say."""
        assert isinstance(frame, TrueFrame)
        if not frame.seen:
            return Sighting("inconclusive", ("no part in view",))
        first: Seen = frame.seen[0]
        if first.occluded:
            return Sighting("inconclusive", ("the view is covered",))
        pose = first.pose
        yaw = math.atan2(float(pose[1, 0]), float(pose[0, 0]))
        where = (float(pose[0, 3]), float(pose[1, 3]), yaw)
        confusion = self._confusions.get(recipe)
        if confusion is None:
            findings = tuple(Finding(defect.kind, _box(defect)) for defect in first.part.defects)
        elif only_locate:
            return Sighting("passed", pose=where)
        elif self._drawn(confusion.good.inconclusive + confusion.defective.inconclusive, confusion.parts):
            return Sighting("inconclusive", ("as often as the recipe's measured confusion says",), pose=where)
        else:
            findings = self._findings(confusion, first.part)
        reasons = tuple(sorted({finding.kind for finding in findings}))
        return Sighting("failed" if reasons else "passed", reasons, (), where, findings=findings)

    def _findings(self, confusion: Confusion, part: Part) -> tuple[Finding, ...]:
        if not part.defects:
            if not self._drawn(confusion.good.failed, confusion.good.passed + confusion.good.failed):
                return ()
            return (Finding(self._kind(confusion.false_alarms, "false alarm")),)
        found = []
        for defect in part.defects:
            measured = confusion.kinds.get(defect.kind)
            if measured is None or measured.planted == 0:
                found.append(Finding(defect.kind, _box(defect)))
            elif self._drawn(measured.found, measured.planted):
                found.append(Finding(self._kind(measured.told, defect.kind), _box(defect)))
        return tuple(found)

    def _drawn(self, hits: int, of: int) -> bool:
        return of > 0 and self._chance.random() * of < hits

    def _kind(self, counts: Mapping[str, int], otherwise: str) -> str:
        rest = self._chance.random() * sum(counts.values())
        for kind, count in counts.items():
            rest -= count
            if rest < 0:
                return kind
        return otherwise


def _box(defect: object) -> tuple[int, int, int, int] | None:
    return defect.box if isinstance(defect, BoardDefect) else None
