"""Interlocks: conditions without which devices must not move."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from robocell.clock import Clock
from robocell.control.conditions import Conditions
from robocell.devices import Device
from robocell.model.interlock import Interlock
from robocell.signals import Signal


def moves(device: Device) -> bool:
    """Whether a device moves now, as far as it tells."""
    signal = device.signals.get("moving") or device.signals.get("running")
    return bool(signal.value) if signal is not None else False


class Interlocks:
    """All interlocks of a cell.

    A listed device that moves when its condition falls is stopped at once, and `tripped` is told; at rest the
    interlock only refuses motion. With `slow` a moving arm is stopped and its command goes on slowly.

    Args:
        interlocks: by name.
        devices: by name.
        conditions: evaluates them.
        clock: stamps the signals.
        tripped: called with an interlock's name and what it asks for ("abort", "stop", "hold").

    """

    def __init__(
        self,
        interlocks: Mapping[str, Interlock],
        devices: Mapping[str, Device],
        conditions: Conditions,
        clock: Clock,
        tripped: Callable[[str, str], None],
    ) -> None:
        self._interlocks = interlocks
        self._devices = devices
        self._conditions = conditions
        self._clock = clock
        self._tripped = tripped
        self.holds: dict[str, Signal[bool]] = {}
        self._of: dict[str, list[str]] = {name: [] for name in devices}
        self._ends: list[Callable[[], None]] = []
        for name, interlock in interlocks.items():
            self.holds[name] = Signal(f"{name}.holds", False)
            for device in interlock.devices:
                self._of[device].append(name)

    def begin(self) -> None:
        """Look at every condition, and follow its signals from now on."""
        for name, interlock in self._interlocks.items():
            self._ends.append(self._conditions.watch(interlock.require, self._looking(name)))
            self._look(name)

    def close(self) -> None:
        """Stop watching."""
        for end in self._ends:
            end()
        self._ends.clear()

    def against(self, device: str) -> Signal[bool] | None:
        """Return the signal of an interlock that forbids a device to move now, None if none does."""
        for name in self._of[device]:
            if not self.holds[name].value and self._interlocks[name].otherwise != "slow":
                return self.holds[name]
        return None

    def refuse(self, device: str) -> None:
        """Act on a device that was commanded against an interlock."""
        for name in self._of[device]:
            interlock = self._interlocks[name]
            if not self.holds[name].value and interlock.otherwise != "slow":
                self._tripped(name, interlock.otherwise)

    def speed(self, device: str) -> float:
        """Return the speed override that interlocks ask of a device, 1 for none."""
        slow = [
            self._interlocks[name].speed
            for name in self._of[device]
            if not self.holds[name].value and self._interlocks[name].otherwise == "slow"
        ]
        return min(slow, default=1.0)

    def _looking(self, name: str) -> Callable[[], None]:
        return lambda: self._look(name)

    def _look(self, name: str) -> None:
        interlock, signal = self._interlocks[name], self.holds[name]
        before = signal.value
        signal.set(self._conditions.holds(interlock.require), self._clock.now())
        if signal.value or not before:
            return
        moving = [self._devices[device] for device in interlock.devices if moves(self._devices[device])]
        for device in moving:
            device.stop_now()
        if moving and interlock.otherwise != "slow":
            self._tripped(name, interlock.otherwise)
