"""`robocell check`: is the file right, and what can the cell do at most?"""

from __future__ import annotations

import json
from typing import Annotated

import typer

from robocell.cli.cellfile import CellArgument, find_cell
from robocell.cli.console import WRONG, stdout, tell_problems
from robocell.errors import ConfigError

HELP = """Check a cell file and what it names: profiles, recipes, the scene. Opens no device.

All problems are told at once, each with file, line, column and what to do. A cell that is right is summed up: its devices, its
routes, the most that it can make an hour and what limits it, and how exactly its belts stop.

\b
Examples:
  robocell check cells/cap-sorting.yaml
  robocell check cells/cap-sorting.yaml --json     for editors and scripts

\b
Exit codes:
  0  the cell can be used; there may be warnings
  2  there are errors
"""


def check(
    cell: CellArgument,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print the problems as a list of {code, file, line, column, message, hint}; [] for none."
        ),
    ] = False,
) -> None:
    """Check a cell file."""
    from robocell.config.prepare import prepare
    from robocell.config.problems import render_rich, to_json

    try:
        path = find_cell(cell)
        prepared = prepare(path)
    except ConfigError as error:
        if as_json:
            typer.echo(json.dumps(to_json(error.problems), indent=1, ensure_ascii=False))
        else:
            tell_problems(error.problems, stdout())
        raise typer.Exit(WRONG) from None
    warnings = prepared.loaded.warnings
    if as_json:
        typer.echo(json.dumps(to_json(warnings), indent=1, ensure_ascii=False))
        return
    from robocell.cli.outline import render_outline
    from robocell.estimate import estimate

    console = stdout()
    render_outline(prepared, estimate(prepared), str(path), console)
    if warnings:
        console.print()
        console.print(render_rich(warnings), soft_wrap=True, end="")
