"""The variation model ("golden template"): what good parts look like, and how much they differ.

A picture is laid upon the model (`coarse`, `registration`, `bending`) and its brightness matched (`brightness`); then,
in one pass over it, the difference is smoothed with a kernel as fine as the finest flaw and held against its band: a
floor in grey levels plus so many learnt standard deviations.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.frame import U8, Array
from robocell.vision.kernels.golden import LIMIT
from robocell.vision.kernels.lanes import LEVEL
from robocell.vision.tools.blobs import checked, joined
from robocell.vision.tools.brightness import Gains
from robocell.vision.tools.coarse import SHIFT, Coarse
from robocell.vision.tools.learnt_band import LearntBand, Placing, levels_of
from robocell.vision.tools.mesh import UNMOVED, Mesh, check_size

F32 = NDArray[np.float32]
Bool = NDArray[np.bool_]

_LEAST_SIDE = 16  # pixels
_MOST_FLAWS = 200
_MOST_UNSEEN = 0.15  # share of what is to be compared that may lie outside the picture
_LEAST_AGREEMENT = 0.3  # correlation of what is seen at the learnt edges with them
_GAIN = (0.3, 3.0)  # relative brightness within which levels can be matched at all
_MARGIN = 8  # pixels: pictures of one place may be so far off
_SURE = 0.1  # how well a band is to be known


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
        placement: (2, 3) refined: pixel of the model to pixel of the picture; where the model bends, the affine part.
        overflow: nothing may be concluded from what is not listed; the part has not passed.
        reason: why, where it overflows.

    """

    boxes: NDArray[np.int64]
    area: Array
    contrast: Array
    score: Array
    worst: float
    gain: float
    placement: Array
    overflow: bool = False
    reason: str = ""

    def __len__(self) -> int:
        return len(self.boxes)


