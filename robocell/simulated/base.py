"""What every simulated device shares: it may stop answering, and a fault's cause may still be there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

from robocell.devices.base import Device, Lifecycle
from robocell.errors import DeviceFault
from robocell.signals import Signal

T = TypeVar("T")


class Simulated(Device):
    """Mixed in before a device contract; `attach` is called once by the constructor."""

    def attach(self, answers: Signal[bool]) -> None:
        """Take the world's word on whether the device answers."""
        self._answers = answers
        self._ends: list[Callable[[], None]] = []
        self.follow(answers, self._answered)

    def follow(self, signal: Signal[T], act: Callable[[T], None]) -> None:
        """Call `act(value)` at each change of a world's signal until the device is closed."""
        self._ends.append(signal.subscribe(lambda changed: act(changed.value)))

    def mirror(self, source: Signal[T], target: Signal[T]) -> None:
        """Copy a world's signal to one of the device at each change while it is in operation."""

        def copy(value: T) -> None:
            if self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
                target.set(value, self.clock.now())

        self.follow(source, copy)

    def _answered(self, answers: bool) -> None:
        if not answers and self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self.fail("lost", "does not answer")

    def cause(self) -> tuple[str, str] | None:
        """Return the (fault, detail) that the device would raise again now, None if there is none."""
        return None

    def listen(self) -> None:
        """Read the present state of what the device mirrors; called when it is configured."""

    async def configure(self) -> None:
        """Unconfigured → inactive.

        Raises:
            CommandRefused: it is not unconfigured.
            DeviceFault: it does not answer, or what made it fail is still there; it is faulted again.

        """
        self._expect(Lifecycle.UNCONFIGURED)
        cause = ("lost", "does not answer") if not self._answers.value else self.cause()
        if cause is not None:
            self.fail(*cause)
            raise DeviceFault(self.name, *cause)
        await super().configure()
        self.listen()

    def close(self) -> None:
        """Any state → closed; the world's signals are let go."""
        super().close()
        for end in self._ends:
            end()
        self._ends.clear()


async def until_any(*conditions: tuple[Signal[Any], Callable[[Any], bool]]) -> None:
    """Wait until one of several signals fulfils its condition."""
    if any(condition(signal.value) for signal, condition in conditions):
        return
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def watch(condition: Callable[[Any], bool]) -> Callable[[Signal[Any]], None]:
        def look(signal: Signal[Any]) -> None:
            if condition(signal.value) and not done.done():
                done.set_result(None)

        return look

    ends = [signal.subscribe(watch(condition)) for signal, condition in conditions]
    try:
        await done
    finally:
        for end in ends:
            end()
