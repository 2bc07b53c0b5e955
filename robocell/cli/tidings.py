"""The lines of a run's log: changes of state, alarms, requests to people and what they did; parts by the tenth."""

from __future__ import annotations

import math
from collections.abc import Callable

from rich.text import Text

from robocell.cli.status import Status
from robocell.journal import Event
from robocell.report import figures

_STATE_STYLE = {"Execute": "green", "Complete": "green", "Held": "red", "Aborted": "red", "Suspended": "yellow"}


class Tidings:
    """Says in lines what a run's events tell people.

    States that follow each other at the same instant make one line, with the cause of the first: a start is one line, not six.

    Args:
        say: takes each line.
        status: where the run stands; it has taken an event before its line is asked for.
        milestones: whether there is a line for every tenth of the parts.

    """

    def __init__(self, say: Callable[[Text], None], status: Status, milestones: bool) -> None:
        self._say = say
        self._status = status
        self._milestones = milestones
        self._every = 1
        self._state: tuple[float, str, str] | None = None
        self._handlers: dict[str, Callable[[Event], None]] = {
            "run.begin": self._begin,
            "state": self._changed,
            "alarm": self._alarm,
            "request": self._request,
            "service": self._service,
            "intervention": self._intervention,
            "finished": self._finished,
            "run.end": self._end,
        }

    def take(self, event: Event) -> None:
        """Take the next event."""
        if self._state is not None and event.t > self._state[0]:
            self.flush()
        handler = self._handlers.get(event.kind)
        if handler is not None:
            handler(event)

    def flush(self) -> None:
        """Say the last change of state, if it is still to be said."""
        if self._state is None:
            return
        (t, state, cause), self._state = self._state, None
        self._line(t, Text.assemble((state, _STATE_STYLE.get(state, "")), f": {cause}" if cause else ""))

    def _line(self, t: float, text: Text) -> None:
        self._say(Text.assemble((f"{figures.moment(t):>9}  ", "dim"), text))

    def _begin(self, event: Event) -> None:
        self._every = max(1, math.ceil(self._status.wanted / 10))

    def _changed(self, event: Event) -> None:
        cause = event.data["cause"] if event.data["cause"] != "done" else ""
        if self._state is not None:
            cause = self._state[2] or cause
        self._state = (event.t, event.data["state"], cause)

    def _alarm(self, event: Event) -> None:
        name, text = event.data["name"], event.data["text"]
        if event.data["active"]:
            self._line(event.t, Text.assemble((f"alarm {name}", "bold red"), f": {text}"))
        else:
            self._line(event.t, Text(f"alarm {name} cleared"))

    def _request(self, event: Event) -> None:
        if event.data["text"]:
            self._line(event.t, Text.assemble(("asked of a person", "yellow"), f": {event.data['text']}"))

    def _service(self, event: Event) -> None:
        self._line(event.t, Text(f"a person exchanged {event.data['station']}"))

    def _intervention(self, event: Event) -> None:
        self._line(event.t, Text.assemble(("a person intervened", "yellow"), f": {event.data['cause']}"))

    def _finished(self, event: Event) -> None:
        done = self._status.finished
        if self._milestones and (done % self._every == 0 or done == self._status.wanted):
            self._line(event.t, self._status.parts())

    def _end(self, event: Event) -> None:
        self.flush()
