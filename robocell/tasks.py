"""An ordered group of tasks: started, cancelled and awaited in the order in which they were made.

`asyncio.TaskGroup` keeps its tasks in a set and cancels them in whatever order that has; here the order is part of the
run's trace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from types import TracebackType
from typing import Any


class TaskCrew:
    """Tasks that end together: the first that fails cancels the rest, and its exception is the group's.

    Use as ``async with TaskCrew() as crew: crew.start(work(), name="…")``; leaving the block waits for all.
    """

    def __init__(self) -> None:
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._failure: BaseException | None = None
        self._owner: asyncio.Task[Any] | None = None
        self._idle: asyncio.Event = asyncio.Event()
        self._leaving = False

    async def __aenter__(self) -> TaskCrew:
        self._owner = asyncio.current_task()
        return self

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        """Start a task of the group under a name that says what it does."""
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks[task] = None
        task.add_done_callback(self._done)
        return task

    def cancel(self) -> None:
        """Cancel every task, oldest first."""
        for task in list(self._tasks):
            task.cancel()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)
        if not task.cancelled() and task.exception() is not None and self._failure is None:
            self._failure = task.exception()
            self.cancel()
            if not self._leaving and self._owner is not None:
                self._owner.cancel()
        if not self._tasks:
            self._idle.set()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leaving = True
        if kind is not None:
            self.cancel()
        while self._tasks:
            self._idle.clear()
            try:
                await self._idle.wait()
            except asyncio.CancelledError as cancelled:
                error = error or cancelled
                self.cancel()
        if self._failure is not None and not isinstance(self._failure, asyncio.CancelledError):
            if self._owner is not None and isinstance(error, asyncio.CancelledError):
                self._owner.uncancel()
            raise self._failure
        if error is not None and kind is None:
            raise error
