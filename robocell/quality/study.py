"""A gauge study's file: CSV with the columns part, appraiser (optional) and a measurement."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from robocell.errors import SetupError

MOST_ROWS = 100_000
"""Rows beyond which a file is refused."""


def read_study(file: Path, column: str = "value") -> NDArray[np.float64]:
    """Read a crossed study.

    Args:
        file: CSV with a head line.
        column: which column has the measurements.

    Returns:
        (parts, appraisers, repeats), parts and appraisers in order of their first row.

    Raises:
        SetupError: it cannot be read, a number is none, or the study is not crossed; with line and column.

    """
    cells: dict[str, dict[str, list[float]]] = {}
    appraisers: dict[str, None] = {}
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            _check_head(file, reader.fieldnames, column)
            for row in reader:
                if reader.line_num > MOST_ROWS:
                    raise SetupError(f"{file} has more than {MOST_ROWS} lines", "a study has some dozens")
                who = (row.get("appraiser") or "").strip()
                appraisers[who] = None
                cell = cells.setdefault((row["part"] or "").strip(), {}).setdefault(who, [])
                cell.append(_number(file, reader.line_num, column, row[column]))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise SetupError(f"{file} cannot be read: {error}", "give a CSV file; see robocell gauge-rr --help") from error
    return _crossed(file, cells, list(appraisers))


def _check_head(file: Path, names: object, column: str) -> None:
    heads = list(names) if isinstance(names, list) else []
    missing = [word for word in ("part", column) if word not in heads]
    if missing:
        there = ", ".join(heads) or "nothing"
        raise SetupError(f"{file}:1: no column '{missing[0]}'", f"its head line has {there}")


def _number(file: Path, line: int, column: str, text: str | None) -> float:
    try:
        number = float(text or "")
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise SetupError(f"{file}:{line}: {column} is '{text or ''}', which is no number", "leave out units and blanks")
    return number


def _crossed(file: Path, cells: dict[str, dict[str, list[float]]], appraisers: list[str]) -> NDArray[np.float64]:
    repeats = max((len(values) for by in cells.values() for values in by.values()), default=0)
    for part, by in cells.items():
        for who in appraisers:
            count = len(by.get(who, ()))
            if count != repeats:
                by_whom = f" by '{who}'" if who else ""
                raise SetupError(
                    f"{file}: part '{part}' was measured {count} times{by_whom}, others {repeats} times",
                    "every appraiser measures every part equally often: add what is missing, or leave the part out",
                )
    return np.array([[by[who] for who in appraisers] for by in cells.values()], np.float64).reshape(
        len(cells), len(appraisers), repeats
    )
