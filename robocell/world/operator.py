"""The person beside the cell: starts it, answers requests, and acts only through inputs and parts.

Nothing here reads or tells the controller anything that a person could not: the panel's request line is
read, buttons are pressed, the guard door is opened, parts are taken away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from robocell.world.inputs import OperatorPanel, Relay
from robocell.world.spec import OperatorSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld

STEP = 2.0
"""Seconds between two actions of a person."""

Step = Callable[[], None]


class Operator:
    """Works off one request at a time, in the order in which they were shown.

    "exchange STATION": opens the guard door, takes the station's parts away, closes the door, presses the
    exchange's confirm input and the permit's reset. Anything else that is not empty: opens the door, mends
    what a person can mend (jams, parts on the floor, machine alarms, arms in protective stop, blocked
    sensors, a pressed emergency stop; for "attend quality.CHART" the tool that made the parts), closes the door, presses
    reset and start. Where a station has something
    "unexpected", it is taken away. A request that is gone when the person arrives is left alone.
    """

    def __init__(self, world: BaseWorld, spec: OperatorSpec) -> None:
        self._world = world
        self._spec = spec
        self._busy = False
        self._shown: list[OperatorPanel] = []
        world.agenda.at(spec.start, self._begin)

    def _begin(self) -> None:
        self._press(self._world.spec.reset)

    def requested(self, panel: OperatorPanel) -> None:
        """See the panel's new request line."""
        if panel.request and panel not in self._shown:
            self._shown.append(panel)
            self._attend()

    def _attend(self) -> None:
        if self._busy or not self._shown or self._spec.respond is None:
            return
        self._busy = True
        panel = self._shown[0]
        self._world.agenda.at(self._world.now + self._spec.respond, lambda: self._arrive(panel))

    def _arrive(self, panel: OperatorPanel) -> None:
        request = panel.request
        if not request:
            self._leave(panel)
            return
        word, _, name = request.partition(" ")
        steps = self._exchange(name) if word == "exchange" else self._mend(name.partition("."))
        self._go_on([*steps, lambda: self._leave(panel)])

    def _leave(self, panel: OperatorPanel) -> None:
        self._busy = False
        self._shown.remove(panel)
        if panel.request:
            self._shown.append(panel)  # still asked for: the person comes again
        self._attend()

    def _go_on(self, steps: list[Step]) -> None:
        steps[0]()
        if len(steps) > 1:
            self._world.agenda.at(self._world.now + STEP, lambda: self._go_on(steps[1:]))

    def _exchange(self, name: str) -> list[Step]:
        station = self._world.spec.stations.get(name)
        confirm = station.exchange if station is not None else None
        return [
            lambda: self._door(False),
            lambda: self._empty(name),
            lambda: self._door(True),
            lambda: self._press(confirm),
            lambda: self._press(self._world.spec.reset),
        ]

    def _mend(self, cause: tuple[str, str, str]) -> list[Step]:
        source, _, what = cause

        def mend() -> None:
            self._world.mend()
            if source == "quality":
                self._world.wear.renew()
            if what.startswith("unexpected"):
                self._empty(source)

        return [
            lambda: self._door(False),
            mend,
            lambda: self._door(True),
            lambda: self._press(self._world.spec.reset),
            lambda: self._press(self._world.spec.start),
        ]

    def _relays(self) -> list[Relay]:
        name = self._world.spec.relay
        return [self._world.relays[name]] if name is not None else []

    def _door(self, closed: bool) -> None:
        for relay in self._relays():
            relay.set_door(closed)

    def _empty(self, station: str) -> None:
        for part in self._world.parts_at(station):
            self._world.remove(part)

    def _press(self, button: tuple[str, str] | None) -> None:
        if button is not None and button[0] in self._world.panels:
            self._world.panels[button[0]].press(button[1])
