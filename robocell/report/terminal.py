"""The result on a terminal: one table that is read in ten seconds; the same lines, plain, in a log."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from robocell.model.confusion import Confusion
from robocell.report import figures, inspection
from robocell.report.result import Quality, Result

_ENDED_STYLE = {"complete": "bold green", "held": "bold yellow", "stopped": "bold yellow", "aborted": "bold red"}
_PARTS_STYLE = {"good": "green", "rejected": "yellow", "scrapped": "red", "unknown": "red", "in_process": ""}
_MOST_KINDS = 6
_LEAST_SHARE = 0.002
CAPABLE = 1.33
"""Ppk below which a process is not thought to hold its tolerance."""


def render_summary(result: Result, console: Console) -> None:
    """Print the result for people.

    Args:
        result: what the run came to.
        console: a terminal gets colours; a file or a pipe gets the same words without any.

    """
    table = Table.grid(padding=(0, 2))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for head, text in _rows(result):
        table.add_row(head, text)
    console.print(_headline(result))
    console.print(table)


def _headline(result: Result) -> Text:
    world = f"{result.backend}, {result.world}" if result.world else result.backend
    head = Text.assemble((result.cell, "bold"), f" · {world} · seed {result.seed} · ")
    head.append(result.ended, _ENDED_STYLE[result.ended])
    if result.reason:
        head.append(f": {_line(result.reason)}")
    return head


def _rows(result: Result) -> list[tuple[str, Text]]:
    rows = [
        ("Parts", _parts(result)),
        ("Time", _time(result)),
        ("Cycle time", _cycle(result)),
        ("Throughput", _throughput(result)),
        ("OEE", _oee(result)),
        ("States", _states(result)),
    ]
    if result.degraded_s:
        rows.append(("Degraded", Text(f"{figures.duration(result.degraded_s)} of Execute with a route blocked")))
    for head, counts in (("Faults", result.faults), ("Recoveries", result.recoveries), ("Alarms", result.alarms)):
        if counts:
            rows.append((head, _counts(counts)))
    rows += [("Inspection", _inspection(found)) for found in result.inspection.values()]
    rows += [("Quality", _quality(name, found)) for name, found in result.quality.items()]
    people = f"{_plural(result.interventions, 'intervention')} · {_plural(result.services, 'service')}"
    rows.append(("People", Text(people, "yellow" if result.interventions else "")))
    if result.energy_wh is not None:
        rows.append(("Energy", _energy(result)))
    return rows


def _inspection(found: Confusion) -> Text:
    style = "red" if found.missed else ("yellow" if found.wrongly_failed else "")
    return Text(inspection.line(found), style)


def _quality(name: str, found: Quality) -> Text:
    if found.mean is None:
        return Text(f"{name}: {_plural(found.count, 'value')}, too few to tell a capability")
    words = f"{name}: {figures.size(found.mean, found.unit)}, σ {figures.spread(found.sigma, found.unit)}"
    words += f" · Cpk {figures.ratio(found.cpk)} (95 % above {figures.ratio(found.cpk_low)})"
    words += f", Ppk {figures.ratio(found.ppk)} · {_plural(found.signals, 'signal')}"
    return Text(words, "yellow" if found.ppk is not None and found.ppk < CAPABLE else "")


def _parts(result: Result) -> Text:
    text = Text(f"{figures.count(result.parts.finished)} finished of {figures.count(result.parts.entered)}: ")
    told = [(name, getattr(result.parts, name), style) for name, style in _PARTS_STYLE.items()]
    for index, (name, value, style) in enumerate(item for item in told if item[1] or item[0] in ("good", "rejected")):
        text.append(" · " if index else "")
        text.append(f"{figures.count(value)} {name.replace('_', ' ')}", style if value else "dim")
    return text


def _time(result: Result) -> Text:
    text = Text(figures.duration(result.simulated_s))
    if result.backend != "hardware" and result.speed is not None:
        text.append(
            f", computed in {figures.duration(result.wall_s)}: {figures.number(result.speed)} × real time", "dim"
        )
    return text


def _cycle(result: Result) -> Text:
    spread = result.cycle_time_s
    if spread.mean is None:
        return Text("– (no part finished)")
    text = Text(f"{figures.seconds(spread.mean)} mean · {figures.seconds(spread.p50)} median · ")
    text.append(f"{figures.seconds(spread.p95)} p95")
    text.append(f"  ({figures.seconds(spread.min)} to {figures.seconds(spread.max)})", "dim")
    return text


def _throughput(result: Result) -> Text:
    text = Text(figures.per_hour(result.throughput_per_h))
    if result.bound_per_h is not None:
        text.append(f" of at most {figures.per_hour(result.bound_per_h)}")
        if result.throughput_per_h is not None:
            text.append(f" ({figures.share(result.throughput_per_h / result.bound_per_h)})")
    return text


def _oee(result: Result) -> Text:
    oee = result.oee
    text = Text(figures.share(oee.oee), "bold")
    names = ("availability", "effectiveness", "quality")
    factors = " × ".join(f"{name} {figures.share(getattr(oee, name))}" for name in names)
    text.append(f" = {factors}", "not bold")
    return text


def _states(result: Result) -> Text:
    total = result.simulated_s or 1.0
    spent = sorted(((time / total, name) for name, time in result.states.items() if time), key=lambda item: -item[0])
    shown = [(part, name) for part, name in spent if part >= _LEAST_SHARE]
    rest = sum(part for part, _ in spent[len(shown) :])
    words = [f"{name} {figures.share(part)}" for part, name in shown]
    return Text(" · ".join([*words, f"others {figures.share(rest)}"] if rest else words) or figures.NONE)


def _counts(counts: dict[str, int]) -> Text:
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    shown = [f"{figures.count(value)} {_line(kind)}" for kind, value in ordered[:_MOST_KINDS]]
    rest = len(ordered) - len(shown)
    return Text(" · ".join([*shown, f"{rest} more kinds"] if rest else shown))


def _energy(result: Result) -> Text:
    text = Text(figures.energy(result.energy_wh))
    if result.energy_wh is not None and result.parts.finished:
        text.append(f", {figures.energy(result.energy_wh / result.parts.finished)} a part")
    return text


def _plural(value: int, word: str) -> str:
    return f"{figures.count(value)} {word}{'' if value == 1 else 's'}"


def _line(text: str) -> str:
    """Return text of a cell file or device without what a terminal would obey."""
    return "".join(c if c.isprintable() else " " for c in text)
