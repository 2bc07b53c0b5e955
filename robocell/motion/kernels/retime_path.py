"""From way-points to a smooth path q(x), whose parameter is nearly the time already.

Each straight leg gets a profile of its own, from rest to rest, within the limits along it, and begins before the leg
before it has ended: q(x) = q₀ + Σ uₖ fₖ(x − xₖ). While two legs run together the path leaves the corner between them:
with r left of the one and g gone of the other the point is (uₖ₊₁ − uₖ) min(r, g) away from a leg. So the overlap follows
from the blend that is allowed. Two ways to run through a corner are weighed:

- late: both legs have their whole ramps down to and up from rest, of which the last and the first parts overlap.
  It saves time however small the blend is.
- even: a leg slows to the speed at which the corner can be passed; there its ramp to rest and the next one's
  from rest overlap entirely, which is motion at constant speed round the corner. It is the better way for flat corners.

s on a leg is the time at the velocity limit: |q′| of a leg alone never exceeds it. What the overlaps take or leave is
corrected by `retime_jerk`.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import inlined, kernel

Flat: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.int64]

STEPS = 60  # of bisections
SEGMENTS = 13  # of a leg's profile at most: ramps of three parts, and a cruise
MOST = 0.85  # of a leg may run together with its neighbours
COARSE = 1  # of a segment at least
FINE = 16.0  # intervals on a leg, beside those that its segments begin
PIECES = 28  # of the path, a leg, at most
INTERVALS = 140  # likewise


@inlined
def ramp(change: float, a: float, j: float) -> float:
    """Return the time of a change of speed within acceleration and jerk limits, from and to no acceleration."""
    return change / a + a / j if change * j >= a * a else 2.0 * math.sqrt(change / j)


@inlined
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


@inlined
def deviation(r: float) -> float:
    """Return the distance of a blend from its corner, for a change of q′ and a width of one."""
    return (r / 4.0 - r * r / 3.0 + 0.5 * (0.5 - r) * (0.5 - r)) / (1.0 - r)


@inlined
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


@inlined
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


@inlined
def gone(x: float, p: float, a: float, j: float) -> float:
    """Return how far a ramp from rest to the speed p has come at x, at most half its length."""
    T = ramp(p, a, j)
    tj = min(a / j, 0.5 * T)
    top = p / (T - tj)
    if x <= tj:
        return top / tj * x * x * x / 6.0
    v, u = 0.5 * top * tj, min(x, T - tj) - tj
    return top * tj * tj / 6.0 + u * (v + 0.5 * top * u)


@inlined
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


@inlined
def lay(parts: Flat, N: int, x: float, s: float, v: float, a: float, j: float) -> int:
    """Add a segment on which s is a cubic of x: its length, then s, s′, s″ and s‴ at its left."""
    parts[5 * N], parts[5 * N + 1], parts[5 * N + 2], parts[5 * N + 3], parts[5 * N + 4] = x, s, v, a, j
    return N + 1


@inlined
def lay_ramp(parts: Flat, N: int, s: float, w: float, to: float, T: float, tj: float) -> int:
    """Add a change of speed over T with jerk phases of tj."""
    top = (to - w) / (T - tj)
    jerk = top / tj
    tail = T - 2.0 * tj
    v = w + 0.5 * top * tj
    N = lay(parts, N, tj, s, w, 0.0, jerk)
    s += w * tj + top * tj * tj / 6.0
    if tail > 1e-9 * T:
        N = lay(parts, N, tail, s, v, top, 0.0)
        s += tail * (v + 0.5 * top * tail)
        v += top * tail
    return lay(parts, N, tj, s, v, top, -jerk)


@kernel
def profile(
    length: float, a: float, j: float, l0: float, r0: float, w0: float, l1: float, r1: float, w1: float, parts: Flat
) -> int:
    """Lay out the profile of one leg, from rest to rest; return how many segments it has."""
    N = 0
    inside = length - l0 - l1
    s = l0
    if w0 > 0.0:
        N = lay_ramp(parts, N, 0.0, 0.0, w0, 2.0 * l0 / w0, r0 * 2.0 * l0 / w0)
    p = peak(w0, w1, inside, a, j)
    up, down = p - w0 > 1e-9, p - w1 > 1e-9
    rest = inside
    if down:
        rest -= ramp(p - w1, a, j) * 0.5 * (p + w1)
    if up:
        T = ramp(p - w0, a, j)
        N = lay_ramp(parts, N, s, w0, p, T, min(a / j, 0.5 * T))
        s += T * 0.5 * (p + w0)
        rest -= T * 0.5 * (p + w0)
    if rest > 1e-7 * length:
        N = lay(parts, N, rest / p, s, p, 0.0, 0.0)
        s += rest
    if down:
        T = ramp(p - w1, a, j)
        N = lay_ramp(parts, N, s, p, w1, T, min(a / j, 0.5 * T))
    if w1 > 0.0:
        N = lay_ramp(parts, N, length - l1, w1, 0.0, 2.0 * l1 / w1, r1 * 2.0 * l1 / w1)
    return N


@kernel
def profiles(
    length: Flat, pace: Flat, half: Flat, share: Flat, speed: Flat, overlap: Flat,
    parts: Flat, sizes: Index, begins: Flat,
) -> None:  # fmt: skip
    """Lay out the profiles of all legs, lower the overlaps to what they have room for, and set where each begins.

    Args:
        length: (M − 1), as all up to overlap, set by `legs`, `even_corners` and `late_corners`.
        pace: 2 · (M − 1).
        half: (M).
        share: (M).
        speed: (M).
        overlap: (M), changed.
        parts: out, 5 · SEGMENTS a leg.
        sizes: (M − 1) out, segments of each leg.
        begins: (M) out, x at which each leg begins, and the end of the last.

    """
    count = length.size
    span = np.zeros(count)
    for k in range(count):
        own = parts[5 * SEGMENTS * k : 5 * SEGMENTS * (k + 1)]
        sizes[k] = profile(
            length[k],
            pace[k],
            pace[count + k],
            half[k],
            share[k],
            speed[k],
            half[k + 1],
            share[k + 1],
            speed[k + 1],
            own,
        )
        for i in range(sizes[k]):
            span[k] += own[5 * i]
    wanted = overlap.copy()
    for k in range(1, count):
        if speed[k] == 0.0:
            before = max(0.5 * span[k - 1], MOST * span[k - 1] - wanted[k - 1])
            after = max(0.5 * span[k], MOST * span[k] - wanted[k + 1])
            if speed[k - 1] > 0.0:
                before = MOST * (span[k - 1] - overlap[k - 1])
            if speed[k + 1] > 0.0:
                after = MOST * (span[k] - overlap[k + 1])
            overlap[k] = min(wanted[k], before, after)
    begins[0] = 0.0
    for k in range(count):
        begins[k + 1] = begins[k] + span[k] - overlap[k + 1]


@inlined
def add(parts: Flat, at: int, u: float, x: float, n: int, slope: Flat, path: Flat, P: int) -> None:
    """Add one leg's segment, from u after its beginning, to a piece of the path."""
    s, v, a, j = parts[at + 1], parts[at + 2], parts[at + 3], parts[at + 4]
    s, v, a = s + u * (v + u * (0.5 * a + u * j / 6.0)), v + u * (a + 0.5 * u * j), a + u * j
    for i in range(n):
        o = 4 * n * P + i
        path[o] += slope[i] * s
        path[o + n] += slope[i] * v
        path[o + 2 * n] += slope[i] * a * 0.5
        path[o + 3 * n] += slope[i] * j / 6.0


