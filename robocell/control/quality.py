"""Quality over time: charts of what inspections measure, and the alarm before parts go out of tolerance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from robocell.control.alarms import Alarms
from robocell.journal import Journal
from robocell.model.quality import QualityChart
from robocell.quality.chart import ControlChart, ControlLimits, Point, Signal
from robocell.quality.weight import matters

QUIET = 5
"""Subgroups in a row without a signal that matters, after which an alarm clears."""


def alarm_of(chart: str) -> str:
    """Return the name of a chart's alarm."""
    return f"quality.{chart}"


@dataclass(slots=True)
class _Watched:
    """A chart at work.

    Attributes:
        begun: whether anything was measured.
        quiet: subgroups since the last signal that matters.
        settling: a person has just looked; parts of the first subgroup may have been on their way already.

    """

    name: str
    asked: QualityChart
    chart: ControlChart
    begun: bool = False
    quiet: int = 0
    settling: bool = False


class Quality:
    """The charts of a cell.

    Args:
        charts: what the cell file asks for, by name.
        journal: subgroups, limits and signals are events.
        alarms: "quality.NAME" is raised with the rule's text by a signal that matters, and clears after `QUIET` subgroups.

    """

    def __init__(self, charts: Mapping[str, QualityChart], journal: Journal, alarms: Alarms) -> None:
        self._journal = journal
        self._alarms = alarms
        self._watched = {name: _Watched(name, asked, _chart_of(asked)) for name, asked in charts.items()}
        self._due: dict[int, list[str]] = {}

    def take(self, workpiece: int, result: str, measurements: Mapping[str, float]) -> None:
        """Take the measurements of a verdict that could be given.

        Args:
            workpiece: its number.
            result: what the inspection's result is called.
            measurements: by `step.quantity`, m or px.

        """
        for watched in self._watched.values():
            value = measurements.get(watched.asked.measure)
            if watched.asked.result != result or value is None or not math.isfinite(value):
                continue
            if self._add(watched, value) and watched.asked.then == "hold":
                self._due.setdefault(workpiece, []).append(watched.name)

    def due(self, workpiece: int) -> list[str]:
        """Return the charts for whose sake the cell holds at a workpiece until a person has looked; once."""
        return self._due.pop(workpiece, [])

    def restart(self, name: str) -> None:
        """Begin runs and trends anew, as after a person has put the process right; limits stay.

        The first subgroup then may alarm, but not hold: its parts may have been made before.
        """
        watched = self._watched[name]
        watched.chart.restart()
        watched.quiet, watched.settling = 0, True
        self._alarms.clear(alarm_of(name))
        self._journal.append("quality.restart", name=name)

    def _add(self, watched: _Watched, value: float) -> bool:
        """Chart a value; return whether it told something that is worth a hold."""
        chart, known, settling = watched.chart, watched.chart.limits, watched.settling
        if not watched.begun:
            self._begin(watched)
        point, signal = chart.add(value)
        if point is not None:
            mean, spread = _rounded(point.mean), _rounded(point.range)
            self._journal.append("quality", name=watched.name, mean=mean, range=spread, n=chart.subgroup)
            watched.settling = False
        if chart.limits is not known and chart.limits is not None:
            self._tell_limits(watched.name, chart.limits)
        if signal is not None and self._signalled(watched, point, signal):
            return not settling
        if point is not None:
            watched.quiet += 1
            if watched.quiet >= QUIET:
                self._alarms.clear(alarm_of(watched.name))
        return False

    def _signalled(self, watched: _Watched, point: Point | None, signal: Signal) -> bool:
        """Tell of a signal; return whether it matters."""
        chart = watched.chart
        heavy = matters(signal, point, chart.limits, chart.lower, chart.upper)
        self._journal.append("quality.signal", name=watched.name, rule=signal.rule, text=signal.text, matters=heavy)
        if heavy:
            watched.quiet = 0
            self._alarms.raise_(alarm_of(watched.name), f"{watched.asked.measure}: {signal.text}")
        return heavy

    def _begin(self, watched: _Watched) -> None:
        asked, chart = watched.asked, watched.chart
        watched.begun = True
        lower, upper = (limit if math.isfinite(limit) else None for limit in (chart.lower, chart.upper))
        self._journal.append(
            "quality.begin",
            name=watched.name,
            result=asked.result,
            measure=asked.measure,
            unit=asked.unit,
            lower=lower,
            upper=upper,
            subgroup=chart.subgroup,
            learn=chart.learn,
        )
        if chart.limits is not None:
            self._tell_limits(watched.name, chart.limits)

    def _tell_limits(self, name: str, limits: ControlLimits) -> None:
        self._journal.append("quality.limits", name=name, mean=_rounded(limits.mean), sigma=_rounded(limits.sigma))


def _chart_of(asked: QualityChart) -> ControlChart:
    lower, upper = asked.limits.bounds
    known = asked.chart
    limits = ControlLimits(known.mean.value, known.sigma.value, asked.subgroup) if known is not None else None
    return ControlChart(
        lower, upper, asked.subgroup, asked.learn, limits, _pixels if asked.unit == "px" else _millimetres
    )


def _millimetres(value: float) -> str:
    return f"{value * 1e3:.4f} mm"


def _pixels(value: float) -> str:
    return f"{value:.3f} px"


def _rounded(value: float) -> float:
    return float(f"{value:.9g}")
