"""A window of the run as a Gantt chart: states on top, then devices, shared places, workpieces."""

from __future__ import annotations

from collections.abc import Iterable

from robocell.report import figures
from robocell.report.axes import tick_step
from robocell.report.elements import style_of
from robocell.report.layout import Layout
from robocell.report.svg import Markup, image, join, tag, text
from robocell.report.timeline import Bar, Window

WIDTH = 1120.0
_LEFT = 118.0
_ROW, _GAP, _HEAD = 18.0, 4.0, 24.0
_LEGIBLE = 6.2  # px a character
_LEAST = 0.75
_MOST_ROWS = 24


class Gantt:
    """Draws one window.

    Args:
        window: the window with its bars.
        layout: tells devices from places.
        devices: names of the cell's devices.

    """

    def __init__(self, window: Window, layout: Layout, devices: Iterable[str]) -> None:
        self._window = window
        self._span = window.end - window.begin
        self._order = {name: index for index, name in enumerate(_device_order(layout, devices))}
        single = [spot.name for spot in layout.stations if spot.capacity == 1]
        self._places = {name: index for index, name in enumerate([*(zone.name for zone in layout.zones), *single])}
        self._rows: list[Markup] = []
        self._y = _HEAD

    def draw(self) -> Markup:
        """Return the image."""
        bars = sorted(self._window.bars, key=lambda bar: (bar.begin, bar.end))
        self._row("state", [bar for bar in bars if bar.kind == "state"])
        lanes = {bar.lane for bar in bars if bar.kind in ("command", "held")}
        devices = sorted((lane for lane in lanes if lane in self._order), key=self._order.__getitem__)
        places = sorted((lane for lane in lanes if lane in self._places), key=self._places.__getitem__)
        for lane in [*devices, *places]:
            held = [bar for bar in bars if bar.kind == "held" and bar.lane == lane]
            self._row(lane, held + [bar for bar in bars if bar.kind == "command" and bar.lane == lane])
        self._workpieces([bar for bar in bars if bar.kind == "workpiece"])
        title = f"{self._window.title}, {figures.moment(self._window.begin)} to {figures.moment(self._window.end)}"
        return image(WIDTH, self._y + 6, title, self._grid(), *self._rows, self._faults(), class_="gantt")

    def _x(self, t: float) -> float:
        inside = min(max(t, self._window.begin), self._window.end)
        return _LEFT + (WIDTH - _LEFT - 8) * (inside - self._window.begin) / self._span

    def _row(self, name: str, bars: list[Bar], marks: Iterable[Markup] = ()) -> None:
        label = tag("text", text(name), x=_LEFT - 8, y=self._y + 13, text_anchor="end", class_="lane")
        self._rows.append(tag("g", label, *[self._bar(bar) for bar in bars], *marks))
        self._y += _ROW + _GAP

    def _bar(self, bar: Bar) -> Markup:
        x1, x2 = self._x(bar.begin), self._x(bar.end)
        wide = max(x2 - x1, _LEAST)
        thin = bar.kind == "command"
        top, high = (self._y + 4, _ROW - 8) if thin else (self._y, _ROW)
        parts = [tag("rect", _tip(bar), x=x1, y=top, width=wide, height=high, rx=2, class_=_style(bar))]
        if not thin and bar.kind != "held":
            choices = (f"{bar.lane} {bar.word}", bar.lane) if bar.kind == "workpiece" else (bar.word,)
            words = next((choice for choice in choices if (len(choice) + 0.4) * _LEGIBLE < wide), None)
            if words is not None:
                x, y = x1 + wide / 2, self._y + 13
                parts.append(tag("text", text(words), x=x, y=y, text_anchor="middle", class_="inbar"))
        return join(parts)

    def _workpieces(self, bars: list[Bar]) -> None:
        """Workpieces share rows: each takes the first row that is free from its first to its last bar."""
        spans: dict[str, list[Bar]] = {}
        for bar in bars:
            spans.setdefault(bar.lane, []).append(bar)
        rows: list[tuple[float, list[Bar]]] = []
        for mine in spans.values():
            begin, end = mine[0].begin, max(bar.end for bar in mine)
            free = next((n for n, (until, _) in enumerate(rows) if until <= begin), None)
            if free is None:
                rows.append((end, list(mine)))
            else:
                rows[free] = (end, rows[free][1] + mine)
        for n, (_, row) in enumerate(rows[:_MOST_ROWS]):
            self._row("workpieces" if n == 0 else "", row)
        if len(rows) > _MOST_ROWS:
            self._row(f"{len(rows) - _MOST_ROWS} rows more", [])

    def _grid(self) -> Markup:
        step = tick_step(self._span, 12)
        first = int(self._window.begin / step)
        ticks = []
        for n in range(first, int(self._window.end / step) + 1):
            t = n * step
            if t < self._window.begin:
                continue
            x = self._x(t)
            words = figures.moment(t) if step < 1 else figures.moment(t).rsplit(".", 1)[0]
            ticks.append(tag("line", x1=x, y1=_HEAD - 4, x2=x, y2=self._y))
            anchor = "end" if x > WIDTH - 24 else "middle"
            ticks.append(tag("text", text(words), x=x, y=13, text_anchor=anchor))
        return tag("g", *ticks, class_="grid")

    def _faults(self) -> Markup:
        marks = []
        for t, name in self._window.faults:
            x = self._x(t)
            note = tag("title", text(f"{figures.moment(t)} {name}"))
            top = f"{x - 5:.1f},{_HEAD - 8:.1f} {x + 5:.1f},{_HEAD - 8:.1f} {x:.1f},{_HEAD:.1f}"
            marks.append(tag("line", x1=x, y1=_HEAD, x2=x, y2=self._y))
            marks.append(tag("polygon", note, points=top))
        return tag("g", *marks, class_="faults")


def _device_order(layout: Layout, devices: Iterable[str]) -> list[str]:
    """Return arms with their tools first, then machines, belts, cameras, and the rest by name."""
    ordered: list[str] = []
    for arm in layout.arms:
        ordered += [arm.name, *([arm.tool] if arm.tool else [])]
    for group in (layout.machines, layout.belts, layout.cameras):
        ordered += [thing.name for thing in group]
    return list(dict.fromkeys([*ordered, *sorted(devices)]))


def _style(bar: Bar) -> str:
    if bar.kind == "state":
        return f"bar {style_of(bar.word)}"
    if bar.kind == "workpiece":
        return f"bar verb-{bar.word}" + (" bad" if bar.note.endswith(("fault", "not ended")) else "")
    if bar.kind == "held":
        return "bar held"
    return "bar command bad" if bar.note else "bar command"


def _tip(bar: Bar) -> Markup:
    who = f"workpiece {bar.lane}: " if bar.kind == "workpiece" else f"{bar.lane}: " if bar.lane else ""
    note = f", {bar.note}" if bar.note else ""
    lasted = figures.duration(bar.end - bar.begin)
    return tag("title", text(f"{who}{bar.word}{note}\n{figures.moment(bar.begin)}, {lasted}"))
