"""Whether what a chart tells is in the tolerance's way.

A chart finds shifts far smaller than anybody needs to know of where a process is much better than its tolerance, and about
one subgroup in ninety breaks a rule by chance (Champ and Woodall 1987). People who are called for nothing stop coming, so
that only what has used up a tenth of the room to a limit is worth a call (cf. acceptance control charts, ISO 7870-3).
"""

from __future__ import annotations

from robocell.quality.chart import D2, ControlLimits, Point, Signal

SHARE = 0.1
"""Share of the room between the process's centre and a limit that a shift has to use up."""
ROOM = 5.0
"""Standard deviations of room to the nearer limit (Cpk 1.67) that a wider spread has to leave."""


def matters(signal: Signal, point: Point | None, limits: ControlLimits | None, lower: float, upper: float) -> bool:
    """Return whether a signal is worth a call.

    Args:
        signal: what the chart told.
        point: the subgroup with which it did; None: a single value did, by the tolerance itself.
        limits: the process as it was; None while that is being learnt.
        lower: least allowed value; −inf where there is none.
        upper: greatest allowed value; inf where there is none.

    """
    if point is None or limits is None or signal.rule == "pre-control":
        return True
    above, below = upper - limits.mean, limits.mean - lower
    shift = point.mean - limits.mean
    if min(above, below) <= 0 or abs(shift) >= SHARE * (above if shift > 0 else below):
        return True
    wide = point.range > limits.range_limits[1]
    return wide and point.range / D2[limits.subgroup] >= min(above, below) / ROOM
