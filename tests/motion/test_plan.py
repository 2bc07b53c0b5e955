"""Planned ways: clear, within limits, the same again, and what is said where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from robocell.errors import MotionError, PlanError
from robocell.motion import Arm, Box, Capsule, Joint, Limits, Scene, plan
from robocell.motion.kernels.shortcut import shorten
from robocell.motion.obstacles import CapsuleObstacle, ConvexMesh, Sphere, Volume
from robocell.motion.rigid import Floats, pose
from robocell.motion.self_pairs import self_pairs
from tests.motion.arms import ur5e
from tests.motion.plain.planning import dense, length, touches
from tests.motion.planning_problems import problems, ur5
from tests.motion.shapes import random_arm, random_obstacles, rng, sliding_arm, sphere_arm

STEP = 1 / 32
MARGIN = 0.03  # more than any point of these arms moves between a dense sample and the nearest one of the planner

# to the arm's right and left of a wall in front of it
RIGHT = np.radians([-40, -60, 100, -130, -90, 0])
LEFT = np.radians([40, -60, 100, -130, -90, 0])


def wall(height: float = 0.5) -> Box:
    return Box(pose(None, [0.75, 0.1, 0.5 * height]), np.array([0.9, 0.04, height]), "wall")


def assert_clear(arm: Arm, path: Floats, scene: Scene, held: Sequence[Capsule] = ()) -> None:
    q = dense(path, 0.2 * STEP)
    pairs = () if scene.alone else self_pairs(arm)
    assert not touches(arm, q, scene.obstacles, pairs, 0.0, held).any()
    assert not scene.collides(arm, path, held).any()
    assert (q >= arm.limits.position[:, 0]).all()
    assert (q <= arm.limits.position[:, 1]).all()


def planar(lengths: Sequence[float], kind: str = "revolute") -> Arm:
    """Joints about Z, links along X, a sphere at the end of each; or crossed slides along X and Y that carry one."""
    n = len(lengths)
    if kind == "prismatic":
        x, y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
        joints = (Joint(np.eye(4), x, "prismatic", "x"), Joint(np.eye(4), y, "prismatic", "y"))
        limits = Limits.uniform([[-1.0, 1.0], [-1.0, 1.0]], [2.0, 0.5], 1.0, 1.0)
        return Arm("table", joints, limits, capsules=(Capsule(2, np.zeros(3), np.zeros(3), 0.05),))
    z = np.array([0.0, 0.0, 1.0])
    before = [0.0, *lengths[:-1]]
    chain = tuple(Joint(pose(None, [a, 0.0, 0.0]), z, "revolute", f"turn {i + 1}") for i, a in enumerate(before))
    capsules = tuple(
        Capsule(i + 1, np.array([x, 0.0, 0.0]), np.array([x, 0.0, 0.0]), 0.03)
        for i, a in enumerate(lengths)
        for x in np.linspace(0.0, a, 5)
    )
    return Arm(f"planar {n}", chain, Limits.uniform([[-3.0, 3.0]] * n, 2.0, 1.0, 1.0), capsules=capsules)


@pytest.mark.parametrize("make", [ur5e, sphere_arm])
def test_a_way_over_a_wall_is_clear_ends_where_it_should_and_is_the_same_again(make: object) -> None:
    arm: Arm = make()  # type: ignore[operator]
    scene = Scene([wall()], margin=MARGIN)
    paths = [plan(arm, RIGHT, LEFT, scene, seed=seed) for seed in (0, 0, 1, 2, 3)]
    assert (paths[0] == paths[1]).all()
    assert len({path.tobytes() for path in paths}) > 2
    for path in paths:
        assert path.dtype == np.float64
        assert len(path) > 2
        assert (path[0] == RIGHT).all()
        assert (path[-1] == LEFT).all()
        assert_clear(arm, path, scene)


def test_the_way_back_is_found_too() -> None:
    arm, scene = sphere_arm(), Scene([wall()], margin=MARGIN)
    path = plan(arm, LEFT, RIGHT, scene)
    assert (path[0] == LEFT).all()
    assert (path[-1] == RIGHT).all()
    assert_clear(arm, path, scene)


def test_a_straight_way_that_is_clear_is_the_answer_and_takes_no_sample() -> None:
    arm = ur5e()
    assert (plan(arm, RIGHT, LEFT, Scene(), samples=1) == [RIGHT, LEFT]).all()
    assert (plan(arm, RIGHT, RIGHT, Scene([wall()]), samples=1) == [RIGHT, RIGHT]).all()


@pytest.mark.parametrize("n", [2, 3, 7, 8])
def test_arms_of_other_sizes_find_their_way_round_a_pin(n: int) -> None:
    arm = planar([0.8 / n] * n)
    scene = Scene([Sphere(np.array([0.62, 0.0, 0.0]), 0.1, "pin")], margin=MARGIN, alone=True)
    start, goal = np.zeros(n), np.zeros(n)
    start[0], goal[0] = -0.9, 0.9
    path = plan(arm, start, goal, scene)
    assert len(path) > 2
    assert_clear(arm, path, scene)


def test_sliding_joints_find_their_way_and_stay_within_their_limits() -> None:
    arm = planar([1.0, 1.0], "prismatic")
    scene = Scene([Box(pose(None, [0.0, -0.2, 0.0]), np.array([0.1, 1.8, 0.2]), "bar")], margin=MARGIN)
    path = plan(arm, [-0.8, -0.8], [0.8, -0.8], scene)
    assert len(path) > 2
    assert_clear(arm, path, scene)


@pytest.mark.parametrize("kind", [CapsuleObstacle, ConvexMesh])
def test_an_arm_of_capsules_on_a_slide_goes_round_other_obstacles(kind: type) -> None:
    arm = sliding_arm()
    start, goal = np.array([0.2, -1.0, 0.0, -0.05, 0.0]), np.array([0.2, 1.0, 0.0, -0.05, 0.0])
    post: Volume
    if kind is CapsuleObstacle:
        post = CapsuleObstacle(np.array([0.62, 0.0, 0.0]), np.array([0.62, 0.0, 1.0]), 0.05)
    else:
        post = ConvexMesh(pose(None, [0.62, 0.0, 0.5]), rng(0).uniform(-1, 1, (30, 3)) * [0.05, 0.05, 0.5])
    scene = Scene([post], margin=MARGIN)
    path = plan(arm, start, goal, scene)
    assert len(path) > 2
    assert_clear(arm, path, scene)


def test_a_wall_without_a_hole_ends_after_the_samples_asked_for() -> None:
    arm = planar([1.0, 1.0], "prismatic")
    scene = Scene([Box(np.eye(4), np.array([0.1, 4.0, 0.2]), "wall")])
    with pytest.raises(PlanError, match="table: no way found in 3000 samples") as caught:
        plan(arm, [-0.8, 0.0], [0.8, 0.0], scene, samples=3000)
    assert caught.value.samples == 3000
    assert isinstance(caught.value, MotionError)


def test_an_end_that_collides_is_named_with_what_it_touches() -> None:
    arm = ur5e()
    scene = Scene([wall(), Sphere(arm.fk(LEFT)[:3, 3], 0.05, "lamp")])
    with pytest.raises(PlanError, match="the goal collides: link . and lamp overlap by .* mm") as caught:
        plan(arm, RIGHT, LEFT, scene)
    assert caught.value.samples == 0
    with pytest.raises(PlanError, match="the start collides: link . and lamp overlap"):
        plan(arm, LEFT, RIGHT, scene)


def test_an_end_nearer_than_the_margin_is_named_with_its_distance() -> None:
    arm = planar([1.0, 1.0], "prismatic")
    box = Box(np.eye(4), np.array([0.2, 0.2, 0.2]), "box")
    at = [-0.17, 0.0]  # 20 mm from the box
    assert len(plan(arm, at, [-0.8, 0.0], Scene([box], margin=0.01))) == 2
    with pytest.raises(PlanError, match=r"link 2 and box are 20\.0 mm apart, less than the margin"):
        plan(arm, at, [-0.8, 0.0], Scene([box], margin=0.05))


def test_an_end_outside_the_limits_is_named_with_its_joint() -> None:
    arm = planar([1.0, 1.0], "prismatic")
    with pytest.raises(PlanError, match="the start is outside the limits: y at 1.5, limits -1 to 1"):
        plan(arm, [0.0, 1.5], [0.0, 0.0], Scene())
    with pytest.raises(PlanError, match="the goal is outside the limits: x at -1.1"):
        plan(arm, [0.0, 0.0], [-1.1, 0.0], Scene())
    edge = plan(arm, [-1.0, -1.0 - 5e-7], [1.0, 1.0], Scene())
    assert (edge == [[-1.0, -1.0 - 5e-7], [1.0, 1.0]]).all()


def test_of_several_goals_one_that_can_be_reached_is() -> None:
    arm = planar([1.0, 1.0], "prismatic")
    shut = [Box(pose(None, [0.6, y, 0.0]), np.array([0.6, 0.05, 0.3]), f"lid {y}") for y in (-0.3, 0.3)] + [
        Box(pose(None, [x, 0.0, 0.0]), np.array([0.05, 0.6, 0.3]), f"side {x}") for x in (0.3, 0.9)
    ]
    bar = Box(pose(None, [-0.2, 0.0, 0.0]), np.array([0.1, 1.4, 0.3]), "bar")
    scene = Scene([*shut, bar], margin=0.01)
    goals = np.array([[0.3, 0.0], [0.6, 0.0], [1.2, 0.0], [0.1, 0.0]])  # touching, shut in, outside, free
    path = plan(arm, [-0.8, 0.0], goals, scene)
    assert (path[-1] == goals[3]).all()
    assert_clear(arm, path, scene)
    with pytest.raises(PlanError, match="all 2 goals collide, the first of them: link 2 and side"):
        plan(arm, [-0.8, 0.0], goals[[0, 2, 0]], scene)


def test_the_nearest_of_several_goals_in_sight_is_taken() -> None:
    arm = planar([1.0, 1.0], "prismatic")
    path = plan(arm, [0.0, 0.0], [[0.9, 0.0], [0.1, 0.1], [-0.5, 0.5]], Scene())
    assert (path == [[0.0, 0.0], [0.1, 0.1]]).all()


def test_a_held_part_has_its_own_way() -> None:
    arm, scene = sphere_arm(), Scene([wall(0.35)], margin=MARGIN)
    part = tuple(Capsule(0, p, p, 0.02) for p in np.linspace([0, 0, 0], [0, 0, 0.15], 6))
    rod = (Capsule(0, np.zeros(3), np.array([0, 0, 0.15]), 0.02),)
    path = plan(arm, RIGHT, LEFT, scene, held=part)
    assert_clear(arm, path, scene, part)
    assert_clear(arm, plan(arm, RIGHT, LEFT, scene, held=rod), scene, rod)
    deep = (Capsule(0, np.zeros(3), np.array([0, 0, 0.6]), 0.02),)
    floor = Scene([Box(pose(None, [0, 0, -0.2]), np.array([3.0, 3.0, 0.1]), "floor")])
    assert len(plan(arm, RIGHT, LEFT, floor)) == 2
    with pytest.raises(PlanError, match="start collides: link 6 and floor"):
        plan(arm, RIGHT, LEFT, floor, held=deep)


def test_a_slow_joint_counts_for_more() -> None:
    arm = planar([1.0, 1.0], "prismatic")  # y is four times as slow as x
    fast = replace(arm, limits=Limits.uniform(arm.limits.position, [0.5, 2.0], 1.0, 1.0))
    scene = Scene([Box(pose(None, [0.0, 0.0, 0.0]), np.array([0.8, 0.8, 0.2]))], margin=0.01)
    start, goal = [-0.8, -0.2], [0.8, 0.2]
    slow = min(length(plan(arm, start, goal, scene, seed=k), np.array([1.0, 4.0])) for k in range(5))
    other = min(length(plan(fast, start, goal, scene, seed=k), np.array([1.0, 4.0])) for k in range(5))
    assert slow <= other * 1.01


@pytest.mark.parametrize("seed", range(4))
def test_shortening_keeps_the_ends_stays_clear_and_is_never_longer(seed: int) -> None:
    arm = replace(random_arm(seed, 5), limits=Limits.uniform([[-9.0, 9.0]] * 5, 1.0, 1.0, 1.0))
    scene = Scene(random_obstacles(seed, 6, 1.5), alone=True)
    chance = rng(seed)
    q = chance.uniform(-1.5, 1.5, (400, 5))
    q = q[~scene.collides(arm, q)]
    legs = [q[0]]
    for b in q[1:]:
        if not scene.collides(arm, dense(np.stack([legs[-1], b]), STEP)).any() and len(legs) < 12:
            legs.append(b)
    path, weight = np.stack(legs), chance.uniform(0.5, 2.0, 5)
    at, spheres = scene.packed_for_moves(arm)
    short = shorten(path.ravel(), weight, STEP, 0.0, 60, seed, spheres, at.data, at.layout, at.work).reshape(-1, 5)
    assert len(path) > 5
    assert (short[[0, -1]] == path[[0, -1]]).all()
    assert length(short, weight) < 0.9 * length(path, weight)
    for a, b in zip(short, short[1:], strict=False):
        assert len(plan(arm, a, b, scene, samples=1)) == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"q_start": [0.0]}, "q_start has shape"),
        ({"q_goal": [np.nan, 0.0]}, "not finite"),
        ({"q_goal": np.zeros((0, 2))}, "q_goal holds no joint positions"),
        ({"step": 0.0}, "step is 0.0"),
        ({"samples": 0}, "samples is 0"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(change: dict[str, object], words: str) -> None:
    given: dict[str, object] = {"q_start": [0.0, 0.0], "q_goal": [0.5, 0.5], "scene": Scene(), **change}
    with pytest.raises(ValueError, match=words):
        plan(planar([1.0, 1.0], "prismatic"), **given)  # type: ignore[arg-type]


def test_motionbenchmakers_problems_are_solved_but_those_whose_ends_collide() -> None:
    arm = ur5()
    solved = 0
    refused = []
    for problem in problems():
        scene = Scene(problem.obstacles)
        ends = np.stack([problem.start, problem.goal])
        try:
            path = plan(arm, problem.start, problem.goal, scene)
        except PlanError as error:
            refused.append(error.samples or not scene.collides(arm, ends).any())
            continue
        solved += 1
        assert (path[[0, -1]] == ends).all()
        assert not scene.collides(arm, path).any()
        if solved % 40 == 0:
            # between samples it may come nearer, but not by more than it can move in half a step
            q = dense(path, 0.5 * STEP)
            assert not touches(arm, q, scene.obstacles, self_pairs(arm), -0.02).any()
    assert solved >= 325
    assert not any(refused)