@kernel
def join(
    points: Flat, slope: Flat, parts: Flat, sizes: Index, begins: Flat, overlap: Flat,
    breaks: Flat, path: Flat, grid: Flat, piece: Index,
) -> tuple[int, int]:  # fmt: skip
    """Join the legs to one path; return the numbers of pieces and of intervals.

    Args:
        points: (M · n) way-points, no two equal after one another.
        slope: (M − 1) · n.
        parts: profiles, as the next three.
        sizes: (M − 1).
        begins: (M).
        overlap: (M).
        breaks: out, x at which each piece begins, then the end.
        path: out, zeros before; 4 · n cubic coefficients a piece, ascending powers of x since its beginning.
        grid: out, five numbers for each interval into which pieces are cut: its width, x at its left, 1, 0, 0.
        piece: out, the piece of each interval.

    """
    count = sizes.size
    n = slope.size // count
    P = N = 0
    k = 0  # the leg that ends next; the one after it may run already
    here = next_ = 0
    left, left_next = parts[0], parts[5 * SEGMENTS] if count > 1 else 0.0
    x = 0.0
    while k < count:
        at, after = 5 * (SEGMENTS * k + here), 5 * (SEGMENTS * (k + 1) + next_)
        both = k + 1 < count and x >= begins[k + 1] - 1e-12 * begins[count]
        step = left
        if both:
            step = min(step, left_next)
        elif k + 1 < count and begins[k + 1] - x < step - 1e-12 * begins[count]:
            step = begins[k + 1] - x
        if step > 1e-9 * begins[count] / count:
            breaks[P] = x
            for i in range(n):
                path[4 * n * P + i] = points[k * n + i]
            add(parts, at, parts[at] - left, step, n, slope[k * n :], path, P)
            finest = (begins[k + 1] - begins[k]) / FINE
            if both:
                add(parts, after, parts[after] - left_next, step, n, slope[(k + 1) * n :], path, P)
                finest = min(finest, (begins[k + 2] - begins[k + 1]) / FINE)
            # while the outermost legs get going or stop the pace varies most
            cuts = (3 if k == 0 or k + 1 >= count - 1 else COARSE) + int(min(step / finest, 4.0 * FINE))
            for i in range(cuts):
                grid[5 * N], grid[5 * N + 1], grid[5 * N + 2] = step / cuts, x + i * step / cuts, 1.0
                grid[5 * N + 3] = grid[5 * N + 4] = 0.0
                piece[N] = P
                N += 1
            P += 1
        x += step
        left -= step
        if both:
            left_next -= step
            if left_next <= 1e-12 * begins[count]:
                next_ += 1
                left_next = parts[5 * (SEGMENTS * (k + 1) + next_)] if next_ < sizes[k + 1] else np.inf
        if left <= 1e-12 * begins[count]:
            here += 1
            if here == sizes[k]:
                k += 1
                here, left = next_, left_next
                next_ = 0
                left_next = parts[5 * SEGMENTS * (k + 1)] if k + 1 < count else 0.0
            else:
                left = parts[5 * (SEGMENTS * k + here)]
    breaks[P] = x
    return P, N
