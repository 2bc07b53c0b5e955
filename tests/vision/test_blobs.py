from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.tools.blobs import MOST_RUNS, Blobs, find_blobs
from tests.vision.plain import blobs as plain

Picture = NDArray[np.uint8]


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def drawn(seed: int, rows: int, columns: int) -> Picture:
    """Return random greys, coarse or fine, so that blobs of all sizes and shapes occur."""
    chance = rng(seed)
    grain = int(chance.integers(1, 5))
    coarse = chance.integers(0, 256, (rows // grain + 1, columns // grain + 1), dtype=np.uint8)
    return np.ascontiguousarray(np.kron(coarse, np.ones((grain, grain), np.uint8))[:rows, :columns])


def expected(mask: NDArray[np.bool_], diagonal: bool) -> list[tuple[list[int], int]]:
    return [
        ([*p.min(axis=0)[::-1].tolist(), *(p.max(axis=0)[::-1] + 1).tolist()], len(p))
        for p in plain.blobs(mask, diagonal)
    ]


def listed(found: Blobs) -> list[tuple[list[int], int]]:
    return [(box.tolist(), int(area)) for box, area in zip(found.boxes, found.area, strict=True)]


@pytest.mark.parametrize("columns", [1, 2, 63, 64, 65, 127, 128, 200])
@pytest.mark.parametrize("diagonal", [False, True])
def test_blobs_are_those_of_a_flood_fill(columns: int, diagonal: bool) -> None:
    for seed, rows in itertools.product(range(3), (1, 2, 19)):
        picture = drawn(seed, rows, columns)
        for outside in (False, True):
            found = find_blobs(picture, 60, 170, outside=outside, diagonal=diagonal)
            mask = ((picture >= 60) & (picture <= 170)) ^ outside
            assert listed(found) == expected(mask, diagonal)


@pytest.mark.parametrize("columns", [40, 150])
def test_limits_may_be_pictures(columns: int) -> None:
    chance = rng(5)
    picture, low, high = (chance.integers(0, 256, (30, columns), dtype=np.uint8) for _ in range(3))
    assert listed(find_blobs(picture, low, high)) == expected((picture >= low) & (picture <= high), True)
    assert listed(find_blobs(picture, low, 200)) == expected((picture >= low) & (picture <= 200), True)


def test_moments_are_those_of_the_pixels() -> None:
    picture = drawn(7, 40, 130)
    found = find_blobs(picture, 0, 140)
    for k, pixels in enumerate(plain.blobs(picture <= 140, True)):
        centre = pixels[:, ::-1].mean(axis=0)
        xx, xy, _, yy = (np.cov(pixels[:, ::-1].T, bias=True) if len(pixels) > 1 else np.zeros((2, 2))).ravel()
        assert found.centre[k] == pytest.approx(centre)
        assert found.second[k] == pytest.approx([xx, xy, yy], abs=1e-6)


def test_the_axes_of_a_slanted_bar_are_its_own() -> None:
    rows, columns = np.indices((200, 200))
    u, v = columns - 90 + (rows - 110) * 0.5, rows - 110 - (columns - 90) * 0.5
    bar = (np.hypot(u / 1.25**0.5 / 60, v / 1.25**0.5 / 20) <= 1).astype(np.uint8)
    found = find_blobs(bar, 1, 1)
    assert np.tan(found.angle[0]) == pytest.approx(0.5, abs=0.01)
    assert found.axes[0] == pytest.approx([120, 40], rel=0.01)
    assert found.centre[0] == pytest.approx([90, 110], abs=0.05)


def test_a_region_is_looked_at_alone_and_told_in_pixels_of_the_picture() -> None:
    picture = drawn(3, 90, 300)
    for x, y, w, h in ((0, 0, 300, 90), (37, 11, 130, 60), (250, 40, 50, 50), (5, 89, 1, 1)):
        found = find_blobs(picture, 100, 255, region=(x, y, w, h))
        inside = expected(picture[y : y + h, x : x + w] >= 100, True)
        assert listed(found) == [([b[0] + x, b[1] + y, b[2] + x, b[3] + y], area) for b, area in inside]


def test_area_limits_and_the_greatest_number_of_blobs() -> None:
    picture = drawn(11, 80, 200)
    everything = find_blobs(picture, 0, 100)
    some = find_blobs(picture, 0, 100, 5, 40)
    assert sorted(some.area) == sorted(a for a in everything.area if 5 <= a <= 40)
    few = find_blobs(picture, 0, 100, limit=3)
    assert few.overflow
    assert sorted(few.area) == sorted(everything.area)[-3:]
    assert not everything.overflow


def test_a_dense_picture_is_told_whole_or_not_at_all() -> None:
    board = (np.indices((512, 1024)).sum(axis=0) % 2).astype(np.uint8)
    assert listed(find_blobs(board, 1, 1)) == [([0, 0, 1024, 512], board.size // 2)]
    assert len(find_blobs(board, 1, 1, diagonal=False, limit=board.size)) == board.size // 2
    large = np.tile(board, (2, 4))
    assert large.size // 2 > MOST_RUNS
    found = find_blobs(large, 1, 1)
    assert found.overflow
    assert len(found) == 0


def test_opencv_finds_the_same_in_a_picture_with_strides() -> None:
    cv2 = pytest.importorskip("cv2")
    whole = drawn(23, 400, 700)
    for picture in (whole, whole[::2, 1::3], whole[5:-7, 3:-9]):
        for connectivity in (4, 8):
            mask = cv2.inRange(np.ascontiguousarray(picture), 90, 200)
            _, _, stats, centres = cv2.connectedComponentsWithStats(mask, connectivity=connectivity)
            found = find_blobs(picture, 90, 200, diagonal=connectivity == 8, limit=1 << 20)
            x, y, w, h, area = stats[1:].T
            theirs = np.column_stack([x, y, x + w, y + h, area, centres[1:]])
            ours = np.column_stack([found.boxes, found.area, found.centre])
            assert ours[np.lexsort(ours.T)] == pytest.approx(theirs[np.lexsort(theirs.T)])


@pytest.mark.parametrize(
    ("picture", "given"),
    [
        (np.zeros((0, 5), np.uint8), {}),
        (np.zeros((5, 5), np.uint16), {}),
        (np.zeros((5, 5, 3), np.uint8), {}),
        (np.full((5, 5), np.nan), {}),
        ([[0]], {}),
        (np.zeros((5, 5), np.uint8), {"region": (0, 0, 6, 5)}),
        (np.zeros((5, 5), np.uint8), {"region": (2, 2, 0, 1)}),
        (np.zeros((5, 5), np.uint8), {"low": 256}),
        (np.zeros((5, 5), np.uint8), {"high": np.zeros((4, 5), np.uint8)}),
        (np.zeros((5, 5), np.uint8), {"high": np.zeros((5, 5), np.float32)}),
    ],
)
def test_what_is_no_picture_or_no_limit_is_refused(picture: Picture, given: dict[str, object]) -> None:
    with pytest.raises(VisionError):
        find_blobs(picture, **given)  # type: ignore[arg-type]
