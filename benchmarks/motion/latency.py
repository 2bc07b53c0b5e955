"""A batch of one, from Python: what a controller waits for."""

from __future__ import annotations

from benchmarks.motion.inputs import UR, arm_of, joints, spread
from benchmarks.motion.rest_to_rest import given
from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race
from robocell.motion import point_to_point

FK, IK, MOVE = (f"{what}, {UR}, a single one" for what in ("FK", "IK, all branches", "move from rest to rest"))


def fk() -> list[Row]:
    """One pose in, one matrix out, on both sides."""
    import pinocchio

    from benchmarks.motion.peers import pin

    arm = arm_of(UR)
    q = joints(arm, 1)[0]
    model = pin.model(arm)
    data, tip = model.createData(), model.nframes - 1

    def peer() -> object:
        pinocchio.forwardKinematics(model, data, q)
        return pinocchio.updateFramePlacement(model, data, tip).homogeneous

    agree(spread(arm.fk(q), peer()), 1e-12, "poses")  # type: ignore[arg-type]
    ours, theirs = race([lambda: arm.fk(q), peer])
    name = called("pin", "forwardKinematics + updateFramePlacement().homogeneous")
    return [Row(FK, ours, name, theirs, Aim("most", 3e-6))]


def ik() -> list[Row]:
    """All branches of one pose."""
    from benchmarks.motion.peers import eaik

    arm = arm_of(UR)
    T = arm.fk(joints(arm, 1)[0])
    robot = eaik.robot(arm)
    ours, theirs = race([lambda: arm.ik(T), lambda: robot.calculate_IK(T)])
    return [Row(IK, ours, called("eaik", "compiled calculate_IK, no limits"), theirs, Aim("most", 10e-6))]


def move() -> list[Row]:
    """One move, from arrays to a trajectory."""
    import ruckig

    limits = arm_of(UR).limits
    q0, q1 = joints(arm_of(UR), 2)
    ask, otg, answer = given(limits), ruckig.Ruckig(6), ruckig.Trajectory(6)

    def peer() -> None:
        ask.current_position, ask.target_position = q0, q1
        otg.calculate(ask, answer)

    peer()
    agree(abs(point_to_point(q0, q1, limits).duration / answer.duration - 1.0), 1e-9, "durations (relative)")
    ours, theirs = race([lambda: point_to_point(q0, q1, limits), peer])
    name = called("ruckig", "calculate, and its two positions set")
    return [Row(MOVE, ours, name, theirs, Aim("most", 10e-6))]


CONTESTS = [Contest(FK, "pin", fk), Contest(IK, "eaik", ik), Contest(MOVE, "ruckig", move)]
