"""The catalogue of one cell: names → profiles, scenes, recipes and cells."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from robocell.catalog.profiles import read_profile
from robocell.catalog.roots import Root, roots_of, shipped
from robocell.config.translate import did_you_mean
from robocell.errors import CatalogError
from robocell.model.profile import Profile

PROFILE = "profile.yaml"
_PROFILE_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*/[a-z0-9][a-z0-9._-]*")
_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")


@dataclass(frozen=True)
class Catalogue:
    """What a cell's names mean. The first root that has a name wins, so that a cell can bring its own device.

    Profiles are read when they are asked for, and once. Nothing outside the roots is ever opened: a name with `..`, an
    absolute path and a link that leads out are refused.

    Attributes:
        roots: the folders, in the order of the search.

    """

    roots: tuple[Root, ...]
    _read: dict[str, Profile] = field(default_factory=dict, repr=False, compare=False)

    @staticmethod
    def for_cell(cell: Path | str) -> Catalogue:
        """Return the catalogue of a cell file (which need not exist)."""
        return Catalogue(roots_of(Path(cell)))

    @staticmethod
    def shipped() -> Catalogue:
        """Return what robocell itself brings."""
        return Catalogue(shipped())

    def names(self) -> Sequence[str]:
        """Return the names of all profiles, `maker/device`, sorted."""
        return tuple(self._profiles)

    def profile_path(self, name: str) -> Path:
        """Return where a profile stands, or raise CatalogError."""
        if not _PROFILE_NAME.fullmatch(name):
            raise CatalogError(f"'{name}' is no profile name; write maker/device, such as generic/photo-eye")
        path = self._profiles.get(name)
        if path is None:
            raise CatalogError(f"no profile '{name}' in the catalogue{_suggest(name, self._profiles)}")
        return path

    def profile(self, name: str) -> Profile:
        """Return a profile.

        Raises:
            CatalogError: there is none of this name, or it is malformed; the message tells the first problem and its
                place.

        """
        if name not in self._read:
            self._read[name] = read_profile(self.profile_path(name), f"{name}/{PROFILE}")
        return self._read[name]

    def scene(self, name: str) -> Path:
        """Return the file of a scene, or raise CatalogError."""
        return self._file(name, "scene", lambda root: root.scenes)

    def recipe(self, name: str) -> Path:
        """Return the file of an inspection recipe, or raise CatalogError."""
        return self._file(name, "recipe", lambda root: root.recipes)

    def cells(self) -> dict[str, Path]:
        """Return the example cells that robocell brings, by name, sorted."""
        return _yaml_files(shipped(), lambda root: root.cells)

    @cached_property
    def _profiles(self) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for root in self.roots:
            for path in sorted(root.hardware.glob(f"*/*/{PROFILE}")):
                name = f"{path.parent.parent.name}/{path.parent.name}"
                if _PROFILE_NAME.fullmatch(name) and root.holds(path):
                    found.setdefault(name, path)
        return dict(sorted(found.items()))

    def _file(self, name: str, noun: str, folder: Callable[[Root], Path]) -> Path:
        if not _FILE_NAME.fullmatch(name):
            raise CatalogError(f"'{name}' is no name of a {noun}; it has letters, digits, _ and -")
        found = _yaml_files(self.roots, folder)
        if name not in found:
            places = " or ".join(dict.fromkeys(_inner(root, folder(root)) for root in self.roots))
            raise CatalogError(f"no {noun} '{name}' in {places}{_suggest(name, found)}")
        return found[name]


def _inner(root: Root, folder: Path) -> str:
    base = root.folder if folder.is_relative_to(root.folder) else root.cells
    return f"{folder.relative_to(base).as_posix()}/"


def _suggest(name: str, known: Iterable[str]) -> str:
    close = did_you_mean(name, known)
    return f"; {close}" if close else ""


def _yaml_files(roots: Iterable[Root], folder: Callable[[Root], Path]) -> dict[str, Path]:
    """Return the YAML files of a folder of some roots by their stem; the first root that has a name wins."""
    found: dict[str, Path] = {}
    for root in roots:
        for path in sorted(folder(root).glob("*.yaml")):
            if path.is_file() and root.holds(path):
                found.setdefault(path.stem, path)
    return dict(sorted(found.items()))
