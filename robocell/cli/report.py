"""`robocell report`: a run's record once more."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

HELP = """Print the summary of a recorded run again and make its report.html anew.

\b
Example:
  robocell report runs/cap-sorting-bullet-0

\b
Exit codes:
  0  printed, whatever came of the run
  2  the folder holds no whole record
"""


def report(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The record's folder: --out of the run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print result.json on standard output.")] = False,
    open_: Annotated[bool, typer.Option("--open", help="Open the report in the browser.")] = False,
) -> None:
    """Render a record again."""
    from robocell.cli.console import stderr, stdout
    from robocell.errors import RecordError
    from robocell.report.page import write_page
    from robocell.report.record import load_record
    from robocell.report.terminal import render_summary

    record = load_record(folder)
    try:
        record.verify()
    except RecordError as error:
        stderr().print(f"warning: {error}", style="yellow", soft_wrap=True)
    try:
        write_page(record)
    except OSError as error:
        raise RecordError(f"{record.report} cannot be written: {error.strerror}") from error
    if as_json:
        sys.stdout.write(record.result.to_json())
    console = stderr() if as_json else stdout()
    if not as_json:
        render_summary(record.result, console)
    console.print(f"Report: {record.report}", soft_wrap=True)
    if open_:
        open_page(record.report)


def open_page(page: Path) -> None:
    """Open a page in the person's browser; where there is none, nothing happens: its path was printed."""
    import webbrowser

    webbrowser.open(page.resolve().as_uri())
