"""Whether something is there: a region's brightness, contrast and edges against limits, given or learnt.

Its figures are the mean and the standard deviation of its grey levels and the share of its pixels on an edge. Learnt
limits hold a good part of what varies between good pictures (tolerance limits), and never less than a camera's noise.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.tools.checks import Box, grey_picture, inside

_EDGE = 12.0  # grey levels a pixel: a steeper pixel is on an edge
_SPREAD = 4.0  # standard deviations of good pictures that learnt limits lie off, for many pictures
_NOISE: Final = {"brightness": 3.0, "contrast": 1.5, "edges": 0.01}  # what they lie off at least
_FEWEST = 3
_WORDS: Final = {
    "brightness": ("too dark", "too bright"),
    "contrast": ("too even", "too uneven"),
    "edges": ("too few edges", "too many edges"),
}


@dataclass(frozen=True)
class Content:
    """What a region shows.

    Attributes:
        brightness: mean grey level.
        contrast: standard deviation of the grey levels.
        edges: share of the pixels that are on an edge, 0 to 1.

    """

    brightness: float
    contrast: float
    edges: float


@dataclass(frozen=True)
class Limits:
    """What a region's figures may be, each from least to greatest; None where anything goes."""

    brightness: tuple[float, float] | None = None
    contrast: tuple[float, float] | None = None
    edges: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        for field in fields(self):
            limits = getattr(self, field.name)
            if limits is not None and not limits[0] <= limits[1]:
                raise ValueError(f"the least {field.name}, {limits[0]}, exceeds the greatest, {limits[1]}")

    @classmethod
    def learn(cls, contents: Sequence[Content]) -> Limits:
        """Learn limits from the content of good pictures.

        Raises:
            VisionError: fewer than 3 pictures.

        """
        if len(contents) < _FEWEST:
            raise VisionError(f"limits are learnt from at least {_FEWEST} good pictures, not {len(contents)}")
        # a few pictures tell their spread badly: the fewer, the wider
        factor = _SPREAD * (1 + 2 / math.sqrt(len(contents)))
        learnt = {}
        for field in fields(Content):
            values: Array = np.array([getattr(content, field.name) for content in contents])
            off = max(factor * float(values.std(ddof=1)), _NOISE[field.name])
            learnt[field.name] = (float(values.mean()) - off, float(values.mean()) + off)
        return cls(**learnt)


def presence(image: U8, region: Box, mask: NDArray[np.bool_] | None = None) -> Content:
    """Return what a region (x, y, w, h) px of a picture (H, W) uint8 shows.

    Args:
        image: the picture.
        region: within it.
        mask: (h, w) which of the region's pixels count; all by default.

    Raises:
        VisionError: the picture is none, or the region lies outside.

    """
    import cv2

    picture = grey_picture(image)
    x, y, w, h = inside(region, picture)
    part = picture[y : y + h, x : x + w]
    counted = np.ones(part.shape, bool) if mask is None else mask
    mean, deviation = cv2.meanStdDev(part, mask=counted.view(np.uint8))
    # Scharr's kernels sum to 32 levels for a slope of one
    slopes = [cv2.Scharr(part, cv2.CV_32F, *order, borderType=cv2.BORDER_REPLICATE) for order in ((1, 0), (0, 1))]
    steep = np.hypot(slopes[0], slopes[1]) > 32 * _EDGE
    share = float(np.count_nonzero(steep & counted)) / max(int(np.count_nonzero(counted)), 1)
    return Content(float(mean[0, 0]), float(deviation[0, 0]), share)


def judge(content: Content, limits: Limits) -> tuple[str, ...]:
    """Return why a content is outside of limits, in words; nothing where it is within."""
    reasons = []
    for field in fields(Content):
        allowed, value = getattr(limits, field.name), getattr(content, field.name)
        if allowed is not None and not allowed[0] <= value <= allowed[1]:
            word = _WORDS[field.name][int(value > allowed[1])]
            reasons.append(f"{word}: {field.name} {value:.3g}, and {allowed[0]:.3g} to {allowed[1]:.3g} is allowed")
    return tuple(reasons)
