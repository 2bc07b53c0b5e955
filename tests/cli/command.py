"""Calls the command in this process, and as a process where exit codes, signals and imports matter."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from typer.testing import CliRunner

from robocell.cli.app import app

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Called:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def both(self) -> str:
        return self.out + self.err


def robocell(*arguments: str | Path, keys: str = "") -> Called:
    """Call `robocell ARGUMENTS` with `keys` on its standard input; an exception that it lets through is raised here."""
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], input=keys, prog_name="robocell")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Called(result.exit_code, result.stdout, result.stderr)


def process(arguments: Sequence[str | Path], folder: Path) -> subprocess.Popen[str]:
    """Start `python ARGUMENTS` in `folder`, this checkout first on its path."""
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        cwd=folder,
        env={"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "PATH": "/usr/bin:/bin"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
