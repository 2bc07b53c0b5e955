"""The sample cells with the shipped profiles."""

from __future__ import annotations

from pathlib import Path

from robocell.catalog import Catalogue
from robocell.config.load import Loaded, load_cell

SAMPLES = Path(__file__).parents[1] / "config" / "samples"


def sample(name: str) -> Loaded:
    return load_cell(SAMPLES / f"{name}.yaml", Catalogue.shipped())
