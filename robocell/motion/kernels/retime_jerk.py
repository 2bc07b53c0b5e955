"""The fastest pace along a path within velocity, acceleration and jerk limits: an interior-point method.

With x the parameter of the path the unknowns are the coefficients c of B = ẋ², a quadratic spline with its knots on
the grid, so that the acceleration is continuous. The limits are the rows |E| ≤ R of `retime_rows`. The time ∫dx/√B is convex. 1/√B is convex too, on the wrong side; its tangent lies below it, so that a step that keeps
within the tangent keeps within the limit (sequential convex programming, one Newton step each). All iterates are
feasible. On one interval B is a Bézier polynomial of b0, b1 = c and b2; the Newton matrix is assembled in these and
has five diagonals in c. Loops run over the intervals of one kind of row, which vectorises.

Sources: Verscheure et al., Time-optimal path tracking for robots: a convex optimization approach, IEEE TAC 54 (2009),
for B; Debrouwere et al., Time-optimal path following for robots with convex-concave constraints, IEEE T-RO 29 (2013), for
the jerk; Boyd and Vandenberghe, Convex Optimization (2004), section 11.7, for the method.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from robocell.compiler import kernel
from robocell.motion.kernels.retime_rows import KINDS, kind_of, steady

Flat: TypeAlias = NDArray[np.float64]

STEPS = 60  # at most
GAP = 2e-4  # relative distance from the optimum at which to stop
BOUNDARY = 0.98  # share of the way to the boundary that a step may take


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
def bounds(b: Flat, R: Flat, K: Flat) -> None:
    """Set R (5 · N) and its gradient K (5 · 3 · N) in (b0, b1, b2), for each kind of row."""
    N = b.size // 3
    b0, b1, b2 = b[:N], b[N : 2 * N], b[2 * N :]
    for m in range(N):
        middle = 0.25 * (b0[m] + b2[m]) + 0.5 * b1[m]
        left, centre, right = 1.0 / math.sqrt(b0[m]), 1.0 / math.sqrt(middle), 1.0 / math.sqrt(b2[m])
        R[m], R[N + m], R[2 * N + m], R[3 * N + m], R[4 * N + m] = left, centre, right, 1.0, 1.0
        slope = -0.5 * centre * centre * centre
        K[m] = -0.5 * left * left * left
        K[3 * N + m], K[4 * N + m], K[5 * N + m] = 0.25 * slope, 0.5 * slope, 0.25 * slope
        K[8 * N + m] = -0.5 * right * right * right


@kernel
def objective(b: Flat, h: Flat, R: Flat, K: Flat, H: Flat, G: Flat) -> float:
    """Begin Hessian (6 · N) and gradient (3 · N) with those of the time, by Simpson's rule; return the time."""
    N = h.size
    T = 0.0
    for m in range(N):
        side, mid = h[m] / 6.0, h[m] * (4.0 / 6.0)
        r0, r1, r2 = R[m], R[N + m], R[2 * N + m]
        T += side * (r0 + r2) + mid * r1
        G[m] = side * K[m] + mid * K[3 * N + m]
        G[N + m] = mid * K[4 * N + m]
        G[2 * N + m] = side * K[8 * N + m] + mid * K[5 * N + m]
        curve = mid * 0.75 * r1 * r1 * r1 * r1 * r1 / 16.0
        H[m] = side * 0.75 * r0 * r0 * r0 * r0 * r0 + curve
        H[N + m] = 2.0 * curve
        H[2 * N + m] = curve
        H[3 * N + m] = 4.0 * curve
        H[4 * N + m] = 2.0 * curve
        H[5 * N + m] = side * 0.75 * r2 * r2 * r2 * r2 * r2 + curve
    return T


@kernel
def assemble(
    e: Flat, b: Flat, R: Flat, K: Flat, z: Flat, dz: Flat, step: float, mu: float, H: Flat, G: Flat, gap: Flat
) -> None:
    """Take the step in the multipliers of one group of rows and add the group to the Newton system."""
    N = b.size // 3
    e0, e1, e2 = e[:N], e[N : 2 * N], e[2 * N :]
    b0, b1, b2 = b[:N], b[N : 2 * N], b[2 * N :]
    k0, k1, k2 = K[:N], K[N : 2 * N], K[2 * N :]
    up, down, dup, ddown = z[:N], z[N:], dz[:N], dz[N:]
    h00, h01, h02 = H[:N], H[N : 2 * N], H[2 * N : 3 * N]
    h11, h12, h22 = H[3 * N : 4 * N], H[4 * N : 5 * N], H[5 * N :]
    g0, g1, g2 = G[:N], G[N : 2 * N], G[2 * N :]
    for m in range(N):
        E = e0[m] * b0[m] + e1[m] * b1[m] + e2[m] * b2[m]
        above, below = R[m] - E, R[m] + E
        zu, zd = up[m] + step * dup[m], down[m] + step * ddown[m]
        up[m], down[m] = zu, zd
        gap[m] += above * zu + below * zd
        iu, id_ = 1.0 / above, 1.0 / below
        wu, wd = zu * iu, zd * id_
        both, odd = wu + wd, wd - wu
        ku, kd = mu * (iu + id_), mu * (id_ - iu)
        a0, a1, a2, c0, c1, c2 = e0[m], e1[m], e2[m], k0[m], k1[m], k2[m]
        h00[m] += both * (c0 * c0 + a0 * a0) + 2.0 * odd * c0 * a0
        h01[m] += both * (c0 * c1 + a0 * a1) + odd * (c0 * a1 + a0 * c1)
        h02[m] += both * (c0 * c2 + a0 * a2) + odd * (c0 * a2 + a0 * c2)
        h11[m] += both * (c1 * c1 + a1 * a1) + 2.0 * odd * c1 * a1
        h12[m] += both * (c1 * c2 + a1 * a2) + odd * (c1 * a2 + a1 * c2)
        h22[m] += both * (c2 * c2 + a2 * a2) + 2.0 * odd * c2 * a2
        g0[m] -= ku * c0 + kd * a0
        g1[m] -= ku * c1 + kd * a1
        g2[m] -= ku * c2 + kd * a2


