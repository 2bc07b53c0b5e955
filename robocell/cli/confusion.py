"""`robocell confusion`: how often an inspection errs, from runs whose pictures were judged."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from robocell.model.confusion import Confusion

HELP = """Tell how a recipe errs: its verdicts in recorded runs against the truth that only the simulation knows.

With --write the figures are kept beside the recipe, as NAME.confusion.json; runs without pictures (--inspect truth, the
kinematic world) then draw their verdicts from them, errors included. Measure on many parts: an error that never occurred in 200
verdicts may still occur once in a hundred.

\b
Example:
  robocell run board-inspection --parts 200 --out runs/boards
  robocell confusion runs/boards --write cells/recipes/board.yaml

\b
Exit codes:
  0  printed, and written where asked
  2  a folder holds no whole record, or none with verdicts of that recipe judged from pictures
"""


def confusion(
    records: Annotated[list[Path], typer.Argument(metavar="DIR...", help="Records: --out of runs with pictures.")],
    write: Annotated[
        Path | None, typer.Option(metavar="RECIPE", help="Keep the figures beside this recipe's file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures by recipe as one JSON object.")] = False,
) -> None:
    """Add up records."""
    import orjson

    from robocell.catalog.confusions import write_confusion
    from robocell.cli.console import stderr, stdout
    from robocell.report import inspection

    found = _added(records)
    if as_json:
        shown = {name: one.model_dump() for name, one in found.items()}
        sys.stdout.write(orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode() + "\n")
    else:
        for name, one in found.items():
            stdout().print(f"{name}: {inspection.line(one)}", soft_wrap=True)
            for kind, count in one.kinds.items():
                told = ", ".join(f"{times} as {other}" for other, times in count.told.items()) or "never found"
                stdout().print(f"  {kind}: {count.found} of {count.planted}: {told}", soft_wrap=True)
    if write is not None:
        (stderr() if as_json else stdout()).print(
            f"Written: {write_confusion(write, _of(write, found))}", soft_wrap=True
        )


def _added(records: list[Path]) -> dict[str, Confusion]:
    from robocell.errors import SetupError
    from robocell.report.record import load_record

    found: dict[str, Confusion] = {}
    for folder in records:
        result = load_record(folder).result
        if not result.pictures:
            raise SetupError(
                f"{folder} is of a run that judged no pictures", "run the cell with --inspect image (Bullet's default)"
            )
        for name, one in result.inspection.items():
            found[name] = found[name].plus(one) if name in found else one
    return found


def _of(recipe: Path, found: dict[str, Confusion]) -> Confusion:
    from robocell.errors import SetupError

    if not recipe.is_file():
        raise SetupError(f"there is no recipe {recipe}", "give the recipe's .yaml file")
    if recipe.stem not in found:
        listing = ", ".join(found) or "none"
        raise SetupError(f"the records hold no verdict of the recipe '{recipe.stem}'", f"they hold: {listing}")
    return found[recipe.stem]
