"""Who cannot go on: workpieces that are held, suspended, or awaited in vain, and who still can."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from robocell.control.resources import Resources, finishes
from robocell.control.ways import Ways
from robocell.control.workpiece import Workpiece
from robocell.journal import Journal


@dataclass(slots=True, eq=False)
class Entry:
    """One that cannot go on. `kind` is "held", "suspended" or "starved"; `freed` is set when a person resumes it."""

    kind: str
    workpiece: Workpiece
    cause: str
    freed: asyncio.Future[None]


class Holds:
    """All entries of a cell, and whether any route can finish in spite of them.

    Args:
        journal: told of changes ("blocked").
        resources: what everybody holds.
        ways: what everybody still needs.
        workpieces: those in process and those awaited.
        feeding: the products of which the order still wants parts.

    """

    def __init__(
        self,
        journal: Journal,
        resources: Resources,
        ways: Ways,
        workpieces: Mapping[Workpiece, None],
        feeding: Callable[[], Sequence[str]],
    ) -> None:
        self.changed: Callable[[], None] = lambda: None
        self._journal = journal
        self._resources = resources
        self._ways = ways
        self._workpieces = workpieces
        self._feeding = feeding
        self._entries: list[Entry] = []
        self._brakes: dict[str, None] = {}
        self._told: tuple[tuple[tuple[str, str], ...], bool] = ((), False)

    # --- entering and leaving -------------------------------------------------------------------------------------

    def enter(self, kind: str, workpiece: Workpiece, cause: str) -> Entry:
        """Note that a workpiece cannot go on: also one that is still awaited, while it starves."""
        entry = Entry(kind, workpiece, cause, asyncio.get_running_loop().create_future())
        self._entries.append(entry)
        self.changed()
        return entry

    def leave(self, entry: Entry) -> None:
        """Note that it can go on."""
        if entry in self._entries:
            self._entries.remove(entry)
            self.changed()

    async def stick(self, kind: str, workpiece: Workpiece, cause: str) -> None:
        """Enter, and wait until a person resumes it."""
        entry = self.enter(kind, workpiece, cause)
        try:
            await entry.freed
        finally:
            self.leave(entry)

    def release_held(self) -> list[str]:
        """Let everybody go on who waits for a person; return their causes."""
        causes: list[str] = []
        for entry in self._entries:
            if entry.kind == "held" and not entry.freed.done():
                entry.freed.set_result(None)
                causes.append(entry.cause)
        return causes

    def brake(self, cause: str) -> None:
        """Nothing can finish while an interlock holds the cell."""
        self._brakes[cause] = None
        self.changed()

    def release_brake(self, cause: str) -> None:
        """Note that the interlock holds again."""
        if self._brakes.pop(cause, "") is None:
            self.changed()

    # --- questions ------------------------------------------------------------------------------------------------

    def any(self) -> bool:
        """Whether anybody cannot go on."""
        return bool(self._entries)

    def somebody_held(self) -> bool:
        """Whether anybody waits for a person."""
        return any(entry.kind == "held" for entry in self._entries)

    def causes(self) -> str:
        """Return all causes, each once."""
        return ", ".join(dict.fromkeys(entry.cause for entry in self._entries))

    def any_can_finish(self) -> bool:
        """Whether some workpiece in process, or a part that is still wanted, can go all its way."""
        if self._brakes:
            return False
        stuck = {entry.workpiece: None for entry in self._entries}
        capacity = dict(self._resources.capacity)
        free = dict(capacity)
        for workpiece in self._workpieces:
            for word, count in workpiece.holder.held.items():
                free[word] -= count
                if workpiece in stuck:
                    capacity[word] -= count
        movable = [workpiece for workpiece in self._workpieces if workpiece not in stuck]
        if any(finishes(self._ways.ahead(workpiece), workpiece.holder.held, free) for workpiece in movable):
            return True
        return any(finishes(self._ways.fresh(product), {}, capacity) for product in self._feeding())

    def tell(self, can: bool) -> None:
        """Tell the journal who waits for what, if that has changed."""
        routes = tuple(sorted((entry.workpiece.product, entry.cause) for entry in self._entries))
        state = (routes, can and bool(routes))
        if state != self._told:
            self._told = state
            self._journal.append("blocked", routes=dict(routes), degraded=state[1])
