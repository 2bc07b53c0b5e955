from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.kernels.golden import LIMIT, compare_placed
from robocell.vision.tools.band import Band
from robocell.vision.tools.blobs import find_blobs
from robocell.vision.tools.brightness import Gains
from robocell.vision.tools.learnt_band import WEIGHTS
from robocell.vision.tools.mesh import UNMOVED, Mesh
from tests.vision.plain import blobs as plain_blobs
from tests.vision.plain import placed as plain

Picture = NDArray[np.uint8]
F64 = NDArray[np.float64]


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def smooth_picture(seed: int, rows: int, columns: int) -> Picture:
    """Return greys that change slowly enough for interpolation to be told from chance."""
    chance = rng(seed)
    y, x = np.indices((rows, columns))
    total = np.full((rows, columns), 128.0)
    for _ in range(12):
        fx, fy, phase = chance.uniform(-0.4, 0.4), chance.uniform(-0.4, 0.4), chance.uniform(0, 6)
        total += 8 * np.sin(fx * x + fy * y + phase)
    return np.asarray(np.clip(np.rint(total), 0, 255), np.uint8)


def turned(degrees: float, scale: float, shift: tuple[float, float], shape: tuple[int, int]) -> F64:
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    turn, middle = np.array([[c, -s], [s, c]]), np.array([shape[1], shape[0]]) / 2
    return np.column_stack([turn, middle + shift - turn @ middle])


PLACEMENTS = [
    (0.0, 1.0, (0.0, 0.0)),
    (0.0, 1.0, (0.37, -0.61)),
    (0.0, 1.0, (-8.2, 7.9)),
    (1.0, 1.01, (3.0, -2.0)),
    (-1.0, 0.99, (3.0, -2.0)),
    (3.0, 1.0, (0.2, 0.1)),
    (-12.0, 1.1, (0.0, 0.0)),
    (45.0, 0.7, (5.0, 5.0)),
    (90.0, 1.0, (0.3, 0.2)),
    (180.0, 1.3, (0.0, 0.0)),
    (0.0, 1.0, (500.0, 0.0)),
]


