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


def test_the_placement_is_refined_to_hundredths_of_a_pixel(scene: Scene, model: VariationModel) -> None:
    start = model.compare(scene.take((0, 0))).placement[:, 2]
    for shift in ((0.3, -0.6), (1.0, 1.0), (-1.2, 0.4)):
        moved = model.compare(scene.take(shift)).placement
        middle = moved[:, :2] @ [160, 120] + moved[:, 2] - [160, 120]
        assert middle - start == pytest.approx(np.array(shift), abs=0.06)


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
