"""The charts of a report: the run at a glance, cycle times, OEE, utilisation."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from robocell.report import figures
from robocell.report.axes import round_step, tick_step
from robocell.report.elements import style_of
from robocell.report.result import Result
from robocell.report.svg import Markup, image, tag, text
from robocell.report.timeline import Use
from robocell.report.trend import Trend

WIDTH = 1120.0
HALF = 548.0
_LEFT = 52.0
_BECAME = ("good", "rejected", "scrapped", "unknown")
_BINS = 44
_STRIP, _OUTPUT = 26.0, 120.0  # px: the strip of states, the bars below it
_PARTS_A_BAR = 8
_STACK = ("pdot", "aust", "adot", "adet", "apt")  # from the top: what was lost hangs from above


def glance(trend: Trend, result: Result, end: float) -> Markup:
    """Return the whole run: a strip of states, below it what was finished in each interval, against the bound."""
    length = max(end, trend.width)
    output = trend.coarse(_PARTS_A_BAR)
    rates = (sum(interval.became.values()) * 3600.0 / _span(output, begin, end) for begin, interval in output)
    most = max(rates, default=0.0)
    ceiling = 1.12 * max(most, result.bound_per_h or 0.0, 1.0)
    base = _STRIP + 14.0 + _OUTPUT

    def x_of(t: float) -> float:
        return _LEFT + (WIDTH - _LEFT - 8) * min(t, end) / length

    marks = [*_state_marks(trend, x_of), *_output_marks(output, end, x_of, base, _OUTPUT / ceiling)]
    if result.bound_per_h is not None:
        y = base - _OUTPUT * result.bound_per_h / ceiling
        marks.append(tag("line", x1=_LEFT, y1=y, x2=WIDTH - 8, y2=y, class_="bound"))
        words = f"bound {figures.per_hour(result.bound_per_h)}"
        marks.append(tag("text", text(words), x=WIDTH - 12, y=y - 5, text_anchor="end", class_="bound"))
    axes = [_value_axis(ceiling, base, _OUTPUT, "/h"), _time_axis(length, base, x_of)]
    return image(WIDTH, base + 22, "The run at a glance", *axes, *marks, class_="glance")


def _state_marks(trend: Trend, x_of: Callable[[float], float]) -> list[Markup]:
    marks = []
    for begin, interval in trend:
        x1, x2 = x_of(begin), x_of(begin + trend.width)
        spent = sum(interval.states.values())
        y = 0.0
        for state, time in sorted(interval.states.items(), key=lambda item: _STACK.index(style_of(item[0]))):
            tall = _STRIP * time / spent
            tip = tag("title", text(f"{figures.moment(begin)}: {state} {figures.duration(time)}"))
            marks.append(tag("rect", tip, x=x1, y=y, width=x2 - x1 + 0.3, height=tall, class_=style_of(state)))
            y += tall
        if interval.faults:
            tip = tag("title", text(f"{figures.moment(begin)}: {interval.faults} faults"))
            wide = max(x2 - x1, 1.5)
            marks.append(tag("rect", tip, x=x1, y=_STRIP + 3, width=wide, height=5, class_="fault"))
    return marks


def _output_marks(output: Trend, end: float, x_of: Callable[[float], float], base: float, scale: float) -> list[Markup]:
    """Return stacked bars of what was finished, per hour."""
    marks = []
    for begin, interval in output:
        width = _span(output, begin, end)
        x1, x2 = x_of(begin), x_of(begin + output.width)
        y = base
        for word in _BECAME:
            number = interval.became.get(word, 0)
            if number:
                tall = number * 3600.0 / width * scale
                y -= tall
                tip = tag("title", text(f"{figures.moment(begin)}: {number} {word} in {figures.duration(width)}"))
                wide = max(x2 - x1 - (1.0 if x2 - x1 > 3 else 0.0), 0.8)
                marks.append(tag("rect", tip, x=x1, y=y, width=wide, height=tall, class_=word))
    return marks


def _span(trend: Trend, begin: float, end: float) -> float:
    """Return the length of an interval, s; the last one may be shorter, but no part makes it look like a record."""
    return max(min(trend.width, end - begin), trend.width * 0.3)


def _value_axis(ceiling: float, base: float, high: float, unit: str) -> Markup:
    step = round_step(ceiling, 4)
    marks = []
    for n in range(int(ceiling / step) + 1):
        y = base - high * n * step / ceiling
        marks.append(tag("line", x1=_LEFT, y1=y, x2=WIDTH - 8, y2=y))
        words = figures.number(n * step) + (f"\u202f{unit}" if n else "")
        marks.append(tag("text", text(words), x=_LEFT - 6, y=y + 4, text_anchor="end"))
    return tag("g", *marks, class_="grid")


def _time_axis(length: float, base: float, x_of: Callable[[float], float]) -> Markup:
    step = tick_step(length, 10)
    marks = []
    for n in range(int(length / step) + 1):
        x = x_of(n * step)
        words = f"{n * step / 3600:.0f}\u202fh" if step >= 3600 else figures.moment(n * step).rsplit(".", 1)[0]
        marks.append(tag("line", x1=x, y1=base, x2=x, y2=base + 4))
        marks.append(tag("text", text(words), x=x, y=base + 17, text_anchor="middle"))
    return tag("g", *marks, class_="grid")


def cycle_histogram(cycles: array[float], result: Result) -> Markup:
    """Return the histogram of cycle times with median, p95 and the ideal cycle; the longest 1 % share the last bar."""
    high, top = 190.0, 40.0
    base = top + high
    if len(cycles) == 0:
        return tag("p", text("No part was finished."), class_="none")
    values = np.frombuffer(cycles, dtype=np.float64)
    ideal = None if result.bound_per_h is None else 3600.0 / result.bound_per_h
    low = min(float(values.min()), ideal if ideal is not None else float("inf"))
    top_value = float(np.percentile(values, 99)) if len(values) > 100 else float(values.max())
    step = max(round_step(max(top_value - low, 0.02), _BINS), 0.001)
    first = int(low / step)
    last = max(int(top_value / step) + 1, first + 8)
    edges = np.arange(first, last + 1, dtype=np.float64) * step
    counts = np.histogram(np.minimum(values, edges[-1] - step / 2), bins=edges)[0]
    beyond = int(np.count_nonzero(values >= edges[-1]))

    def x_of(value: float) -> float:
        inside = min(max(value, float(edges[0])), float(edges[-1]))
        return _LEFT + (HALF - _LEFT - 8) * (inside - float(edges[0])) / float(edges[-1] - edges[0])

    most = max(int(counts.max()), 1)
    marks = []
    for n, number in enumerate(counts.tolist()):
        x1, x2 = x_of(float(edges[n])), x_of(float(edges[n + 1]))
        tall = high * number / most
        more = f", {beyond} of them longer" if n == len(counts) - 1 and beyond else ""
        tip = tag("title", text(f"{edges[n]:.3g} to {edges[n + 1]:.3g} s: {number} parts{more}"))
        style = "cycle beyond" if more else "cycle"
        marks.append(tag("rect", tip, x=x1, y=base - tall, width=max(x2 - x1 - 1, 0.8), height=tall, class_=style))
    lines = [
        ("median", result.cycle_time_s.p50, "p50"),
        ("p95", result.cycle_time_s.p95, "p95"),
        ("ideal", ideal, "bound"),
    ]
    for row, (word, value, style) in enumerate(lines):
        if value is None:
            continue
        x = x_of(value)
        end = "end" if x > HALF - 120 else "start"
        marks.append(tag("line", x1=x, y1=11.0 + 12 * row, x2=x, y2=base, class_=style))
        words = f"{word} {figures.seconds(value)}"
        shift = -5 if end == "end" else 5
        marks.append(tag("text", text(words), x=x + shift, y=12.0 + 12 * row, text_anchor=end, class_=style))
    return image(HALF, base + 36, "Cycle times", _cycle_axis(edges, base, x_of), *marks, class_="histogram")


def _cycle_axis(edges: NDArray[np.float64], base: float, x_of: Callable[[float], float]) -> Markup:
    low, high = float(edges[0]), float(edges[-1])
    step = round_step(high - low, 7)
    marks = [tag("line", x1=_LEFT, y1=base, x2=HALF - 8, y2=base)]
    for n in range(int(low / step), int(high / step) + 1):
        if low <= n * step <= high:
            x = x_of(n * step)
            marks.append(tag("line", x1=x, y1=base, x2=x, y2=base + 4))
            marks.append(tag("text", text(f"{n * step:.4g}"), x=x, y=base + 17, text_anchor="middle"))
    marks.append(tag("text", text("cycle time in s"), x=(_LEFT + HALF) / 2, y=base + 33, text_anchor="middle"))
    return tag("g", *marks, class_="grid")


def oee_bars(result: Result) -> Markup:
    """Return OEE and its three factors as bars, each with what it is made of."""
    times, parts, oee = result.time_elements, result.parts, result.oee
    busy = result.simulated_s - times["PDOT"]
    ideal = None if result.bound_per_h is None else 3600.0 / result.bound_per_h
    ideal_text = "no bound is known" if ideal is None else f"{figures.seconds(ideal)} ideal cycle"
    rows = (
        (
            "Availability",
            oee.availability,
            f"{figures.duration(times['APT'])} in Execute of {figures.duration(busy)} planned",
        ),
        ("Effectiveness", oee.effectiveness, f"{ideal_text} × {figures.count(parts.finished)} parts"),
        ("Quality", oee.quality, f"{figures.count(parts.good)} good of {figures.count(parts.finished)}"),
        ("OEE", oee.oee, "availability × effectiveness × quality"),
    )
    marks: list[Markup] = []
    for n, (word, value, note) in enumerate(rows):
        y, left, right = 10.0 + 62 * n, 4.0, HALF - 8
        marks.append(tag("text", text(word), x=left, y=y + 12, class_="factor"))
        marks.append(tag("text", text(figures.share(value)), x=right, y=y + 12, text_anchor="end", class_="factor"))
        marks.append(tag("rect", x=left, y=y + 18, width=right - left, height=12, rx=3, class_="track"))
        if value:
            wide = (right - left) * min(value, 1.0)
            style = "total" if word == "OEE" else "part"
            marks.append(tag("rect", x=left, y=y + 18, width=wide, height=12, rx=3, class_=style))
        more = " (above 100 %: the bound is too low)" if value is not None and value > 1.0 else ""
        marks.append(tag("text", text(note + more), x=left, y=y + 44, class_="note"))
    return image(HALF, 258, "Overall equipment effectiveness", *marks, class_="oee")


def utilisation(use: dict[str, Use], devices: list[str], executed: float) -> Markup:
    """Return how much of the time in Execute each device was at work, and given to a workpiece."""
    rows = [(name, use[name]) for name in devices if name in use and (use[name].busy or use[name].held)]
    if not rows or executed <= 0.0:
        return tag("p", text("No device was at work."), class_="none")
    rows.sort(key=lambda row: -max(row[1].busy, row[1].held))
    marks: list[Markup] = []
    left, right = 118.0, WIDTH - 190
    for n, (name, used) in enumerate(rows):
        y = 4.0 + 24 * n
        busy, held = min(used.busy / executed, 1.0), min(used.held / executed, 1.0)
        marks.append(tag("text", text(name), x=left - 8, y=y + 13, text_anchor="end", class_="lane"))
        marks.append(tag("rect", x=left, y=y, width=right - left, height=17, rx=3, class_="track"))
        marks.append(tag("rect", x=left, y=y, width=(right - left) * held, height=17, rx=3, class_="held"))
        marks.append(tag("rect", x=left, y=y + 4, width=(right - left) * busy, height=9, rx=2, class_="command"))
        told = [f"{figures.share(part)} {word}" for part, word in ((busy, "at work"), (held, "taken")) if part]
        words = ", ".join(told)
        marks.append(tag("text", text(words), x=right + 8, y=y + 13, class_="note"))
    return image(WIDTH, 8.0 + 24 * len(rows), "Utilisation of devices in Execute", *marks, class_="use")
