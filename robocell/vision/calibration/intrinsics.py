"""What lens pictures of a board show: focal length, centre and distortion, each with its standard error.

OpenCV's bundle adjustment (Z. Zhang, "A flexible new technique for camera calibration", 2000) finds them with square pixels and
the terms k1, k2, p1, p2. Standard errors follow from the Jacobian of all corners, the boards' poses included. A view whose
corners fit far worse than the others' is rejected: it was blurred, or its board was recognised wrongly.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.calibration.board import Board, Corners
from robocell.vision.calibration.rotations import exp
from robocell.vision.frame import Calibration
from robocell.vision.lens import Terms

Array = NDArray[np.float64]

FEWEST = 5
"""Views below which a bad one cannot be told."""
MOST = 200
"""Views beyond which time is wasted."""

_UNKNOWNS = 7  # focal, centre (2), k1, k2, p1, p2
# From the fullest lens to the plainest: which of the unknowns the views are asked for, and what is said of the others.
_MODELS: tuple[tuple[tuple[int, ...], str], ...] = (
    ((0, 1, 2, 3, 4, 5, 6), ""),
    ((0, 1, 2, 3, 4), "p1 and p2"),
    ((0, 1, 2, 3), "k2, p1 and p2"),
    ((0, 3), "the centre, k2, p1 and p2"),
)
_BAD = 3.0  # times the views' median residual
_FINE = 0.15  # pixels: a view that fits so is never rejected
_MOST_RESIDUAL = 3.0  # pixels
_NOISE = 0.1  # pixels: corners are never taken for better than this where the views' worth is judged
_MOST_FOCAL_ERROR = 0.005
_MOST_CENTRE_ERROR = 0.01  # of the picture's width
_LEAST_TILT = math.radians(12.0)
_LEAST_COVER = 0.5  # of a picture's 4 x 3 fields


@dataclass(frozen=True)
class Lens:
    """What the views say about a lens.

    Attributes:
        calibration: the lens; its distance is that of the boards, on average.
        focal_sigma: standard error of the focal length, pixels.
        centre_sigma: of the centre, pixels.
        terms_sigma: of k1, k2, p1, p2; 0 for what was held.
        rms: of all corners of the views used, pixels.
        used: (N,) which views were used.
        residuals: (N,) each view's rms, pixels; of rejected ones with the lens that the others show.
        poses: (N, 4, 4) each board in the camera's optical frame.
        advice: what would make it better, and what was held because a narrow lens does not show it.

    """

    calibration: Calibration
    focal_sigma: float
    centre_sigma: tuple[float, float]
    terms_sigma: Terms
    rms: float
    used: NDArray[np.bool_]
    residuals: Array
    poses: Array
    advice: tuple[str, ...]


_Found = tuple[float, tuple[float, float], Terms]


def calibrate_lens(board: Board, views: Sequence[Corners], resolution: tuple[int, int]) -> Lens:
    """Find the lens.

    Args:
        board: as it was printed.
        views: its corners in each picture.
        resolution: (columns, rows) of the pictures.

    Raises:
        VisionError: too few views; too few agree; or they are too alike to tell the lens, and the message says which to add.

    """
    if len(views) < FEWEST:
        raise VisionError(f"{len(views)} views of the board are too few: give at least {FEWEST}, better 15")
    if len(views) > MOST:
        raise VisionError(f"{len(views)} views are more than {MOST}, which tell no more than 30 well chosen ones")
    points = board.points()
    solid = [points[view.ids].astype(np.float32) for view in views]
    flat = [view.pixels.astype(np.float32) for view in views]
    refusal, held = "", ""
    for free, held in _MODELS:  # noqa: B007
        found, used, residuals, turns, places = _agreeing(board, solid, flat, resolution, free)
        chosen = [s for s, u in zip(solid, used, strict=True) if u]
        covariance = _covariance(found, chosen, turns[used], places[used], free)
        refusal = _too_alike(found, covariance, turns[used], flat, used, resolution)
        if not refusal:
            break
    else:
        raise VisionError(f"the views are too alike: {refusal}")
    counts = [len(f) for f in flat]
    rms = float(np.sqrt(np.average(residuals[used] ** 2, weights=np.array(counts)[used])))
    if rms > _MOST_RESIDUAL:
        raise VisionError(
            f"no lens explains the views: their corners are off by {rms:.1f} px; is the board flat, and has it really "
            f"{board.columns} x {board.rows} squares?"
        )
    corners = sum(len(s) for s in chosen)
    spent = len(free) + 6 * len(chosen)
    # `rms` is of both coordinates together; each has half of its square.
    sigma = np.sqrt(np.diag(covariance)) * rms * math.sqrt(corners / max(2 * corners - spent, 1))
    focal, centre, terms = found
    poses = np.tile(np.eye(4), (len(views), 1, 1))
    poses[:, :3, :3], poses[:, :3, 3] = exp(turns), places
    advice = [f"these views of this lens do not show {held}: held at 0, and a centre in the middle"] if held else []
    return Lens(
        Calibration(resolution, focal, centre, float(np.mean(np.abs(places[used, 2]))), *terms),
        float(sigma[0]),
        (float(sigma[1]), float(sigma[2])),
        (float(sigma[3]), float(sigma[4]), float(sigma[5]), float(sigma[6])),
        rms,
        used,
        residuals,
        poses,
        (*advice, *_advice(turns[used], flat, used, resolution)),
    )


def _agreeing(
    board: Board,
    solid: list[NDArray[np.float32]],
    flat: list[NDArray[np.float32]],
    resolution: tuple[int, int],
    free: tuple[int, ...],
) -> tuple[_Found, NDArray[np.bool_], Array, Array, Array]:
    """Return (lens, used (N,), rms (N,), rotation vectors (N, 3), positions (N, 3)): the worst view goes till all agree."""
    used = np.ones(len(flat), bool)
    while True:
        chosen = [k for k in range(len(flat)) if used[k]]
        found = _adjusted([solid[k] for k in chosen], [flat[k] for k in chosen], resolution, free)
        residuals, turns, places = _resected(found, solid, flat)
        limit = max(_BAD * float(np.median(residuals[used])), _FINE)
        worst = int(np.argmax(np.where(used, residuals, -1.0)))
        if residuals[worst] <= limit:
            return found, used, residuals, turns, places
        used[worst] = False
        if np.count_nonzero(used) < max(FEWEST, len(flat) / 2):
            raise VisionError(
                f"{np.count_nonzero(~used)} of {len(flat)} views do not fit a lens with the others: is the board flat, and "
                f"has it really {board.columns} x {board.rows} squares?"
            )


def _adjusted(
    solid: list[NDArray[np.float32]],
    flat: list[NDArray[np.float32]],
    resolution: tuple[int, int],
    free: tuple[int, ...],
) -> _Found:
    """Bundle adjustment with square pixels; what is not free is 0, or the picture's middle."""
    import cv2

    middle = np.array([[1.0, 0, (resolution[0] - 1) / 2], [0, 1.0, (resolution[1] - 1) / 2], [0, 0, 1]])
    flags = cv2.CALIB_FIX_ASPECT_RATIO | cv2.CALIB_FIX_K3
    flags |= 0 if 1 in free else cv2.CALIB_FIX_PRINCIPAL_POINT
    flags |= 0 if 4 in free else cv2.CALIB_FIX_K2
    flags |= 0 if 5 in free else cv2.CALIB_ZERO_TANGENT_DIST
    end = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_MAX_ITER, 200, 1e-12)
    try:
        _, matrix, terms, _, _ = cv2.calibrateCamera(
            solid, flat, resolution, middle, np.zeros(5), flags=flags, criteria=end
        )
    except cv2.error as error:
        raise VisionError("the views do not tell the lens: add views of the tilted board") from error
    k = np.asarray(terms, float).ravel()
    focal = float(matrix[0, 0])
    if not (
        np.all(np.isfinite(matrix)) and np.all(np.isfinite(k)) and 0.05 * resolution[0] < focal < 1e3 * resolution[0]
    ):
        raise VisionError(f"the views tell no lens (focal length {focal:.3g} px): {_TILT}")
    return focal, (float(matrix[0, 2]), float(matrix[1, 2])), (float(k[0]), float(k[1]), float(k[2]), float(k[3]))


