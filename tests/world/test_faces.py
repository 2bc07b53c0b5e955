from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.errors import CatalogError
from robocell.world.defects import CLEARANCE, KINDS, NARROWEST, apply, draw_defect
from robocell.world.faces import Face, draw_face, face_for, names_for


@pytest.fixture(scope="module")
def cap() -> Face:
    return draw_face("machined-cap", 60e-3)


def test_the_same_arguments_draw_the_same_face(cap: Face) -> None:
    again = draw_face("machined-cap", 60e-3)
    assert np.array_equal(cap.pixels, again.pixels)
    assert np.array_equal(cap.mask, again.mask)


@pytest.mark.parametrize("diameter", [20e-3, 60e-3, 61.7e-3, 300e-3])
def test_the_mask_covers_the_disc_s_area(diameter: float) -> None:
    face = draw_face("blank", diameter)
    area = face.mask.sum(dtype=np.float64) / 255 * face.scale**2
    assert area == pytest.approx(np.pi / 4 * diameter**2, rel=1e-4)


def test_a_box_has_a_plain_rectangular_face_by_default() -> None:
    face = face_for(None, (40e-3, 25e-3))
    assert face.name == "plain"
    assert not face.round
    area = face.mask.sum(dtype=np.float64) / 255 * face.scale**2
    assert area == pytest.approx(40e-3 * 25e-3, rel=1e-3)


def test_faces_that_do_not_exist_are_refused_with_what_there_is() -> None:
    with pytest.raises(CatalogError, match="machined-cap, blank, plain"):
        draw_face("capp", 60e-3)
    with pytest.raises(CatalogError, match="is round"):
        draw_face("machined-cap", (60e-3, 40e-3))
    with pytest.raises(CatalogError, match="cannot be drawn"):
        draw_face("plain", float("nan"))
    assert "machined-cap" not in names_for((1.0, 1.0))


def test_the_cap_looks_the_same_at_no_other_angle(cap: Face) -> None:
    angles = np.arange(720) * (2 * np.pi / 720)
    middle = (cap.pixels.shape[0] - 1) / 2
    radius = 21e-3 / cap.scale
    ring = cap.pixels[
        np.rint(middle + radius * np.sin(angles)).astype(int),
        np.rint(middle + radius * np.cos(angles)).astype(int),
    ].astype(float)
    ring -= ring.mean()
    match = np.fft.irfft(np.abs(np.fft.rfft(ring)) ** 2) / np.sum(ring * ring)
    assert match[30:-30].max() < 0.9


@settings(max_examples=60)
@given(
    seed=st.integers(0, 2**32),
    kind=st.sampled_from(["scratch", "stain"]),
    area=st.floats(0.5e-6, 20e-6),
    contrast=st.floats(12, 100),
)
def test_a_drawn_defect_has_its_stated_area_and_contrast(
    cap: Face, seed: int, kind: str, area: float, contrast: float
) -> None:
    defect = draw_defect(cap, Clock(seed).stream("defects"), [kind], (area, area), (contrast, contrast))
    change = np.abs(apply(cap, [defect]).astype(float) - cap.pixels)
    assert defect.area == area
    assert defect.contrast == contrast
    # Rounding to whole grey levels of each pixel is the only difference: at most half a level.
    assert change.sum() * cap.scale**2 == pytest.approx(area * contrast, rel=0.5 / contrast + 0.01)
    assert np.median(change[change > contrast / 2]) == pytest.approx(contrast, abs=0.5)
    if kind == "scratch":
        assert defect.width >= NARROWEST


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_a_defect_lies_clear_of_rim_holes_and_mark(cap: Face, seed: int) -> None:
    defect = draw_defect(cap, Clock(seed).stream("defects"), ["scratch", "stain"])
    changed = apply(cap, [defect]) != cap.pixels
    assert changed.any()
    assert cap.clearance[changed].min() >= CLEARANCE
    assert np.all(cap.pixels[changed] > 120)  # bare turned face, no hole, mark or chamfer
    rows, columns = np.nonzero(changed)
    x = (columns.mean() - (changed.shape[1] - 1) / 2) * cap.scale
    y = ((changed.shape[0] - 1) / 2 - rows.mean()) * cap.scale
    assert np.hypot(x - defect.xy[0], y - defect.xy[1]) < 1e-3


def test_a_missing_hole_changes_its_hole_and_nothing_else(cap: Face) -> None:
    for seed in range(12):
        defect = draw_defect(cap, Clock(seed).stream("defects"), ["missing-hole"])
        pixels = apply(cap, [defect])
        changed = pixels != cap.pixels
        area = changed.sum() * cap.scale**2
        assert area == pytest.approx(defect.area, rel=0.03)
        # A hole's edge pixel is only partly covered, which the mean over whole pixels leaves out.
        contrast = (pixels[changed].astype(float) - cap.pixels[changed]).mean()
        assert contrast == pytest.approx(defect.contrast, rel=0.03)


def test_kinds_and_streams_of_chance() -> None:
    cap, blank = draw_face("machined-cap", 60e-3), draw_face("blank", 60e-3)
    drawn = [draw_defect(cap, Clock(s).stream("d")) for s in range(40)]
    assert {defect.kind for defect in drawn} == set(KINDS)
    assert drawn == [draw_defect(cap, Clock(s).stream("d")) for s in range(40)]
    assert all(draw_defect(blank, Clock(s).stream("d")).kind != "missing-hole" for s in range(20))
    with pytest.raises(ValueError, match="missing-hole"):
        draw_defect(blank, Clock(1).stream("d"), ["missing-hole"])
    with pytest.raises(ValueError, match="dent"):
        draw_defect(cap, Clock(1).stream("d"), ["dent"])


def test_ranges_that_cannot_be_drawn_are_refused() -> None:
    small = draw_face("blank", 6e-3)
    with pytest.raises(ValueError, match="no room"):
        draw_defect(small, Clock(1).stream("d"), ["stain"], (30e-6, 40e-6))
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw_defect(small, Clock(1).stream("d"), ["stain"], contrast=(20, 200))
    with pytest.raises(ValueError, match="cannot be drawn"):
        draw_defect(small, Clock(1).stream("d"), ["stain"], (2e-6, 1e-6))


def test_a_large_range_on_a_small_part_gives_the_defects_that_fit() -> None:
    small = draw_face("blank", 8e-3)
    for seed in range(10):
        defect = draw_defect(small, Clock(seed).stream("d"), ["stain"], (0.5e-6, 60e-6))
        assert 0.5e-6 <= defect.area <= 60e-6
