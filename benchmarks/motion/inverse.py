"""Inverse kinematics in closed form: all branches within the joint limits; sets of solutions are compared first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from benchmarks.motion.inputs import BATCH, SPHERICAL, UR, arm_of, joints
from benchmarks.motion.peers.sets import inside, lacking
from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race
from robocell.motion import Arm
from robocell.motion.rigid import Floats

CHECKED = 1000  # poses whose sets of solutions are compared
RARE = 2e-3  # share of solutions that may lack: poses so near a singularity that either rounds them away
KINDS = {SPHERICAL: "spherical wrist", "kr6": "spherical wrist", UR: "UR type"}
TIMES = {SPHERICAL: 50.0, "kr6": 50.0, UR: 30.0}


def title(name: str) -> str:
    """Name what is measured."""
    return f"IK, all branches, {KINDS[name]} ({name}), batch of {BATCH}"


def compare(arm: Arm, T: Floats, solve: Callable[[int], Floats]) -> None:
    """Refuse to go on where the peer finds what ours lack, or ours do not reach their poses.

    Args:
        arm: the arm.
        T: (N, 4, 4) poses.
        solve: returns the peer's solutions (S, n) of the pose of that number.

    """
    found = arm.ik(T[:CHECKED])
    ours = [q[valid] for q, valid in zip(found.q, found.valid, strict=True)]
    theirs = [inside(solve(i), arm.limits.position) for i in range(CHECKED)]
    lost = sum(len(lacking(mine, other)) for mine, other in zip(ours, theirs, strict=True))
    agree(lost / sum(map(len, theirs)), RARE, "shares of solutions that the peer alone finds")
    row, _ = np.nonzero(found.valid)
    agree(float(np.abs(arm.fk(found.q[found.valid]) - T[row]).max()), 1e-9, "poses of our solutions")


def eaik_batch(name: str) -> list[Row]:
    """EAIK's compiled batch on one thread; it knows no joint limits, ours apply them."""
    from benchmarks.motion.peers import eaik

    arm = arm_of(name)
    T = arm.fk(joints(arm))
    robot, poses = eaik.robot(arm), list(T)
    compare(arm, T, lambda i: eaik.solutions(robot.calculate_IK(T[i])))
    ours, theirs = race([lambda: arm.ik(T), lambda: robot.calculate_IK_batched(poses, 1)])
    peer = called("eaik", "compiled calculate_IK_batched, 1 thread, no limits")
    return [Row(title(name), ours / BATCH, peer, theirs / BATCH, Aim("ratio", TIMES[name]))]


def ikgeo_calls(name: str) -> list[Row]:
    """ik-geo has no batch; it takes lists quicker than arrays."""
    from benchmarks.motion.peers import ikgeo

    arm = arm_of(name)
    T = arm.fk(joints(arm))
    robot, targets = ikgeo.robot(arm), ikgeo.targets(arm, T)
    compare(arm, T, lambda i: ikgeo.solutions(robot.get_ik(*targets[i])))

    def peer() -> None:
        for R, t in targets:
            robot.get_ik(R, t)

    ours, theirs = race([lambda: arm.ik(T), peer])
    return [Row(title(name), ours / BATCH, called("ik-geo", "get_ik, a call a pose, no limits"), theirs / BATCH)]


def opw_calls() -> list[Row]:
    """py-opw-kinematics: its call for one pose gives all branches quicker than its batch, which adds measures."""
    from benchmarks.motion.peers import opw

    arm = arm_of(SPHERICAL)
    T = arm.fk(joints(arm))
    robot, poses = opw.robot(SPHERICAL), list(T)
    flat = T.reshape(-1, 16)
    compare(arm, T, lambda i: np.array(robot.inverse(T[i])).reshape(-1, 6))

    def calls() -> None:
        for pose in poses:
            robot.inverse(pose)

    ours, theirs, reach = race([lambda: arm.ik(T), calls, lambda: robot.reach(flat)])
    plain = called("py-opw-kinematics", "compiled inverse, a call a pose, no limits")
    batch = called("py-opw-kinematics", "compiled reach, batch; gives margins and σ_min too")
    return [
        Row(title(SPHERICAL), ours / BATCH, plain, theirs / BATCH),
        Row(title(SPHERICAL), ours / BATCH, batch, reach / BATCH),
    ]


CONTESTS = [
    *(Contest(title(name), "eaik", partial(eaik_batch, name)) for name in KINDS),
    *(Contest(title(name), "ik-geo", partial(ikgeo_calls, name)) for name in KINDS),
    Contest(title(SPHERICAL), "py-opw-kinematics", opw_calls),
]
