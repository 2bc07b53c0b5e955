"""What happened when, kept for a few windows of a run: its beginning and the surroundings of faults.

A run of weeks has millions of bars; a page shows a few hundred. The fold keeps the last seconds in hand, so that a window can
begin before the fault that opens it. Over the whole run it keeps each device's busy and held time, in Execute.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from robocell.journal import Event

BarKind = Literal["state", "workpiece", "command", "held"]

FIRST_S = 120.0
BEFORE_S, AFTER_S = 10.0, 20.0
MOST_WINDOWS = 9
MOST_OF_A_KIND = 2
MOST_BARS = 800
_EXECUTE = "Execute"


@dataclass(frozen=True, slots=True)
class Bar:
    """Something that lasted.

    Attributes:
        kind: "state", "workpiece" (an operation on one), "command" (a device at work) or "held" (a resource given away).
        lane: the device, resource or workpiece number that it belongs to; "" for states.
        begin, end: seconds of the run's clock.
        word: the state, verb or command.
        note: what else there is to say; "" for nothing.

    """

    kind: BarKind
    lane: str
    begin: float
    end: float
    word: str
    note: str = ""


@dataclass(slots=True)
class Window:
    """A piece of the run, s, with the bars that reach into it and the faults in it."""

    begin: float
    end: float
    title: str
    bars: list[Bar] = field(default_factory=list)
    faults: list[tuple[float, str]] = field(default_factory=list)


@dataclass(slots=True)
class Use:
    """How much of the time in Execute a device or resource was at work (`busy`) and given away (`held`), s."""

    busy: float = 0.0
    held: float = 0.0


@dataclass(slots=True)
class _Span:
    """A nesting count with the reading at which it left 0, on the run's and on the Execute clock."""

    depth: int = 0
    since: float = 0.0
    executed: float = 0.0
    word: str = ""


class ExecuteClock:
    """Seconds in Execute so far."""

    def __init__(self) -> None:
        self.state = "Aborted"
        self.since = 0.0
        self._sum = 0.0

    def change(self, t: float, state: str) -> None:
        """Take over a change of state at `t`."""
        self._sum = self.read(t)
        self.state, self.since = state, t

    def read(self, t: float) -> float:
        """Return the seconds in Execute up to `t`."""
        return self._sum + (t - self.since if self.state == _EXECUTE else 0.0)


class Timeline:
    """The fold; feed it every event through the method of its kind, then `close` it."""

    def __init__(self, clock: ExecuteClock) -> None:
        self.windows = [Window(0.0, FIRST_S, "The beginning")]
        self.use: dict[str, Use] = {}
        self.left_out = 0
        self._clock = clock
        self._latest = FIRST_S
        self._kinds: dict[str, int] = {}
        self._recent: deque[Bar] = deque()
        self._commands: dict[int, tuple[float, str, str]] = {}
        self._operations: dict[int, tuple[float, str, str]] = {}
        self._busy: dict[str, _Span] = {}
        self._held: dict[str, _Span] = {}

    def state(self, event: Event) -> None:
        """A state begins; must be told before the clock is."""
        if event.data["state"] != self._clock.state:
            self._add(Bar("state", "", self._clock.since, event.t, self._clock.state))

    def command(self, event: Event) -> None:
        """A device begins to act."""
        data = event.data
        self._commands[data["id"]] = (event.t, data["device"], data["command"])
        self._enter(self._busy, data["device"], event.t, data["command"])

    def result(self, event: Event) -> None:
        """A device has acted."""
        begun = self._commands.pop(event.data["id"], None)
        if begun is None:
            return
        t, device, command = begun
        outcome = event.data["outcome"]
        self._add(Bar("command", device, t, event.t, command, "" if outcome == "done" else outcome))
        self._leave(self._busy, device, event.t)

    def begin(self, event: Event) -> None:
        """An operation on a workpiece begins."""
        data = event.data
        self._operations[data["workpiece"]] = (event.t, data["verb"], data["label"])

    def end(self, event: Event) -> None:
        """An operation on a workpiece ends."""
        data = event.data
        begun = self._operations.pop(data["workpiece"], None)
        if begun is None:
            return
        t, verb, label = begun
        note = "" if label == verb else label
        if data["outcome"] != "done":
            note = f"{note}: {data['outcome']}" if note else data["outcome"]
        self._add(Bar("workpiece", str(data["workpiece"]), t, event.t, verb, note))

    def grant(self, event: Event) -> None:
        """A workpiece is given resources."""
        for word in event.data["resources"]:
            self._enter(self._held, word, event.t, f"workpiece {event.data['workpiece']}")

    def release(self, event: Event) -> None:
        """A workpiece gives resources back."""
        for word in event.data["resources"]:
            self._leave(self._held, word, event.t)

    def fault(self, event: Event) -> None:
        """A fault: a window around it, while there are windows left and its kind was not shown often enough."""
        t, name = event.t, f"{event.data['source']}.{event.data['fault']}"
        inside = [window for window in self.windows if window.begin <= t <= window.end]
        shown = self._kinds.get(name, 0)
        if not inside and len(self.windows) < MOST_WINDOWS and shown < MOST_OF_A_KIND:
            begin = max(t - BEFORE_S, self._latest)
            window = Window(begin, t + AFTER_S, name)
            window.bars = [bar for bar in self._recent if bar.end > begin]
            self.windows.append(window)
            self._latest = window.end
            inside = [window]
        if inside:
            self._kinds[name] = shown + 1
        for window in inside:
            window.faults.append((t, name))

    def close(self, t: float) -> None:
        """End what is still going on, at the end of the run."""
        self._add(Bar("state", "", self._clock.since, t, self._clock.state))
        for begun, device, command in self._commands.values():
            self._add(Bar("command", device, begun, t, command, "not ended"))
        for workpiece, (begun, verb, label) in self._operations.items():
            self._add(Bar("workpiece", str(workpiece), begun, t, verb, label if label != verb else "not ended"))
        for spans in (self._busy, self._held):
            for lane, span in spans.items():
                if span.depth:
                    span.depth = 1
                    self._leave(spans, lane, t)
        for window in self.windows:
            window.end = min(window.end, t)
        self.windows = [window for window in self.windows if window.end > window.begin]

    def _enter(self, spans: dict[str, _Span], lane: str, t: float, word: str) -> None:
        span = spans.get(lane)
        if span is None:
            span = spans[lane] = _Span()
        span.depth += 1
        if span.depth == 1:
            span.since, span.executed, span.word = t, self._clock.read(t), word

    def _leave(self, spans: dict[str, _Span], lane: str, t: float) -> None:
        span = spans.get(lane)
        if span is None or span.depth == 0:
            return
        span.depth -= 1
        if span.depth:
            return
        use = self.use.get(lane)
        if use is None:
            use = self.use[lane] = Use()
        executed = self._clock.read(t) - span.executed
        if spans is self._busy:
            use.busy += executed
        else:
            use.held += executed
            self._add(Bar("held", lane, span.since, t, span.word))

    def _add(self, bar: Bar) -> None:
        if bar.begin < self._latest:
            for window in self.windows:
                if bar.begin < window.end and bar.end > window.begin:
                    if len(window.bars) < MOST_BARS:
                        window.bars.append(bar)
                    else:
                        self.left_out += 1
        recent = self._recent
        recent.append(bar)
        while recent and recent[0].end < bar.end - BEFORE_S:
            recent.popleft()
