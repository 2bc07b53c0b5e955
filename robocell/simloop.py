"""A deterministic asyncio event loop in virtual time.

The clock starts at 0 and jumps to the next timer; equal deadlines run first in, first out. A world (anything with the
`Hook` methods) is advanced inside the jump and may end it early because something changed. Nothing here reads the wall
clock, uses a thread or iterates over a set, so the same program gives the same trace in any process.

Timers are foreground or background. Polls, watchdogs and other periodic work are background: they do not keep a run
alive. If nothing is ready, no foreground timer is set and the world has nothing under way, nothing can ever happen
again: that is a deadlock, raised with the names of the tasks that wait.
"""

from __future__ import annotations

import asyncio
import heapq
import threading
from collections import deque
from collections.abc import Callable, Coroutine, Generator
from contextvars import Context
from typing import Any, Protocol, TypeVar, TypeVarTuple, Unpack

from robocell.errors import DeadlockError

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
INF = float("inf")


class Hook(Protocol):
    """What the loop needs of a world."""

    def advance(self, now: float, limit: float) -> float:
        """Move on from `now`; return the time reached, earlier than `limit` if and only if something changed."""

    def publish(self) -> None:
        """Write the changes found by `advance` to their signals; the loop's time is already the time reached."""

    def pending(self) -> bool:
        """Whether something is under way that will change a signal without any further command."""


class _Timer(asyncio.TimerHandle):
    """A timer that knows whether it keeps the run alive, and whether it is still counted."""

    __slots__ = ("counted", "foreground")

    counted: bool
    foreground: bool


