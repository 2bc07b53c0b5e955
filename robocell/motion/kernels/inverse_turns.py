"""Whole turns: which of them fit the joint limits, nearest to a given position, or all of them."""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined, kernel
from robocell.motion.kernels.types import Flags, Floats

AT_LIMIT = 1e-10  # rad or m: a solution this little past a limit is put on the limit
WHOLE = 2.0 * math.pi
PER_TURN = 1.0 / WHOLE
TIE = 0.5 + 1e-9  # decides ties the same way whatever rounding does
MOST_JOINTS = 8


@inlined
def turned_into(q: float, near: float, low: float, high: float) -> tuple[float, bool]:
    """Return an angle shifted by whole turns into its limits, nearest to near, and whether one fits.

    Near must be within the limits, or at the end that it is beyond: what fits nearest to it is then at most one turn
    away from the nearest of all.
    """
    q += np.ceil((near - q) * PER_TURN - TIE) * WHOLE
    q += WHOLE if q < low - AT_LIMIT else 0.0
    q -= WHOLE if q > high + AT_LIMIT else 0.0
    return min(max(q, low), high), q >= low - AT_LIMIT  # that it is not above is certain here


@kernel
def fit_turns(q: Floats, near: Floats, below: Floats, above: Floats, spread: bool, limits: Floats, ok: Flags) -> None:
    """Shift rows of q (S·n) into the limits in place, nearest to near (S·n); `ok` (S) tells which fit.

    `limits` holds low (n), high (n) and 1 for joints that turn (n). With `spread`, each joint will still go from
    `below` ≤ 0 to `above` ≥ 0 (S·n) relative to q, and all of that must fit.
    """
    n = len(limits) // 3
    for row in range(len(ok)):
        good = True
        for j in range(n):
            at, low, high = row * n + j, limits[j], limits[n + j]
            down, up = (below[at], above[at]) if spread else (0.0, 0.0)
            if limits[2 * n + j] > 0.0:
                least = np.ceil((low - AT_LIMIT - (q[at] + down)) * PER_TURN)
                most = np.floor((high + AT_LIMIT - (q[at] + up)) * PER_TURN)
                good = good and least <= most
                turns = min(max(np.ceil((near[at] - q[at]) * PER_TURN - TIE), least), most)
                q[at] += turns * WHOLE if least <= most else 0.0
            else:
                good = good and q[at] + down >= low - AT_LIMIT and q[at] + up <= high + AT_LIMIT
            q[at] = min(max(q[at], low), high)
        ok[row] = 1 if good else 0


@kernel
def finish_pose(
    limits: Floats,
    near: Floats,
    at_near: int,
    wanted: int,
    branches: int,
    rows: Floats,
    good: Flags,
    q: Floats,
    ok: Flags,
    first: int,
) -> None:
    """Fit the branches of one pose into the limits, order them and write them.

    Args:
        limits: low (n), high (n), 1 for joints that turn (n).
        near: positions.
        at_near: where those of this pose begin.
        wanted: `FIT` and `ORDER`, or 0 to write branches as they are.
        branches: how many.
        rows: their joints (branches · n); spent.
        good: whether each is a solution (branches); 2 where it repeats the one before, unless that does not fit.
        q: all results, of which those of this pose begin at row `first`.
        ok: likewise.
        first: see `q`.

    """
    n = len(limits) // 3
    far = np.full(branches, math.inf)
    for b in range(branches):
        fits, away = good[b] > 0, 0.0
        for j in range(n):
            low, high, value = limits[j], limits[n + j], rows[b * n + j]
            if wanted > 0:
                if limits[2 * n + j] > 0.0:
                    value, turned = turned_into(value, min(max(near[at_near + j], low), high), low, high)
                    fits = fits and turned
                else:
                    fits = fits and value >= low - AT_LIMIT and value <= high + AT_LIMIT
                    value = min(max(value, low), high)
            rows[b * n + j] = value
            away += (value - near[at_near + j]) ** 2
        fits = fits and not (good[b] == 2 and good[b - 1] > 0)
        good[b] = 1 if fits else 0
        if fits:
            far[b] = np.floor(math.sqrt(away) * 1e9 + 0.5)
    for b in range(branches):
        place = b
        if wanted > 1:
            place = 0
            for other in range(branches):
                place += 1 if far[other] < far[b] or (far[other] == far[b] and other < b) else 0
        for j in range(n):
            q[(first + place) * n + j] = rows[b * n + j] if good[b] > 0 or wanted == 0 else math.nan
        ok[first + place] = good[b]


@kernel
def count_variants(q: Floats, ok: Flags, branches: int, limits: Floats) -> int:
    """Return the largest number of whole-turn variants within the limits that any pose's branches have."""
    n = len(limits) // 3
    largest = 0
    for pose in range(len(ok) // branches):
        total = 0
        for row in range(pose * branches, (pose + 1) * branches):
            if ok[row]:
                total += _variants(q, row * n, limits)
        largest = max(largest, total)
    return largest


@kernel
def _turns(q: float, low: float, high: float) -> tuple[int, int]:
    """Return the least and the greatest number of whole turns that an angle within its limits may be shifted by."""
    return math.ceil((low - AT_LIMIT - q) * PER_TURN), math.floor((high + AT_LIMIT - q) * PER_TURN)


@kernel
def _variants(q: Floats, at: int, limits: Floats) -> int:
    n = len(limits) // 3
    count = 1
    for j in range(n):
        if limits[2 * n + j] > 0.0:
            least, most = _turns(q[at + j], limits[j], limits[n + j])
            count *= most - least + 1
    return count


@kernel
def list_variants(
    q: Floats,
    ok: Flags,
    branches: int,
    limits: Floats,
    near: Floats,
    step: int,
    ordered: bool,
    width: int,
    out: Floats,
    good: Flags,
) -> None:
    """Write every variant of every branch within the limits: `width` rows a pose, those unused NaN and last.

    Args:
        q: (N · branches · n) fitted solutions.
        ok: (N · branches).
        branches: a pose.
        limits: low (n), high (n), 1 for joints that turn (n).
        near: positions, those of pose i from `step · i` on.
        step: n, or 0 where all share one position.
        ordered: nearest to near first.
        width: at least what `count_variants` said.
        out: (N · width · n) NaN.
        good: (N · width) 0.

    """
    n = len(limits) // 3
    far = np.empty(width)
    rows = np.empty(width * n)
    for pose in range(len(ok) // branches):
        count = 0
        for row in range(pose * branches, (pose + 1) * branches):
            for variant in range(_variants(q, row * n, limits) if ok[row] else 0):
                _variant(q, row * n, limits, variant, rows, count * n)
                away = 0.0
                for j in range(n):
                    away += (rows[count * n + j] - near[step * pose + j]) ** 2
                far[count] = np.floor(math.sqrt(away) * 1e9 + 0.5) if ordered else 0.0
                count += 1
        order = np.argsort(far[:count], kind="mergesort")
        for i in range(count):
            for j in range(n):
                out[(pose * width + i) * n + j] = rows[order[i] * n + j]
            good[pose * width + i] = 1


@kernel
def _variant(q: Floats, at: int, limits: Floats, variant: int, rows: Floats, to: int) -> None:
    """Write one of a solution's variants, counted with the last joint's turns fastest."""
    n = len(limits) // 3
    for j in range(n - 1, -1, -1):
        value = q[at + j]
        if limits[2 * n + j] > 0.0:
            least, most = _turns(value, limits[j], limits[n + j])
            value += WHOLE * (least + variant % (most - least + 1))
            variant //= most - least + 1
        rows[to + j] = min(max(value, limits[j]), limits[n + j])
