"""The fastest pace along a path within velocity, acceleration and jerk limits: an interior-point method.

With x the parameter of the path the unknowns are the coefficients c of B = ẋ², a quadratic spline with its knots on
the grid, so that the acceleration is continuous. The limits are the rows |E| ≤ R of `retime_rows`. The time ∫dx/√B is convex. 1/√B is convex too, on the wrong side; its tangent lies below it, so that a step that keeps
within the tangent keeps within the limit (sequential convex programming, one Newton step each). All iterates are
feasible. On one interval B is a Bézier polynomial of b0, b1 = c and b2; the Newton matrix is assembled in these and
has five diagonals in c. Loops run over the intervals of a tile, in rows of two arrays, which vectorises.

Sources: Verscheure et al., Time-optimal path tracking for robots: a convex optimization approach, IEEE TAC 54 (2009),
for B; Debrouwere et al., Time-optimal path following for robots with convex-concave constraints, IEEE T-RO 29 (2013), for
the jerk; Boyd and Vandenberghe, Convex Optimization (2004), section 11.7, for the method.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel, widest
from robocell.motion.kernels.retime_rows import KINDS, LEFT, MIDDLE, RIGHT, kind_of, steady

Flat: TypeAlias = NDArray[np.float64]

STEPS = 60  # at most
GAP = 2e-4  # relative distance from the optimum at which to stop
BOUNDARY = 0.98  # share of the way to the boundary that a step may take
START = 0.2  # of the time: the first duality gap aimed at
PATIENCE = 7.0  # the gap aimed at is no less than this many times what the last step gained: a tangent that still moves
# far leaves little room near the boundary, and short steps

TILE = 32  # intervals in one pass of a loop
ROWS = 7  # of a group in a tile: three coefficients, two multipliers, the steps in these
SHARED = 28  # rows of a tile that all groups share: 0 b, 3 its step, 6 R, 7 K, 10 Hessian, 16 gradient, 19 gap,
# 20 shares of slacks, 21 and of multipliers, that the steps take, 22 R and 25 K of the jerk's rows


@kernel
def bezier(c: Flat, h: Flat, b: Flat) -> None:
    """Set b (3 · N): b0, b1 and b2 of every interval from the spline's coefficients."""
    N = h.size
    for m in range(N):
        left = h[m - 1] if m > 0 else 0.0
        right = h[m + 1] if m + 1 < N else 0.0
        b[m] = (h[m] * c[m] + left * c[m + 1]) / (left + h[m])
        b[N + m] = c[m + 1]
        b[2 * N + m] = (right * c[m + 1] + h[m] * c[m + 2]) / (right + h[m])


@kernel
def time(b: Flat, h: Flat) -> float:
    """Return the time, by Simpson's rule."""
    N = h.size
    T = 0.0
    for m in range(N):
        middle = 0.25 * (b[m] + b[2 * N + m]) + 0.5 * b[N + m]
        T += h[m] / 6.0 * (1.0 / math.sqrt(b[m]) + 4.0 / math.sqrt(middle) + 1.0 / math.sqrt(b[2 * N + m]))
    return T


