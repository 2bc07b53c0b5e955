from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pytest

from robocell.errors import VisionError
from robocell.vision.marking import jpeg, mark, png
from robocell.vision.runner import PreparedRecipe, inspect
from robocell.world.specimens import Studio

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision


def test_a_reject_s_picture_shows_its_flaw_and_rim(recipe: PreparedRecipe, studio: Callable[[int], Studio]) -> None:
    (specimen,) = studio(700).specimens(1, defective=True, neighbours=False)
    verdict = inspect(recipe, specimen.frame)
    picture = mark(specimen.frame, verdict)
    assert picture.shape == (960, 1280, 3)
    assert picture.dtype == np.uint8
    red = (picture[..., 2].astype(int) - picture[..., 0]) > 100
    x1, y1, x2, y2 = verdict.defects[0].box
    assert red[y1 - 12 : y2 + 12, x1 - 12 : x2 + 12].any()
    assert verdict.pose is not None
    angle = np.linspace(0, 2 * np.pi, 200)
    rim = np.array([verdict.pose.x, verdict.pose.y]) + verdict.pose.diameter / 2 * np.stack(
        [np.cos(angle), np.sin(angle)], axis=1
    )
    assert specimen.frame.camera is not None
    u, v = np.rint(specimen.frame.camera.to_pixels(rim)).astype(int).T
    green = (picture[..., 1].astype(int) - picture[..., 2]) > 80  # what was found, in contrast to what is bad
    assert np.mean(green[v, u]) > 0.85  # where no text lies over it


def test_pictures_are_encoded_as_they_are_or_reduced() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    picture = rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)
    data = png(picture)
    assert data == png(picture)
    assert np.array_equal(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), picture)
    for small in (png(picture, width=60), jpeg(picture, width=60)):
        assert cv2.imdecode(np.frombuffer(small, np.uint8), cv2.IMREAD_COLOR).shape == (45, 60, 3)
    with pytest.raises(VisionError, match="cannot be encoded"):
        png(np.zeros((0, 0), np.uint8))


def test_a_frame_without_a_picture_can_be_shown_too(recipe: PreparedRecipe, studio: Callable[[int], Studio]) -> None:
    frame = studio(701).take().frame
    for image in (np.zeros((0, 0), np.uint8), np.full((9, 9), np.nan), np.zeros((5, 7, 3), np.uint8)):
        broken = dataclasses.replace(frame, image=image)
        assert mark(broken, inspect(recipe, broken)).shape == (960, 1280, 3)
