"""A route walked on paper: once for each combination of what its inspections and signals may say."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

from robocell.model.cell import Cell
from robocell.model.expression import Both, Comparison, Constant, Either, Expression, Node, Not, Reference
from robocell.model.route import (
    ArriveStep,
    InspectStep,
    LeaveStep,
    PickStep,
    PlaceStep,
    ProcessStep,
    Step,
)
from robocell.model.station import BeltStation, MachineStation
from robocell.model.verbs import RESULT_FIELDS

MAX_COMBINATIONS = 20_000

Where = Literal["nowhere", "seat", "grip", "gone"]


class NotMadeError(Exception):
    """An expression reads a result that no earlier step of this walk made."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Finding:
    """Something wrong at step `index` in one combination of results, told in words."""

    code: str
    index: int
    message: str
    hint: str = ""
    related: int | None = None
    at_when: bool = False


@dataclass(frozen=True)
class Part:
    """Where the workpiece is: at a station's seat or in an arm's gripper."""

    where: Where = "nowhere"
    name: str = ""

    def __str__(self) -> str:
        places = {
            "nowhere": "not there yet",
            "seat": f"at '{self.name}'",
            "grip": f"in the gripper of '{self.name}'",
        }
        return places.get(self.where, "gone")


@dataclass
class Walk:
    """One walk: the steps that were done, what went wrong, and where the part is at the end."""

    combination: str
    done: list[int] = field(default_factory=list)
    skipped: list[int] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    part: Part = Part()


def combinations(steps: Sequence[Step], results: Sequence[str]) -> int:
    """Return how many walks there are."""
    inspections = sum(isinstance(step, InspectStep) for step in steps)
    count: int = 3**inspections * 2 ** len(_atoms(steps, results))
    return count


def walks(cell: Cell, steps: Sequence[Step], results: Sequence[str]) -> Iterator[Walk]:
    """Yield the walk for every combination. Signals that conditions read may be true or false."""
    inspections = [index for index, step in enumerate(steps) if isinstance(step, InspectStep)]
    atoms = _atoms(steps, results)
    for outcomes in itertools.product(RESULT_FIELDS, repeat=len(inspections)):
        for truths in itertools.product((True, False), repeat=len(atoms)):
            yield _Walker(
                cell,
                steps,
                results,
                dict(zip(inspections, outcomes, strict=True)),
                dict(zip(atoms, truths, strict=True)),
            ).walk()


