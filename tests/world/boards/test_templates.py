from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robocell.world.boards.artwork import DESIGNS, draw_artwork, write_templates

TEMPLATES = Path(__file__).parents[3] / "cells" / "recipes" / "boards"

pytestmark = pytest.mark.vision


def test_the_shipped_templates_show_the_designs_as_they_are_drawn(tmp_path: Path) -> None:
    cv2 = pytest.importorskip("cv2")
    written = write_templates(tmp_path)
    assert [path.name for path in written] == sorted(path.name for path in TEMPLATES.iterdir())
    for number in range(DESIGNS):
        shipped = cv2.imread(str(TEMPLATES / f"B{number}_temp.png"), cv2.IMREAD_UNCHANGED)
        assert np.array_equal(shipped, draw_artwork(number).pixels)
