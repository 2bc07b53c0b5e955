"""ik-geo: our arm as its joint axes and offsets."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from ik_geo import Robot

from benchmarks.motion.peers.geometry import Screws
from robocell.motion import Arm
from robocell.motion.rigid import Floats


def robot(arm: Arm) -> Any:
    """Return the peer's robot for two parallel axes and a spherical wrist, or for three parallel axes (UR)."""
    screws = Screws.of(arm)
    wrist, gap = _meeting(screws, slice(3, 6))
    if gap > 1e-9:
        wrist, _ = _meeting(screws, slice(4, 6))
    points = screws.points.copy()
    points[3 if gap < 1e-9 else 4 :] = wrist
    screws = replace(screws, points=points)
    make = Robot.spherical_two_parallel if gap < 1e-9 else Robot.three_parallel_two_intersecting
    return make(screws.axes.tolist(), screws.offsets().tolist())


def targets(arm: Arm, T: Floats) -> list[tuple[list[list[float]], list[float]]]:
    """Return what the peer is asked: rotations by columns and without the tool's, positions; lists are quickest."""
    R = T[:, :3, :3] @ Screws.of(arm).tip[:3, :3].T
    return [(r.T.tolist(), t[:3, 3].tolist()) for r, t in zip(R, T, strict=True)]


def solutions(found: Any) -> Floats:
    """Return the exact solutions (S, 6) of one answer."""
    return np.array([q for q, approximate in found if not approximate]).reshape(-1, 6)


def _meeting(screws: Screws, which: slice) -> tuple[Floats, float]:
    """Return the point nearest to some axes, and how far it is from the farthest."""
    h, p = screws.axes[which], screws.points[which]
    across = np.eye(3) - h[:, :, None] * h[:, None, :]
    x = np.linalg.solve(across.sum(axis=0), (across @ p[..., None]).sum(axis=0)[:, 0])
    return x, float(np.linalg.norm((across @ (x - p)[..., None])[..., 0], axis=1).max())
