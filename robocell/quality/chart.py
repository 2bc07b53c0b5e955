"""Shewhart's X̄/R chart with the usual rules, fed one measurement at a time.

Constants are those of ASTM E2587 (AIAG's SPC manual has the same); the rules are Western Electric's four (1956) and
Nelson's trend of six (1984). Until enough subgroups have been seen to know the process, the tolerance stands in for it: two
measurements in a row in the same outer quarter of the tolerance are a signal (pre-control, Satterthwaite 1954).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

D2 = (0.0, 1.128, 1.128, 1.693, 2.059, 2.326, 2.534, 2.704, 2.847, 2.970, 3.078)
"""Mean range of n normal values, in standard deviations, by n; of single values the moving range of two."""
D3 = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.076, 0.136, 0.184, 0.223)
D4 = (0.0, 3.267, 3.267, 2.574, 2.282, 2.114, 2.004, 1.924, 1.864, 1.816, 1.777)
MOST = 10
"""Largest subgroup; of larger ones the range tells too little."""
FEWEST = 2
"""Least number of subgroups from which limits can be learnt."""

_MEMORY = 9

Shown = Callable[[float], str]


@dataclass(frozen=True)
class ControlLimits:
    """What a process does when only chance is at work.

    Attributes:
        mean: of subgroup means.
        sigma: standard deviation of single values, from the mean range.
        subgroup: values in a subgroup.

    """

    mean: float
    sigma: float
    subgroup: int

    @property
    def sigma_mean(self) -> float:
        """Standard deviation of a subgroup's mean."""
        return self.sigma / math.sqrt(self.subgroup)

    @property
    def lower(self) -> float:
        """Lower control limit of means."""
        return self.mean - 3 * self.sigma_mean

    @property
    def upper(self) -> float:
        """Upper control limit of means."""
        return self.mean + 3 * self.sigma_mean

    @property
    def range_limits(self) -> tuple[float, float]:
        """Lower and upper control limits of ranges."""
        usual = D2[self.subgroup] * self.sigma
        return D3[self.subgroup] * usual, D4[self.subgroup] * usual


@dataclass(frozen=True)
class Signal:
    """Why a process is not what it was.

    Attributes:
        rule: short name, as "beyond-limit".
        text: in words, with figures.

    """

    rule: str
    text: str


@dataclass(frozen=True)
class Point:
    """A subgroup on the chart."""

    mean: float
    range: float


