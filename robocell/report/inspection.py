"""Verdicts against the truth, as tables of the report and as a line on a terminal."""

from __future__ import annotations

from robocell.model.confusion import Confusion, Verdicts
from robocell.report import figures
from robocell.report.sections import table
from robocell.report.svg import Markup, join, tag, text


def section(found: Confusion) -> Markup:
    """Return what the inspection said of good and of defective parts, and what became of the defects by kind."""
    return join([tag("div", tag("div", _parts(found)), tag("div", _kinds(found)), class_="halves"), _note(found)])


def line(found: Confusion) -> str:
    """Return the same in one line."""
    defective, good = found.defective, found.good
    words = [
        f"{figures.count(defective.passed)} of {figures.count(defective.total)} defective parts passed",
        f"{figures.count(good.failed)} of {figures.count(good.total)} good ones failed",
    ]
    unsure = defective.inconclusive + good.inconclusive
    if unsure:
        words.append(f"{figures.count(unsure)} inconclusive")
    planted = sum(kind.planted for kind in found.kinds.values())
    if planted:
        told = sum(kind.told.get(name, 0) for name, kind in found.kinds.items())
        seen = sum(kind.found for kind in found.kinds.values())
        words.append(f"{figures.count(seen)} of {figures.count(planted)} defects found, {figures.count(told)} by kind")
    return " · ".join(words)


def _parts(found: Confusion) -> Markup:
    rows = [_row("defective", found.defective, "passed"), _row("good", found.good, "failed")]
    return table(("Parts that are", "passed", "failed", "inconclusive", "in all"), rows, numeric=(1, 2, 3, 4))


def _row(name: str, verdicts: Verdicts, wrong: str) -> list[Markup]:
    cells = [text(name)]
    for status in ("passed", "failed", "inconclusive"):
        count: int = getattr(verdicts, status)
        shown = text(figures.count(count))
        cells.append(tag("strong", shown, class_="wrong") if count and status == wrong else shown)
    return [*cells, text(figures.count(verdicts.total))]


def _kinds(found: Confusion) -> Markup:
    names = sorted({*found.kinds, *found.false_alarms, *(name for kind in found.kinds.values() for name in kind.told)})
    if not names:
        return Markup("")
    rows = []
    for name, kind in found.kinds.items():
        told = [text(figures.count(kind.told[other])) if kind.told.get(other) else text("·") for other in names]
        missed = kind.planted - kind.found
        shown = tag("strong", text(figures.count(missed)), class_="wrong") if missed else text("·")
        rows.append([text(name), text(figures.count(kind.planted)), *told, shown])
    if found.false_alarms:
        told = [text(figures.count(found.false_alarms.get(name, 0) or 0)) for name in names]
        rows.append([text("nothing"), text(""), *told, text("")])
    heads = ("There is", "planted", *(f"told {name}" for name in names), "missed")
    return tag("div", table(heads, rows, numeric=tuple(range(1, len(heads)))), class_="scroll")


def _note(found: Confusion) -> Markup:
    words = (
        f"{figures.count(found.parts)} verdicts held against what the world knows (truth.jsonl). A defect is found where "
        "a finding overlaps it; where findings have no place, all defects of a failed part count as found."
    )
    return tag("p", text(words), class_="note")
