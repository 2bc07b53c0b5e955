"""Where a run stands: a fold over its events."""

from __future__ import annotations

from collections.abc import Callable

from rich.text import Text

from robocell.journal import Event
from robocell.report import figures

_STYLES = {"good": "green", "rejected": "yellow", "scrapped": "red", "unknown": "red"}


class Status:
    """Where a run stands.

    Attributes:
        t: time of the last event, s.
        state: PackML state.
        wanted: how many parts are to be finished.
        became: how many finished parts became good, rejected, …
        faults: how many there were.
        request: what is asked of a person, "" for nothing.
        blocked: product → what its route waits for.
        alarms: active alarms, name → text.

    """

    def __init__(self) -> None:
        self.t = 0.0
        self.state = "Aborted"  # in which every PackML machine boots
        self.wanted = 0
        self.became: dict[str, int] = dict.fromkeys(_STYLES, 0)
        self.faults = 0
        self.request = ""
        self.blocked: dict[str, str] = {}
        self.alarms: dict[str, str] = {}
        self._handlers: dict[str, Callable[[Event], None]] = {
            "run.begin": self._begin,
            "state": self._state,
            "finished": self._finish,
            "fault": self._fault,
            "request": self._request,
            "blocked": self._block,
            "alarm": self._alarm,
        }

    @property
    def finished(self) -> int:
        """How many parts ended, whatever became of them."""
        return sum(self.became.values())

    def take(self, event: Event) -> None:
        """Take the next event."""
        self.t = event.t
        handler = self._handlers.get(event.kind)
        if handler is not None:
            handler(event)

    def parts(self) -> Text:
        """Return "12 of 30 parts: 11 good · 1 rejected"."""
        text = Text(f"{figures.count(self.finished)} of {figures.count(self.wanted)} parts")
        told = [(word, count) for word, count in self.became.items() if count]
        for index, (word, count) in enumerate(told):
            text.append(" · " if index else ": ")
            text.append(f"{figures.count(count)} {word}", _STYLES[word])
        return text

    def _begin(self, event: Event) -> None:
        self.wanted = event.data["parts"] or 0

    def _state(self, event: Event) -> None:
        self.state = event.data["state"]

    def _finish(self, event: Event) -> None:
        self.became[event.data["became"]] += 1

    def _fault(self, _event: Event) -> None:
        self.faults += 1

    def _request(self, event: Event) -> None:
        self.request = event.data["text"]

    def _block(self, event: Event) -> None:
        self.blocked = event.data["routes"]

    def _alarm(self, event: Event) -> None:
        if event.data["active"]:
            self.alarms[event.data["name"]] = event.data["text"]
        else:
            self.alarms.pop(event.data["name"], None)
