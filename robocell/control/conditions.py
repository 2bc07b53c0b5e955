"""What the cell file's conditions read: signals of devices and stations, named inputs, results.

A condition over a signal whose quality is not good does not hold: what nobody vouches for is not proven.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from robocell.devices import Device, Meter
from robocell.model.expression import Expression, Value
from robocell.signals import Signal


class _UnknownError(Exception):
    """A name that cannot be read now."""


class Conditions:
    """Evaluates expressions.

    Args:
        devices: by name.
        signals: signals of stations ("good.full") and of named inputs and outputs ("io.lamp").

    """

    def __init__(self, devices: Mapping[str, Device], signals: Mapping[str, Signal[Any]]) -> None:
        self._devices = devices
        self._signals = dict(signals)

    def signal(self, name: str) -> Signal[Any] | None:
        """Return the signal of a dotted name; None for a meter's reading or a result."""
        if name in self._signals:
            return self._signals[name]
        head, _, field = name.partition(".")
        device = self._devices.get(head)
        return device.signals.get(field) if device is not None else None

    def holds(self, expression: Expression, results: Mapping[str, str] | None = None) -> bool:
        """Whether a condition holds now; `results` are a workpiece's, by name."""
        found = self.decided(expression, results or {}, None)
        return bool(found)

    def decided(
        self, expression: Expression, results: Mapping[str, str], pending: frozenset[str] | None
    ) -> bool | None:
        """Return whether a condition holds, None where that depends on what is not known yet.

        Args:
            expression: the condition.
            results: a workpiece's results so far.
            pending: results that a later step may still make or change; signals may change too. None: ask for
                the present state.

        """
        try:
            return expression.evaluate(lambda name: self._value(name, results, pending))
        except _UnknownError:
            return None if pending is not None else False

    def _value(self, name: str, results: Mapping[str, str], pending: frozenset[str] | None) -> Value:
        head, _, field = name.partition(".")
        if head in results and (pending is None or head not in pending):
            return results[head] == field
        if pending is not None:
            raise _UnknownError
        device = self._devices.get(head)
        if isinstance(device, Meter) and field in ("power", "energy"):
            return device.power() if field == "power" else device.energy()
        signal = self.signal(name)
        if signal is None or not signal.good:
            raise _UnknownError
        value: Value = signal.value
        return value

    def watch(self, expression: Expression, act: Callable[[], None]) -> Callable[[], None]:
        """Call `act()` whenever a signal of the condition changes; returns what ends that."""
        found = [self.signal(reference.name) for reference in expression.names()]
        ends = [signal.subscribe(lambda _: act()) for signal in found if signal is not None]

        def end() -> None:
            for stop in ends:
                stop()

        return end
