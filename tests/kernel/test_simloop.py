from __future__ import annotations

import asyncio
import os
import subprocess
import sys

import pytest

from robocell.clock import Clock
from robocell.errors import DeadlockError
from robocell.signals import Signal
from robocell.simloop import virtual_loop
from robocell.tasks import TaskCrew


def test_equal_deadlines_run_first_in_first_out() -> None:
    seen: list[int] = []

    async def at_once(number: int) -> None:
        await asyncio.sleep(1.0)
        seen.append(number)

    async def main() -> None:
        await asyncio.gather(*[at_once(number) for number in range(50)])

    virtual_loop().run(main())
    assert seen == list(range(50))


def test_time_starts_at_zero_and_jumps() -> None:
    async def main() -> float:
        assert asyncio.get_running_loop().time() == 0.0
        await asyncio.sleep(1e6)
        return asyncio.get_running_loop().time()

    assert virtual_loop().run(main()) == 1e6


def test_a_timeout_fires_at_its_virtual_time() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5.0):
                await asyncio.sleep(100.0)
        return asyncio.get_running_loop().time()

    assert virtual_loop().run(main()) == 5.0


def test_cancellation_reaches_a_sleeping_task() -> None:
    async def main() -> bool:
        task = asyncio.get_running_loop().create_task(asyncio.sleep(10.0), name="sleeper")
        await asyncio.sleep(1.0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return task.cancelled() and asyncio.get_running_loop().time() == 1.0

    assert virtual_loop().run(main())


def test_a_deadlock_names_what_waits_although_pollers_run() -> None:
    clock = Clock()
    signal = Signal("eye.blocked", False)

    async def poll() -> None:
        while True:
            await clock.background_sleep(0.1)

    async def main() -> None:
        async with TaskCrew() as crew:
            crew.start(poll(), "poll eye")
            crew.start(signal.until(bool), "cap 1 waits for eye.blocked")

    loop = virtual_loop(patience=5.0)
    with pytest.raises(DeadlockError) as found:
        loop.run(main())
    assert "cap 1 waits for eye.blocked" in found.value.waiting


def test_a_poller_may_still_bring_the_change_that_ends_the_wait() -> None:
    clock = Clock()
    signal = Signal("eye.blocked", False)

    async def poll() -> None:
        for _ in range(20):
            await clock.background_sleep(0.1)
        signal.set(True, clock.now())

    async def main() -> float:
        asyncio.get_running_loop().create_task(poll())
        await signal.until(bool)
        return clock.now()

    assert virtual_loop().run(main()) == pytest.approx(2.0)


def test_executors_are_refused() -> None:
    async def main() -> None:
        await asyncio.to_thread(print)

    with pytest.raises(RuntimeError, match="no executors in virtual time"):
        virtual_loop().run(main())


def test_an_exception_that_nobody_awaits_ends_the_run() -> None:
    async def main() -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(1.0)

    with pytest.raises(ZeroDivisionError):
        virtual_loop().run(main())


def test_a_crew_cancels_in_the_order_of_starting_and_tells_the_first_failure() -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await asyncio.sleep(100.0)
        finally:
            ended.append(name)

    async def fail() -> None:
        await asyncio.sleep(1.0)
        raise OSError("first")

    async def main() -> None:
        async with TaskCrew() as crew:
            for name in "cab":
                crew.start(work(name), name)
            crew.start(fail(), "fail")

    with pytest.raises(OSError, match="first"):
        virtual_loop().run(main())
    assert ended == ["c", "a", "b"]


_TRACE = """
import asyncio
from robocell.clock import Clock
from robocell.simloop import virtual_loop
clock = Clock(7)
async def worker(name):
    stream = clock.stream(name)
    for _ in range(20):
        await clock.sleep(round(stream.random(), 1))
        print(name, clock.now())
async def main():
    await asyncio.gather(*[worker(f"worker/{k}") for k in range(8)])
virtual_loop().run(main())
"""


def test_the_trace_is_the_same_under_three_hash_seeds() -> None:
    traces = {
        subprocess.run(
            [sys.executable, "-c", _TRACE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "42")
    }
    assert len(traces) == 1
    assert len(traces.pop().splitlines()) == 160


def test_timers_that_are_alike_are_counted_each() -> None:
    """Two polls at one moment, one of them given up: what waits for ever is still found."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        poll: list[int] = []
        for _ in range(2):
            loop.call_at_background(1.0, poll.append, 0)  # type: ignore[attr-defined]
        loop.call_at_background(2.0, poll.append, 0).cancel()  # type: ignore[attr-defined]
        await asyncio.sleep(3.0)
        assert len(poll) == 2
        await Signal("never", False).until(bool)

    with pytest.raises(DeadlockError):
        virtual_loop().run(main())
