"""Forward kinematics of a batch, against a call a pose and against the peers' own batches."""

from __future__ import annotations

from benchmarks.motion.inputs import BATCH, SPHERICAL, UR, arm_of, joints, spread
from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race

CLOSE = 1e-12


def _title(name: str) -> str:
    return f"FK, {name}, batch of {BATCH}"


def pinocchio_calls() -> list[Row]:
    """Pinocchio has no batch: it is called a pose at a time, and its result not even copied out."""
    import pinocchio

    from benchmarks.motion.peers import pin

    arm = arm_of(UR)
    q = joints(arm)
    model = pin.model(arm)
    agree(spread(arm.fk(q[:500]), pin.fk(model, q[:500])), CLOSE, "poses")
    data, tip, rows = model.createData(), model.nframes - 1, list(q)

    def peer() -> None:
        for row in rows:
            pinocchio.forwardKinematics(model, data, row)
            pinocchio.updateFramePlacement(model, data, tip)

    ours, theirs = race([lambda: arm.fk(q), peer])
    ours, theirs = ours / BATCH, theirs / BATCH
    name = called("pin", "forwardKinematics + updateFramePlacement, a call a pose")
    return [
        Row(_title(UR), ours, name, theirs, Aim("ratio", 40.0)),
        Row(_title(UR), ours, aim=Aim("most", 20e-9)),
    ]


def opw_batch() -> list[Row]:
    """py-opw-kinematics has a compiled batch; it is called without its layer of scipy transforms."""
    from benchmarks.motion.peers import opw

    arm = arm_of(SPHERICAL)
    q = joints(arm)
    robot = opw.robot(SPHERICAL)
    agree(spread(arm.fk(q), robot.batch_forward(q).reshape(-1, 4, 4)), CLOSE, "poses")
    ours, theirs = race([lambda: arm.fk(q), lambda: robot.batch_forward(q)])
    name = called("py-opw-kinematics", "compiled batch_forward, the same batch")
    return [Row(_title(SPHERICAL), ours / BATCH, name, theirs / BATCH, Aim("ratio", 15.0))]


def mujoco_calls() -> list[Row]:
    """MuJoCo computes the frames of all bodies."""
    import mujoco

    from benchmarks.motion.peers import mjc

    arm = arm_of(UR)
    q = joints(arm)
    model = mjc.model(arm)
    agree(spread(arm.fk(q[:500]), mjc.fk(model, q[:500])), CLOSE, "poses")
    data, rows = mujoco.MjData(model), list(q)

    def peer() -> None:
        for row in rows:
            data.qpos[:] = row
            mujoco.mj_kinematics(model, data)

    ours, theirs = race([lambda: arm.fk(q, links=True), peer])
    name = called("mujoco", "mj_kinematics, a call a pose")
    return [Row(f"FK of all links, {UR}, batch of {BATCH}", ours / BATCH, name, theirs / BATCH)]


CONTESTS = [
    Contest(_title(UR), "pin", pinocchio_calls),
    Contest(_title(SPHERICAL), "py-opw-kinematics", opw_batch),
    Contest(f"FK of all links, {UR}, batch of {BATCH}", "mujoco", mujoco_calls),
]
