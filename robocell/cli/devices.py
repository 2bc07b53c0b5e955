"""`robocell devices`: the device catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from robocell.cli.console import WRONG, stderr, stdout, tell

HELP = """List the device catalogue, or show one device: every figure with its source and uncertainty.

Devices of your own are folders hardware/MAKER/DEVICE with a profile.yaml beside the cell file; they are listed where the present
folder, or the one that --beside names, has them.

\b
Examples:
  robocell devices
  robocell devices universal-robots/ur5e
  robocell devices --beside cells/my-cell.yaml

\b
Exit codes:
  0  printed
  2  there is no such device, or a profile cannot be used
"""


def devices(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="maker/device, as cell files write it after profile:")
    ] = None,
    beside: Annotated[
        Path, typer.Option(metavar="CELL", help="A cell file whose own devices belong to the catalogue.")
    ] = Path("cell.yaml"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print a list of devices, or one device; values are SI.")
    ] = False,
) -> None:
    """Show the catalogue or one of its devices."""
    from robocell.catalog.catalogue import Catalogue
    from robocell.cli import sheet
    from robocell.errors import CatalogError
    from robocell.model.profile import Profile

    catalogue = Catalogue.for_cell(beside)
    if name is not None:
        profile = catalogue.profile(name)
        if as_json:
            typer.echo(json.dumps(sheet.to_json(name, profile), indent=1, ensure_ascii=False))
        else:
            sheet.render_device(name, profile, stdout())
        return
    found: dict[str, Profile] = {}
    broken: list[CatalogError] = []
    for each in catalogue.names():
        try:
            found[each] = catalogue.profile(each)
        except CatalogError as error:
            broken.append(error)
    if as_json:
        listed = [sheet.to_json(each, profile) for each, profile in found.items()]
        typer.echo(json.dumps(listed, indent=1, ensure_ascii=False))
    else:
        sheet.render_list(found, stdout())
    for refusal in broken:
        tell(refusal, stderr())
    if broken:
        raise typer.Exit(WRONG)
