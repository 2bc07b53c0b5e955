"""The parts of a report that are words, tables and pictures."""

from __future__ import annotations

import base64
import math
from collections.abc import Iterable, Mapping, Sequence

from robocell.report import figures
from robocell.report.elements import TimeElement, style_of
from robocell.report.layout import Layout
from robocell.report.ledger import Incident, Ledger, Reject
from robocell.report.quality import Series
from robocell.report.result import Result
from robocell.report.svg import Markup, join, tag, text

_KINDS = {
    "fault": "fault",
    "recovery": "recovery",
    "alarm": "alarm",
    "request": "request",
    "service": "service",
    "intervention": "intervention",
    "state": "state",
}


def header(result: Result, layout: Layout) -> Markup:
    """Return the page's head: which cell, how it ended, and the few figures that matter."""
    world = f"{result.backend} backend, {result.world} world" if result.world else f"{result.backend} backend"
    facts = f"{world} · seed {result.seed} · {figures.duration(result.simulated_s)} · robocell {result.version}"
    words = {"complete": "Order complete", "held": "Held", "aborted": "Aborted", "stopped": "Stopped"}
    verdict = tag(
        "p", tag("span", text(words[result.ended]), class_=f"verdict {result.ended}"), text(f" {result.reason}")
    )
    return tag(
        "header",
        tag("h1", text(result.cell)),
        tag("p", text(layout.description), class_="description") if layout.description else "",
        verdict,
        tag("p", text(facts), class_="facts"),
        tag("div", *_tiles(result), class_="tiles"),
    )


def _tiles(result: Result) -> list[Markup]:
    parts, cycle = result.parts, result.cycle_time_s
    lost = [
        (getattr(parts, name), name.replace("_", " ")) for name in ("rejected", "scrapped", "unknown", "in_process")
    ]
    rest = ", ".join(f"{figures.count(number)} {name}" for number, name in lost if number)
    tiles = [
        ("Good parts", figures.count(parts.good), rest or "no others"),
        ("Cycle time, median", figures.seconds(cycle.p50), f"95 % within {figures.seconds(cycle.p95)}"),
        ("Throughput", figures.per_hour(result.throughput_per_h), f"bound {figures.per_hour(result.bound_per_h)}"),
        ("OEE", figures.share(result.oee.oee), f"availability {figures.share(result.oee.availability)}"),
        (
            "Faults",
            figures.count(sum(result.faults.values())),
            f"{_plural(result.interventions, 'intervention')}, {_plural(result.services, 'service')}",
        ),
    ]
    if result.energy_wh is not None:
        each = figures.energy(result.energy_wh / parts.finished) if parts.finished else figures.NONE
        tiles.append(("Energy per part", each, f"{figures.energy(result.energy_wh)} in all"))
    return [
        tag("div", tag("span", text(head)), tag("strong", text(value)), tag("small", text(note)), class_="tile")
        for head, value, note in tiles
    ]


def _plural(value: int, word: str) -> str:
    return f"{figures.count(value)} {word}{'' if value == 1 else 's'}"


def state_table(result: Result) -> Markup:
    """Return the time in each state that was visited, and the ISO 22400-2 elements that it adds up to."""
    total = result.simulated_s or 1.0
    rows = [
        [_mark(style_of(state), state), text(figures.duration(time)), text(figures.share(time / total))]
        for state, time in sorted(result.states.items(), key=lambda item: -item[1])
        if time
    ]
    elements = [
        [
            _mark(element.value.lower(), f"{element.value}, {element.title}"),
            text(figures.duration(result.time_elements[element.value])),
            text(figures.share(result.time_elements[element.value] / total)),
        ]
        for element in TimeElement
    ]
    note = ""
    if result.degraded_s:
        note = tag("p", text(f"{figures.duration(result.degraded_s)} of Execute with a route blocked."), class_="note")
    return tag(
        "div",
        tag("div", table(("PackML state", "Time", "Share"), rows, numeric=(1, 2)), note),
        tag("div", table(("ISO 22400-2 element", "Time", "Share"), elements, numeric=(1, 2))),
        class_="halves",
    )


def _mark(style: str, words: str) -> Markup:
    return join([tag("span", class_=f"swatch {style}"), text(words)])


