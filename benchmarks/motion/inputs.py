"""What all contestants are given: arms of the catalogue, and joint positions drawn evenly within their limits."""

from __future__ import annotations

import numpy as np

from robocell.catalog import load_arm
from robocell.motion import Arm
from robocell.motion.rigid import Floats

BATCH = 10_000
SPHERICAL = "irb1200"
UR = "ur5e"
PROFILES = {SPHERICAL: "abb/irb-1200-5-0.9", "kr6": "kuka/kr6-r900", UR: "universal-robots/ur5e"}


def arm_of(name: str) -> Arm:
    """Load an arm of the catalogue by its short name."""
    return load_arm(PROFILES[name])


def rng(seed: int) -> np.random.Generator:
    """Return a generator that gives the same numbers in every run."""
    return np.random.Generator(np.random.PCG64(seed))


def joints(arm: Arm, count: int = BATCH, seed: int = 1) -> Floats:
    """Return (count, n) joint positions."""
    low, high = arm.limits.position.T
    return rng(seed).uniform(low, high, (count, arm.n))


def spread(a: Floats, b: Floats) -> float:
    """Return the largest difference of two arrays."""
    return float(np.abs(a - b).max())
