"""The shipped cells, prepared once."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from robocell.config.prepare import Prepared, prepare

ROOT = Path(__file__).parents[2]


@cache
def shipped(name: str) -> Prepared:
    return prepare(ROOT / "cells" / f"{name}.yaml")
