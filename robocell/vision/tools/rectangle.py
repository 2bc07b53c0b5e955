"""Locate a rectangular part of known size against its ground: a coarse blob, then a line along each of its four sides.

Each side is crossed by short profiles; the place of the edge on a profile is the centroid of its gradient, and a line is
fitted to the places with outliers weighed down (Tukey's biweight), so that a label at the rim or a speck beside the part
does not turn it. Centre and turn follow from the four lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from robocell.vision.frame import U8, Array

_COARSE = 8  # the picture is reduced by this to find the part at all
_CROSS = 12  # px that a profile reaches to either side of the coarse edge
_ALONG = 48  # profiles a side
_ENDS = 0.08  # share of a side at each end without profiles: corners may be round
_FEWEST = 16  # profiles with an edge that a side needs
_LEAST_STEP = 12.0  # grey levels across an edge
_CUT = 4.685  # of the biweight, in standard deviations


@dataclass(frozen=True)
class Rectangle:
    """A located rectangle.

    Attributes:
        x, y: centre, px.
        angle: from the picture's columns towards its rows to the rectangle's own first side, rad, within ±π/4 of 0 or
            as near to the angle asked for as its symmetry allows.
        width, height: along its own sides, px.
        residual: root mean square of the edge's distance from the fitted lines, px.

    """

    x: float
    y: float
    angle: float
    width: float
    height: float
    residual: float


def find_rectangle(
    image: U8, size: tuple[float, float], search: float, turn: float, near: float = 0.0
) -> Rectangle | str:
    """Find the rectangle.

    Args:
        image: (H, W) uint8.
        size: nominal width and height, px.
        search: by how many px either may differ.
        turn: greatest turn away from `near`, rad.
        near: expected angle, rad.

    Returns:
        The rectangle, or why there is none, in words.

    """
    coarse = _coarse(image, size)
    if isinstance(coarse, str):
        return coarse
    x, y, angle = coarse
    quarter = math.pi / 2 if abs(size[0] - size[1]) <= 2 * search else math.pi
    angle -= quarter * round((angle - near) / quarter)
    if abs(angle - near) > turn + math.radians(1.5):
        return (
            f"the part lies turned by {math.degrees(angle - near):.1f}°, which is more than {math.degrees(turn):.1f}°"
        )
    found = _refined(image, x, y, angle, size)
    if isinstance(found, str):
        return found
    if abs(found.width - size[0]) > search or abs(found.height - size[1]) > search:
        return f"what is in view measures {found.width:.1f} × {found.height:.1f} px, not {size[0]:.1f} × {size[1]:.1f}"
    if abs(found.angle - near) > turn:
        return f"the part lies turned by {math.degrees(found.angle - near):.1f}°, more than {math.degrees(turn):.1f}°"
    return found


def _coarse(image: U8, size: tuple[float, float]) -> tuple[float, float, float] | str:
    """Return centre and angle of the blob that has about the rectangle's area, brighter or darker than its ground."""
    import cv2

    fold = max(min(_COARSE, int(min(size) // 24)), 1)
    rows, columns = image.shape[0] // fold, image.shape[1] // fold
    if min(rows, columns) < 8:
        return "the picture is too small for the part"
    small = cv2.resize(image[: rows * fold, : columns * fold], (columns, rows), interpolation=cv2.INTER_AREA)
    _, bright = cv2.threshold(cv2.medianBlur(small, 3), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    area = size[0] * size[1] / fold**2
    for mask in (bright, cv2.bitwise_not(bright)):
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        for outline in sorted(outlines, key=cv2.contourArea, reverse=True)[:4]:
            (cx, cy), (w, h), degrees = cv2.minAreaRect(outline)
            w, h = w + 1, h + 1  # outlines run through the centres of pixels
            if not 0.8 < w * h / area < 1.25 or max(w, h) > 1.25 * max(size) / fold:
                continue
            if (w < h) != (size[0] < size[1]) and abs(size[0] - size[1]) > 0.1 * max(size):
                degrees += 90
            return fold * (cx + 0.5) - 0.5, fold * (cy + 0.5) - 0.5, math.radians(degrees)
    return "no part of the right size is wholly in view"


def _refined(image: U8, x: float, y: float, angle: float, size: tuple[float, float]) -> Rectangle | str:
    normals, offsets, rests = [], [], []
    for side in range(4):
        across = angle + side * math.pi / 2
        normal = np.array([math.cos(across), math.sin(across)])
        half, length = (size[0] / 2, size[1]) if side % 2 == 0 else (size[1] / 2, size[0])
        places = _edges(image, (x, y), normal, half, length)
        if len(places) < _FEWEST:
            return "a side of the part is out of view or has no edge against its ground"
        fitted, offset, rest = _line(places, normal)
        normals.append(fitted)
        offsets.append(offset)
        rests.append(rest)
    corners = np.array(
        [
            np.linalg.solve(np.array([normals[k], normals[(k + 1) % 4]]), [offsets[k], offsets[(k + 1) % 4]])
            for k in range(4)
        ]
    )
    centre = corners.mean(axis=0)
    turns = [math.atan2(n[1], n[0]) - k * math.pi / 2 for k, n in enumerate(normals)]
    turned = angle + float(np.mean([math.remainder(t - angle, 2 * math.pi) for t in turns]))
    width = float(sum(n @ -centre + o for n, o in ((normals[0], offsets[0]), (normals[2], offsets[2]))))
    height = float(sum(n @ -centre + o for n, o in ((normals[1], offsets[1]), (normals[3], offsets[3]))))
    return Rectangle(
        float(centre[0]), float(centre[1]), turned, width, height, float(np.sqrt(np.mean(np.square(rests))))
    )


def _edges(image: U8, centre: tuple[float, float], normal: Array, half: float, length: float) -> Array:
    """Return (M, 2) places of the edge on profiles across a side; its outward normal is given."""
    import cv2

    along = np.array([-normal[1], normal[0]])
    at = np.linspace(-(0.5 - _ENDS), 0.5 - _ENDS, _ALONG) * length
    reach = np.arange(-_CROSS, _CROSS + 1.0)
    points = np.array(centre) + at[:, None, None] * along + (half + reach)[None, :, None] * normal
    maps = points.astype(np.float32)
    profiles = cv2.remap(image, maps[..., 0], maps[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    inside = np.all((points > 0) & (points < np.array(image.shape[::-1]) - 1), axis=(1, 2))
    steps = np.diff(profiles.astype(np.float64), axis=1)
    sign = np.sign(np.median(profiles[:, -4:]) - np.median(profiles[:, :4])) or 1.0
    strength = np.maximum(sign * steps, 0.0)
    peak = np.argmax(strength, axis=1)
    near = np.abs(np.arange(strength.shape[1])[None, :] - peak[:, None]) <= 2
    weight = np.where(near, strength, 0.0)
    total = weight.sum(axis=1)
    good = inside & (total >= _LEAST_STEP) & (peak > 1) & (peak < strength.shape[1] - 2)
    offset = (weight @ (reach[:-1] + 0.5))[good] / total[good]
    return np.asarray(np.array(centre) + at[good, None] * along + (half + offset)[:, None] * normal, np.float64)


def _line(places: Array, normal: Array) -> tuple[Array, float, float]:
    """Fit a line n·p = c; return n (towards `normal`), c and the root mean square of the weighed distances."""
    weight = np.ones(len(places))
    fitted, offset, rest = normal, 0.0, 0.0
    for _ in range(6):
        middle = weight @ places / weight.sum()
        apart = places - middle
        _, vectors = np.linalg.eigh((weight[:, None] * apart).T @ apart)
        fitted = vectors[:, 0] * (1.0 if vectors[:, 0] @ normal > 0 else -1.0)
        offset = float(fitted @ middle)
        distance = places @ fitted - offset
        scale = max(1.4826 * float(np.median(np.abs(distance))), 0.02)
        rest = float(np.sqrt(weight @ distance**2 / weight.sum()))
        weight = np.maximum(1 - (distance / (_CUT * scale)) ** 2, 0.0) ** 2 + 1e-9
    return np.asarray(fitted, np.float64), offset, rest
