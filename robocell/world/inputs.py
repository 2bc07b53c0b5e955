"""What a person and the surroundings act on: beams, safety relays, operator panels, the meter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robocell.signals import Signal
from robocell.world.agenda import Entry
from robocell.world.spec import BeamSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld

PULSE = 0.2
"""Seconds for which a person presses a button."""


class Beam:
    """Implements `BeamHandle`: true state, no delay, no debounce.

    A scene may force it: blocked (a rag hangs in it) or blind (it sees nothing any more).
    """

    def __init__(self, world: BaseWorld, name: str, spec: BeamSpec) -> None:
        self.name = name
        self.spec = spec
        self.blocked: Signal[bool] = Signal(f"{name}.blocked", False)
        self._world = world
        self._truth = False
        self._forced: bool | None = None

    def see(self, blocked: bool) -> None:
        """Take the world's word on whether a part is in the beam."""
        self._truth = blocked
        if self._forced is None:
            self._world.change(self.blocked, blocked)

    def force(self, state: bool | None) -> None:
        """Force the beam to a state whatever is in it; None lets it see again."""
        self._forced = state
        self._world.change(self.blocked, self._truth if state is None else state)


class Relay:
    """Implements `RelayHandle`: both channels are on while door and emergency stop permit."""

    def __init__(self, world: BaseWorld, name: str) -> None:
        self.name = name
        self.channel_a: Signal[bool] = Signal(f"{name}.channel_a", True)
        self.channel_b: Signal[bool] = Signal(f"{name}.channel_b", True)
        self.door_closed: Signal[bool] = Signal(f"{name}.door_closed", True)
        self.estop_released: Signal[bool] = Signal(f"{name}.estop_released", True)
        self._world = world

    def set_door(self, closed: bool) -> None:
        """Open or close the guard door."""
        self._world.change(self.door_closed, closed)
        self._switch(closed and self._state(self.estop_released))

    def set_estop(self, released: bool) -> None:
        """Press or release the emergency stop."""
        self._world.change(self.estop_released, released)
        self._switch(released and self._state(self.door_closed))

    def _state(self, signal: Signal[bool]) -> bool:
        return self._world.latest(signal)

    def _switch(self, on: bool) -> None:
        self._world.change(self.channel_a, on)
        self._world.change(self.channel_b, on)


class OperatorPanel:
    """Implements `PanelHandle`: push-buttons that a person presses, lamps, and one line of text."""

    def __init__(self, world: BaseWorld, name: str, inputs: tuple[str, ...]) -> None:
        self.name = name
        self.inputs: dict[str, Signal[bool]] = {key: Signal(f"{name}.{key}", False) for key in inputs}
        self.outputs: dict[str, bool] = {}
        self.request = ""
        self._world = world
        self._releases: dict[str, Entry] = {}

    def show(self, output: str, value: bool) -> None:
        """Switch a lamp or channel."""
        self.outputs[output] = value

    def ask(self, request: str) -> None:
        """Show a request to the person ("" for none)."""
        if request != self.request:
            self.request = request
            self._world.requested(self)

    def press(self, button: str) -> None:
        """Press a button for `PULSE` seconds; a button that the panel lacks does nothing."""
        signal = self.inputs.get(button)
        if signal is None:
            return
        world = self._world
        world.agenda.cancel(self._releases.pop(button, None))
        world.change(signal, True)
        self._releases[button] = world.agenda.at(world.now + PULSE, lambda: world.change(signal, False))


class SupplyMeter:
    """Implements `MeterHandle` on the cell's electrical supply."""

    def __init__(self, world: BaseWorld) -> None:
        self._world = world

    def power(self) -> float:
        """Watts now."""
        return self._world.supply.watts

    def energy(self) -> float:
        """Joules since the world began."""
        return self._world.supply.energy(self._world.now)
