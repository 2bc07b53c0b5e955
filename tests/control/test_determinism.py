"""The same file and seed give the same log, byte for byte."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from robocell.assembly import RunOptions, run
from tests.control.playing import CELLS, edited

_PROGRAM = """
import sys
from robocell.assembly import RunOptions, run
print(run(sys.argv[1], RunOptions(parts=12, seed=7, world="kinematic")).log_sha256)
"""


def digest(path: Path, seed: int = 7, parts: int = 12) -> str:
    return run(path, RunOptions(parts=parts, seed=seed, world="kinematic")).log_sha256


@pytest.mark.parametrize("cell", ["cap-sorting", "tended-machine"])
def test_the_log_is_the_same_in_another_process_under_another_hash_seed(cell: str) -> None:
    path = CELLS / f"{cell}.yaml"
    there = [
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(path)],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "4242")
    ]
    assert there == [digest(path)] * 2


def test_the_log_is_the_same_after_another_cell_ran_in_the_process() -> None:
    first = digest(CELLS / "cap-sorting.yaml")
    digest(CELLS / "tended-machine.yaml")
    assert digest(CELLS / "cap-sorting.yaml") == first


def test_another_seed_gives_another_log() -> None:
    assert digest(CELLS / "cap-sorting.yaml", 1) != digest(CELLS / "cap-sorting.yaml", 2)


@pytest.mark.parametrize("cell", ["cap-sorting", "tended-machine"])
def test_the_order_of_keys_in_the_file_is_of_no_account(tmp_path: Path, cell: str) -> None:
    def reverse(node: Any) -> Any:
        if isinstance(node, dict):
            return {key: reverse(node[key]) for key in reversed(node)}
        return [reverse(item) for item in node] if isinstance(node, list) else node

    assert digest(edited(tmp_path, cell, reverse)) == digest(CELLS / f"{cell}.yaml")
