"""Where a camera is on an arm's hand, or beside the arm, from pairs of poses.

With `A` the hand in the arm's base, `B` what the camera saw, and two unknown poses that stay as they are, every pair holds ::

    A X = Y B

Camera on the hand: B is the camera in the board's frame, X the camera in the hand's frame, Y the board in the base's.
Camera that stands: B is the board in the camera's frame, X the board in the hand's frame, Y the camera in the base's.

The start is closed: motions between pairs give rotations about axes that X turns into each other (Kabsch) and then a
linear equation for its translation (Y. C. Shiu, S. Ahmad, 1989). It is tried on many triples of pairs, and that whose median
residual over all pairs is least wins (least median of squares), so that bad pairs, fewer than half, have no say. Gauss-Newton
over the pairs that agree then finds X and Y together, rotations and translations each in units of their own spread, pairs
far off weighing less.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from robocell.errors import VisionError
from robocell.vision.calibration.rotations import exp, inverse, log, nearest, pose
from robocell.vision.calibration.streams import PoseStream, interpolate, time_offset

Array = NDArray[np.float64]

FEWEST = 4
"""Pairs below which a bad one cannot be told."""
MOST = 500
"""Pairs beyond which a stream is thinned out: errors of pictures that follow each other are nearly the same."""

_TRIPLES = 200  # of which one in six is good even if 45 % of the pairs are bad
_SCORED = 300
_LEAST_TURN = math.radians(4.0)  # of the motions that the start is made of
_GENEROUS = 5.0  # times the median error: what is beyond is no error of measurement
_SOFT = 2.0  # times the median error: from about here on a pair counts less (Cauchy's weights)
_FLOOR = (1e-7, 1e-8)  # rad, m: below is rounding
_LEAST_SPREAD = 0.01  # rms of the turns about a second axis below which nothing is known, whatever the noise
_MOST_RESIDUAL = 0.15  # of the hand's own turns: beyond, the two streams are not of one motion
_MOST_SIGMA = 2e-3  # m: a place known worse is told with what to do about it


@dataclass(frozen=True)
class HandEye:
    """What the pairs say.

    Attributes:
        x: (4, 4) the pose X of the module's text: of the camera (or the board) in the hand's frame.
        y: (4, 4) the pose Y: of the board (or the camera) in the base's frame.
        used: (N,) which pairs agree; of a long stream every so many poses were taken.
        translation: (N,) residual of each pair, m.
        rotation: (N,) residual of each pair, rad.
        x_sigma, y_sigma: standard errors (translation m, rotation rad), of the worst direction. Poses of a stream count
            for fewer where their errors last from one to the next.
        offset: s to be added to the camera's stamps to have the hand's; 0 for pairs.
        advice: which poses to add, where the result is poorly known; "" otherwise.

    """

    x: Array
    y: Array
    used: NDArray[np.bool_]
    translation: Array
    rotation: Array
    x_sigma: tuple[float, float]
    y_sigma: tuple[float, float]
    offset: float = 0.0
    advice: str = ""

    @property
    def translation_rms(self) -> float:
        """Of the pairs that agree, m."""
        return float(np.sqrt(np.mean(self.translation[self.used] ** 2)))

    @property
    def rotation_rms(self) -> float:
        """Of the pairs that agree, rad."""
        return float(np.sqrt(np.mean(self.rotation[self.used] ** 2)))


def solve(hand: Array, seen: Array) -> HandEye:
    """Find X and Y from pairs.

    Args:
        hand: (N, 4, 4) the hand in the arm's base.
        seen: (N, 4, 4) the camera in the board's frame if the camera is on the hand, the board in the camera's if it stands.

    Raises:
        VisionError: too few pairs; fewer than half of them agree; or the hand turned about one axis only, and the message says
            which poses to add.

    """
    a, b = _checked(hand), _checked(seen)
    if len(a) != len(b):
        raise VisionError(f"{len(a)} poses of the hand and {len(b)} that the camera saw make no pairs")
    return _solve(lambda _: a, b)


def solve_streams(hand: PoseStream, seen: PoseStream) -> HandEye:
    """Find X, Y and the clocks' offset from two streams whose stamps differ.

    The offset is where the two angular speeds agree best; it is then refined together with X and Y. The hand's poses are
    interpolated at the camera's stamps.

    Raises:
        VisionError: as `solve`; or the streams do not overlap, or hold no motion that tells their offset.

    """
    start = time_offset(hand, seen)
    seen = seen.within(hand.stamps[0] - start, hand.stamps[-1] - start, margin=3 * hand.period)
    if len(seen) > MOST:
        seen = seen.thinned(-(-len(seen) // MOST))
    if len(seen) < FEWEST:
        raise VisionError(
            f"{len(seen)} of the camera's poses lie in the time of the hand's: at least {FEWEST} are needed"
        )
    return _solve(lambda offset: interpolate(hand, seen.stamps + start + offset), seen.poses, start)


def _checked(poses: Array) -> Array:
    found = np.asarray(poses, np.float64)
    if found.ndim != 3 or found.shape[1:] != (4, 4) or not np.all(np.isfinite(found)):
        raise ValueError(f"poses must be finite and (N, 4, 4), not {found.shape}")
    if len(found) < FEWEST:
        raise VisionError(f"{len(found)} pairs are too few: give at least {FEWEST}, better 15")
    turns = found[:, :3, :3]
    off = np.abs(turns @ np.swapaxes(turns, 1, 2) - np.eye(3)).max(axis=(1, 2))
    if off.max() > 1e-3 or np.linalg.det(turns).min() < 0:
        raise VisionError(f"pose {int(np.argmax(off)) + 1} is no rigid motion: its rotation is not orthonormal")
    found = found.copy()
    found[:, :3, :3] = nearest(turns)
    return found


def _solve(hand_at: Callable[[float], Array], b: Array, offset: float | None = None) -> HandEye:
    """Find X and Y; `hand_at` gives the hand's poses at an additional offset, which is sought unless `offset` is None."""
    a = hand_at(0.0)
    _turns_enough(a, np.ones(len(a), bool))
    x, y = _start(a, b)
    used = np.ones(len(a), bool)
    more = 0.0
    for _ in range(12):
        turned, moved = _residuals(hand_at(more), b, x, y)
        limits = [_GENEROUS * _spread(norm, floor) for norm, floor in _norms(turned, moved)]
        agreeing = (np.linalg.norm(turned, axis=1) <= limits[0]) & (np.linalg.norm(moved, axis=1) <= limits[1])
        if np.count_nonzero(agreeing) < max(FEWEST, len(a) / 2):
            raise VisionError(f"only {np.count_nonzero(agreeing)} of {len(a)} pairs agree with each other")
        settled = bool(np.all(agreeing == used))
        used = agreeing
        x, y, more, covariance = _refined(hand_at, b, x, y, more, used, offset is not None)
        if settled:
            break
    axis = _turns_enough(a, used)
    turned, moved = _residuals(hand_at(more), b, x, y)
    if offset is not None:
        covariance = covariance * _repeated(turned[used], moved[used])
    typical = float(np.median(np.linalg.norm(turned, axis=1)))
    swing = np.linalg.norm(log(np.swapaxes(a[:, :3, :3], 1, 2) @ a[len(a) // 2, :3, :3]), axis=1)
    if typical > _MOST_RESIDUAL * float(np.median(swing)):
        raise VisionError(
            f"the pairs do not agree with each other: they differ by {math.degrees(typical):.1f}° typically"
        )
    sigma = max(_worst(covariance[:6, :6])[0], _worst(covariance[6:12, 6:12])[0])
    advice = (
        f"places are known to {1e3 * sigma:.1f} mm only: add poses turned by 30° about another axis than {_told(axis)}"
        if sigma > _MOST_SIGMA
        else ""
    )
    return HandEye(
        x,
        y,
        used,
        np.linalg.norm(moved, axis=1),
        np.linalg.norm(turned, axis=1),
        _worst(covariance[:6, :6]),
        _worst(covariance[6:12, 6:12]),
        0.0 if offset is None else offset + more,
        advice,
    )


def _norms(turned: Array, moved: Array) -> tuple[tuple[Array, float], tuple[Array, float]]:
    return (np.linalg.norm(turned, axis=1), _FLOOR[0]), (np.linalg.norm(moved, axis=1), _FLOOR[1])


def _turns_enough(a: Array, used: NDArray[np.bool_]) -> Array:
    """Return the axis, in the base, about which the hand turned most.

    Raises:
        VisionError: the turns leave a direction of X's translation unknown.

    """
    turns = a[used][:, :3, :3]
    middle = turns[len(turns) // 2]
    swing = np.swapaxes(turns, 1, 2) @ middle - np.eye(3)
    scatter = np.mean(np.swapaxes(swing, 1, 2) @ swing, axis=0)
    values, vectors = np.linalg.eigh(scatter)
    spread = np.sqrt(np.maximum(values, 0.0))
    axis = middle @ vectors[:, 0]
    if spread[2] < 10 * _LEAST_SPREAD:
        raise VisionError("the hand hardly turns between the poses: add poses turned by 30° or more about two axes")
    if spread[0] < _LEAST_SPREAD:
        raise VisionError(
            f"the hand turns about one axis only, {_told(axis)}: the place along it is unknown; "
            "add poses turned by 30° about another axis"
        )
    return np.asarray(axis)


def _told(axis: Array) -> str:
    return f"mostly the base's {'XYZ'[int(np.argmax(np.abs(axis)))]}"


def _repeated(turned: Array, moved: Array) -> float:
    """Return how many poses of a stream tell as much as one that is independent: their errors last for a while."""
    errors = np.concatenate([turned, moved], axis=1)
    # Wrongly recognised boards are alone, and would hide how long the others' errors last.
    each = np.clip(errors / (np.median(np.abs(errors), axis=0) + 1e-15), -5, 5)
    lasting = float(np.mean(np.sum(each[1:] * each[:-1], axis=0) / np.sum(each * each, axis=0)))
    lasting = min(max(lasting, 0.0), 0.99)
    return (1 + lasting) / (1 - lasting)


# --- the start -------------------------------------------------------------------------------------------------------


def _start(a: Array, b: Array) -> tuple[Array, Array]:
    """Return (X, Y) of the triple of pairs with the least median residual."""
    rng = np.random.Generator(np.random.PCG64(len(a)))
    picks = np.argsort(rng.random((_TRIPLES, len(a))), axis=1)[:, :3] if len(a) <= 60 else _drawn(rng, len(a))
    scored = np.unique(np.linspace(0, len(a) - 1, min(len(a), _SCORED)).astype(int))
    best: tuple[float, Array, Array] | None = None
    x, y, good = _from_triples(a[picks], b[picks])
    for one_x, one_y in zip(x[good], y[good], strict=True):
        turned, moved = _residuals(a[scored], b[scored], one_x, one_y)
        score = sum(math.log(max(float(np.median(norm)), floor)) for norm, floor in _norms(turned, moved))
        if best is None or score < best[0]:
            best = score, one_x, one_y
    if best is None:
        raise VisionError("no three poses differ enough: add poses turned by 30° or more about two axes")
    return best[1], best[2]


def _drawn(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Return (M, 3) different indices below `count`."""
    picks = rng.integers(0, count, (2 * _TRIPLES, 3))
    different = (picks[:, 0] != picks[:, 1]) & (picks[:, 0] != picks[:, 2]) & (picks[:, 1] != picks[:, 2])
    return np.asarray(picks[different][:_TRIPLES])


def _from_triples(a: Array, b: Array) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Return (X (M, 4, 4), Y (M, 4, 4), usable (M,)) of triples (M, 3, 4, 4)."""
    ends = np.array([[0, 1], [0, 2], [1, 2]])
    of_a = inverse(a[:, ends[:, 0]]) @ a[:, ends[:, 1]]
    of_b = inverse(b[:, ends[:, 0]]) @ b[:, ends[:, 1]]
    alpha, beta = log(of_a[..., :3, :3]), log(of_b[..., :3, :3])
    angle = np.linalg.norm(alpha, axis=-1)
    cross = np.linalg.norm(np.cross(alpha[:, 0], alpha[:, 1]), axis=-1)
    good = (angle.min(axis=1) > _LEAST_TURN) & (angle.max(axis=1) < math.pi - 0.05)
    # Of triples that turn about nearly one axis the better half is tried: they tell most about the rest.
    good &= cross >= min(float(np.median(cross[good], axis=0)) if good.any() else 0.0, 0.1)
    turn = nearest(np.einsum("mki,mkj->mij", alpha, beta))
    left = (of_a[..., :3, :3] - np.eye(3)).reshape(-1, 9, 3)
    right = np.einsum("mij,mkj->mki", turn, of_b[..., :3, 3]) - of_a[..., :3, 3]
    square = np.swapaxes(left, 1, 2) @ left + 1e-12 * np.eye(3)
    at = np.linalg.solve(square, np.swapaxes(left, 1, 2) @ right.reshape(-1, 9, 1))[..., 0]
    x = pose(turn, at)
    each = a @ x[:, None] @ inverse(b)
    y = pose(nearest(each[..., :3, :3].mean(axis=1)), each[..., :3, 3].mean(axis=1))
    return x, y, good


# --- the refinement --------------------------------------------------------------------------------------------------


def _residuals(a: Array, b: Array, x: Array, y: Array) -> tuple[Array, Array]:
    """Return (rotation (N, 3) rad, translation (N, 3) m) of (Y B)⁻¹ A X."""
    off = inverse(y @ b) @ (a @ x)
    return log(off[:, :3, :3]), off[:, :3, 3]


def _refined(
    hand_at: Callable[[float], Array],
    b: Array,
    x: Array,
    y: Array,
    more: float,
    used: NDArray[np.bool_],
    with_offset: bool,
) -> tuple[Array, Array, float, Array]:
    """Gauss-Newton over X, Y (and the offset); returns them and their covariance, rotations before translations."""
    count = 13 if with_offset else 12
    b = b[used]

    def weighed(x: Array, y: Array, more: float, weights: tuple[Array, Array]) -> Array:
        turned, moved = _residuals(hand_at(more)[used], b, x, y)
        return np.concatenate([(turned * weights[0]).ravel(), (moved * weights[1]).ravel()])

    covariance: Array = np.eye(count)
    for _ in range(12):
        weights = _weights(*_residuals(hand_at(more)[used], b, x, y))
        now = weighed(x, y, more, weights)
        slopes = np.empty((len(now), count))
        for k in range(count):
            # A step about which each residual is straight, and far above rounding.
            step = np.zeros(count)
            step[k] = 1e-5 if k < 12 else 1e-4
            ahead, behind = weighed(*_moved(x, y, more, step), weights), weighed(*_moved(x, y, more, -step), weights)
            slopes[:, k] = (ahead - behind) / (2 * step[k])
        square = slopes.T @ slopes
        try:
            covariance = np.asarray(np.linalg.inv(square), np.float64)
        except np.linalg.LinAlgError:
            raise VisionError("the poses do not tell where the camera is: add poses turned about two axes") from None
        change = -covariance @ (slopes.T @ now)
        x, y, more = _moved(x, y, more, change)
        if float(np.abs(change[:12]).max()) < 1e-9:
            break
    return x, y, more, covariance * (float(now @ now) / max(6 * len(b) - count, 1))


def _moved(x: Array, y: Array, more: float, step: Array) -> tuple[Array, Array, float]:
    """Return X, Y and the offset after a step: turned in their own frame, moved in that of their base."""
    turned = [pose(p[:3, :3] @ exp(step[k : k + 3]), p[:3, 3] + step[k + 3 : k + 6]) for p, k in ((x, 0), (y, 6))]
    return turned[0], turned[1], more + (float(step[12]) if len(step) > 12 else 0.0)


def _weights(turned: Array, moved: Array) -> tuple[Array, Array]:
    """Return the square roots of the weights of each pair (N, 1), in units of the spread of its kind."""
    found = []
    for norm, floor in _norms(turned, moved):
        spread = _spread(norm, floor)
        found.append(np.sqrt(1 / (1 + (norm / (_SOFT * spread)) ** 2))[:, None] / spread)
    return found[0], found[1]


def _spread(norm: Array, floor: float) -> float:
    """Return the median error, raised where few pairs are fitted too well (P. J. Rousseeuw, A. M. Leroy, 1987)."""
    return max(float(np.median(norm)) * (1 + 5 / max(len(norm) - 3, 1)), floor)


def _worst(covariance: Array) -> tuple[float, float]:
    """Return the standard errors (translation, rotation) in the worst direction."""
    turned, moved = np.linalg.eigvalsh(covariance[:3, :3])[-1], np.linalg.eigvalsh(covariance[3:, 3:])[-1]
    return math.sqrt(max(float(moved), 0.0)), math.sqrt(max(float(turned), 0.0))
