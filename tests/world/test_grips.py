"""What fingers do: the rule itself, and the same through both worlds."""

from __future__ import annotations

import dataclasses
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.world.grips import Fingers, close, holds, lands
from robocell.world.handling import HandlingWorld
from robocell.world.protocol import Part
from robocell.world.shapes import Shape
from robocell.world.spec import MishapSpec, SupplySpec
from tests.world.small import CAP, both, go, grip, play_on, put, scene, small

FINGERS = Fingers(0.022, 0.02, 0.012)
DISC = Shape(0.06, 0.06, 0.02, True)
BOX = Shape(0.08, 0.04, 0.03, False)


def test_a_disc_is_gripped_at_its_diameter_and_centred() -> None:
    found = close(FINGERS, DISC, (0.003, 0.005, 0.012, 1.0), 0.07, 0.0)
    assert (found.width, found.shift, found.turn) == (0.06, -0.003, 0.0)


@given(st.floats(-math.pi, math.pi))
def test_a_box_is_gripped_across_the_face_that_the_pads_turn_to_or_not_at_all(yaw: float) -> None:
    found = close(FINGERS, BOX, (0.0, 0.0, 0.012, yaw), 0.1, 0.0)
    quarter = round(yaw / (math.pi / 2))
    off = abs(yaw - quarter * math.pi / 2)
    if off > math.radians(30):
        assert found.reason == "turned"
    elif BOX.half_along(yaw) > 0.05:
        assert found.reason == "outside"
    else:
        assert found.width == (0.04 if quarter % 2 else 0.08)
        assert yaw + found.turn == pytest.approx(quarter * math.pi / 2)


@pytest.mark.parametrize(
    ("place", "opening", "target", "reason"),
    [
        ((0.0, 0.012, 0.012, 0.0), 0.07, 0.0, "off-centre"),
        ((0.0, -0.012, 0.012, 0.0), 0.07, 0.0, "off-centre"),
        ((0.006, 0.0, 0.012, 0.0), 0.07, 0.0, "outside"),
        ((0.0, 0.0, 0.012, 0.0), 0.07, 0.061, "too small"),
        ((0.0, 0.0, 0.05, 0.0), 0.07, 0.0, "nothing between"),
        ((0.0, 0.0, -0.02, 0.0), 0.07, 0.0, "nothing between"),
        ((0.0, 0.2, 0.012, 0.0), 0.07, 0.0, "nothing between"),
    ],
)
def test_why_fingers_miss(place: tuple[float, float, float, float], opening: float, target: float, reason: str) -> None:
    found = close(FINGERS, DISC, place, opening, target)
    assert (found.width, found.reason) == (None, reason)


@given(st.floats(-0.1, 0.1), st.floats(-0.1, 0.1), st.floats(0.06, 0.085))
def test_a_finger_lands_on_a_disc_exactly_where_a_dense_sampling_of_it_says(x: float, y: float, opening: float) -> None:
    inside = []
    for side in (1, -1):
        for i in range(41):
            for j in range(41):
                px = side * (opening / 2 + 0.012 * i / 40)
                py = 0.022 * (j / 40 - 0.5)
                inside.append(0.03 - math.hypot(px - x, py - y))
    depth = max(inside)
    if abs(depth - 5e-4) > 4e-4:  # the sampling's own resolution
        assert lands(FINGERS, DISC, (x, y, 0.012, 0.0), opening) == (depth > 5e-4)


def test_fingers_that_stay_above_the_part_do_not_land() -> None:
    assert not lands(FINGERS, DISC, (0.035, 0.0, 0.04, 0.0), 0.07)
    assert lands(FINGERS, DISC, (0.035, 0.0, 0.02, 0.0), 0.07)


def test_friction_carries_what_coulomb_says() -> None:
    assert holds(0.5, 10.0, 1.0, 0.0)
    assert not holds(0.5, 10.0, 1.0, 0.5)
    assert not holds(0.1, 10.0, 0.25, 0.0)


# --- through the world ---------------------------------------------------------------------------------------


EXACT = {"kinematic": 1e-9, "bullet": 5e-4}
"""Accuracy in m that is asked of a world's poses."""


