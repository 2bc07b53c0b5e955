"""`robocell explain`: what a problem's code means."""

from __future__ import annotations

from typing import Annotated

import typer

from robocell.cli.console import WRONG, stderr

HELP = """Explain a problem's code; without one, list all codes.

\b
Example:
  robocell explain RC603

\b
Exit codes:
  0  explained
  2  there is no such code
"""


def explain(
    code: Annotated[
        str | None, typer.Argument(metavar="[CODE]", help="As in error[RC603]; case does not matter.")
    ] = None,
) -> None:
    """Print the explanation of a code, or the list of all codes."""
    from robocell.config import codes

    if code is None:
        for entry in codes.CODES.values():
            typer.echo(f"{entry.code}  {entry.title}{'  (warning)' if entry.warning else ''}")
        return
    try:
        typer.echo(codes.explain(code), nl=False)
    except KeyError as error:
        stderr().print(f"error: {error.args[0]}")
        raise typer.Exit(WRONG) from None
