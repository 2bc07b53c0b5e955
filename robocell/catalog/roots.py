"""The folders that hold a catalogue, in the order in which they are searched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path


@dataclass(frozen=True)
class Root:
    """One folder with any of `hardware/`, `sim/` and cells.

    Attributes:
        folder: holds `hardware/<maker>/<device>/profile.yaml` and `sim/scenes/<name>.yaml`.
        cells: holds cell files, with `recipes/<name>.yaml` beside them.
        ours: whether robocell ships it: an installer may have made links of its files, a stranger's may not lead out.

    """

    folder: Path
    cells: Path
    ours: bool = False

    def holds(self, path: Path) -> bool:
        """Return whether `path`, followed through links, is in this root."""
        resolved = path.resolve()
        return self.ours or any(resolved.is_relative_to(base.resolve()) for base in (self.folder, self.cells))

    @property
    def hardware(self) -> Path:
        """Profiles: `<maker>/<device>/profile.yaml`."""
        return self.folder / "hardware"

    @property
    def scenes(self) -> Path:
        """Scenes: `<name>.yaml`."""
        return self.folder / "sim" / "scenes"

    @property
    def recipes(self) -> Path:
        """Recipes: `<name>.yaml`."""
        return self.cells / "recipes"


def roots_of(cell: Path) -> tuple[Root, ...]:
    """Return where a cell file's names are looked up: beside it, in its project, and in what robocell ships.

    A cell in a folder `cells` has its project's `hardware/` and `sim/` next to that folder, as the checkout has.
    """
    folder = cell.parent
    found = [Root(folder, folder)]
    if folder.resolve().name == "cells":
        found.append(Root(folder.resolve().parent, folder))
    return (*found, *shipped())


@cache
def shipped() -> tuple[Root, ...]:
    """Return the checkout that this package runs from, if it does, and what the installed package holds."""
    package = Path(str(resources.files("robocell")))
    found = []
    if (package.parent / "pyproject.toml").is_file() and (package.parent / "hardware").is_dir():
        found.append(Root(package.parent, package.parent / "cells", ours=True))
    data = package / "_data"
    if data.is_dir():
        found.append(Root(data, data / "cells", ours=True))
    return tuple(found)
