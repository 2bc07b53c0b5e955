"""Belts, beams and queues of the kinematic world against closed forms."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.world.kinematic import KinematicWorld
from robocell.world.spec import BeamSpec, MishapSpec, SupplySpec
from tests.world.small import CAP, play, scene, small

STEADY = SupplySpec("cap", 2.0, 0.0)
G = 9.81


def test_a_beam_sees_leading_and_trailing_edge_when_geometry_says() -> None:
    async def act(world: KinematicWorld, clock: Clock) -> list[tuple[float, bool]]:
        edges: list[tuple[float, bool]] = []
        world.beam("at_stop").blocked.subscribe(lambda s: edges.append((clock.now(), s.value)))
        world.belt("infeed").drive(0.25)
        await clock.sleep(9.0)
        return edges

    _, edges = play(small(scene=scene(supply={"infeed": STEADY})), act)
    # Laid with its rear at the start at 2 s; its leading edge then has 0.9 − 0.06 m to go at 0.25 m/s.
    first = 2.0 + (0.9 - 0.06) / 0.25
    assert [blocked for _, blocked in edges[:4]] == [True, False, True, False]
    assert [time for time, _ in edges[:4]] == pytest.approx([first, first + 0.24, first + 2.0, first + 2.24], abs=1e-6)


@given(st.floats(-3.1, 3.1))
@settings(max_examples=25, deadline=None)
def test_a_turned_box_blocks_a_beam_for_its_extent_along_the_belt(yaw: float) -> None:
    async def act(world: KinematicWorld, clock: Clock) -> float:
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

    world, length = play(small(), act)
    assert length == pytest.approx(2.0 * world.spec.products["block"].shape.half_along(yaw), abs=1e-6)


@given(st.floats(0.02, 0.8), st.floats(0.5, 8.0), st.floats(0.05, 0.5))
@settings(max_examples=40, deadline=None)
def test_a_part_slips_on_a_stop_only_where_friction_is_too_low_and_then_by_closed_form(
    friction: float, acceleration: float, v: float
) -> None:
    spec = small(products={"cap": dataclasses.replace(CAP, friction=friction)})
    belt = dataclasses.replace(spec.belts["infeed"], acceleration=acceleration, speed=v, length=5.0)

    async def act(world: KinematicWorld, clock: Clock) -> tuple[float, float]:
        world.belt("infeed").drive(v)
        await clock.sleep(4.0)
        part = world.parts[0]
        x, travel = world.where(part)[0], world.belt("infeed").travel()
        world.belt("infeed").drive(0.0)
        await clock.sleep(10.0)
        return world.where(part)[0] - x, world.belt("infeed").travel() - travel

    supply = {"infeed": SupplySpec("cap", 100.0, 0.0, first=1.0)}
    _, (part_way, belt_way) = play(dataclasses.replace(spec, belts={"infeed": belt}, scene=scene(supply=supply)), act)
    limit = friction * belt.friction * G
    assert belt_way == pytest.approx(v * v / (2.0 * acceleration), abs=1e-9)
    assert part_way == pytest.approx(v * v / (2.0 * min(acceleration, limit)), abs=1e-9)


def test_parts_accumulate_without_overlap_at_a_closed_end_and_go_on_when_it_opens() -> None:
    async def act(world: KinematicWorld, clock: Clock) -> list[float]:
        world.belt("infeed").drive(0.25)
        await clock.sleep(60.0)
        return sorted(world.where(part)[0] + 0.9 for part in world.parts)

    world, places = play(small(scene=scene(supply={"infeed": STEADY}, drains=())), act)
    assert len(places) > 10
    assert places[-1] == pytest.approx(1.2 - 0.03, abs=1e-6)
    assert all(b - a >= 0.06 - 1e-6 for a, b in zip(places, places[1:], strict=False))
    assert world.audit().places == {"belt infeed": len(places)}


def test_supply_waits_for_a_free_start_and_lays_as_soon_as_it_is_free() -> None:
    async def act(world: KinematicWorld, clock: Clock) -> list[int]:
        counts = []
        await clock.sleep(30.0)
        counts.append(len(world.parts))
        world.belt("infeed").drive(0.25)
        await clock.sleep(0.125 / 2 + 0.065 / 0.25 - 1e-3)  # ramp of 0.125 s, then one part's length and 5 mm
        counts.append(len(world.parts))
        await clock.sleep(2e-3)
        counts.append(len(world.parts))
        return counts

    _, counts = play(small(scene=scene(supply={"infeed": STEADY})), act)
    assert counts == [1, 1, 2]


def test_a_part_that_is_held_on_a_running_belt_keeps_the_others_back() -> None:
    async def act(world: KinematicWorld, clock: Clock) -> tuple[float, float]:
        world.belt("infeed").drive(0.25)
        await clock.sleep(4.0)
        first = world.parts[0]
        pose = world.pose_of(first)
        from robocell.world.fingers import TwoFingers

        handle = world.grips["gripper"]
        assert isinstance(handle, TwoFingers)
        world.traffic["infeed"].hold(first.number, pose)
        at = world.where(first)[0]
        await clock.sleep(6.0)
        assert world.where(first)[0] == pytest.approx(at, abs=1e-12)
        return at, world.where(world.parts[1])[0]

    _, (front, behind) = play(small(scene=scene(supply={"infeed": STEADY})), act)
    assert front - behind == pytest.approx(0.06, abs=1e-9)


def test_parts_run_back_to_the_start_and_no_further() -> None:
    async def act(world: KinematicWorld, clock: Clock) -> list[float]:
        world.belt("infeed").drive(0.25)
        await clock.sleep(5.0)
        world.belt("infeed").drive(-0.25)
        await clock.sleep(8.0)
        backed = sorted(world.where(part)[0] + 0.9 for part in world.parts)
        world.belt("infeed").drive(0.25)
        await clock.sleep(1.0)
        again = sorted(world.where(part)[0] + 0.9 for part in world.parts)
        assert all(b > a for a, b in zip(backed, again, strict=False))
        return backed

    supply = {"infeed": SupplySpec("cap", 2.0, 0.0)}
    _, places = play(small(scene=scene(supply=supply)), act)
    assert places[0] == pytest.approx(0.03, abs=1e-6)
    assert places[1] - places[0] >= 0.06 - 1e-9


def test_parts_leave_at_the_end_of_an_open_belt() -> None:
    async def act(world: KinematicWorld, clock: Clock) -> None:
        world.belt("infeed").drive(0.25)
        await clock.sleep(20.0)

    world, _ = play(small(scene=scene(supply={"infeed": STEADY})), act)
    gone = [part for part in world.parts if part.place == "gone"]
    # Laid at 2, 4, …; each has 1.2 − 0.03 m to its end at 0.25 m/s.
    assert len(gone) == sum(1 for k in range(1, 10) if 2.0 * k + 1.17 / 0.25 <= 20.0)
    assert all(part.was == "belt infeed" for part in gone)


def test_a_jam_trips_the_overload_after_the_trip_time_and_backing_out_frees_it() -> None:
    jam = MishapSpec("jam", at=3.0, target="infeed")

    async def act(world: KinematicWorld, clock: Clock) -> list[float]:
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

    _, times = play(small(scene=scene(mishaps=(jam,))), act)
    assert times == [pytest.approx(3.5), pytest.approx(4.0)]


def test_a_beam_that_is_blocked_or_blind_says_so_whatever_passes() -> None:
    mishaps = (
        MishapSpec("block", at=1.0, target="at_stop", lasts=1.0),
        MishapSpec("blind", at=3.0, target="other"),
    )
    spec = small(scene=scene(supply={"infeed": STEADY}, mishaps=mishaps))
    spec = dataclasses.replace(spec, beams={**spec.beams, "other": BeamSpec("infeed", 0.6)})

    async def act(world: KinematicWorld, clock: Clock) -> tuple[list[float], list[float]]:
        seen: tuple[list[float], list[float]] = ([], [])
        world.beam("at_stop").blocked.subscribe(lambda s: seen[0].append(clock.now()))
        world.beam("other").blocked.subscribe(lambda s: seen[1].append(clock.now()))
        world.belt("infeed").drive(0.25)
        await clock.sleep(8.0)
        return seen

    _, (stop, other) = play(spec, act)
    assert stop[:2] == [1.0, 2.0]
    assert len(stop) > 2
    assert other == []