def _resected(
    found: _Found, solid: list[NDArray[np.float32]], flat: list[NDArray[np.float32]]
) -> tuple[Array, Array, Array]:
    """Return (rms (N,), rotation vectors (N, 3), positions (N, 3)) of each board with a lens."""
    import cv2

    matrix, terms = _matrix(found), np.array(found[2])
    rms, turns, places = [], [], []
    for points, pixels in zip(solid, flat, strict=True):
        _, turn, place = cv2.solvePnP(points, pixels, matrix, terms, flags=cv2.SOLVEPNP_IPPE)
        turn, place = cv2.solvePnPRefineLM(points, pixels, matrix, terms, turn, place)
        seen, _ = cv2.projectPoints(points, turn, place, matrix, terms)
        off = np.asarray(seen, float).reshape(-1, 2) - pixels
        rms.append(math.sqrt(float(np.mean(np.sum(off**2, axis=1)))))
        turns.append(np.asarray(turn, float).ravel())
        places.append(np.asarray(place, float).ravel())
    return np.array(rms), np.array(turns), np.array(places)


def _covariance(
    found: _Found, solid: list[NDArray[np.float32]], turns: Array, places: Array, free: tuple[int, ...]
) -> Array:
    """Return the (7, 7) covariance of the lens for corners of standard error 1 px in each coordinate.

    The normal equations' block of each view's pose is eliminated (Schur's complement).
    """
    import cv2

    total = np.zeros((len(free), len(free)))
    for points, turn, place in zip(solid, turns, places, strict=True):
        _, slopes = cv2.projectPoints(points, turn, place, _matrix(found), np.array(found[2]))
        slopes = np.asarray(slopes, float)  # by rotation, translation, fx, fy, cx, cy, k1, k2, p1, p2
        of_lens = np.column_stack([slopes[:, 6] + slopes[:, 7], slopes[:, 8:10], slopes[:, 10:14]])[:, list(free)]
        of_pose = slopes[:, :6]
        cross = of_pose.T @ of_lens
        total += of_lens.T @ of_lens - cross.T @ np.linalg.solve(of_pose.T @ of_pose, cross)
    scale = np.sqrt(np.maximum(np.diag(total), 1e-300))
    values, vectors = np.linalg.eigh(total / np.outer(scale, scale))
    inverse = (vectors / np.maximum(values, 1e-14)) @ vectors.T
    covariance = np.zeros((_UNKNOWNS, _UNKNOWNS))
    covariance[np.ix_(free, free)] = inverse / np.outer(scale, scale)
    return covariance


