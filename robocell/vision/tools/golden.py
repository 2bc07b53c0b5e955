"""The variation model ("golden template"): what good parts look like, and how much they differ.

A picture is laid upon the model (`registration`), its brightness matched (`brightness`), and the difference
smoothed with a kernel as fine as the finest flaw. A pixel is different where that exceeds its band: a floor
in grey levels plus so many learnt standard deviations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.tools.brightness import Brightness
from robocell.vision.tools.registration import Registration

F32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

_SMOOTH = 1.3  # pixels: the sigma of the kernel that differences are smoothed with
_LEAST_SIDE = 16  # pixels
_MOST_FLAWS = 200
_ENOUGH = 50  # pictures: a standard deviation of n is known to 1 / sqrt(2 n)


@dataclass(frozen=True)
class Defects:
    """Where a picture differs from good ones; K places, the worst first.

    Attributes:
        boxes: (K, 4) x1 y1 x2 y2 in pixels of the picture, far corner exclusive.
        area: (K,) pixels of the model that differ by at least half of the greatest difference.
        contrast: (K,) mean difference over that area, grey levels of the model; negative is darker.
        score: (K,) greatest difference in units of the band; 1 is the limit.
        worst: greatest such score anywhere, also of what was too small to count.
        gain: brightness of the picture relative to the model.
        placement: (2, 3) refined: pixel of the model to pixel of the picture.
        overflow: there were more places than are listed.

    """

    boxes: NDArray[np.int64]
    area: Array
    contrast: Array
    score: Array
    worst: float
    gain: float
    placement: Array
    overflow: bool = False

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True)
class VariationModel:
    """What good pictures have in common.

    Attributes:
        mean: (H, W) float32, the mean good picture.
        deviation: (H, W) float32, standard deviation of the smoothed difference from it.
        mask: (H, W) bool, what is compared.
        contrast: grey levels that a difference may always have.
        spread: how many standard deviations it may have beyond.
        least_area: pixels that must differ together to count.
        pictures: how many it was learnt from.

    """

    mean: F32
    deviation: F32
    mask: Bool
    contrast: float = 5.0
    spread: float = 6.0
    least_area: int = 5
    pictures: int = 0
    _registration: Registration = field(init=False, repr=False, compare=False)
    _brightness: Brightness = field(init=False, repr=False, compare=False)
    _weight: F32 = field(init=False, repr=False, compare=False)
    _inverse_band: F32 = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.mean.ndim == 2 and self.mean.shape == self.deviation.shape == self.mask.shape):
            raise VisionError("a variation model needs a mean, a deviation and a mask of one shape")
        if min(self.mean.shape) < _LEAST_SIDE or not self.mask.any():
            raise VisionError(f"a variation model of {self.mean.shape} pixels compares nothing")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.deviation).all()):
            raise VisionError("a variation model holds numbers that are not finite")
        self._prepare()

    def _prepare(self) -> None:
        """Compute once what every comparison uses."""
        import cv2

        widened = np.asarray(cv2.dilate(self.deviation, np.ones((3, 3), np.uint8)), np.float32)
        weight = self.mask.astype(np.float32)
        inverse_band = weight / (np.float32(self.contrast) + np.float32(self.spread) * widened)
        object.__setattr__(self, "_registration", Registration(self.mean, self.mask))
        object.__setattr__(self, "_brightness", Brightness(self.mean, self.mask))
        object.__setattr__(self, "_weight", weight)
        object.__setattr__(self, "_inverse_band", inverse_band.astype(np.float32))

    @classmethod
    def learn(
        cls,
        images: U8 | Sequence[U8],
        mask: Bool | None = None,
        *,
        placements: Sequence[Array] | None = None,
        shape: tuple[int, int] | None = None,
        contrast: float = 5.0,
        spread: float = 6.0,
        least_area: int = 5,
    ) -> Self:
        """Learn from good pictures.

        Args:
            images: (K, H, W) uint8, K at least 2, or K pictures if `placements` are given.
            mask: (h, w) bool, what to compare; all by default.
            placements: K times (2, 3), pixel of the model to pixel of the picture, good to about a pixel;
                by default the pictures lie upon each other that well already.
            shape: (h, w) of the model; the pictures' by default.
            contrast: see the class.
            spread: see the class.
            least_area: see the class.

        Raises:
            VisionError: too few pictures, or of the wrong shape or depth.

        """
        pictures = [_checked(image) for image in images]
        if len(pictures) < 2:
            raise VisionError(f"a variation model is learnt from at least 2 good pictures, not {len(pictures)}")
        size = shape or (pictures[0].shape[0], pictures[0].shape[1])
        if placements is None and any(picture.shape != size for picture in pictures):
            raise VisionError("pictures without placements must be of one size")
        places = [np.asarray(p, float) for p in placements] if placements is not None else [_UNMOVED] * len(pictures)
        where = np.ones(size, bool) if mask is None else np.asarray(mask, bool)
        zero = np.zeros(size, np.float32)
        mean = _warp(pictures[0], places[0], size)
        for _ in range(2):
            model = cls(mean, zero, where, contrast, spread, least_area)
            places = [
                model._registration.refine(picture, place) for picture, place in zip(pictures, places, strict=True)
            ]
            mean = np.zeros(size, np.float32)
            for picture, place in zip(pictures, places, strict=True):
                mean += model._matched(picture, place)[0] / np.float32(len(pictures))
            # The pictures' mean place is the model's: refining against their mean must not walk away from it.
        model = cls(mean, zero, where, contrast, spread, least_area)
        square = np.zeros(size, np.float32)
        for picture, place in zip(pictures, places, strict=True):
            matched, _ = model._matched(picture, model._registration.refine(picture, place))
            square += model._smooth(matched - mean) ** 2
        deviation = np.sqrt(square / np.float32(len(pictures) - 1))
        return cls(mean, deviation, where, contrast, spread, least_area, len(pictures))._rounded()

    def compare(self, image: U8, placement: Array | None = None) -> Defects:
        """Compare a picture with the model.

        Args:
            image: (H, W) uint8.
            placement: (2, 3) pixel of the model to pixel of the picture, good to about a pixel; by default
                the picture lies upon the model that well already.

        Raises:
            VisionError: the picture is not (H, W) uint8, or without placement not of the model's size.

        """
        picture = _checked(image)
        if placement is None and picture.shape != self.mean.shape:
            raise VisionError(f"the picture is {picture.shape}, the model {self.mean.shape}: give a placement")
        place = self._registration.refine(picture, _UNMOVED if placement is None else np.asarray(placement, float))
        matched, gain = self._matched(picture, place)
        return self._judge(matched, gain, place)

    def _matched(self, picture: U8, place: Array) -> tuple[F32, float]:
        """Return the picture on the model's grid, in the model's brightness, and its gain."""
        import cv2

        seen = _warp(picture, place, self.mean.shape)
        inverse, gain = self._brightness.factors(seen)
        return np.asarray(cv2.multiply(seen, inverse), np.float32), gain

    def _smooth(self, difference: F32) -> F32:
        """Return the difference inside the mask, smoothed as finely as the finest flaw."""
        import cv2

        masked = cv2.multiply(difference, self._weight)
        return np.asarray(cv2.GaussianBlur(masked, (0, 0), _SMOOTH), np.float32)

    def _judge(self, matched: F32, gain: float, place: Array) -> Defects:
        import cv2

        difference = self._smooth(matched - self.mean)
        ratio = np.abs(difference) * self._inverse_band
        worst = float(ratio.max())
        if worst <= 1:
            none = np.empty(0)
            return Defects(np.empty((0, 4), np.int64), none, none, none, worst, gain, place)
        count, labels, stats, _ = cv2.connectedComponentsWithStatsWithAlgorithm(
            (ratio > 1).view(np.uint8), connectivity=8, ltype=cv2.CV_32S, ccltype=cv2.CCL_BBDT
        )
        big = [k for k in range(1, count) if stats[k, cv2.CC_STAT_AREA] >= self.least_area]
        big.sort(key=lambda k: (-int(stats[k, cv2.CC_STAT_AREA]), k))
        found = []
        for k in big[:_MOST_FLAWS]:
            x, y, w, h = (int(n) for n in stats[k, :4])
            part = np.s_[y : y + h, x : x + w]
            inside = labels[part] == k
            score = float(ratio[part][inside].max())
            size, contrast = _extent(difference[part], inside)
            found.append((score, size, contrast, _box((x, y, x + w, y + h), place)))
        found.sort(key=lambda flaw: (-flaw[0], flaw[3]))
        return Defects(
            np.array([flaw[3] for flaw in found], np.int64).reshape(-1, 4),
            np.array([flaw[1] for flaw in found]),
            np.array([flaw[2] for flaw in found]),
            np.array([flaw[0] for flaw in found]),
            worst if found else 1.0, gain, place, len(big) > _MOST_FLAWS,
        )  # fmt: skip

    def _rounded(self) -> Self:
        """Return the model as it is after storing: scores are the same in teaching and in running."""
        mean = np.rint(self.mean * 4) / 4
        deviation = np.clip(np.rint(self.deviation * 16), 0, 255) / 16
        deviation[~self.mask] = 0
        return type(self)(
            mean.astype(np.float32), deviation.astype(np.float32), self.mask,
            self.contrast, self.spread, self.least_area, self.pictures,
        )  # fmt: skip

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the model as arrays to be stored; it is rounded as they are since it was learnt."""
        return {
            "mean": np.rint(self.mean * 4).astype(np.uint16),
            "deviation": np.rint(self.deviation * 16).astype(np.uint8),
            "mask": np.packbits(self.mask, axis=1),
            "limits": np.array([self.contrast, self.spread, self.least_area, self.pictures], np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Return the model that `to_arrays` gave.

        Raises:
            VisionError: an array is missing or does not fit.

        """
        try:
            mean = arrays["mean"].astype(np.float32) / np.float32(4)
            deviation = arrays["deviation"].astype(np.float32) / np.float32(16)
            mask = np.unpackbits(arrays["mask"], axis=1, count=mean.shape[1]).astype(bool)
            contrast, spread, area, pictures = (float(n) for n in arrays["limits"])
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise VisionError("the arrays of a learnt model do not fit: teach the recipe again") from error
        return cls(mean, deviation, mask, contrast, spread, int(area), int(pictures))

    @property
    def wants_more(self) -> int:
        """How many more good pictures it takes until its deviations are known to a tenth."""
        return max(_ENOUGH - self.pictures, 0)


_UNMOVED = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])


def _extent(difference: F32, inside: Bool) -> tuple[float, float]:
    """Return a flaw's area and contrast: smoothing widens the foot, not the half height or the volume."""
    size = np.abs(difference)
    at_half = inside & (size > 0.5 * float(size[inside].max()))
    area = float(np.count_nonzero(at_half))
    return area, float(difference[inside].sum()) / area


def _warp(picture: U8, place: Array, shape: tuple[int, ...]) -> F32:
    import cv2

    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(picture, place, (shape[1], shape[0]), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return seen.astype(np.float32)


def _checked(image: U8) -> U8:
    if not (isinstance(image, np.ndarray) and image.ndim == 2 and image.dtype == np.uint8 and image.size):
        shape, depth = getattr(image, "shape", ()), getattr(image, "dtype", type(image).__name__)
        raise VisionError(f"a picture is (rows, columns) uint8, not {tuple(shape)} {depth}")
    return image


def _box(box: tuple[int, int, int, int], place: Array) -> tuple[int, int, int, int]:
    """Return the upright box in the picture around a box of the model."""
    x1, y1, x2, y2 = (n - 0.5 for n in box)  # edges of pixels, not their centres
    corners = np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]]) @ place[:, :2].T + place[:, 2] + 0.5
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
