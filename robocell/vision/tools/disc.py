"""Locate a round face: which disc, and its rim to a fraction of a pixel.

Coarsely, every edge pixel of the reduced picture votes for the point one radius along its gradient (the
circular Hough transform with gradient direction); peaks are centres, also of discs that reach out of the
picture. Finely, the edge is measured on rays across the rim, as the centroid of the brightness gradient,
and a circle is fitted that leaves out what does not lie on it: touching neighbours, shadows, burrs.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.vision.frame import U8, Array
from robocell.vision.tools.registration import median

_COARSE_RADIUS = 80  # pixels of the reduced picture
_RAYS = 360
_STEP = 0.5  # pixels between samples on a ray
_MOST_EDGES = 30_000
_MOST_CANDIDATES = 8
_LEAST_STEP = 8.0  # grey levels across the rim below which there is no edge
_STRETCH = 5  # rays
_ON_RIM = 0.75  # pixels from the fitted circle


@dataclass(frozen=True)
class Disc:
    """A located rim.

    Attributes:
        x, y: centre, pixels.
        radius: pixels.
        seen: share of the rim that was seen.
        gap: largest connected share of the rim that was not seen.
        sigma: standard error of the centre along each axis, pixels.
        hidden: (N, 2) unit vectors, column and row, from the centre to where the rim was not seen over a
            connected stretch of some degrees.

    """

    x: float
    y: float
    radius: float
    seen: float
    gap: float
    sigma: float
    hidden: Array


@dataclass(frozen=True)
class _Candidate:
    x: float
    y: float
    sign: float  # 1 where the part is brighter than what is around it


def find_disc(image: U8, radius: float, search: float, hidden: float) -> Disc | str:
    """Find the disc nearest to the picture's centre that lies wholly in view.

    Args:
        image: (H, W) uint8.
        radius: nominal radius in pixels.
        search: how far the radius may be from it, pixels.
        hidden: greatest connected share of the rim that may be unseen.

    Returns:
        The disc, or why there is none, in words.

    """
    height, width = image.shape
    if 2 * radius > min(height, width) or radius < 8:
        return f"a disc of {2 * radius:.0f} pixels cannot be judged in a picture of {width} × {height}"
    outside = math.inf
    rim_hidden = 0.0
    for candidate in _candidates(image, radius):
        over = _overhang(candidate.x, candidate.y, radius, width, height)
        if over > search + 3:
            outside = min(outside, over)
            continue
        disc = _fit(image, candidate, radius, search)
        if disc is None or disc.seen < 0.5:
            continue
        over = _overhang(disc.x, disc.y, disc.radius, width, height)
        if over > -1.5:
            outside = min(outside, max(over, 1.0))
        elif disc.gap > hidden or disc.seen < 1 - 3 * hidden:
            rim_hidden = max(rim_hidden, disc.gap)
        else:
            return disc
    if rim_hidden:
        return f"something hides the part: {360 * rim_hidden:.0f}° of its rim are out of sight"
    if outside < math.inf:
        return f"the part is partly outside the picture, by {outside:.0f} pixels"
    return "no part in view"


def _overhang(x: float, y: float, radius: float, width: int, height: int) -> float:
    """Return by how many pixels a disc reaches out of the picture; negative when it lies inside."""
    return radius - min(x, y, width - 1 - x, height - 1 - y)


def _candidates(image: U8, radius: float) -> Sequence[_Candidate]:
    """Return possible centres, the nearest to the picture's centre first."""
    import cv2

    fold = max(round(radius / _COARSE_RADIUS), 1)
    small = image
    if fold > 1:
        size = (image.shape[1] // fold, image.shape[0] // fold)
        small = np.asarray(cv2.resize(image[: size[1] * fold, : size[0] * fold], size, interpolation=cv2.INTER_AREA))
    gx = cv2.Sobel(small, cv2.CV_32F, 1, 0, scale=0.25)
    gy = cv2.Sobel(small, cv2.CV_32F, 0, 1, scale=0.25)
    strength = cv2.magnitude(gx, gy)
    least = max(_LEAST_STEP / 2, 0.2 * float(np.partition(strength.ravel(), -200)[-200]))
    edges = np.flatnonzero(strength > least)
    if edges.size > _MOST_EDGES:
        edges = edges[:: edges.size // _MOST_EDGES + 1]
    if edges.size == 0:
        return ()
    r = radius / fold
    row, column = np.divmod(edges, small.shape[1])
    ux, uy = gx.ravel()[edges] / strength.ravel()[edges], gy.ravel()[edges] / strength.ravel()[edges]
    found: list[tuple[float, _Candidate]] = []
    for sign in (1.0, -1.0):
        votes = _vote(column + sign * r * ux, row + sign * r * uy, small.shape, r)
        for x, y, count in _peaks(votes, r):
            centre = _Candidate((x + 0.5) * fold - 0.5, (y + 0.5) * fold - 0.5, sign)
            found.append((count, centre))
    if not found:
        return ()
    best = max(count for count, _ in found)
    middle = ((image.shape[1] - 1) / 2, (image.shape[0] - 1) / 2)
    strong = [candidate for count, candidate in found if count >= 0.25 * best]
    return sorted(strong, key=lambda c: (math.hypot(c.x - middle[0], c.y - middle[1]), -c.sign))


def _vote(x: Array, y: Array, shape: tuple[int, ...], r: float) -> NDArray[np.float32]:
    """Count votes on a grid that reaches one radius beyond the picture on every side."""
    import cv2

    pad = math.ceil(r)
    rows, columns = shape[0] + 2 * pad, shape[1] + 2 * pad
    i, j = np.rint(y).astype(np.int64) + pad, np.rint(x).astype(np.int64) + pad
    inside = (i >= 0) & (i < rows) & (j >= 0) & (j < columns)
    votes = np.bincount(i[inside] * columns + j[inside], minlength=rows * columns)
    return np.asarray(cv2.blur(votes.reshape(rows, columns).astype(np.float32), (5, 5)), np.float32)


def _peaks(votes: NDArray[np.float32], r: float) -> list[tuple[float, float, float]]:
    """Return (x, y, votes) of the strongest places that are at least a radius apart."""
    votes = votes.copy()
    pad, reach = math.ceil(r), math.ceil(0.8 * r)
    peaks: list[tuple[float, float, float]] = []
    for _ in range(_MOST_CANDIDATES):
        i, j = divmod(int(np.argmax(votes)), votes.shape[1])
        count = float(votes[i, j])
        if count * 25 < 0.15 * 2 * math.pi * r:
            break
        peaks.append((j - pad, i - pad, count))
        votes[max(i - reach, 0) : i + reach + 1, max(j - reach, 0) : j + reach + 1] = 0
    return peaks


def _fit(image: U8, start: _Candidate, radius: float, search: float) -> Disc | None:
    """Measure the rim on rays and fit a circle, twice: in a wide window, then in a narrow one."""
    x, y, r = start.x, start.y, radius
    for rays, reach in ((_RAYS // 3, search + 4.0), (_RAYS, 4.0)):
        angle = np.arange(rays) * (2 * math.pi / rays)
        direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
        edge, valid = _rim_edges(image, (x, y), r, direction, reach, start.sign)
        if np.count_nonzero(valid) < rays // 4:
            return None
        points = np.array([x, y]) + edge[:, None] * direction
        fitted = _circle(points[valid], (x, y, r))
        if fitted is None or abs(fitted[2] - radius) > search + 2:
            return None
        x, y, r = fitted
    residual = np.hypot(points[:, 0] - x, points[:, 1] - y) - r
    on_rim = valid & (np.abs(residual) < _ON_RIM)
    count = int(np.count_nonzero(on_rim))
    if count < _RAYS // 4 or abs(r - radius) > search:
        return None
    sigma = float(np.std(residual[on_rim])) * math.sqrt(2 / count)
    return Disc(x, y, r, count / _RAYS, _largest_gap(on_rim), sigma, direction[_stretches(on_rim)])


def _rim_edges(
    image: U8, centre: tuple[float, float], r: float, direction: Array, reach: float, sign: float
) -> tuple[Array, NDArray[np.bool_]]:
    """Return the rim's distance from `centre` on each ray, and where there was an edge at all."""
    import cv2

    offsets = np.arange(-reach - 2, reach + 2 + _STEP, _STEP)
    at = (r + offsets)[None, :, None] * direction[:, None, :] + np.array(centre)
    lines = cv2.remap(
        image, at[..., 0].astype(np.float32), at[..., 1].astype(np.float32), cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    ).astype(np.float32)  # fmt: skip
    smooth = cv2.GaussianBlur(lines, (9, 3), sigmaX=1.5, sigmaY=0.8)
    fall = sign * (smooth[:, :-1] - smooth[:, 1:])
    fall[:, :3] = 0
    fall[:, -3:] = 0
    steepest = fall.max(axis=1)
    usual = float(np.median(steepest))
    # The outermost edge that is about as steep as the steepest: the chamfer's inner edge lies further in.
    rising = (fall >= 0.5 * steepest[:, None]) & (fall >= np.roll(fall, 1, 1)) & (fall > np.roll(fall, -1, 1))
    last = fall.shape[1] - 1 - np.argmax(rising[:, ::-1], axis=1)
    window = np.clip(last[:, None] + np.arange(-5, 6), 0, fall.shape[1] - 1)
    weight = np.maximum(np.take_along_axis(fall, window, axis=1), 0)
    weight = np.maximum(weight - 0.1 * weight.max(axis=1, keepdims=True), 0)
    total = weight.sum(axis=1)
    place = (weight * window).sum(axis=1) / np.maximum(total, 1e-9)
    valid = rising.any(axis=1) & (total > _LEAST_STEP / 2) & (steepest > 0.35 * usual)
    return r + offsets[0] + (place + 0.5) * _STEP, valid


def _circle(points: Array, start: tuple[float, float, float]) -> tuple[float, float, float] | None:
    """Fit a circle by Gauss-Newton on the points' distances, with Tukey's weights against outliers."""
    x, y, r = start
    spread = 8.0
    for _ in range(6):
        dx, dy = points[:, 0] - x, points[:, 1] - y
        distance = np.maximum(np.hypot(dx, dy), 1e-9)
        residual = distance - r
        middle = median(residual)
        spread = min(spread, max(3 * 1.4826 * median(np.abs(residual - middle)), 0.3))
        weight = np.clip(1 - ((residual - middle) / (1.5 * spread)) ** 2, 0, None) ** 2
        rows = np.stack([dx / distance, dy / distance, np.ones_like(dx)], axis=1)
        normal = rows.T @ (weight[:, None] * rows)
        if np.linalg.det(normal) <= 1e-3 * np.trace(normal) ** 3 / 27:
            return None  # what is left of the rim is too short an arc
        step = np.linalg.solve(normal, rows.T @ (weight * residual))
        x, y, r = x + float(step[0]), y + float(step[1]), r + float(step[2])
        if float(np.max(np.abs(step))) < 1e-3:
            break
    return (x, y, r) if math.isfinite(x + y + r) else None


def _stretches(seen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the unseen rays that lie amid `_STRETCH` unseen ones."""
    unseen = ~seen
    half = _STRETCH // 2
    amid = np.logical_and.reduce([np.roll(unseen, k) for k in range(-half, half + 1)])
    return np.asarray(np.logical_or.reduce([np.roll(amid, k) for k in range(-half, half + 1)]), bool)


def _largest_gap(seen: NDArray[np.bool_]) -> float:
    """Return the longest run of unseen rays round the circle, as a share of all."""
    at = np.flatnonzero(seen)
    if at.size == 0:
        return 1.0
    runs = np.diff(np.append(at, at[0] + seen.size)) - 1
    return float(runs.max()) / seen.size