@kernel
def advance(
    e: Flat, b: Flat, db: Flat, R: Flat, K: Flat, z: Flat, dz: Flat, mu: float, primal: Flat, dual: Flat
) -> None:
    """Set the step in the multipliers of one group, and raise what limits the length of both steps."""
    N = b.size // 3
    e0, e1, e2 = e[:N], e[N : 2 * N], e[2 * N :]
    b0, b1, b2 = b[:N], b[N : 2 * N], b[2 * N :]
    s0, s1, s2 = db[:N], db[N : 2 * N], db[2 * N :]
    k0, k1, k2 = K[:N], K[N : 2 * N], K[2 * N :]
    up, down, dup, ddown = z[:N], z[N:], dz[:N], dz[N:]
    for m in range(N):
        E = e0[m] * b0[m] + e1[m] * b1[m] + e2[m] * b2[m]
        dE = e0[m] * s0[m] + e1[m] * s1[m] + e2[m] * s2[m]
        dR = k0[m] * s0[m] + k1[m] * s1[m] + k2[m] * s2[m]
        iu, id_ = 1.0 / (R[m] - E), 1.0 / (R[m] + E)
        ru, rd = (dE - dR) * iu, -(dE + dR) * id_  # shares by which the two slacks shrink
        zu = mu * iu - up[m] + up[m] * ru
        zd = mu * id_ - down[m] + down[m] * rd
        dup[m], ddown[m] = zu, zd
        r = ru if ru > rd else rd
        primal[m] = r if r > primal[m] else primal[m]
        r0, r1 = -zu / up[m], -zd / down[m]
        r = r0 if r0 > r1 else r1
        dual[m] = r if r > dual[m] else dual[m]


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
def group(E: Flat, N: int, g: int) -> Flat:
    """Return the coefficients of a group."""
    return E[3 * N * g : 3 * N * (g + 1)]


@kernel
def optimise(E: Flat, h: Flat, n: int, c: Flat) -> tuple[float, int]:
    """Set the coefficients (N + 2) of the fastest B; return the time and how many steps it took."""
    N = h.size
    groups = KINDS * n + 2
    count = 2.0 * groups * N
    b, db = np.empty(3 * N), np.empty(3 * N)
    R, K = np.empty(KINDS * N), np.zeros(KINDS * 3 * N)
    H, G, dc, work = np.empty(6 * N), np.empty(3 * N), np.empty(N + 2), np.empty(3 * (N + 2))
    z, dz = np.empty(groups * 2 * N), np.zeros(groups * 2 * N)
    gap, primal, dual = np.empty(N), np.empty(N), np.empty(N)
    c[:] = 0.8 * steady(E, N, groups, n)
    bezier(c, h, b)
    bounds(b, R, K)
    T = objective(b, h, R, K, H, G)
    mu = T / count
    for g in range(groups):
        kind = kind_of(g, n)
        e = group(E, N, g)
        for m in range(N):
            Eb = e[m] * b[m] + e[N + m] * b[N + m] + e[2 * N + m] * b[2 * N + m]
            z[2 * N * g + m] = mu / (R[kind * N + m] - Eb)
            z[2 * N * g + N + m] = mu / (R[kind * N + m] + Eb)
    step = 0.0
    sigma = 0.2
    for iteration in range(STEPS):
        gap[:] = 0.0
        for g in range(groups):
            kind = kind_of(g, n)
            zg, dzg = z[2 * N * g : 2 * N * (g + 1)], dz[2 * N * g : 2 * N * (g + 1)]
            assemble(
                group(E, N, g), b, R[kind * N : (kind + 1) * N], group(K, N, kind), zg, dzg, step, sigma * mu, H, G, gap
            )
        newton(h, H, G, dc, work)
        bezier(dc, h, db)
        primal[:] = 0.0
        dual[:] = 0.0
        for g in range(groups):
            kind = kind_of(g, n)
            zg, dzg = z[2 * N * g : 2 * N * (g + 1)], dz[2 * N * g : 2 * N * (g + 1)]
            advance(
                group(E, N, g),
                b,
                db,
                R[kind * N : (kind + 1) * N],
                group(K, N, kind),
                zg,
                dzg,
                sigma * mu,
                primal,
                dual,
            )
        worst = worst_dual = total = 0.0
        for m in range(N):
            worst, worst_dual = max(worst, primal[m]), max(worst_dual, dual[m])
            total += gap[m]
        for m in range(N + 2):
            worst = max(worst, -1.25 * dc[m] / c[m])  # B stays positive
        forward = min(1.0, BOUNDARY / worst) if worst > 0.0 else 1.0
        step = min(1.0, BOUNDARY / worst_dual) if worst_dual > 0.0 else 1.0
        for m in range(N + 2):
            c[m] += forward * dc[m]
        bezier(c, h, b)
        bounds(b, R, K)
        before = T
        T = objective(b, h, R, K, H, G)
        if total <= GAP * T and abs(before - T) <= GAP * T:
            return T, iteration + 1
        shortest = min(forward, step)
        sigma = max(0.05, min(0.8, (1.0 - shortest) ** 2))
        mu = max(0.0, total * (1.0 - step * (1.0 - sigma)) / count) if iteration else total / count
    return T, STEPS
