"""The same arm as a Pinocchio model, built joint by joint."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from robocell.motion import Arm


def model_of(arm: Arm, gravity: tuple[float, float, float] = (0.0, 0.0, -9.80665)) -> tuple[Any, Any, int]:
    """Return model, data and the frame number of the TCP; skips the test where Pinocchio is absent."""
    pin = pytest.importorskip("pinocchio", reason="Pinocchio is an oracle; see the 'peers' extra")
    model = pin.Model()
    model.gravity.linear = np.array(gravity)
    last = 0
    for i, joint in enumerate(arm.joints):
        kind = pin.JointModelRevoluteUnaligned if joint.kind == "revolute" else pin.JointModelPrismaticUnaligned
        at = pin.SE3(joint.origin[:3, :3].copy(), joint.origin[:3, 3].copy())
        last = model.addJoint(last, kind(joint.axis.copy()), at, f"j{i}")
        if arm.inertials and (body := arm.inertials[i + 1]) is not None:
            inertia = pin.Inertia(body.mass, body.centre.copy(), body.inertia.copy())
            model.appendBodyToJoint(last, inertia, pin.SE3.Identity())
    end = arm.flange @ arm.tool
    frame = pin.Frame("tcp", last, pin.SE3(end[:3, :3].copy(), end[:3, 3].copy()), pin.FrameType.OP_FRAME)
    tip = model.addFrame(frame)
    return model, model.createData(), tip