@dataclass(frozen=True)
class _Seen:
    """A picture held against the model: where it shows it, its brightness, and the smoothed differences."""

    mesh: Mesh
    placement: Array
    gains: Gains
    runs: NDArray[np.int32] | None
    out: NDArray[np.int16]
    worst: float
    unseen: float
    agreement: float


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
        bends: whether parts are not rigid, or their pictures are stretched, and tiles are registered one by one.

    """

    mean: F32
    deviation: F32
    mask: Bool
    contrast: float = 5.0
    spread: float = 6.0
    least_area: int = 5
    pictures: int = 0
    bends: bool = False
    _placing: Placing = field(init=False, repr=False, compare=False)
    _band: LearntBand = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not (self.mean.ndim == 2 and self.mean.shape == self.deviation.shape == self.mask.shape):
            raise VisionError("a variation model needs a mean, a deviation and a mask of one shape")
        if min(self.mean.shape) < _LEAST_SIDE or not self.mask.any():
            raise VisionError(f"a variation model of {self.mean.shape} pixels compares nothing")
        if not (np.isfinite(self.mean).all() and np.isfinite(self.deviation).all()):
            raise VisionError("a variation model holds numbers that are not finite")
        check_size(self.mean.shape)
        object.__setattr__(self, "_placing", Placing(self.mean, self.mask, self.bends))
        object.__setattr__(self, "_band", LearntBand(self.mean, self.tolerance(), self.mask))

    def tolerance(self) -> F32:
        """Return (H, W) grey levels by which a smoothed difference may depart from the mean good picture."""
        import cv2

        widened = np.asarray(cv2.dilate(self.deviation, np.ones((3, 3), np.uint8)), np.float32)
        return np.asarray(np.float32(self.contrast) + np.float32(self.spread) * widened, np.float32)

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
        bends: bool | None = None,
    ) -> Self:
        """Learn from good pictures.

        Args:
            images: (K, H, W) uint8, K at least 2, or K pictures if `placements` are given.
            mask: (h, w) bool, what to compare; all by default, but for a margin of 8 pixels where no placements are
                given, since not every picture shows it.
            placements: K times (2, 3), pixel of the model to pixel of the picture, good to about a pixel;
                by default each is searched for: pictures of one place may be some pixels, a degree and a percent off.
            shape: (h, w) of the model; the pictures' by default.
            contrast: see the class.
            spread: see the class.
            least_area: see the class.
            bends: see the class; by default parts bend where no placements are given.

        Raises:
            VisionError: too few pictures, or of the wrong shape or depth, or one that does not show the part.

        """
        pictures = [checked(image) for image in images]
        if len(pictures) < 2:
            raise VisionError(f"a variation model is learnt from at least 2 good pictures, not {len(pictures)}")
        size = shape or (pictures[0].shape[0], pictures[0].shape[1])
        if placements is None and any(picture.shape != size for picture in pictures):
            raise VisionError("pictures without placements must be of one size")
        if placements is not None and len(placements) != len(pictures):
            raise VisionError(f"{len(placements)} placements do not belong to {len(pictures)} pictures")
        where = (
            _all_but_margin(size, 0 if placements is not None else _MARGIN) if mask is None else np.asarray(mask, bool)
        )
        if where.shape != size:
            raise VisionError(f"the mask is {where.shape}, the model {size}")
        bent = placements is None if bends is None else bends
        starts = [None] * len(pictures) if placements is None else [np.asarray(p, float) for p in placements]
        central = _most_central(pictures) if placements is None else 0
        first = UNMOVED if placements is None else np.asarray(placements[0], float)
        flat = Gains(np.zeros((*Mesh.affine(first, size).nodes.shape[:2], 2)) + [1.0, 0.0], 1.0)
        zero, mean = np.zeros(size, np.float32), levels_of(pictures[central], Mesh.affine(first, size), flat, size)
        for _ in range(2):
            model = cls(mean, zero, where, contrast, spread, least_area, bends=bent)
            mean, where = model._mean_of(pictures, starts)
        model = cls(mean, zero, where, contrast, spread, least_area, bends=bent)
        square = np.zeros(size, np.float64)
        for picture, start in zip(pictures, starts, strict=True):
            square += (model._held(picture, start).out[:, : size[1]] / LEVEL) ** 2
        deviation = np.sqrt(square / (len(pictures) - 1)).astype(np.float32)
        return cls(mean, deviation, where, contrast, spread, least_area, len(pictures), bent)._rounded()

    def compare(self, image: U8, placement: Array | None = None) -> Defects:
        """Compare a picture with the model.

        Args:
            image: (H, W) uint8.
            placement: (2, 3) pixel of the model to pixel of the picture, good to about a pixel; by default
                it is searched for in a picture as large as the model.

        Raises:
            VisionError: the picture is not (H, W) uint8, or without placement not of the model's size.

        """
        picture = checked(image)
        if placement is None and picture.shape != self.mean.shape:
            raise VisionError(f"the picture is {picture.shape}, the model {self.mean.shape}: give a placement")
        return self._judged(self._held(picture, None if placement is None else np.asarray(placement, float)))

    @property
    def wants_more(self) -> int:
        """How many more good pictures it takes until bands are known to a tenth.

        The standard deviation of n pictures is known to 1 / √(2 (n − 1)) of itself. Where good parts hardly differ,
        bands are mostly their floor, and few pictures are enough.
        """
        learnt = self.spread * self.deviation[self.mask]
        share = float(np.quantile(learnt / (self.contrast + learnt), 0.99))
        known = max(self.pictures - 1, 1)
        share *= 1 + 1.64 / math.sqrt(2 * known)  # what few pictures have not shown
        return max(math.ceil(min(share, 1.0) ** 2 / (2 * _SURE**2)) + 1 - self.pictures, 0)

    def _held(self, picture: U8, start: Array | None) -> _Seen:
        mesh, placement, gains = self._placing.of(picture, start)
        runs, out, most, unseen = self._band.compare(picture, mesh, gains)
        agreement = self._placing.agreement(picture, placement)
        return _Seen(mesh, placement, gains, runs, out, most / LIMIT, unseen / np.count_nonzero(self.mask), agreement)

    def _mean_of(self, pictures: Sequence[U8], starts: Sequence[Array | None]) -> tuple[F32, Bool]:
        """Return the pictures' mean on the model's grid, and where most of them show it."""
        total, count = np.zeros(self.mean.shape, np.float32), np.zeros(self.mean.shape, np.float32)
        for number, (picture, start) in enumerate(zip(pictures, starts, strict=True), start=1):
            mesh, placement, gains = self._placing.of(picture, start)
            agrees = self._placing.agreement(picture, placement) >= _LEAST_AGREEMENT
            if not (agrees and _GAIN[0] <= gains.gain <= _GAIN[1]):
                raise VisionError(f"picture {number} does not show what the others do, or in another light")
            inside = mesh.inside(self.mean.shape, picture.shape)
            total += levels_of(picture, mesh, gains, self.mean.shape) * inside
            count += inside
        mean = np.where(count > 0, total / np.maximum(count, 1), self.mean).astype(np.float32)
        return mean, self.mask & (count >= len(pictures) / 2)

    def _judged(self, seen: _Seen) -> Defects:
        gain, place = seen.gains.gain, seen.placement
        reason = ""
        if not _GAIN[0] <= gain <= _GAIN[1]:
            reason = f"the picture is {gain:.0%} as bright as good ones: check the light"
        elif seen.unseen > _MOST_UNSEEN:
            reason = f"{seen.unseen:.0%} of what is to be compared lies outside the picture"
        elif seen.agreement < _LEAST_AGREEMENT:
            reason = f"the picture does not show what was learnt: its edges agree by {max(seen.agreement, 0):.0%}"
        if seen.runs is None or not len(seen.runs):
            if seen.runs is None:
                reason = reason or "the picture differs from good ones nearly everywhere"
            none = np.empty(0)
            return Defects(np.empty((0, 4), np.int64), none, none, none, seen.worst, gain, place, bool(reason), reason)
        sums, labels = joined(seen.runs)
        big = np.flatnonzero(sums[:, 4] >= self.least_area)
        big = big[np.argsort(-sums[big, 4], kind="stable")]
        if len(big) > _MOST_FLAWS:
            reason = reason or f"the picture differs from good ones in {len(big)} places"
        kept = big[:_MOST_FLAWS]
        told = self._band.measured(seen.runs, labels, kept, len(sums), seen.out)
        boxes = [_box(sums[k, :4], seen.mesh) for k in kept]
        order = sorted(range(len(kept)), key=lambda k: (-int(told[k, 0]), boxes[k]))
        told = told[order]
        return Defects(
            np.array([boxes[k] for k in order], np.int64).reshape(-1, 4),
            told[:, 3].astype(np.float64), told[:, 2] / LEVEL / np.maximum(told[:, 3], 1), told[:, 0] / LIMIT,
            seen.worst if len(kept) else min(seen.worst, 1.0), gain, place, bool(reason), reason,
        )  # fmt: skip

    def _rounded(self) -> Self:
        """Return the model as it is after storing: scores are the same in teaching and in running."""
        return type(self).from_arrays(self.to_arrays())

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the model as arrays to be stored; it is rounded as they are since it was learnt."""
        deviation = np.where(self.mask, np.clip(np.rint(self.deviation * 16), 0, 255), 0)
        return {
            "mean": np.rint(self.mean * 4).astype(np.uint16),
            "deviation": deviation.astype(np.uint8),
            "mask": np.packbits(self.mask, axis=1),
            "limits": np.array([self.contrast, self.spread, self.least_area, self.pictures, self.bends], np.float64),
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
            contrast, spread, area, pictures, bends = (float(n) for n in arrays["limits"])
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise VisionError("the arrays of a learnt model do not fit: teach the recipe again") from error
        return cls(mean, deviation, mask, contrast, spread, int(area), int(pictures), bool(bends))


def _most_central(pictures: Sequence[U8]) -> int:
    """Return which picture lies amid the others, so that none is further off than need be."""
    coarse = Coarse(pictures[0].astype(np.float32), np.ones(pictures[0].shape, bool), shift=2 * SHIFT)
    middle = np.array([pictures[0].shape[1] / 2, pictures[0].shape[0] / 2, 1.0])
    places = np.array([middle @ coarse.find(picture).T for picture in pictures])
    return int(np.argmin(np.hypot(*(places[:, None] - places).transpose(2, 0, 1)).sum(axis=1)))


def _all_but_margin(shape: tuple[int, int], margin: int) -> Bool:
    margin = min(margin, min(shape) // 8)
    mask = np.zeros(shape, bool)
    mask[margin : shape[0] - margin, margin : shape[1] - margin] = True
    return mask


def _box(box: NDArray[np.int64], mesh: Mesh) -> tuple[int, int, int, int]:
    """Return the upright box in the picture around a box of the model."""
    x1, y1, x2, y2 = (float(n) - 0.5 for n in box)  # edges of pixels, not their centres
    corners = mesh.at(np.array([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])) + 0.5
    low, high = np.floor(corners.min(axis=0) + 1e-6), np.ceil(corners.max(axis=0) - 1e-6)
    return int(low[0]), int(low[1]), int(high[0]), int(high[1])