@both
def test_pick_and_place_moves_the_part_and_nothing_else(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> tuple[Part, Part]:
        a, b = put(world, 0.3, -0.2, 0.02), put(world, 0.39, -0.2, 0.02)
        assert a.place == b.place == "station tray"
        await go(world, (0.3, -0.2, 0.3), (0.3, -0.2, 0.032))
        assert await grip(world, 0.0)
        assert a.place == "grip gripper"
        assert world.grip("gripper").opening() == pytest.approx(0.06)
        await go(world, (0.3, -0.2, 0.3))
        assert world.where(a) == pytest.approx((0.3, -0.2, 0.288), abs=EXACT[kind])
        await go(world, (0.6, 0.6, 0.5), (0.6, 0.6, 0.313))
        assert not await grip(world, 0.085)
        return a, b

    world, (a, b) = play_on(kind, small(), act)
    assert (a.place, b.place) == ("station vise", "station tray")
    assert world.where(a) == pytest.approx((0.6, 0.6, 0.3), abs=EXACT[kind])
    assert world.arm("arm").contact.value == ""


@both
@pytest.mark.parametrize(
    ("dx", "dy", "sensed", "contact"),
    [(0.0, 0.0, True, False), (0.0, 0.015, False, False), (0.015, 0.0, False, True), (0.004, 0.004, True, False)],
)
def test_a_part_off_its_seat_is_gripped_missed_or_touched(
    kind: str, dx: float, dy: float, sensed: bool, contact: bool
) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> bool:
        put(world, 0.6 + dx, -0.2 + dy, -0.1)
        world.grip("gripper").move(0.07, 50.0)
        await go(world, (0.6, -0.2, 0.3), (0.6, -0.2, -0.1 + 0.012))
        if world.arm("arm").contact.value:
            assert world.arm("arm").deviation() > 1e-3
            return False
        return await grip(world, 0.0)

    world, result = play_on(kind, small(), act)
    assert result is sensed
    assert bool(world.arm("arm").contact.value) is contact


@both
def test_a_held_part_that_is_put_onto_another_touches_it(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> None:
        put(world, 0.3, -0.2, 0.02)
        put(world, 0.39, -0.2, 0.02)
        await go(world, (0.3, -0.2, 0.032))
        assert await grip(world, 0.0)
        await go(world, (0.3, -0.2, 0.3), (0.39, -0.2, 0.3), (0.39, -0.2, 0.032))

    world, _ = play_on(kind, small(), act)
    assert world.arm("arm").contact.value == "part 2"


@both
@pytest.mark.parametrize(
    ("where", "place"),
    [((-0.4, 0.2, 0.4), "station bin"), ((-1.5, 0.5, 0.4), "floor"), ((-0.5, -0.45, 0.4), "belt infeed")],
)
def test_a_part_that_is_let_go_falls_on_what_is_below(kind: str, where: tuple[float, float, float], place: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> Part:
        part = put(world, 0.3, -0.2, 0.02)
        await go(world, (0.3, -0.2, 0.032))
        await grip(world, 0.0)
        await go(world, (0.3, -0.2, 0.4), where)
        await grip(world, 0.085)
        return part

    world, part = play_on(kind, small(), act)
    assert part.place == place
    assert world.where(part)[2] < 0.1


@both
def test_a_part_that_friction_cannot_carry_slips_out_on_the_way_up(kind: str) -> None:
    spec = small(products={"cap": dataclasses.replace(CAP, mass=8.0)})

    async def act(world: HandlingWorld, clock: Clock) -> Part:
        part = put(world, 0.3, -0.2, 0.02)
        await go(world, (0.3, -0.2, 0.032))
        assert await grip(world, 0.0)
        await go(world, (0.3, -0.2, 0.4))
        assert not world.grip("gripper").holding.value
        return part

    _, part = play_on(kind, spec, act)
    assert part.place != "grip gripper"


@both
def test_a_scene_can_make_a_grip_drop_and_miss(kind: str) -> None:
    mishaps = (MishapSpec("miss", at=0.0, target="gripper", times=1), MishapSpec("drop", at=0.0, target="gripper"))

    async def act(world: HandlingWorld, clock: Clock) -> tuple[bool, bool, Part]:
        part = put(world, 0.3, -0.2, 0.02)
        await go(world, (0.3, -0.2, 0.032))
        missed = await grip(world, 0.0)
        await grip(world, 0.085)
        assert await grip(world, 0.0)
        await go(world, (0.3, -0.2, 0.3))
        return missed, world.grip("gripper").holding.value, part

    _, (missed, holding, part) = play_on(kind, small(scene=scene(mishaps=mishaps)), act)
    assert (missed, holding, part.place) == (False, False, "floor")


@both
def test_a_clamped_part_is_not_pulled_out(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> Part:
        part = put(world, 0.6, 0.6, 0.3)
        mill = world.machine("mill")
        mill.clamp(True)
        await mill.clamped.until(bool)
        await go(world, (0.6, 0.6, 0.5), (0.6, 0.6, 0.312))
        assert await grip(world, 0.0)
        await go(world, (0.6, 0.6, 0.5))
        return part

    world, part = play_on(kind, small(), act)
    assert "clamp" in world.arm("arm").contact.value


@both
def test_the_beam_stays_blocked_until_the_part_is_lifted_over_it(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> tuple[bool, bool]:
        belt, beam = world.belt("infeed"), world.beam("at_stop").blocked
        belt.drive(0.25)
        await beam.until(bool)
        belt.run_to(belt.travel() + 0.03)
        await belt.resting.until(bool)
        x, y, z = world.where(world.parts[0])
        assert x == pytest.approx(0.0, abs=EXACT[kind] + 0.25 / 240)
        await go(world, (x, y, 0.3), (x, y, z + 0.012))
        assert await grip(world, 0.0)
        held = beam.value
        await go(world, (x, y, 0.3))
        return held, beam.value

    _, states = play_on(kind, small(scene=scene(supply={"infeed": SupplySpec("cap", 50.0, 0.0, first=1.0)})), act)
    assert states == (True, False)
