from __future__ import annotations

import asyncio
import math
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import orjson
import pytest

from robocell.assembly import RunOptions, simulate
from robocell.clock import Clock
from robocell.config.prepare import prepare
from robocell.control.alarms import Alarms
from robocell.control.quality import Quality
from robocell.journal import Event, Journal
from robocell.model.quality import QualityChart
from robocell.quality.capability import capability
from robocell.report.chronicle import Chronicle
from robocell.report.control_charts import control_chart
from robocell.report.quality import MOST, QualityFold, Series
from robocell.report.result import RunFacts
from robocell.report.summary import summarise
from robocell.report.terminal import render_summary
from tests.control.playing import edited, scene_of

CHART = {"of": "verdict", "measure": "locate.diameter", "limits": "60 mm ± 0.2 mm", "subgroup": 3, "learn": 6}
WEAR = {"diameter": {"of": "cap", "by": "5 um", "after": 20, "sd": "2 um"}}


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run's record in which the caps outgrow their tolerance."""
    folder = tmp_path_factory.mktemp("quality")
    prepared = prepare(edited(folder, "cap-sorting", lambda data: data.update(quality={"diameter": CHART})))
    scene = scene_of(prepared, drift=WEAR, defects=None)
    simulate(prepared, RunOptions(parts=48, world="kinematic", inspect="image", out=folder / "out", scene=scene))
    return folder / "out"


def events_of(record: Path) -> list[Event]:
    rows = [orjson.loads(line) for line in (record / "events.jsonl").read_bytes().splitlines()]
    return [Event(row.pop("seq"), row.pop("t"), row.pop("kind"), row) for row in rows]


def values_of(events: list[Event]) -> list[float]:
    return [event.data["measurements"]["locate.diameter"] for event in events if event.kind == "verdict"]


def charted(values: list[float], **changes: object) -> Series:
    """Fold what the controller's own charts say of values."""
    fold = QualityFold()

    async def feed() -> None:
        journal = Journal(Clock(0))
        journal.subscribe(lambda event: fold.handlers[event.kind](event), fold.handlers)
        asked = QualityChart.model_validate({**CHART, **changes})
        quality = Quality({"size": asked}, journal, Alarms(journal, []))
        for number, value in enumerate(values, 1):
            measured = {"locate.diameter": value}
            journal.append("verdict", result="verdict", status="passed", measurements=measured)
            quality.take(number, "verdict", measured)

    asyncio.run(feed())
    return fold.series["size"]


def normal(count: int, mean: float = 60e-3, sigma: float = 5e-6) -> list[float]:
    return [float(value) for value in np.random.Generator(np.random.PCG64(1)).normal(mean, sigma, count)]


def test_capability_follows_from_the_verdicts_alone(record: Path) -> None:
    result = orjson.loads((record / "result.json").read_bytes())
    told = result["quality"]["diameter"]
    values = values_of(events_of(record))
    expected = capability(values, 59.8e-3, 60.2e-3, 3)
    assert expected is not None
    assert told["count"] == len(values) == 48
    for word in ("mean", "sigma", "cp", "cpk", "cpk_low", "pp", "ppk"):
        assert told[word] == pytest.approx(getattr(expected, word), rel=1e-8)
    assert told["signals"] > 0


def test_result_and_page_follow_from_the_canonical_log(record: Path, facts: RunFacts) -> None:
    events = events_of(record)
    result = orjson.loads((record / "result.json").read_bytes())
    again = orjson.loads(summarise(events, facts).to_json())
    assert again["quality"] == result["quality"]
    drawn = control_chart(Chronicle(events).quality["diameter"])
    assert drawn in (record / "report.html").read_text()


def test_the_chart_shows_each_subgroup_the_tolerance_and_signals(record: Path) -> None:
    series = Chronicle(events_of(record)).quality["diameter"]
    drawn = ET.fromstring(control_chart(series))
    kinds = [element.get("class", "") for element in drawn.iter()]
    assert kinds.count("value") == 2 * series.groups == 2 * 16
    assert sum(kind.startswith("signal") for kind in kinds) == sum(b.signals > 0 for b in series.bins) > 0
    assert "signal heavy" in kinds
    words = [element.text for element in drawn.iter() if element.tag.endswith("text")]
    assert {"UCL", "LCL"} <= set(words)
    assert any("60.200" in (word or "") for word in words)


def test_the_terminal_has_a_line_for_each_chart(record: Path, facts: RunFacts) -> None:
    from io import StringIO

    from rich.console import Console

    out = StringIO()
    render_summary(summarise(events_of(record), facts), Console(file=out, width=160))
    line = next(line for line in out.getvalue().splitlines() if line.startswith("Quality"))
    assert re.search(
        r"diameter: 60\.0\d+\smm, σ [\d.]+\sµm · Cpk [\d.]+ \(95 % above [\d.]+\), Ppk [\d.]+ · \d+ signal", line
    )


@pytest.mark.parametrize("count", [7, 3 * MOST, 3 * MOST + 3, 9000])
def test_a_chart_has_a_bounded_number_of_points_and_loses_no_subgroup(count: int) -> None:
    values = normal(count)
    series = charted(values)
    assert len(series.bins) <= MOST
    assert sum(b.count for b in series.bins) == series.groups == count // 3
    means = [sum(values[k : k + 3]) / 3 for k in range(0, count - 2, 3)]
    assert min(b.low for b in series.bins) == pytest.approx(min(means), abs=1e-10)
    assert max(b.high for b in series.bins) == pytest.approx(max(means), abs=1e-10)
    assert math.fsum(b.total for b in series.bins) == pytest.approx(math.fsum(means), rel=1e-9)
    assert sum(b.signals for b in series.bins) == series.signals
    assert len(control_chart(series)) < 150_000


def test_every_mark_is_inside_the_picture() -> None:
    for values in (normal(300), [60e-3] * 40, normal(60, 61e-3), normal(30, sigma=1e-4)):
        drawn = ET.fromstring(control_chart(charted(values)))
        _, _, wide, high = map(float, drawn.attrib["viewBox"].split())
        for element in drawn.iter():
            for key, edge in (
                ("x", wide),
                ("x1", wide),
                ("x2", wide),
                ("cx", wide),
                ("y", high),
                ("y1", high),
                ("cy", high),
            ):
                assert 0 <= float(element.get(key, 0)) <= edge, (element.tag, element.attrib)


def test_single_values_and_one_sided_limits_are_charted_too() -> None:
    series = charted(normal(60), subgroup=1, limits={"max": "60.2 mm"})
    assert series.groups == 60
    assert series.capability is not None
    assert series.capability.cp is None
    assert "moving range" in control_chart(series)


def test_of_few_values_nothing_is_said() -> None:
    series = charted(normal(2))
    assert series.capability is None
    assert "No subgroup" in control_chart(series)
