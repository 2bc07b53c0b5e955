from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.vision.tools.rectangle import Rectangle, find_rectangle

pytestmark = pytest.mark.vision

SIZE = (300.0, 220.0)


def drawn(
    x: float, y: float, angle: float, size: tuple[float, float] = SIZE, part: float = 200, ground: float = 60
) -> np.ndarray:
    """Draw a rectangle with the exact share that it covers of each pixel of its edges (slants: to a thousandth)."""
    columns, rows = np.meshgrid(np.arange(640.0), np.arange(480.0))
    c, s = math.cos(angle), math.sin(angle)
    u, v = c * (columns - x) + s * (rows - y), -s * (columns - x) + c * (rows - y)
    share = np.clip(size[0] / 2 - np.abs(u) + 0.5, 0, 1) * np.clip(size[1] / 2 - np.abs(v) + 0.5, 0, 1)
    noise = np.random.Generator(np.random.PCG64(1)).normal(0, 1.5, share.shape)
    return np.asarray(np.clip(np.rint(ground + (part - ground) * share + noise), 0, 255), np.uint8)


@settings(max_examples=30)
@given(
    x=st.floats(290, 350), y=st.floats(210, 270), angle=st.floats(-0.17, 0.17),
    greys=st.sampled_from([(200.0, 60.0), (40.0, 150.0), (90.0, 60.0)]),
)  # fmt: skip
def test_centre_and_turn_are_found_to_a_fraction_of_a_pixel(
    x: float, y: float, angle: float, greys: tuple[float, float]
) -> None:
    found = find_rectangle(drawn(x, y, angle, part=greys[0], ground=greys[1]), SIZE, 6, math.radians(12))
    assert isinstance(found, Rectangle)
    assert math.hypot(found.x - x, found.y - y) < 0.15
    assert abs(found.angle - angle) < 1e-3
    assert found.width == pytest.approx(SIZE[0], abs=0.3)
    assert found.height == pytest.approx(SIZE[1], abs=0.3)


def test_a_label_that_sticks_out_of_a_side_does_not_turn_the_part() -> None:
    picture = drawn(320, 240, 0.05)
    picture[120:150, 330:365] = 200
    found = find_rectangle(picture, SIZE, 6, math.radians(12))
    assert isinstance(found, Rectangle)
    assert math.hypot(found.x - 320, found.y - 240) < 0.2
    assert abs(found.angle - 0.05) < 1e-3


def test_what_is_not_the_part_is_told_in_words() -> None:
    turn = math.radians(10)
    assert "no part" in str(find_rectangle(np.full((480, 640), 90, np.uint8), SIZE, 6, turn))
    assert "no part" in str(find_rectangle(drawn(320, 240, 0.0, (150.0, 100.0)), SIZE, 6, turn))
    assert "turned by" in str(find_rectangle(drawn(320, 240, 0.4), SIZE, 6, turn))
    assert "measures" in str(find_rectangle(drawn(320, 240, 0.0, (310.0, 220.0)), SIZE, 6, turn))
    assert isinstance(find_rectangle(drawn(80, 240, 0.0), SIZE, 6, turn), str)
    assert "too small" in str(find_rectangle(np.zeros((20, 20), np.uint8), (300, 300), 6, turn))


def test_a_square_part_is_taken_at_the_quarter_turn_nearest_to_the_expected_angle() -> None:
    picture = drawn(320, 240, 0.1, (220.0, 220.0))
    found = find_rectangle(picture, (220.0, 220.0), 6, math.radians(12), near=math.pi / 2)
    assert isinstance(found, Rectangle)
    assert found.angle == pytest.approx(math.pi / 2 + 0.1, abs=1e-3)
