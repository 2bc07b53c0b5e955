from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.vision.frame import Calibration

coordinate = st.floats(-0.05, 0.05)


@given(x=coordinate, y=coordinate, bend=st.floats(-1, 1), distance=st.floats(0.2, 2))
def test_pixels_and_metres_are_each_other_s_inverse(x: float, y: float, bend: float, distance: float) -> None:
    camera = Calibration((1280, 960), 6666.0, (640.2, 478.9), distance, bend)
    there = camera.to_pixels(np.array([[x, y]]))
    assert camera.to_plane(there) == pytest.approx(np.array([[x, y]]), abs=1e-6)


def test_a_pixel_spans_less_where_the_face_is_nearer() -> None:
    camera = Calibration((1280, 960), 6000.0, (639.5, 479.5), 0.6)
    assert camera.scale == pytest.approx(1e-4)
    assert camera.at(0.3).scale == pytest.approx(5e-5)


@pytest.mark.parametrize("wrong", [0.0, -1.0, float("nan"), float("inf")])
def test_a_calibration_without_sense_is_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="calibration"):
        Calibration((1280, 960), wrong, (0, 0), 0.6)
    with pytest.raises(ValueError, match="calibration"):
        Calibration((1280, 960), 6000.0, (0, 0), wrong)
