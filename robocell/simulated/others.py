"""The smaller devices on a world: Sensor, Safety, Panel, Meter."""

from __future__ import annotations

import asyncio

from robocell.clock import Clock
from robocell.devices.base import Lifecycle
from robocell.devices.others import Meter, Panel, Safety, Sensor
from robocell.errors import CommandRefused
from robocell.signals import Signal
from robocell.simulated.base import Simulated
from robocell.world.protocol import BeamHandle, MeterHandle, PanelHandle, RelayHandle


class SimSensor(Simulated, Sensor):
    """Implements `Sensor`.

    The sensor answers `response` after an edge, and the input passes it on when it has been steady for
    `debounce`: shorter changes are ignored. A sensor that is on when nothing is seen is wired as the
    file says, so `invert` cancels out and `blocked` always means that something is there.

    Args:
        name: the device's name.
        clock: the run's clock.
        response: the sensor's own delay, s.
        debounce: s.
        handle: the beam in the world.
        answers: whether the device answers.

    """

    def __init__(
        self,
        name: str,
        clock: Clock,
        response: float,
        debounce: float,
        handle: BeamHandle,
        answers: Signal[bool],
    ) -> None:
        super().__init__(name, clock, response + debounce)
        self.attach(answers)
        self._handle = handle
        self._response = response
        self._debounce = debounce
        self._steady: asyncio.TimerHandle | None = None
        self.follow(handle.blocked, self._edge)

    def listen(self) -> None:
        """Read the beam's present state."""
        self._forget()
        self.blocked.set(self._handle.blocked.value, self.clock.now())

    def _edge(self, blocked: bool) -> None:
        if self.lifecycle not in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            return
        if self.latency == 0.0:
            self._pass_on(blocked)
        elif self._response == 0.0:
            self._arrives(blocked)
        else:
            asyncio.get_running_loop().call_later(self._response, self._arrives, blocked)

    def _arrives(self, blocked: bool) -> None:
        """Take the sensor's output at the input: it must stay for the debounce time."""
        self._forget()
        if self._debounce == 0.0:
            self._pass_on(blocked)
        elif blocked != self.blocked.value:
            self._steady = asyncio.get_running_loop().call_later(self._debounce, self._pass_on, blocked)

    def _pass_on(self, blocked: bool) -> None:
        self._steady = None
        if self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self.blocked.set(blocked, self.clock.now())

    def _forget(self) -> None:
        if self._steady is not None:
            self._steady.cancel()
            self._steady = None

    def fail(self, fault: str, detail: str = "") -> None:
        """Any state but closed → faulted; nobody vouches for the signal any more."""
        super().fail(fault, detail)
        if self.lifecycle is Lifecycle.FAULTED:
            self.blocked.spoil(self.clock.now())

    def close(self) -> None:
        """Any state → closed."""
        self._forget()
        super().close()


class SimSafety(Simulated, Safety):
    """Implements `Safety`: the relay's contacts, heard all the time while it answers.

    Args:
        name: the device's name.
        clock: the run's clock.
        handle: the relay in the world.
        answers: whether the device answers.

    """

    def __init__(self, name: str, clock: Clock, handle: RelayHandle, answers: Signal[bool]) -> None:
        super().__init__(name, clock)
        self.attach(answers)
        self._pairs: tuple[tuple[Signal[bool], Signal[bool]], ...] = (
            (handle.channel_a, self.channel_a),
            (handle.channel_b, self.channel_b),
            (handle.door_closed, self.door_closed),
            (handle.estop_released, self.estop_released),
        )
        self._heard_at = float("-inf")
        for source, target in self._pairs:
            self.mirror(source, target)

    def listen(self) -> None:
        """Read all contacts."""
        for source, target in self._pairs:
            target.set(source.value, self.clock.now())

    def heard_at(self) -> float:
        """Return when the relay's state was last confirmed, seconds of the run's clock; -inf for never."""
        if self.lifecycle in (Lifecycle.INACTIVE, Lifecycle.ACTIVE):
            self._heard_at = self.clock.now()
        return self._heard_at

    def fail(self, fault: str, detail: str = "") -> None:
        """Any state but closed → faulted; nobody vouches for the contacts any more."""
        self.heard_at()
        super().fail(fault, detail)
        if self.lifecycle is Lifecycle.FAULTED:
            for _, target in self._pairs:
                target.spoil(self.clock.now())


class SimPanel(Simulated, Panel):
    """Implements `Panel`.

    Args:
        name: the device's name.
        clock: the run's clock.
        outputs: names of lamps and output channels.
        handle: the panel in the world; its inputs are the device's.
        answers: whether the device answers.

    """

    def __init__(
        self, name: str, clock: Clock, outputs: tuple[str, ...], handle: PanelHandle, answers: Signal[bool]
    ) -> None:
        super().__init__(name, clock, tuple(handle.inputs), outputs)
        self.attach(answers)
        self._handle = handle
        for key, source in handle.inputs.items():
            self.mirror(source, self.inputs[key])

    def listen(self) -> None:
        """Read all inputs."""
        for key, source in self._handle.inputs.items():
            self.inputs[key].set(source.value, self.clock.now())

    def show(self, output: str, value: bool) -> None:
        """Switch a lamp or output channel."""
        self.ready()
        if output not in self.outputs:
            raise ValueError(f"{self.name} has no output '{output}': {', '.join(self.outputs) or 'none'}")
        self._handle.show(output, value)

    def ask(self, request: str) -> None:
        """Show what a person is asked to do ("" for nothing)."""
        self.ready()
        self._handle.ask(request)


class SimMeter(Simulated, Meter):
    """Implements `Meter`.

    Args:
        name: the device's name.
        clock: the run's clock.
        handle: the meter in the world.
        answers: whether the device answers.

    """

    def __init__(self, name: str, clock: Clock, handle: MeterHandle, answers: Signal[bool]) -> None:
        super().__init__(name, clock)
        self.attach(answers)
        self._handle = handle

    def power(self) -> float:
        """Return the present active power in watts."""
        self._open()
        return self._handle.power()

    def energy(self) -> float:
        """Return the energy since power-up in joules."""
        self._open()
        return self._handle.energy()

    def _open(self) -> None:
        if self.lifecycle is Lifecycle.CLOSED:
            raise CommandRefused(self.name, "is closed")