class ControlChart:
    """One measurement's chart.

    Args:
        lower, upper: tolerance; ±inf where there is none on that side.
        subgroup: values in a subgroup, 1 to `MOST`.
        learn: subgroups from which limits are learnt.
        limits: known limits; nothing is learnt then.
        shown: writes a value in texts.

    Attributes:
        limits: None while they are being learnt.

    """

    def __init__(
        self,
        lower: float,
        upper: float,
        subgroup: int = 5,
        learn: int = 20,
        limits: ControlLimits | None = None,
        shown: Shown = "{:.6g}".format,
    ) -> None:
        if not 1 <= subgroup <= MOST or learn < FEWEST or not lower < upper:
            raise ValueError(f"no chart with subgroups of {subgroup}, {learn} to learn from, limits {lower} to {upper}")
        self.lower, self.upper = lower, upper
        self.subgroup, self.learn = subgroup, learn
        self.limits = limits
        self._shown = shown
        self._group: list[float] = []
        self._learnt: list[Point] = []
        self._recent: deque[float] = deque(maxlen=_MEMORY)
        self._last: float | None = None
        self._outer = 0

    def add(self, value: float) -> tuple[Point | None, Signal | None]:
        """Take a measurement; return the subgroup that it completes, and what there is to tell.

        Raises:
            ValueError: not a finite number.

        """
        if not math.isfinite(value):
            raise ValueError(f"a chart takes finite numbers, not {value}")
        early = self._precontrol(value) if self.limits is None else None
        self._group.append(value)
        if len(self._group) < self.subgroup:
            return None, early
        point = self._point()
        self._group.clear()
        if self.limits is None:
            self._learnt.append(point)
            if len(self._learnt) >= self.learn:
                self.limits = learnt(self._learnt, self.subgroup)
            return point, early
        return point, self._judge(point)

    def restart(self) -> None:
        """Forget runs and trends, as after the process was put right; limits stay."""
        self._recent.clear()
        self._group.clear()
        self._outer = 0
        self._last = None

    def _point(self) -> Point:
        group = self._group
        if self.subgroup > 1:
            return Point(sum(group) / len(group), max(group) - min(group))
        moving = abs(group[0] - self._last) if self._last is not None else 0.0
        self._last = group[0]
        return Point(group[0], moving)

    def _precontrol(self, value: float) -> Signal | None:
        if not (math.isfinite(self.lower) and math.isfinite(self.upper)):
            return None
        quarter = (self.upper - self.lower) / 4
        side = -1 if value < self.lower + quarter else (1 if value > self.upper - quarter else 0)
        self._outer = self._outer + side if side and self._outer * side >= 0 else side
        if abs(self._outer) < 2:
            return None
        where = "lowest" if side < 0 else "highest"
        return Signal(
            "pre-control", f"two in a row in the {where} quarter of the tolerance, the last {self._shown(value)}"
        )

    def _judge(self, point: Point) -> Signal | None:
        limits = self.limits
        assert limits is not None
        self._recent.append(point.mean)
        return self._judge_mean(point, limits) or self._judge_range(point, limits)

    def _judge_mean(self, point: Point, limits: ControlLimits) -> Signal | None:
        shown = self._shown
        if limits.sigma <= 0:
            if point.mean == limits.mean:
                return None
            return Signal("beyond-limit", f"mean {shown(point.mean)}, where it always was {shown(limits.mean)}")
        z = [(mean - limits.mean) / limits.sigma_mean for mean in self._recent]
        return _rules(z, point.mean, limits, shown)

    def _judge_range(self, point: Point, limits: ControlLimits) -> Signal | None:
        low, high = limits.range_limits
        if low <= point.range <= high or limits.sigma <= 0:
            return None
        shown = self._shown
        return Signal("range", f"range {shown(point.range)} is outside {shown(low)} to {shown(high)}")


def _rules(z: list[float], mean: float, limits: ControlLimits, shown: Shown) -> Signal | None:
    """Return the first rule that the newest of standardised means breaks."""
    usual = shown(limits.mean)
    if abs(z[-1]) > 3:
        text = f"mean {shown(mean)} is outside {shown(limits.lower)} to {shown(limits.upper)}"
        return Signal("beyond-limit", text)
    for side, word in ((1, "above"), (-1, "below")):
        on = [side * value for value in z]
        if len(on) >= 3 and on[-1] > 2 and sum(value > 2 for value in on[-3:]) >= 2:
            return Signal("two-of-three", f"two of three means lie more than 2 σ {word} {usual}")
        if len(on) >= 5 and on[-1] > 1 and sum(value > 1 for value in on[-5:]) >= 4:
            return Signal("four-of-five", f"four of five means lie more than 1 σ {word} {usual}")
        if len(on) >= 8 and all(value > 0 for value in on[-8:]):
            return Signal("run", f"eight means in a row lie {word} {usual}")
        if len(on) >= 6 and all(b > a for a, b in zip(on[-6:], on[-5:], strict=False)):
            return Signal("trend", f"six means in a row {'rise' if side > 0 else 'fall'}, the last is {shown(mean)}")
    return None


def learnt(points: list[Point], subgroup: int) -> ControlLimits:
    """Return limits from subgroups; those that are out of them themselves, about the median, are left out, once."""
    limits = _limits(points, subgroup)
    middle, reach = median(point.mean for point in points), 3 * limits.sigma_mean
    kept = [p for p in points if abs(p.mean - middle) <= reach and p.range <= limits.range_limits[1]]
    return _limits(kept, subgroup) if FEWEST <= len(kept) < len(points) else limits


def _limits(points: list[Point], subgroup: int) -> ControlLimits:
    mean = sum(point.mean for point in points) / len(points)
    ranges = [point.range for point in points]
    usual = sum(ranges[1:]) / (len(ranges) - 1) if subgroup == 1 else sum(ranges) / len(ranges)
    return ControlLimits(mean, usual / D2[subgroup], subgroup)
