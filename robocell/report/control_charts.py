"""Control charts of a report: subgroups' means over their ranges, with control limits, tolerance and signals."""

from __future__ import annotations

import math
from collections.abc import Callable

from robocell.report import figures
from robocell.report.axes import round_step
from robocell.report.quality import Bin, Series
from robocell.report.svg import Markup, image, points, tag, text

WIDTH = 1120.0
_LEFT, _RIGHT = 74.0, 142.0
_MEANS, _RANGES, _GAP = 190.0, 84.0, 30.0  # px high
_TOP = 18.0
_ROOM = 12.0
"""The tolerance is drawn to scale where it is at most so many times as wide as what else there is to show."""

Scale = Callable[[float], float]


def control_chart(series: Series) -> Markup:
    """Return a measurement's X̄ chart with its R chart below it; the range is a moving one of single values."""
    if not series.bins:
        return tag("p", text("No subgroup is complete."), class_="none")
    low, high = _window(series)
    y_mean = _scale(low, high, _TOP, _MEANS)
    top = _TOP + _MEANS + _GAP
    y_range = _scale(0.0, _most_range(series), top, _RANGES)
    marks = [
        _axis(low, high, y_mean, series.unit),
        _axis(0.0, _most_range(series), y_range, series.unit, few=True),
        _learning(series),
        *_beyond(series, low, high, y_mean),
        *_mean_lines(series, low, high, y_mean),
        *_range_lines(series, y_range),
        *_course(series, y_mean, [(b.mean, b.low, b.high) for b in series.bins]),
        *_course(series, y_range, [(b.ranges / b.count, b.ranges / b.count, b.widest) for b in series.bins]),
        *_signals(series, y_mean, y_range),
        tag("text", text("subgroup mean" if series.subgroup > 1 else "value"), x=_LEFT, y=_TOP - 6, class_="note"),
        tag("text", text("range" if series.subgroup > 1 else "moving range"), x=_LEFT, y=top - 6, class_="note"),
        _numbers(series, top + _RANGES),
    ]
    title = f"Control chart of {series.name}"
    return image(WIDTH, top + _RANGES + 36, title, *marks, class_="control")


def _window(series: Series) -> tuple[float, float]:
    """Return the values at the lower and the upper edge of the means' panel."""
    shown = [value for b in series.bins for value in (b.low, b.high)]
    if series.limits is not None:
        shown += [series.limits.lower, series.limits.upper]
    low, high = min(shown), max(shown)
    span = max(high - low, 1e-9)
    limits = [limit for limit in (series.lower, series.upper) if math.isfinite(limit)]
    wide = max([high, *limits]) - min([low, *limits])
    if wide <= _ROOM * span:
        low, high, span = min([low, *limits]), max([high, *limits]), wide
    return low - 0.08 * span, high + 0.08 * span


def _most_range(series: Series) -> float:
    most = max(b.widest for b in series.bins)
    return 1.12 * max(most, series.limits.range_limits[1] if series.limits is not None else 0.0, 1e-9)


def _scale(low: float, high: float, top: float, tall: float) -> Scale:
    return lambda value: top + tall * (high - value) / (high - low)


def _x(series: Series, subgroup: float) -> float:
    """Return where a subgroup (from 0, its middle) is."""
    return _LEFT + (WIDTH - _LEFT - _RIGHT) * (subgroup + 0.5) / max(series.groups, 1)


def _axis(low: float, high: float, y_of: Scale, unit: str, *, few: bool = False) -> Markup:
    factor = 1.0 if unit == "px" else 1e3
    step = round_step((high - low) * factor, 2 if few else 5)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    marks = []
    for n in range(math.ceil(low * factor / step - 1e-9), math.floor(high * factor / step + 1e-9) + 1):
        y = y_of(n * step / factor)
        marks.append(tag("line", x1=_LEFT, y1=y, x2=WIDTH - _RIGHT, y2=y))
        words = figures.size(n * step / factor, unit, decimals)
        marks.append(tag("text", text(words), x=_LEFT - 6, y=y + 4, text_anchor="end"))
    return tag("g", *marks, class_="grid")


def _learning(series: Series) -> Markup:
    """Return the time before control limits were known, shaded."""
    until = series.known_from if series.limits is not None else series.groups
    if not until:
        return Markup("")
    wide = _x(series, until - 0.5) - _LEFT
    tip = tag("title", text(f"control limits are learnt from {until} subgroups"))
    tall = _MEANS + _GAP + _RANGES
    return tag("rect", tip, x=_LEFT, y=_TOP, width=wide, height=tall, class_="learning")


