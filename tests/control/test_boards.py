"""The cell that sorts boards: pictures decide, drawn ones and those of real boards."""

from __future__ import annotations

from pathlib import Path

import pytest

from robocell.assembly import Outcome, RunOptions, simulate
from robocell.config.prepare import Prepared, prepare
from robocell.model.scene import Pictures
from tests.control.playing import CELLS
from tests.data import folder

pytestmark = pytest.mark.vision

SURE = 100.0
"""Area in px² of the artwork's pixels from which on a defect must never pass."""
PIXEL = 66e-3 / 640


@pytest.fixture(scope="module")
def boards() -> Prepared:
    pytest.importorskip("cv2")
    pytest.importorskip("zxingcpp")
    return prepare(CELLS / "board-inspection.yaml")


def played(boards: Prepared, parts: int, seed: int, pictures: Path | None = None) -> Outcome:
    scene = boards.scene
    assert scene is not None
    if pictures is not None:
        shown = Pictures(folder=str(pictures), good=0.3)
        scene = scene.model_copy(update={"faces": {"board": shown}})
    options = RunOptions(parts, seed, "kinematic", "image", scene=scene, handle_signals=False)
    return simulate(boards, options)


def passed_in_spite(outcome: Outcome) -> list[tuple[int, str]]:
    return [
        (part.number, defect.kind)
        for part in outcome.audit.parts
        for defect in part.defects
        if part.place == "station good" and defect.area >= SURE * PIXEL**2
    ]


@pytest.mark.parametrize("seed", [1, 2])
def test_no_drawn_board_with_a_defect_passes_and_no_good_one_fails(boards: Prepared, seed: int) -> None:
    outcome = played(boards, 16, seed)
    found = outcome.result.inspection["board"]
    assert outcome.result.ended == "complete"
    assert passed_in_spite(outcome) == []
    assert found.defective.total >= 1
    assert (found.missed, found.wrongly_failed) == (0, 0)
    planted = sum(kind.planted for kind in found.kinds.values())
    assert sum(kind.told.get(name, 0) for name, kind in found.kinds.items()) >= 0.9 * planted


def test_real_boards_are_told_from_their_defect_free_twins(boards: Prepared) -> None:
    outcome = played(boards, 12, 3, folder("deeppcb"))
    found = outcome.result.inspection["board"]
    assert passed_in_spite(outcome) == []
    assert found.good.total >= 1
    assert found.missed == 0
    assert found.wrongly_failed == 0
    planted = sum(kind.planted for kind in found.kinds.values())
    assert sum(kind.found for kind in found.kinds.values()) >= 0.95 * planted


def test_a_run_without_pictures_draws_the_same_boards(boards: Prepared) -> None:
    scene = boards.scene
    truth = simulate(boards, RunOptions(16, 1, "kinematic", "truth", scene=scene, handle_signals=False))
    pictures = played(boards, 16, 1)
    told = [[(p.design, p.defects) for p in outcome.audit.parts[:16]] for outcome in (truth, pictures)]
    assert told[0] == told[1]
