"""Scenes: contacts, distances, what is near, sweeps, which pairs count, and what must not change them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.motion import point_to_point
from robocell.motion.arm import Arm, Capsule
from robocell.motion.obstacles import Box, CapsuleObstacle, ConvexMesh, Cylinder, Sphere, ViewCone, Volume
from robocell.motion.rigid import Floats, pose, rotations
from robocell.motion.scene import Scene
from robocell.motion.self_pairs import self_pairs
from tests.motion.arms import irb1200, ur5e
from tests.motion.plain.clearance import environment_distance, self_distance
from tests.motion.shapes import random_obstacles, rng, sliding_arm, sphere_arm

HOME = np.radians([0, -90, 90, -90, -90, 0])


def configurations(count: int, seed: int = 5) -> Floats:
    return rng(seed).uniform(-np.pi, np.pi, (count, 6))


def moved(volume: Volume, T: Floats) -> Volume:
    if isinstance(volume, Box | Cylinder | ConvexMesh):
        return replace(volume, pose=T @ volume.pose)
    points = {
        Sphere: ("centre",),
        CapsuleObstacle: ("p0", "p1"),
        ViewCone: ("apex", "centre"),
    }[type(volume)]
    return replace(volume, **{name: T[:3, :3] @ getattr(volume, name) + T[:3, 3] for name in points})  # type: ignore[type-var]


def grown(volume: Volume, factor: float) -> Volume:
    if isinstance(volume, Box):
        return replace(volume, size=factor * volume.size)
    if isinstance(volume, ConvexMesh):
        centre = volume.vertices.mean(axis=0)
        return replace(volume, vertices=centre + factor * (volume.vertices - centre))
    assert isinstance(volume, Cylinder | Sphere | CapsuleObstacle | ViewCone)
    return replace(volume, radius=factor * volume.radius)


def test_an_arm_collides_where_it_touches_an_obstacle_within_the_margin_or_itself() -> None:
    arm, volumes, q = sphere_arm(), random_obstacles(8, 5), configurations(400)
    around = environment_distance(arm, q, volumes).min(axis=1)
    itself = self_distance(arm, q, self_pairs(arm))
    for margin in (0.0, 0.04):
        assert np.array_equal(Scene(volumes, margin).collides(arm, q), (around <= margin) | (itself <= 0.0))
        assert np.array_equal(Scene(volumes, margin, alone=True).collides(arm, q), around <= margin)
    assert Scene(volumes).distance(arm, q) == pytest.approx(np.minimum(around, itself), abs=1e-7)
    assert np.array_equal(Scene().collides(arm, q), itself <= 0.0)
    assert 10 < (itself <= 0.0).sum() < 390


def test_one_configuration_gives_one_answer() -> None:
    scene, arm = Scene(random_obstacles(8, 5)), ur5e()
    assert scene.collides(arm, HOME).shape == ()
    assert scene.distance(arm, HOME) == scene.distance(arm, HOME[None])[0]
    assert np.isinf(Scene(random_obstacles(8, 5)).distance(irb1200(), HOME))
    assert scene.collides(arm, np.zeros((0, 6))).shape == (0,)


def test_the_base_and_free_links_may_touch_obstacles() -> None:
    arm = ur5e()
    floor = Box(pose(None, [0.0, 0.0, -0.1]), np.array([1.0, 1.0, 0.25]))
    assert not Scene([floor]).collides(arm, HOME)
    tip = arm.fk(HOME)
    part = Sphere(tip[:3, 3] + 0.035 * tip[:3, 2], 0.005)
    assert Scene([part]).collides(arm, HOME)
    assert not Scene([part], free=[6]).collides(arm, HOME)


def test_what_an_arm_holds_moves_with_its_tcp() -> None:
    arm = ur5e().with_tool(pose(None, [0.0, 0.0, 0.1]))
    rod = [Capsule(0, np.zeros(3), np.array([0.0, 0.0, 0.3]), 0.01)]
    T = arm.fk(HOME)
    end = T[:3, 3] + 0.3 * T[:3, 2]
    scene = Scene([Sphere(end, 0.02)])
    assert not scene.collides(arm, HOME)
    assert scene.collides(arm, HOME, held=rod)
    turned = arm.with_tool(pose(rotations([np.pi, 0.0, 0.0]), [0.0, 0.0, 0.1]))
    assert not scene.collides(turned, HOME, held=rod)
    assert scene.distance(arm, HOME, held=rod) < 0.0 < scene.distance(arm, HOME)


def test_what_is_nearest_is_named() -> None:
    arm = ur5e()
    tip = arm.fk(HOME)[:3, 3]
    scene = Scene([Sphere(tip + [0.0, 0.0, 1.0], 0.1), Sphere(tip, 0.02, name="lamp")])
    found = scene.what(arm, HOME)
    assert found is not None
    assert (found.link, found.obstacle, found.words) == (6, 1, "link 6 and lamp")
    assert found.distance == pytest.approx(float(scene.distance(arm, HOME)))
    folded = np.array([0.0, -1.5, 2.9, 0.0, 0.0, 0.0])
    itself = Scene().what(arm, folded)
    assert itself is not None
    assert itself.obstacle == -1
    assert itself.words == f"link {itself.link} and link {itself.other}"
    assert Scene(alone=True).what(arm, HOME) is None
    with pytest.raises(ValueError, match="one configuration"):
        scene.what(arm, HOME[None])


def test_links_that_touch_by_design_do_not_count_and_more_can_be_allowed() -> None:
    arm = ur5e()
    pairs = self_pairs(arm)
    assert all(j - i > 1 for i, j in pairs)
    assert (2, 6) in pairs
    fat = replace(arm, capsules=(*arm.capsules, Capsule(5, np.zeros(3), np.zeros(3), 0.2)))
    assert (3, 5) in pairs
    assert (3, 5) not in self_pairs(fat)
    folded = np.array([0.0, -1.5, 2.9, 0.0, 0.0, 0.0])
    assert Scene().collides(arm, folded)
    assert not Scene(allowed=pairs).collides(arm, folded)
    assert self_pairs(replace(arm)) == pairs


def test_a_sweep_finds_the_first_contact_of_a_trajectory_and_of_way_points() -> None:
    arm = ur5e()
    there = HOME + np.array([1.5, 0.2, 0.0, 0.0, 0.0, 0.0])
    run = point_to_point(HOME, there, arm.limits)
    scene = Scene([Sphere(arm.fk(HOME + 0.8 * (there - HOME))[:3, 3], 0.03)])
    when = scene.sweep(arm, run, step=0.002)
    assert when is not None
    assert 0.0 < when < run.duration
    dense = np.linspace(0.0, run.duration, 3000)
    first = dense[np.argmax(scene.collides(arm, run.sample(dense)[0]))]
    assert first - dense[1] <= when <= first + 0.005
    where = scene.sweep(arm, [HOME, HOME, there], step=0.002)
    assert where is not None
    assert 1.5 < where < 1.8
    assert scene.collides(arm, HOME + (where - 1.0) * (there - HOME))
    assert scene.sweep(arm, [HOME, HOME + 0.1]) is None
    assert scene.sweep(arm, HOME) is None
    assert Scene([Sphere(arm.fk(HOME)[:3, 3], 0.1)]).sweep(arm, run) == 0.0


def test_between_samples_of_a_sweep_no_point_of_the_arm_moves_more_than_the_step() -> None:
    """A thin wall across the way is found at any place, as it is thicker than the step."""
    arm = ur5e()
    there = HOME + np.array([1.5, 0.0, 0.0, 0.0, 0.0, 0.0])
    for part in np.linspace(0.2, 0.9, 15):
        T = arm.fk(HOME + part * (there - HOME))
        wall = Sphere(T[:3, 3], 0.003)
        thin = replace(arm, capsules=(Capsule(6, np.zeros(3), np.zeros(3), 0.003),))
        assert Scene([wall]).sweep(thin, [HOME, there], step=0.01) == pytest.approx(part, abs=0.02)


@given(seed=st.integers(0, 10_000), motion=st.tuples(*[st.floats(-2.0, 2.0)] * 6))
@settings(max_examples=20)
def test_moving_scene_and_arm_together_changes_nothing(seed: int, motion: tuple[float, ...]) -> None:
    arm: Arm = ur5e()
    T = pose(rotations(np.array(motion[:3])), motion[3:])
    shifted = replace(
        arm,
        joints=(replace(arm.joints[0], origin=T @ arm.joints[0].origin), *arm.joints[1:]),
        capsules=tuple(
            replace(c, p0=T[:3, :3] @ c.p0 + T[:3, 3], p1=T[:3, :3] @ c.p1 + T[:3, 3]) if c.link == 0 else c
            for c in arm.capsules
        ),
    )
    volumes, q = random_obstacles(seed, 7), configurations(20, seed)
    here = Scene(volumes).distance(arm, q)
    there = Scene([moved(volume, T) for volume in volumes]).distance(shifted, q)
    assert there == pytest.approx(here, abs=1e-7)


@given(seed=st.integers(0, 10_000), factor=st.floats(1.0, 2.0), shift=st.tuples(*[st.floats(-0.3, 0.3)] * 3))
@settings(max_examples=20)
def test_a_larger_obstacle_frees_nothing_and_a_shifted_one_is_nearer_by_its_shift_at_most(
    seed: int, factor: float, shift: tuple[float, float, float]
) -> None:
    arm, volumes, q = sphere_arm(), random_obstacles(seed, 6), configurations(30, seed)
    scene = Scene(volumes, alone=True)
    larger = Scene([grown(volume, factor) for volume in volumes], alone=True)
    assert (larger.distance(arm, q) <= scene.distance(arm, q) + 1e-7).all()
    assert (larger.collides(arm, q) >= scene.collides(arm, q)).all()
    aside = Scene([moved(volume, pose(None, shift)) for volume in volumes], alone=True)
    assert (np.abs(aside.distance(arm, q) - scene.distance(arm, q)) <= np.linalg.norm(shift) + 1e-7).all()


def test_sliding_arms_count_too() -> None:
    arm = sliding_arm()
    tip = Sphere(np.array([1.55, 0.0, 0.35]), 0.02)
    q = np.array([[0.0, 0, 0, 0, 0], [1.0, 0, 0, 0, 0]])
    assert Scene([tip]).collides(arm, q).tolist() == [False, True]


def test_wrong_arguments_are_refused_with_reasons() -> None:
    arm = ur5e()
    with pytest.raises(ValueError, match="margin is -1"):
        Scene(margin=-1.0)
    with pytest.raises(ValueError, match=r"q has shape \(5,\)"):
        Scene().collides(arm, np.zeros(5))
    with pytest.raises(ValueError, match="not finite"):
        Scene().distance(arm, np.full(6, np.nan))
    with pytest.raises(ValueError, match="step is 0"):
        Scene().sweep(arm, [HOME, HOME], step=0.0)
    with pytest.raises(ValueError, match="size of a box must be positive"):
        Box(np.eye(4), np.array([1.0, 0.0, 1.0]))
    with pytest.raises(ValueError, match="depth"):
        ViewCone(np.zeros(3), np.zeros(3), 0.1)
    with pytest.raises(ValueError, match="vertices of a mesh have shape"):
        ConvexMesh(np.eye(4), np.zeros((4, 2)))
    with pytest.raises(ValueError, match="radius of a sphere"):
        Sphere(np.zeros(3), 0.0)
    with pytest.raises(ValueError, match="one matrix"):
        Cylinder(np.stack([np.eye(4)] * 2), 0.1, 0.1)
