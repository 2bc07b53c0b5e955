"""Sets of joint positions, equal up to whole turns."""

from __future__ import annotations

import numpy as np

from robocell.motion.rigid import Floats

TURN = 2.0 * np.pi


def inside(q: Floats, position: Floats) -> Floats:
    """Return the rows of q (S, n), revolute joints, that some whole turns bring into the limits (n, 2)."""
    low, high = position.T
    fits = np.ceil((low - q) / TURN) <= np.floor((high - q) / TURN)
    return np.asarray(q[fits.all(axis=1)])


def lacking(these: Floats, those: Floats, tolerance: float = 1e-5) -> Floats:
    """Return the rows of those (M, n) that are not among these (S, n), but for whole turns, to a tolerance in rad."""
    if len(these) == 0 or len(those) == 0:
        return those
    off = np.abs(those[:, None] - these[None])
    off = np.abs(off - TURN * np.round(off / TURN)).max(axis=2)
    return np.asarray(those[off.min(axis=1) > tolerance])
