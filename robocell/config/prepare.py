"""Everything that a run needs of a cell file and of what it names, in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from robocell.catalog import Catalogue, surroundings_of
from robocell.config.load import Loaded, load_cell
from robocell.model.cell import Cell
from robocell.model.profile import Profile
from robocell.model.scene import Scene
from robocell.motion import Arm
from robocell.motion.surroundings import Surroundings


@dataclass(frozen=True)
class Prepared:
    """A cell that can be run.

    Attributes:
        cell: the model.
        catalogue: where its names were found.
        profiles: each device's profile, by the device's name; an arm from a URDF has none.
        arms: each arm's model with its tool and limits, by the device's name.
        surroundings: what stands around each arm, in its base frame, by the device's name.
        recipes: the file of each recipe that the routes use, by its name.
        scene: what the simulated world does by itself; None if the cell names no scene.
        sha256: digest of the cell file's bytes.
        loaded: the file itself, with places and warnings.

    """

    cell: Cell
    catalogue: Catalogue
    profiles: Mapping[str, Profile]
    arms: Mapping[str, Arm]
    surroundings: Mapping[str, Surroundings]
    recipes: Mapping[str, Path]
    scene: Scene | None
    sha256: str
    loaded: Loaded


def prepare(path: Path | str, *, name: str | None = None) -> Prepared:
    """Load a cell file with its profiles, arms, recipes and scene.

    Args:
        path: the cell file.
        name: what problems call it; the path as given otherwise.

    Raises:
        ConfigError: with all problems of all these files, sorted by position; nothing else, whatever they contain.

    """
    catalogue = Catalogue.for_cell(path)
    loaded = load_cell(path, catalogue, name=name)
    return Prepared(
        cell=loaded.cell,
        catalogue=catalogue,
        profiles=loaded.profiles,
        arms=loaded.arms,
        surroundings={arm: surroundings_of(loaded.cell, loaded.profiles, loaded.arms, arm) for arm in loaded.arms},
        recipes=loaded.recipes,
        scene=loaded.scene,
        sha256=loaded.sha256,
        loaded=loaded,
    )
