"""An arm's body in the engine: a chain of capsules whose joints are driven to set-points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from robocell.motion.arm import Arm, Capsule
from robocell.world.bullet.engine import ARM, FOOT, TOOL, Engine, split, turned
from robocell.world.bullet.library import p
from robocell.world.shapes import Matrix
from robocell.world.spec import ArmSpec

FORCE = 1e6
"""Of every joint's motor, N m or N: an arm follows its set-points whatever it carries; what stops it is decided
by its contacts."""
DECAY = 10.0 / 3.0
"""How many times heavier each link is than the one it carries. The solver finds the motors' forces joint by joint,
and converges in a few rounds only if a joint hardly feels the ones after it: with an arm's true masses ten rounds
leave 1e-3 rad of following error, so 2e-6. Forces inside the arm are nobody's concern."""


class Skeleton:
    """One arm's multibody. The base is link −1, joint i (from 0) moves link i.

    Args:
        engine: the simulation.
        spec: the arm.

    Attributes:
        body: its number in the engine.
        last: its last link, which carries the tool.

    """

    def __init__(self, engine: Engine, spec: ArmSpec) -> None:
        self._engine = engine
        model = spec.model
        n = model.n
        self.last = n - 1
        xyz, turn = split(spec.base)
        origins = [split(joint.origin) for joint in model.joints]
        shapes = [_form(engine, model, link) for link in range(n + 1)]
        kinds = {"revolute": p.JOINT_REVOLUTE, "prismatic": p.JOINT_PRISMATIC}
        heft = [DECAY ** (n - 1 - i) for i in range(n)]
        self.body: int = p.createMultiBody(
            0, shapes[0], -1, xyz, turn,
            linkMasses=[0.1 * h for h in heft],
            linkCollisionShapeIndices=shapes[1:],
            linkVisualShapeIndices=[-1] * n,
            linkPositions=[o[0] for o in origins],
            linkOrientations=[o[1] for o in origins],
            linkInertialFramePositions=[(0, 0, 0)] * n,
            linkInertialFrameOrientations=[(0, 0, 0, 1)] * n,
            linkParentIndices=list(range(n)),
            linkJointTypes=[kinds[joint.kind] for joint in model.joints],
            linkJointAxis=[joint.axis.tolist() for joint in model.joints],
            physicsClientId=engine.client,
        )  # fmt: skip
        self._joints = list(range(n))
        self._gains = [1.0] * n
        self._forces = [FORCE] * n
        for i in range(n):
            p.changeDynamics(
                self.body, i, localInertiaDiagonal=[heft[i]] * 3, linearDamping=0.0, angularDamping=0.0,
                jointDamping=0.0, physicsClientId=engine.client,
            )  # fmt: skip
            p.resetJointState(self.body, i, spec.home[i], physicsClientId=engine.client)
            engine.enter(self.body, i, TOOL if i == self.last else ARM)
        engine.enter(self.body, -1, FOOT)
        p.changeDynamics(
            self.body, -1, activationState=p.ACTIVATION_STATE_DISABLE_SLEEPING, physicsClientId=engine.client
        )
        self.aim(list(spec.home))

    def aim(self, joints: Sequence[float]) -> None:
        """Drive the joints to be at `joints` (n,) at the end of the next step, and to stay there."""
        p.setJointMotorControlArray(
            self.body, self._joints, p.POSITION_CONTROL,
            targetPositions=joints, positionGains=self._gains, velocityGains=self._gains, forces=self._forces,
            physicsClientId=self._engine.client,
        )  # fmt: skip

    def joints(self) -> Matrix:
        """Return the true joint positions, (n,)."""
        states = p.getJointStates(self.body, self._joints, physicsClientId=self._engine.client)
        return np.array([state[0] for state in states])


def _form(engine: Engine, model: Arm, link: int) -> int:
    """Return the collision shape of a link's capsules, −1 for a link without."""
    capsules = [capsule for capsule in model.capsules if capsule.link == link]
    if not capsules:
        return -1
    places = [split(_middle(capsule)) for capsule in capsules]
    n = len(capsules)
    unused: dict[str, Any] = {
        "halfExtents": [[0, 0, 0]] * n, "fileNames": [""] * n, "planeNormals": [[0, 0, 1]] * n,
        "meshScales": [[1, 1, 1]] * n, "flags": [0] * n,
    }  # fmt: skip
    shape: int = p.createCollisionShapeArray(
        shapeTypes=[p.GEOM_CAPSULE] * n,
        radii=[capsule.radius for capsule in capsules],
        lengths=[float(np.linalg.norm(capsule.p1 - capsule.p0)) for capsule in capsules],
        collisionFramePositions=[place[0] for place in places],
        collisionFrameOrientations=[place[1] for place in places],
        physicsClientId=engine.client,
        **unused,
    )
    return shape


def _middle(capsule: Capsule) -> Matrix:
    """Return the frame in a capsule's middle whose Z lies along it."""
    way = capsule.p1 - capsule.p0
    frame = turned(way) if float(np.linalg.norm(way)) > 0.0 else np.eye(4)
    frame[:3, 3] = 0.5 * (capsule.p0 + capsule.p1)
    return frame
