"""From way-points to a smooth path q(x), whose parameter is nearly the time already.

Each straight leg gets a profile of its own, from rest to rest, within the limits along it, and begins before the leg
before it has ended: q(x) = q₀ + Σ uₖ fₖ(x − xₖ). While two legs run together the path leaves the corner between them:
with r left of the one and g gone of the other the point is (uₖ₊₁ − uₖ) min(r, g) away from a leg. So the overlap follows
from the blend that is allowed; `retime_corners` chooses it. What the overlaps take or leave is corrected by
`retime_jerk`.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel
from robocell.motion.kernels.retime_corners import peak, ramp

Flat: TypeAlias = NDArray[np.float64]
Index: TypeAlias = NDArray[np.int64]

SEGMENTS = 13  # of a leg's profile at most: ramps of three parts, and a cruise
MOST = 0.85  # of a leg may run together with its neighbours
COARSE = 1  # of a segment at least
FINE = 16.0  # intervals on a leg, beside those that its segments begin
PIECES = 28  # of the path, a leg, at most
INTERVALS = 140  # likewise


@kernel
def lay(parts: Flat, N: int, x: float, s: float, v: float, a: float, j: float) -> int:
    """Add a segment on which s is a cubic of x: its length, then s, s′, s″ and s‴ at its left."""
    parts[5 * N], parts[5 * N + 1], parts[5 * N + 2], parts[5 * N + 3], parts[5 * N + 4] = x, s, v, a, j
    return N + 1


@kernel
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


@kernel
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
