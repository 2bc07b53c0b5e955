"""How each corner between straight legs is passed: how wide, how fast, and how far the legs run together.

Two ways are weighed:

- late: both legs have their whole ramps down to and up from rest, of which the last and the first parts overlap.
  It saves time however small the blend is.
- even: a leg slows to the speed at which the corner can be passed; there its ramp to rest and the next one's
  from rest overlap entirely, which is motion at constant speed round the corner: q″ rises, stays and falls (a
  trapezoid). It is the better way for flat corners.

s on a leg is the time at the velocity limit: |q′| of a leg alone never exceeds it.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel

Flat: TypeAlias = NDArray[np.float64]

STEPS = 60  # of bisections


@kernel
def ramp(change: float, a: float, j: float) -> float:
    """Return the time of a change of speed within acceleration and jerk limits, from and to no acceleration."""
    return change / a + a / j if change * j >= a * a else 2.0 * math.sqrt(change / j)


@kernel
def reachable(w: float, length: float, a: float, j: float) -> float:
    """Return the greatest speed ≤ 1 to which one can change from w over a length."""
    if ramp(1.0 - w, a, j) * 0.5 * (1.0 + w) <= length:
        return 1.0
    low, high = w, 1.0
    for _ in range(STEPS):
        p = 0.5 * (low + high)
        fits = ramp(p - w, a, j) * 0.5 * (p + w) <= length
        low, high = (p, high) if fits else (low, p)
    return low


@kernel
def legs(points: Flat, rates: Flat, length: Flat, slope: Flat, pace: Flat) -> None:
    """Set each leg's length (M − 1) in s, its q′ (M − 1) · n, and the limits (2 · (M − 1)) of s̈, then of s⃛ on it."""
    n = rates.size // 3
    count = length.size
    for k in range(count):
        longest = 0.0
        for i in range(n):
            d = points[(k + 1) * n + i] - points[k * n + i]
            slope[k * n + i] = d
            longest = max(longest, abs(d) / rates[i])
        length[k] = longest
        pace[k] = pace[count + k] = np.inf
        for i in range(n):
            slope[k * n + i] /= longest
            steep = abs(slope[k * n + i])
            if steep > 0.0:
                pace[k] = min(pace[k], rates[n + i] / steep)
                pace[count + k] = min(pace[count + k], rates[2 * n + i] / steep)


@kernel
def deviation(r: float) -> float:
    """Return the distance of a blend from its corner, for a change of q′ and a width of one."""
    return (r / 4.0 - r * r / 3.0 + 0.5 * (0.5 - r) * (0.5 - r)) / (1.0 - r)


@kernel
def passing(turn: Flat, rates: Flat, wide: float, r: float) -> float:
    """Return the greatest constant speed ≤ 1 through a blend."""
    n = turn.size
    w = 1.0
    for i in range(n):
        d = abs(turn[i])
        if d > 0.0:
            w = min(w, math.sqrt(rates[n + i] * 2.0 * wide * (1.0 - r) / d))
            w = min(w, (rates[2 * n + i] * 4.0 * wide * wide * r * (1.0 - r) / d) ** (1.0 / 3.0))
    return w


@kernel
def peak(w0: float, w1: float, length: float, a: float, j: float) -> float:
    """Return the greatest speed ≤ 1 on a leg that begins at w0 and ends at w1."""
    low = max(w0, w1)
    high = 1.0
    for step in range(STEPS):
        p = high if step == 0 else 0.5 * (low + high)
        fits = ramp(p - w0, a, j) * 0.5 * (p + w0) + ramp(p - w1, a, j) * 0.5 * (p + w1) <= length
        if fits and step == 0:
            return p
        low, high = (p, high) if fits else (low, p)
    return low


@kernel
def gone(x: float, p: float, a: float, j: float) -> float:
    """Return how far a ramp from rest to the speed p has come at x, at most half its length."""
    T = ramp(p, a, j)
    tj = min(a / j, 0.5 * T)
    top = p / (T - tj)
    if x <= tj:
        return top / tj * x * x * x / 6.0
    v, u = 0.5 * top * tj, min(x, T - tj) - tj
    return top * tj * tj / 6.0 + u * (v + 0.5 * top * u)