def _beyond(series: Series, low: float, high: float, y_of: Scale) -> list[Markup]:
    """Return words on the limits of the tolerance that are too far away to be drawn."""
    marks = []
    for limit, word, arrow in ((series.upper, "upper limit", "↑"), (series.lower, "lower limit", "↓")):
        if math.isfinite(limit) and not low <= limit <= high:
            y = y_of(high) - 6 if limit > high else y_of(low) + 11
            words = f"{arrow} {word} {figures.size(limit, series.unit, 3)}"
            marks.append(tag("text", text(words), x=WIDTH - _RIGHT - 6, y=y, text_anchor="end", class_="tolerance"))
    return marks


def _mean_lines(series: Series, low: float, high: float, y_of: Scale) -> list[Markup]:
    """Return the lines of the means' panel: tolerance, control limits, centre."""
    lines = [
        (limit, f"{word} {figures.size(limit, series.unit, 3)}", "tolerance", _LEFT)
        for limit, word in ((series.upper, "upper limit"), (series.lower, "lower limit"))
        if low <= limit <= high
    ]
    limits, begin = series.limits, _known(series)
    if limits is not None:
        lines += [(limits.upper, "UCL", "limit", begin), (limits.lower, "LCL", "limit", begin)]
        lines.append((limits.mean, figures.size(limits.mean, series.unit), "centre", begin))
    return _lines([(y_of(value), words, style, x) for value, words, style, x in lines])


def _range_lines(series: Series, y_of: Scale) -> list[Markup]:
    if series.limits is None:
        return []
    low, high = series.limits.range_limits
    begin = _known(series)
    return _lines([(y_of(limit), word, "limit", begin) for limit, word in ((high, "UCL"), (low, "LCL")) if limit])


def _known(series: Series) -> float:
    """Return where control limits begin to be known."""
    return max(_x(series, series.known_from - 0.5), _LEFT)


def _lines(lines: list[tuple[float, str, str, float]]) -> list[Markup]:
    """Return lines at heights, from x on, each with its words to the right, which are pushed apart where they would overlap."""
    marks, free = [], -math.inf
    for y, words, style, begin in sorted(lines):
        free = max(y + 4, free + 11.5)
        marks.append(tag("line", x1=begin, y1=y, x2=WIDTH - _RIGHT, y2=y, class_=style))
        marks.append(tag("text", text(words), x=WIDTH - _RIGHT + 6, y=free, class_=style))
    return marks


def _places(series: Series) -> list[tuple[float, float]]:
    """Return each bin's place and the number of its first subgroup."""
    places, before = [], 0
    for b in series.bins:
        places.append((_x(series, before + (b.count - 1) / 2), float(before)))
        before += b.count
    return places


def _course(series: Series, y_of: Scale, values: list[tuple[float, float, float]]) -> list[Markup]:
    """Return points joined by a line; where one stands for several subgroups, a bar from their least to their greatest."""
    xs = [x for x, _ in _places(series)]
    path = [(x, y_of(mean)) for x, (mean, _, _) in zip(xs, values, strict=True)]
    marks = [tag("polyline", points=points(path), class_="course")]
    if series.width > 1:
        spans = zip(xs, values, strict=True)
        return [tag("line", x1=x, y1=y_of(a), x2=x, y2=y_of(b), class_="span") for x, (_, a, b) in spans] + marks
    return marks + [tag("circle", cx=x, cy=y, r=2.2, class_="value") for x, y in path]


def _signals(series: Series, y_mean: Scale, y_range: Scale) -> list[Markup]:
    marks = []
    for (x, first), b in zip(_places(series), series.bins, strict=True):
        if b.signals:
            of_range = b.text.startswith("range")
            y = y_range(b.widest) if of_range else y_mean(b.mean)
            tip = tag("title", text(_told(b, first)))
            marks.append(tag("circle", tip, cx=x, cy=y, r=4.6, class_="signal heavy" if b.heavy else "signal"))
    return marks


def _told(b: Bin, first: float) -> str:
    which = f"subgroup {first + 1:.0f}" if b.count == 1 else f"subgroups {first + 1:.0f} to {first + b.count:.0f}"
    return f"{which}: {b.text}" + (f" ({b.signals} signals)" if b.signals > 1 else "")


def _numbers(series: Series, base: float) -> Markup:
    step = max(round_step(series.groups, 10), 1.0)
    marks = []
    for n in range(int(step), series.groups + 1, int(step)):
        x = _x(series, n - 1)
        marks.append(tag("line", x1=x, y1=base, x2=x, y2=base + 4))
        marks.append(tag("text", text(str(n)), x=x, y=base + 17, text_anchor="middle"))
    middle = (_LEFT + WIDTH - _RIGHT) / 2
    words = f"subgroup of {series.subgroup}" if series.subgroup > 1 else "value"
    marks.append(tag("text", text(words), x=middle, y=base + 32, text_anchor="middle"))
    return tag("g", tag("line", x1=_LEFT, y1=base, x2=WIDTH - _RIGHT, y2=base), *marks, class_="grid")
