from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.journal import Event
from robocell.report.chronicle import Chronicle
from robocell.report.result import RunFacts
from robocell.report.summary import summarise
from robocell.report.timeline import AFTER_S, BEFORE_S, MOST_BARS, MOST_WINDOWS
from robocell.report.trend import MOST, Trend
from tests.report.plausible import PlausibleRun


def log(*rows: tuple[float, str, dict[str, Any]]) -> list[Event]:
    return [Event(seq, t, kind, data) for seq, (t, kind, data) in enumerate(rows, start=1)]


def state(t: float, word: str) -> tuple[float, str, dict[str, Any]]:
    return t, "state", {"state": word, "mode": "Produce", "cause": ""}


def command(number: int, begin: float, end: float, device: str = "arm") -> list[tuple[float, str, dict[str, Any]]]:
    return [
        (begin, "command", {"id": number, "device": device, "command": "execute"}),
        (end, "result", {"id": number, "device": device, "outcome": "done"}),
    ]


def fault(t: float, source: str = "arm") -> tuple[float, str, dict[str, Any]]:
    return t, "fault", {"source": source, "fault": "lost", "key": "", "workpiece": 0, "detail": ""}


def test_a_window_opens_before_the_fault_that_calls_for_it() -> None:
    rows = [state(0.0, "Execute")]
    for n in range(200):
        rows += command(n, 2.0 * n, 2.0 * n + 1.0)
        if n == 150:
            rows.append(fault(302.0))
    beginning, window = Chronicle(log(*sorted(rows, key=lambda row: row[0]))).timeline.windows
    assert (window.begin, window.end) == (302.0 - BEFORE_S, 302.0 + AFTER_S)
    commands = sorted(bar.begin for bar in window.bars if bar.kind == "command")
    assert commands == [2.0 * n for n in range(146, 161)]
    assert window.faults == [(302.0, "arm.lost")]
    assert beginning.faults == []


def test_a_bar_that_lasts_longer_than_its_window_is_in_it() -> None:
    rows = [state(0.0, "Execute"), fault(200.0), state(200.0, "Held"), state(900.0, "Execute"), state(901.0, "Held")]
    window = Chronicle(log(*rows)).timeline.windows[1]
    assert ("Held", 200.0, 900.0) in [(bar.word, bar.begin, bar.end) for bar in window.bars]


def test_windows_show_each_kind_of_fault_rather_than_the_first_kind_often() -> None:
    rows = [state(0.0, "Execute"), *[fault(200.0 + 50 * n) for n in range(60)], fault(4000.0, "infeed")]
    titles = [window.title for window in Chronicle(log(*rows)).timeline.windows]
    assert titles == ["The beginning", "arm.lost", "arm.lost", "infeed.lost"]


def test_utilisation_counts_overlapping_commands_once_and_only_in_execute() -> None:
    rows = [
        state(0.0, "Execute"),
        *command(1, 1.0, 5.0),
        *command(2, 3.0, 8.0),
        state(6.0, "Held"),
        state(7.0, "Execute"),
    ]
    rows += [(10.0, "grant", {"workpiece": 1, "resources": ["arm"]}), state(13.0, "Completing")]
    use = Chronicle(log(*sorted(rows, key=lambda row: row[0]), state(20.0, "Complete"))).timeline.use
    assert use["arm"].busy == pytest.approx(5.0 + 1.0)
    assert use["arm"].held == pytest.approx(3.0)  # still held when the record ends


def test_a_long_run_is_kept_in_bounded_memory(facts: RunFacts) -> None:
    chronicle = Chronicle(PlausibleRun(3000))
    assert len(chronicle.timeline.windows) <= MOST_WINDOWS
    assert all(len(window.bars) <= MOST_BARS for window in chronicle.timeline.windows)
    assert len(chronicle.trend.intervals) <= MOST
    assert len(chronicle.ledger.first) + len(chronicle.ledger.last) == 200
    assert chronicle.ledger.incidents > 1000
    assert len(chronicle.ledger.rejects) == 60
    assert list(chronicle.cycles)[-1] >= 0.0
    result = summarise(PlausibleRun(3000), facts)
    assert sum(chronicle.cycles) / 3000 == pytest.approx(result.cycle_time_s.mean)
    spent = sum(interval.states.get("Execute", 0.0) for interval in chronicle.trend.intervals)
    assert spent == pytest.approx(result.states["Execute"])


def test_what_rests_at_the_end_is_what_was_laid_there_since_the_last_exchange() -> None:
    resting = Chronicle(PlausibleRun(120, seed=5)).ledger.resting()
    assert {part.place for part in resting if part.became == "good"} == {
        f"good/{slot}" for slot in range(len([part for part in resting if part.became == "good"]))
    }
    assert all(part.became == "rejected" for part in resting if part.place == "reject")


def test_an_alarm_that_is_not_cleared_is_active_at_the_end() -> None:
    alarm = {"name": "jam", "text": "look"}
    ledger = Chronicle(
        log(
            (1.0, "alarm", {**alarm, "active": True}),
            (4.0, "alarm", {**alarm, "active": False}),
            (6.0, "alarm", {**alarm, "active": True}),
        )
    ).ledger
    span = ledger.alarms["jam"]
    assert (span.raised, span.active_s, span.since) == (2, 3.0, 6.0)


@given(st.lists(st.tuples(st.floats(1e-6, 1e4), st.sampled_from(["Execute", "Held"]), st.integers(0, 3)), max_size=40))
def test_a_trend_keeps_every_second_and_every_part_however_long_the_run(steps: list[tuple[float, str, int]]) -> None:
    trend, t, spent, finished = Trend(), 0.0, {"Execute": 0.0, "Held": 0.0}, 0
    for length, word, parts in steps:
        trend.spend(t, t + length, word)
        spent[word] += length
        t += length
        for _ in range(parts):
            trend.finish(t, "good")
        finished += parts
    assert len(trend.intervals) <= MOST
    for one in (trend, trend.coarse(8)):
        intervals = [interval for _, interval in one]
        for word, total in spent.items():
            assert math.isclose(sum(i.states.get(word, 0.0) for i in intervals), total, rel_tol=1e-9, abs_tol=1e-6)
        assert sum(i.became.get("good", 0) for i in intervals) == finished
        assert all(sum(i.states.values()) <= one.width * (1 + 1e-9) for i in intervals)
