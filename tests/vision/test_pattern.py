from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.tools.pattern import Match, Pattern

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

Picture = NDArray[np.uint8]
SIZE = 96


class Scene:
    """A plate with soft discs, known at every point, so that a picture of it is exact at any pose."""

    def __init__(self, seed: int) -> None:
        rng = np.random.Generator(np.random.PCG64(seed))
        places = rng.uniform(-320, 320, (1500, 2))
        self.discs = np.column_stack([places, rng.uniform(3, 9, 1500), rng.uniform(-70, 70, 1500)])
        self.rng = rng

    def take(
        self,
        size: tuple[int, int],
        at: tuple[float, float],
        angle: float = 0.0,
        gain: float = 1.0,
        noise: float = 0.0,
        blur: float = 0.0,
    ) -> Picture:
        """Return a picture of (rows, columns) whose pixel `at` sees the plate's origin, turned by `angle`."""
        picture = np.full(size, 120.0)
        c, s = math.cos(angle), math.sin(angle)
        for u, v, r, level in self.discs:
            x, y = at[0] + c * u - s * v, at[1] + s * u + c * v
            reach = int(r + 6)
            left, top = max(int(x) - reach, 0), max(int(y) - reach, 0)
            part = picture[top : max(int(y) + reach, 0), left : max(int(x) + reach, 0)]
            rows, columns = np.indices(part.shape)
            part += level / (1 + np.exp((np.hypot(columns + left - x, rows + top - y) - r) / 0.5))
        if blur:
            picture = cv2.GaussianBlur(picture, (0, 0), blur)
        picture = (picture - 120) * gain + 120 + noise * self.rng.normal(0, 1, size)
        return np.asarray(np.clip(np.rint(picture), 0, 255), np.uint8)


def learnt(scene: Scene, size: int = SIZE) -> Pattern:
    # the box's centre sees the scene's origin
    teach = scene.take((size + 40, size + 40), (20 + (size - 1) / 2, 20 + (size - 1) / 2))
    return Pattern.learn(teach, (20, 20, size, size))


def poses(count: int, seed: int) -> list[tuple[float, float, float]]:
    rng = np.random.Generator(np.random.PCG64(seed))
    return [(rng.uniform(110, 350), rng.uniform(110, 250), math.radians(rng.uniform(-10, 10))) for _ in range(count)]


def error(match: Match | None, pose: tuple[float, float, float]) -> tuple[float, float]:
    assert match is not None
    return math.hypot(match.x - pose[0], match.y - pose[1]), abs(math.degrees(match.angle - pose[2]))


def test_the_learnt_picture_itself_matches_exactly() -> None:
    picture = Scene(1).take((300, 400), (201.3, 150.6))
    match = Pattern.learn(picture, (120, 80, 90, 70)).find(picture)
    assert match is not None
    assert (match.x, match.y) == pytest.approx((164.5, 114.5), abs=1e-3)
    assert match.angle == pytest.approx(0, abs=1e-4)
    assert match.score > 0.999
    assert not match.ambiguous


def test_place_and_angle_are_found_to_hundredths() -> None:
    far, turned = [], []
    for n, pose in enumerate(poses(12, 7)):
        scene = Scene(n % 3)
        picture = scene.take((360, 460), pose[:2], pose[2], noise=1.0)
        apart, turn = error(learnt(scene).find(picture), pose)
        far.append(apart)
        turned.append(turn)
    assert max(far) < 0.05
    assert max(turned) < 0.05
    assert math.sqrt(np.mean(np.square(far))) < 0.025


@pytest.mark.parametrize(
    ("gain", "noise", "blur", "most"),
    [(0.5, 1.0, 0.0, 0.05), (1.5, 1.0, 0.0, 0.05), (1.0, 4.0, 0.0, 0.06), (1.0, 1.0, 1.2, 0.06), (0.6, 4.0, 0.8, 0.1)],
)
def test_contrast_noise_and_blur_cost_little(gain: float, noise: float, blur: float, most: float) -> None:
    for n, pose in enumerate(poses(4, 8)):
        scene = Scene(n)
        picture = scene.take((360, 460), pose[:2], pose[2], gain, noise, blur)
        match = learnt(scene).find(picture)
        assert error(match, pose)[0] < most
        assert match is not None
        assert match.score > 0.6


@pytest.mark.parametrize("grey", [40, 128, 220])
def test_a_fifth_covered_costs_a_fifth_of_the_score(grey: int) -> None:
    for n, pose in enumerate(poses(4, 9)):
        scene = Scene(n)
        picture = scene.take((360, 460), pose[:2], pose[2], noise=1.0)
        side = int(128 * math.sqrt(0.2))
        x, y = int(pose[0]) - 64 + 13 * n, int(pose[1]) - 64 + 9 * n
        picture[y : y + side, x : x + side] = grey
        match = learnt(scene, 128).find(picture)
        assert error(match, pose)[0] < 0.08
        assert match is not None
        assert 0.6 < match.score < 0.95


def test_nothing_is_found_where_nothing_is() -> None:
    pattern = learnt(Scene(1))
    rng = np.random.Generator(np.random.PCG64(3))
    noise = np.asarray(rng.integers(0, 256, (400, 500)), np.uint8)
    for picture in (noise, np.zeros((400, 500), np.uint8), np.full((400, 500), 255, np.uint8)):
        assert pattern.find(picture) is None
    assert pattern.find(Scene(2).take((400, 500), (250, 200))) is None
    assert pattern.find(255 - Scene(1).take((400, 500), (250, 200))) is None


