from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.tools.golden import VariationModel

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

Picture = NDArray[np.uint8]


class Scene:
    """Pictures of a plate with holes, shifted, dimmed and noisy; none of the product's own caps."""

    def __init__(self) -> None:
        self.rng = np.random.Generator(np.random.PCG64(11))
        rows, columns = np.indices((240 * 4, 320 * 4))
        plate = np.full(rows.shape, 140.0)
        for _ in range(14):
            y, x, r = self.rng.uniform(120, 840), self.rng.uniform(120, 1160), self.rng.uniform(20, 60)
            plate[np.hypot(rows - y, columns - x) < r] = self.rng.uniform(30, 230)
        self.plate = cv2.GaussianBlur(plate, (0, 0), 3)

    def take(
        self,
        shift: tuple[float, float] = (0, 0),
        gain: float = 1.0,
        spot: tuple[int, int, int, float] | None = None,
    ) -> Picture:
        plate = self.plate.copy()
        if spot is not None:
            x, y, size, contrast = spot
            plate[4 * y : 4 * (y + size), 4 * x : 4 * (x + size)] += contrast
        move = np.array([[1.0, 0.0, 4 * shift[0]], [0.0, 1.0, 4 * shift[1]]])
        moved = cv2.warpAffine(plate, move, (1280, 960), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        small = cv2.resize(moved, (320, 240), interpolation=cv2.INTER_AREA)
        slope = 1 + 0.1 * np.linspace(-1, 1, 320)[None, :] * self.rng.uniform(-1, 1)
        noisy = small * slope * gain + self.rng.normal(0, 1.5, small.shape)
        return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)

    def any(self, spot: tuple[int, int, int, float] | None = None) -> Picture:
        shift = self.rng.uniform(-0.8, 0.8, 2)
        return self.take((shift[0], shift[1]), self.rng.uniform(0.85, 1.15), spot)


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene()


@pytest.fixture(scope="module")
def model(scene: Scene) -> VariationModel:
    mask = np.zeros((240, 320), bool)
    mask[8:-8, 8:-8] = True
    return VariationModel.learn(np.stack([scene.any() for _ in range(40)]), mask)


def test_good_pictures_show_no_defect(scene: Scene, model: VariationModel) -> None:
    for _ in range(40):
        found = model.compare(scene.any())
        assert len(found) == 0
        assert found.worst < 1


@pytest.mark.parametrize("contrast", [-14.0, 14.0, 60.0])
def test_a_spot_is_found_where_it_is(scene: Scene, model: VariationModel, contrast: float) -> None:
    for x, y in ((40, 30), (150, 120), (280, 200), (200, 50)):
        found = model.compare(scene.any((x, y, 9, contrast)))
        assert len(found) == 1
        x1, y1, x2, y2 = found.boxes[0]
        assert max(x1 - x, y1 - y) <= 2
        assert min(x2 - x, y2 - y) >= 7
        assert x2 - x1 < 20
        assert y2 - y1 < 20
        assert found.score[0] > 1
        assert np.sign(found.contrast[0]) == np.sign(contrast)
        # What lies below the band is not seen of a faint spot.
        assert 0.4 < found.area[0] * found.contrast[0] / (81 * contrast) < 1.4


def middle_of(placement: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(placement[:, :2] @ [160, 120] + placement[:, 2])


def test_the_placement_is_refined_to_hundredths_of_a_pixel(scene: Scene, model: VariationModel) -> None:
    start = middle_of(model.compare(scene.take((0, 0))).placement)
    for shift in ((0.3, -0.6), (1.0, 1.0), (-1.2, 0.4)):
        moved = middle_of(model.compare(scene.take(shift)).placement)
        assert moved - start == pytest.approx(np.array(shift), abs=0.06)


def test_a_brighter_picture_is_no_defect_and_its_gain_is_told(scene: Scene, model: VariationModel) -> None:
    dim, bright = (model.compare(scene.take((0, 0), gain)) for gain in (0.8, 1.2))
    assert len(dim) == len(bright) == 0
    assert bright.gain / dim.gain == pytest.approx(1.5, rel=0.02)


def test_scores_are_the_same_after_storing(scene: Scene, model: VariationModel) -> None:
    again = VariationModel.from_arrays(model.to_arrays())
    for spot in (None, (60, 60, 9, 20.0)):
        picture = scene.any(spot)
        assert again.compare(picture).worst == model.compare(picture).worst
    for name, array in again.to_arrays().items():
        assert np.array_equal(array, model.to_arrays()[name])
    with pytest.raises(VisionError, match="do not fit"):
        VariationModel.from_arrays({})


def test_a_picture_full_of_differences_is_bounded_work(model: VariationModel) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    coarse = rng.integers(0, 255, (40, 54), dtype=np.uint8)
    found = model.compare(cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_NEAREST))
    assert 0 < len(found) <= 200
    assert found.worst > 5


@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((0, 0), np.uint8),
        np.zeros((240, 320), np.uint16),
        np.zeros((240, 320, 3), np.uint8),
        np.full((240, 320), np.nan),
        np.zeros((100, 100), np.uint8),
    ],
)
def test_a_picture_that_is_none_is_refused(model: VariationModel, picture: Picture) -> None:
    with pytest.raises(VisionError, match="picture"):
        model.compare(picture)


@pytest.mark.parametrize("grey", [0, 255])
def test_a_black_or_white_picture_never_looks_good(model: VariationModel, grey: int) -> None:
    found = model.compare(np.full((240, 320), grey, np.uint8))
    assert len(found) > 0 or not 0.5 < found.gain < 1.6


