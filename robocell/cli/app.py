"""The `robocell` command: its subcommands, and what becomes of errors that a person can mend."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import robocell
from robocell.cli import (
    calibrate,
    check,
    confusion,
    devices,
    explain,
    gauge_rr,
    inspect,
    report,
    run,
    schema,
    teach,
)
from robocell.cli.console import INTERRUPTED, WRONG, stderr, tell
from robocell.errors import CatalogError, ConfigError, JournalError, RecordError, SetupError, VisionError

HELP = """Run robotic work cells without an operator: one YAML file, simulated or on real devices.

\b
  robocell check cells/cap-sorting.yaml    is the file right? what can the cell do at most?
  robocell run cells/cap-sorting.yaml      run it in simulation; leaves a record with a report
  robocell explain RC603                   what a problem's code means

Every command explains itself: robocell COMMAND --help. Where a command takes a cell file, the name of an example that robocell
brings is taken as well: robocell run cap-sorting.
"""

_MENDABLE = (ConfigError, SetupError, CatalogError, RecordError, JournalError, VisionError)


class Commands(TyperGroup):
    """Subcommands whose mendable errors are told in words and end with exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the subcommand; what is no error of the file or the set-up is ours, and keeps its traceback."""
        try:
            return super().invoke(ctx)
        except _MENDABLE as error:
            tell(error, stderr())
            raise typer.Exit(WRONG) from None
        except KeyboardInterrupt:
            stderr().print("interrupted")
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    cls=Commands,
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"robocell {robocell.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Take what stands before the subcommand."""


_COMMANDS = (
    ("check", check, "Is a cell file right? What can the cell do at most?"),
    ("run", run, "Run a cell; leaves a record with a report."),
    ("report", report, "A run's summary again, its report made anew."),
    ("confusion", confusion, "How often an inspection errs, from runs whose pictures were judged."),
    ("inspect", inspect, "Judge pictures by a recipe."),
    ("teach", teach, "Teach a recipe from pictures of good parts."),
    ("gauge-rr", gauge_rr, "Can a measuring system be trusted? Repeated measurements analysed."),
    ("devices", devices, "The device catalogue: figures with their sources."),
    ("schema", schema, "The JSON Schemas of cell files and recipes, for editors."),
    ("explain", explain, "What a problem's code means."),
)
for _name, _module, _short in _COMMANDS:
    app.command(_name, help=_module.HELP, short_help=_short)(getattr(_module, _name.replace("-", "_")))
app.add_typer(calibrate.app, name="calibrate", short_help="A camera's lens and place; the board to print.")