def compared(picture: Picture, mesh: Mesh, mean: F64, shape: tuple[int, int]) -> tuple[F64, int]:
    """Return the smoothed differences of the kernel, in grey levels, and how many pixels it does not see."""
    across = -(-shape[1] // 64) * 64
    learnt = np.zeros((shape[0], across), np.int16)
    learnt[:, : shape[1]] = np.rint(mean * 64)
    factors = np.zeros((shape[0], across), np.uint16)
    factors[:, : shape[1]] = LIMIT // (64 * 40)
    gains = Gains(np.zeros((*mesh.nodes.shape[:2], 2)) + [1.0, 0.0], 1.0)
    out, most = np.empty((shape[0], across), np.int16), np.zeros(64, np.int32)
    _, unseen = compare_placed(
        picture.reshape(-1), picture.shape[0], picture.shape[1], mesh.tiles(), gains.tiles(), learnt.reshape(-1), factors.reshape(-1),
        shape[0], WEIGHTS, out.reshape(-1), np.empty((0, 3), np.int32), most,
    )  # fmt: skip
    return out[:, : shape[1]] / 64.0, unseen


@pytest.mark.parametrize("placement", PLACEMENTS)
@pytest.mark.parametrize("shape", [(48, 150), (33, 64), (20, 37)])
def test_the_compiled_comparison_is_the_plain_one(
    placement: tuple[float, float, tuple[float, float]], shape: tuple[int, int]
) -> None:
    picture = smooth_picture(3, 90, 170)
    place = turned(*placement, shape)
    place[:, 2] += 12
    mesh = Mesh.affine(place, shape)
    mean = rng(1).uniform(60, 200, shape)
    levels, inside = plain.seen(picture, plain.places(mesh.nodes, shape))
    expected = plain.smoothed(np.where(inside, levels - np.rint(mean * 64) / 64, 0))
    ours, unseen = compared(picture, mesh, mean, shape)
    # Places are rounded to 128ths of a pixel: pixels right on the border may count as in or out of the picture.
    border = abs(unseen - np.count_nonzero(~inside))
    assert border <= 2
    assert np.abs(ours - expected).max() < (0.4 if border == 0 else 30)
    assert np.abs(ours - expected).mean() < 0.1


@pytest.mark.parametrize(
    ("grey", "learnt", "expected"), [(255, 280, 0), (255, 200, 55), (0, -9, 0), (0, 30, -30), (253, 255, -2)]
)
def test_a_level_at_the_end_of_the_scale_may_be_any_beyond_it(grey: int, learnt: int, expected: int) -> None:
    picture, mesh = np.full((40, 80), grey, np.uint8), Mesh.affine(UNMOVED, (40, 80))
    ours, _ = compared(picture, mesh, np.full((40, 80), float(learnt)), (40, 80))
    assert ours[20, 40] == pytest.approx(expected, abs=0.1)


def test_a_bent_mesh_is_seen_as_bent() -> None:
    shape, picture = (80, 200), smooth_picture(5, 110, 240)
    straight = Mesh.affine(turned(0.5, 1.0, (14.0, 13.0), shape), shape)
    bent = Mesh(straight.nodes + rng(2).uniform(-2, 2, straight.nodes.shape))
    at = plain.places(bent.nodes, shape)
    levels, inside = plain.seen(picture, at)
    assert inside.all()
    ours, unseen = compared(picture, bent, np.zeros(shape), shape)
    assert unseen == 0
    assert np.abs(ours - plain.smoothed(levels))[8:-8, 8:-8].max() < 0.5
    points = np.array([[0.0, 0.0], [77.5, 40.25], [199.0, 79.0]])
    expected = [
        at[0, 0],
        (at[40, 77] + at[40, 78] + (at[41, 77] + at[41, 78] - at[40, 77] - at[40, 78]) / 4) / 2,
        at[-1, -1],
    ]
    assert bent.at(points) == pytest.approx(np.array(expected), abs=1e-9)
    assert np.array_equal(bent.inside(shape, picture.shape), inside)


@pytest.mark.parametrize("placement", PLACEMENTS[:-1])
def test_blobs_of_a_placed_band_are_those_of_the_plain_picture(
    placement: tuple[float, float, tuple[float, float]],
) -> None:
    shape, chance = (60, 150), rng(9)
    picture = smooth_picture(4, 80, 180)
    place = turned(*placement, shape)
    place[:, 2] += 9
    levels, inside = plain.seen(picture, plain.places(Mesh.affine(place, shape).nodes, shape))
    # Limits that no level comes near, so that rounding does not decide.
    apart = chance.choice([-1.0, 1.0], shape)
    low = np.clip(np.rint(levels + 3 * apart), 0, 255).astype(np.uint8)
    high = np.full(shape, 255, np.uint8)
    outside = (apart > 0) & inside
    for least in (1, 4):
        found = Band(low, high).find(picture, place, least)
        expected = [p for p in plain_blobs.blobs(outside, True) if len(p) >= least]
        assert found.boxes.tolist() == [
            [*p.min(axis=0)[::-1].tolist(), *(p.max(axis=0)[::-1] + 1).tolist()] for p in expected
        ]
        assert found.area.tolist() == [len(p) for p in expected]


def test_an_unmoved_band_is_that_of_the_picture_itself() -> None:
    chance = rng(6)
    picture, low, high = (chance.integers(0, 256, (70, 200), dtype=np.uint8) for _ in range(3))
    for outside in (False, True):
        placed = Band(low, high).find(picture, UNMOVED, outside=outside)
        plainly = find_blobs(picture, low, high, outside=outside)
        # Beyond the last row and column there is nothing to interpolate with: a 128th of their neighbour is in them.
        inner = placed.boxes[(placed.boxes[:, 2] < 199) & (placed.boxes[:, 3] < 69)].tolist()
        assert inner == plainly.boxes[(plainly.boxes[:, 2] < 199) & (plainly.boxes[:, 3] < 69)].tolist()


def test_a_dense_band_is_told_as_overflow() -> None:
    stripes = np.zeros((1024, 4096), np.uint8)
    stripes[:, ::2] = 255
    found = Band(np.zeros_like(stripes), np.full_like(stripes, 128)).find(stripes, UNMOVED)
    assert found.overflow
    assert len(found) == 0


@pytest.mark.parametrize("placement", [np.eye(3), np.full((2, 3), np.nan), np.zeros((3, 2))])
def test_what_is_no_placement_is_refused(placement: F64) -> None:
    limits = np.zeros((20, 20), np.uint8)
    with pytest.raises(VisionError, match="placement"):
        Band(limits, limits).find(limits, placement)


def test_pictures_too_small_to_interpolate_and_limits_of_two_shapes_are_refused() -> None:
    limits = np.zeros((20, 20), np.uint8)
    with pytest.raises(VisionError, match="sides"):
        Band(limits, limits).find(limits[:3], UNMOVED)
    with pytest.raises(VisionError, match="one shape"):
        Band(limits, limits[1:])
