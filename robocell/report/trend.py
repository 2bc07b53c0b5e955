"""The whole run at a coarse grain: how the time was spent and what came out, in a bounded number of intervals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

MOST = 240
_FIRST_WIDTH = 0.5


@dataclass(slots=True)
class Interval:
    """A piece of the run: seconds by state, finished parts by what became of them, faults."""

    states: dict[str, float] = field(default_factory=dict)
    became: dict[str, int] = field(default_factory=dict)
    faults: int = 0

    def absorb(self, other: Interval) -> None:
        """Add what happened in another interval."""
        for state, time in other.states.items():
            self.states[state] = self.states.get(state, 0.0) + time
        for word, count in other.became.items():
            self.became[word] = self.became.get(word, 0) + count
        self.faults += other.faults


class Trend:
    """The fold: intervals of one width, which doubles whenever there would be more than `MOST`.

    Attributes:
        width: of each interval, s.
        intervals: from time 0 on.

    """

    def __init__(self) -> None:
        self.width = _FIRST_WIDTH
        self.intervals: list[Interval] = []

    def spend(self, begin: float, end: float, state: str) -> None:
        """Count the time from `begin` to `end` for a state."""
        while begin < end:
            interval = self._at(begin)
            edge = (int(begin / self.width) + 1) * self.width
            if edge <= begin:  # rounding at large times
                edge = begin + self.width
            upto = min(edge, end)
            interval.states[state] = interval.states.get(state, 0.0) + upto - begin
            begin = upto

    def finish(self, t: float, became: str) -> None:
        """Count a finished part."""
        interval = self._at(t)
        interval.became[became] = interval.became.get(became, 0) + 1

    def fault(self, t: float) -> None:
        """Count a fault."""
        self._at(t).faults += 1

    def __iter__(self) -> Iterator[tuple[float, Interval]]:
        """Yield each interval with its begin, s."""
        for index, interval in enumerate(self.intervals):
            yield index * self.width, interval

    def coarse(self, least: int) -> Trend:
        """Return a trend of intervals so wide that one holds `least` finished parts on average, at least eight of them."""
        copy = Trend()
        copy.width = self.width
        for _, interval in self:
            copy.intervals.append(Interval())
            copy.intervals[-1].absorb(interval)
        finished = sum(sum(interval.became.values()) for interval in self.intervals)
        while len(copy.intervals) >= 16 and finished < least * len(copy.intervals):
            copy._halve()
        return copy

    def _at(self, t: float) -> Interval:
        while t >= MOST * self.width:
            self._halve()
        index = int(t / self.width)
        while len(self.intervals) <= index:
            self.intervals.append(Interval())
        return self.intervals[index]

    def _halve(self) -> None:
        self.width *= 2.0
        merged = self.intervals[::2]
        for kept, other in zip(merged, self.intervals[1::2], strict=False):
            kept.absorb(other)
        self.intervals = merged
