"""What the checks share: cell, document, profiles, and every declared name with its place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from robocell.config.nodes import Document, Loc, MappingNode, ScalarNode, SequenceNode
from robocell.config.problems import Place, Problem
from robocell.config.translate import closest
from robocell.model.cell import Cell
from robocell.model.recipe import Recipe
from robocell.model.route import Step
from robocell.model.scene import Scene
from robocell.motion import Arm
from robocell.motion.surroundings import Surroundings

What = Literal["device", "station", "zone", "product", "frame", "io", "result", "link", "chart"]
SECTIONS: tuple[tuple[str, What], ...] = (
    ("devices", "device"),
    ("stations", "station"),
    ("zones", "zone"),
    ("products", "product"),
    ("frames", "frame"),
    ("io", "io"),
    ("quality", "chart"),
)


class Profile(Protocol):
    """What the loader needs of any profile; the checks of limits know each kind's own figures."""

    @property
    def kind(self) -> str:
        """The canonical device, such as `arm`."""

    @property
    def signals(self) -> Mapping[str, str]:
        """Signals by name, with their type: `bool`, `number` or `text`."""


class Profiles(Protocol):
    """The catalogue, as far as a cell file needs it."""

    def profile(self, name: str) -> Any:
        """Return the profile `maker/device`, or raise CatalogError."""

    def names(self) -> Sequence[str]:
        """Return all names, sorted."""

    def recipe(self, name: str) -> Path:
        """Return the file of a recipe, or raise CatalogError."""

    def scene(self, name: str) -> Path:
        """Return the file of a scene, or raise CatalogError."""


@dataclass(frozen=True)
class Declared:
    """A name of the file. `kind` is a device's kind, or a station's form; None where the entry is broken."""

    name: str
    what: What
    kind: str | None
    loc: tuple[str | int, ...]


@dataclass(frozen=True)
class StepAt:
    """A step with its route and place in the file."""

    product: str
    index: int
    step: Step
    loc: tuple[str | int, ...]

    @property
    def arguments(self) -> tuple[str | int, ...]:
        """Where the verb's arguments are."""
        return (*self.loc, self.step.verb)


@dataclass
class Context:
    """One file under check.

    Attributes:
        cell: The model; without the broken entries if `complete` is False.
        document: The file, for places.
        folder: The folder of the file.
        profiles: The profile of each device that has one, by the device's name.
        declared: Every name of the shared name space, broken entries included.
        catalogue: Where recipes and scenes are found.
        broken: The sections that have problems; checks that need the whole of one leave it alone then.
        problems: What was found.
        arms: The model of each arm that can be used, by the device's name.
        homes: Where each of these arms rests, (n,) rad or m.
        around: What stands around each arm that a route uses, as far as it was looked at.
        recipes: The file of each recipe that can be used, by its name.
        read: The model of each of these recipes.
        scene: The scene, if the cell names one that can be used.
        notes: What one check found out and another needs.

    """

    cell: Cell
    document: Document
    folder: Path
    profiles: Mapping[str, Any]
    declared: Mapping[str, Declared]
    catalogue: Profiles
    broken: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    arms: dict[str, Arm] = field(default_factory=dict)
    homes: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    around: dict[str, Surroundings] = field(default_factory=dict)
    recipes: dict[str, Path] = field(default_factory=dict)
    read: dict[str, Recipe] = field(default_factory=dict)
    scene: Scene | None = None
    notes: dict[str, Any] = field(default_factory=dict)

    def report(
        self,
        code: str,
        loc: Loc,
        message: str,
        hint: str = "",
        *,
        key: bool = False,
        related: tuple[Place, str] | None = None,
    ) -> None:
        """Add a problem at `loc`; its section counts as broken then, unless it is only a warning."""
        problem = Problem(code, self.document.place(loc, key=key), message, hint, related)
        if not problem.warning:
            self.broken.add(str(loc[0]) if loc else "")
        self.problems.append(problem)

    def steps(self) -> Iterator[StepAt]:
        """Yield every step of every route that is in the model."""
        by_product = isinstance(self.cell.route, dict)
        for product, steps in self.cell.routes.items():
            for index, step in enumerate(steps):
                loc: tuple[str | int, ...] = ("route", product, index) if by_product else ("route", index)
                yield StepAt(product, index, step, loc)

    def refer(
        self, loc: Loc, name: str, *, what: Sequence[What], kinds: Sequence[str] = (), code: str = "RC204"
    ) -> None:
        """Report `name`, written at `loc`, unless it is declared as one of `what` and has one of `kinds`."""
        wanted = _wanted(what, kinds)
        found = self.declared.get(name)
        if found is None:
            self.report(code, loc, f"no {wanted} named '{name}'", self.suggest(name, what, kinds))
        elif found.what not in what or (kinds and found.kind is not None and found.kind not in kinds):
            known = self.suggest(name, what, kinds, exact=True)
            self.report("RC205", loc, f"'{name}' is {describe(found)}, not {article(wanted)}", known)

    def sound(self, loc: Loc) -> bool:
        """Return whether no problem was found at `loc` so far."""
        place = self.document.place(loc)
        return all(problem.place != place for problem in self.problems)

    def whole(self, *sections: str) -> bool:
        """Return whether nothing was wrong in these sections so far."""
        return self.broken.isdisjoint(sections)

    def suggest(self, name: str, what: Sequence[What], kinds: Sequence[str] = (), *, exact: bool = False) -> str:
        """Return a hint: the closest fitting name and where it is declared, else what there is."""
        fitting = [
            d.name
            for d in self.declared.values()
            if d.what in what and (not kinds or d.kind is None or d.kind in kinds)
        ]
        if not exact:
            close = closest(name, fitting)
            if close is not None:
                line = self.document.declared_on(self.declared[close].loc)
                return f"did you mean '{close}'? (declared on line {line})"
        if not fitting:
            return "the file has none"
        return "there is " + ", ".join(f"'{word}'" for word in fitting[:8])


