"""Orders: how many parts are wanted, which came, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from robocell.control.resources import Holder
from robocell.control.workpiece import Workpiece
from robocell.model.route import Step
from robocell.signals import Signal


class Order:
    """One order: so many parts, of whichever of its products come.

    Args:
        parts: how many are to be finished, whatever becomes of them; None: until it is stopped.
        now: the run's clock.

    Attributes:
        in_process: workpieces that are awaited or under way, in the order in which they were awaited.
        filled: whether as many parts have come as are wanted.
        done: set once all of them are finished.

    """

    def __init__(self, parts: int | None, now: Callable[[], float]) -> None:
        self.parts = parts
        self.minted = 0
        self.finished = 0
        self.in_process: dict[Workpiece, None] = {}
        self.filled: Signal[bool] = Signal("order.filled", parts == 0)
        self.done = asyncio.Event()
        self._now = now
        if parts == 0:
            self.done.set()

    def awaited(self, product: str, route: tuple[Step, ...], holder: Callable[[Workpiece], Holder]) -> Workpiece:
        """Return the workpiece that comes next; it has no number until it is minted."""
        workpiece = Workpiece(0, product, route)
        workpiece.holder = holder(workpiece)
        self.in_process[workpiece] = None
        return workpiece

    def mint(self, workpiece: Workpiece) -> None:
        """Give an awaited workpiece its number: its part has come."""
        self.minted += 1
        workpiece.number = self.minted
        if self.minted == self.parts:
            self.filled.set(True, self._now())

    def finish(self, workpiece: Workpiece) -> None:
        """Take a workpiece that has ended off the list."""
        self.in_process.pop(workpiece, None)
        self.finished += 1
        if self.finished == self.parts:
            self.done.set()

    def forget(self, workpiece: Workpiece) -> None:
        """Take a workpiece off the list that has not come and is not wanted any more."""
        self.in_process.pop(workpiece, None)
