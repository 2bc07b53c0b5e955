from __future__ import annotations

import json
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from robocell.report.record import load_record
from robocell.report.result import Result
from tests.cli.command import process, robocell
from tests.control.playing import edited

KINEMATIC = ("--world", "kinematic")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_complete_order_ends_with_zero_and_leaves_a_record() -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "5", "--seed", "3")
    record = load_record(Path("runs/cap-sorting-kinematic-3"))
    assert called.code == 0
    assert record.result.ended == "complete"
    assert record.result.parts.finished == 5
    assert record.result.bound_per_h is not None
    record.verify()
    assert called.err == ""
    assert called.out.splitlines()[-1] == "Report: runs/cap-sorting-kinematic-3/report.html"
    assert record.report.is_file()


def test_json_alone_stands_on_standard_output() -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "3", "--json", "--out", "record")
    assert called.out == Path("record/result.json").read_text(encoding="utf-8")
    assert json.loads(called.out)["parts"]["good"] == Result.model_validate_json(called.out).parts.good
    assert "Execute" in called.err
    assert "Report: record/report.html" in called.err


def test_the_same_seed_is_the_same_run() -> None:
    first, second, other = (
        json.loads(robocell("run", "cap-sorting", *KINEMATIC, "--parts", "4", "--seed", seed, "--json").out)
        for seed in ("1", "1", "2")
    )
    assert first["log_sha256"] == second["log_sha256"] != other["log_sha256"]


def test_an_order_that_cannot_be_completed_ends_with_one_and_keeps_its_record(tmp_path: Path) -> None:
    def give_up(data: dict[str, Any]) -> None:
        data["faults"]["good.full"] = {"then": "stop"}

    called = robocell("run", edited(tmp_path, "cap-sorting", give_up), *KINEMATIC, "--parts", "40", "--out", "record")
    assert called.code == 1
    result = load_record(Path("record")).result
    assert result.ended != "complete"
    assert result.parts.finished < 40


@pytest.mark.parametrize(("text", "share"), [("10%", 0.1), ("0.1", 0.1), ("50 %", 0.5), ("1", 1.0), ("100%", 1.0)])
def test_speed_is_taken_as_a_percentage_or_a_fraction(text: str, share: float) -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "1", "--speed", text, "--out", "record")
    assert called.code == 0
    begin = next(iter(load_record(Path("record")).events()))
    assert begin.data["speed"] == share


@pytest.mark.parametrize("text", ["10", "0", "-5%", "fast", "10 mm/s", "nan", "101%", ""])
def test_another_speed_is_refused(text: str, folder: Path) -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, f"--speed={text}")
    assert called.code == 2
    assert "--speed" in called.err
    assert not list(folder.iterdir())


@pytest.mark.parametrize("backend", ["twin", "hardware"])
def test_a_backend_without_drivers_is_refused_with_the_devices(backend: str, folder: Path) -> None:
    called = robocell("run", "cap-sorting", "--backend", backend)
    assert called.code == 2
    for device in ("arm", "at_stop", "camera", "gripper", "guard", "infeed", "meter", "panel"):
        assert f"  {device} " in called.err
    assert "--backend sim" in called.err
    assert not list(folder.iterdir())


def test_a_product_that_the_cell_does_not_make_is_refused(folder: Path) -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, "--product", "lid")
    assert called.code == 2
    assert "it makes cap" in called.err
    assert not list(folder.iterdir())


def test_bullet_is_never_replaced_in_silence(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    for name in [name for name in sys.modules if name.startswith("robocell.world.bullet")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pybullet", None)
    called = robocell("run", "cap-sorting", "--parts", "1")
    assert called.code == 2
    assert "--world kinematic" in called.err
    assert not list(folder.iterdir())


def test_a_folder_that_cannot_be_used_is_refused() -> None:
    Path("taken").write_text("")
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "1", "--out", "taken")
    assert called.code == 2
    assert "--out" in called.err


@pytest.mark.parametrize(
    "wrong", [["--parts", "0"], ["--parts", "many"], ["--seed", "-1"], ["--world", "moon"], ["--fast"]]
)
def test_a_wrong_option_is_refused(wrong: list[str], folder: Path) -> None:
    called = robocell("run", "cap-sorting", *wrong)
    assert called.code == 2
    assert wrong[0] in called.err
    assert not list(folder.iterdir())


def test_a_warning_about_the_file_is_mentioned(tmp_path: Path) -> None:
    def block(data: dict[str, Any]) -> None:
        data["fixtures"]["wall"] = {"box": [20, 600, 1800], "pose": {"xyz": [-200, 0, 900]}}

    path = edited(tmp_path, "cap-sorting", block)
    called = robocell("run", path, *KINEMATIC, "--parts", "1", "--out", "record")
    assert called.out.splitlines()[0] == f"1 warning about the cell file: robocell check {path}"


def test_a_second_ctrl_c_says_that_there_is_no_record(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("robocell.assembly.run", interrupted)
    called = robocell("run", "cap-sorting", *KINEMATIC, "--out", "record")
    assert called.code == 130
    assert "record holds no whole record" in called.err


def test_a_dry_run_grips_nothing_and_keeps_apart_from_real_runs() -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "2", "--dry-run")
    record = load_record(Path("runs/cap-sorting-kinematic-0-dry"))
    assert called.code == 0
    assert record.result.bound_per_h is None
    assert not [event for event in record.events() if event.kind == "command" and event.data["device"] == "gripper"]


def test_step_waits_for_a_line_before_each_operation() -> None:
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "1", "--step", "--out", "record", keys="\n" * 9)
    assert called.code == 0
    asked = [line.split("  [")[0].split(": ")[1].strip() for line in called.out.splitlines() if "[Enter or q]" in line]
    assert asked[:2] == ["inspect with camera as verdict", "pick with arm"]
    assert asked[2] in ("place to good", "place to reject")


@pytest.mark.parametrize("keys", ["\nq\n", "\n"], ids=["q", "end of input"])
def test_step_stops_in_a_controlled_way(keys: str) -> None:
    before = signal.getsignal(signal.SIGINT)
    called = robocell("run", "cap-sorting", *KINEMATIC, "--parts", "9", "--step", "--out", "record", keys=keys)
    record = load_record(Path("record"))
    assert called.code == 130
    assert record.result.ended == "stopped"
    assert record.result.parts.in_process == 1
    verbs = [event.data["verb"] for event in record.events() if event.kind == "op.begin"]
    assert "inspect" in verbs
    assert "pick" not in verbs
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_stops_in_a_controlled_way_and_keeps_a_whole_record(folder: Path) -> None:
    arguments = ["-m", "robocell", "run", "cap-sorting", *KINEMATIC, "--parts", "1000000", "--out", "record"]
    with process(arguments, folder) as running:
        assert running.stdout is not None
        for line in running.stdout:
            if "Execute" in line:
                break
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=60)
    assert running.returncode == 130, err
    assert "Traceback" not in err
    record = load_record(folder / "record")
    record.verify()
    assert record.result.ended == "stopped"
    assert record.result.reason == "interrupted"
    assert sum(1 for _ in record.events()) > 10
    assert "Report: record/report.html" in out
