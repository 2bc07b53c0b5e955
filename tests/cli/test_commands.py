"""What holds for the command as a whole, and its small subcommands."""

from __future__ import annotations

from pathlib import Path

import pytest

import robocell as package
from robocell.config.codes import CODES
from robocell.schema import FILE, RECIPE_FILE
from tests.cli.command import process, robocell

COMMANDS = ("check", "run", "report", "inspect", "teach", "devices", "schema", "explain")


def test_help_lists_every_command() -> None:
    called = robocell("--help")
    assert called.code == 0
    for command in COMMANDS:
        assert f"\n  {command} " in called.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_teaches_by_example_and_tells_the_exit_codes(command: str) -> None:
    out = robocell(command, "--help").out
    assert f"\n    robocell {command}" in out
    codes = out.split("Exit codes:")[1].split("\n\n")[0]
    told = {line.split()[0] for line in codes.splitlines() if line.strip()}
    assert told == ({"0", "1", "2", "130"} if command in ("run", "inspect", "teach") else {"0", "2"})


def test_help_imports_nothing_heavy(tmp_path: Path) -> None:
    program = (
        "import sys; from robocell.cli.app import app; app(['run', '--help'], standalone_mode=False); "
        "print([name for name in ('numpy', 'yaml', 'pydantic_core', 'rich', 'sqlite3') if name in sys.modules])"
    )
    with process(["-c", program], tmp_path) as running:
        out, err = running.communicate(timeout=60)
    assert err == ""
    assert out.splitlines()[-1] in ("[]", "['pydantic_core']")


def test_the_version_is_printed() -> None:
    assert robocell("--version").out == f"robocell {package.__version__}\n"


def test_a_wrong_command_ends_with_two() -> None:
    called = robocell("runn")
    assert called.code == 2
    assert "runn" in called.err


@pytest.mark.parametrize("code", ["RC603", "rc603"])
def test_a_code_is_explained(code: str) -> None:
    called = robocell("explain", code)
    assert called.code == 0
    assert called.out.startswith("RC603: out of reach\n")


def test_all_codes_are_listed() -> None:
    called = robocell("explain")
    assert [line.split()[0] for line in called.out.splitlines()] == list(CODES)


def test_an_unknown_code_suggests_close_ones() -> None:
    called = robocell("explain", "RC60")
    assert called.code == 2
    assert "did you mean RC6" in called.err


def test_the_schema_is_the_shipped_one() -> None:
    assert robocell("schema").out == FILE.read_text(encoding="utf-8")
    assert robocell("schema", "recipe").out == RECIPE_FILE.read_text(encoding="utf-8")


def test_the_schema_is_written_where_it_is_shipped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("robocell.schema.FILE", tmp_path / "cell.json")
    monkeypatch.setattr("robocell.schema.RECIPE_FILE", tmp_path / "recipe.json")
    assert robocell("schema", "--write").code == 0
    assert (tmp_path / "cell.json").read_text(encoding="utf-8") == FILE.read_text(encoding="utf-8")
    assert (tmp_path / "recipe.json").read_text(encoding="utf-8") == RECIPE_FILE.read_text(encoding="utf-8")
    monkeypatch.setattr("robocell.schema.FILE", tmp_path / "absent" / "cell.json")
    assert robocell("schema", "--write").code == 2
