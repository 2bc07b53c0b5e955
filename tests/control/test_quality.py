"""Charts in whole cells: what cameras measure of parts that wear makes ever larger, and what the cell does about it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from robocell.assembly import RunOptions
from robocell.clock import Clock
from robocell.config.prepare import prepare
from robocell.control.alarms import Alarms
from robocell.control.quality import QUIET, Quality
from robocell.journal import Event, Journal
from robocell.model.quality import QualityChart
from tests.control.playing import Played, edited, play

CHART = {"of": "verdict", "measure": "locate.diameter", "limits": "60 mm ± 0.2 mm"}
WEAR = {"diameter": {"of": "cap", "by": "5 um", "after": 25, "sd": "2 um"}}
HALF = 0.2e-3


def run(folder: Path, parts: int, seed: int = 1, drift: dict[str, Any] | None = None, **chart: Any) -> Played:
    def edit(data: dict[str, Any]) -> None:
        data["quality"] = {"diameter": {**CHART, **chart}}

    scene: dict[str, Any] = {"defects": None} if drift is None else {"defects": None, "drift": drift}
    options = RunOptions(world="kinematic", inspect="image", seed=seed)
    return play(prepare(edited(folder, "cap-sorting", edit)), parts, options=options, scene=scene)


@pytest.fixture(scope="module")
def worn(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return run(tmp_path_factory.mktemp("worn"), 80, drift=WEAR, subgroup=3, learn=6)


@pytest.fixture(scope="module")
def attended(tmp_path_factory: pytest.TempPathFactory) -> Played:
    return run(tmp_path_factory.mktemp("attended"), 80, drift=WEAR, subgroup=3, learn=6, then="hold")


def test_wear_alarms_before_the_first_part_is_out_of_tolerance(worn: Played) -> None:
    out = [part.number for part in worn.audit.parts if abs(part.growth) > HALF]
    raised = next(event for event in worn.of("alarm") if event.data["name"] == "quality.diameter")
    assert raised.data["active"]
    assert "mm is outside" in raised.data["text"]
    shown = [event for event in worn.of("verdict") if event.seq < raised.seq]
    last = worn.audit.shown["camera"][shown[-1].data["frame"]]
    assert last < out[0] - 20
    assert all(event.data["status"] == "passed" for event in shown)
    assert worn.result.alarms["quality.diameter"] == 1  # it stays active while the process is off
    failed = [event for event in worn.of("verdict") if event.data["status"] == "failed"]
    assert failed  # as nobody did anything about it
    assert all("diameter" in event.data["reasons"][0] for event in failed)
    assert worn.result.ended == "complete"


def test_cameras_show_the_true_size_of_each_part(worn: Played) -> None:
    shown = worn.audit.shown["camera"]
    errors = [
        event.data["measurements"]["locate.diameter"] - 60e-3 - worn.audit.parts[shown[event.data["frame"]] - 1].growth
        for event in worn.of("verdict")
    ]
    assert max(errors) - min(errors) < 5e-6
    assert abs(float(np.mean(errors))) < 8e-6


def test_a_hold_waits_for_a_person_who_changes_the_tool(attended: Played) -> None:
    assert attended.result.ended == "complete"
    held = [event for event in attended.of("state") if event.data["state"] == "Held"]
    restarts = attended.of("quality.restart")
    assert len(held) == len(restarts) == attended.result.interventions > 0
    assert any(event.data["text"] == "attend quality.diameter" for event in attended.of("request"))
    assert all(abs(part.growth) < HALF / 2 for part in attended.audit.parts)
    assert attended.result.parts.rejected == 0


def test_after_a_restart_parts_that_were_on_their_way_do_not_hold_the_cell_again(attended: Played) -> None:
    restart = attended.of("quality.restart")[0]
    groups = [event for event in attended.of("quality") if event.seq > restart.seq]
    following = [event for event in attended.of("state") if event.data["state"] == "Held" and event.seq > restart.seq]
    assert not following or following[0].seq > groups[1].seq


def test_each_event_of_a_chart_follows_from_the_verdicts(worn: Played) -> None:
    values = [event.data["measurements"]["locate.diameter"] for event in worn.of("verdict")]
    groups = worn.of("quality")
    assert len(groups) == len(values) // 3
    for k, event in enumerate(groups):
        group = values[3 * k : 3 * k + 3]
        assert event.data["mean"] == pytest.approx(sum(group) / 3, abs=1e-10)
        assert event.data["range"] == pytest.approx(max(group) - min(group), abs=1e-10)
    assert len(worn.of("quality.begin")) == 1
    assert [event.t for event in worn.of("quality.limits")] == [groups[5].t]


def test_a_steady_process_does_not_alarm(tmp_path: Path) -> None:
    played = run(tmp_path, 200, seed=2)
    assert len(played.of("quality")) == 40
    assert not any(name.startswith("quality") for name in played.result.alarms)


def test_where_nothing_is_measured_nothing_is_charted(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["quality"] = {"diameter": CHART}

    played = play(prepare(edited(tmp_path, "cap-sorting", edit)), 8)
    assert not [event for event in played.events if event.kind.startswith("quality")]


# --- the charts alone -------------------------------------------------------------------------------------------------


def charted(values: list[float], **chart: Any) -> tuple[list[Event], list[int]]:
    """Chart values of a verdict; return the events, and the workpieces at which the cell was to hold."""
    events: list[Event] = []
    held: list[int] = []

    async def feed() -> None:
        journal = Journal(Clock(0))
        journal.subscribe(events.append)
        quality = Quality({"size": QualityChart.model_validate({**CHART, **chart})}, journal, Alarms(journal, []))
        for number, value in enumerate(values, 1):
            quality.take(number, "verdict", {"locate.diameter": value})
            if quality.due(number):
                held.append(number)
                quality.restart("size")
            assert not quality.due(number)

    asyncio.run(feed())
    return events, held


def alarms(events: list[Event]) -> list[bool]:
    return [event.data["active"] for event in events if event.kind == "alarm"]


def normal(seed: int, count: int, mean: float = 60e-3, sigma: float = 5e-6) -> list[float]:
    rng = np.random.Generator(np.random.PCG64(seed))
    return [float(value) for value in rng.normal(mean, sigma, count)]


def test_an_alarm_clears_after_five_subgroups_without_a_signal() -> None:
    before, off = normal(1, 100), normal(2, 10, 60.05e-3)
    after = normal(3, 5 * QUIET)
    assert alarms(charted([*before, *off, *after[:-1]])[0]) == [True]
    assert alarms(charted([*before, *off, *after])[0]) == [True, False]


def test_known_limits_are_used_from_the_first_subgroup_on() -> None:
    known = {"chart": {"mean": "60 mm", "sigma": "5 um"}}
    events, _ = charted(normal(1, 5, 60.05e-3), **known)
    assert [event.kind for event in events] == ["quality.begin", "quality.limits", "quality", "quality.signal", "alarm"]
    assert alarms(charted(normal(1, 5, 60.05e-3))[0]) == []


def test_while_limits_are_learnt_the_tolerance_itself_warns_and_holds() -> None:
    events, held = charted([60e-3, 60.15e-3, 60.16e-3], then="hold")
    assert held == [3]
    assert [event.data["rule"] for event in events if event.kind == "quality.signal"] == ["pre-control"]


def test_the_measurements_of_other_results_are_left_alone() -> None:
    journal = Journal(Clock(0))
    quality = Quality({"size": QualityChart.model_validate(CHART)}, journal, Alarms(journal, []))
    quality.take(1, "other", {"locate.diameter": 60e-3})
    quality.take(2, "verdict", {"golden.score": 0.5})
    quality.take(3, "verdict", {"locate.diameter": float("nan")})
    assert journal.last == 0


@pytest.mark.parametrize("seed", range(12))
def test_a_capable_process_holds_nobody_up_in_a_thousand_parts(seed: int) -> None:
    events, held = charted(normal(seed, 1000), then="hold")
    assert (alarms(events), held) == ([], [])
