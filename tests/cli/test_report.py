from __future__ import annotations

from pathlib import Path

import pytest

from robocell.report.record import load_record
from tests.cli.command import robocell


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("record")
    called = robocell("run", "cap-sorting", "--world", "kinematic", "--parts", "3", "--out", folder)
    assert called.code == 0
    return folder


def test_a_record_is_summed_up_again_and_its_page_made_anew(recorded: Path) -> None:
    record = load_record(recorded)
    page = record.report.read_text(encoding="utf-8")
    record.report.unlink()
    called = robocell("report", recorded)
    assert called.code == 0
    assert "3 finished of 3" in called.out
    assert called.out.splitlines()[-1] == f"Report: {record.report}"
    assert record.report.read_text(encoding="utf-8") == page


def test_json_is_the_result(recorded: Path) -> None:
    called = robocell("report", recorded, "--json")
    assert called.out == (recorded / "result.json").read_text(encoding="utf-8")
    assert "report.html" in called.err


def test_a_log_that_was_changed_is_told(recorded: Path) -> None:
    log = recorded / "events.jsonl"
    before = log.read_bytes()
    try:
        log.write_bytes(before[:-1])
        called = robocell("report", recorded)
    finally:
        log.write_bytes(before)
    assert called.code == 0
    assert "warning: events.jsonl is not the log of this run" in called.err


@pytest.mark.parametrize("broken", ["result.json", "layout.json", "journal.sqlite"])
def test_what_is_no_whole_record_is_refused(broken: str, recorded: Path, tmp_path: Path) -> None:
    for path in recorded.iterdir():
        if path.name != broken:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    called = robocell("report", tmp_path)
    assert called.code == 2
    assert broken in called.err
    (tmp_path / broken).write_text("nonsense")
    assert robocell("report", tmp_path).code == 2


def test_the_page_is_opened_when_asked_for(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    robocell("report", recorded)
    assert opened == []
    robocell("report", recorded, "--open")
    assert opened == [(recorded / "report.html").resolve().as_uri()]
