from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from robocell import load_recipe
from robocell.vision.runner import PreparedRecipe
from robocell.world.faces import Face, draw_face
from robocell.world.specimens import Studio

RECIPE = Path(__file__).parent.parent.parent / "cells" / "recipes" / "cap-top.yaml"


@pytest.fixture(scope="session")
def cap() -> Face:
    return draw_face("machined-cap", 60e-3)


@pytest.fixture(scope="session")
def recipe() -> PreparedRecipe:
    pytest.importorskip("cv2")
    return load_recipe(RECIPE)


@pytest.fixture
def studio(cap: Face) -> Callable[[int], Studio]:
    pytest.importorskip("cv2")
    return lambda seed: Studio(cap, seed)