def describe(found: Declared) -> str:
    """Return what it is, with its article: "a gripper", "a station on a belt"."""
    if found.what == "device":
        return article(_NOUNS.get(found.kind or "", found.kind or "device"))
    if found.what == "station" and found.kind:
        return {
            "belt": "a station on a belt",
            "grid": "a tray",
            "bin": "a bin",
            "machine": "a place in a machine",
        }.get(found.kind, "a station")
    return article(_NOUNS.get(found.what, found.what))


_NOUNS = {"safety": "safety relay", "panel": "operator panel", "io": "input or output", "chart": "quality chart"}


def article(noun: str) -> str:
    """Return `noun` with its article."""
    return ("an " if noun[0] in "aeiou" else "a ") + noun


def _wanted(what: Sequence[What], kinds: Sequence[str]) -> str:
    if kinds and tuple(what) == ("device",):
        return _or([_NOUNS.get(kind, kind) for kind in kinds])
    if kinds and tuple(what) == ("station",):
        return "station on a belt" if tuple(kinds) == ("belt",) else "station"
    return _or([_NOUNS.get(word, word) for word in what])


def _or(words: Sequence[str]) -> str:
    """Return "a, b or c"."""
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def declared_names(document: Document, kinds: Mapping[str, str]) -> dict[str, Declared]:
    """Return every name that the file declares, by the text alone; the first of two equal ones.

    Args:
        document: The file.
        kinds: Kinds of devices, by name, as far as they are known.

    """
    found: dict[str, Declared] = {}
    for section, what in SECTIONS:
        node = document.root.entries.get(section, (None, None))[1]
        if isinstance(node, MappingNode):
            for name, (_, value) in node.entries.items():
                kind = kinds.get(name) if what == "device" else _form(value) if what == "station" else None
                found.setdefault(name, Declared(name, what, kind, (section, name)))
    for name, loc in results(document):
        found.setdefault(name, Declared(name, "result", None, loc))
    return found


def results(document: Document) -> Iterator[tuple[str, tuple[str | int, ...]]]:
    """Yield the name and place of every `as:` of an inspection."""
    route = document.root.entries.get("route", (None, None))[1]
    lists: list[tuple[tuple[str | int, ...], Any]] = [(("route",), route)]
    if isinstance(route, MappingNode):
        lists = [(("route", product), steps) for product, (_, steps) in route.entries.items()]
    for loc, steps in lists:
        if isinstance(steps, SequenceNode):
            for index in range(len(steps.items)):
                where = (*loc, index, "inspect", "as")
                node = document.node(where)
                if isinstance(node, ScalarNode) and isinstance(node.value, str):
                    yield node.value, where


def _form(node: object) -> str | None:
    if not isinstance(node, MappingNode):
        return None
    for key, form in (("belt", "belt"), ("grid", "grid"), ("bin", "bin"), ("in", "machine")):
        if key in node.entries:
            return form
    return "plain"
