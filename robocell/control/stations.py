"""Stations as the controller believes them to be: who rests in which slot, what is full, what a person exchanged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from robocell.control.workpiece import Workpiece
from robocell.model.station import Station
from robocell.signals import Signal


class Book:
    """One station's slots.

    Attributes:
        full: no slot is free.
        empty: every slot is free.
        exchanged: a person took away what lay here, and nothing has been laid here since.

    """

    def __init__(self, name: str, station: Station) -> None:
        self.name = name
        self.capacity = station.capacity
        self.full: Signal[bool] = Signal(f"{name}.full", False)
        self.empty: Signal[bool] = Signal(f"{name}.empty", True)
        self.exchanged: Signal[bool] = Signal(f"{name}.exchanged", False)
        self._taken: dict[int, None] = {}
        self._of: dict[int, int] = {}  # slot by workpiece, while it is in process
        self._lowest = 0

    def reserve(self, workpiece: Workpiece, at: float) -> int | None:
        """Take the lowest free slot for a workpiece (again: the same one); None if there is none."""
        if workpiece.number in self._of:
            return self._of[workpiece.number]
        slot = self._lowest
        if slot >= self.capacity:
            return None
        self._of[workpiece.number] = slot
        self._taken[slot] = None
        while self._lowest in self._taken:
            self._lowest += 1
        self._changed(at)
        return slot

    def free(self, workpiece: Workpiece, at: float) -> None:
        """Give back a workpiece's slot, if it has one here."""
        slot = self._of.pop(workpiece.number, None)
        if slot is not None:
            del self._taken[slot]
            self._lowest = min(self._lowest, slot)
            self._changed(at)

    def leave_there(self, workpiece: Workpiece) -> None:
        """Note that a workpiece's route ended here: its part stays until a person exchanges the station."""
        self._of.pop(workpiece.number, None)

    def exchange(self, at: float) -> None:
        """Note that a person took away what lay here; slots of parts that are still in process stay theirs."""
        self._taken = dict.fromkeys(sorted(self._of.values()))
        self._lowest = next(slot for slot in range(self.capacity + 1) if slot not in self._taken)
        self._changed(at)
        self.exchanged.set(True, at)

    def _changed(self, at: float) -> None:
        self.full.set(self._lowest >= self.capacity, at)
        self.empty.set(not self._taken, at)
        self.exchanged.set(False, at)


class Stations:
    """All stations of a cell.

    Args:
        stations: by name.

    """

    def __init__(self, stations: Mapping[str, Station]) -> None:
        self._books = {name: Book(name, station) for name, station in stations.items()}

    def __getitem__(self, name: str) -> Book:
        return self._books[name]

    def signals(self) -> dict[str, Signal[Any]]:
        """Return every signal of every station by its dotted name."""
        found: dict[str, Signal[Any]] = {}
        for book in self._books.values():
            for signal in (book.full, book.empty, book.exchanged):
                found[signal.name] = signal
        return found

    def forget(self, workpiece: Workpiece, at: float) -> None:
        """Give back every slot of a workpiece that has ended elsewhere."""
        for book in self._books.values():
            book.free(workpiece, at)
