"""Events → each charted measurement over the run: every value, and the charts at a grain that a page can show."""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from robocell.journal import Event
from robocell.quality.capability import Capability, capability
from robocell.quality.chart import ControlLimits

MOST = 240
"""Points of a chart; beyond that two neighbours become one."""


@dataclass(slots=True)
class Bin:
    """One point of a chart: a subgroup, or some that follow each other.

    Attributes:
        count: subgroups.
        total: sum of their means.
        low, high: least and greatest of their means.
        widest, ranges: the greatest of their ranges, and the sum of them.
        signals: how many came with them.
        heavy: whether one of those mattered.
        text: the last of those, in words.

    """

    count: int
    total: float
    low: float
    high: float
    widest: float
    ranges: float
    signals: int = 0
    heavy: bool = False
    text: str = ""

    @property
    def mean(self) -> float:
        """Mean of the subgroups' means."""
        return self.total / self.count

    def absorb(self, other: Bin) -> None:
        """Add what follows it."""
        self.count += other.count
        self.total += other.total
        self.low, self.high = min(self.low, other.low), max(self.high, other.high)
        self.widest = max(self.widest, other.widest)
        self.ranges += other.ranges
        self.signals += other.signals
        self.heavy |= other.heavy
        self.text = other.text or self.text


@dataclass
class Series:
    """One measurement.

    Attributes:
        name: the chart's.
        result: of which inspection.
        measure: `step.quantity`.
        unit: "m" or "px".
        lower: tolerance; −inf for none.
        upper: inf for none.
        subgroup: values in a subgroup.
        values: all, in order.
        bins: the chart's points.
        width: subgroups in a bin, those of the last may be fewer.
        groups: subgroups.
        signals: how many there were.
        limits: what control limits follow from; None while nobody knows.
        known_from: subgroups before they were known.

    """

    name: str
    result: str
    measure: str
    unit: str
    lower: float
    upper: float
    subgroup: int
    values: array[float] = field(default_factory=lambda: array("d"))
    bins: list[Bin] = field(default_factory=list)
    width: int = 1
    groups: int = 0
    signals: int = 0
    limits: ControlLimits | None = None
    known_from: int = 0

    @cached_property
    def capability(self) -> Capability | None:
        """How the process lies in its tolerance, once the run is over; None where too little was measured."""
        return capability(self.values, self.lower, self.upper, self.subgroup)

    def point(self, mean: float, spread: float) -> None:
        """Add a subgroup."""
        new = Bin(1, mean, mean, mean, spread, spread)
        self.groups += 1
        if self.bins and self.bins[-1].count < self.width:
            self.bins[-1].absorb(new)
            return
        if len(self.bins) == MOST:
            self.width *= 2
            merged = self.bins[::2]
            for kept, other in zip(merged, self.bins[1::2], strict=True):
                kept.absorb(other)
            self.bins = merged
        self.bins.append(new)

    def signal(self, text: str, heavy: bool) -> None:
        """Add a signal, which came with the last subgroup (or, while limits are learnt, just after it)."""
        self.signals += 1
        if self.bins:
            last = self.bins[-1]
            last.signals += 1
            last.heavy |= heavy
            last.text = text


class QualityFold:
    """The fold; feed it every event of `handlers` in order.

    Attributes:
        series: by the chart's name.

    """

    def __init__(self) -> None:
        self.series: dict[str, Series] = {}
        self._by_result: dict[str, list[Series]] = {}
        self._last: Event | None = None
        self.handlers: dict[str, Callable[[Event], None]] = {
            "quality.begin": self._begin,
            "verdict": self._verdict,
            "quality": self._point,
            "quality.limits": self._limits,
            "quality.signal": self._signal,
        }

    def _begin(self, event: Event) -> None:
        data = event.data
        lower = -math.inf if data["lower"] is None else data["lower"]
        upper = math.inf if data["upper"] is None else data["upper"]
        series = Series(data["name"], data["result"], data["measure"], data["unit"], lower, upper, data["subgroup"])
        self.series[series.name] = series
        self._by_result.setdefault(series.result, []).append(series)
        if self._last is not None:  # the chart begins with the first verdict that has something for it
            _take(series, self._last)

    def _verdict(self, event: Event) -> None:
        self._last = event
        if event.data["status"] != "inconclusive":
            for series in self._by_result.get(event.data["result"], ()):
                _take(series, event)

    def _point(self, event: Event) -> None:
        self.series[event.data["name"]].point(event.data["mean"], event.data["range"])

    def _limits(self, event: Event) -> None:
        series = self.series[event.data["name"]]
        series.limits = ControlLimits(event.data["mean"], event.data["sigma"], series.subgroup)
        series.known_from = series.groups

    def _signal(self, event: Event) -> None:
        self.series[event.data["name"]].signal(event.data["text"], event.data["matters"])


def _take(series: Series, verdict: Event) -> None:
    value = dict(verdict.data["measurements"]).get(series.measure)
    if value is not None:
        series.values.append(value)