@kernel
def lay_out(E: Flat, N: int, groups: int, data: Flat) -> None:
    """Lay the rows out by tiles, and in a tile by groups; what is beyond N limits nothing."""
    data[:] = 0.0
    for t in range((N + TILE - 1) // TILE):
        for g in range(groups):
            to = (t * groups + g) * ROWS * TILE
            for k in range(min(TILE, N - t * TILE)):
                o = 3 * N * g + t * TILE + k
                data[to + k], data[to + TILE + k], data[to + 2 * TILE + k] = E[o], E[o + N], E[o + 2 * N]


@kernel
def fetch(x: Flat, t: int, first: int, padding: float, tile: Flat) -> None:
    """Copy three rows, as far as tile t has them, to those of the tile from `first` on."""
    N = x.size // 3
    for r in range(3):
        for k in range(TILE):
            m = t * TILE + k
            tile[(first + r) * TILE + k] = x[r * N + m] if m < N else padding


@kernel
def bounds(tile: Flat) -> None:
    """Set R of the jerk's rows at the left, in the middle and at the right, and what their gradients are made of."""
    for k in range(TILE):
        b0, b1, b2 = tile[k], tile[TILE + k], tile[2 * TILE + k]
        left, centre, right = 1.0 / np.sqrt(b0), 1.0 / np.sqrt(0.25 * (b0 + b2) + 0.5 * b1), 1.0 / np.sqrt(b2)
        tile[22 * TILE + k], tile[23 * TILE + k], tile[24 * TILE + k] = left, centre, right
        tile[25 * TILE + k] = -0.5 * left * left * left
        tile[26 * TILE + k] = -0.125 * centre * centre * centre
        tile[27 * TILE + k] = -0.5 * right * right * right


@kernel
def objective(tile: Flat, h: Flat, t: int) -> None:
    """Begin Hessian and gradient of a tile with those of the time, by Simpson's rule."""
    for k in range(TILE):
        m = t * TILE + k
        side, mid = (h[m] / 6.0, h[m] * (4.0 / 6.0)) if m < h.size else (0.0, 0.0)
        r0, r1, r2 = tile[22 * TILE + k], tile[23 * TILE + k], tile[24 * TILE + k]
        k0, k1, k2 = tile[25 * TILE + k], tile[26 * TILE + k], tile[27 * TILE + k]
        curve = mid * 0.75 * r1 * r1 * r1 * r1 * r1 / 16.0
        tile[10 * TILE + k] = side * 0.75 * r0 * r0 * r0 * r0 * r0 + curve
        tile[11 * TILE + k] = 2.0 * curve
        tile[12 * TILE + k] = curve
        tile[13 * TILE + k] = 4.0 * curve
        tile[14 * TILE + k] = 2.0 * curve
        tile[15 * TILE + k] = side * 0.75 * r2 * r2 * r2 * r2 * r2 + curve
        tile[16 * TILE + k] = side * k0 + mid * k1
        tile[17 * TILE + k] = 2.0 * mid * k1
        tile[18 * TILE + k] = side * k2 + mid * k1


@kernel
def choose(tile: Flat, kind: int) -> None:
    """Set R and its gradient K to those of a kind of rows."""
    for k in range(TILE):
        left, centre, right = tile[25 * TILE + k], tile[26 * TILE + k], tile[27 * TILE + k]
        r, k0, k1, k2 = 1.0, 0.0, 0.0, 0.0
        if kind == LEFT:
            r, k0 = tile[22 * TILE + k], left
        elif kind == MIDDLE:
            r, k0, k1, k2 = tile[23 * TILE + k], centre, 2.0 * centre, centre
        elif kind == RIGHT:
            r, k2 = tile[24 * TILE + k], right
        tile[6 * TILE + k], tile[7 * TILE + k], tile[8 * TILE + k], tile[9 * TILE + k] = r, k0, k1, k2


@kernel
def begin(tile: Flat, of: Flat, mu: float) -> None:
    """Set the first multipliers of a group: the products of all slacks with theirs are alike."""
    for k in range(TILE):
        E = of[k] * tile[k] + of[TILE + k] * tile[TILE + k] + of[2 * TILE + k] * tile[2 * TILE + k]
        R = tile[6 * TILE + k]
        of[3 * TILE + k], of[4 * TILE + k] = mu / (R - E), mu / (R + E)


@kernel
def assemble(tile: Flat, of: Flat, step: float, mu: float) -> None:
    """Take the step in the multipliers of one group of rows and add the group to the Newton system."""
    widest()
    for k in range(TILE):
        a0, a1, a2 = of[k], of[TILE + k], of[2 * TILE + k]
        c0, c1, c2 = tile[7 * TILE + k], tile[8 * TILE + k], tile[9 * TILE + k]
        E = a0 * tile[k] + a1 * tile[TILE + k] + a2 * tile[2 * TILE + k]
        above, below = tile[6 * TILE + k] - E, tile[6 * TILE + k] + E
        zu, zd = of[3 * TILE + k] + step * of[5 * TILE + k], of[4 * TILE + k] + step * of[6 * TILE + k]
        of[3 * TILE + k], of[4 * TILE + k] = zu, zd
        inverse = 1.0 / (above * below)
        iu, id_ = below * inverse, above * inverse
        wu, wd = zu * iu, zd * id_
        both, odd = wu + wd, wd - wu
        ku, kd = mu * (iu + id_), mu * (id_ - iu)
        x0, x1, x2 = both * c0 + odd * a0, both * c1 + odd * a1, both * c2 + odd * a2
        y0, y1, y2 = both * a0 + odd * c0, both * a1 + odd * c1, both * a2 + odd * c2
        tile[10 * TILE + k] += x0 * c0 + y0 * a0
        tile[11 * TILE + k] += x0 * c1 + y0 * a1
        tile[12 * TILE + k] += x0 * c2 + y0 * a2
        tile[13 * TILE + k] += x1 * c1 + y1 * a1
        tile[14 * TILE + k] += x1 * c2 + y1 * a2
        tile[15 * TILE + k] += x2 * c2 + y2 * a2
        tile[16 * TILE + k] -= ku * c0 + kd * a0
        tile[17 * TILE + k] -= ku * c1 + kd * a1
        tile[18 * TILE + k] -= ku * c2 + kd * a2
        tile[19 * TILE + k] += above * zu + below * zd


@kernel
def advance(tile: Flat, of: Flat, mu: float) -> None:
    """Set the step in the multipliers of one group, and raise what limits the length of both steps."""
    widest()
    for k in range(TILE):
        a0, a1, a2 = of[k], of[TILE + k], of[2 * TILE + k]
        s0, s1, s2 = tile[3 * TILE + k], tile[4 * TILE + k], tile[5 * TILE + k]
        E = a0 * tile[k] + a1 * tile[TILE + k] + a2 * tile[2 * TILE + k]
        dE = a0 * s0 + a1 * s1 + a2 * s2
        dR = tile[7 * TILE + k] * s0 + tile[8 * TILE + k] * s1 + tile[9 * TILE + k] * s2
        above, below = tile[6 * TILE + k] - E, tile[6 * TILE + k] + E
        inverse = 1.0 / (above * below)
        iu, id_ = below * inverse, above * inverse
        ru, rd = (dE - dR) * iu, -(dE + dR) * id_  # shares by which the two slacks shrink
        up, down = of[3 * TILE + k], of[4 * TILE + k]
        zu = mu * iu - up + up * ru
        zd = mu * id_ - down + down * rd
        of[5 * TILE + k], of[6 * TILE + k] = zu, zd
        r = ru if ru > rd else rd
        worst = tile[20 * TILE + k]
        tile[20 * TILE + k] = r if r > worst else worst
        inverse = 1.0 / (up * down)
        qu, qd = -zu * down * inverse, -zd * up * inverse
        r = qu if qu > qd else qd
        worst = tile[21 * TILE + k]
        tile[21 * TILE + k] = r if r > worst else worst


@kernel
def build(
    data: Flat, n: int, b: Flat, h: Flat, step: float, mu: float, first: bool, tile: Flat, H: Flat, G: Flat
) -> float:
    """Take the step in all multipliers and set the Newton system; return the sum of all slacks times multipliers."""
    N, groups = h.size, KINDS * n + 2
    total = 0.0
    for t in range((N + TILE - 1) // TILE):
        fetch(b, t, 0, 1.0, tile)
        bounds(tile)
        objective(tile, h, t)
        tile[19 * TILE : 20 * TILE] = 0.0
        for kind in range(KINDS):
            choose(tile, kind)
            for g in range(groups):
                if kind_of(g, n) == kind:
                    of = data[(t * groups + g) * ROWS * TILE : (t * groups + g + 1) * ROWS * TILE]
                    if first:
                        begin(tile, of, mu)
                    assemble(tile, of, step, mu)
        for k in range(min(TILE, N - t * TILE)):
            m = t * TILE + k
            for r in range(6):
                H[r * N + m] = tile[(10 + r) * TILE + k]
            for r in range(3):
                G[r * N + m] = tile[(16 + r) * TILE + k]
            total += tile[19 * TILE + k]
    return total


@kernel
def lengths(data: Flat, n: int, b: Flat, db: Flat, mu: float, tile: Flat) -> tuple[float, float]:
    """Set the step in all multipliers; return by which share the step takes a slack, or a multiplier, at most."""
    N, groups = b.size // 3, KINDS * n + 2
    primal = dual = 0.0
    for t in range((N + TILE - 1) // TILE):
        fetch(b, t, 0, 1.0, tile)
        fetch(db, t, 3, 0.0, tile)
        bounds(tile)
        tile[20 * TILE : 22 * TILE] = 0.0
        for kind in range(KINDS):
            choose(tile, kind)
            for g in range(groups):
                if kind_of(g, n) == kind:
                    advance(tile, data[(t * groups + g) * ROWS * TILE : (t * groups + g + 1) * ROWS * TILE], mu)
        for k in range(min(TILE, N - t * TILE)):
            primal, dual = max(primal, tile[20 * TILE + k]), max(dual, tile[21 * TILE + k])
    return primal, dual


@kernel
def newton(h: Flat, H: Flat, G: Flat, dc: Flat, work: Flat) -> None:
    """Solve the Newton system: from triples to the spline's coefficients, then five diagonals by LDLᵀ."""
    N = h.size
    size = N + 2
    d0, d1, d2 = work[:size], work[size : 2 * size], work[2 * size : 3 * size]
    for m in range(3 * size):
        work[m] = 0.0
    for m in range(size):
        dc[m] = 0.0
    for m in range(N):
        left = h[m - 1] if m > 0 else 0.0
        right = h[m + 1] if m + 1 < N else 0.0
        al, be = h[m] / (left + h[m]), right / (right + h[m])
        # b0 = al·c0 + (1−al)·c1, b1 = c1, b2 = be·c1 + (1−be)·c2
        a1, b2 = 1.0 - al, 1.0 - be
        h00, h01, h02, h11, h12, h22 = H[m], H[N + m], H[2 * N + m], H[3 * N + m], H[4 * N + m], H[5 * N + m]
        # rows of H times the matrix's middle column
        x0 = h00 * a1 + h01 + h02 * be
        x1 = h01 * a1 + h11 + h12 * be
        x2 = h02 * a1 + h12 + h22 * be
        d0[m] += al * al * h00
        d1[m] += al * x0
        d2[m] += al * h02 * b2
        d0[m + 1] += a1 * x0 + x1 + be * x2
        d1[m + 1] += b2 * x2
        d0[m + 2] += b2 * b2 * h22
        g0, g1, g2 = G[m], G[N + m], G[2 * N + m]
        dc[m] -= al * g0
        dc[m + 1] -= a1 * g0 + g1 + be * g2
        dc[m + 2] -= b2 * g2
    for m in range(size):
        inverse = 1.0 / d0[m]
        if m + 1 < size:
            l1 = d1[m] * inverse
            d0[m + 1] -= l1 * d1[m]
            dc[m + 1] -= l1 * dc[m]
            if m + 2 < size:
                l2 = d2[m] * inverse
                d1[m + 1] -= l1 * d2[m]
                d0[m + 2] -= l2 * d2[m]
                dc[m + 2] -= l2 * dc[m]
                d2[m] = l2
            d1[m] = l1
        d0[m] = inverse
    for m in range(size - 1, -1, -1):
        x = dc[m] * d0[m]
        if m + 1 < size:
            x -= d1[m] * dc[m + 1]
        if m + 2 < size:
            x -= d2[m] * dc[m + 2]
        dc[m] = x


@kernel
def optimise(E: Flat, h: Flat, n: int, c: Flat) -> tuple[float, int]:
    """Set the coefficients (N + 2) of the fastest B; return the time and how many steps it took."""
    N = h.size
    groups = KINDS * n + 2
    count = 2.0 * groups * N
    b, db = np.empty(3 * N), np.empty(3 * N)
    H, G, dc, work = np.empty(6 * N), np.empty(3 * N), np.empty(N + 2), np.empty(3 * (N + 2))
    data, tile = np.empty((N + TILE - 1) // TILE * groups * ROWS * TILE), np.empty(SHARED * TILE)
    lay_out(E, N, groups, data)
    c[:] = 0.8 * steady(E, N, groups, n)
    bezier(c, h, b)
    T = time(b, h)
    mu = START * T / count
    step = 0.0
    for iteration in range(STEPS):
        total = build(data, n, b, h, step, mu, iteration == 0, tile, H, G)
        newton(h, H, G, dc, work)
        bezier(dc, h, db)
        worst, worst_dual = lengths(data, n, b, db, mu, tile)
        for m in range(N + 2):
            worst = max(worst, -1.25 * dc[m] / c[m])  # B stays positive
        forward = min(1.0, BOUNDARY / worst) if worst > 0.0 else 1.0
        step = min(1.0, BOUNDARY / worst_dual) if worst_dual > 0.0 else 1.0
        for m in range(N + 2):
            c[m] += forward * dc[m]
        bezier(c, h, b)
        before = T
        T = time(b, h)
        if total <= GAP * T and abs(before - T) <= GAP * T:
            return T, iteration + 1
        sigma = max(0.05, min(0.8, (1.0 - min(forward, step)) ** 2))
        central = min(PATIENCE * abs(before - T), T) / count
        mu = max(sigma * max(0.0, total * (1.0 - step * (1.0 - mu * count / total))) / count, central)
    return T, STEPS
