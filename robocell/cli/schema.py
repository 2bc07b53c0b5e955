"""`robocell schema`: the JSON Schema of cell files, for editors."""

from __future__ import annotations

from typing import Annotated

import typer

HELP = """Print the JSON Schema of cell files, with which an editor completes and explains keys.

The editor (any with the YAML language server) finds it by a comment in the cell file's first line.

\b
Example:
  robocell schema > cell.schema.json
  # yaml-language-server: $schema=cell.schema.json      first line of a cell file beside it

\b
Exit codes:
  0  printed or written
  2  the file cannot be written
"""


def schema(
    write: Annotated[
        bool, typer.Option("--write", help="Renew the schema that this copy of robocell ships, instead of printing.")
    ] = False,
) -> None:
    """Print the schema, or write it where the shipped one is."""
    from robocell.errors import SetupError
    from robocell.schema import FILE, cell_schema_text

    text = cell_schema_text()
    if not write:
        typer.echo(text, nl=False)
        return
    try:
        FILE.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SetupError(f"{FILE} cannot be written: {error.strerror}", "robocell schema > FILE") from error
    typer.echo(f"{FILE} written")
