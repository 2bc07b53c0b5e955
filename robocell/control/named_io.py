"""Named inputs and outputs (`io:`): a channel of a device, inverted and debounced as the file says."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from robocell.clock import Clock
from robocell.devices import Device, Panel
from robocell.model.cell import NamedIo
from robocell.signals import Signal


class NamedInputs:
    """Signals "io.NAME" of all named inputs and outputs; an output's signal is what was last commanded.

    Args:
        io: the file's section.
        devices: by name; channels are those of panels, "input_3" and "output_3".
        clock: for the debounce.

    """

    def __init__(self, io: Mapping[str, NamedIo], devices: Mapping[str, Device], clock: Clock) -> None:
        self._io = io
        self._devices = devices
        self._clock = clock
        self.signals: dict[str, Signal[bool]] = {f"io.{name}": Signal(f"io.{name}", False) for name in io}
        self._pending: dict[str, asyncio.TimerHandle] = {}
        for name, entry in io.items():
            if entry.direction == "in":
                self._follow(name, entry)

    def set(self, name: str, value: bool) -> None:
        """Switch a named output.

        Raises:
            CommandRefused: its device is not active.
            ValueError: its device has no such output.

        """
        entry = self._io[name]
        panel = self._devices[entry.device]
        if not isinstance(panel, Panel) or entry.direction == "in":
            raise ValueError(f"io.{name} is no output")
        panel.show(f"output_{entry.channel}", value != entry.invert)
        self.signals[f"io.{name}"].set(value, self._clock.now())

    def _follow(self, name: str, entry: NamedIo) -> None:
        source = self._devices[entry.device].signals.get(f"input_{entry.channel}")
        if source is None:
            raise ValueError(f"{entry.device} has no input {entry.channel}")
        target = self.signals[f"io.{name}"]
        target.set(source.value != entry.invert, 0.0)

        def settle() -> None:
            self._pending.pop(name, None)
            target.set(source.value != entry.invert, self._clock.now())

        def edge(_: Signal[bool]) -> None:
            waiting = self._pending.pop(name, None)
            if waiting is not None:
                waiting.cancel()
            if entry.debounce == 0.0:
                settle()
            elif (source.value != entry.invert) != target.value:
                self._pending[name] = asyncio.get_running_loop().call_later(entry.debounce, settle)

        source.subscribe(edge)