def test_one_picture_teaches_nothing(scene: Scene) -> None:
    with pytest.raises(VisionError, match="at least 2"):
        VariationModel.learn(np.stack([scene.any()]))
    with pytest.raises(VisionError, match="one size"):
        VariationModel.learn([np.zeros((50, 50), np.uint8), np.zeros((60, 50), np.uint8)])


def distorted(
    scene: Scene, chance: np.random.Generator, name: str, spot: tuple[int, int, int, float] | None = None
) -> Picture:
    """Return a picture of the plate as a careless camera takes it; `name` is what is wrong, or "all"."""
    plate = scene.plate.copy()
    if spot is not None:
        x, y, size, contrast = spot
        plate[4 * y : 4 * (y + size), 4 * x : 4 * (x + size)] += contrast

    def amount(which: str, most: float) -> float:
        return float(chance.choice([-most, most])) if name in (which, "all") else 0.0

    turn, scale = np.radians(amount("turn", 1.0)), 1 + amount("scale", 0.01)
    shift, gain, wave = (amount("shift", 8.0), amount("shift", 8.0)), 1 + amount("gain", 0.15), amount("wave", 0.8)
    c, s = scale * np.cos(turn), scale * np.sin(turn)
    y, x = np.indices((240, 320), np.float32) - np.array([120, 160], np.float32)[:, None, None]
    u, v = c * x - s * y + 160 + shift[0], s * x + c * y + 120 + shift[1] + wave * np.sin(y / 40)
    large = [(4 * m + 1.5).astype(np.float32) for m in (u, v)]
    sharp = cv2.GaussianBlur(plate, (0, 0), 1.5)
    seen = cv2.remap(sharp, large[0], large[1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    blur = abs(amount("blur", 0.8))
    soft = cv2.GaussianBlur(seen, (0, 0), blur) if blur else seen
    noisy = soft * gain + amount("offset", 15.0) + chance.normal(0, 1.0 + abs(amount("noise", 3.0)), soft.shape)
    return np.asarray(np.clip(np.rint(noisy), 0, 255), np.uint8)


DISTORTIONS = ("shift", "turn", "scale", "wave", "gain", "offset", "blur", "noise", "all")


@pytest.fixture(scope="module")
def placeless(scene: Scene) -> VariationModel:
    chance = np.random.Generator(np.random.PCG64(21))
    return VariationModel.learn(np.stack([distorted(scene, chance, name) for name in DISTORTIONS * 2]))


@pytest.mark.parametrize("name", DISTORTIONS)
def test_good_parts_pass_however_the_picture_is_distorted(scene: Scene, placeless: VariationModel, name: str) -> None:
    chance = np.random.Generator(np.random.PCG64(22))
    for _ in range(4):
        found = placeless.compare(distorted(scene, chance, name))
        assert not found.overflow
        assert len(found) == 0


@pytest.mark.parametrize("name", DISTORTIONS)
def test_a_spot_is_found_however_the_picture_is_distorted(scene: Scene, placeless: VariationModel, name: str) -> None:
    chance = np.random.Generator(np.random.PCG64(23))
    found = placeless.compare(distorted(scene, chance, name, (150, 120, 9, -60.0)))
    assert len(found) == 1
    x1, y1, x2, y2 = found.boxes[0]
    assert abs((x1 + x2) / 2 - 154) < 14
    assert abs((y1 + y2) / 2 - 124) < 14


@pytest.mark.parametrize("bends", [False, True])
def test_a_picture_scores_the_same_in_teaching_and_in_running(scene: Scene, bends: bool) -> None:
    pictures = [scene.any() for _ in range(6)]
    taught = VariationModel.learn(pictures, bends=bends)
    stored = {name: array.copy() for name, array in taught.to_arrays().items()}
    running = VariationModel.from_arrays(stored)
    for picture in [*pictures, scene.any((60, 60, 9, 40.0))]:
        a, b = taught.compare(picture), running.compare(picture.copy())
        assert (a.worst, a.gain, a.overflow) == (b.worst, b.gain, b.overflow)
        for one, other in ((a.boxes, b.boxes), (a.score, b.score), (a.area, b.area), (a.contrast, b.contrast)):
            assert np.array_equal(one, other)


def test_more_pictures_are_wanted_the_more_parts_differ_and_fewer_once_they_are_given(scene: Scene) -> None:
    pictures = [scene.any() for _ in range(20)]
    few, many = VariationModel.learn(pictures[:4]), VariationModel.learn(pictures)
    assert few.wants_more > many.wants_more >= 0
    alike, unlike = (VariationModel.learn(pictures[:8], contrast=floor) for floor in (60.0, 1.0))
    assert alike.wants_more < unlike.wants_more


@pytest.mark.parametrize("grey", [0, 255])
def test_a_picture_of_nothing_is_never_concluded_from(placeless: VariationModel, grey: int) -> None:
    found = placeless.compare(np.full((240, 320), grey, np.uint8))
    assert found.overflow
    assert found.reason


def test_a_part_half_out_of_the_picture_is_never_concluded_from(scene: Scene, model: VariationModel) -> None:
    picture = scene.any()
    found = model.compare(np.ascontiguousarray(picture[:, 160:]), np.array([[1.0, 0, -160], [0, 1, 0]]))
    assert found.overflow
    assert "outside" in found.reason


def test_pictures_that_do_not_belong_together_teach_nothing(scene: Scene) -> None:
    with pytest.raises(VisionError, match="picture 2 does not show"):
        VariationModel.learn([scene.any(), np.zeros((240, 320), np.uint8)])
    with pytest.raises(VisionError, match="placements"):
        VariationModel.learn([scene.any()] * 3, placements=[np.eye(2, 3)] * 2)
    with pytest.raises(VisionError, match="mask"):
        VariationModel.learn([scene.any()] * 2, np.ones((5, 5), bool))
