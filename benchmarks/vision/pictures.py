"""What all contestants are given: drawn pictures, the same in every run."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.table import NotYet

U8 = NDArray[np.uint8]

SIZE = (2048, 2448)
"""Rows and columns of a 5 MP picture."""
COLD = 360_000_000
"""Bytes of pictures to go round in, so that none is found in a cache."""


def rng(seed: int) -> np.random.Generator:
    """Return a generator that gives the same numbers in every run."""
    return np.random.Generator(np.random.PCG64(seed))


def copies(picture: U8, total: int = COLD) -> list[U8]:
    """Return so many copies of a picture that they exceed the caches together."""
    return [picture.copy() for _ in range(-(-total // picture.nbytes))]


def public(folder: str) -> Path:
    """Return a folder of the public pictures.

    Raises:
        NotYet: it is absent.

    """
    root = Path(os.environ.get("ROBOCELL_DATA", Path(__file__).parents[3] / "shared" / "data"))
    if not (root / folder).is_dir():
        raise NotYet(f"the public pictures '{folder}' are absent: set ROBOCELL_DATA to the folder that holds them")
    return root / folder
