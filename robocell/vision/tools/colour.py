"""The colour of a region in CIELAB, and how far it is from a reference as people see it (CIEDE2000)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.tools.checks import Box, colour_picture, inside

Lab = tuple[float, float, float]

_WHITE = 255  # a channel of this level is saturated
_MOST_WHITE = 0.02  # share of the pixels that may be
_SRGB_TO_XYZ = np.array(  # IEC 61966-2-1, divided by its white, D65
    [
        [0.4124564 / 0.95047, 0.3575761 / 0.95047, 0.1804375 / 0.95047],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339 / 1.08883, 0.1191920 / 1.08883, 0.9503041 / 1.08883],
    ]
)


@dataclass(frozen=True)
class Colour:
    """The colour of a region.

    Attributes:
        lab: mean L*, a*, b* (D65, 2°).
        spread: root mean square of the pixels' distances from it in CIELAB (ΔE76).
        saturated: share of the pixels of which a channel is at its end, and the colour not known.

    """

    lab: Lab
    spread: float
    saturated: float

    @property
    def reason(self) -> str:
        """Why nothing can be said of the colour; empty where it can."""
        if self.saturated > _MOST_WHITE:
            return f"{self.saturated:.0%} of the region is saturated: lower the exposure"
        return ""


def colour(image: U8, region: Box) -> Colour:
    """Measure the colour of a region (x, y, w, h) px of a picture.

    Args:
        image: (H, W, 3) uint8 in blue, green, red, encoded as sRGB.
        region: within it.

    Raises:
        VisionError: the picture is none, or the region lies outside.

    """
    picture = colour_picture(image)
    x, y, w, h = inside(region, picture)
    part = picture[y : y + h, x : x + w].reshape(-1, 3)
    lab = to_lab(part[:, ::-1])
    mean = lab.mean(axis=0)
    spread = math.sqrt(float(((lab - mean) ** 2).sum(axis=1).mean()))
    white = float(np.count_nonzero((part >= _WHITE).any(axis=1))) / len(part)
    return Colour((float(mean[0]), float(mean[1]), float(mean[2])), spread, white)


def to_lab(rgb: U8) -> Array:
    """Return (N, 3) L*, a*, b* of (N, 3) uint8 red, green, blue, sRGB (CIE 15:2004)."""
    levels = np.arange(256) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    xyz = linear[rgb] @ _SRGB_TO_XYZ.T
    bent = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    x, y, z = bent.T
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=1)


def delta_e(one: Lab, other: Lab) -> float:
    """Return the CIEDE2000 difference of two colours; about 1 is what people just see.

    After Sharma, Wu and Dalal, "The CIEDE2000 Color-Difference Formula", Color Research & Application 30 (2005).

    Raises:
        VisionError: a colour is not three finite numbers.

    """
    for lab in (one, other):
        if len(lab) != 3 or not all(math.isfinite(value) for value in lab):
            raise VisionError(f"a colour is three finite numbers L*, a*, b*, not {lab}")
    (l1, a1, b1), (l2, a2, b2) = one, other
    mean7 = ((math.hypot(a1, b1) + math.hypot(a2, b2)) / 2) ** 7
    stretch = 1 + 0.5 * (1 - math.sqrt(mean7 / (mean7 + 25.0**7)))
    c1, c2 = math.hypot(stretch * a1, b1), math.hypot(stretch * a2, b2)
    h1, h2 = (math.degrees(math.atan2(b, stretch * a)) % 360 for a, b in ((a1, b1), (a2, b2)))
    grey = c1 * c2 == 0
    turn = 0.0 if grey else (h2 - h1 + 180) % 360 - 180
    dl, dc = l2 - l1, c2 - c1
    dh = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn) / 2)
    light, chroma = (l1 + l2) / 2, (c1 + c2) / 2
    if grey:
        hue = h1 + h2
    elif abs(h1 - h2) <= 180:
        hue = (h1 + h2) / 2
    else:
        hue = (h1 + h2 + (360 if h1 + h2 < 360 else -360)) / 2
    return _weighted(dl, dc, dh, light, chroma, hue)


def _weighted(dl: float, dc: float, dh: float, light: float, chroma: float, hue: float) -> float:
    def cos(degrees: float) -> float:
        return math.cos(math.radians(degrees))

    t = 1 - 0.17 * cos(hue - 30) + 0.24 * cos(2 * hue) + 0.32 * cos(3 * hue + 6) - 0.20 * cos(4 * hue - 63)
    rotation = 30 * math.exp(-(((hue - 275) / 25) ** 2))
    rc = 2 * math.sqrt(chroma**7 / (chroma**7 + 25.0**7))
    sl = 1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2)
    sc, sh = 1 + 0.045 * chroma, 1 + 0.015 * chroma * t
    lighter, c, h = dl / sl, dc / sc, dh / sh
    square = lighter * lighter + c * c + h * h - math.sin(math.radians(2 * rotation)) * rc * c * h
    return math.sqrt(max(square, 0.0))
