from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.tools.caliper import Caliper, Polarity

Picture = NDArray[np.uint8]
MIDDLE = 39.5


def numbers(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def blurred(u: NDArray[np.float64], blur: float) -> NDArray[np.float64]:
    grid = np.linspace(-8, 8, 8001)
    table = 0.5 + 0.5 * np.array([math.erf(z / math.sqrt(2)) for z in grid])
    return np.asarray(np.interp(u / blur, grid, table), np.float64)


def picture(
    angle: float,
    edges: list[float],
    rng: np.random.Generator,
    blur: float = 0.7,
    noise: float = 1.0,
    levels: tuple[float, float] = (60, 180),
    integrated: bool = False,
) -> Picture:
    """Return a picture whose grey changes at distances `edges` from its middle along a direction, exactly."""
    rows, columns = np.indices((80, 80)).astype(float) - MIDDLE
    total = np.zeros(rows.shape)
    within = (np.arange(4) + 0.5) / 4 - 0.5 if integrated else np.zeros(1)
    for dy in within:
        for dx in within:
            u = (columns + dx) * math.cos(angle) + (rows + dy) * math.sin(angle)
            total += sum((-1) ** k * blurred(u - e, blur) for k, e in enumerate(edges))
    grey = levels[0] + (levels[1] - levels[0]) * total / within.size**2
    return np.asarray(np.clip(np.rint(grey + rng.normal(0, noise, grey.shape)), 0, 255), np.uint8)


def caliper(angle: float, polarity: Polarity = "any", pair: bool = False, width: float = 20) -> Caliper:
    return Caliper((MIDDLE, MIDDLE), angle, 30, width, polarity, pair)


@pytest.mark.parametrize("degrees", [0, 90, 180, 30, 123])
@pytest.mark.parametrize("integrated", [False, True])
def test_an_edge_is_found_to_thousandths_and_its_sigma_is_honest(degrees: float, integrated: bool) -> None:
    rng = numbers(int(degrees) + 1)
    error, sigma = [], []
    for _ in range(120 if not integrated else 30):
        at = rng.uniform(-3, 3)
        found = caliper(math.radians(degrees), "rising").measure(
            picture(math.radians(degrees), [at], rng, integrated=integrated)
        )
        assert len(found) == 1
        error.append(found.position[0] - at)
        sigma.append(found.sigma[0])
    rms = math.sqrt(np.mean(np.square(error)))
    assert rms < 0.005
    assert (0.8 if not integrated else 0.7) < rms / np.mean(sigma) < (1.2 if not integrated else 1.4)


@pytest.mark.parametrize(
    ("blur", "noise", "width"), [(0.7, 4.0, 20), (1.5, 2.0, 20), (2.5, 1.0, 5), (0.5, 1.0, 40), (0.7, 2.0, 1)]
)
def test_sigma_is_honest_under_other_conditions(blur: float, noise: float, width: int) -> None:
    rng = numbers(3)
    pull = []
    for k in range(200):
        angle, at = (0.0, 0.35)[k % 2], rng.uniform(-2, 2)
        found = caliper(angle, width=width).measure(picture(angle, [at], rng, blur, noise))
        if len(found) == 1:
            pull.append((found.position[0] - at) / found.sigma[0])
    assert len(pull) > 190
    assert 0.75 < math.sqrt(np.mean(np.square(pull))) < 1.25


def test_a_caliper_between_pixels_is_as_good() -> None:
    rng = numbers(4)
    for centre in ((39.5, 39.5), (39.75, 39.0), (40.0, 39.31)):
        error = []
        for _ in range(60):
            at = rng.uniform(-2, 2)
            found = Caliper(centre, 0.0, 30, 20).measure(picture(0.0, [at], rng))
            error.append(found.points[0, 0] - (MIDDLE + at))
        assert math.sqrt(np.mean(np.square(error))) < 0.006
        assert abs(np.mean(error)) < 0.002


def test_points_lie_on_the_caliper() -> None:
    angle = 0.6
    found = caliper(angle).measure(picture(angle, [2.5], numbers(5)))
    along = np.array([math.cos(angle), math.sin(angle)])
    assert found.points[0] == pytest.approx(np.array([MIDDLE, MIDDLE]) + found.position[0] * along)
    assert found.contrast[0] == pytest.approx(120, abs=2)
    assert found.blur[0] == pytest.approx(0.7, abs=0.15)


def test_turning_the_caliper_round_mirrors_positions_and_polarity() -> None:
    image = picture(0.0, [-6.3, 5.1], numbers(6))
    ahead, back = (caliper(angle).measure(image) for angle in (0.0, math.pi))
    assert back.position == pytest.approx(-ahead.position[::-1], abs=1e-3)
    assert back.contrast == pytest.approx(-ahead.contrast[::-1], abs=0.1)
    assert [len(caliper(0.0, p).measure(image)) for p in ("any", "rising", "falling")] == [2, 1, 1]
    assert caliper(0.0, "rising").measure(image).position[0] == pytest.approx(-6.3, abs=0.02)


@pytest.mark.parametrize("width", [5.5, 7.3, 15.0])
def test_a_pairs_width_and_its_sigma(width: float) -> None:
    rng = numbers(7)
    error, sigma = [], []
    for _ in range(60):
        at = rng.uniform(-6, -3)
        found = caliper(0.3, "rising", pair=True).measure(picture(0.3, [at, at + width], rng))
        assert found.width is not None
        assert found.width_sigma is not None
        assert len(found) == 2
        error.append(found.width - width)
        sigma.append(found.width_sigma)
    rms = math.sqrt(np.mean(np.square(error)))
    assert rms < 0.012
    assert 0.7 < rms / np.mean(sigma) < 1.35


def test_a_known_blur_gives_a_better_place() -> None:
    rng = numbers(8)
    image = picture(0.0, [0.4], rng, noise=3)
    free, known = (Caliper((MIDDLE, MIDDLE), 0.0, 30, 20, blur=b).measure(image) for b in (None, 0.7))
    assert known.position[0] == pytest.approx(0.4, abs=0.03)
    assert known.sigma[0] < 1.05 * free.sigma[0]


def test_no_edge_is_made_up() -> None:
    rng = numbers(9)
    even = np.asarray(np.rint(100 + rng.normal(0, 4, (80, 80))), np.uint8)
    ramp = np.asarray(np.tile(np.linspace(40, 200, 80), (80, 1)), np.uint8)
    black = np.zeros((80, 80), np.uint8)
    for image in (even, ramp, black):
        for width in (1, 20):
            found = caliper(0.0, width=width).measure(image)
            assert len(found) == 0 or np.abs(found.contrast).max() < 25
            if width > 1:
                assert len(found) == 0
                assert "no edge" in found.reason
    assert "pair" in caliper(0.0, pair=True).measure(picture(0.0, [1.0], rng)).reason
    assert "no falling edge" in caliper(0.0, "falling").measure(picture(0.0, [1.0], rng)).reason


def test_what_is_clipped_tells_no_place() -> None:
    rng = numbers(10)
    clipped = picture(0.0, [1.0], rng, levels=(60, 300))
    found = caliper(0.0).measure(clipped)
    assert len(found) == 0
    assert "saturated" in found.reason
    assert "saturated" in caliper(0.0).measure(np.full((80, 80), 255, np.uint8)).reason
    let_pass = Caliper((MIDDLE, MIDDLE), 0.0, 30, 20, saturation=256).measure(picture(0.0, [1.0], rng, levels=(0, 255)))
    assert let_pass.position == pytest.approx([1.0], abs=0.05)


def test_beyond_the_picture_there_is_nothing() -> None:
    image = picture(0.0, [0.0], numbers(11))
    for centre in ((14.0, 40.0), (40.0, 5.0), (70.0, 40.0), (-100.0, 40.0)):
        found = Caliper(centre, 0.0, 30, 20).measure(image)
        assert len(found) == 0
        assert "outside" in found.reason
    assert len(Caliper((15.0, 9.5), 0.0, 30, 20).measure(picture(0.0, [-24.0], numbers(11)))) == 1
    assert "outside" in caliper(0.0).measure(np.zeros((1, 1), np.uint8)).reason


def test_a_comb_of_edges_is_bounded() -> None:
    stripes = np.asarray(np.tile(128 + 100 * np.sin(np.arange(900) / 2), (30, 1)), np.uint8)
    found = Caliper((450, 15), 0.0, 880, 5).measure(stripes)
    assert len(found) == 0
    assert "more than 64" in found.reason


@pytest.mark.parametrize(
    "bad",
    [
        {"length": 3},
        {"length": math.nan},
        {"width": 0},
        {"least": 0},
        {"polarity": "up"},
        {"blur": -1.0},
        {"centre": (math.inf, 0)},
    ],
)
def test_a_caliper_that_is_none_is_refused(bad: dict[str, object]) -> None:
    good: dict[str, object] = {"centre": (10.0, 10.0), "angle": 0.0, "length": 20.0}
    with pytest.raises(ValueError, match=r"caliper|contrast|polarity"):
        Caliper(**(good | bad))  # type: ignore[arg-type]


@pytest.mark.parametrize("image", [np.zeros((0, 0), np.uint8), np.zeros((80, 80)), np.zeros((80, 80, 3), np.uint8)])
def test_a_picture_that_is_none_is_refused(image: Picture) -> None:
    with pytest.raises(VisionError, match="8 bits"):
        caliper(0.0).measure(image)
