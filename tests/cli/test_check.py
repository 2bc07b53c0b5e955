from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.command import robocell
from tests.control.playing import CELLS, edited
from tests.problems.files import BAD, HERE, problems_of


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_is_told_in_words_and_ends_with_two(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    called = robocell("check", path.name)
    assert called.code == 2
    assert called.out.startswith(path.with_suffix(".txt").read_text(encoding="utf-8").rstrip("\n"))
    assert "Traceback" not in called.both


@pytest.mark.parametrize("path", BAD[::6], ids=lambda path: path.stem)
def test_run_refuses_a_bad_file_with_the_same_words_and_leaves_nothing_behind(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    called = robocell("run", path, "--world", "kinematic")
    assert called.code == 2
    assert called.out == ""
    assert problems_of(path)[0].message in called.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("path", BAD[::6], ids=lambda path: path.stem)
def test_json_lists_every_problem_of_a_bad_file(path: Path) -> None:
    called = robocell("check", path, "--json")
    listed = json.loads(called.out)
    assert called.code == 2
    assert [(entry["code"], entry["line"], entry["column"], entry["message"]) for entry in listed] == [
        (problem.code, problem.line, problem.column, problem.message) for problem in problems_of(path)
    ]
    assert all(list(entry) == ["code", "file", "line", "column", "message", "hint"] for entry in listed)
    assert [entry["file"] for entry in listed] == [
        str(path) if problem.file == path.name else problem.file for problem in problems_of(path)
    ]


def test_the_number_of_errors_stands_at_the_end() -> None:
    worst = max(BAD, key=lambda path: len(problems_of(path)))
    count = len(problems_of(worst))
    assert count > 1
    code = problems_of(worst)[0].code
    assert robocell("check", worst).out.splitlines()[-1].startswith(f"{count} errors; robocell explain {code} ")


@pytest.mark.parametrize("name", ["cap-sorting", "tended-machine"])
def test_a_cell_that_is_right_is_summed_up(name: str) -> None:
    called = robocell("check", CELLS / f"{name}.yaml")
    assert called.code == 0
    assert called.err == ""
    assert "no problems" in called.out.splitlines()[0]
    heads = [line.split("  ")[0] for line in called.out.splitlines() if not line.startswith(" ")][1:]
    zones = ["Zones"] if name == "tended-machine" else []
    assert heads == ["Cell", "Devices", "Route", "Scene", *zones, "Bound", "Holds", "Times", "Stops"]
    assert robocell("check", CELLS / f"{name}.yaml", "--json").out == "[]\n"


def test_the_summary_names_devices_routes_and_the_bottleneck() -> None:
    out = robocell("check", CELLS / "cap-sorting.yaml").out
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.startswith("  ")}
    assert rows["gripper"] == ["robotiq/2f-85", "Modbus", "unit", "9", "on", "bus1"]
    assert rows["camera"] == ["generic/area-camera", "simulated", "only"]
    assert "pick with arm → place to good (if verdict.passed)" in out
    assert "arm is the bottleneck" in out
    bound = next(line for line in out.splitlines() if line.startswith("Bound"))
    holds = next(line for line in out.splitlines() if line.startswith("Holds"))
    seconds = bound.split("one part in ")[1].split(":")[0]
    assert f"arm {seconds} ·" in holds
    assert "pick_stop 0." in next(line for line in out.splitlines() if line.startswith("Stops"))


def test_a_warning_is_shown_and_the_cell_can_be_used(tmp_path: Path) -> None:
    def block(data: dict[str, dict[str, object]]) -> None:
        data["fixtures"]["wall"] = {"box": [20, 600, 1800], "pose": {"xyz": [-200, 0, 900]}}

    path = edited(tmp_path, "cap-sorting", block)
    called = robocell("check", path)
    assert called.code == 0
    assert "1 warning" in called.out.splitlines()[0]
    assert "warning[RC611]" in called.out
    listed = robocell("check", path, "--json")
    assert listed.code == 0
    assert [entry["code"] for entry in json.loads(listed.out)] == ["RC611"]


def test_an_example_is_known_by_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert robocell("check", "cap-sorting").code == 0
    called = robocell("check", "cap-sortin")
    assert called.code == 2
    assert "did you mean 'cap-sorting'?" in called.out
    assert [entry["code"] for entry in json.loads(robocell("check", "cap-sortin", "--json").out)] == ["RC101"]


def test_a_file_in_the_folder_goes_before_an_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cap-sorting").write_text("")
    assert "RC105" in robocell("check", "cap-sorting").out


@pytest.mark.parametrize("what", ["missing.yaml", "folder/missing", "."])
def test_what_is_no_file_is_said_so(what: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    called = robocell("check", what)
    assert called.code == 2
    assert "error[RC101]" in called.out
