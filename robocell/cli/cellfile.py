"""The CELL argument of commands: a file, or the name of an example that robocell brings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from robocell.errors import ConfigError

CellArgument = Annotated[
    str, typer.Argument(metavar="CELL", help="The cell file, or the name of an example that robocell brings.")
]


def find_cell(text: str) -> Path:
    """Return the file that a command names.

    Args:
        text: a path; or, where no such file exists, a bare name such as `cap-sorting`.

    Raises:
        ConfigError: a bare name is neither a file nor an example; other paths are judged when they are read.

    """
    path = Path(text)
    if path.exists() or path.suffix or path.name != text:
        return path
    from robocell.catalog.catalogue import Catalogue
    from robocell.config.problems import Place, Problem
    from robocell.config.translate import did_you_mean

    cells = Catalogue.shipped().cells()
    if text not in cells:
        hint = did_you_mean(text, cells, f"robocell brings {', '.join(cells)}")
        raise ConfigError([Problem("RC101", Place(text, 1, 1), f"there is no file and no example '{text}'", hint)])
    found, here = cells[text].resolve(), Path.cwd()
    return found.relative_to(here) if found.is_relative_to(here) else found
