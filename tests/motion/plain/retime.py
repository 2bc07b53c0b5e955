"""What the kernels of `retime` compute, said plainly: dense matrices, bisection, one point at a time."""

from __future__ import annotations

import numpy as np

from robocell.motion import Limits, Spline
from robocell.motion.rigid import Floats


def spline(points: Floats, at: Floats) -> Floats:
    """Second derivatives (M, n) of the natural spline, from its full system of equations."""
    M = len(at)
    h = np.diff(at)
    A, y = np.eye(M), np.zeros_like(points)
    for k in range(1, M - 1):
        A[k, k - 1 : k + 2] = h[k - 1], 2 * (h[k - 1] + h[k]), h[k]
        y[k] = 6 * ((points[k + 1] - points[k]) / h[k] - (points[k] - points[k - 1]) / h[k - 1])
    return np.asarray(np.linalg.solve(A, y))


def leg(parts: Floats, x: float) -> float:
    """How far a leg's profile, segments of (length, s, s′, s″, s‴), has come at x."""
    if x <= 0.0:
        return 0.0
    for width, s, v, a, j in parts:
        if x <= width:
            return float(s + v * x + a * x**2 / 2 + j * x**3 / 6)
        x -= width
    width, s, v, a, j = parts[-1]
    return float(s + v * width + a * width**2 / 2 + j * width**3 / 6)


def joined(q0: Floats, slope: Floats, legs: list[Floats], begins: Floats, x: float) -> Floats:
    """The point at x of the path that the overlapping legs make together."""
    q = q0.copy()
    for u, parts, begin in zip(slope, legs, begins.tolist(), strict=False):
        q += u * leg(parts, x - begin)
    return q


