"""A board against its template with OpenCV alone: the chain that tutorials and papers use, made as strong as it gets.

Phase correlation at a quarter of the size, an affine refinement by ECC there, a warp, thresholds, the difference,
opened and closed, its components, and their kinds by how many conductors they touch.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8
from robocell.vision.tools.pair import MARGIN

CHAIN = "phaseCorrelate + ECC at ¼ + warpAffine + absdiff + morphology + components"
_BLOCK = np.ones((3, 3), np.uint8)
_ROUND = np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (7, 7)), np.uint8)
_LEAST = 30  # pixels
_ACCURATE = (cv2.TERM_CRITERIA_COUNT | cv2.TERM_CRITERIA_EPS, 30, 1e-4)


def compare(template: U8, image: U8, refine: bool = True) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return boxes (K, 4) and kinds (K,), as indices of KINDS; `refine` allows for more than a shift."""
    small = [_quarter(p) for p in (template, image)]
    place = _place(_copper(small[0], small[0]), _copper(small[1], small[1]), refine)
    model = _copper(_laid(template, place, cv2.BORDER_REPLICATE), small[0])
    seen = _copper(image, small[1])
    known = cv2.erode(_laid(np.full_like(template, 255), place, cv2.BORDER_CONSTANT), _BLOCK)
    different = cv2.morphologyEx(cv2.bitwise_and(cv2.absdiff(seen, model), known), cv2.MORPH_OPEN, _BLOCK)
    different = np.asarray(cv2.morphologyEx(different, cv2.MORPH_CLOSE, _ROUND), np.uint8)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(different, connectivity=8)
    boxes, kinds = [], []
    for k in range(1, count):
        x, y, w, h, area = (int(n) for n in stats[k])
        if area >= _LEAST:
            boxes.append([x - MARGIN, y - MARGIN, x + w + MARGIN, y + h + MARGIN])
            kinds.append(_kind(np.asarray(labels, np.int32), k, (x, y, w, h), seen, model))
    return np.array(boxes, np.int64).reshape(-1, 4), np.array(kinds, np.int64)


def _quarter(picture: U8) -> U8:
    return np.asarray(cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA), np.uint8)


def _copper(picture: U8, small: U8) -> U8:
    """Return 255 where a picture is copper; the level is midway between Otsu's classes, which Otsu's own need not be."""
    dark = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    level = (cv2.mean(small, dark)[0] + cv2.mean(small, cv2.bitwise_not(dark))[0]) / 2
    return np.asarray(cv2.threshold(picture, level, 255, cv2.THRESH_BINARY_INV)[1], np.uint8)


def _place(template: U8, image: U8, refine: bool) -> NDArray[np.float32]:
    """Return (2, 3): pixel of the picture to pixel of the template, from pictures of a quarter of the size."""
    a, b = template.astype(np.float32), image.astype(np.float32)
    (dx, dy), _ = cv2.phaseCorrelate(b, a, cv2.createHanningWindow(a.shape[::-1], cv2.CV_32F))
    place = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
    if refine:
        everywhere = np.full(a.shape, 255, np.uint8)
        try:
            found = cv2.findTransformECC(b, a, place, cv2.MOTION_AFFINE, _ACCURATE, everywhere, 5)[1]
            place = np.asarray(found, np.float32)
        except cv2.error:  # it does not converge: the shift is what there is
            pass
    # pixel 4 x + 1.5 of the picture is pixel x of the small one
    place[:, 2] = 4 * place[:, 2] + 1.5 - place[:, :2] @ np.array([1.5, 1.5], np.float32)
    return place


def _laid(picture: U8, place: NDArray[np.float32], border: int) -> U8:
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(picture, place, picture.shape[::-1], flags=flags, borderMode=border), np.uint8)


def _kind(labels: NDArray[np.int32], k: int, box: tuple[int, int, int, int], seen: U8, model: U8) -> int:
    """Return the kind by how many pieces of copper (or background) of the template touch the blob."""
    x, y, w, h = box
    top, left = max(y - 5, 0), max(x - 5, 0)
    part = np.s_[top : y + h + 5, left : x + w + 5]
    blob = (labels[part] == k).astype(np.uint8)
    extra = cv2.countNonZero(seen[part] & (blob * 255)) * 2 > cv2.countNonZero(blob)
    ring = np.asarray(cv2.dilate(blob, _BLOCK, iterations=3), np.uint8) & ~blob
    other = model[part] if extra else ~model[part]
    touching = cv2.connectedComponents(np.asarray((other > 0) & (ring > 0), np.uint8), connectivity=8)[0] - 1
    if extra:
        return (4, 3, 1)[min(touching, 2)]
    return (5, 2, 0)[min(touching, 2)]
