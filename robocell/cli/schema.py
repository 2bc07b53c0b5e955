"""`robocell schema`: the JSON Schemas of cell files and recipes, for editors."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

HELP = """Print the JSON Schema of cell files, or of recipes, with which an editor completes and explains keys.

The editor (any with the YAML language server) finds it by a comment in the file's first line.

\b
Examples:
  robocell schema > cell.schema.json
  robocell schema recipe > recipe.schema.json
  # yaml-language-server: $schema=cell.schema.json      first line of a cell file beside it

\b
Exit codes:
  0  printed or written
  2  the file cannot be written
"""


def schema(
    of: Annotated[Literal["cell", "recipe"], typer.Argument(metavar="[cell|recipe]", help="Of which files.")] = "cell",
    write: Annotated[
        bool, typer.Option("--write", help="Renew the schemas that this copy of robocell ships, instead of printing.")
    ] = False,
) -> None:
    """Print a schema, or write both where the shipped ones are."""
    from robocell.errors import SetupError
    from robocell.schema import FILE, RECIPE_FILE, cell_schema_text, recipe_schema_text

    if not write:
        typer.echo(cell_schema_text() if of == "cell" else recipe_schema_text(), nl=False)
        return
    for file, text in ((FILE, cell_schema_text()), (RECIPE_FILE, recipe_schema_text())):
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise SetupError(f"{file} cannot be written: {error.strerror}", "robocell schema > FILE") from error
        typer.echo(f"{file} written")
