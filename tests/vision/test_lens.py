"""The lens's distortion: inverse to a millionth of a pixel, and the same as OpenCV's."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from robocell.vision.frame import Calibration
from robocell.vision.lens import STRAIGHT, Terms, bend, straighten
from robocell.vision.view import rectified

LENSES: dict[str, tuple[float, float, float, float]] = {
    "none": STRAIGHT,
    "barrel": (-0.25, 0.0, 0.0, 0.0),
    "pincushion": (0.25, 0.05, 0.0, 0.0),
    "moustache": (-0.3, 0.12, 0.0, 0.0),
    "decentred": (-0.1, 0.02, 0.003, -0.002),
}
WIDE = Calibration((1280, 960), 1100.0, (655.3, 470.8), 0.5)


def lens(terms: Terms) -> Calibration:
    return Calibration(WIDE.resolution, WIDE.focal, WIDE.centre, WIDE.distance, *terms)


@pytest.mark.parametrize("name", LENSES)
def test_pixels_come_back_from_the_plane_to_a_millionth(name: str) -> None:
    camera = lens(LENSES[name])
    columns, rows = np.meshgrid(np.linspace(0, 1279, 41), np.linspace(0, 959, 31))
    pixels = np.stack([columns.ravel(), rows.ravel()], axis=1)
    back = camera.to_pixels(camera.to_plane(pixels))
    assert np.abs(back - pixels).max() < 1e-6


@pytest.mark.parametrize("name", LENSES)
def test_points_are_seen_where_opencv_projects_them(name: str) -> None:
    camera = lens(LENSES[name])
    points = np.random.Generator(np.random.PCG64(3)).uniform(-0.2, 0.2, (200, 2))
    matrix = np.array([[camera.focal, 0, camera.centre[0]], [0, camera.focal, camera.centre[1]], [0, 0, 1]])
    solid = np.column_stack([points, np.full(len(points), camera.distance)])
    seen, _ = cv2.projectPoints(solid, np.zeros(3), np.zeros(3), matrix, np.array(camera.terms))
    assert np.abs(camera.to_pixels(points) - np.asarray(seen).reshape(-1, 2)).max() < 1e-6


def test_where_the_lens_shows_nothing_the_plane_is_nan() -> None:
    # x (1 - 0.4 x²) is at most 0.61 before it folds back: nothing is seen at 0.9.
    found = straighten(np.array([[0.9, 0.0], [0.3, 0.0]]), (-0.4, 0.0, 0.0, 0.0))
    assert np.isnan(found[0]).all()
    assert bend(found[1:], (-0.4, 0.0, 0.0, 0.0)) == pytest.approx(np.array([[0.3, 0.0]]), abs=1e-9)


@pytest.mark.parametrize("name", ["barrel", "decentred"])
def test_a_rectified_picture_shows_a_dot_where_a_straight_lens_sees_it(name: str) -> None:
    camera = lens(LENSES[name])
    point = np.array([[0.16, -0.11]])
    column, row = camera.to_pixels(point)[0]
    yy, xx = np.mgrid[:960, :1280]
    image = (200 * np.exp(-((xx - column) ** 2 + (yy - row) ** 2) / 18)).astype(np.uint8)
    straight, plain = rectified(image, camera)
    assert plain.terms == STRAIGHT
    weight = straight.astype(float)
    centroid = np.array([[(weight * xx).sum(), (weight * yy).sum()]]) / weight.sum()
    assert np.abs(centroid - plain.to_pixels(point)).max() < 0.1


def test_a_distortion_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="finite"):
        lens((0.1, float("nan"), 0.0, 0.0))
