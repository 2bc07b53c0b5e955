"""Belts, beams and queues of both worlds against closed forms."""

from __future__ import annotations

import dataclasses
import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.world.handling import HandlingWorld
from robocell.world.spec import BeamSpec, MishapSpec, SupplySpec
from tests.world.small import CAP, both, go, grip, play_on, scene, small

STEADY = SupplySpec("cap", 2.0, 0.0)
G = 9.81
LATE = {"kinematic": 1e-6, "bullet": 1 / 240}
"""How late a world may tell of something, s."""
SLIP = {"kinematic": 0.0, "bullet": 0.25}
"""Share by which a world's friction may be off: where the belt stops just as hard as friction allows, a part that the
engine lets rock slips now and then."""
ABOUT = {"kinematic": 1e-6, "bullet": 1e-3}
"""Accuracy in m that is asked of a world's positions."""


@both
def test_a_beam_sees_leading_and_trailing_edge_when_geometry_says(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[tuple[float, bool]]:
        edges: list[tuple[float, bool]] = []
        world.beam("at_stop").blocked.subscribe(lambda s: edges.append((clock.now(), s.value)))
        world.belt("infeed").drive(0.25)
        await clock.sleep(9.0)
        return edges

    _, edges = play_on(kind, small(scene=scene(supply={"infeed": STEADY})), act)
    # Laid with its rear at the start at 2 s; its leading edge then has 0.9 − 0.06 m to go at 0.25 m/s.
    first = 2.0 + (0.9 - 0.06) / 0.25
    assert [blocked for _, blocked in edges[:4]] == [True, False, True, False]
    late = [seen - t for (seen, _), t in zip(edges, [first, first + 0.24, first + 2.0, first + 2.24], strict=False)]
    assert min(late) >= -LATE[kind]
    assert max(late) <= LATE[kind] + 1e-4


@both
@given(st.floats(-3.1, 3.1))
@settings(max_examples=25)
def test_a_turned_box_blocks_a_beam_for_its_extent_along_the_belt(kind: str, yaw: float) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> float:
        from robocell.world.protocol import Part

        part = Part(1, "block")
        world.parts.append(part)
        world.moved(part, "belt infeed")
        world.lay(part, "infeed", 0.2, yaw)
        world.belt("infeed").drive(0.2)
        beam = world.beam("at_stop").blocked
        await beam.until(bool)
        began = clock.now()
        await beam.until(lambda blocked: not blocked)
        return (clock.now() - began) * 0.2

    world, length = play_on(kind, small(), act)
    assert length == pytest.approx(
        2.0 * world.spec.products["block"].shape.half_along(yaw), abs=1e-6 + 2.0 * 0.2 * LATE[kind]
    )


@both
@given(st.floats(0.02, 0.8), st.floats(0.5, 8.0), st.floats(0.05, 0.5))
@settings(max_examples=40)
def test_a_part_slips_on_a_stop_only_where_friction_is_too_low_and_then_by_closed_form(
    kind: str, friction: float, acceleration: float, v: float
) -> None:
    spec = small(products={"cap": dataclasses.replace(CAP, friction=friction)})
    belt = dataclasses.replace(spec.belts["infeed"], acceleration=acceleration, speed=v, length=5.0)

    async def act(world: HandlingWorld, clock: Clock) -> tuple[float, float]:
        world.belt("infeed").drive(v)
        await clock.sleep(4.0)
        part = world.parts[0]
        x, travel = world.where(part)[0], world.belt("infeed").travel()
        world.belt("infeed").drive(0.0)
        await clock.sleep(10.0)
        return world.where(part)[0] - x, world.belt("infeed").travel() - travel

    supply = {"infeed": SupplySpec("cap", 100.0, 0.0, first=1.0)}
    _, (part_way, belt_way) = play_on(
        kind, dataclasses.replace(spec, belts={"infeed": belt}, scene=scene(supply=supply)), act
    )
    limit = friction * belt.friction * G
    assert belt_way == pytest.approx(v * v / (2.0 * acceleration), abs=1e-9)
    least, most = (v * v / (2.0 * min(acceleration, limit * (1.0 + side * SLIP[kind]))) for side in (1.0, -1.0))
    assert least - ABOUT[kind] <= part_way <= most + ABOUT[kind]


@both
def test_parts_accumulate_without_overlap_at_a_closed_end_and_go_on_when_it_opens(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[float]:
        world.belt("infeed").drive(0.25)
        await clock.sleep(60.0)
        return sorted(world.where(part)[0] + 0.9 for part in world.parts)

    world, places = play_on(kind, small(scene=scene(supply={"infeed": STEADY}, drains=())), act)
    assert len(places) > 10
    assert places[-1] == pytest.approx(1.2 - 0.03, abs=ABOUT[kind])
    assert all(b - a >= 0.06 - ABOUT[kind] for a, b in zip(places, places[1:], strict=False))
    assert world.audit().places == {"belt infeed": len(places)}


@both
def test_supply_waits_for_a_free_start_and_lays_as_soon_as_it_is_free(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[int]:
        counts = []
        await clock.sleep(30.0)
        counts.append(len(world.parts))
        world.belt("infeed").drive(0.25)
        await clock.sleep(0.125 / 2 + 0.065 / 0.25 - 1e-3)  # ramp of 0.125 s, then one part's length and 5 mm
        counts.append(len(world.parts))
        await clock.sleep(2e-3 + LATE[kind])
        counts.append(len(world.parts))
        return counts

    _, counts = play_on(kind, small(scene=scene(supply={"infeed": STEADY})), act)
    assert counts == [1, 1, 2]


@both
def test_a_part_that_waits_for_room_is_laid_when_there_is_room_though_nothing_else_happens_then(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> tuple[float, float]:
        await clock.sleep(5.0)
        world.belt("infeed").drive(0.25)
        await clock.sleep(2.0)
        return world.belt("infeed").travel(), world.where(world.parts[1])[0] + 0.9

    travel, place = play_on(kind, small(scene=scene(supply={"infeed": STEADY})), act)[1]
    # The first part is 60 mm long and the next one needs 5 mm more; it is then carried on from 30 mm.
    assert place == pytest.approx(0.03 + travel - 0.065, abs=2 * ABOUT[kind])


@both
def test_a_part_that_is_held_on_a_running_belt_keeps_the_others_back(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> float:
        belt = world.belt("infeed")
        belt.run_to(0.6)
        await clock.sleep(6.0)
        x, y, z = world.where(world.parts[0])
        await go(world, (x, y, 0.3), (x, y, z + 0.012))
        assert await grip(world, 0.0)
        at = world.where(world.parts[0])[0]
        belt.drive(0.25)
        await clock.sleep(2.0)
        assert world.where(world.parts[0])[0] == pytest.approx(at, abs=ABOUT[kind] / 2)
        # It comes to rest against the held part, or, if it is round and free to, slides past it.
        return math.dist(world.where(world.parts[1])[:2], world.where(world.parts[0])[:2])

    _, apart = play_on(kind, small(scene=scene(supply={"infeed": STEADY})), act)
    assert apart == pytest.approx(0.06, abs=ABOUT[kind])


@both
def test_parts_run_back_to_the_start_and_no_further(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[tuple[float, float, float]]:
        world.belt("infeed").drive(0.25)
        await clock.sleep(5.0)
        world.belt("infeed").drive(-0.25)
        await clock.sleep(8.0)
        backed = [world.where(part) for part in world.parts]
        world.belt("infeed").drive(0.25)
        await clock.sleep(1.0)
        assert all(world.where(part)[0] > was[0] for part, was in zip(world.parts, backed, strict=False))
        return backed

    supply = {"infeed": SupplySpec("cap", 2.0, 0.0)}
    world, places = play_on(kind, small(scene=scene(supply=supply)), act)
    assert min(x for x, _, _ in places) == pytest.approx(-0.87, abs=2 * ABOUT[kind])
    assert all(math.dist(a, b) >= 0.06 - ABOUT[kind] for a, b in itertools.combinations(places, 2))
    assert all(part.place == "belt infeed" for part in world.parts)


@both
def test_parts_leave_at_the_end_of_an_open_belt(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> None:
        world.belt("infeed").drive(0.25)
        await clock.sleep(20.0)

    world, _ = play_on(kind, small(scene=scene(supply={"infeed": STEADY})), act)
    gone = [part for part in world.parts if part.place == "gone"]
    # Laid at 2, 4, …; each has 1.2 − 0.03 m to its end at 0.25 m/s.
    assert len(gone) == sum(1 for k in range(1, 10) if 2.0 * k + 1.17 / 0.25 <= 20.0)
    assert all(part.was == "belt infeed" for part in gone)


@both
def test_a_jam_trips_the_overload_after_the_trip_time_and_backing_out_frees_it(kind: str) -> None:
    jam = MishapSpec("jam", at=3.0, target="infeed")

    async def act(world: HandlingWorld, clock: Clock) -> list[float]:
        belt = world.belt("infeed")
        belt.drive(0.25)
        await belt.overload.until(bool)
        times = [clock.now()]
        assert belt.speed() == 0.0
        belt.drive(0.25)  # still jammed
        assert not belt.overload.value
        await belt.overload.until(bool)
        times.append(clock.now())
        belt.drive(-0.25)
        await clock.sleep(2.0)
        assert belt.speed() == -0.25
        belt.drive(0.25)
        await clock.sleep(2.0)
        assert belt.speed() == 0.25
        return times

    _, times = play_on(kind, small(scene=scene(mishaps=(jam,))), act)
    assert times == [pytest.approx(3.5), pytest.approx(4.0)]


@both
def test_a_beam_that_is_blocked_or_blind_says_so_whatever_passes(kind: str) -> None:
    mishaps = (
        MishapSpec("block", at=1.0, target="at_stop", lasts=1.0),
        MishapSpec("blind", at=3.0, target="other"),
    )
    spec = small(scene=scene(supply={"infeed": STEADY}, mishaps=mishaps))
    spec = dataclasses.replace(spec, beams={**spec.beams, "other": BeamSpec("infeed", 0.6)})

    async def act(world: HandlingWorld, clock: Clock) -> tuple[list[float], list[float]]:
        seen: tuple[list[float], list[float]] = ([], [])
        world.beam("at_stop").blocked.subscribe(lambda s: seen[0].append(clock.now()))
        world.beam("other").blocked.subscribe(lambda s: seen[1].append(clock.now()))
        world.belt("infeed").drive(0.25)
        await clock.sleep(8.0)
        return seen

    _, (stop, other) = play_on(kind, spec, act)
    assert stop[:2] == [1.0, 2.0]
    assert len(stop) > 2
    assert other == []
