"""Verdicts held against the truth, as a fold: which defects were found, as what they were told, what was flagged for nothing.

A finding meets a defect where their boxes overlap, the best overlap first. Where the truth or the finding has no box (a
scratch on a turned face, a verdict without places) all defects of a failed part count as found, as what they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from robocell.model.confusion import Confusion, KindConfusion, Verdicts

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Blemish:
    """A defect that is there, or one that was found.

    Attributes:
        kind: its name.
        box: (x1, y1, x2, y2) pixels of the compared picture; None where it has none.
        area: m², of the truth; 0 where nobody knows.

    """

    kind: str
    box: Box | None = None
    area: float = 0.0


@dataclass
class ConfusionCount:
    """Counts verdicts; `result` is what they come to."""

    _verdicts: dict[bool, dict[str, int]] = field(default_factory=lambda: {False: {}, True: {}})
    _planted: dict[str, int] = field(default_factory=dict)
    _told: dict[str, dict[str, int]] = field(default_factory=dict)
    _false: dict[str, int] = field(default_factory=dict)

    def add(self, status: str, findings: Sequence[Blemish], truth: Sequence[Blemish]) -> None:
        """Count one verdict.

        Args:
            status: "passed", "failed" or "inconclusive"; of the last, defects are not counted.
            findings: what the inspection told.
            truth: what is wrong with the part.

        """
        verdicts = self._verdicts[bool(truth)]
        verdicts[status] = verdicts.get(status, 0) + 1
        if status == "inconclusive":
            return
        pairs = matched(findings, truth) if status == "failed" else {}
        for index, defect in enumerate(truth):
            self._planted[defect.kind] = self._planted.get(defect.kind, 0) + 1
            told = pairs.get(index)
            if told is not None:
                as_kind = self._told.setdefault(defect.kind, {})
                as_kind[told] = as_kind.get(told, 0) + 1
        for finding in unmatched(findings, truth) if status == "failed" else ():
            self._false[finding.kind] = self._false.get(finding.kind, 0) + 1

    def result(self) -> Confusion:
        """Return what the verdicts come to."""
        kinds = {
            kind: KindConfusion(
                planted=planted,
                found=sum(self._told.get(kind, {}).values()),
                told=dict(sorted(self._told.get(kind, {}).items())),
            )
            for kind, planted in sorted(self._planted.items())
        }
        return Confusion(
            good=_verdicts(self._verdicts[False]),
            defective=_verdicts(self._verdicts[True]),
            kinds=kinds,
            false_alarms=dict(sorted(self._false.items())),
        )


def _verdicts(counts: Mapping[str, int]) -> Verdicts:
    return Verdicts(
        passed=counts.get("passed", 0), failed=counts.get("failed", 0), inconclusive=counts.get("inconclusive", 0)
    )


def matched(findings: Sequence[Blemish], truth: Sequence[Blemish]) -> dict[int, str]:
    """Return, by index of the truth, as which kind it was told; each finding serves once."""
    if _without_places(findings, truth):
        return {index: defect.kind for index, defect in enumerate(truth)}
    found: dict[int, str] = {}
    used: set[int] = set()
    for _, t, f in _overlaps(findings, truth):
        if t not in found and f not in used:
            found[t] = findings[f].kind
            used.add(f)
    return found


def unmatched(findings: Sequence[Blemish], truth: Sequence[Blemish]) -> list[Blemish]:
    """Return the findings that overlap no defect; two findings on one defect are no false alarm."""
    if _without_places(findings, truth):
        return [] if truth else list(findings)
    real = {f for _, _, f in _overlaps(findings, truth)}
    return [finding for index, finding in enumerate(findings) if index not in real]


def _without_places(findings: Sequence[Blemish], truth: Sequence[Blemish]) -> bool:
    return any(one.box is None for one in (*findings, *truth)) or (bool(truth) and not findings)


def _overlaps(findings: Sequence[Blemish], truth: Sequence[Blemish]) -> list[tuple[float, int, int]]:
    pairs = []
    for t, defect in enumerate(truth):
        for f, finding in enumerate(findings):
            share = intersection_over_union(defect.box, finding.box) if defect.box and finding.box else 0.0
            if share > 0:
                pairs.append((-share, t, f))
    return sorted(pairs)


def intersection_over_union(a: Box, b: Box) -> float:
    """Return the area that two boxes share as a part of what they cover together."""
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)
