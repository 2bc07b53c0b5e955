"""One row a figure: ours, a peer's, their ratio, the aim and whether it is met."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from rich.console import Console
from rich.table import Table

Unit = Literal["s", "share", "times", "px", "count"]


class Disagreement(Exception):
    """Two contestants answer differently, so their speeds are not comparable."""


class NotYet(Exception):
    """A part of the product that is not there yet."""


@dataclass(frozen=True)
class Aim:
    """What is to be reached.

    Attributes:
        kind: "ratio": at least so many times as quick as the peer; "most", "least": of our own figure.
        value: in the row's unit.
        tail: what our 99th percentile may be at most; None for any.

    """

    kind: Literal["ratio", "most", "least"]
    value: float
    tail: float | None = None


@dataclass(frozen=True)
class Row:
    """A row of the table.

    Attributes:
        quantity: what was measured, with its inputs.
        ours: our figure, or None where there is none.
        peer: name, version and interface, or "" where the aim concerns us alone.
        theirs: the peer's figure.
        aim: what is to be reached, or None for a figure that only informs.
        unit: of both figures: seconds (CPU time for one item), a share of 1, a bare ratio, pixels, or a count.
        note: why there is no figure, or what is to be known about it.
        tail: the 99th percentile of our figure, where each item was timed on its own.
        their_tail: the same of the peer's.

    """

    quantity: str
    ours: float | None = None
    peer: str = ""
    theirs: float | None = None
    aim: Aim | None = None
    unit: Unit = "s"
    note: str = ""
    tail: float | None = None
    their_tail: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times as quick as the peer we are."""
        return None if self.ours is None or self.theirs is None or self.ours == 0 else self.theirs / self.ours

    @property
    def met(self) -> bool | None:
        """Whether the aim is met; None without one. An aim without a figure is not met."""
        if self.aim is None:
            return None
        value = self.ratio if self.aim.kind == "ratio" else self.ours
        if value is None:
            return False
        if self.aim.tail is not None and not (self.tail is not None and self.tail <= self.aim.tail):
            return False
        return value <= self.aim.value if self.aim.kind == "most" else value >= self.aim.value

    def as_dict(self) -> dict[str, object]:
        """Return what the JSON file holds."""
        aim = None if self.aim is None else vars(self.aim)
        return {**vars(self), "aim": aim, "ratio": self.ratio, "met": self.met}


@dataclass(frozen=True)
class Contest:
    """Something to measure against one peer.

    Attributes:
        quantity: what is measured.
        peer: the peer's distribution on PyPI, "" for none.
        run: measures; raises ImportError where the peer is absent, or one of this module's exceptions.

    """

    quantity: str
    peer: str
    run: Callable[[], list[Row]]

    def rows(self) -> list[Row]:
        """Measure, or say in a row why that cannot be."""
        try:
            return self.run()
        except ImportError as error:
            note = f"not installed: {error.name or error}" if self.peer else f"not there: {error}"
        except Disagreement as error:
            note = f"NOT COMPARABLE: {error}"
        except NotYet as error:
            note = f"not there yet: {error}"
        return [Row(self.quantity, peer=self.peer, note=note)]


def called(distribution: str, interface: str) -> str:
    """Return a peer's name, version and interface."""
    return f"{distribution} {importlib.metadata.version(distribution)}: {interface}"


def agree(difference: float, tolerance: float, what: str) -> None:
    """Refuse to go on where answers differ (a NaN differs).

    Raises:
        Disagreement: the difference exceeds the tolerance.

    """
    if not difference <= tolerance:
        raise Disagreement(f"{what} differ by {difference:.1e}, more than {tolerance:.0e}")


def show(rows: list[Row]) -> None:
    """Print the table."""
    table = Table(expand=False, pad_edge=False)
    for name, justify in (
        ("quantity", "left"),
        ("ours", "right"),
        ("peer", "left"),
        ("peer's", "right"),
        ("ratio", "right"),
        ("aim", "right"),
        ("met", "left"),
    ):
        table.add_column(name, justify="right" if justify == "right" else "left", overflow="fold")
    for row in rows:
        peer = f"{row.peer}\n{row.note}" if row.peer and row.note else row.peer or row.note
        table.add_row(
            row.quantity,
            _with_tail(row.ours, row.tail, row.unit),
            peer,
            _with_tail(row.theirs, row.their_tail, row.unit),
            "" if row.ratio is None or row.unit != "s" else f"{row.ratio:.3g}×",
            _aim(row),
            {None: "", True: "yes", False: "[bold red]no[/]"}[row.met],
        )
    Console(width=170).print(table)


def figure(value: float | None, unit: Unit) -> str:
    """Return a figure with its unit, three digits."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.4g} %"
    if unit == "times":
        return f"{value:.5g}×"
    if unit == "px":
        return f"{value:.3g} px"
    if unit == "count":
        return f"{value:.10g}"
    for scale, name in ((1e9, "ns"), (1e6, "µs"), (1e3, "ms")):
        if value * scale < 999.5:
            return f"{value * scale:.3g} {name}"
    return f"{value:.3g} s"


def _with_tail(value: float | None, tail: float | None, unit: Unit) -> str:
    return figure(value, unit) if tail is None else f"{figure(value, unit)}\np99 {figure(tail, unit)}"


def _aim(row: Row) -> str:
    aim = row.aim
    if aim is None:
        return ""
    text = f"≥ {aim.value:g}×" if aim.kind == "ratio" else f"{_SIGN[aim.kind]} {figure(aim.value, row.unit)}"
    return text if aim.tail is None else f"{text}\np99 ≤ {figure(aim.tail, row.unit)}"


_SIGN = {"most": "≤", "least": "≥"}