@kernel
def moment(s: float, p: float, a: float, j: float) -> float:
    """Return when a ramp from rest has come to s, at most half its time."""
    low, high = 0.0, 0.5 * ramp(p, a, j)
    if gone(high, p, a, j) <= s:
        return high
    for _ in range(STEPS):
        x = 0.5 * (low + high)
        low, high = (x, high) if gone(x, p, a, j) <= s else (low, x)
    return low


@kernel
def turns(slope: Flat, blend: float, want: Flat) -> None:
    """Set for each of M way-points the distance from it at which the legs may run together: blend / |Δq′|."""
    count = want.size - 1
    n = slope.size // count
    want[0] = want[count] = 0.0
    for k in range(1, count):
        most = 0.0
        for i in range(n):
            most = max(most, abs(slope[k * n + i] - slope[(k - 1) * n + i]))
        want[k] = blend / most


@kernel
def settle(length: Flat, pace: Flat, half: Flat, speed: Flat) -> None:
    """Lower the corners' speeds until each can be reached from the next, in both directions."""
    count = length.size
    for k in range(count):
        inside = max(length[k] - half[k] - half[k + 1], 0.0)
        speed[k + 1] = min(speed[k + 1], reachable(speed[k], inside, pace[k], pace[count + k]))
    for k in range(count - 1, -1, -1):
        inside = max(length[k] - half[k] - half[k + 1], 0.0)
        speed[k] = min(speed[k], reachable(speed[k + 1], inside, pace[k], pace[count + k]))


@kernel
def even_corners(
    length: Flat, slope: Flat, pace: Flat, rates: Flat, want: Flat, half: Flat, share: Flat, speed: Flat
) -> None:
    """Shape each corner for the greatest constant speed, and lower speeds until each can be reached from the next.

    Args:
        length: (M − 1), set by `legs`, as are the next two.
        slope: (M − 1) · n.
        pace: 2 · (M − 1).
        rates: (3 · n).
        want: (M) from `turns`.
        half: (M) out, half the width of a blend, in s.
        share: (M) out, of a ramp in it.
        speed: (M) out, 0 at both ends.

    """
    n = rates.size // 3
    count = length.size
    turn = np.empty(n)
    for k in range(count + 1):
        half[k] = share[k] = speed[k] = 0.0
    for k in range(1, count):
        for i in range(n):
            turn[i] = slope[k * n + i] - slope[(k - 1) * n + i]
        for step in range(5):
            r = 0.5 - 0.1 * step
            # a leg is shared by the blends at both its ends; one that needs less than half leaves the rest
            before = max(0.5 * length[k - 1], length[k - 1] - want[k - 1] / (2.0 * deviation(0.5)))
            after = max(0.5 * length[k], length[k] - want[k + 1] / (2.0 * deviation(0.5)))
            wide = min(want[k] / (2.0 * deviation(r)), before, after)
            w = passing(turn, rates, wide, r)
            if w > speed[k] * 1.0001:
                speed[k], half[k], share[k] = w, wide, r
    settle(length, pace, half, speed)


@kernel
def late_corners(length: Flat, pace: Flat, want: Flat, half: Flat, speed: Flat, overlap: Flat) -> None:
    """Make those corners late that lose less time so: their speed becomes 0. Set all overlaps (M), in x."""
    count = length.size
    overlap[0] = overlap[count] = 0.0
    for k in range(1, count):
        a0, j0, a1, j1, w = pace[k - 1], pace[count + k - 1], pace[k], pace[count + k], speed[k]
        p0, p1 = peak(0.0, 0.0, length[k - 1], a0, j0), peak(0.0, 0.0, length[k], a1, j1)
        overlap[k] = moment(want[k], p0, a0, j0) + moment(want[k], p1, a1, j1)
        # what is lost against passing the corner at the speeds of the legs
        late = 0.5 * (ramp(p0, a0, j0) + ramp(p1, a1, j1)) - overlap[k]
        even = 2.0 * half[k] / w - half[k] / p0 - half[k] / p1
        even += 0.5 * (p0 - w) / p0 * ramp(p0 - w, a0, j0) if p0 > w else 0.0
        even += 0.5 * (p1 - w) / p1 * ramp(p1 - w, a1, j1) if p1 > w else 0.0
        if late < even:
            half[k] = speed[k] = 0.0
    settle(length, pace, half, speed)
    for k in range(1, count):
        if speed[k] > 0.0:
            overlap[k] = 2.0 * half[k] / speed[k]
