"""What all compiled kernels share: their elementary functions, and how they are kept."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from robocell.compiler import kernel
from robocell.motion.kernels.elementary import arctan2, cube_root, sincos


@kernel
def _elementary(x: float, y: float) -> tuple[float, float, float, float]:
    s, c = sincos(x)
    return s, c, arctan2(y, x), cube_root(abs(x))


@given(st.floats(-1e5, 1e5))
def test_sine_and_cosine_are_good_to_the_last_place(x: float) -> None:
    s, c, _, _ = _elementary(x, 0.0)
    assert abs(s - np.sin(x)) < 4e-16
    assert abs(c - np.cos(x)) < 4e-16


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_arc_tangent_is_good_to_the_last_place_in_every_quadrant(y: float, x: float) -> None:
    _, _, angle, _ = _elementary(x, y)
    expected = np.arctan2(y, x)
    apart = abs(angle - expected)
    assert min(apart, 2 * np.pi - apart) <= 1e-15 * max(1.0, abs(expected)) or np.hypot(x, y) < 1e-290


@given(st.floats(1e-12, 1e12))
def test_the_cube_root_is_good_to_the_last_places(x: float) -> None:
    _, _, _, root = _elementary(x, 0.0)
    assert abs(root / np.cbrt(x) - 1.0) < 1e-14
