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
    """Implements `RelayHandle`: both channels are on while door and emergency stop permit.

    A scene may switch a channel off by itself, as a welded or broken contact does.
    """

    def __init__(self, world: BaseWorld, name: str) -> None:
        self.name = name
        self.channel_a: Signal[bool] = Signal(f"{name}.channel_a", True)
        self.channel_b: Signal[bool] = Signal(f"{name}.channel_b", True)
        self.door_closed: Signal[bool] = Signal(f"{name}.door_closed", True)
        self.estop_released: Signal[bool] = Signal(f"{name}.estop_released", True)
        self._world = world
        self._off: dict[str, None] = {}
        self._door = self._estop = True

    def set_door(self, closed: bool) -> None:
        """Open or close the guard door."""
        self._door = closed
        self._switch()

    def set_estop(self, released: bool) -> None:
        """Press or release the emergency stop."""
        self._estop = released
        self._switch()

    def force_off(self, contact: str, off: bool) -> None:
        """Hold one of the four signals off, whatever it watches, or leave it to itself again.

        Raises:
            KeyError: the relay has no such signal.

        """
        if contact not in ("channel_a", "channel_b", "door_closed", "estop_released"):
            raise KeyError(f"{self.name}.{contact}")
        if off:
            self._off[contact] = None
        else:
            self._off.pop(contact, None)
        self._switch()

    def mend(self) -> None:
        """Release the emergency stop and every signal that was forced off, as a person does."""
        self._off.clear()
        self.set_estop(True)

    def _switch(self) -> None:
        change, off = self._world.change, self._off
        door = self._door and "door_closed" not in off
        estop = self._estop and "estop_released" not in off
        change(self.door_closed, door)
        change(self.estop_released, estop)
        change(self.channel_a, door and estop and "channel_a" not in off)
        change(self.channel_b, door and estop and "channel_b" not in off)


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

    def release(self, button: str) -> None:
        """Switch an input off; one that the panel lacks is left alone."""
        if button in self.inputs:
            self._world.agenda.cancel(self._releases.pop(button, None))
            self._world.change(self.inputs[button], False)


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
