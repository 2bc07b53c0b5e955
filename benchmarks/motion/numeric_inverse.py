"""Inverse kinematics of seven axes, found by iteration: random reachable poses within the limits."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.motion.inputs import joints
from benchmarks.table import Aim, Contest, Row, called
from benchmarks.timing import race
from robocell.catalog import load_arm
from robocell.motion import Arm
from robocell.motion.rigid import Floats, quaternions, rotation_vectors

COUNT = 2000
ITERATED = 300  # poses that PyBullet is asked for
CLOSE = 1e-6  # m and rad
FILES = {"iiwa": ("kuka_iiwa/model.urdf", "lbr_iiwa_link_7"), "panda": ("franka_panda/panda.urdf", "panda_hand")}


def title(name: str) -> str:
    """Name what is measured."""
    return f"IK by iteration, 7R ({name}), reachable poses within limits, batch of {COUNT}"


def arm_from(name: str) -> tuple[Arm, Path]:
    """Load one of PyBullet's arms."""
    import pybullet_data

    file, tip = FILES[name]
    path = Path(pybullet_data.getDataPath()) / file
    return load_arm(path, tip=tip, acceleration=10.0, jerk=100.0), path


def solved(arm: Arm, q: Floats, poses: Floats) -> float:
    """Return the share of rows q (N, n), perhaps NaN, that reach their poses within `CLOSE` and the limits."""
    low, high = arm.limits.position.T
    finite = np.asarray(np.isfinite(q).all(axis=1))
    at = arm.fk(np.where(finite[:, None], q, 0.0))
    shift = np.linalg.norm(at[:, :3, 3] - poses[:, :3, 3], axis=1)
    turn = np.linalg.norm(rotation_vectors(poses[:, :3, :3].transpose(0, 2, 1) @ at[:, :3, :3]), axis=1)
    inside = ((q >= low - 1e-9) & (q <= high + 1e-9)).all(axis=1)
    return float((finite & inside & (shift < CLOSE) & (turn < CLOSE)).mean())


def first(found: Any) -> Floats:
    """Return the first valid row of each pose (N, n), NaN where there is none."""
    best = np.argmax(found.valid, axis=1)
    return np.asarray(found.q[np.arange(len(best)), best])


def seven(name: str) -> list[Row]:
    """PyBullet iterates too, ignores the limits, and stops at its own residual."""
    arm, path = arm_from(name)
    poses = arm.fk(joints(arm, COUNT))
    ask = partial(arm.ik, poses, most=1)
    ours = solved(arm, first(ask()), poses)
    (taken,) = race([ask])
    rows = [
        Row(f"{title(name)}: solved to {CLOSE:g}", ours, aim=Aim("least", 0.995), unit="share"),
        Row(title(name), taken / COUNT, aim=Aim("most", 20e-6)),
    ]
    share, each = bullet(arm, path, poses[:ITERATED])
    peer = called("pybullet", "calculateInverseKinematics, 200 iterations, limits ignored")
    note = f"solves {100 * share:.1f} % within the limits"
    return [*rows, Row(title(name), taken / COUNT, peer, each, note=note)]


def bullet(arm: Arm, path: Path, poses: Floats) -> tuple[float, float]:
    """Return the share that PyBullet solves, and its time for one."""
    import pybullet

    server = pybullet.connect(pybullet.DIRECT)
    try:
        flags = pybullet.URDF_USE_INERTIA_FROM_FILE
        body = pybullet.loadURDF(str(path), useFixedBase=True, flags=flags, physicsClientId=server)
        count = pybullet.getNumJoints(body, physicsClientId=server)
        infos = [pybullet.getJointInfo(body, i, physicsClientId=server) for i in range(count)]
        link = next(i for i, info in enumerate(infos) if info[12].decode() == FILES[path.parent.name.split("_")[-1]][1])
        goals = [(T[:3, 3].tolist(), quaternions(T[:3, :3]).tolist()) for T in poses]

        def solve() -> list[Any]:
            return [
                pybullet.calculateInverseKinematics(
                    body, link, p, o, maxNumIterations=200, residualThreshold=1e-7, physicsClientId=server
                )[: arm.n]
                for p, o in goals
            ]

        share = solved(arm, np.array(solve()), poses)
        (taken,) = race([solve])
        return share, taken / len(poses)
    finally:
        pybullet.disconnect(server)


CONTESTS = [Contest(title(name), "pybullet", partial(seven, name)) for name in FILES]
