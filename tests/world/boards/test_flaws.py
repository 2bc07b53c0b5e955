from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.world.boards.artwork import BASE, COPPER, DESIGNS, SIZE, Artwork, draw_artwork
from robocell.world.boards.flaws import APART, KINDS, BoardDefect, draw, plant

PIXEL = 66e-3 / SIZE
COPPER_MOST = (BASE + COPPER) / 2


@pytest.fixture(scope="module")
def designs() -> list[Artwork]:
    return [draw_artwork(number) for number in range(DESIGNS)]


def nets(picture: np.ndarray) -> int:
    """Count pieces of copper that are connected, and pieces of base."""
    cv2 = pytest.importorskip("cv2")
    count, _ = cv2.connectedComponents((picture < COPPER_MOST).astype(np.uint8), connectivity=4)
    return int(count) - 1


def holes(picture: np.ndarray) -> int:
    cv2 = pytest.importorskip("cv2")
    count, _ = cv2.connectedComponents((picture >= COPPER_MOST).astype(np.uint8), connectivity=4)
    return int(count) - 1


def test_the_same_number_draws_the_same_artwork_and_another_one_another(designs: list[Artwork]) -> None:
    for number, artwork in enumerate(designs):
        assert np.array_equal(draw_artwork(number).pixels, artwork.pixels)
    assert len({artwork.pixels.tobytes() for artwork in designs}) == DESIGNS


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(KINDS), number=st.integers(0, DESIGNS - 1))
def test_a_defect_does_to_the_copper_what_its_kind_says(
    designs: list[Artwork], seed: int, kind: str, number: int
) -> None:
    artwork = designs[number]
    defect = plant(artwork, Clock(seed).stream("defects"), [kind], (0.4e-6, 3e-6), PIXEL)
    before, after = artwork.pixels, draw(artwork, [defect])
    nets_more, holes_more = nets(after) - nets(before), holes(after) - holes(before)
    changed = after.astype(int) - before
    expected = {"open": (1, 0), "mousebite": (0, 0), "spur": (0, 0), "copper": (1, 0), "pinhole": (0, 1)}
    if kind == "short":
        # two nets become one, or one net encloses a piece of base
        assert (nets_more, holes_more) in {(-1, 0), (0, 1), (-1, 1)}
    else:
        assert (nets_more, holes_more) == expected[defect.kind]
    assert (changed.sum() > 0) == (kind in ("open", "mousebite", "pinhole"))


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), number=st.integers(0, DESIGNS - 1))
def test_the_truth_tells_where_pixels_change_and_by_how_much(designs: list[Artwork], seed: int, number: int) -> None:
    artwork, chance = designs[number], Clock(seed).stream("defects")
    planted: list[BoardDefect] = []
    for _ in range(5):
        planted.append(plant(artwork, chance, KINDS, (0.2e-6, 2e-6), PIXEL, planted))
    change = np.abs(draw(artwork, planted).astype(float) - artwork.pixels)
    for defect in planted:
        x1, y1, x2, y2 = defect.box
        assert change[y1:y2, x1:x2].max() > 64
        near = change[y1 - 3 : y2 + 3, x1 - 3 : x2 + 3].sum() / (BASE - COPPER) * PIXEL**2
        assert near == pytest.approx(defect.area, rel=0.05)
        assert 0.1e-6 <= defect.area <= 3e-6
        change[max(y1 - 3, 0) : y2 + 3, max(x1 - 3, 0) : x2 + 3] = 0
    assert change.max() <= 64
    for k, one in enumerate(planted):
        for other in planted[:k]:
            apart = max(one.box[0] - other.box[2], other.box[0] - one.box[2], one.box[1] - other.box[3],
                        other.box[1] - one.box[3])  # fmt: skip
            assert apart >= APART - 1


def test_what_no_board_can_have_is_refused(designs: list[Artwork]) -> None:
    with pytest.raises(ValueError, match="scratch"):
        plant(designs[0], Clock(1).stream("defects"), ["scratch"], (0.2e-6, 2e-6), PIXEL)
    with pytest.raises(ValueError, match="no room"):
        plant(designs[0], Clock(1).stream("defects"), ["copper"], (1e-2, 1e-2), PIXEL)
