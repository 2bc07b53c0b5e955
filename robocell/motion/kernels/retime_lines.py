"""The acceleration limits along a path without a jerk limit, as lines that bound b = ṡ² at the ends of an interval.

With s̈ constant on an interval of width h, from b to b′, an acceleration x after its left is (all of it at this place)

    q″ (b + 2 x s̈) + q′ s̈ = P (b′ − g b),    s̈ = (b′ − b) / 2h,    P = (q′ + 2 x q″) / 2h,    g = 1 − q″ / P

so that a limit is |b′ − g b| ≤ r with r = a / |P|. It is kept at the left, in the middle and at the right of each
interval. Neither pass needs a division: going forward b′ ≤ g b + r, and going back b ≤ (b′ + r) / g, if g > 0.

Lines are laid out in tiles of LONG intervals: of each joint rows of LONG numbers, P / a, g and r for each place.
"""

from __future__ import annotations

import math

import numpy as np

from robocell.compiler import inlined
from robocell.motion.kernels import LONG
from robocell.motion.kernels.types import Counts, Floats

FLAT = 1e-12  # of the acceleration limit a unit of s̈: what divides by less is taken as this
STILL = 1e-30  # (q̇ / limit)² a unit of b, likewise
SHALLOW = 1e-9  # a gain less than this bounds nothing going back

PLACES = 3
KINDS = 3  # of numbers in a line
RECORD = PLACES * KINDS * LONG  # numbers a joint
BACK = PLACES * 2 * LONG  # numbers a joint: 1 / g and r / g for each place

# rows of scratch
START, WIDTH, PER, FIRST, SECOND, THIRD, SHARE, TOP, STEEP, TOP_RIGHT, LEAST, LEAST_SLOPE, MOST, MOST_SLOPE = range(14)
SCRATCH = 14 * LONG


@inlined
def steepness(slope: float, bend: float, double: float, per: float) -> tuple[float, float, float, float]:
    """Return P, |P|, g |P| if that is not too shallow, and g |P|, from q′, q″, 2 x and 1 / 2h."""
    whole = slope + double * bend
    steep = abs(whole)
    steep = per * (steep if steep > FLAT else FLAT)
    rise = steep - math.copysign(bend, bend * whole)
    least = SHALLOW * steep
    return math.copysign(steep, whole), steep, rise if rise > least else least, rise


@inlined
def lay(
    path: Floats, breaks: Floats, rates: Floats, s: Floats, piece: Counts, share: Floats,
    begin: int, lanes: int, lines: Floats, back: Floats, w: Floats, base: Counts,
) -> None:  # fmt: skip
    """Set the lines of one tile, and the greatest b that velocity limits allow at the left and at the right.

    Intervals after the last repeat it. Of the limits of each interval that share is used, of velocities its root.
    """
    n = rates.size // 3
    last = piece.size - 1
    for k in range(lanes):
        m = min(begin + k, last)
        h = s[m + 1] - s[m]
        base[k] = 4 * n * piece[m]
        w[START * LONG + k], w[WIDTH * LONG + k] = s[m] - breaks[piece[m]], h
        w[SHARE * LONG + k] = share[m]
        w[TOP * LONG + k] = w[STEEP * LONG + k] = w[TOP_RIGHT * LONG + k] = 0.0
    for k in range(lanes):
        w[PER * LONG + k] = 0.5 / w[WIDTH * LONG + k]
    for i in range(n):
        scale, ratio = 1.0 / rates[n + i], rates[n + i] / rates[i]
        ratio = ratio * ratio
        for k in range(lanes):
            at = base[k] + i
            w[FIRST * LONG + k] = scale * path[np.uint64(at + n)]
            w[SECOND * LONG + k] = 2.0 * scale * path[np.uint64(at + 2 * n)]
            w[THIRD * LONG + k] = 3.0 * scale * path[np.uint64(at + 3 * n)]
        own, mine = lines[i * RECORD : (i + 1) * RECORD], back[i * BACK : (i + 1) * BACK]
        for k in range(lanes):
            x, h, per = w[START * LONG + k], w[WIDTH * LONG + k], w[PER * LONG + k]
            c1, c2, c3 = w[FIRST * LONG + k], w[SECOND * LONG + k], w[THIRD * LONG + k]
            half = 0.5 * h
            s0, d0 = c1 + x * (c2 + x * c3), c2 + 2.0 * x * c3
            s1, d1 = s0 + half * (d0 + half * c3), d0 + h * c3
            s2, d2 = s0 + h * (d0 + h * c3), d0 + 2.0 * h * c3
            P0, a0, e0, g0 = steepness(s0, d0, 0.0, per)
            P1, a1, e1, g1 = steepness(s1, d1, h, per)
            P2, a2, e2, g2 = steepness(s2, d2, 2.0 * h, per)
            # one division for all: it takes as long as some twenty products
            f0, f1, f2 = a0 * e0, a1 * e1, a2 * e2
            all_ = 1.0 / (f0 * f1 * f2)
            f0, f1, f2 = all_ * (f1 * f2), all_ * (f0 * f2), all_ * (f0 * f1)
            r0, r1, r2 = f0 * e0, f1 * e1, f2 * e2
            part = w[SHARE * LONG + k]
            own[k], own[LONG + k], own[2 * LONG + k] = P0, g0 * r0, part * r0
            own[3 * LONG + k], own[4 * LONG + k], own[5 * LONG + k] = P1, g1 * r1, part * r1
            own[6 * LONG + k], own[7 * LONG + k], own[8 * LONG + k] = P2, g2 * r2, part * r2
            f0, f1, f2 = f0 * a0, f1 * a1, f2 * a2
            mine[k], mine[LONG + k] = f0 * a0, part * f0
            mine[2 * LONG + k], mine[3 * LONG + k] = f1 * a1, part * f1
            mine[4 * LONG + k], mine[5 * LONG + k] = f2 * a2, part * f2
            v0, v1, v2 = ratio * s0 * s0, ratio * s1 * s1, ratio * s2 * s2
            left, middle, right = w[TOP * LONG + k], w[STEEP * LONG + k], w[TOP_RIGHT * LONG + k]
            w[TOP * LONG + k] = v0 if v0 > left else left
            w[STEEP * LONG + k] = v1 if v1 > middle else middle
            w[TOP_RIGHT * LONG + k] = v2 if v2 > right else right
    for k in range(lanes):
        v0, v1, v2 = w[TOP * LONG + k], w[STEEP * LONG + k], w[TOP_RIGHT * LONG + k]
        left, right = 1.0 / (v0 if v0 > STILL else STILL), 1.0 / (v2 if v2 > STILL else STILL)
        most = 2.0 / (v1 if v1 > STILL else STILL)  # an end where nothing moves allows any b, the middle does not
        left, right = left if left < most else most, right if right < most else most
        # in the middle b is their mean; where that is too much, both are lowered
        mean = 0.5 * (left + right) * v1
        lower = w[SHARE * LONG + k] / (mean if mean > 1.0 else 1.0)
        w[TOP * LONG + k], w[TOP_RIGHT * LONG + k] = left * lower, right * lower
