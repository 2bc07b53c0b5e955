"""What is due and when: a heap of actions, first in, first out among equal times."""

from __future__ import annotations

import heapq
from collections.abc import Callable

Action = Callable[[], object]
INF = float("inf")


class Entry:
    """One action that is due at `time`; cancelled by `Agenda.cancel`."""

    __slots__ = ("action", "time")

    def __init__(self, time: float, action: Action) -> None:
        self.time = time
        self.action: Action | None = action


class Agenda:
    """Actions in order of their times, and of their entry among equal times."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Entry]] = []
        self._count = 0
        self._live = 0

    def __len__(self) -> int:
        return self._live

    def at(self, time: float, action: Action) -> Entry:
        """Enter an action; `time` must be finite."""
        if not time < INF:
            raise ValueError(f"an action needs a finite time, not {time!r}")
        entry = Entry(time, action)
        heapq.heappush(self._heap, (time, self._count, entry))
        self._count += 1
        self._live += 1
        return entry

    def cancel(self, entry: Entry | None) -> None:
        """Take an action back; nothing happens if it is None, done or cancelled already."""
        if entry is not None and entry.action is not None:
            entry.action = None
            self._live -= 1

    def next(self) -> float:
        """Return the time of the next action, inf if there is none."""
        heap = self._heap
        while heap and heap[0][2].action is None:
            heapq.heappop(heap)
        return heap[0][0] if heap else INF

    def due(self, now: float) -> Action | None:
        """Strike off and return the next action whose time has come, None if there is none."""
        heap = self._heap
        while heap and heap[0][0] <= now:
            entry = heapq.heappop(heap)[2]
            action, entry.action = entry.action, None
            if action is not None:
                self._live -= 1
                return action
        return None