def spreads(result: Result) -> Markup:
    """Return cycle and lead times as a table."""
    names = ("mean", "p50", "p95", "min", "max")
    rows = []
    for head, spread in (("Cycle time", result.cycle_time_s), ("Lead time", result.lead_time_s)):
        rows.append([text(head), *[text(figures.seconds(getattr(spread, name))) for name in names]])
    return table(("", "mean", "median", "95 %", "least", "greatest"), rows, numeric=(1, 2, 3, 4, 5))


def operations(result: Result, measured: Mapping[tuple[str, int], tuple[int, float]]) -> Markup:
    """Return the predicted times of operations beside those of the run, as a table; "" where nothing was predicted.

    Args:
        result: the run's result.
        measured: how often each operation was done, and seconds in all, by product and step.

    """
    if not result.operations:
        return Markup("")
    several = len({took.product for took in result.operations}) > 1
    rows = []
    for took in result.operations:
        count, total = measured.get((took.product, took.step), (0, 0.0))
        mean = figures.seconds(total / count) if count else "–"
        name = f"{took.product}: {took.label}" if several else took.label
        predicted = (figures.seconds(value) for value in (took.low, took.nominal, took.high))
        rows.append([text(word) for word in (name, took.device, *predicted, mean, figures.count(count))])
    heads = ("Operation", "by", "low", "nominal", "high", "mean of the run", "times")
    return table(heads, rows, numeric=(2, 3, 4, 5, 6))


def capabilities(shown: Iterable[Series]) -> Markup:
    """Return how each charted measurement lies in its tolerance."""
    rows = []
    for series in shown:
        found, unit = series.capability, series.unit
        limits = [
            figures.size(limit, unit, 3) if math.isfinite(limit) else "" for limit in (series.lower, series.upper)
        ]
        words = [series.name, figures.count(len(series.values)), *limits]
        if found is None:
            rows.append([text(word) for word in [*words, *[figures.NONE] * 7, figures.count(series.signals)]])
            continue
        cpk = figures.ratio(found.cpk) + (f" (≥ {figures.ratio(found.cpk_low)})" if found.cpk_low is not None else "")
        words += [figures.size(found.mean, unit), figures.spread(found.sigma, unit), figures.ratio(found.cp), cpk]
        words += [figures.ratio(found.pp), figures.ratio(found.ppk), figures.rare(found.outside)]
        rows.append([text(word) for word in [*words, figures.count(series.signals)]])
    heads = ("Chart", "Values", "least", "greatest", "Mean", "σ", "Cp", "Cpk", "Pp", "Ppk", "outside", "Signals")
    return tag("div", table(heads, rows, numeric=range(1, 12)), class_="wide")


def counts(result: Result) -> Markup:
    """Return how often each fault and recovery occurred."""
    blocks = []
    for head, kinds in (("Fault", result.faults), ("Recovery", result.recoveries)):
        if not kinds:
            continue
        rows = [
            [text(kind), text(figures.count(number))]
            for kind, number in sorted(kinds.items(), key=lambda item: (-item[1], item[0]))
        ]
        blocks.append(table((head, "Times"), rows[:40], numeric=(1,)))
    return tag("div", *[tag("div", block) for block in blocks], class_="halves") if blocks else Markup("")


def alarms(ledger: Ledger, end: float) -> Markup:
    """Return the alarms with their times; "" where none was raised."""
    rows = []
    for name, span in sorted(ledger.alarms.items()):
        active = span.active_s + (end - span.since if span.since is not None else 0.0)
        now = "active at the end" if span.since is not None else ""
        cells = (name, span.text, figures.count(span.raised), figures.duration(active), figures.moment(span.first), now)
        rows.append([text(cell) for cell in cells])
    return table(("Alarm", "Text", "Times", "Active", "First at", ""), rows, numeric=(2, 3, 4)) if rows else Markup("")


