"""What the README tells a stranger to do, done."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from robocell.config.prepare import prepare
from tests.cli.command import ROOT, robocell
from tests.cli.test_commands import COMMANDS

README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.split(f"\n## {title}\n")[1].split("\n## ")[0]


def fences(text: str, language: str = "yaml") -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def shape(text: str) -> set[str]:
    """The lines with their figures masked, which change whenever the cell gets quicker."""
    return {re.sub(r"\d[\d.:]*( \d+)*", "#", row.replace("\u202f", " ").strip()) for row in text.splitlines()}


def merged(whole: Any, part: Any) -> Any:
    """`whole` with the entries of `part` added at their places."""
    if not isinstance(part, dict):
        return part
    return {**whole, **{key: merged(whole.get(key, {}), value) for key, value in part.items()}}


@pytest.fixture
def line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The worked example's folder, made by following its steps."""
    monkeypatch.chdir(tmp_path)
    text = (ROOT / "cells" / "cap-sorting.yaml").read_text(encoding="utf-8")
    assert "sed 's/cap-sorting/two-products/' cells/cap-sorting.yaml > line/two-products.yaml" in README
    cell = yaml.safe_load("\n".join(row.replace("cap-sorting", "two-products", 1) for row in text.splitlines()))
    cell["route"] = {"cap": cell["route"]}
    *parts, scene = fences(section("Adding a product, a station and a step"))
    for part in parts:
        cell = merged(cell, yaml.safe_load(part))
    cell["interlocks"]["guard_closed"]["for"].append("puck_belt")
    (tmp_path / "line" / "sim" / "scenes").mkdir(parents=True)
    (tmp_path / "line" / "sim" / "scenes" / "two-products.yaml").write_text(scene)
    (tmp_path / "line" / "two-products.yaml").write_text(yaml.safe_dump(cell, sort_keys=False))
    return tmp_path / "line"


def test_the_worked_example_works(line: Path) -> None:
    commands = [row.strip() for row in section("Adding a product, a station and a step").splitlines()]
    commands = [row for row in commands if row.startswith("robocell ")]
    assert len(commands) == 3
    for command in commands:
        called = robocell(*shlex.split(command)[1:])
        assert called.code == 0, called.both
        assert "alarm" not in called.both
        assert "warning" not in called.both


def test_the_shortened_cell_is_a_part_of_the_shipped_one() -> None:
    whole = yaml.safe_load((ROOT / "cells" / "cap-sorting.yaml").read_text(encoding="utf-8"))
    part = yaml.safe_load(fences(section("A cell file"))[0])
    assert merged(whole, part) == whole


def test_the_recovery_shown_is_accepted(tmp_path: Path) -> None:
    cell = yaml.safe_load((ROOT / "cells" / "cap-sorting.yaml").read_text(encoding="utf-8"))
    cell = merged(cell, yaml.safe_load(fences(section("Recovery"))[0]))
    (tmp_path / "cell.yaml").write_text(yaml.safe_dump(cell, sort_keys=False))
    assert prepare(tmp_path / "cell.yaml").cell.faults


def test_the_problem_shown_is_what_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    block = section("Reading problems").split("\n\n")[1]
    text = (ROOT / "cells" / "cap-sorting.yaml").read_text(encoding="utf-8")
    Path("cells").mkdir()
    Path("cells/cap-sorting.yaml").write_text(text.replace("at: pick_stop}\n", "at: pick_stp}\n"))
    said = robocell("check", "cells/cap-sorting.yaml").out
    assert said.startswith("\n".join(row.removeprefix("    ") for row in block.splitlines()) + "\n")


def test_the_run_shown_is_what_is_printed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cells").symlink_to(ROOT / "cells")
    block = section("What you see").split("    $ robocell ")[1].split("\n\nTimes are")[0]
    command, shown = block.split("\n", 1)
    printed = robocell(*shlex.split(command)).out
    assert shape(shown) - {"…"} <= shape(printed)


def test_the_bound_shown_is_what_check_says() -> None:
    said = robocell("check", ROOT / "cells" / "cap-sorting.yaml").out
    shown = "\n".join(row for row in README.splitlines() if row.startswith(("    Bound ", "    Holds ")))
    assert len(shape(shown)) == 2
    assert shape(shown) <= shape(said)


def test_the_options_and_commands_shown_exist() -> None:
    helps = "".join(robocell(name, "--help").out for name in COMMANDS)
    for option in sorted(set(re.findall(r"(--[a-z][a-z-]+)", README))):
        assert option in helps, option
