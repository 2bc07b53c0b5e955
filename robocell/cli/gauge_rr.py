"""`robocell gauge-rr`: can the measuring system be trusted?"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from robocell.quality.gauge_rr import GaugeStudy

HELP = """Analyse repeated measurements of the same parts: gauge repeatability and reproducibility (ANOVA).

The file is CSV with a head line: the columns `part` and `value`, and `appraiser` where several people, set-ups or shifts
measured. Every appraiser measures every part equally often, at least twice. Values are in any unit, all in the same.

\b
Example:
  robocell gauge-rr diameters.csv --tolerance 0.4
  part,appraiser,value
  1,early shift,60.012
  1,early shift,60.013

\b
Exit codes:
  0  the gauge is good: at most 10 % of the tolerance (of the total variation where no tolerance is given)
  1  it is marginal (up to 30 %) or bad
  2  the file is no such study
"""


def gauge_rr(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV: part, appraiser (optional), value.")],
    tolerance: Annotated[
        float | None, typer.Option(metavar="WIDTH", help="Width between the limits, in the values' unit.")
    ] = None,
    value: Annotated[str, typer.Option(metavar="COLUMN", help="Which column has the measurements.")] = "value",
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as one JSON object.")] = False,
) -> None:
    """Analyse a study."""
    from robocell.cli.console import stdout
    from robocell.errors import SetupError
    from robocell.quality.gauge_rr import gauge_study
    from robocell.quality.study import read_study

    values = read_study(file, value)
    try:
        study = gauge_study(values, tolerance)
    except ValueError as error:
        raise SetupError(str(error), "see robocell gauge-rr --help") from error
    if as_json:
        shape = dict(zip(("parts", "appraisers", "repeats"), values.shape, strict=True))
        sys.stdout.write(json.dumps({"study": shape, **asdict(study)}, indent=2) + "\n")
    else:
        console = stdout()
        console.print(_table(study))
        console.print(_words(study, values.shape), soft_wrap=True)
    if study.verdict != "good":
        raise typer.Exit(1)


def _table(study: GaugeStudy) -> object:
    from rich.table import Table

    table = Table("Source", box=None, pad_edge=False)
    for head in ("σ", "share of variation", "6 σ of tolerance"):
        table.add_column(head, justify="right")
    for name, source in (
        ("Repeatability", study.repeatability),
        ("Reproducibility", study.reproducibility),
        ("Gauge (both)", study.gauge),
        ("Parts", study.parts),
        ("Total", study.total),
    ):
        of_tolerance = f"{source.of_tolerance:.1%}" if source.of_tolerance is not None else "–"
        table.add_row(name, f"{source.sigma:.6g}", f"{source.of_total:.1%}", of_tolerance)
    return table


def _words(study: GaugeStudy, shape: tuple[int, ...]) -> str:
    parts, appraisers, repeats = shape
    lines = [f"{parts} parts, {appraisers} appraisers, {repeats} repeats."]
    if study.interaction_p is not None:
        pooled = "taken for repeatability" if study.interaction_p > 0.25 else "part of reproducibility"
        lines.append(f"Part and appraiser interact with p = {study.interaction_p:.3f}: {pooled}.")
    lines.append(f"It tells {study.categories} classes of these parts apart (5 are wanted).")
    lines.append(f"The gauge is {study.verdict}.")
    return "\n" + " ".join(lines)
