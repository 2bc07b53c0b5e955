"""Events → result, as a fold that is cheap enough to run along with the cell.

Time is counted in whole microseconds, which is what events are stamped with, so that sums are exact.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from robocell.control.packml import Mode, State
from robocell.errors import RecordError
from robocell.journal import Event
from robocell.report.elements import TimeElement, element_of
from robocell.report.quality import QualityFold, Series
from robocell.report.result import Ended, Oee, Parts, Quality, Result, RunFacts, Spread

_MICRO = 1e6
_STATES = {state.word: state for state in State}
_MODES = {mode.name.capitalize(): mode for mode in Mode}
_ENDED: tuple[Ended, ...] = ("complete", "held", "aborted", "stopped")
_BECAME = ("good", "rejected", "scrapped", "unknown")


class Summary:
    """The fold: feed it every event of a run in order, then ask for the result.

    `journal.subscribe(summary.take, summary.kinds)` runs it along with the cell; `summarise` runs it over a record.

    Attributes:
        kinds: of events that any figure needs; the last of a whole run is among them.

    """

    def __init__(self) -> None:
        self._quality = QualityFold()
        self._handlers: dict[str, Callable[[Event], None]] = {
            "run.begin": self._begin,
            "state": self._change,
            "minted": self._mint,
            "finished": self._finish,
            "blocked": self._block,
            "fault": self._fault,
            "recovery": self._recover,
            "alarm": self._alarm,
            "intervention": self._intervene,
            "service": self._serve,
            "energy": self._meter,
            "run.end": self._end,
            **self._quality.handlers,
        }
        self.kinds = tuple(self._handlers)
        self._began: int | None = None
        self._t = 0.0
        self._state = State.ABORTED
        self._mode = Mode.PRODUCE
        self._since = 0
        self._states = dict.fromkeys(State, 0)
        self._elements = dict.fromkeys(TimeElement, 0)
        self._open: dict[int, float] = {}
        self._became = dict.fromkeys(_BECAME, 0)
        self._minted = 0
        self._last_finish = 0
        self._cycles = array("q")
        self._leads = array("q")
        self._order: tuple[int, int | None] | None = None
        self._degraded: int | None = None
        self._degraded_total = 0
        self._joules: float | None = None
        self._baseline = 0.0
        self._faults: dict[str, int] = {}
        self._recoveries: dict[str, int] = {}
        self._alarms: dict[str, int] = {}
        self._interventions = 0
        self._services = 0
        self._ended: tuple[Ended, str] | None = None

    def take(self, event: Event) -> None:
        """Count an event; kinds that no figure needs cost a look-up.

        Raises:
            RecordError: the event contradicts those before it.

        """
        self._t = event.t
        handler = self._handlers.get(event.kind)
        if handler is None:
            return
        try:
            handler(event)
        except KeyError as error:
            raise RecordError(f"event {event.seq}: {event.kind} without {error}") from error

    def result(self, facts: RunFacts) -> Result:
        """Return the result of what was taken so far; a record that breaks off counts as aborted.

        Raises:
            RecordError: there is no run in the events.

        """
        if self._began is None:
            raise RecordError("the record has no run: it does not begin with run.begin")
        now = round(self._t * _MICRO)
        states, elements = dict(self._states), dict(self._elements)
        states[self._state] += now - self._since
        elements[element_of(self._state, self._mode)] += now - self._since
        ended, reason = self._ended or ("aborted", "the record breaks off: the controller was killed")
        produced = elements[TimeElement.APT]
        busy = now - self._began - elements[TimeElement.PDOT]
        return Result(
            **facts.model_dump(),
            simulated_s=(now - self._began) / _MICRO,
            ended=ended,
            reason=reason,
            parts=Parts(entered=self._minted, in_process=len(self._open), **self._became),
            cycle_time_s=_spread(self._cycles),
            lead_time_s=_spread(self._leads),
            throughput_per_h=self._throughput(now),
            states={state.word: states[state] / _MICRO for state in State},
            time_elements={element.value: elements[element] / _MICRO for element in TimeElement},
            degraded_s=(self._degraded_total + self._degraded_since(self._executed(now))) / _MICRO,
            oee=_oee(len(self._cycles), self._became["good"], produced, busy, facts.bound_per_h),
            energy_wh=None if self._joules is None else (self._joules - self._baseline) / 3600.0,
            faults=dict(sorted(self._faults.items())),
            recoveries=dict(sorted(self._recoveries.items())),
            alarms=dict(sorted(self._alarms.items())),
            interventions=self._interventions,
            services=self._services,
            quality={name: _quality(series) for name, series in sorted(self._quality.series.items())},
        )

    # --- what single events do -------------------------------------------------------------------------------

    def _begin(self, event: Event) -> None:
        if self._began is not None:
            raise RecordError(f"event {event.seq}: a second run begins in the record")
        self._began = self._since = round(event.t * _MICRO)

    def _change(self, event: Event) -> None:
        state, mode = _STATES.get(event.data["state"]), _MODES.get(event.data["mode"])
        if state is None or mode is None:
            raise RecordError(f"event {event.seq}: no state {event.data['state']!r} in mode {event.data['mode']!r}")
        now = round(event.t * _MICRO)
        self._states[self._state] += now - self._since
        self._elements[element_of(self._state, self._mode)] += now - self._since
        self._since, self._state, self._mode = now, state, mode
        if state is State.EXECUTE:
            self._order = (now if self._order is None else self._order[0], None)
        elif state is State.COMPLETING and self._order is not None:
            self._order = (self._order[0], now)

    def _mint(self, event: Event) -> None:
        self._minted += 1
        workpiece = event.data["workpiece"]
        if workpiece != self._minted:
            raise RecordError(f"event {event.seq}: workpiece {workpiece} is minted where {self._minted} is due")
        self._open[workpiece] = event.t

    def _finish(self, event: Event) -> None:
        data = event.data
        minted = self._open.pop(data["workpiece"], None)
        if minted is None or data["became"] not in self._became:
            what = "is not in process" if minted is None else f"became {data['became']!r}"
            raise RecordError(f"event {event.seq}: the finished workpiece {data['workpiece']} {what}")
        self._became[data["became"]] += 1
        now = round(event.t * _MICRO)
        executed = self._executed(now)
        self._cycles.append(executed - self._last_finish)
        self._last_finish = executed
        self._leads.append(now - round(minted * _MICRO))

    def _block(self, event: Event) -> None:
        executed = self._executed(round(event.t * _MICRO))
        self._degraded_total += self._degraded_since(executed)
        self._degraded = executed if event.data["degraded"] else None

    def _fault(self, event: Event) -> None:
        _count(self._faults, f"{event.data['source']}.{event.data['fault']}")

    def _recover(self, event: Event) -> None:
        _count(self._recoveries, event.data["action"])

    def _alarm(self, event: Event) -> None:
        if event.data["active"]:
            _count(self._alarms, event.data["name"])

    def _intervene(self, event: Event) -> None:
        self._interventions += 1

    def _serve(self, event: Event) -> None:
        self._services += 1

    def _meter(self, event: Event) -> None:
        # A meter counts since it was switched on: what it shows before the first workpiece is where the run began.
        if self._joules is None and not self._minted:
            self._baseline = event.data["joules"]
        self._joules = event.data["joules"]

    def _end(self, event: Event) -> None:
        if event.data["ended"] not in _ENDED:
            raise RecordError(f"event {event.seq}: a run cannot end {event.data['ended']!r}")
        self._ended = (event.data["ended"], event.data["reason"])

    # --- figures ---------------------------------------------------------------------------------------------

    def _executed(self, now: int) -> int:
        """Microseconds in Execute up to `now`."""
        return self._states[State.EXECUTE] + (now - self._since if self._state is State.EXECUTE else 0)

    def _degraded_since(self, executed: int) -> int:
        return 0 if self._degraded is None else executed - self._degraded

    def _throughput(self, now: int) -> float | None:
        if self._order is None:
            return None
        begin, end = self._order
        span = (now if end is None else end) - begin
        return len(self._cycles) * 3600.0 * _MICRO / span if span > 0 else None


def summarise(events: Iterable[Event], facts: RunFacts) -> Result:
    """Return the result of a run's events.

    Raises:
        RecordError: the events contradict each other, or hold no run.

    """
    summary = Summary()
    for event in events:
        summary.take(event)
    return summary.result(facts)


def _quality(series: Series) -> Quality:
    known = series.capability
    figures: dict[str, float | None] = {}
    if known is not None:
        words = ("mean", "sigma", "cp", "cpk", "cpk_low", "pp", "ppk", "outside")
        figures = {word: None if (value := getattr(known, word)) is None else float(f"{value:.9g}") for word in words}
    return Quality(
        measure=series.measure,
        unit="px" if series.unit == "px" else "m",
        count=len(series.values),
        signals=series.signals,
        **figures,
    )


def _count(counts: dict[str, int], kind: Any) -> None:
    counts[kind] = counts.get(kind, 0) + 1


def _spread(microseconds: array[int]) -> Spread:
    if not microseconds:
        return Spread()
    values = np.frombuffer(microseconds, dtype=np.int64) / _MICRO
    p50, p95 = np.percentile(values, (50, 95))
    mean = sum(microseconds) / len(microseconds) / _MICRO
    numbers = {"mean": mean, "p50": p50, "p95": p95, "min": values.min(), "max": values.max()}
    return Spread(**{name: round(float(number), 6) for name, number in numbers.items()})


def _oee(finished: int, good: int, produced: int, busy: int, bound_per_h: float | None) -> Oee:
    ideal = None if bound_per_h is None else 3600.0 * _MICRO / bound_per_h
    return Oee(
        availability=produced / busy if busy else None,
        effectiveness=ideal * finished / produced if ideal is not None and produced else None,
        quality=good / finished if finished else None,
        oee=ideal * good / busy if ideal is not None and finished and busy else None,
    )