class SimLoop(asyncio.AbstractEventLoop):
    """asyncio in virtual time.

    Args:
        patience: virtual seconds that background timers alone may run on before this counts as a deadlock; a poll
            may still have to bring in the last change of the world.

    """

    def __init__(self, patience: float = 60.0) -> None:
        self.patience = patience
        self.hook: Hook | None = None
        self.on_deadlock: Callable[[DeadlockError], None] | None = None
        self._now = 0.0
        self._ready: deque[asyncio.Handle] = deque()
        self._timers: list[tuple[float, int, _Timer]] = []
        self._sequence = 0
        self._foreground = 0
        self._idle_since: float | None = None
        self._tasks: dict[asyncio.Task[Any], None] = {}
        self._stopping = False
        self._running = False
        self._closed = False
        self._thread = 0
        self._failure: BaseException | None = None

    # --- time and scheduling -------------------------------------------------------------------------------------

    def time(self) -> float:
        """Return virtual seconds since the loop was made."""
        return self._now

    def call_soon(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Run the callback in this turn, after what is ready already."""
        handle = asyncio.Handle(callback, args, self, context)
        self._ready.append(handle)
        return handle

    def call_soon_threadsafe(
        self, callback: Callable[[Unpack[Ts]], object], *args: *Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """As `call_soon`, for signal handlers; refused from another thread."""
        if self._running and threading.get_ident() != self._thread:
            raise RuntimeError("no threads in virtual time: their timing would differ from run to run")
        return self.call_soon(callback, *args, context=context)

    def call_later(
        self,
        delay: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run the callback after `delay` virtual seconds (a foreground timer)."""
        return self._schedule(self._now + delay, callback, args, context, foreground=True)

    def call_at(
        self,
        when: float,
        callback: Callable[[Unpack[Ts]], object],
        *args: *Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Run the callback at virtual time `when` (a foreground timer)."""
        return self._schedule(when, callback, args, context, foreground=True)

    def call_at_background(
        self, when: float, callback: Callable[[Unpack[Ts]], object], *args: *Ts
    ) -> asyncio.TimerHandle:
        """Run the callback at virtual time `when`, without keeping the run alive for it."""
        return self._schedule(when, callback, args, None, foreground=False)

    def _schedule(
        self,
        when: float,
        callback: Callable[..., object],
        args: tuple[Any, ...],
        context: Context | None,
        *,
        foreground: bool,
    ) -> _Timer:
        if not when < INF:
            raise ValueError(f"a timer needs a finite time, not {when!r}")
        when = when if when > self._now else self._now
        handle = _Timer(when, callback, args, self, context)
        handle.counted, handle.foreground = True, foreground
        self._foreground += foreground
        heapq.heappush(self._timers, (when, self._sequence, handle))
        self._sequence += 1
        return handle

    def _timer_handle_cancelled(self, handle: _Timer) -> None:
        """Keep count; asyncio calls this from `TimerHandle.cancel`, also for timers that have fired."""
        if handle.counted:
            self._forget(handle)

    def _forget(self, handle: _Timer) -> None:
        handle.counted = False
        self._foreground -= handle.foreground

    # --- tasks ---------------------------------------------------------------------------------------------------

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return asyncio.Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, T] | Coroutine[Any, Any, T],
        *,
        name: str | None = None,
        context: Context | None = None,
        **kwargs: Any,
    ) -> asyncio.Task[T]:
        """Return a task of this loop; unnamed tasks are numbered by the loop, not by the process."""
        self._sequence += 1
        task = asyncio.Task(coro, loop=self, name=name or f"task {self._sequence}", context=context, **kwargs)
        self._tasks[task] = None
        task.add_done_callback(self._task_done)
        return task

    def _task_done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.pop(task, None)

    def waiting(self) -> list[str]:
        """Return the names of the tasks that are not done, oldest first."""
        return [task.get_name() for task in self._tasks if not task.done()]

    # --- running -------------------------------------------------------------------------------------------------

    def run(self, main: Coroutine[Any, Any, T]) -> T:
        """Run `main` to its end, then cancel whatever it left behind, newest first, and close the loop."""
        try:
            task = self.create_task(main, name="main")
            self.run_until_complete(task)
            return task.result()
        finally:
            self._cancel_rest()
            self.close()

    def run_until_complete(self, future: Any) -> Any:
        """Run until the future is done; return its result."""
        future = asyncio.ensure_future(future, loop=self)
        future.add_done_callback(self._stop_on)
        try:
            self.run_forever()
        finally:
            future.remove_done_callback(self._stop_on)
        if not future.done():
            raise RuntimeError("the loop was stopped before its main task was done")
        return future.result()

    def _stop_on(self, _future: asyncio.Future[Any]) -> None:
        self._stopping = True

    def run_forever(self) -> None:
        """Run until `stop` is called."""
        if self._closed or self._running:
            raise RuntimeError("this loop is closed or runs already")
        self._running, self._stopping = True, False
        self._thread = threading.get_ident()
        outer = asyncio._get_running_loop()
        asyncio._set_running_loop(self)
        try:
            while not self._stopping:
                self._turn()
        finally:
            self._running = False
            asyncio._set_running_loop(outer)

    def _turn(self) -> None:
        ready = self._ready
        while ready:
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            if self._stopping:
                return
        self._jump()

    def _jump(self) -> None:
        """Move time on to the next timer, or to the world's next change if that is earlier."""
        timers = self._timers
        while timers and timers[0][2]._cancelled:
            heapq.heappop(timers)
        if self._foreground == 0 and not (self.hook is not None and self.hook.pending()):
            if self._stuck(timers[0][0] if timers else None):
                return
        else:
            self._idle_since = None
        limit = timers[0][0] if timers else INF
        if self.hook is not None:
            reached = self.hook.advance(self._now, limit)
            if self._now < reached < INF:
                self._now = reached
            self.hook.publish()
            if self._ready or reached < limit:
                return
        if timers:
            self._now = max(self._now, limit)
            self._fire(limit)

    def _fire(self, limit: float) -> None:
        timers = self._timers
        while timers and timers[0][0] <= limit:
            handle = heapq.heappop(timers)[2]
            if handle._cancelled:
                continue
            self._forget(handle)
            self._ready.append(handle)

    def _stuck(self, next_background: float | None) -> bool:
        """Whether nothing can ever happen again; background timers alone may run on for `patience` seconds."""
        if next_background is not None:
            if self._idle_since is None:
                self._idle_since = self._now
            if next_background - self._idle_since <= self.patience:
                return False
        self._idle_since = None
        deadlock = DeadlockError(self.waiting())
        if self.on_deadlock is None:
            raise deadlock
        handler, self.on_deadlock = self.on_deadlock, None
        handler(deadlock)
        return True

    def stop(self) -> None:
        """Stop at the end of the callback that runs now."""
        self._stopping = True

    def _cancel_rest(self) -> None:
        rest = [task for task in self._tasks if not task.done()]
        if not rest:
            return
        for task in reversed(rest):
            task.cancel()
        self.hook = None
        self.on_deadlock = None
        self.run_until_complete(asyncio.gather(*rest, return_exceptions=True))

    def is_running(self) -> bool:
        """Whether the loop runs now."""
        return self._running

    def is_closed(self) -> bool:
        """Whether the loop was closed."""
        return self._closed

    def close(self) -> None:
        """Forget everything; a closed loop cannot run again."""
        self._ready.clear()
        self._timers.clear()
        self._closed = True

    async def shutdown_asyncgens(self) -> None:
        """Nothing to do: asynchronous generators end with their tasks."""

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Nothing to do: there is no executor."""

    def run_in_executor(  # type: ignore[override]
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> Any:
        """Refused: a thread's timing is not deterministic.

        Raises:
            RuntimeError: always.

        """
        raise RuntimeError("no executors in virtual time: a thread's timing would differ from run to run")

    # --- what asyncio expects of any loop ------------------------------------------------------------------------

    def get_debug(self) -> bool:
        """Return False: debug mode reads the wall clock."""
        return False

    def set_debug(self, enabled: bool) -> None:
        """Debug mode is not offered: it reads the wall clock."""

    def default_exception_handler(self, context: dict[str, Any]) -> None:
        """Treat an exception that nobody awaits as the run's own failure."""
        self.call_exception_handler(context)

    def call_exception_handler(self, context: dict[str, Any]) -> None:
        """End the run with the exception: nothing may fail unseen."""
        exception = context.get("exception")
        self._failure = exception if exception is not None else RuntimeError(str(context.get("message")))


def virtual_loop(patience: float = 60.0) -> SimLoop:
    """Return a new loop in virtual time.

    asyncio's abstract loop also names sockets, pipes and subprocesses; in virtual time there are none, and asyncio's
    own "not implemented" is the right answer.
    """
    return SimLoop(patience)  # type: ignore[abstract]
