"""py-opw-kinematics: spherical wrists by their seven lengths, signs and offsets, read off each maker's drawing.

Source of the convention: Brandstötter, Angerer and Hofbaur, An analytical solution of the inverse kinematics
problem of industrial serial manipulators with an ortho-parallel basis and a spherical wrist (2014).
"""

from __future__ import annotations

import math
from typing import Any

from py_opw_kinematics import KinematicModel
from py_opw_kinematics._internal import Robot

QUARTER = math.pi / 2
MODELS = {
    "irb1200": KinematicModel(
        a1=0.0, a2=-0.042, b=0.0, c1=0.3991, c2=0.448, c3=0.451, c4=0.082, offsets=(0, 0, -QUARTER, 0, 0, 0)
    ),
    "kr6": KinematicModel(
        a1=0.025,
        a2=-0.035,
        b=0.0,
        c1=0.400,
        c2=0.455,
        c3=0.420,
        c4=0.080,
        offsets=(0, -QUARTER, 0, 0, 0, 0),
        flip_axes=(True, False, False, True, False, True),
    ),
}


def robot(name: str) -> Any:
    """Return the peer's compiled robot, in radians, without its layer of scipy transforms (which costs more)."""
    return Robot(MODELS[name], degrees=False)