def velocity_only(path: Spline, limits: Limits, s: Floats) -> Floats:
    """The greatest ṡ² at places s within velocity and acceleration limits, by bisection of what can be kept."""
    v, a = limits.velocity, limits.acceleration

    def lines(m: int) -> list[tuple[float, float, float]]:
        """(p, c, a) of |p u + c b| ≤ a at the left, in the middle and at the right of an interval."""
        out = []
        for x in (0.0, 0.5, 1.0):
            inside = s[m] + (0.5e-9 + x * (1 - 1e-9)) * (s[m + 1] - s[m])  # on this piece, not on its neighbour
            _, first, second, _ = (d[0] for d in path.at([inside]))
            out += list(zip(first + 2 * x * (s[m + 1] - s[m]) * second, second, a, strict=True))
        return out

    def range_of(rows: list[tuple[float, float, float]], b: float) -> tuple[float, float]:
        low, high = -np.inf, np.inf
        for p, c, bound in rows:
            ends = sorted([(-bound - c * b) / p, (bound - c * b) / p])
            low, high = max(low, ends[0]), min(high, ends[1])
        return low, high

    N = len(s) - 1
    first = [path.at([x])[1][0] for x in [*s, *(0.5 * (s[1:] + s[:-1]))]]
    fast = [float((np.abs(d) / v).max()) ** 2 for d in first]
    # b is ≤ 1 / fast at the grid points; where the mean of two is more than that in the middle, both are lowered
    ends = [[min(1.0 / fast[m + side], 2.0 / fast[N + 1 + m]) for side in (0, 1)] for m in range(N)]
    lower = [min(1.0, 2.0 / fast[N + 1 + m] / (left + right)) for m, (left, right) in enumerate(ends)]
    top = [
        min(
            lower[max(m - 1, 0)] * ends[max(m - 1, 0)][1 if m else 0],
            lower[min(m, N - 1)] * ends[min(m, N - 1)][m // N],
        )
        for m in range(N + 1)
    ]
    keep = np.zeros(N + 1)
    for m in range(N - 1, -1, -1):
        h2, rows = 2 * (s[m + 1] - s[m]), lines(m)
        low, high = 0.0, top[m]
        for _ in range(100):
            b = 0.5 * (low + high)
            least, most = range_of(rows, b)
            fits = max(least, -b / h2) <= min(most, (keep[m + 1] - b) / h2)
            low, high = (b, high) if fits else (low, b)
        keep[m] = low
    out = np.zeros(N + 1)
    for m in range(N):
        h2, now = 2 * (s[m + 1] - s[m]), float(out[m])
        out[m + 1] = max(now + h2 * min(range_of(lines(m), now)[1], (keep[m + 1] - now) / h2), 0.0)
    return out


def shares(path: Spline, limits: Limits, s: Floats, b: Floats, samples: int = 200) -> tuple[float, float]:
    """The largest shares of velocity and acceleration limits where ṡ² is b at s and linear between, by dense samples."""
    velocity = acceleration = 0.0
    for m in range(len(s) - 1):
        x = np.linspace(1e-9, 1.0 - 1e-9, samples)[:, None]
        _, first, second, _ = path.at(s[m] + x[:, 0] * (s[m + 1] - s[m]))
        here, u = b[m] + x * (b[m + 1] - b[m]), 0.5 * (b[m + 1] - b[m]) / (s[m + 1] - s[m])
        velocity = max(velocity, float((np.abs(first) * np.sqrt(here) / limits.velocity).max()))
        acceleration = max(acceleration, float((np.abs(first * u + second * here) / limits.acceleration).max()))
    return velocity, acceleration


def basis(h: Floats) -> Floats:
    """The matrix (3 N, N + 2) from a quadratic spline's coefficients to its Bézier points on every interval."""
    N = len(h)
    Z = np.zeros((3 * N, N + 2))
    for m in range(N):
        left, right = (h[m - 1] if m else 0.0), (h[m + 1] if m + 1 < N else 0.0)
        Z[3 * m, m : m + 2] = np.array([h[m], left]) / (left + h[m])
        Z[3 * m + 1, m + 1] = 1.0
        Z[3 * m + 2, m + 1 : m + 3] = np.array([right, h[m]]) / (right + h[m])
    return Z


def fastest(E: Floats, kinds: list[int], h: Floats) -> float:
    """The least time ∫dx/√B, by a barrier method with dense matrices that ends at the optimum of its rows.

    Args:
        E: (G, N, 3) coefficients of the rows in the Bézier points of B.
        kinds: (G) 0, 1, 2: |E b| ≤ 1/√B at the left, in the middle, at the right; 3: |E b| ≤ 1.
        h: (N) widths.

    """
    N = len(h)
    Z = basis(h)
    at = np.array([[1, 0, 0], [0.25, 0.5, 0.25], [0, 0, 1]])
    places = np.concatenate([np.kron(np.eye(N), at[k : k + 1]) for k in range(3)]) @ Z  # B at (3, N) places
    weights = np.concatenate([h / 6, 4 * h / 6, h / 6])
    A = np.concatenate([np.stack([np.kron(np.eye(N)[m], e[m]) for m in range(N)]) for e in E]) @ Z
    P = np.concatenate([places[k * N : (k + 1) * N] if k < 3 else np.zeros((N, N + 2)) for k in kinds])
    jerky = np.repeat([k < 3 for k in kinds], N)

    def slack(c: Floats) -> tuple[Floats, Floats]:
        R = np.where(jerky, 1 / np.sqrt(np.where(jerky, P @ c, 1.0)), 1.0)
        return np.concatenate([R - A @ c, R + A @ c]), np.where(jerky, -0.5 * R**3, 0.0)

    c = np.full(N + 2, 1e-6)
    while slack(2 * c)[0].min() > 0:
        c = 2 * c
    mu = 1.0
    while mu > 1e-9:
        for _ in range(30):
            s, slope = slack(c)
            B = places @ c
            D = slope[:, None] * P
            G = np.concatenate([D - A, D + A])
            gradient = places.T @ (-0.5 * weights * B**-1.5) - mu * G.T @ (1 / s)
            H = places.T @ ((0.75 * weights * B**-2.5)[:, None] * places) + mu * G.T @ (G / (s * s)[:, None])
            step = -np.linalg.solve(H, gradient)
            k = 1.0
            while (places @ (c + k * step)).min() <= 0 or slack(c + k * step)[0].min() <= 0:
                k *= 0.5
            c = c + 0.95 * k * step
            if -gradient @ step < 1e-9:
                break
        mu *= 0.3
    return float(weights @ (places @ c) ** -0.5)