def incidents(ledger: Ledger) -> Markup:
    """Return what was out of the ordinary, in order; the middle of a long list is left out."""
    rows = [_incident(incident) for incident in ledger.first]
    left_out = ledger.incidents - len(ledger.first) - len(ledger.last)
    if left_out:
        rows.append([Markup(""), Markup(""), text(f"… {figures.count(left_out)} more …"), Markup(""), Markup("")])
    rows += [_incident(incident) for incident in ledger.last]
    if not rows:
        return tag("p", text("Nothing out of the ordinary happened."), class_="none")
    return tag("div", table(("Time", "", "What", "Workpiece", "Detail"), rows, numeric=(0, 3)), class_="scroll")


def _incident(incident: Incident) -> list[Markup]:
    return [
        text(figures.moment(incident.t)),
        tag("span", text(_KINDS[incident.kind]), class_=f"kind {incident.kind}"),
        text(incident.what),
        text(str(incident.workpiece) if incident.workpiece else ""),
        text(incident.detail),
    ]


def gallery(ledger: Ledger, pictures: Mapping[int, tuple[str, bytes]]) -> Markup:
    """Return the latest rejects with their pictures.

    Args:
        ledger: the rejects.
        pictures: media type and bytes by the number of the verdict's event.

    """
    if not ledger.rejects:
        return tag("p", text("Every verdict was passed."), class_="none")
    cards = [_card(reject, pictures.get(reject.seq)) for reject in ledger.rejects]
    rest = ledger.rejected - len(cards)
    note = f"The latest {len(cards)} of {figures.count(ledger.rejected)} verdicts that were not passed."
    without = sum(reject.seq not in pictures for reject in ledger.rejects)
    if pictures and without:
        note += f" {without} have no picture here; the journal may have it."
    head = tag("p", text(note), class_="note") if rest or (pictures and without) else Markup("")
    return join([head, tag("div", *cards, class_="gallery" if pictures else "gallery bare")])


def _card(reject: Reject, picture: tuple[str, bytes] | None) -> Markup:
    parts: list[Markup] = []
    name = f"workpiece {reject.workpiece}"
    if picture is not None:
        media, data = picture
        source = f"data:{media};base64,{base64.b64encode(data).decode()}"
        zoom = tag("input", type="checkbox", aria_label=f"enlarge the picture of {name}")
        shown = tag("img", src=source, alt=f"marked picture of {name}", loading="lazy")
        parts.append(tag("label", zoom, shown, class_="zoom"))
    caption = [tag("strong", text(name)), tag("span", text(f"{reject.status} at {figures.moment(reject.t)}"))]
    caption += [tag("p", text(reason)) for reason in reject.reasons]
    measured = [f"{name} {figures.measurement(name, value)}" for name, value in reject.measurements]
    if measured:
        caption.append(tag("small", text(" · ".join(measured))))
    return tag("figure", *parts, tag("figcaption", *caption), class_=reject.status)


def provenance(result: Result) -> Markup:
    """Return what makes the run repeatable: digests, versions, and what stood behind each device."""
    rows = [
        ("Cell file, SHA-256", result.cell_sha256),
        ("Event log, SHA-256", result.log_sha256),
        ("Seed", str(result.seed)),
        ("Version", f"robocell {result.version}"),
        ("Computed in", f"{figures.duration(result.wall_s)}" + _speed(result)),
    ]
    for origin in ("driver", "simulated"):
        names = sorted(name for name, kind in result.devices.items() if kind == origin)
        if names:
            rows.append((f"Devices, {origin}", ", ".join(names)))
    return table(("", ""), [[text(head), tag("span", text(value), class_="wrap")] for head, value in rows])


def _speed(result: Result) -> str:
    if result.backend == "hardware" or result.speed is None:
        return ""
    return f", {figures.number(result.speed)} × real time"


def table(heads: Sequence[str], rows: Iterable[Sequence[Markup]], numeric: Sequence[int] = ()) -> Markup:
    """Return a table; columns in `numeric` are aligned to the right."""

    def style(column: int) -> str | None:
        return "number" if column in numeric else None

    head = tag("tr", *[tag("th", text(word), class_=style(n)) for n, word in enumerate(heads)])
    body = [tag("tr", *[tag("td", cell, class_=style(n)) for n, cell in enumerate(row)]) for row in rows]
    top = tag("thead", head) if any(heads) else ""
    return tag("table", top, tag("tbody", *body))
