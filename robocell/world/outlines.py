"""What an arm's body covers: boxes about its capsules."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from robocell.motion.arm import Arm
from robocell.world.shapes import Matrix
from robocell.world.spec import ArmSpec

_CORNERS = np.array([[i, j, k] for i in (-1.0, 1.0) for j in (-1.0, 1.0) for k in (-1.0, 1.0)])


def boxes_about(spec: ArmSpec, joints: Matrix) -> list[Matrix]:
    """Return the corners (16, 3) in the cell frame of a convex body about each capsule of an arm.

    Args:
        spec: the arm.
        joints: (n,) positions, rad or m.

    """
    links, ends, radii = _shape(spec.model)
    frames = (spec.base @ spec.model.fk(joints, links=True))[links]
    placed = ends @ frames[:, :3, :3].transpose(0, 2, 1) + frames[:, None, :3, 3]
    corners = placed[:, :, None, :] + radii[:, None, None, None] * _CORNERS
    return list(corners.reshape(len(links), 16, 3))


@lru_cache(maxsize=64)
def _shape(model: Arm) -> tuple[NDArray[np.intp], Matrix, Matrix]:
    """Return an arm's capsules as arrays: links (K,), ends (K, 2, 3), radii (K,)."""
    capsules = model.capsules
    links = np.array([c.link for c in capsules], dtype=np.intp)
    ends = np.array([(c.p0, c.p1) for c in capsules], dtype=np.float64).reshape(len(capsules), 2, 3)
    return links, ends, np.array([c.radius for c in capsules], dtype=np.float64)