def test_two_equal_matches_are_told() -> None:
    scene = Scene(4)
    patch = scene.take((SIZE, SIZE), ((SIZE - 1) / 2,) * 2)
    picture = np.full((300, 400), 120, np.uint8)
    picture[40 : 40 + SIZE, 30 : 30 + SIZE] = patch
    alone = Pattern(patch).find(picture)
    assert alone is not None
    assert not alone.ambiguous
    picture[160 : 160 + SIZE, 250 : 250 + SIZE] = patch
    match = Pattern(patch).find(picture)
    assert match is not None
    assert match.ambiguous
    assert match.rival > 0.95
    within = Pattern(patch).find(picture, region=(200, 100, 200, 200))
    assert within is not None
    assert (within.x, within.y) == pytest.approx((297.5, 207.5), abs=0.01)


def test_a_pattern_in_the_pictures_corner_is_found() -> None:
    scene = Scene(5)
    patch = scene.take((SIZE, SIZE), ((SIZE - 1) / 2,) * 2)
    for x, y in ((0, 0), (301, 0), (0, 203), (301, 203)):
        picture = np.full((203 + SIZE, 301 + SIZE), 90, np.uint8)
        picture[y : y + SIZE, x : x + SIZE] = patch
        match = Pattern(patch).find(picture)
        assert match is not None
        assert (match.x, match.y) == pytest.approx((x + 47.5, y + 47.5), abs=0.03)


@pytest.mark.parametrize(("w", "h"), [(13, 12), (31, 17), (50, 120), (150, 149), (200, 40)])
def test_patterns_of_any_size_are_found(w: int, h: int) -> None:
    scene = Scene(6)
    teach = scene.take((320, 420), (210, 160))
    pattern = Pattern.learn(teach, (210 - w // 2, 140 - h // 2, w, h))
    moved = scene.take((330, 430), (213.3, 158.6))
    match = pattern.find(moved, angle=0.0)
    assert match is not None
    centre = (210 - w // 2 + (w - 1) / 2 + 3.3, 140 - h // 2 + (h - 1) / 2 - 1.4)
    assert (match.x, match.y) == pytest.approx(centre, abs=0.06)


def test_a_disc_does_not_tell_its_turn() -> None:
    y, x = np.indices((64, 64))
    disc = np.asarray(60 + 120 / (1 + np.exp(np.hypot(x - 31.5, y - 31.5) - 20)), np.uint8)
    pattern = Pattern(disc)
    assert not pattern.turns
    picture = np.full((200, 200), 60, np.uint8)
    picture[70:134, 51:115] = disc
    match = pattern.find(picture)
    assert match is not None
    assert (match.x, match.y, match.angle) == pytest.approx((82.5, 101.5, 0), abs=0.01)
    assert learnt(Scene(1)).turns


def test_angles_beyond_the_range_are_not_found() -> None:
    scene = Scene(2)
    picture = scene.take((360, 460), (200, 180), math.radians(8))
    pattern = learnt(scene)
    assert pattern.find(picture, angle=math.radians(4)) is None
    assert pattern.find(picture, angle=math.radians(10)) is not None
    assert pattern.find(scene.take((360, 460), (200, 180), 3.0), angle=math.pi) is not None


def test_a_stored_pattern_finds_the_same() -> None:
    scene = Scene(3)
    picture = scene.take((360, 460), (190.2, 170.9), 0.05, noise=2)
    pattern = learnt(scene)
    again = Pattern.from_bytes(pattern.to_bytes())
    assert again.find(picture) == pattern.find(picture) == pattern.find(picture)
    assert again.to_bytes() == pattern.to_bytes()
    with pytest.raises(VisionError, match="stored pattern"):
        Pattern.from_bytes(b"rubbish")


def stripes() -> Picture:
    return np.asarray(128 + 80 * np.sin(np.indices((64, 64)).sum(axis=0) / 5), np.uint8)


@pytest.mark.parametrize(
    ("patch", "reason"),
    [
        (np.full((64, 64), 77, np.uint8), "even"),
        (np.zeros((64, 64), np.uint8), "even"),
        (stripes(), "at 135° from columns"),
        (np.zeros((8, 64), np.uint8), "12 to 2048"),
        (np.zeros((64, 64), np.float32), "8 bits"),
        (np.zeros((0, 0), np.uint8), "8 bits"),
    ],
)
def test_what_cannot_be_found_again_is_refused(patch: Picture, reason: str) -> None:
    with pytest.raises(VisionError, match=reason):
        Pattern(patch)


def test_bad_input_is_refused() -> None:
    pattern = learnt(Scene(1))
    picture = np.zeros((300, 300), np.uint8)
    for bad in (picture.astype(np.uint16), np.zeros((0, 5), np.uint8), np.zeros((300, 300, 3), np.uint8), None):
        with pytest.raises(VisionError, match="8 bits"):
            pattern.find(bad)  # type: ignore[arg-type]
    with pytest.raises(VisionError, match="smaller than the pattern"):
        pattern.find(picture[:50, :50])
    with pytest.raises(VisionError, match="within the picture"):
        pattern.find(picture, region=(250, 0, 100, 100))
    with pytest.raises(ValueError, match="rad"):
        pattern.find(picture, angle=math.nan)
    with pytest.raises(VisionError, match="within the picture"):
        Pattern.learn(picture, (-1, 0, 64, 64))
