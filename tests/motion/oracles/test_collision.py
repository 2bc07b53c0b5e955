"""Collisions and distances of an arm, among obstacles of every kind and with itself, against Coal."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np
import pytest

from robocell.motion.rigid import pose, rotations
from tests.motion.oracles.arms import arm_of, random_q, rng

pytest.importorskip("coal", reason="needs Coal (pip install pin)")

Scene = importlib.import_module("robocell.motion.scene").Scene
self_pairs = importlib.import_module("robocell.motion.self_pairs").self_pairs
obstacles = importlib.import_module("robocell.motion.obstacles")

COUNT = 1500
# m: Coal's iterations on curved shapes stop at 1e-6; its distances between capsules and boxes are good to 1e-5
CLOSE = 2e-5
KINDS = ["box", "cylinder", "sphere", "capsule", "mesh"]
ARMS = ["universal-robots/ur5e", "kuka/kr6-r900", "abb/irb-1200-5-0.9", "iiwa", "panda"]


def obstacle(kind: str, seed: int) -> Any:
    g = rng(seed)
    centre = g.normal(size=3)
    centre *= g.uniform(0.35, 1.0) / np.linalg.norm(centre)
    where = pose(rotations(g.normal(size=3)), centre)
    match kind:
        case "box":
            return obstacles.Box(where, g.uniform(0.05, 0.3, 3))
        case "cylinder":
            return obstacles.Cylinder(where, g.uniform(0.03, 0.15), g.uniform(0.05, 0.4))
        case "sphere":
            return obstacles.Sphere(centre, g.uniform(0.03, 0.2))
        case "capsule":
            return obstacles.CapsuleObstacle(centre, centre + 0.2 * g.normal(size=3), g.uniform(0.02, 0.1))
        case _:
            return obstacles.ConvexMesh(where, g.uniform(-0.15, 0.15, (12, 3)))


def against(name: str, things: list[Any], links: Any, q: Any) -> tuple[Any, Any]:
    """Return Coal's collisions and distances of the same bodies and pairs."""
    from benchmarks.motion.peers import pin, shapes

    arm = arm_of(name)
    model = pin.model(arm)
    geometry = shapes.geometry(model, arm, things, links)
    return shapes.collides(shapes.broadphase(model, geometry), q), shapes.distances(model, geometry, q)


def check(scene: Any, name: str, q: Any, hit: Any, far: Any) -> None:
    mine_hit, mine = scene.collides(arm_of(name), q), scene.distance(arm_of(name), q)
    clear = np.abs(far) > CLOSE
    assert np.array_equal(mine_hit[clear], hit[clear])
    assert np.array_equal(mine_hit, mine < 0.0) or (np.abs(mine[mine_hit != (mine < 0.0)]) < 1e-9).all()
    apart = far > CLOSE
    assert np.abs(mine - far)[apart].max(initial=0.0) < CLOSE
    assert (mine[far < -CLOSE] < 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ARMS)
def test_one_obstacle_of_a_kind(name: str, kind: str) -> None:
    arm = arm_of(name)
    seen = 0
    for seed in range(4):
        thing = obstacle(kind, seed)
        q = random_q(arm, COUNT // 4, seed)
        hit, far = against(name, [thing], (), q)
        check(Scene([thing], alone=True), name, q, hit, far)
        seen += int(hit.sum())
    assert seen > 0


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_among_forty_obstacles_and_with_itself(name: str) -> None:
    arm = arm_of(name)
    things = [obstacle(KINDS[i % 5], 100 + i) for i in range(40)]
    q = random_q(arm, COUNT, 5)
    hit, far = against(name, things, self_pairs(arm), q)
    check(Scene(things), name, q, hit, far)


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_alone_with_itself(name: str) -> None:
    arm = arm_of(name)
    q = random_q(arm, 4 * COUNT, 6)
    hit, far = against(name, [], self_pairs(arm), q)
    assert self_pairs(arm), "no pair of links is tested"
    check(Scene(), name, q, hit, far)


def test_a_margin_is_a_distance() -> None:
    name = "universal-robots/ur5e"
    things = [obstacle(KINDS[i % 5], 200 + i) for i in range(10)]
    q = random_q(arm_of(name), 4 * COUNT, 7)
    far = Scene(things, alone=True).distance(arm_of(name), q)
    for margin in (0.001, 0.02, 0.1):
        near = Scene(things, margin=margin, alone=True).collides(arm_of(name), q)
        sure = np.abs(far - margin) > 1e-9
        assert np.array_equal(near[sure], (far < margin)[sure])
