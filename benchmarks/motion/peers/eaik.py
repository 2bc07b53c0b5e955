"""EAIK: our arm as its joint axes H and offsets P."""

from __future__ import annotations

from typing import Any

import numpy as np
from eaik.pybindings.EAIK import Robot

from benchmarks.motion.peers.geometry import Screws
from robocell.motion import Arm
from robocell.motion.rigid import Floats


def robot(arm: Arm) -> Any:
    """Return EAIK's robot; its Python classes only add a layer to it, and fix the tool's orientation."""
    screws = Screws.of(arm)
    return Robot(screws.axes.T, screws.offsets().T, screws.tip[:3, :3], [], True)


def solutions(found: Any) -> Floats:
    """Return the exact solutions (S, n) of one answer."""
    if found.num_solutions() == 0:
        return np.empty((0, 6))
    approximate = np.asarray(found.is_LS, dtype=bool)
    return np.asarray(np.asarray(found.Q)[~approximate])
