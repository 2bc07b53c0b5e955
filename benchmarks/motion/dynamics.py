"""Inverse dynamics of a batch, against Pinocchio's recursive Newton–Euler."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.motion.inputs import BATCH, UR, arm_of, joints, rng
from benchmarks.motion.ours import part
from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race

TITLE = f"inverse dynamics, {UR}, batch of {BATCH}"


def pinocchio_rnea() -> list[Row]:
    """Pinocchio's own batch on one thread, and its plain call."""
    import pinocchio

    from benchmarks.motion.peers import pin

    part("dynamics", "Inertial")
    arm: Any = arm_of(UR)
    q = joints(arm)
    qd, qdd = rng(5).normal(size=(2, BATCH, arm.n)) * [[[1.0]], [[5.0]]]
    model = pin.weighed(arm)
    pool = pinocchio.ModelPool(model, 1)
    columns = [np.asfortranarray(x.T) for x in (q, qd, qdd)]
    theirs_out = np.asfortranarray(np.empty((arm.n, BATCH)))
    pinocchio.rneaInParallel(1, pool, *columns, theirs_out)
    scale = float(np.abs(theirs_out).max())
    agree(float(np.abs(arm.inverse_dynamics(q, qd, qdd) - theirs_out.T).max()) / scale, 1e-9, "torques (relative)")
    data, rows = model.createData(), list(zip(q, qd, qdd, strict=True))

    def calls() -> None:
        for a, b, c in rows:
            pinocchio.rnea(model, data, a, b, c)

    ours, batch, each = race(
        [
            lambda: arm.inverse_dynamics(q, qd, qdd),
            lambda: pinocchio.rneaInParallel(1, pool, *columns, theirs_out),
            calls,
        ]
    )
    many, one = called("pin", "rneaInParallel, batch, 1 thread"), called("pin", "rnea, a call a state")
    return [
        Row(TITLE, ours / BATCH, one, each / BATCH, Aim("ratio", 30.0)),
        Row(TITLE, ours / BATCH, many, batch / BATCH, Aim("ratio", 30.0)),
    ]


CONTESTS = [Contest(TITLE, "pin", pinocchio_rnea)]
