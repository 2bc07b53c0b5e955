"""Regions in frames: what is cut out is what lies there, however the part is turned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from robocell.model.recipe_region import Region
from robocell.vision.frame import Calibration
from robocell.vision.steps.regions import cut
from robocell.vision.view import PICTURE, Place, UnjudgeableError, View

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision


def region(**keys: Any) -> Region:
    found: Region = TypeAdapter(Region).validate_python(keys)
    return found


def wave(rows: int = 240, columns: int = 320) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    return np.asarray(np.rint(128 + 60 * np.sin(x / 17) + 50 * np.cos(y / 13)), np.uint8)


def test_a_box_in_the_picture_is_its_pixels() -> None:
    image = wave()
    found = cut(region(box=["20 px", "30 px", "64 px", "48 px"]), View(image), PICTURE)
    assert np.array_equal(found.pixels, image[30:78, 20:84])
    assert np.array_equal(found.boxes(np.array([[1, 2, 5, 9]])), [[21, 32, 25, 39]])
    whole = cut(region(box=["0 px", "0 px", "320 px", "240 px"]), View(image), PICTURE)
    assert np.array_equal(whole.pixels, image)


@pytest.mark.parametrize("degrees", [0.0, 7.0, 33.0, -120.0, 180.0])
def test_a_turned_region_is_what_it_would_be_upright(degrees: float) -> None:
    image, turn = wave(), math.radians(degrees)
    middle, at = np.array([160.0, 120.0]), np.array([12.0, -9.0])
    c, s = math.cos(turn), math.sin(turn)
    linear = np.array([[c, s], [-s, c]])
    turned = cv2.warpAffine(
        image,
        np.column_stack([linear, middle - linear @ middle]),
        (320, 240),
        flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP,
    )
    upright = cut(region(at=["12 px", "-9 px"], size=["61 px", "41 px"]), View(image), Place(160.0, 120.0))
    found = cut(region(at=["12 px", "-9 px"], size=["61 px", "41 px"]), View(turned), Place(160.0, 120.0, turn))
    apart = np.abs(found.pixels.astype(int) - upright.pixels)
    assert np.percentile(apart, 99) <= 4
    corner = found.to_picture @ [30, 20, 1]
    assert corner == pytest.approx(middle + np.array([[c, -s], [s, c]]) @ at)


def test_lengths_go_through_the_calibration() -> None:
    image = wave()
    camera = Calibration.of_scale(image, 50e-6)
    found = cut(region(at=["0 mm", "0 mm"], size=["3 mm", "2 mm"]), View(image, camera=camera), Place(160, 120))
    assert found.pixels.shape == (40, 60)


def test_a_disc_has_a_mask_of_its_area() -> None:
    found = cut(region(disc="80 px"), View(wave()), Place(160, 120))
    assert found.mask is not None
    assert np.count_nonzero(found.mask) == pytest.approx(math.pi * 40**2, rel=0.01)
    assert found.inside.shape == (np.count_nonzero(found.mask),)


def test_another_resolution_shows_the_same_scene() -> None:
    y, x = np.mgrid[:240, :320]
    ramp = np.rint(x * 0.4 + y * 0.5).astype(np.uint8)
    for shape in ((20, 30), (120, 180)):
        found = cut(region(box=["40 px", "30 px", "180 px", "120 px"]), View(ramp), PICTURE, shape=shape)
        assert found.pixels.shape == shape
        rows, columns = np.mgrid[: shape[0], : shape[1]]
        seen = np.stack([columns, rows, np.ones_like(rows)], axis=-1) @ found.to_picture.T
        assert found.pixels == pytest.approx(seen @ [0.4, 0.5], abs=1.5)
        assert np.array_equal(found.boxes(np.array([[0, 0, shape[1], shape[0]]])), [[40, 30, 220, 150]])


@pytest.mark.parametrize(
    "keys",
    [
        {"box": ["-3 px", "0 px", "20 px", "20 px"]},
        {"box": ["310 px", "0 px", "20 px", "20 px"]},
        {"at": ["0 px", "0 px"], "disc": "9 px"},
        {"at": ["300 px", "100 px"], "size": ["60 px", "20 px"], "angle": 0.5},
    ],
)
def test_a_region_that_reaches_out_of_the_picture_is_not_judged(keys: dict[str, Any]) -> None:
    with pytest.raises(UnjudgeableError, match="out of the picture"):
        cut(region(**keys), View(wave()), PICTURE)


def test_a_region_without_room_or_colour_is_not_judged() -> None:
    with pytest.raises(UnjudgeableError, match="cannot be judged"):
        cut(region(disc="1 px"), View(wave()), Place(100, 100))
    with pytest.raises(UnjudgeableError, match="grey"):
        cut(region(disc="9 px"), View(wave()), Place(100, 100), colour=True)
