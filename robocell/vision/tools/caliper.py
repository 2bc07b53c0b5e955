"""Measure edges along a line to thousandths of a pixel, each with its standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8
from robocell.vision.kernels import caliper as compiled
from robocell.vision.tools.checks import grey_picture

Array = NDArray[np.float64]
Polarity = Literal["any", "rising", "falling"]

_SHORTEST, _LONGEST, _WIDEST = 8, 4096, 512  # px
_MOST_EDGES = 64
_REASONS: Final = {
    compiled.OUTSIDE: "the caliper reaches outside of the picture",
    compiled.SATURATED: "the picture is saturated where the caliper looks: lower the exposure",
    compiled.CROWDED: f"more than {_MOST_EDGES} edges along the caliper",
}


@dataclass(frozen=True)
class Edges:
    """What a caliper found; K edges in order along it.

    Attributes:
        position: (K,) px along the caliper from its centre.
        sigma: (K,) standard error of the position, px, from the noise about the fitted edge.
        points: (K, 2) pixels, column and row.
        contrast: (K,) grey levels, positive where it becomes brighter along the caliper.
        blur: (K,) px, the Gaussian blur of the edge, beside a pixel's own width.
        width: px between the two edges of a pair; None where no pair was asked for or found.
        width_sigma: its standard error, px.
        reason: why there is no edge, or no pair; empty where there is.

    """

    position: Array
    sigma: Array
    points: Array
    contrast: Array
    blur: Array
    width: float | None = None
    width_sigma: float | None = None
    reason: str = ""

    def __len__(self) -> int:
        """How many edges there are."""
        return len(self.position)


@dataclass(frozen=True)
class Caliper:
    """A line of `length` px across which `width` rows are averaged, on which edges are sought.

    Attributes:
        centre: column and row of its middle, px.
        angle: of its direction, from columns towards rows, rad.
        length: px along it.
        width: px across it.
        polarity: whether edges become brighter ("rising") or darker ("falling") along it. With `pair`, of the first.
        pair: whether two edges of opposite polarity are sought, of all such neighbours those with the most contrast.
        least: contrast that an edge has, grey levels.
        blur: of the edges where it is known (px); by default it is estimated with each edge.
        saturation: grey level from which on pixels are clipped, which would shift an edge; 256 to let all pass.

    Raises:
        ValueError: a number is out of range.

    """

    centre: tuple[float, float]
    angle: float
    length: float
    width: float = 1
    polarity: Polarity = "any"
    pair: bool = False
    least: float = 10.0
    blur: float | None = None
    saturation: int = 255
    _direction: tuple[float, float] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        numbers = (*self.centre, self.angle, self.length, self.width, self.least, self.blur or 0.0)
        if not all(math.isfinite(n) for n in numbers):
            raise ValueError(f"a caliper's numbers are finite: {self.centre}, {numbers[2:]}")
        if not _SHORTEST <= self.length <= _LONGEST or not 1 <= self.width <= _WIDEST:
            raise ValueError(
                f"a caliper is {_SHORTEST} to {_LONGEST} px long and 1 to {_WIDEST} wide,"
                f" not {self.length:g} by {self.width:g}"
            )
        if not 0 < self.least <= 255 or (self.blur is not None and self.blur <= 0):
            raise ValueError(f"least contrast and blur are positive, not {self.least} and {self.blur}")
        if self.polarity not in ("any", "rising", "falling"):
            raise ValueError(f"a polarity is any, rising or falling, not {self.polarity!r}")
        object.__setattr__(self, "_direction", (math.cos(self.angle), math.sin(self.angle)))

    def measure(self, image: U8) -> Edges:
        """Find the edges in a picture, (H, W) uint8.

        Raises:
            VisionError: the picture is none.

        """
        picture = grey_picture(image)
        found = np.empty((_MOST_EDGES, compiled.RESULT))
        count = compiled.OUTSIDE
        if min(picture.shape) >= 2:
            count = compiled.edges(
                picture, float(self.centre[0]), float(self.centre[1]), float(self.angle), int(self.length) + 1,
                round(self.width), float(self.least), float(self.blur or 0.0), int(self.saturation), found
            )  # fmt: skip
        if count < 0:
            return self._edges(found[:0], _REASONS[count])
        return self._paired(found[:count]) if self.pair else self._alike(found[:count])

    def _alike(self, found: Array) -> Edges:
        if self.polarity != "any":
            found = found[(found[:, 2] > 0) == (self.polarity == "rising")]
        kind = "" if self.polarity == "any" else f"{self.polarity} "
        return self._edges(
            found, "" if len(found) else f"no {kind}edge of {self.least:g} grey levels along the caliper"
        )

    def _paired(self, found: Array) -> Edges:
        best, most = -1, 0.0
        for k in range(len(found) - 1):
            first, second = found[k, 2], found[k + 1, 2]
            right = self.polarity == "any" or (first > 0) == (self.polarity == "rising")
            if first * second < 0 and right and min(abs(first), abs(second)) > most:
                best, most = k, min(abs(first), abs(second))
        if best < 0:
            return self._edges(found[:0], f"no pair of edges of {self.least:g} grey levels along the caliper")
        pair = found[best : best + 2]
        width, sigma = float(pair[1, 0] - pair[0, 0]), math.hypot(pair[0, 1], pair[1, 1])
        return self._edges(pair, "", width, sigma)

    def _edges(self, found: Array, reason: str, width: float | None = None, width_sigma: float | None = None) -> Edges:
        position = found[:, 0]
        points = np.array(self.centre) + position[:, None] * np.array(self._direction)
        return Edges(position, found[:, 1], points, found[:, 2], found[:, 3], width, width_sigma, reason)
