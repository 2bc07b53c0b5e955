"""A signal: one value with its time and quality, one writer, many readers.

What OPC UA calls a variable and a PLC a tag. The writer sets it; readers look at `value`, await a condition, or
subscribe. Waiting never polls: readers wake in the order in which they began to wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Signal(Generic[T]):
    """A value that changes in time.

    Args:
        name: "device.signal", as expressions in the cell file name it.
        value: the first value; `good` is False until the writer has spoken when `known` is False.

    """

    __slots__ = ("_good", "_subscribers", "_value", "_waiters", "changed_at", "name")

    def __init__(self, name: str, value: T, *, known: bool = True) -> None:
        self.name = name
        self.changed_at = 0.0
        self._value = value
        self._good = known
        self._waiters: list[tuple[Callable[[T], bool], asyncio.Future[T]]] = []
        self._subscribers: list[Callable[[Signal[T]], None]] = []

    @property
    def value(self) -> T:
        """The last value that was written."""
        return self._value

    @property
    def good(self) -> bool:
        """Whether the source still vouches for the value."""
        return self._good

    def set(self, value: T, at: float) -> None:
        """Write a value at time `at` (seconds); wakes readers if it differs from the last or mends the quality."""
        if self._good and value == self._value:
            return
        self._value = value
        self._good = True
        self.changed_at = at
        if self._waiters or self._subscribers:
            self._tell()

    def spoil(self, at: float) -> None:
        """Mark the value as no longer vouched for (link lost, sensor silent)."""
        if not self._good:
            return
        self._good = False
        self.changed_at = at
        self._tell()

    def subscribe(self, callback: Callable[[Signal[T]], None]) -> Callable[[], None]:
        """Call `callback(signal)` at once after each change; returns what ends the subscription."""
        self._subscribers.append(callback)
        return lambda: self._subscribers.remove(callback)

    async def until(self, condition: Callable[[T], bool]) -> T:
        """Return the value as soon as `condition(value)` holds and the quality is good."""
        if self._good and condition(self._value):
            return self._value
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        entry = (condition, waiter)
        self._waiters.append(entry)
        try:
            return await waiter
        finally:
            if entry in self._waiters:
                self._waiters.remove(entry)

    async def edge(self, condition: Callable[[T], bool]) -> T:
        """Return at the next change after which `condition(value)` holds, even if it holds now already."""
        waiter: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        entry = (condition, waiter)
        self._waiters.append(entry)
        try:
            return await waiter
        finally:
            if entry in self._waiters:
                self._waiters.remove(entry)

    def _tell(self) -> None:
        if self._good and self._waiters:
            due = [entry for entry in self._waiters if entry[0](self._value)]
            for entry in due:
                self._waiters.remove(entry)
                if not entry[1].done():
                    entry[1].set_result(self._value)
        for callback in list(self._subscribers):
            callback(self)

    def __repr__(self) -> str:
        return f"Signal({self.name}={self._value!r}{'' if self._good else ', not good'})"
