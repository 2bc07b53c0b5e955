"""Arms that cannot tilt their tool: SCARA arms and gantries, told by the geometry of their chains."""

from __future__ import annotations

import numpy as np

from robocell.motion.chain import Chain
from robocell.motion.ik_geometry import SHAPE, polar
from robocell.motion.rigid import Floats, inverse, pose

EXACT = 1e-9  # sine: such an arm reaches only poses of its own tilt, so that nearly parallel axes will not do


def scara(chain: Chain) -> Floats | None:
    """Return the constants of a SCARA arm: three turning joints and a sliding one, all along one direction.

    Their order is free. The constants are those that `kernels.inverse_cartesian` names; None for another chain.
    """
    if len(chain.axis) != 4 or int(chain.revolute.sum()) != 3:
        return None
    frames = chain.frames(np.zeros((1, 4)))
    axes, points, _ = (a[0] for a in chain.columns(frames))
    turning, sliding = np.flatnonzero(chain.revolute), int(np.argmin(chain.revolute))
    z = axes[turning[0]]
    if np.abs(np.cross(axes, z)).max() > EXACT:
        return None
    x = np.cross(np.eye(3)[int(np.argmin(np.abs(z)))], z)
    x = x / np.sqrt(x @ x)
    frame = pose(np.stack([x, np.cross(z, x), z], axis=1), points[turning[0]])
    seen = (points - points[turning[0]]) @ frame[:3, :3]
    upper, fore = (seen[turning[i + 1]] - seen[turning[i]] for i in range(2))
    lengths = polar(upper[[1, 2, 0]]), polar(fore[[1, 2, 0]])  # from X towards Y
    if min(lengths[0][0], lengths[1][0]) < SHAPE:
        return None
    into, tool = inverse(frame), inverse(frames[-1, 0] @ chain.end) @ frame
    signs = np.sign(axes @ z)
    return np.concatenate(
        [
            into[:3, :3].ravel(),
            into[:3, 3],
            tool[:3, :3].ravel(),
            tool[:3, 3],
            seen[turning[2]],
            [*lengths[0], *lengths[1]],
            [*turning, sliding],
            [*signs[turning], signs[sliding]],
        ]
    )


def gantry(chain: Chain) -> bool:
    """Tell whether a chain has three sliding joints that span space, at most one turning joint, and no other."""
    n = len(chain.axis)
    if n not in (3, 4) or int((~chain.revolute).sum()) != 3:
        return False
    for angle in np.linspace(0.0, 2.0 * np.pi, 9)[:-1]:
        frames = chain.frames(np.where(chain.revolute, angle, 0.0)[None])
        axes = chain.columns(frames)[0][0][~chain.revolute]
        if abs(float(np.linalg.det(axes))) < SHAPE:
            return False
    return True
