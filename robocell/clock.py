"""The only source of time and chance.

Everything in robocell that sleeps, waits with a deadline or draws a number does it through a `Clock`. In simulation the
clock runs on `simloop.SimLoop`, starts at 0 and jumps; on hardware it is the event loop's monotonic time. Random
streams are derived from the run's seed and a *name that says what they serve* ("supply/0"), so that a new consumer of
chance never changes what the others draw.
"""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import random
import time
from collections.abc import Awaitable
from typing import Protocol, TypeVar

T = TypeVar("T")


class _BackgroundLoop(Protocol):
    """An event loop that can tell timers which keep a run alive from those which do not."""

    def call_at_background(self, when: float, callback: object, *args: object) -> asyncio.TimerHandle: ...


class Clock:
    """Time and chance of one run, in one event loop: the one that runs when it is first asked for the time.

    Args:
        seed: the run's seed; the same seed gives the same streams in any process.

    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def now(self) -> float:
        """Seconds since the run began (virtual in simulation, monotonic on hardware)."""
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait; a foreground timer: while it runs, the cell is not deadlocked."""
        await asyncio.sleep(max(seconds, 0.0))

    async def background_sleep(self, seconds: float) -> None:
        """Wait without keeping the run alive: for polls, watchdogs and other periodic work."""
        loop = asyncio.get_running_loop()
        schedule = getattr(loop, "call_at_background", None)
        if schedule is None:
            await asyncio.sleep(max(seconds, 0.0))
            return
        waiter: asyncio.Future[None] = loop.create_future()
        handle = schedule(loop.time() + max(seconds, 0.0), _wake, waiter)
        try:
            await waiter
        finally:
            handle.cancel()

    async def within(self, seconds: float | None, what: Awaitable[T]) -> T:
        """Await `what` for at most `seconds` (None: for ever).

        Raises:
            TimeoutError: the time passed; `what` is cancelled.

        """
        async with asyncio.timeout(seconds):
            return await what

    def stream(self, name: str) -> random.Random:
        """Return the random stream of that name; the same object each time within a run."""
        if name not in self._streams:
            digest = hashlib.sha256(f"{self.seed}/{name}".encode()).digest()
            self._streams[name] = random.Random(int.from_bytes(digest[:16], "big"))
        return self._streams[name]


def _wake(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)


def wall_seconds() -> float:
    """Return a monotonic wall-clock reading in seconds: for speed figures only, never for behaviour."""
    return time.perf_counter()


def wall_date() -> datetime.date:
    """Return today's date, in UTC: for what people file, such as a calibration; never for behaviour."""
    return datetime.datetime.now(datetime.UTC).date()
