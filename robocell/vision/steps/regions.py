"""Regions of a recipe → pixels: corners in the picture, and upright cut-outs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from robocell.model.recipe_region import BoxRegion, DiscRegion, Region
from robocell.vision.frame import U8, Array
from robocell.vision.view import Place, UnjudgeableError, View

_MOST_PIXELS = 64_000_000  # of a cut-out: work on a picture is bounded whatever a recipe says
_OVER = 0.5  # pixels that a region may reach out of the picture, from rounding


@dataclass(frozen=True)
class Cut:
    """An upright cut-out of a region.

    Attributes:
        pixels: (h, w) or (h, w, 3) uint8.
        mask: (h, w) bool, what belongs to the region; None: all of it.
        to_picture: (2, 3): pixel (column, row, 1) of the cut-out to the picture's.
        corners: (4, 2) of the region's rectangle in the picture.

    """

    pixels: U8
    mask: NDArray[np.bool_] | None
    to_picture: Array
    corners: Array

    @property
    def inside(self) -> U8:
        """The region's pixels, (N,) or (N, 3)."""
        if self.mask is None:
            return self.pixels.reshape(-1, *self.pixels.shape[2:])
        return np.asarray(self.pixels[self.mask], np.uint8)

    def boxes(self, boxes: NDArray[Any]) -> NDArray[np.int64]:
        """Return (K, 4) upright boxes in the picture around (K, 4) boxes x1 y1 x2 y2 of the cut-out, far corner exclusive."""
        rows = np.asarray(boxes, float).reshape(-1, 4) - 0.5  # edges of pixels, not their centres
        corners = np.stack([rows[:, [0, 1]], rows[:, [2, 1]], rows[:, [2, 3]], rows[:, [0, 3]]], axis=1)
        seen = corners @ self.to_picture[:, :2].T + self.to_picture[:, 2] + 0.5
        low, high = np.floor(seen.min(axis=1) + 1e-6), np.ceil(seen.max(axis=1) - 1e-6)
        return np.concatenate([low, high], axis=1).astype(np.int64)


def box_corners(box: tuple[Any, ...], scale: float | None, place: Place) -> Array:
    """Return (4, 2) pixels of the picture: the corners of `box: [x, y, width, height]` in a frame, edges of pixels."""
    x, y, width, height = (extent.seen(scale) for extent in box)
    return place.to_picture([(x, y), (x + width, y), (x + width, y + height), (x, y + height)])


def frame_of_region(region: Region, scale: float | None, place: Place) -> tuple[Place, float, float]:
    """Return a region's own frame (its middle and turn in the picture), its width and its height in pixels."""
    if isinstance(region, BoxRegion):
        x, y, width, height = (extent.seen(scale) for extent in region.box)
        # a box's corner is the edge of a pixel as far as [x, x + w) go: its middle lies half a pixel before
        at, turn = (x + (width - 1) / 2, y + (height - 1) / 2), 0.0
    elif isinstance(region, DiscRegion):
        width = height = region.disc.seen(scale)
        at, turn = (region.at[0].seen(scale), region.at[1].seen(scale)), 0.0
    else:
        width, height = (side.seen(scale) for side in region.size)
        at, turn = (region.at[0].seen(scale), region.at[1].seen(scale)), region.angle
    middle = place.to_picture([at])[0]
    return Place(float(middle[0]), float(middle[1]), place.angle + turn), width, height


def cut(region: Region, view: View, place: Place, colour: bool = False, shape: tuple[int, int] | None = None) -> Cut:
    """Cut a region out of the picture, upright.

    A region that lies along the picture's rows and columns is cut pixel by pixel, a turned one is resampled.

    Args:
        region: what to cut.
        view: the picture.
        place: the frame that the region is in.
        colour: whether colours are wanted.
        shape: (rows, columns) that the cut-out is to have; the region's own pixels by default.

    Raises:
        UnjudgeableError: it reaches out of the picture, is smaller than 2 × 2 pixels, or the picture is grey.

    """
    own, width, height = frame_of_region(region, view.scale, place)
    columns, rows = max(round(width), 1), max(round(height), 1)
    step_x = step_y = 1.0
    if shape is not None:
        rows, columns = shape
        step_x, step_y = width / columns, height / rows
    if min(columns, rows) < 2 or columns * rows > _MOST_PIXELS:
        raise UnjudgeableError(f"a region of {width:.1f} × {height:.1f} pixels cannot be judged")
    source = view.colour if colour else view.grey
    if source is None:
        raise UnjudgeableError("the picture is grey, and this step looks at its colour")
    x, y = (columns - 1) / 2, (rows - 1) / 2
    c, s = math.cos(own.angle), math.sin(own.angle)
    straight = shape is None and abs(math.remainder(own.angle, 2 * math.pi)) * max(columns, rows) < 0.1
    if straight:
        left, top = round(own.x - x), round(own.y - y)
        to_picture = np.array([[1.0, 0.0, left], [0.0, 1.0, top]])
    else:
        linear = np.array([[c * step_x, -s * step_y], [s * step_x, c * step_y]])
        to_picture = np.column_stack([linear, np.array([own.x, own.y]) - linear @ [x, y]])
    ends = np.array([(0, 0), (columns - 1, 0), (columns - 1, rows - 1), (0, rows - 1)], float)
    corners = ends @ to_picture[:, :2].T + to_picture[:, 2]
    limit = np.array([source.shape[1] - 1, source.shape[0] - 1])
    if isinstance(region, DiscRegion):
        low, high = [own.x - width / 2, own.y - width / 2], [own.x + width / 2, own.y + width / 2]
        outside = float(max(np.max(-np.array(low)), np.max(np.array(high) - limit)))
    else:
        outside = float(max(np.max(-corners), np.max(corners - limit)))
    if outside > _OVER and not (straight and outside <= 1):
        raise UnjudgeableError(f"the region reaches {outside:.0f} pixels out of the picture")
    pixels = _pixels(source, to_picture, (columns, rows), straight)
    mask = None
    if isinstance(region, DiscRegion):
        j, i = np.meshgrid(np.arange(columns) - x, np.arange(rows) - y)
        mask = np.hypot(j, i) <= width / 2
    return Cut(pixels, mask, to_picture, corners)


def _pixels(source: U8, to_picture: Array, size: tuple[int, int], straight: bool) -> U8:
    left, top = int(to_picture[0, 2]), int(to_picture[1, 2])
    if straight and left >= 0 and top >= 0 and left + size[0] <= source.shape[1] and top + size[1] <= source.shape[0]:
        return np.ascontiguousarray(source[top : top + size[1], left : left + size[0]])
    import cv2

    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    fold = math.ceil(float(np.max(np.hypot(to_picture[0, :2], to_picture[1, :2]))) - 0.25)
    if fold <= 1:
        seen = cv2.warpAffine(source, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(seen, np.uint8)
    # where the cut-out is coarser than the picture, each of its pixels is the mean of what it covers
    fine = to_picture.copy()
    fine[:, :2] /= fold
    fine[:, 2] -= to_picture[:, :2] @ np.full(2, (fold - 1) / (2 * fold))
    large = (size[0] * fold, size[1] * fold)
    seen = cv2.warpAffine(source, fine, large, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.resize(seen, size, interpolation=cv2.INTER_AREA), np.uint8)
