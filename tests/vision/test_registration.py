from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.vision.kernels.bending import errors, tell
from robocell.vision.tools.bending import Bending
from robocell.vision.tools.brightness import Brightness
from robocell.vision.tools.coarse import Coarse
from robocell.vision.tools.mesh import UNMOVED, Mesh, around, grid
from tests.vision.plain import bending as plain

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

Picture = NDArray[np.uint8]
F64 = NDArray[np.float64]
SHAPE = (360, 480)
EVERYWHERE = np.ones(SHAPE, bool)


def rng(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


@pytest.fixture(scope="module")
def part() -> Picture:
    """Strokes and pads on a bright ground."""
    chance, picture = rng(1), np.full(SHAPE, 190, np.uint8)
    for _ in range(60):
        x, y = int(chance.integers(SHAPE[1])), int(chance.integers(SHAPE[0]))
        cv2.circle(picture, (x, y), int(chance.integers(5, 14)), int(chance.integers(30, 120)), -1)
        end = (x + 60 * int(chance.integers(-1, 2)), y + 60 * int(chance.integers(-1, 2)))
        cv2.line(picture, (x, y), end, int(chance.integers(30, 120)), 5)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), 1.2), np.uint8)


def shown(part: Picture, placement: F64, wave: float = 0.0) -> Picture:
    """Return the picture in which the part's pixel p is seen at placement p, with rows that swing by `wave`."""
    y, x = np.indices(SHAPE, np.float32)
    back = cv2.invertAffineTransform(placement)
    v = y + wave * np.sin(2 * np.pi * y / 200)
    at = [back[k, 0] * x + back[k, 1] * v + back[k, 2] for k in range(2)]
    maps = [m.astype(np.float32) for m in at]
    return np.asarray(cv2.remap(part, maps[0], maps[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT), np.uint8)


def turned(degrees: float, scale: float, shift: tuple[float, float]) -> F64:
    c, s = scale * math.cos(math.radians(degrees)), scale * math.sin(math.radians(degrees))
    turn, middle = np.array([[c, -s], [s, c]]), np.array([SHAPE[1], SHAPE[0]]) / 2
    return np.column_stack([turn, middle + shift - turn @ middle])


@pytest.mark.parametrize(
    ("degrees", "scale", "shift"),
    [(0, 1, (0, 0)), (0, 1, (8, -8)), (1, 1, (0, 0)), (-1, 1.01, (5, 3)), (0.5, 0.99, (-7.5, 8))],
)
def test_a_whole_picture_is_found_to_about_a_pixel(
    part: Picture, degrees: float, scale: float, shift: tuple[float, float]
) -> None:
    truth = turned(degrees, scale, shift)
    found = Coarse(part.astype(np.float32), EVERYWHERE).find(shown(part, truth))
    points = np.array([[x, y, 1.0] for x in (40, 240, 440) for y in (40, 180, 320)])
    assert np.hypot(*(points @ (found - truth).T).T).max() < 1.2


def test_a_covered_half_does_not_pull_a_whole_picture(part: Picture) -> None:
    truth = turned(0.4, 1.0, (6, -5))
    picture = shown(part, truth)
    picture[:, :180] = rng(2).integers(0, 255, (360, 180), dtype=np.uint8)
    found = Coarse(part.astype(np.float32), EVERYWHERE).find(picture)
    assert np.hypot(*(np.array([300.0, 180.0, 1.0]) @ (found - truth).T)) < 1.2


def test_a_picture_of_nothing_moves_nothing(part: Picture) -> None:
    coarse = Coarse(part.astype(np.float32), EVERYWHERE)
    assert np.array_equal(coarse.find(np.full(SHAPE, 90, np.uint8)), UNMOVED)
    assert np.array_equal(Coarse(np.full(SHAPE, 90, np.float32), EVERYWHERE).find(part), UNMOVED)


def test_rows_that_swing_are_followed(part: Picture) -> None:
    mean = part.astype(np.float32)
    picture = shown(part, UNMOVED, wave=1.5)
    mesh = Mesh.affine(UNMOVED, SHAPE)
    gains = Brightness(mean, EVERYWHERE).gains(picture, mesh)
    found = Bending(mean, EVERYWHERE).refine(picture, mesh, gains)
    y = np.arange(40, 320, 8.0)
    at = found.at(np.stack([np.full_like(y, 240), y], axis=1))
    assert np.abs(at[:, 0] - 240).max() < 0.6  # some rows have no edge that tells
    off = at[:, 1] + 1.5 * np.sin(2 * np.pi * at[:, 1] / 200) - y
    assert np.sqrt(np.mean(off * off)) < 0.35
    assert np.abs(off).max() < 0.7


def test_a_flaw_does_not_bend_the_mesh(part: Picture) -> None:
    mean, mesh = part.astype(np.float32), Mesh.affine(UNMOVED, SHAPE)
    flawed = part.copy()
    cv2.circle(flawed, (240, 180), 15, 255, -1)
    gains = Brightness(mean, EVERYWHERE).gains(flawed, mesh)
    found = Bending(mean, EVERYWHERE).refine(flawed, mesh, gains)
    assert np.abs(found.nodes - mesh.nodes).max() < 0.3


@pytest.mark.parametrize(("scale", "offset"), [(1.0, 0.0), (1.15, -12.0), (0.85, 20.0)])
def test_gain_and_offset_are_told_apart(part: Picture, scale: float, offset: float) -> None:
    mean, mesh = part.astype(np.float32), Mesh.affine(UNMOVED, SHAPE)
    seen = np.clip(np.rint(scale * mean + offset), 0, 255).astype(np.uint8)
    gains = Brightness(mean, EVERYWHERE).gains(seen, mesh)
    assert gains.gain == pytest.approx(scale, rel=0.03)
    matched = seen * gains.nodes[..., 0].mean() + gains.nodes[..., 1].mean()
    assert np.abs(matched - mean)[seen < 255].max() < 4


def test_the_compiled_errors_and_sums_are_the_plain_ones(part: Picture) -> None:
    chance = rng(4)
    nodes = grid(SHAPE)
    shape = nodes.shape
    points = chance.uniform(0, 1, (200, 2)) * [SHAPE[1] - 1, SHAPE[0] - 1]
    first, weights = around(points, shape)
    corners = first[:, None] + np.array([0, 1, shape[1], shape[1] + 1])
    places = (nodes + chance.uniform(-20, 20, shape)).reshape(-1, 2)
    gains = np.stack([chance.uniform(0.8, 1.2, len(places)), chance.uniform(-9, 9, len(places))], axis=1)
    levels, slopes = chance.uniform(0, 255, 200), chance.normal(0, 20, (200, 2))
    for factor in (1.0, 2.0):
        picture = np.ascontiguousarray(part[:: int(factor), :: int(factor)])
        out = np.empty(200)
        errors(picture, factor, first, shape[1], weights, places, gains, levels, out)
        assert out == pytest.approx(plain.errors(picture, factor, corners, weights, places, gains, levels), nan_ok=True)
        told = np.zeros((5, len(places)))
        tell(out, 60.0, slopes, first, shape[1], weights, told)
        assert told == pytest.approx(plain.tell(out, 60.0, slopes, corners, weights, len(places)))
