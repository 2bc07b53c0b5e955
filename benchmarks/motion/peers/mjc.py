"""MuJoCo: our arm as an MJCF model."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np

from robocell.motion import Arm
from robocell.motion.rigid import Floats, quaternions


def model(arm: Arm) -> Any:
    """Return an `MjModel` whose only site is the TCP. Masses are 1, since kinematics needs none."""
    opening, closing = [], []
    for joint in arm.joints:
        kind = "hinge" if joint.kind == "revolute" else "slide"
        opening.append(
            f'<body {_placed(joint.origin)}><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>'
            f'<joint type="{kind}" axis="{_words(joint.axis)}"/>'
        )
        closing.append("</body>")
    tip = f"<site {_placed(arm.flange @ arm.tool)}/>"
    body = "".join([*opening, tip, *closing])
    return mujoco.MjModel.from_xml_string(f'<mujoco><compiler angle="radian"/><worldbody>{body}</worldbody></mujoco>')


def fk(model: Any, q: Floats) -> Floats:
    """Return TCP poses (N, 4, 4), one call a row."""
    data = mujoco.MjData(model)
    poses = np.zeros((len(q), 4, 4))
    poses[:, 3, 3] = 1.0
    for pose, row in zip(poses, q, strict=True):
        data.qpos[:] = row
        mujoco.mj_kinematics(model, data)
        pose[:3, :3] = data.site_xmat[0].reshape(3, 3)
        pose[:3, 3] = data.site_xpos[0]
    return poses


def _placed(T: Floats) -> str:
    x, y, z, w = quaternions(T[:3, :3])
    return f'pos="{_words(T[:3, 3])}" quat="{_words((w, x, y, z))}"'


def _words(values: Any) -> str:
    return " ".join(repr(float(v)) for v in values)