class _Walker:
    """Follows one combination through the route."""

    def __init__(
        self,
        cell: Cell,
        steps: Sequence[Step],
        results: Sequence[str],
        outcomes: dict[int, str],
        atoms: dict[str, bool],
    ) -> None:
        self._cell, self._steps, self._results = cell, steps, results
        self._outcomes, self._atoms = outcomes, atoms
        self._made: dict[str, str] = {}
        self._moved_by: int | None = None
        self._record = Walk("")

    def walk(self) -> Walk:
        for index, step in enumerate(self._steps):
            try:
                wanted = step.when is None or self._truth(step.when.tree)
            except NotMadeError as error:
                self._not_made(index, error.name)
                break
            if not wanted:
                self._record.skipped.append(index)
                continue
            before = len(self._record.findings)
            self._do(index, step)
            self._record.done.append(index)
            if len(self._record.findings) > before:
                break
        else:
            self._end()
        self._record.combination = self._words()
        return self._record

    def _words(self) -> str:
        words = [f"'{name}' {outcome}" for name, outcome in self._made.items()]
        words += [f"'{name}' {str(truth).lower()}" for name, truth in self._atoms.items()]
        return " and ".join(words)

    def _find(self, code: str, index: int, message: str, hint: str = "", **more: int | bool | None) -> None:
        related = more.get("related")
        at_when = bool(more.get("at_when", False))
        self._record.findings.append(
            Finding(code, index, message, hint, None if related is None else int(related), at_when)
        )

    def _not_made(self, index: int, name: str) -> None:
        later = [
            i for i, step in enumerate(self._steps) if isinstance(step, InspectStep) and step.inspect.result == name
        ]
        where = "only a later step makes it" if later and later[0] > index else "the step that makes it may be left out"
        self._find(
            "RC404",
            index,
            f"result '{name}' is not there yet: {where}",
            related=later[0] if later else None,
            at_when=True,
        )

    def _do(self, index: int, step: Step) -> None:
        part = self._record.part
        if isinstance(step, ArriveStep):
            self._record.part = Part("seat", step.arrive.station)
            return
        if isinstance(step, InspectStep):
            self._made[step.inspect.result] = self._outcomes[index]
        if part.where in ("nowhere", "gone") and step.verb not in ("wait", "set"):
            self._find("RC408", index, f"{step.verb}: the part is {part}", "the part left the cell before this step")
        elif isinstance(step, PickStep):
            self._pick(index, step, part)
        elif isinstance(step, PlaceStep):
            self._place(index, step, part)
        elif isinstance(step, ProcessStep):
            station = self._cell.stations.get(part.name) if part.where == "seat" else None
            if not isinstance(station, MachineStation) or station.machine != step.process.machine:
                hint = f"place it into '{step.process.machine}' first"
                self._find("RC408", index, f"process: the part is {part}, not in '{step.process.machine}'", hint)
        elif isinstance(step, LeaveStep):
            self._leave(index, step, part)

    def _pick(self, index: int, step: PickStep, part: Part) -> None:
        if part.where == "seat":
            self._record.part = Part("grip", step.pick.arm)
            self._moved_by = index
        elif self._overlaps(index, "pick"):
            self._overlap(index)
        elif not self._missing(index):
            self._find("RC408", index, f"pick: the part is {part}, not at rest", "place it first")

    def _place(self, index: int, step: PlaceStep, part: Part) -> None:
        if part.where == "grip":
            self._record.part = Part("seat", step.place.station)
            self._moved_by = index
        elif self._overlaps(index, "place"):
            self._overlap(index)
        else:
            self._find("RC408", index, f"place: the part is {part}, in no gripper", "pick it first")

    def _leave(self, index: int, step: LeaveStep, part: Part) -> None:
        station = self._cell.stations.get(part.name) if part.where == "seat" else None
        if isinstance(station, BeltStation) and station.belt == step.leave.belt:
            self._record.part = Part("gone")
            self._moved_by = index
        elif not self._missing(index):
            hint = f"place it at a station on '{step.leave.belt}' first"
            self._find("RC408", index, f"leave: the part is {part}, not on '{step.leave.belt}'", hint)

    def _overlaps(self, index: int, verb: str) -> bool:
        """Whether an alternative of the same verb moved the part last, so that this one comes too late."""
        if self._moved_by is None:
            return False
        other, this = self._steps[self._moved_by], self._steps[index]
        return other.verb == verb and (other.when is not None or this.when is not None)

    def _overlap(self, index: int) -> None:
        other = self._moved_by
        label = f"{self._steps[other].verb}" if other is not None else ""
        words = self._words() or "every result"
        message = f"with {words} two alternatives are done: an earlier {label} has moved the part"
        self._find("RC405", index, message, "make one 'when' exclude the other", related=other, at_when=True)

    def _missing(self, index: int) -> bool:
        """Report that no alternative took the part out of the gripper, if some could have."""
        if self._record.part.where != "grip":
            return False
        since = self._moved_by if self._moved_by is not None else -1
        left_out = [i for i in self._record.skipped if since < i < index and self._steps[i].verb == "place"]
        if not left_out:
            return False
        message = f"with {self._words()} no alternative is done: the part stays {self._record.part}"
        hint = "add an alternative, or let one say 'not …': inconclusive is neither passed nor failed"
        self._find("RC406", left_out[-1], message, hint, at_when=True)
        return True

    def _end(self) -> None:
        part, last = self._record.part, len(self._steps) - 1
        if self._missing(last + 1):
            return
        with_words = f"with {self._words()} " if self._record.skipped and self._words() else ""
        station = self._cell.stations.get(part.name)
        if part.where in ("nowhere", "grip"):
            self._find("RC407", last, f"{with_words}the part ends {part}", "place it somewhere")
        elif part.where == "seat" and isinstance(station, BeltStation):
            hint = f"pick it, or let it go on: - leave: {{by: {station.belt}}}"
            self._find(
                "RC407",
                last,
                f"{with_words}the part ends {part}, on belt '{station.belt}'",
                hint,
            )
        elif part.where == "seat" and isinstance(station, MachineStation):
            hint = "pick it out of the machine"
            self._find(
                "RC407",
                last,
                f"{with_words}the part ends {part}, in '{station.machine}'",
                hint,
            )

    def _truth(self, node: Node) -> bool:
        if isinstance(node, Constant):
            return node.value is True
        if isinstance(node, Not):
            return not self._truth(node.operand)
        if isinstance(node, Both):
            return self._truth(node.left) and self._truth(node.right)
        if isinstance(node, Either):
            return self._truth(node.left) or self._truth(node.right)
        if isinstance(node, Reference):
            head, _, outcome = node.name.partition(".")
            if head in self._results:
                if head not in self._made:
                    raise NotMadeError(head)
                return self._made[head] == outcome
        return self._atoms[_atom(node)]


def _atoms(steps: Sequence[Step], results: Sequence[str]) -> list[str]:
    """Everything in conditions that is not a result: it may be true or false."""
    found: dict[str, None] = {}
    for step in steps:
        if isinstance(step.when, Expression):
            found |= dict.fromkeys(_leaves(step.when.tree, results))
    return list(found)


def _leaves(node: Node, results: Sequence[str]) -> list[str]:
    if isinstance(node, Constant):
        return []
    if isinstance(node, Not):
        return _leaves(node.operand, results)
    if isinstance(node, Both | Either):
        return _leaves(node.left, results) + _leaves(node.right, results)
    if isinstance(node, Reference) and node.name.partition(".")[0] in results:
        return []
    return [_atom(node)]


def _atom(node: Node) -> str:
    if isinstance(node, Comparison):
        return f"{_atom(node.left)} {node.comparator} {_atom(node.right)}"
    if isinstance(node, Constant):
        return str(node.value)
    return node.name if isinstance(node, Reference) else "…"
