"""Time along way-points or a smooth path, within velocity, acceleration and jerk limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from robocell.motion.blending import blended, parabolic
from robocell.motion.kernels import retime_curve, retime_jerk, retime_rows, retime_velocity
from robocell.motion.limits import Limits
from robocell.motion.pacing import Grid, paced
from robocell.motion.point_to_point import point_to_point, straight_move
from robocell.motion.rigid import Floats
from robocell.motion.spline import Spline
from robocell.motion.trajectory import Trajectory

SAME = 1e-9  # rad or m: way-points this close are one,
ALIKE = 0.01  # and those that are closer than this share of the blend, which is lowered for it
POINTS = 300  # intervals at least, on a path that is timed without a jerk limit
ABOUT = 38  # on each piece of a smooth path,
MANY = 600  # but no more than these on all for that
AT_LEAST = 8  # on each of its pieces, where q″ jumps between them

STUCK = "the path cannot be run: it turns too sharply between two places of the grid"
UNTIMEABLE = "the path cannot be timed: its way-points or limits are too far apart in size"

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TimedSpline:
    """A path and the time along it: a curve for `Trajectory`.

    Attributes:
        path: q(s).
        piece: (N,) piece of the path that each interval lies on.
        knots: (N + 1,) seconds at which intervals begin, and the end.
        place: (6 N,) s(t) on each interval, ascending powers of the time since its beginning.
        duration: seconds.

    """

    path: Spline
    piece: Places
    knots: Floats
    place: Floats
    duration: float

    def evaluate(self, t: Floats) -> tuple[Floats, Floats, Floats]:
        """Return q, q̇, q̈, each (K, n), at times t (K,)."""
        path, shape = self.path, (len(t), self.path.n)
        size = shape[0] * shape[1]
        q, qd, qdd = np.empty(size), np.empty(size), np.empty(size)
        retime_curve.sample(path.flat, path.breaks, self.piece, self.knots, self.place, t, q, qd, qdd)
        return q.reshape(shape), qd.reshape(shape), qdd.reshape(shape)


def retime(path: ArrayLike | Spline, limits: Limits, blend: float = 0.0, straight: bool = True) -> Trajectory:
    """Run along way-points, or along a smooth path, from rest to rest as fast as the limits allow.

    Way-points are joined by straight joint lines. The motion stays within `blend` of these lines, and passes within
    `blend` of each way-point, in every joint; it stops only where that is quicker. With `blend` 0 it stops at each
    way-point. Where way-points lie so close that the spline through them stays within `blend` of the lines, that is
    taken if it is quicker. All limits hold at every instant; position limits are not checked. An infinite jerk limit
    of all joints gives the fastest motion along the path that velocity and acceleration alone allow.

    Args:
        path: (M, n) way-points, rad or m, of which equal neighbours count as one; or a `Spline`.
        limits: joint limits.
        blend: largest deviation of any joint at a way-point, rad or m; way-points only.
        straight: whether the motion must keep to the lines where it stops too. If not, it stops like
            `point_to_point`, whose joints run each at their own pace, and takes no longer than such moves in a chain;
            with joints of very different limits that can be quicker than any motion along the lines.

    Raises:
        ValueError: wrong shapes, numbers that are not finite, a blend below 0.

    """
    if not 0.0 <= blend < np.inf:
        raise ValueError(f"blend is {blend}, expected a finite number, 0 or more")
    n = len(limits.velocity)
    if isinstance(path, Spline):
        if path.n != n:
            raise ValueError(f"the path has {path.n} joints, the limits have {n}")
        if np.isinf(limits.jerk).all():
            return _without_jerk(path, limits, smooth=True)
        return _with_jerk(path, paced(path, limits), limits)
    points = _way_points(path, n, max(SAME, ALIKE * blend))
    blend *= 1.0 - 2.0 * ALIKE
    if len(points) == 1:
        return Trajectory.still(points[0])
    leg = straight_move if straight else point_to_point
    stopping = Trajectory.concatenate([leg(a, b, limits) for a, b in zip(points[:-1], points[1:], strict=True)])
    if blend == 0.0 or len(points) == 2:
        return stopping
    ways = [stopping]
    if np.isinf(limits.jerk).all():
        ways.append(_without_jerk(parabolic(points, limits, blend), limits, smooth=False))
    else:
        ways.append(_with_jerk(*blended(points, limits, blend), limits))
    through = Spline.through(
        points, at=np.append(0.0, np.cumsum((np.abs(np.diff(points, axis=0)) / limits.velocity).max(axis=1)))
    )
    if through.bulge() <= blend:
        ways.append(retime(through, limits))
    return min(ways, key=lambda way: way.duration)


def _way_points(path: ArrayLike, n: int, close: float) -> Floats:
    """Return way-points (M, n) of which no two neighbours are close; the others are within 2 · close of those."""
    points = np.array(path, dtype=np.float64, order="C")
    if points.ndim != 2 or points.shape[1] != n or not len(points):
        raise ValueError(f"way-points have shape {points.shape}, expected (M, {n}) with M ≥ 1")
    if not np.isfinite(points).all():
        raise ValueError("way-points hold a number that is not finite")
    if (np.abs(np.diff(points, axis=0)).max(axis=1, initial=0.0) > close).all():
        return points
    kept = [points[0]]
    for q in points[1:]:
        if np.abs(q - kept[-1]).max() > close:
            kept.append(q)
    # both ends are kept as they are, and what is close to the last way-point goes in its favour
    while len(kept) > 1 and np.abs(kept[-1] - points[-1]).max() <= close:
        kept.pop()
    if np.abs(kept[-1] - points[-1]).max() > SAME:
        kept.append(points[-1])
    return np.array(kept)


def _with_jerk(path: Spline, grid: Grid, limits: Limits) -> Trajectory:
    """Time a path by the interior-point method, and stretch time by what the result still exceeds."""
    n, N = path.n, len(grid.piece)
    rows = np.empty((retime_rows.KINDS * n + 2) * 3 * N)
    retime_rows.rows(path.flat, path.breaks, grid.rows, grid.piece, limits.rates, rows)
    widths = grid.rows[::5].copy()
    c, b = np.empty(N + 2), np.empty(3 * N)
    retime_jerk.optimise(rows, widths, n, c)
    retime_jerk.bezier(c, widths, b)
    knots, place = np.empty(N + 1), np.empty(6 * N)
    retime_curve.clock(grid.rows, b, knots, place)
    k = retime_curve.excess(path.flat, path.breaks, grid.piece, knots, place, limits.rates)
    if not np.isfinite(k):
        raise ValueError(UNTIMEABLE)
    if k > 1.0:
        retime_curve.stretch(knots, place, k)
    return _timed(path, grid.piece, knots, place)


def _without_jerk(path: Spline, limits: Limits, smooth: bool) -> Trajectory:
    """Time a path by two passes over a grid."""
    P = len(path.breaks) - 1
    least = max(POINTS, min(ABOUT * P, MANY)) if smooth else POINTS
    fewest = 1 if smooth else AT_LEAST
    room = least + fewest * P
    piece, knots, place = np.empty(room, dtype=np.int64), np.empty(room + 1), np.empty(6 * room)
    N = retime_velocity.run(path.flat, path.breaks, limits.rates, least, fewest, piece, knots, place)
    if N <= 0:
        raise ValueError(UNTIMEABLE if N else STUCK)
    return _timed(path, piece[:N], knots[: N + 1], place[: 6 * N])


def _timed(path: Spline, piece: Places, knots: Floats, place: Floats) -> Trajectory:
    curve = TimedSpline(path, piece, knots, place, float(knots[-1]))
    return Trajectory.of(curve, path.coefficients[0, 0], path.end)
