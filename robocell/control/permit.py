"""Permit to run: both relay channels on, their mirrors fresh, and armed by a person's rising edge.

Ordinary control: the relay makes the cell safe, whatever this does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from robocell.clock import Clock
from robocell.devices import Device, Safety, signal_of
from robocell.model.interlock import Permit
from robocell.signals import Signal


class RunPermit:
    """Watches the relay and the reset button.

    Attributes:
        armed: whether the cell may move. It falls at once when a channel opens or is not vouched for any more, and
            rises only with a rising edge of the reset while both channels are on and fresh.

    """

    def __init__(self, permit: Permit | None, devices: Mapping[str, Device], clock: Clock) -> None:
        self.armed: Signal[bool] = Signal("permit.armed", permit is None)
        self._clock = clock
        self._fresh = 0.0
        self._on = False
        self._relay: Safety | None = None
        self._ends: list[Callable[[], None]] = []
        if permit is None:
            return
        relay = devices[permit.relay]
        if not isinstance(relay, Safety):
            raise TypeError(f"{permit.relay} is no safety relay")
        self._relay, self._fresh = relay, permit.fresh
        reset = signal_of(dict(devices), permit.reset)
        self._ends = [
            relay.channel_a.subscribe(lambda _: self._look()),
            relay.channel_b.subscribe(lambda _: self._look()),
            reset.subscribe(self._pressed),
        ]
        self._look()

    def fresh(self) -> bool:
        """Whether both channels are on and were confirmed within the permit's `fresh`; drops the permit if not."""
        relay = self._relay
        if relay is None:
            return True
        on = self._on and self._clock.now() - relay.heard_at() <= self._fresh
        if not on:
            self.armed.set(False, self._clock.now())
        return on

    def close(self) -> None:
        """Stop watching."""
        for end in self._ends:
            end()
        self._ends.clear()

    def _look(self) -> None:
        channels = (self._relay.channel_a, self._relay.channel_b) if self._relay is not None else ()
        self._on = all(channel.value and channel.good for channel in channels)
        self.fresh()

    def _pressed(self, button: Signal[bool]) -> None:
        if button.value and button.good and self.fresh():
            self.armed.set(True, self._clock.now())
