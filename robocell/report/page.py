"""A run's record as one page of HTML that opens offline, by day and by night, and prints."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from robocell.report import charts, figures, inspection, sections
from robocell.report.chronicle import Chronicle
from robocell.report.control_charts import control_chart
from robocell.report.gantt import Gantt
from robocell.report.pictures import thumbnails
from robocell.report.plan import Plan
from robocell.report.svg import Markup, join, tag, text
from robocell.report.timeline import Window

if TYPE_CHECKING:
    from robocell.report.record import Record


def write_page(record: Record) -> None:
    """Write `report.html` from a record's events, pictures, result and layout; at most 5 MB, however long the run.

    Raises:
        JournalError: the record has no journal.
        OSError: the folder cannot be written.

    """
    chronicle = Chronicle(record.events())
    pictures = thumbnails(record.pictures(), (reject.seq for reject in chronicle.ledger.rejects))
    record.report.write_text(page(record, chronicle, pictures), encoding="utf-8")


def page(record: Record, chronicle: Chronicle, pictures: dict[int, tuple[str, bytes]]) -> str:
    """Return the text of the page."""
    result, layout, ledger = record.result, record.layout, chronicle.ledger
    head = tag(
        "head",
        '<meta charset="utf-8"/>',
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        '<meta name="color-scheme" content="light dark"/>',
        tag("title", text(f"{result.cell}: {result.ended}, {figures.count(result.parts.finished)} parts")),
        f"<style>{files('robocell.report').joinpath('page.css').read_text('utf-8')}</style>",
    )
    body = tag(
        "main",
        sections.header(result, layout),
        _section("The run at a glance", _wide(charts.glance(chronicle.trend, result, chronicle.end)), _key()),
        _section("The cell from above", _wide(Plan(layout, ledger.resting()).draw()), _plan_note()),
        tag(
            "div",
            _section("Cycle time", charts.cycle_histogram(chronicle.cycles, result), sections.spreads(result)),
            _section("Overall equipment effectiveness", charts.oee_bars(result)),
            class_="halves",
        ),
        *_operations(record, chronicle),
        _section("Time by state", sections.state_table(result)),
        _section("Devices at work", *_devices(record, chronicle)),
        _section("Timeline", *_timeline(record, chronicle)),
        _section(
            "Faults, alarms and people",
            sections.counts(result),
            sections.alarms(ledger, chronicle.end),
            sections.incidents(ledger),
        ),
        *[_section(f"Inspection by {name}", inspection.section(found)) for name, found in result.inspection.items()],
        *_quality(chronicle),
        _section("Rejects", sections.gallery(ledger, pictures)),
        _section("Provenance", sections.provenance(result)),
    )
    return f'<!doctype html>\n<html lang="en">{head}<body>{body}</body></html>\n'


def _section(title: str, *content: Markup) -> Markup:
    return tag("section", tag("h2", text(title)), *content)


def _wide(drawing: Markup) -> Markup:
    return tag("div", drawing, class_="wide")


def _key() -> Markup:
    words = (
        ("apt", "Execute"),
        ("adot", "Suspended or stopped"),
        ("adet", "Held or aborted"),
        ("aust", "starting and completing"),
        ("pdot", "planned down"),
        ("fault", "faults"),
        ("good", "good"),
        ("rejected", "rejected"),
        ("scrapped", "scrapped or unknown"),
    )
    return tag(
        "p", *[join([tag("span", class_=f"swatch {style}"), text(f"{word} ")]) for style, word in words], class_="key"
    )


def _plan_note() -> Markup:
    words = (("good", "good"), ("rejected", "rejected"), ("present", "on its way"), ("unknown", "not proven"))
    seats = [join([tag("span", class_=f"swatch seat {style}"), text(f"{word} ")]) for style, word in words]
    return tag("p", text("As the controller believed at the end: "), *seats, class_="key")


def _operations(record: Record, chronicle: Chronicle) -> list[Markup]:
    predicted = sections.operations(record.result, chronicle.operations)
    if not predicted:
        return []
    note = (
        "Low, nominal and high are predicted for a part alone, by how far the arms' limits are uncertain. "
        "The run's mean has waits in it: for a machine, a zone, a free place."
    )
    return [_section("Operations", predicted, tag("p", text(note), class_="note"))]


def _quality(chronicle: Chronicle) -> list[Markup]:
    if not chronicle.quality:
        return []
    shown = [series for _, series in sorted(chronicle.quality.items())]
    content: list[Markup] = [sections.capabilities(shown), tag("p", text(_QUALITY_NOTE), class_="note")]
    for series in shown:
        content.append(tag("h3", text(f"{series.name}: {series.measure} of {series.result}")))
        content.append(_wide(control_chart(series)))
    return [_section("Quality", *content)]


_QUALITY_NOTE = (
    "Cp and Cpk follow from the variation within subgroups, Pp and Ppk from that of the whole run; the lower limit holds with "
    "95 % certainty, and the share outside is that of a normal process. On the charts a ring is a signal of a rule, a full one "
    "a signal that matters to the tolerance and has raised the alarm; shaded: while control limits were learnt."
)


def _devices(record: Record, chronicle: Chronicle) -> list[Markup]:
    executed = record.result.states["Execute"]
    names = [name for name in chronicle.timeline.use if name in record.result.devices]
    others = [zone.name for zone in record.layout.zones if zone.name in chronicle.timeline.use]
    chart = charts.utilisation(chronicle.timeline.use, [*names, *others], executed)
    note = "Share of the time in Execute: at work (dark) and taken by a workpiece (pale)."
    return [_wide(chart), tag("p", text(note), class_="note")]


def _timeline(record: Record, chronicle: Chronicle) -> list[Markup]:
    windows = chronicle.timeline.windows
    if not windows:
        return [tag("p", text("The run has no length."), class_="none")]
    parts = [_window(record, window, opened=n == 0) for n, window in enumerate(windows)]
    verbs = ("arrive", "inspect", "pick", "place", "process", "wait", "leave")
    key = tag(
        "p", *[join([tag("span", class_=f"swatch verb-{verb}"), text(f"{verb} ")]) for verb in verbs], class_="key"
    )
    if chronicle.timeline.left_out:
        left_out = f"{figures.count(chronicle.timeline.left_out)} bars are left out; the journal has them."
        parts.append(tag("p", text(left_out), class_="note"))
    return [key, *parts]


def _window(record: Record, window: Window, opened: bool) -> Markup:
    words = f"{window.title}: {figures.moment(window.begin)} to {figures.moment(window.end)}"
    drawing = Gantt(window, record.layout, record.result.devices).draw()
    summary = tag("summary", text(words))
    inner = join([summary, _wide(drawing)])
    return Markup(f"<details{' open' if opened else ''}>{inner}</details>")
