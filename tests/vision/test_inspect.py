"""The shipped recipe on pictures of drawn caps, and on pictures that are none."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from robocell.devices.judging import to_cell
from robocell.vision.frame import Frame
from robocell.vision.runner import PreparedRecipe, inspect, locate
from robocell.world.faces import Face, draw_face
from robocell.world.imaging import Camera, VisiblePart
from robocell.world.specimens import Studio, face_pose

pytestmark = pytest.mark.vision

MakeStudio = Callable[[int], Studio]


def lay(studio: Studio, places: list[tuple[float, float]], occluder: Any = None) -> Frame:
    face = studio.face
    parts = [VisiblePart(face.pixels, face.mask, face.scale, face_pose(p, 1.0, 0.6), 20e-3) for p in places]
    covers = [] if occluder is None else [np.asarray(occluder, float)]
    image = studio.imager.compose(np.eye(4), parts, seed=1, occluders=covers)
    return Frame(image, studio.calibration())


def test_good_caps_pass_wherever_they_lie(recipe: PreparedRecipe, studio: MakeStudio) -> None:
    for specimen in studio(501).specimens(40):
        verdict = inspect(recipe, specimen.frame)
        assert verdict.status == "passed", verdict.reasons
        assert verdict.measurements["golden.score"] < 0.7
        assert verdict.pose is not None
        assert verdict.pose.yaw is not None
        assert math.hypot(verdict.pose.x - specimen.xy[0], verdict.pose.y - specimen.xy[1]) < 50e-6
        assert abs(math.remainder(verdict.pose.yaw - specimen.yaw, 2 * math.pi)) < 1e-3
        assert verdict.pose.diameter == pytest.approx(60e-3, abs=60e-6)


def test_the_smallest_and_faintest_flaws_fail_and_are_found_where_they_are(
    recipe: PreparedRecipe, studio: MakeStudio
) -> None:
    kinds, area = ["scratch", "stain"], (0.5e-6, 0.7e-6)
    for specimen in studio(502).specimens(40, defective=True, kinds=kinds, area=area, contrast=(12, 14)):
        verdict = inspect(recipe, specimen.frame)
        truth = specimen.defects[0]
        assert verdict.status == "failed", truth
        assert len(verdict.defects) == 1
        flaw = verdict.defects[0]
        assert flaw.score > 1.3
        assert (flaw.contrast > 0) == truth.bright
        c, s = math.cos(specimen.yaw), math.sin(specimen.yaw)
        x, y = truth.xy[0], -truth.xy[1]  # Y of the face is up, of the optical frame down
        spot = np.array([[specimen.xy[0] + c * x - s * y, specimen.xy[1] + s * x + c * y]])
        assert specimen.frame.camera is not None
        u, v = specimen.frame.camera.to_pixels(spot)[0]
        x1, y1, x2, y2 = flaw.box
        assert x1 - 3 <= u <= x2 + 3
        assert y1 - 3 <= v <= y2 + 3


def test_every_kind_of_defect_fails_with_its_size(recipe: PreparedRecipe, studio: MakeStudio) -> None:
    for specimen in studio(503).specimens(40, defective=True):
        verdict = inspect(recipe, specimen.frame)
        truth = specimen.defects[0]
        assert verdict.status == "failed", truth
        assert "flaw" in verdict.reasons[0]
        largest = max(verdict.defects, key=lambda flaw: flaw.area)
        assert largest.area == pytest.approx(truth.area, rel=0.5)


def test_the_located_pose_is_told_in_the_cell_s_frame(recipe: PreparedRecipe, cap: Face) -> None:
    above = np.diag([1.0, -1.0, -1.0, 1.0])  # looks down, as rpy [180°, 0, 0]
    above[:3, 3] = [0.1, -0.45, 0.7]
    studio = Studio(cap, 516)
    for yaw in (-3.0, -1.0, 0.4, 2.2):
        standing = np.eye(4)
        standing[:2, :2] = [[math.cos(yaw), -math.sin(yaw)], [math.sin(yaw), math.cos(yaw)]]
        standing[:3, 3] = [0.11, -0.455, 0.1]
        part = VisiblePart(cap.pixels, cap.mask, cap.scale, standing, 20e-3)
        frame = Frame(studio.imager.compose(above, [part], seed=3), studio.calibration(0.6))
        verdict = inspect(recipe, frame)
        assert verdict.passed
        assert verdict.pose is not None
        assert verdict.pose.yaw is not None
        x, y, turn = to_cell(above, (verdict.pose.x, verdict.pose.y, verdict.pose.yaw), 0.6)
        assert (x, y) == pytest.approx((0.11, -0.455), abs=2e-5)
        assert math.remainder(turn - yaw, 2 * math.pi) == pytest.approx(0, abs=1e-3)


def test_a_large_faint_stain_is_not_taken_for_shading(recipe: PreparedRecipe, studio: MakeStudio) -> None:
    stains = studio(504).specimens(10, defective=True, kinds=["stain"], area=(20e-6, 20e-6), contrast=(12, 12))
    for specimen in stains:
        verdict = inspect(recipe, specimen.frame)
        assert verdict.status == "failed"
        assert verdict.defects[0].area == pytest.approx(20e-6, rel=0.2)
        assert verdict.defects[0].contrast == pytest.approx(-12, rel=0.2)


@pytest.mark.parametrize(
    "camera",
    [Camera(noise=3.0), Camera(blur=1.0), Camera(blur=0.4), Camera(shading=0.15), Camera(distortion=-0.5)],
    ids=["noisy", "soft", "sharp", "shaded", "bent"],
)
def test_verdicts_hold_for_a_camera_that_was_not_taught(recipe: PreparedRecipe, cap: Face, camera: Camera) -> None:
    studio = Studio(cap, 505, camera)
    assert all(inspect(recipe, s.frame).passed for s in studio.specimens(4))
    faint = studio.specimens(4, defective=True, kinds=["scratch", "stain"], area=(0.5e-6, 0.5e-6), contrast=(12, 12))
    assert all(inspect(recipe, s.frame).status == "failed" for s in faint)


def test_another_distance_is_no_defect_if_the_calibration_says_so(
    recipe: PreparedRecipe, studio: MakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    for distance in (0.58, 0.63):
        monkeypatch.setattr("robocell.world.specimens.DISTANCE", distance)
        far = studio(506)
        specimen = far.take()
        truthful = dataclasses.replace(specimen.frame, camera=far.calibration(distance))
        verdict = inspect(recipe, truthful)
        assert verdict.passed, verdict.reasons
        untruthful = dataclasses.replace(specimen.frame, camera=far.calibration(0.6))
        assert not inspect(recipe, untruthful).passed


def test_a_cap_of_another_diameter_fails_the_gauge(recipe: PreparedRecipe) -> None:
    for diameter, side in ((59.5e-3, "below"), (60.5e-3, "above")):
        verdict = inspect(recipe, Studio(draw_face("machined-cap", diameter), 507).take().frame)
        assert verdict.status == "failed"
        assert f"is {side}" in verdict.reasons[0]
        assert verdict.measurements["gauge.diameter"] == pytest.approx(diameter, abs=60e-6)


def test_a_cap_that_lies_on_its_face_fails(recipe: PreparedRecipe) -> None:
    verdict = inspect(recipe, Studio(draw_face("blank", 60e-3), 508).take().frame)
    assert verdict.status == "failed"
    assert "not this part's" in verdict.reasons[0]


def test_the_cap_nearest_to_the_middle_is_judged(recipe: PreparedRecipe, cap: Face) -> None:
    studio = Studio(cap, 509)
    seen = locate(recipe, lay(studio, [(-58e-3, 0.0), (2.1e-3, 3e-3), (62.2e-3, 0.0)]))
    assert seen.pose is not None
    assert (seen.pose.x, seen.pose.y) == pytest.approx((2.1e-3, 3e-3), abs=2e-5)


@pytest.mark.parametrize(
    ("places", "reason"),
    [
        ([], "no part in view"),
        ([(0.0, 16e-3)], "partly outside"),
        ([(40e-3, 0.0)], "partly outside"),
        ([(-80e-3, 0.0)], "partly outside"),
    ],
)
def test_a_cap_that_is_not_wholly_in_view_is_inconclusive(
    recipe: PreparedRecipe, cap: Face, places: list[tuple[float, float]], reason: str
) -> None:
    for judge in (inspect, locate):
        verdict = judge(recipe, lay(Studio(cap, 510), places))
        assert verdict.status == "inconclusive"
        assert reason in verdict.reasons[0]
        assert verdict.pose is None


@pytest.mark.parametrize("width", [8e-3, 12e-3, 20e-3, 40e-3])
@pytest.mark.parametrize("angle", [0.3, 2.0, 4.4])
def test_a_cap_under_a_finger_or_an_arm_is_inconclusive(
    recipe: PreparedRecipe, cap: Face, width: float, angle: float
) -> None:
    out, across = np.array([math.cos(angle), math.sin(angle)]), np.array([-math.sin(angle), math.cos(angle)])
    ends = [18e-3 * out - across * width / 2, 18e-3 * out + across * width / 2]
    corners = [*ends, *(end + 0.2 * out for end in ends)]
    shadow = [[*(0.75 * corner), 0.45] for corner in corners]
    verdict = inspect(recipe, lay(Studio(cap, 511), [(0.0, 0.0)], shadow))
    assert verdict.status == "inconclusive"
    assert "rim" in verdict.reasons[0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda image: image[:0], "empty"),
        (lambda image: image[:500], "shape"),
        (lambda image: np.dstack([image] * 4), "shape"),
        (lambda image: image[:, :, None], "shape"),
        (lambda image: image.astype(np.uint16), "depth"),
        (lambda image: np.full(image.shape, np.nan), "depth"),
        (lambda image: [[1, 2], [3, 4]], "empty"),
        (lambda image: None, "empty"),
        (lambda image: np.zeros_like(image), "black"),
        (lambda image: image // 20, "black"),
        (lambda image: np.full_like(image, 255), "saturated"),
        (lambda image: np.where(image > 100, 255, image).astype(np.uint8), "saturated"),
        (lambda image: np.full_like(image, 128), "no part in view"),
        (lambda image: image // 2, "bright"),
    ],
)
def test_a_picture_that_cannot_be_judged_is_inconclusive_with_its_reason(
    recipe: PreparedRecipe, studio: MakeStudio, change: Callable[[Any], Any], reason: str
) -> None:
    frame = studio(512).take().frame
    verdict = inspect(recipe, dataclasses.replace(frame, image=change(frame.image)))
    assert verdict.status == "inconclusive"
    assert reason in verdict.reasons[0]


def test_an_incomplete_frame_is_never_judged(recipe: PreparedRecipe, studio: MakeStudio) -> None:
    frame = dataclasses.replace(studio(513).take().frame, complete=False, number=7)
    assert inspect(recipe, frame).reasons == ("frame 7 is incomplete",)


def test_pictures_of_anything_never_pass_and_never_raise(recipe: PreparedRecipe, studio: MakeStudio) -> None:
    rng = np.random.Generator(np.random.PCG64(9))
    camera = studio(514).calibration()
    rows, columns = np.indices((960, 1280))
    pictures = [
        rng.integers(0, 256, (960, 1280), dtype=np.uint8),
        np.kron(rng.integers(0, 256, (60, 80), dtype=np.uint8), np.ones((16, 16), np.uint8)),
        ((rows // 40 + columns // 40) % 2 * 200).astype(np.uint8),
        (columns * 255 // 1280).astype(np.uint8),
        np.where(np.hypot(rows - 480, columns - 640) < 333, 150, 40).astype(np.uint8),
        np.where(np.abs(np.hypot(rows - 480, columns - 640) - 333) < 2, 220, 40).astype(np.uint8),
        np.where(np.hypot(rows - 480, columns - 640) < 333, 40, 150).astype(np.uint8),
    ]
    for image in pictures:
        assert not inspect(recipe, Frame(image, camera)).passed


def test_the_same_frame_gives_the_same_verdict(recipe: PreparedRecipe, studio: MakeStudio) -> None:
    frame = studio(515).take().frame
    before = frame.image.copy()
    first, second = inspect(recipe, frame), inspect(recipe, frame)
    assert dataclasses.replace(first, ms={}) == dataclasses.replace(second, ms={})
    assert np.array_equal(frame.image, before)
