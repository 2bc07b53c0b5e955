"""Distances, angles and diameters from edge points, each with its standard error.

All functions work in the unit of the points they are given: pixels, or metres on the inspected face, which `on_plane`
makes of pixels by the camera's calibration. Lines and circles are fitted by least squares of the points' distances to
those points that agree: up to a stated share may be outliers (least median of squares: Rousseeuw, JASA 79, 1984).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike, NDArray

from robocell.errors import VisionError
from robocell.vision.frame import Array, Calibration

_TRIALS = 3000  # lines or circles through few points, of which that with the most points near it begins
_FAR = 3.5  # scales from the fit: a point beyond is an outlier
_ITERATIONS = 12
_OUTLIERS = 0.3


@dataclass(frozen=True)
class Measured:
    """A measured quantity and its standard error, in the unit of the points (angles in rad)."""

    value: float
    sigma: float


@dataclass(frozen=True)
class Point:
    """A point and its standard error in any direction."""

    x: float
    y: float
    sigma: float = 0.0


@dataclass(frozen=True)
class Line:
    """A fitted line.

    Attributes:
        x, y: the middle of the points, which lies on it.
        angle: of its direction, from columns towards rows, rad in (-π/2, π/2].
        sigma: standard error of the line at its middle, across it.
        angle_sigma: of the angle, rad.
        used: (N,) which points are no outliers.

    """

    x: float
    y: float
    angle: float
    sigma: float
    angle_sigma: float
    used: NDArray[np.bool_]


@dataclass(frozen=True)
class Circle:
    """A fitted circle.

    Attributes:
        x, y: centre.
        diameter: of it.
        sigma: standard error of the diameter.
        centre_sigma: of the centre, along its less certain direction.
        used: (N,) which points are no outliers.

    """

    x: float
    y: float
    diameter: float
    sigma: float
    centre_sigma: float
    used: NDArray[np.bool_]

    @property
    def centre(self) -> Point:
        """The centre as a point."""
        return Point(self.x, self.y, self.centre_sigma)


def on_plane(points: ArrayLike, sigma: ArrayLike, calibration: Calibration) -> tuple[Array, Array]:
    """Return (N, 2) points on the inspected face and their (N,) standard errors, m, from those in pixels.

    Args:
        points: (N, 2) px.
        sigma: (N,) px.
        calibration: of the camera, its `distance` that of the face.

    """
    pixels, errors = _points(points, sigma)
    half = 0.5  # px: the scale about a point, from its neighbours either way
    shifts = np.array([[half, 0.0], [0.0, half]])
    spans = [calibration.to_plane(pixels + d) - calibration.to_plane(pixels - d) for d in shifts]
    scale = np.sqrt(sum((span**2).sum(axis=1) for span in spans) / 2)
    return calibration.to_plane(pixels), errors * scale


def distance(one: Point | Line, other: Point | Line, parallel: float = math.radians(2)) -> Measured:
    """Return the distance between two points, a point and a line, or two parallel lines.

    That of two lines is the mean of the distances of each one's middle from the other.

    Raises:
        VisionError: two lines are further from parallel than `parallel` (rad).

    """
    if isinstance(one, Point) and isinstance(other, Point):
        return Measured(math.hypot(one.x - other.x, one.y - other.y), math.hypot(one.sigma, other.sigma))
    if isinstance(one, Line) and isinstance(other, Line):
        between = angle(one, other)
        if between.value > parallel:
            raise VisionError(f"two lines at {math.degrees(between.value):.2f}° to each other have no one distance")
        a, b = _from_line(Point(one.x, one.y), other), _from_line(Point(other.x, other.y), one)
        # the middles' own errors are the lines', which each distance has once
        return Measured((a.value + b.value) / 2, math.hypot(math.hypot(one.sigma, other.sigma), _tilt(one, other)))
    if isinstance(one, Line) and isinstance(other, Point):
        return _from_line(other, one)
    assert isinstance(one, Point)
    assert isinstance(other, Line)
    return _from_line(one, other)


def angle(one: Line, other: Line) -> Measured:
    """Return the angle between two lines, rad in [0, π/2]."""
    between = abs(one.angle - other.angle) % math.pi
    return Measured(min(between, math.pi - between), math.hypot(one.angle_sigma, other.angle_sigma))


def fit_line(points: ArrayLike, sigma: ArrayLike | None = None, outliers: float = _OUTLIERS) -> Line:
    """Fit a line to points.

    Args:
        points: (N, 2), N at least 2.
        sigma: (N,) their standard errors; by default all are alike, and known from how they scatter.
        outliers: share of the points that may lie elsewhere, below a half.

    Raises:
        VisionError: too few points, or more than that share lie off any line.

    """
    xy, errors = _points(points, sigma)
    first, second = (xy[column] for column in _subsets(len(xy), 2).T)
    trials = np.column_stack([first, second - first])
    used = _consensus(xy, errors, sigma is None, outliers, 2, "line", trials[np.any(trials[:, 2:] != 0, axis=1)])
    middle, direction, spread = _line_through(xy[used], errors[used])
    scale = _scale(_off_line(np.append(middle, direction), xy[used]), errors[used], 2, sigma is None)
    weight = 1 / errors[used] ** 2
    turn = math.atan2(direction[1], direction[0])
    turn = turn - math.pi if turn > math.pi / 2 else turn + math.pi if turn <= -math.pi / 2 else turn
    return Line(
        float(middle[0]), float(middle[1]), turn, scale / math.sqrt(weight.sum()), scale / math.sqrt(spread), used
    )


def fit_circle(points: ArrayLike, sigma: ArrayLike | None = None, outliers: float = _OUTLIERS) -> Circle:
    """Fit a circle to points, as of calipers across its rim.

    Args:
        points: (N, 2), N at least 3; 4 and more tell their own error.
        sigma: (N,) their standard errors; by default all are alike, and known from how they scatter.
        outliers: share of the points that may lie elsewhere, below a half.

    Raises:
        VisionError: too few points, or more than that share lie off any circle.

    """
    xy, errors = _points(points, sigma)
    trials = _circumscribed(*(xy[column] for column in _subsets(len(xy), 3).T))
    used = _consensus(xy, errors, sigma is None, outliers, 3, "circle", trials)
    circle, covariance = _circle_through(xy[used], errors[used])
    scale = _scale(_off_circle(circle, xy[used]), errors[used], 3, sigma is None)
    centre = float(np.linalg.eigvalsh(covariance[:2, :2])[-1])
    return Circle(
        float(circle[0]),
        float(circle[1]),
        2 * float(circle[2]),
        2 * scale * math.sqrt(covariance[2, 2]),
        scale * math.sqrt(centre),
        used,
    )


def _points(points: ArrayLike, sigma: ArrayLike | None) -> tuple[Array, Array]:
    xy = np.asarray(points, np.float64)
    if xy.ndim != 2 or xy.shape[1] != 2 or not np.isfinite(xy).all():
        raise VisionError(f"points are finite (N, 2) numbers, not {xy.shape}")
    errors = np.ones(len(xy)) if sigma is None else np.asarray(sigma, np.float64)
    if errors.shape != (len(xy),) or not (np.isfinite(errors) & (errors >= 0)).all():
        raise VisionError(f"each of {len(xy)} points has one standard error that is not negative")
    # a point that claims to be perfect would alone decide
    return xy, np.maximum(errors, max(1e-3 * float(np.median(errors)), 1e-12)) if len(xy) else errors


def _subsets(count: int, size: int) -> NDArray[np.intp]:
    """Return (M, size) indices: all subsets of neighbours at every distance, or an even choice of them."""
    if count < size:
        return np.zeros((0, size), np.intp)
    start = np.arange(count)
    if size == 2:
        sets = np.concatenate([np.stack([start, (start + d) % count], axis=1) for d in range(1, count // 2 + 1)])
    else:
        steps = sorted({max(1, round(count * share)) for share in (1 / 3, 1 / 4, 1 / 5, 1 / 7, 0.4)} | {1})
        sets = np.concatenate(
            [
                np.stack([start, (start + a) % count, (start + a + b) % count], axis=1)
                for a in steps
                for b in steps
                if a + b < count
            ]
            or [np.zeros((0, 3), np.intp)]
        )
    return np.asarray(sets[:: len(sets) // _TRIALS + 1], np.intp)


def _consensus(
    xy: Array, errors: Array, scatter: bool, outliers: float, unknowns: int, name: str, trials: Array
) -> NDArray[np.bool_]:
    """Return which points agree: those near the trial that most points are near, then near the fit to them."""
    count = len(xy)
    if not 0 <= outliers < 0.5:
        raise ValueError(f"less than half of the points may be outliers, not {outliers}")
    if count < unknowns:
        raise VisionError(f"{count} point{'s' * (count != 1)} of at least {unknowns} that a {name} needs")
    if not len(trials):
        raise VisionError(f"points in one place, or on one line, tell of no {name}")
    off = _off_line if name == "line" else _off_circle
    least = max(unknowns, math.ceil((1 - outliers) * count))
    away = np.abs(off(trials[:, :, None], xy)) / errors
    bound = np.partition(away, least - 1, axis=1)[:, least - 1]
    used = away[int(np.argmin(bound))] <= bound.min() + 1e-12
    nearest = 1e-9 if scatter else 1.0  # errors that are claimed are at least permitted
    for _ in range(_ITERATIONS if count > unknowns else 0):
        if name == "line":
            fitted = np.append(*_line_through(xy[used], errors[used])[:2])
        else:
            fitted = _circle_through(xy[used], errors[used])[0]
        far = np.abs(off(fitted, xy)) / errors
        # the middle of those that must agree, as if there were no outliers: with them it is a little too wide
        scale = float(np.median(np.sort(far)[:least])) / NormalDist().inv_cdf(0.5 + least / count / 4)
        again = far <= _FAR * max(scale * (1 + 5 / max(count - unknowns, 1)), nearest)
        if (again == used).all() or again.sum() < unknowns:
            break
        used = again
    if used.sum() < least:
        raise VisionError(f"only {int(used.sum())} of {count} points lie on one {name}, and {least} must")
    return np.asarray(used, bool)


def _scale(off: Array, errors: Array, unknowns: int, scatter: bool) -> float:
    """Return by how much standard errors are to be multiplied: by how points scatter, unless they claim to be worse."""
    free = len(off) - unknowns
    if free <= 0:
        return 0.0 if scatter else 1.0
    ratio = math.sqrt(float(np.sum((off / errors) ** 2)) / free)
    return ratio if scatter else max(ratio, 1.0)


def _off_line(line: Array, xy: Array) -> Array:
    """Return how far points lie off lines (x, y, dx, dy)."""
    x, y, dx, dy = (line[k] if line.ndim == 1 else line[:, k] for k in range(4))
    return np.asarray((dx * (xy[:, 1] - y) - dy * (xy[:, 0] - x)) / np.hypot(dx, dy), np.float64)


def _off_circle(circle: Array, xy: Array) -> Array:
    """Return how far points lie outside of circles (x, y, radius)."""
    x, y, radius = (circle[k] if circle.ndim == 1 else circle[:, k] for k in range(3))
    return np.asarray(np.hypot(xy[:, 0] - x, xy[:, 1] - y) - radius, np.float64)


def _line_through(xy: Array, errors: Array) -> tuple[Array, Array, float]:
    """Return middle, direction, and the weighted sum of squares along it (total least squares)."""
    weight = 1 / errors**2
    middle = weight @ xy / weight.sum()
    apart = xy - middle
    values, vectors = np.linalg.eigh((weight[:, None] * apart).T @ apart)
    if values[1] <= 0:
        raise VisionError("points in one place tell of no line")
    return middle, vectors[:, 1], float(values[1])


def _circumscribed(one: Array, two: Array, three: Array) -> Array:
    """Return (M, 3) circles x, y, radius through three points each, but for those that are on a line."""
    a, b = two - one, three - one
    area = 2 * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    aa, bb = (a * a).sum(axis=1), (b * b).sum(axis=1)
    round_ = np.abs(area) > 1e-9 * (aa + bb)
    a, b, aa, bb, area = a[round_], b[round_], aa[round_], bb[round_], area[round_]
    u = np.stack([b[:, 1] * aa - a[:, 1] * bb, a[:, 0] * bb - b[:, 0] * aa], axis=1) / area[:, None]
    return np.column_stack([one[round_] + u, np.hypot(u[:, 0], u[:, 1])])


def _circle_through(xy: Array, errors: Array) -> tuple[Array, Array]:
    """Return the circle of least squares and its covariance for the errors given: Gauss-Newton on distances."""
    middle = xy.mean(axis=0)
    size = float(np.sqrt(((xy - middle) ** 2).sum(axis=1).mean()))
    near = (xy - middle) / max(size, 1e-300)
    # start: the algebraic circle (Kåsa 1976)
    solved = np.linalg.lstsq(np.column_stack([2 * near, np.ones(len(xy))]), (near**2).sum(axis=1), rcond=None)[0]
    circle = np.array([*solved[:2], math.sqrt(max(solved[2] + solved[:2] @ solved[:2], 1e-12))])
    weight = (size / errors) ** 2
    rows = np.ones((len(xy), 3))
    for _ in range(_ITERATIONS):
        apart = near - circle[:2]
        away = np.maximum(np.hypot(apart[:, 0], apart[:, 1]), 1e-12)
        rows[:, :2] = apart / away[:, None]
        normal = (weight[:, None] * rows).T @ rows
        if np.linalg.cond(normal) > 1e14:
            raise VisionError("the points' arc is too short to tell of a circle")
        step = np.linalg.solve(normal, rows.T @ (weight * (away - circle[2])))
        circle = circle + step
        if float(np.abs(step).max()) < 1e-12:
            break
    return np.array([*(middle + size * circle[:2]), size * circle[2]]), np.asarray(
        np.linalg.inv(normal) * size**2, np.float64
    )


def _from_line(point: Point, line: Line) -> Measured:
    dx, dy = point.x - line.x, point.y - line.y
    c, s = math.cos(line.angle), math.sin(line.angle)
    along = c * dx + s * dy
    return Measured(abs(c * dy - s * dx), math.hypot(point.sigma, line.sigma, along * line.angle_sigma))


def _tilt(one: Line, other: Line) -> float:
    """Return what the lines' angles add to the error of their distance, where their middles are not opposite."""
    c, s = math.cos(one.angle), math.sin(one.angle)
    along = c * (other.x - one.x) + s * (other.y - one.y)
    return abs(along) / 2 * math.hypot(one.angle_sigma, other.angle_sigma)
