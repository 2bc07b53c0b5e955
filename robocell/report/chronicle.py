"""Events → what the page shows beside the result, in one pass and bounded memory."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable

from robocell.journal import Event
from robocell.report.ledger import Ledger
from robocell.report.quality import QualityFold
from robocell.report.timeline import ExecuteClock, Timeline
from robocell.report.trend import Trend


class Chronicle:
    """The fold over a whole record.

    Attributes:
        end: time of the last event, s.
        cycles: cycle times, s, in order of finishing.
        operations: how often an operation was done, and seconds in all, by product and step.
        timeline, trend, ledger: see there.
        quality: each charted measurement, by the chart's name.

    """

    def __init__(self, events: Iterable[Event]) -> None:
        self.end = 0.0
        self.cycles = array("d")
        self.operations: dict[tuple[str, int], tuple[int, float]] = {}
        self.trend = Trend()
        self.ledger = Ledger()
        charted = QualityFold()
        self.quality = charted.series
        self._clock = ExecuteClock()
        self.timeline = Timeline(self._clock)
        self._finished = 0.0
        self._products: dict[int, str] = {}
        self._begun: dict[int, float] = {}
        timeline, ledger = self.timeline, self.ledger
        handlers: dict[str, tuple[Callable[[Event], None], ...]] = {
            "state": (self._state,),
            "command": (timeline.command,),
            "result": (timeline.result,),
            "grant": (timeline.grant,),
            "release": (timeline.release,),
            "op.begin": (timeline.begin, self._begin),
            "op.end": (timeline.end, self._end),
            "minted": (self._minted, ledger.moved),
            "moved": (ledger.moved,),
            "verdict": (ledger.verdict, charted.handlers["verdict"]),
            "fault": (self._fault, timeline.fault, ledger.fault),
            "recovery": (ledger.recovery,),
            "alarm": (ledger.alarm,),
            "request": (ledger.request,),
            "service": (ledger.service,),
            "intervention": (ledger.intervention,),
            "finished": (self._finish, ledger.finished),
        }
        for kind, handler in charted.handlers.items():
            handlers.setdefault(kind, (handler,))
        for event in events:
            self.end = event.t
            for handler in handlers.get(event.kind, ()):
                handler(event)
        self.trend.spend(self._clock.since, self.end, self._clock.state)
        timeline.close(self.end)

    def _state(self, event: Event) -> None:
        self.timeline.state(event)
        self.ledger.state(event)
        self.trend.spend(self._clock.since, event.t, self._clock.state)
        self._clock.change(event.t, event.data["state"])

    def _fault(self, event: Event) -> None:
        self.trend.fault(event.t)

    def _minted(self, event: Event) -> None:
        self._products[event.data["workpiece"]] = event.data["product"]

    def _begin(self, event: Event) -> None:
        self._begun[event.data["workpiece"]] = event.t

    def _end(self, event: Event) -> None:
        data = event.data
        if data["outcome"] == "done":
            key = self._products[data["workpiece"]], data["step"]
            count, total = self.operations.get(key, (0, 0.0))
            self.operations[key] = count + 1, total + event.t - self._begun[data["workpiece"]]

    def _finish(self, event: Event) -> None:
        executed = self._clock.read(event.t)
        self.cycles.append(executed - self._finished)
        self._finished = executed
        self.trend.finish(event.t, event.data["became"])
        self._products.pop(event.data["workpiece"], None)
        self._begun.pop(event.data["workpiece"], None)
