"""Motion along a line, piecewise of constant acceleration: positions and crossings in closed form.

A plan is a list of pieces `(start, position, speed, acceleration)`; each lasts until the next one starts and
the last for ever. Times in s, positions in m; a plan is asked for times from its first piece on.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

Piece = tuple[float, float, float, float]
Plan = Sequence[Piece]

INF = math.inf


def piece_at(plan: Plan, time: float) -> Piece:
    """Return the piece that holds at `time`."""
    for piece in reversed(plan):
        if piece[0] <= time:
            return piece
    return plan[0]


def position(plan: Plan, time: float) -> float:
    """Return the position at `time`."""
    start, at, speed, acceleration = piece_at(plan, time)
    dt = time - start
    return at + dt * (speed + 0.5 * acceleration * dt)


def speed(plan: Plan, time: float) -> float:
    """Return the speed at `time`."""
    start, _, at_start, acceleration = piece_at(plan, time)
    return at_start + acceleration * (time - start)


def crossing(plan: Plan, level: float, after: float, sign: int) -> float:
    """Return when, from `after` on, the position first passes `level` upwards (sign 1) or downwards (-1).

    Merely touching the level is no crossing. Returns inf if there is none.
    """
    last = len(plan) - 1
    for index, (start, at, v, a) in enumerate(plan):
        end = INF if index == last else plan[index + 1][0]
        if end <= after:
            continue
        disc = v * v - 2.0 * a * (at - level)
        if disc <= 0.0:
            continue
        # The root at which the speed is sign·√disc, in whichever of its two forms does not cancel.
        root = sign * math.sqrt(disc)
        if v * sign > 0.0:
            dt = 2.0 * (level - at) / (v + root)
        elif a != 0.0:
            dt = (root - v) / a
        else:
            continue
        time = start + dt
        if max(start, after) <= time < end:
            return time
    return INF


def shifted(plan: Plan, by: float) -> list[Piece]:
    """Return the plan moved along the line."""
    return [(start, at + by, v, a) for start, at, v, a in plan]


def rest(at: float, time: float) -> list[Piece]:
    """Return the plan of what stands still."""
    return [(time, at, 0.0, 0.0)]


def lesser(f: Plan, g: Plan, now: float, sign: int = 1) -> list[Piece]:
    """Return, at each time from `now` on, the lesser of two plans (sign −1: the greater)."""
    result: list[Piece] = []
    cuts = sorted({now, *(p[0] for p in f if p[0] > now), *(p[0] for p in g if p[0] > now)})
    for index, start in enumerate(cuts):
        end = cuts[index + 1] if index + 1 < len(cuts) else INF
        p, q = _from(f, start), _from(g, start)
        for t in [start, *(start + dt for dt in _equal(p, q) if start + dt < end)]:
            middle = 0.5 * (t + min(end, t + 1.0, *(start + dt for dt in _equal(p, q) if start + dt > t)))
            chosen = p if sign * (_value(p, middle) - _value(q, middle)) <= 0.0 else q
            piece = _from([chosen], t)
            if not result or _from(result, t) != piece:
                result.append(piece)
    return result


def _from(plan: Plan, time: float) -> Piece:
    start, at, v, a = piece_at(plan, time)
    dt = time - start
    return (time, at + dt * (v + 0.5 * a * dt), v + a * dt, a)


def _value(piece: Piece, time: float) -> float:
    dt = time - piece[0]
    return piece[1] + dt * (piece[2] + 0.5 * piece[3] * dt)


def _equal(p: Piece, q: Piece) -> list[float]:
    """Return the times after the pieces' common start at which they meet, ascending."""
    c, b, a = p[1] - q[1], p[2] - q[2], 0.5 * (p[3] - q[3])
    if a == 0.0:
        return [-c / b] if b != 0.0 and -c / b > 0.0 else []
    disc = b * b - 4.0 * a * c
    if disc <= 0.0:
        return []
    half = -0.5 * (b + math.copysign(math.sqrt(disc), b))
    roots = [half / a] + ([c / half] if half != 0.0 else [])
    return sorted(root for root in roots if root > 1e-12)
