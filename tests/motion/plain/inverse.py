"""The plain inverse kinematics: all branches by numpy, turns by loops."""

from __future__ import annotations

import itertools
import math

import numpy as np

from robocell.motion import Arm
from robocell.motion.ik_geometry import ZeroPosition
from robocell.motion.rigid import Floats
from tests.motion.plain.ik_numeric import ClosedForm, Numeric
from tests.motion.plain.ik_spherical import SphericalWrist
from tests.motion.plain.ik_ur import ParallelAxes

TURN = 2.0 * math.pi
AT_LIMIT = 1e-10


def plain_solver(arm: Arm) -> ClosedForm | Numeric:
    """Choose the solver by the chain's geometry."""
    zero = ZeroPosition.of(arm.chain)
    if zero is not None:
        for kind in (SphericalWrist, ParallelAxes):
            found = kind.detect(zero)
            if found is not None:
                solver, exact = found
                return ClosedForm(arm.chain, solver, exact)
    return Numeric(arm.chain, arm.limits.position)


def every_turn(arm: Arm, q: Floats) -> list[Floats]:
    """Return all whole-turn variants of one joint position within the limits."""
    choices = []
    for value, (low, high), turns in zip(q, arm.limits.position, arm.chain.revolute, strict=True):
        shifted = [value + TURN * k for k in range(-8, 9)] if turns else [value]
        choices.append([min(max(v, low), high) for v in shifted if low - AT_LIMIT <= v <= high + AT_LIMIT])
    return [np.array(variant) for variant in itertools.product(*choices)]


def nearest_turn(arm: Arm, q: Floats, near: Floats) -> Floats | None:
    """Return the variant nearest to near joint by joint, or None where none is within the limits."""
    variants = every_turn(arm, q)
    if not variants:
        return None
    return min(variants, key=lambda v: float(np.abs(v - near).sum()))
