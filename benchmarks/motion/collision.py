"""Collision of an arm with sixteen boxes and with itself, against Coal on the same primitives and pairs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from benchmarks.motion.inputs import BATCH, UR, arm_of, joints, rng
from benchmarks.motion.ours import part
from benchmarks.table import Aim, Contest, Row, agree, called
from benchmarks.timing import race
from robocell.motion import Arm
from robocell.motion.rigid import Floats, pose, rotations

BOXES = 16
DRAWN = "drawn evenly"
FREE = "collision-free ones"
TITLE = f"collision, {UR}'s capsules, {BOXES} boxes and self, batch of {BATCH}"


def boxes(seed: int = 7) -> list[Any]:
    """Return boxes of 8 to 25 cm all around, turned anyhow, 0.55 to 0.9 m from the first axis."""
    box = part("obstacles", "Box")
    g = rng(seed)
    out = []
    for _ in range(BOXES):
        angle, far, height = g.uniform(-math.pi, math.pi), g.uniform(0.55, 0.9), g.uniform(0.0, 0.9)
        where = pose(rotations(g.normal(size=3)), [far * math.cos(angle), far * math.sin(angle), height])
        out.append(box(where, g.uniform(0.08, 0.25, 3)))
    return out


def against_coal(which: str) -> list[Row]:
    """Coal's quickest call is that for a batch with a tree of boxes about the bodies; its plain call is shown too."""
    import pinocchio

    from benchmarks.motion.peers import pin, shapes

    scene, self_pairs = part("scene", "Scene")(boxes()), part("self_pairs", "self_pairs")
    arm = arm_of(UR)
    q = _configurations(scene, arm, which)
    model = pin.model(arm)
    geometry = shapes.geometry(model, arm, scene.obstacles, self_pairs(arm))
    pool = shapes.broadphase(model, geometry)
    hit, theirs_hit = scene.collides(arm, q), shapes.collides(pool, q)
    agree(float((hit != theirs_hit).mean()), 5e-4, "shares of configurations in collision")
    data, space, rows, columns = model.createData(), geometry.createData(), list(q), np.asfortranarray(q.T)

    def plain() -> None:
        for row in rows:
            pinocchio.computeCollisions(model, data, geometry, space, row, True)

    ours, theirs, calls = race(
        [
            lambda: scene.collides(arm, q),
            lambda: pinocchio.computeCollisionsInParallel(1, pool, columns, True),
            plain,
        ]
    )
    title = f"{TITLE}, {which} ({100 * hit.mean():.0f} % collide)"
    tree = called("coal", "computeCollisionsInParallel, AABB tree, 1 thread, to the first hit")
    each = called("coal", "computeCollisions, a call a configuration, to the first hit")
    aims = (Aim("ratio", 50.0), Aim("most", 0.5e-6)) if which == DRAWN else (None, None)
    return [
        Row(title, ours / BATCH, tree, theirs / BATCH, aims[0]),
        Row(title, ours / BATCH, each, calls / BATCH, aims[0]),
        *([Row(title, ours / BATCH, aim=aims[1])] if aims[1] else []),
    ]


def _configurations(scene: Any, arm: Arm, which: str) -> Floats:
    if which == DRAWN:
        return joints(arm, seed=4)
    many = joints(arm, 4 * BATCH, seed=4)
    return np.ascontiguousarray(many[~scene.collides(arm, many)][:BATCH])


def distance() -> list[Row]:
    """The least distance to anything, without a bound that would stop the search early."""
    import pinocchio

    from benchmarks.motion.peers import pin, shapes

    scene, self_pairs = part("scene", "Scene")(boxes()), part("self_pairs", "self_pairs")
    arm, count = arm_of(UR), 1000
    q = joints(arm, count, seed=4)
    model = pin.model(arm)
    geometry = shapes.geometry(model, arm, scene.obstacles, self_pairs(arm))
    mine, theirs = scene.distance(arm, q), shapes.distances(model, geometry, q)
    apart = np.maximum(mine, theirs) > 1e-6  # inside each other the two measure different things
    agree(float(np.abs(mine - theirs)[apart].max()), 1e-5, "distances")
    data, space, rows = model.createData(), geometry.createData(), list(q)

    def peer() -> None:
        for row in rows:
            pinocchio.computeDistances(model, data, geometry, space, row)

    ours, theirs_s = race([lambda: scene.distance(arm, q), peer])
    title = f"distance, the same scene, batch of {count}"
    return [Row(title, ours / count, called("coal", "computeDistances, a call a configuration"), theirs_s / count)]


CONTESTS = [
    Contest(f"{TITLE}, {DRAWN}", "coal", lambda: against_coal(DRAWN)),
    Contest(f"{TITLE}, {FREE}", "coal", lambda: against_coal(FREE)),
    Contest("distance, the same scene", "coal", distance),
]
