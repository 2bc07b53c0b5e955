from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.tools.presence import Content, Limits, judge, presence

cv2 = pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

Picture = NDArray[np.uint8]
REGION = (40, 30, 60, 50)


def take(seed: int, screw: bool = True, gain: float = 1.0) -> Picture:
    rng = np.random.Generator(np.random.PCG64(seed))
    picture = np.full((120, 160), 60.0)
    if screw:
        cv2.circle(picture, (70, 55), 18, 170.0, -1, cv2.LINE_AA)
        cv2.rectangle(picture, (55, 52), (85, 57), 40.0, -1)
    shifted = np.roll(picture, rng.integers(-2, 3, 2), axis=(0, 1)) * gain * rng.uniform(0.97, 1.03)
    return np.asarray(np.clip(np.rint(shifted + rng.normal(0, 2, picture.shape)), 0, 255), np.uint8)


@pytest.fixture(scope="module")
def limits() -> Limits:
    return Limits.learn([presence(take(seed), REGION) for seed in range(12)])


def test_good_parts_are_within_what_was_learnt(limits: Limits) -> None:
    assert all(judge(presence(take(100 + seed), REGION), limits) == () for seed in range(60))


def test_a_missing_part_is_told_with_figures(limits: Limits) -> None:
    for seed in range(20):
        reasons = judge(presence(take(200 + seed, screw=False), REGION), limits)
        assert any(reason.startswith("too few edges: edges 0,") for reason in reasons)
        assert any("too even" in reason for reason in reasons)


def test_a_lamp_that_fails_is_told(limits: Limits) -> None:
    assert any("too dark" in reason for reason in judge(presence(take(1, gain=0.5), REGION), limits))
    assert any("too bright" in reason for reason in judge(presence(np.full((120, 160), 255, np.uint8), REGION), limits))
    assert judge(presence(np.zeros((120, 160), np.uint8), REGION), limits) != ()


def test_figures_are_those_of_numpy() -> None:
    picture = take(3)
    part = picture[30:80, 40:100].astype(float)
    content = presence(picture, REGION)
    assert content.brightness == pytest.approx(part.mean())
    assert content.contrast == pytest.approx(part.std())
    step = np.zeros((50, 60), np.uint8)
    step[:, 30:] = 100
    assert presence(step, (0, 0, 60, 50)).edges == pytest.approx(2 / 60)


def test_what_is_not_limited_is_not_judged() -> None:
    content = Content(10, 1, 0.5)
    assert judge(content, Limits()) == ()
    assert len(judge(content, Limits(brightness=(20, 30), edges=(0.0, 0.1)))) == 2


def test_bad_input_is_refused() -> None:
    with pytest.raises(VisionError, match="at least 3"):
        Limits.learn([Content(1, 1, 1)])
    with pytest.raises(ValueError, match="exceeds"):
        Limits(contrast=(3, 2))
    with pytest.raises(VisionError, match="within the picture"):
        presence(take(1), (150, 0, 20, 20))
    with pytest.raises(VisionError, match="8 bits"):
        presence(take(1).astype(float), REGION)
