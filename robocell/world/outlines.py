"""What an arm's body covers: boxes about its capsules."""

from __future__ import annotations

import numpy as np

from robocell.world.shapes import Matrix
from robocell.world.spec import ArmSpec

_CORNERS = np.array([[i, j, k] for i in (-1.0, 1.0) for j in (-1.0, 1.0) for k in (-1.0, 1.0)])


def boxes_about(spec: ArmSpec, joints: Matrix) -> list[Matrix]:
    """Return the corners (16, 3) in the cell frame of a convex body about each capsule of an arm.

    Args:
        spec: the arm.
        joints: (n,) positions, rad or m.

    """
    frames = spec.model.fk(joints, links=True)
    result = []
    for capsule in spec.model.capsules:
        frame = spec.base @ frames[capsule.link]
        ends = np.stack([capsule.p0, capsule.p1]) @ frame[:3, :3].T + frame[:3, 3]
        result.append((ends[:, None, :] + capsule.radius * _CORNERS).reshape(16, 3))
    return result
