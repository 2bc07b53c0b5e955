from __future__ import annotations

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.vision.tools.colour import Lab, colour, delta_e, to_lab

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

# Pairs of the test data of Sharma, Wu and Dalal (2005), chosen for each of the formula's corners.
SHARMA = [
    ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
    ((50, 3.1571, -77.2803), (50, 0, -82.7485), 2.8615),
    ((50, -1.3802, -84.2814), (50, 0, -82.7485), 1.0000),
    ((50, 0, 0), (50, -1, 2), 2.3669),
    ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
    ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
    ((50, -0.001, 2.49), (50, 0.0009, -2.49), 4.8045),
    ((50, -0.001, 2.49), (50, 0.0011, -2.49), 4.7461),
    ((50, 2.5, 0), (50, 0, -2.5), 4.3065),
    ((50, 2.5, 0), (73, 25, -18), 27.1492),
    ((50, 2.5, 0), (58, 24, 15), 19.4535),
    ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
    ((22.7233, 20.0904, -46.6940), (23.0331, 14.9730, -42.5619), 2.0373),
    ((90.8027, -2.0831, 1.4410), (91.1528, -1.6435, 0.0447), 1.4441),
    ((2.0776, 0.0795, -1.1350), (0.9033, -0.0636, -0.5514), 0.9082),
]


@pytest.mark.parametrize(("one", "other", "expected"), SHARMA)
def test_the_difference_is_that_of_the_published_test_data(one: Lab, other: Lab, expected: float) -> None:
    assert delta_e(one, other) == pytest.approx(expected, abs=1e-4)
    assert delta_e(other, one) == pytest.approx(expected, abs=1e-4)
    assert delta_e(one, one) == 0


def test_lab_is_that_of_opencv() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    rgb = np.asarray(rng.integers(0, 256, (500, 3)), np.uint8)
    theirs = cv2.cvtColor((rgb[None] / 255).astype(np.float32), cv2.COLOR_RGB2Lab)[0]
    assert to_lab(rgb) == pytest.approx(theirs, abs=0.35)  # theirs interpolates a table
    known = np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]], np.uint8)
    assert to_lab(known) == pytest.approx(np.array([[100, 0, 0], [0, 0, 0], [53.2408, 80.0925, 67.2032]]), abs=0.01)


def test_a_regions_mean_and_spread() -> None:
    picture = np.zeros((40, 60, 3), np.uint8)
    picture[10:30, 20:40] = (30, 60, 200)
    plain = colour(picture, (20, 10, 20, 20))
    assert plain.lab == pytest.approx(tuple(to_lab(np.array([[200, 60, 30]], np.uint8))[0]))
    assert plain.spread == pytest.approx(0)
    assert plain.reason == ""
    picture[10:30, 30:40] = (30, 70, 200)
    two = colour(picture, (20, 10, 20, 20))
    apart = np.linalg.norm(np.subtract(*to_lab(np.array([[200, 60, 30], [200, 70, 30]], np.uint8))))
    assert two.spread == pytest.approx(apart / 2)
    assert 0 < delta_e(plain.lab, two.lab) < 5


def test_saturated_colour_is_told() -> None:
    picture = np.full((20, 20, 3), 100, np.uint8)
    picture[:5, :, 2] = 255
    assert "25% of the region is saturated" in colour(picture, (0, 0, 20, 20)).reason


def test_bad_input_is_refused() -> None:
    with pytest.raises(VisionError, match="colour picture"):
        colour(np.zeros((9, 9), np.uint8), (0, 0, 5, 5))
    with pytest.raises(VisionError, match="within the picture"):
        colour(np.zeros((9, 9, 3), np.uint8), (0, 0, 0, 5))
    with pytest.raises(VisionError, match="finite"):
        delta_e((1, 2, float("nan")), (1, 2, 3))
