"""Kinematics and dynamics of a serial chain as textbooks have them, one position at a time, in the base frame."""

from __future__ import annotations

import numpy as np

from robocell.motion import Arm, Inertial
from robocell.motion.rigid import pose


def turn(axis: np.ndarray, angle: float) -> np.ndarray:
    """Rodrigues' formula."""
    K = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle) * K + (1 - np.cos(angle)) * K @ K)


def frames(arm: Arm, q: np.ndarray) -> np.ndarray:
    """The frames of the base and of all links (n + 1, 4, 4)."""
    out = [np.eye(4)]
    for joint, value in zip(arm.joints, q, strict=True):
        moved = pose(turn(joint.axis, value)) if joint.kind == "revolute" else pose(None, joint.axis * value)
        out.append(out[-1] @ joint.origin @ moved)
    return np.stack(out)


def tip(arm: Arm, q: np.ndarray) -> np.ndarray:
    return np.asarray(frames(arm, q)[-1] @ arm.flange @ arm.tool)


def jacobian(arm: Arm, q: np.ndarray) -> np.ndarray:
    """Screws of the joint axes about the TCP (6, n)."""
    links, p = frames(arm, q), tip(arm, q)[:3, 3]
    columns = []
    for joint, F in zip(arm.joints, links[1:], strict=True):
        z = F[:3, :3] @ joint.axis
        if joint.kind == "revolute":
            columns.append([*np.cross(z, p - F[:3, 3]), *z])
        else:
            columns.append([*z, 0.0, 0.0, 0.0])
    return np.array(columns).T


def newton_euler(
    arm: Arm, bodies: list[Inertial], q: np.ndarray, qd: np.ndarray, qdd: np.ndarray, gravity: np.ndarray
) -> np.ndarray:
    """Joint torques: motion of every body outwards, forces inwards, all in the base frame."""
    links = frames(arm, q)
    w, alpha, a, o = np.zeros(3), np.zeros(3), -gravity, np.zeros(3)
    forces = []
    for i, joint in enumerate(arm.joints):
        F = links[i + 1]
        z, at = F[:3, :3] @ joint.axis, F[:3, 3]
        r = at - o
        a = a + np.cross(alpha, r) + np.cross(w, np.cross(w, r))
        if joint.kind == "revolute":
            alpha = alpha + z * qdd[i] + np.cross(w, z * qd[i])
            w = w + z * qd[i]
        else:
            a = a + z * qdd[i] + 2.0 * np.cross(w, z * qd[i])
        o = at
        R = F[:3, :3]
        c, inertia = R @ bodies[i].centre, R @ bodies[i].inertia @ R.T
        force = bodies[i].mass * (a + np.cross(alpha, c) + np.cross(w, np.cross(w, c)))
        forces.append((at + c, force, inertia @ alpha + np.cross(w, inertia @ w)))
    tau = []
    for i, joint in enumerate(arm.joints):
        F = links[i + 1]
        z = F[:3, :3] @ joint.axis
        total = sum((f for _, f, _ in forces[i:]), np.zeros(3))
        moment = sum((m + np.cross(c - F[:3, 3], f) for c, f, m in forces[i:]), np.zeros(3))
        tau.append(z @ (moment if joint.kind == "revolute" else total))
    return np.array(tau)
