"""What a person asks about after a run: incidents, alarms, rejects, and what lies where at the end. All bounded."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from robocell.journal import Event

MOST_INCIDENTS = 100
MOST_REJECTS = 60
_TEXT = 300  # characters of any text that came from outside

IncidentKind = Literal["fault", "recovery", "alarm", "request", "service", "intervention", "state"]
_STANDSTILL = ("Held", "Suspended", "Aborted", "Stopped")


@dataclass(frozen=True, slots=True)
class Incident:
    """Something out of the ordinary; `workpiece` is 0 where none is meant."""

    t: float
    kind: IncidentKind
    what: str
    workpiece: int = 0
    detail: str = ""


@dataclass(slots=True)
class AlarmSpan:
    """An alarm over the run. `since` is when it was raised if it is active at the end, None otherwise."""

    text: str
    raised: int = 0
    active_s: float = 0.0
    first: float = 0.0
    last: float = 0.0
    since: float | None = None


@dataclass(frozen=True, slots=True)
class Reject:
    """A verdict that is not "passed"; `seq` leads to its picture."""

    seq: int
    t: float
    workpiece: int
    status: str
    reasons: tuple[str, ...]
    measurements: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True)
class Resting:
    """A part at a place; `became` is "" while its route goes on."""

    workpiece: int
    place: str
    became: str


class Ledger:
    """The fold; feed it every event through the method of its kind.

    Attributes:
        first, last: the first and the latest incidents.
        incidents: how many there were altogether.
        alarms: by name.
        rejects: the latest verdicts that are not "passed".
        rejected: how many there were altogether.

    """

    def __init__(self) -> None:
        self.first: list[Incident] = []
        self.last: deque[Incident] = deque(maxlen=MOST_INCIDENTS)
        self.incidents = 0
        self.alarms: dict[str, AlarmSpan] = {}
        self.rejects: deque[Reject] = deque(maxlen=MOST_REJECTS)
        self.rejected = 0
        self._places: dict[int, str] = {}
        self._became: dict[int, str] = {}

    def fault(self, event: Event) -> None:
        """A fault."""
        data = event.data
        detail = data["detail"] if data["key"] else f"{data['detail']} (no policy)".strip()
        self._tell(Incident(event.t, "fault", f"{data['source']}.{data['fault']}", data["workpiece"], detail))

    def recovery(self, event: Event) -> None:
        """An attempt to recover."""
        data = event.data
        attempt = f", attempt {data['attempt']}" if data["attempt"] > 1 else ""
        self._tell(Incident(event.t, "recovery", data["action"], data["workpiece"], f"for {data['key']}{attempt}"))

    def alarm(self, event: Event) -> None:
        """An alarm is raised or cleared."""
        data, t = event.data, event.t
        span = self.alarms.get(data["name"])
        if span is None:
            span = self.alarms[data["name"]] = AlarmSpan(data["text"][:_TEXT], first=t)
        if data["active"]:
            span.raised += 1
            span.last = span.since = t
            self._tell(Incident(t, "alarm", data["name"], 0, data["text"]))
        elif span.since is not None:
            span.active_s += t - span.since
            span.since = None

    def request(self, event: Event) -> None:
        """A person is asked for something."""
        if event.data["text"]:
            self._tell(Incident(event.t, "request", event.data["text"]))

    def service(self, event: Event) -> None:
        """A person exchanged a station: it is empty now."""
        station = event.data["station"]
        self._tell(Incident(event.t, "service", station))
        gone = [workpiece for workpiece, place in self._places.items() if place.split("/")[0] == station]
        for workpiece in gone:
            del self._places[workpiece]
            self._became.pop(workpiece, None)

    def intervention(self, event: Event) -> None:
        """A person did what the cell could not do alone."""
        self._tell(Incident(event.t, "intervention", event.data["cause"]))

    def state(self, event: Event) -> None:
        """A change of state; standstill is an incident, boot is not."""
        state, cause = event.data["state"], event.data["cause"]
        if state in _STANDSTILL and (self.incidents or self._places or self._became):
            self._tell(Incident(event.t, "state", state, 0, "" if cause == "done" else cause))

    def verdict(self, event: Event) -> None:
        """An inspection's verdict."""
        data = event.data
        if data["status"] == "passed":
            return
        self.rejected += 1
        reasons = tuple(str(reason)[:_TEXT] for reason in data["reasons"][:8])
        measured = _pairs(data["measurements"])
        self.rejects.append(Reject(event.seq, event.t, data["workpiece"], data["status"], reasons, measured))

    def moved(self, event: Event) -> None:
        """A part is believed elsewhere."""
        if event.data["place"] == "out":
            self._places.pop(event.data["workpiece"], None)
        else:
            self._places[event.data["workpiece"]] = event.data["place"]

    def finished(self, event: Event) -> None:
        """A workpiece ended; a scrapped one lies nowhere that the cell knows of."""
        workpiece, became = event.data["workpiece"], event.data["became"]
        if became == "scrapped":
            self._places.pop(workpiece, None)
        elif workpiece in self._places:
            self._became[workpiece] = became

    def resting(self) -> list[Resting]:
        """Return the parts in the cell, by number."""
        return [Resting(number, place, self._became.get(number, "")) for number, place in sorted(self._places.items())]

    def _tell(self, incident: Incident) -> None:
        self.incidents += 1
        short = Incident(incident.t, incident.kind, incident.what[:_TEXT], incident.workpiece, incident.detail[:_TEXT])
        if len(self.first) < MOST_INCIDENTS:
            self.first.append(short)
        else:
            self.last.append(short)


def _pairs(measurements: Mapping[str, Any] | list[Any]) -> tuple[tuple[str, float], ...]:
    """Return measurements, which an event holds as a mapping or as pairs, as pairs by name."""
    pairs = measurements.items() if isinstance(measurements, Mapping) else measurements
    return tuple(sorted((str(name)[:60], float(value)) for name, value in pairs))[:12]