def _matrix(found: _Found) -> Array:
    focal, centre, _ = found
    return np.array([[focal, 0, centre[0]], [0, focal, centre[1]], [0, 0, 1.0]])


# --- what the views are worth ----------------------------------------------------------------------------------------

_TILT = "tilt the board by 20° to 40°, once about its vertical and once about its horizontal axis, both ways"


def _too_alike(
    found: _Found,
    covariance: Array,
    turns: Array,
    flat: list[NDArray[np.float32]],
    used: NDArray[np.bool_],
    resolution: tuple[int, int],
) -> str:
    """Return why corners of ordinary quality, seen so, would not tell the lens, and what to add; "" where they would."""
    kinds = _different(flat, used, resolution)
    if kinds < FEWEST:
        return (
            f"{np.count_nonzero(used)} show the board in {kinds} place{'s' if kinds > 1 else ''} only; "
            f"move it to each corner of the picture, and {_TILT}"
        )
    sigma = _NOISE * np.sqrt(np.diag(covariance))
    steepest = float(np.abs(_tilts(turns)).max())
    if sigma[0] > _MOST_FOCAL_ERROR * found[0] or steepest < math.sin(_LEAST_TILT):
        return (
            f"the board is tilted by {math.degrees(math.asin(steepest)):.0f}° at most, and the focal length would be known to "
            f"{sigma[0] / found[0]:.1%} only; {_TILT}"
        )
    if sigma[1:3].max() > _MOST_CENTRE_ERROR * resolution[0]:
        return f"the optical centre would be known to {sigma[1:3].max():.0f} px only; {_TILT}"
    return ""


def _tilts(turns: Array) -> Array:
    """Return (N, 2): the boards' normals' parts across the optical axis, along the picture's columns and rows."""
    normals = exp(turns)[:, :, 2]
    return np.asarray(normals[:, :2] * np.sign(normals[:, 2:]))


def _different(flat: list[NDArray[np.float32]], used: NDArray[np.bool_], resolution: tuple[int, int]) -> int:
    """Count the views that show the board elsewhere or otherwise than those before, by 2 % of the picture."""
    kept: list[Array] = []
    for pixels in (f for f, u in zip(flat, used, strict=True) if u):
        low, high = pixels.min(axis=0), pixels.max(axis=0)
        shape = np.concatenate([low, high, pixels[0], pixels[-1]])
        if all(float(np.abs(shape - other).max()) > 0.02 * resolution[0] for other in kept):
            kept.append(shape)
    return len(kept)


def _advice(
    turns: Array, flat: list[NDArray[np.float32]], used: NDArray[np.bool_], resolution: tuple[int, int]
) -> tuple[str, ...]:
    """Return what more views would be good for."""
    found = []
    tilt = _tilts(turns)
    for axis, name in ((0, "vertical"), (1, "horizontal")):
        if np.ptp(tilt[:, axis]) < math.sin(_LEAST_TILT):
            found.append(f"tilt the board about its {name} axis too, by 20° to 40° both ways")
    pixels = np.concatenate([f for f, u in zip(flat, used, strict=True) if u])
    fields = np.floor(pixels / np.array(resolution) * [4, 3]).astype(int).clip(0, [3, 2])
    seen = {(int(x), int(y)) for x, y in fields}
    missing = [
        name
        for name, at in (
            ("upper left", (0, 0)), ("upper right", (3, 0)), ("lower left", (0, 2)), ("lower right", (3, 2)),
        )
        if at not in seen
    ]  # fmt: skip
    if missing:
        found.append(f"show the board in the {' and the '.join(missing)} of the picture: distortion is a guess there")
    if np.count_nonzero(used) < 10:
        found.append(f"{np.count_nonzero(used)} views are few: 15 or more make the figures surer")
    return tuple(found)
