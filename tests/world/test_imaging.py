from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.world.faces import Face, draw_face
from robocell.world.imaging import Camera, Imager, VisiblePart
from robocell.world.specimens import face_pose

pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

IDEAL = Camera(blur=0.0, noise=0.0, vignetting=0.0, shading=0.0, drift=0.0)
EYE = np.eye(4)


@pytest.fixture(scope="module")
def disc() -> Face:
    face = draw_face("plain", 30e-3)
    return dataclasses.replace(face, pixels=np.full_like(face.pixels, 200))


def picture(camera: Camera, parts: list[VisiblePart]) -> NDArray[np.float64]:
    black = np.zeros((camera.resolution[1], camera.resolution[0]), np.uint8)
    return Imager(camera, black).compose(EYE, parts, seed=1).astype(float)


def part(face: Face, x: float, y: float, yaw: float = 0.0, z: float = 0.6, height: float = 0.0) -> VisiblePart:
    return VisiblePart(face.pixels, face.mask, face.scale, face_pose((x, y), yaw, z), height)


def centroid(image: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = np.indices(image.shape)
    return np.array([(image * columns).sum() / image.sum(), (image * rows).sum() / image.sum()])


def test_a_disc_s_centroid_is_where_the_pinhole_puts_it(disc: Face) -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    errors = []
    for _ in range(12):
        x, y, yaw = rng.uniform(-0.03, 0.03), rng.uniform(-0.02, 0.02), rng.uniform(-3, 3)
        seen = centroid(picture(IDEAL, [part(disc, x, y, yaw)]))
        errors.append(seen - (np.array(IDEAL.centre) + IDEAL.focal_pixels * np.array([x, y]) / 0.6))
    assert np.sqrt(np.mean(np.square(errors))) < 0.01


def test_a_disc_s_area_follows_the_distance(disc: Face) -> None:
    for z in (0.45, 0.6, 0.9):
        area = picture(IDEAL, [part(disc, 0.002, 0.001, z=z)]).sum() / 200
        assert area == pytest.approx(np.pi * (15e-3 * IDEAL.focal_pixels / z) ** 2, rel=1e-3)


def test_a_mark_on_the_face_is_seen_where_its_pose_puts_it(disc: Face) -> None:
    dot = disc.pixels.copy()
    rows, columns = dot.shape
    x, y = 9e-3, 4e-3
    column, row = (columns - 1) / 2 + x / disc.scale, (rows - 1) / 2 - y / disc.scale
    at_row, at_column = np.indices(dot.shape)
    dot[np.hypot(at_row - row, at_column - column) < 20] = 0
    for lens in (IDEAL, dataclasses.replace(IDEAL, distortion=-1.5)):
        for yaw, tilt in ((0.0, (0.0, 0.0)), (2.0, (0.05, -0.03)), (-1.0, (-0.04, 0.05))):
            pose = face_pose((0.012, -0.009), yaw, 0.6, tilt)
            white = VisiblePart(disc.pixels, disc.mask, disc.scale, pose)
            dark = dataclasses.replace(white, pixels=dot)
            seen = centroid(picture(lens, [white]) - picture(lens, [dark]))
            true = lens.project((pose @ [x, y, 0, 1])[None, :3], EYE)[0]
            assert np.hypot(*(seen - true)) < 0.03
    bent = dataclasses.replace(IDEAL, distortion=-1.5).project(np.array([[0.02, 0.01, 0.6]]), EYE)
    assert np.hypot(*(bent - IDEAL.project(np.array([[0.02, 0.01, 0.6]]), EYE))[0]) > 0.3  # the lens does bend


def test_the_camera_s_own_pose_counts(disc: Face) -> None:
    above = np.diag([1.0, -1.0, -1.0, 1.0])  # looks down, as rpy [180°, 0, 0]
    above[:3, 3] = [0.1, -0.45, 0.7]
    standing = np.eye(4)
    standing[:3, 3] = [0.105, -0.44, 0.1]
    black = np.zeros((960, 1280), np.uint8)
    seen = Imager(IDEAL, black).compose(above, [VisiblePart(disc.pixels, disc.mask, disc.scale, standing)], seed=1)
    expected = np.array(IDEAL.centre) + IDEAL.focal_pixels / 0.6 * np.array([5e-3, -10e-3])
    assert np.allclose(centroid(seen.astype(float)), expected, atol=0.02)


def test_what_faces_away_or_lies_outside_is_not_seen(disc: Face) -> None:
    away = np.eye(4)
    away[2, 3] = 0.6
    behind = face_pose((0, 0), 0, -0.6)
    for pose in (away, behind, face_pose((5.0, 0), 0, 0.6)):
        assert picture(IDEAL, [VisiblePart(disc.pixels, disc.mask, disc.scale, pose)]).max() == 0


def test_the_nearer_part_covers_the_further_one(disc: Face) -> None:
    dark = dataclasses.replace(disc, pixels=np.full_like(disc.pixels, 90))
    for order in (1, -1):
        parts = [part(disc, 0, 0, z=0.6), part(dark, 0, 0, z=0.5)][::order]
        assert picture(IDEAL, parts)[480, 640] == 90


def test_a_neighbour_s_wall_never_covers_a_part_s_face(disc: Face) -> None:
    alone = picture(IDEAL, [part(disc, 0, 0, height=20e-3)])
    beside = [part(disc, side * 30.05e-3, 0, height=20e-3) for side in (-1, 1)]
    rows, columns = np.indices(alone.shape)
    inner = np.hypot(rows - 479.5, columns - 639.5) < 160
    for order in (1, -1):
        parts = [part(disc, 0, 0, height=20e-3), *beside][::order]
        assert np.array_equal(picture(IDEAL, parts)[inner], alone[inner])


def test_an_occluder_is_dark(disc: Face) -> None:
    corners = np.array([[-5e-3, -5e-3, 0.4], [5e-3, -5e-3, 0.4], [5e-3, 5e-3, 0.4], [-5e-3, 5e-3, 0.4]])
    black = np.zeros((960, 1280), np.uint8)
    seen = Imager(IDEAL, black).compose(EYE, [part(disc, 0, 0)], seed=1, occluders=[corners])
    assert seen[480, 640] < 40
    assert seen[480, 640 + 150] == 200


def test_a_picture_follows_its_seed_exposure_and_noise(disc: Face) -> None:
    imager = Imager(Camera())
    parts = [part(disc, 0, 0)]
    first = imager.compose(EYE, parts, seed=5)
    assert np.array_equal(first, imager.compose(EYE, parts, seed=5))
    assert np.array_equal(first, Imager(Camera()).compose(EYE, parts, seed=5))
    assert not np.array_equal(first, imager.compose(EYE, parts, seed=6))
    flat = Imager(dataclasses.replace(IDEAL, noise=2.0), np.full((960, 1280), 100, np.uint8))
    assert flat.compose(EYE, [], seed=1).std() == pytest.approx(2.0, rel=0.05)
    assert flat.compose(EYE, [], seed=1, exposure=1.5).mean() == pytest.approx(150, abs=0.1)
    assert flat.compose(EYE, [], seed=1, exposure=9.0).min() == 255


def test_a_background_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="background"):
        Imager(Camera(), np.zeros((10, 10), np.uint8))


def test_a_body_beside_the_view_of_a_bent_lens_is_not_seen_in_its_middle() -> None:
    lens = dataclasses.replace(IDEAL, distortion=-0.9)
    away = np.array([[1.2, 0.1, 0.5], [1.3, 0.2, 0.5], [1.2, 0.3, 0.4]])
    seen = lens.project(away @ EYE[:3, :3].T + EYE[:3, 3], EYE)
    assert (seen[:, 0] > lens.resolution[0]).all()
