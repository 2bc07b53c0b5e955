"""A machine tool in the world: a door that takes its time, a clamp that holds a part, programs, alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robocell.signals import Signal
from robocell.world.agenda import Entry
from robocell.world.energy import Load
from robocell.world.protocol import Part
from robocell.world.spec import MachineSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld


class MachineTool:
    """Implements `MachineHandle`. The door begins open, the clamp open, no program running.

    The clamp's pressure switch (`clamped`) only comes with a part in the vise: an empty vise closes to its
    end without force. A program that is started with the door not closed or nothing clamped ends in an alarm
    at once.
    """

    def __init__(self, world: BaseWorld, name: str, spec: MachineSpec, load: Load) -> None:
        self.name = name
        self.spec = spec
        self.door_open: Signal[bool] = Signal(f"{name}.door_open", True)
        self.door_closed: Signal[bool] = Signal(f"{name}.door_closed", False)
        self.clamped: Signal[bool] = Signal(f"{name}.clamped", False)
        self.running: Signal[bool] = Signal(f"{name}.running", False)
        self.succeeded: Signal[bool] = Signal(f"{name}.succeeded", False)
        self.alarm: Signal[bool] = Signal(f"{name}.alarm", False)
        self.clamp_closed = False
        self._world = world
        self._load = load
        self._gap = 1.0  # share of the door's way that is open at `_since`, moving at `_rate` shares a second
        self._rate = 0.0
        self._since = 0.0
        self._door: Entry | None = None
        self._clamp: Entry | None = None
        self._program: tuple[int, Entry] | None = None
        self._held: Part | None = None

    def door(self, opened: bool) -> None:
        """Start to open or close the door."""
        world, now = self._world, self._world.now
        world.agenda.cancel(self._door)
        self._gap = min(max(self._gap + self._rate * (now - self._since), 0.0), 1.0)
        self._since = now
        whole = self.spec.door_opens if opened else self.spec.door_closes
        left = (1.0 - self._gap if opened else self._gap) * whole
        self._rate = (1.0 if opened else -1.0) / whole if left > 0.0 else 0.0
        if left > 0.0:
            world.change(self.door_open, False)
            world.change(self.door_closed, False)
            self._door = world.agenda.at(now + left, lambda: self._door_there(opened))

    def _door_there(self, opened: bool) -> None:
        self._door = None
        self._gap, self._rate, self._since = (1.0 if opened else 0.0), 0.0, self._world.now
        self._world.change(self.door_open if opened else self.door_closed, True)

    def clamp(self, closed: bool) -> None:
        """Start to close or open the clamp; a part in the vise is held while closed."""
        world = self._world
        world.agenda.cancel(self._clamp)
        self._clamp = None
        if closed and self._held is None:
            self._clamp = world.agenda.at(world.now + self.spec.clamp_closes, self._clamp_there)
        elif not closed and self.clamp_closed:
            self._clamp = world.agenda.at(world.now + self.spec.clamp_opens, self._clamp_opened)

    def _clamp_opened(self) -> None:
        self._clamp = None
        self.clamp_closed = False
        self._world.change(self.clamped, False)
        if self._held is not None:
            part, self._held = self._held, None
            self._world.hold_fast(part, False)

    def _clamp_there(self) -> None:
        self._clamp = None
        self.clamp_closed = True
        part = self._part()
        if part is not None:
            self._held = part
            self._world.hold_fast(part, True)
            self._world.change(self.clamped, True)

    def _part(self) -> Part | None:
        for station in self.spec.stations:
            for part in self._world.parts_at(station):
                return part
        return None

    def part_gone(self, part: Part) -> None:
        """Take the world's word that a part was torn out of, or taken from, the vise."""
        if self._held is part:
            self._held = None
            self._world.change(self.clamped, False)

    def start(self, program: int, duration: float) -> None:
        """Start a program; `running` rises now and falls at its end, `succeeded` is then valid.

        The machine's own start-up comes before the program's `duration`.
        """
        world = self._world
        if self._program is not None:
            return
        world.change(self.succeeded, False)
        if self.alarm.value or not self.door_closed.value or self._held is None:
            world.change(self.alarm, True)
            return
        world.change(self.running, True)
        self._load.work(True, world.now)
        self._program = (program, world.agenda.at(world.now + self.spec.starts + duration, self._finished))

    def _finished(self) -> None:
        assert self._program is not None
        program, self._program = self._program[0], None
        if self._held is not None:
            self._held.processed = (*self._held.processed, program)
        self._load.work(False, self._world.now)
        self._world.change(self.succeeded, self._held is not None)
        self._world.change(self.running, False)

    def fail(self) -> None:
        """Raise the machine's alarm: a running program ends without success."""
        if self._program is not None:
            self._world.agenda.cancel(self._program[1])
            self._program = None
            self._load.work(False, self._world.now)
        self._world.change(self.succeeded, False)
        self._world.change(self.running, False)
        self._world.change(self.alarm, True)

    def mend(self) -> None:
        """Reset the alarm, as a person does."""
        self._world.change(self.alarm, False)

    def stop(self) -> None:
        """Stop the running program at once, without success and without an alarm."""
        if self._program is not None:
            self._world.agenda.cancel(self._program[1])
            self._program = None
            self._load.work(False, self._world.now)
            self._world.change(self.succeeded, False)
            self._world.change(self.running, False)
