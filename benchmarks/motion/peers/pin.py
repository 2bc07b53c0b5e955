"""Pinocchio: our arm as its model, without a URDF file between."""

from __future__ import annotations

from typing import Any

import numpy as np
import pinocchio

from robocell.motion import Arm, Joint
from robocell.motion.rigid import Floats

ALIGNED = {
    "revolute": (pinocchio.JointModelRX, pinocchio.JointModelRY, pinocchio.JointModelRZ),
    "prismatic": (pinocchio.JointModelPX, pinocchio.JointModelPY, pinocchio.JointModelPZ),
}
GENERAL = {"revolute": pinocchio.JointModelRevoluteUnaligned, "prismatic": pinocchio.JointModelPrismaticUnaligned}


def _joint(joint: Joint) -> Any:
    """Return the quickest of Pinocchio's joint types that has this axis."""
    for unit, kind in zip(np.eye(3), ALIGNED[joint.kind], strict=True):
        if np.array_equal(joint.axis, unit):
            return kind()
    return GENERAL[joint.kind](np.array(joint.axis))


def model(arm: Arm) -> Any:
    """Return a `pinocchio.Model` whose last frame is the TCP."""
    out = pinocchio.Model()
    parent = 0
    for i, joint in enumerate(arm.joints):
        parent = out.addJoint(parent, _joint(joint), pinocchio.SE3(np.array(joint.origin)), f"joint_{i}")
    tip = pinocchio.SE3(np.array(arm.flange @ arm.tool))
    out.addFrame(pinocchio.Frame("tcp", parent, 0, tip, pinocchio.FrameType.OP_FRAME))
    return out


def weighed(arm: Any, gravity: tuple[float, float, float] = (0.0, 0.0, -9.80665)) -> Any:
    """Return a `pinocchio.Model` with the arm's inertials, by default under the standard's gravity."""
    out = model(arm)
    for i, body in enumerate(arm.inertials[1:], start=1):
        out.inertias[i] = inertia(body)
    out.gravity.linear = np.array(gravity)
    return out


def inertia(body: Any) -> Any:
    """Return one of our inertials as a `pinocchio.Inertia`."""
    return pinocchio.Inertia(float(body.mass), np.array(body.centre), np.array(body.inertia))


def fk(out: Any, q: Floats) -> Floats:
    """Return TCP poses (N, 4, 4), one call a row."""
    data = out.createData()
    tip = out.nframes - 1
    poses = np.empty((len(q), 4, 4))
    for i, row in enumerate(q):
        pinocchio.forwardKinematics(out, data, row)
        poses[i] = pinocchio.updateFramePlacement(out, data, tip).homogeneous
    return poses


def jacobian(out: Any, q: Floats) -> Floats:
    """Return TCP Jacobians (N, 6, n) in the base frame's directions, linear rows first."""
    data = out.createData()
    tip = out.nframes - 1
    frame = pinocchio.ReferenceFrame.LOCAL_WORLD_ALIGNED
    return np.stack([pinocchio.computeFrameJacobian(out, data, row, tip, frame).reshape(6, -1) for row in q])
