"""A serial chain packed for the kernels that iterate: every joint's axis is Z of its own frame.

With frames so turned, what lies between two joints is a shift and Rx(α): its remaining turns about Z go into the
joints' zero positions (as in Denavit's and Hartenberg's convention, but with a free shift, so that nothing is
ill-conditioned where axes are nearly parallel).
"""

from __future__ import annotations

import numpy as np

from robocell.motion.chain import Chain
from robocell.motion.kernels.inverse_descent import JOINTS, PER_JOINT, descend_all
from robocell.motion.rigid import Floats, inverse, pose


def packed(chain: Chain) -> Floats:
    """Return a chain as one flat array.

    Holds the number of joints; base and end as rotation by rows (9) and position (3); and for each joint cos α,
    sin α, shift (3), zero position, 1 if it turns or 0 if it slides.
    """
    n = len(chain.axis)
    origins = chain.local[:, 0].reshape(n, 4, 4).copy()
    for i in range(n):
        # constant part plus, for a turning joint, what cos 0 = 1 adds: the frame at joint position 0
        origins[i] += chain.local[i, 1].reshape(4, 4)
    frames = [np.eye(4), *(pose(_upright(axis)) for axis in chain.axis)]
    steps = [inverse(frames[i]) @ origins[i] @ frames[i + 1] for i in range(n)]
    out = np.zeros(JOINTS + PER_JOINT * n)
    out[0] = n
    joints = out[JOINTS:].reshape(n, PER_JOINT)
    joints[:, 6] = chain.revolute
    joints[0, 0] = 1.0
    base = steps[0]
    for i in range(1, n):
        before, tilt, after = _zxz(steps[i][:3, :3])
        joints[i - 1, 5] += before
        joints[i, 5] += after
        joints[i, :2] = np.cos(tilt), np.sin(tilt)
        joints[i, 2:5] = _about_z(-before) @ steps[i][:3, 3]
    end = inverse(frames[n]) @ chain.end
    out[1:10], out[10:13] = base[:3, :3].ravel(), base[:3, 3]
    out[13:22], out[22:25] = end[:3, :3].ravel(), end[:3, 3]
    return out


def descend(chain: Floats, q: Floats, T: Floats, steps: int) -> tuple[Floats, Floats]:
    """Go by damped least squares from starts to poses, without regard to limits.

    Args:
        chain: a packed chain.
        q: (S, n) starts.
        T: (N, 4, 4) poses; S is a multiple of N, and successive starts share a pose.
        steps: at most.

    Returns:
        q (S, n) and the largest of the six numbers of the twist that remains (S,), m and rad.

    """
    flat, worst = q.reshape(-1).copy(), np.empty(len(q))
    descend_all(chain, np.ascontiguousarray(T).reshape(-1), max(1, len(q) // max(1, len(T))), steps, flat, worst)
    return flat.reshape(q.shape), worst


def _upright(axis: Floats) -> Floats:
    """Return a rotation (3, 3) whose third column is a unit axis."""
    x = np.cross(np.eye(3)[int(np.argmin(np.abs(axis)))], axis)
    x = x / np.sqrt(x @ x)
    return np.stack([x, np.cross(axis, x), axis], axis=1)


def _about_z(angle: float) -> Floats:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def _zxz(R: Floats) -> tuple[float, float, float]:
    """Split a rotation into Rz·Rx·Rz."""
    before = float(np.arctan2(R[0, 2], -R[1, 2])) if np.hypot(R[0, 2], R[1, 2]) > 1e-9 else 0.0
    rest = _about_z(-before) @ R
    return before, float(np.arctan2(-rest[1, 2], rest[2, 2])), float(np.arctan2(-rest[0, 1], rest[0, 0]))
