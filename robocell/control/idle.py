"""Background duties: devices sleep while nothing is done, and a cell without progress raises an alarm."""

from __future__ import annotations

from robocell.clock import Clock
from robocell.control.alarms import Alarms
from robocell.control.orders import Order
from robocell.control.packml import State
from robocell.control.site import Site
from robocell.journal import Event, Journal
from robocell.model.energy import Idle


async def sleep_when_idle(site: Site, idle: Idle) -> None:
    """Put the listed devices to sleep once no command was given for so long; the next one wakes them by itself."""
    commands, asleep_since = site.commands, -1.0
    while True:
        quiet = site.clock.now() - commands.last_at
        if commands.under_way == 0 and quiet >= idle.after:
            if asleep_since != commands.last_at:
                asleep_since = commands.last_at
                for name in idle.sleep:
                    site.devices[name].sleep()
            quiet = 0.0
        await site.clock.background_sleep(max(idle.after - quiet, idle.after / 16))


class Progress:
    """Raises "no-progress" when in Execute for too long no workpiece has moved on, and clears it when one does.

    In any other state the cell has said already what it waits for.

    Args:
        journal: its events about workpieces are the progress.
        clock: the run's clock.
        alarms: where it is raised.
        limit: seconds.

    """

    NAME = "no-progress"

    def __init__(self, journal: Journal, clock: Clock, alarms: Alarms, limit: float) -> None:
        self._clock = clock
        self._alarms = alarms
        self._limit = limit
        self._last = 0.0
        self._executing = False
        journal.subscribe(self._read, ("minted", "moved", "op.end", "finished", "state"))

    def _read(self, event: Event) -> None:
        if event.kind == "state":
            self._executing = event.data["state"] == State.EXECUTE.word
        self._last = event.t
        if self._alarms.active:
            self._alarms.clear(self.NAME)

    async def watch(self, order: Order) -> None:
        """Look as often as it could be due."""
        while not order.done.is_set():
            left = self._last + self._limit - self._clock.now()
            if left <= 1e-6:
                left = self._limit
                if self._executing:
                    self._alarms.raise_(self.NAME, f"no workpiece has moved on for {self._limit:g} s")
            await self._clock.background_sleep(left)
