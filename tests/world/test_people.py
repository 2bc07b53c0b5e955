"""The operator, the scene's mishaps, the machine, energy: whole small worlds in virtual time."""

from __future__ import annotations

import dataclasses
import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.world.energy import Load, Supply
from robocell.world.handling import HandlingWorld
from robocell.world.kinematic import KinematicWorld
from robocell.world.shapes import parts_meet
from robocell.world.spec import MishapSpec, OperatorSpec, SupplySpec
from tests.world.small import both, go, grip, play_on, put, scene, small

PERSON = OperatorSpec(1.0, 10.0)


def trace(world: HandlingWorld, clock: Clock) -> list[tuple[float, str, object]]:
    """Record every change of every signal that a device could see."""
    log: list[tuple[float, str, object]] = []
    handles = [*world.belts.values(), *world.beams.values(), *world.arms.values(), *world.grips.values()]
    handles += [*world.machines.values(), *world.relays.values()]
    signals = [
        value
        for handle in handles
        for key in sorted(vars(handle))
        if hasattr(value := getattr(handle, key), "subscribe")
    ]
    signals += [signal for panel in world.panels.values() for signal in panel.inputs.values()]
    for signal in signals:
        signal.subscribe(lambda s: log.append((clock.now(), s.name, s.value)))
    return log


@both
def test_the_operator_presses_reset_at_the_start_and_nobody_does_without_one(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[tuple[float, str, object]]:
        log = trace(world, clock)
        await clock.sleep(5.0)
        return log

    _, log = play_on(kind, small(scene=scene(operator=PERSON)), act)
    assert log == [(1.0, "panel.reset", True), (pytest.approx(1.2), "panel.reset", False)]
    assert play_on(kind, small(), act)[1] == []


@both
def test_an_exchange_takes_the_parts_away_behind_an_open_door(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[tuple[str, object]]:
        put(world, 0.3, -0.2, 0.02)
        put(world, 0.39, -0.2, 0.02)
        put(world, 0.6, 0.6, 0.3)
        await clock.sleep(2.0)
        log = trace(world, clock)
        world.panel("panel").ask("exchange tray")
        await clock.sleep(9.9)
        assert log == []
        await clock.sleep(30.0)
        assert not world.parts_at("tray")
        return [(name, value) for _, name, value in log]

    world, log = play_on(kind, small(scene=scene(operator=PERSON)), act)
    relay = ["guard.door_closed", "guard.channel_a", "guard.channel_b"]
    first = [*((name, False) for name in relay), *((name, True) for name in relay)]
    first += [
        ("panel.tray_changed", True),
        ("panel.tray_changed", False),
        ("panel.reset", True),
        ("panel.reset", False),
    ]
    assert log[: len(first)] == first
    assert [part.place for part in world.parts] == ["gone", "gone", "station vise"]
    assert [part.was for part in world.parts[:2]] == ["station tray"] * 2


@both
def test_a_request_that_is_withdrawn_in_time_is_not_answered(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[object]:
        log = trace(world, clock)
        world.panel("panel").ask("exchange tray")
        await clock.sleep(5.0)
        world.panel("panel").ask("")
        await clock.sleep(60.0)
        return [name for _, name, _ in log]

    _, names = play_on(kind, small(scene=scene(operator=PERSON)), act)
    assert names == ["panel.reset", "panel.reset"]


@both
def test_an_alarm_is_mended_and_the_cell_started_again(kind: str) -> None:
    mishaps = (
        MishapSpec("jam", at=0.5, target="infeed"),
        MishapSpec("fail", at=0.5, target="mill"),
        MishapSpec("blind", at=0.5, target="at_stop"),
        MishapSpec("open", at=0.5, target="guard.estop_released"),
        MishapSpec("lose", at=0.5, target="gripper"),
        MishapSpec("collide", at=0.5, target="arm"),
    )

    async def act(world: HandlingWorld, clock: Clock) -> list[str]:
        put(world, -1.5, 0.5, 0.0)
        await go(world, (0.3, -0.2, 0.3), (0.0, 0.0, 0.3))
        world.belt("infeed").drive(0.25)
        await clock.sleep(3.0)
        assert world.arm("arm").contact.value
        assert world.machine("mill").alarm.value
        assert world.belt("infeed").overload.value
        assert not world.relay("guard").channel_a.value
        assert not world.answers("gripper").value
        log = trace(world, clock)
        world.panel("panel").ask("alarm jam-on-infeed")
        await clock.sleep(15.0)
        world.panel("panel").ask("")
        await clock.sleep(60.0)
        return [name for _, name, value in log if value is True and name.startswith("panel")]

    world, pressed = play_on(kind, small(scene=scene(operator=PERSON, mishaps=mishaps)), act)
    assert pressed == ["panel.reset", "panel.start"]
    assert not world.arm("arm").contact.value
    assert not world.machine("mill").alarm.value
    assert not world.belt("infeed").jammed
    assert world.relay("guard").channel_a.value
    assert world.answers("gripper").value
    assert world.parts[0].place == "gone"


@both
def test_cells_without_relay_or_panel_work(kind: str) -> None:
    spec = small(relays={}, panels={}, relay=None, reset=None, start=None, scene=scene(operator=PERSON))

    async def act(world: HandlingWorld, clock: Clock) -> float:
        await clock.sleep(5.0)
        return clock.now()

    assert play_on(kind, spec, act)[1] == 5.0


@both
def test_a_part_is_shifted_and_removed_as_soon_as_it_rests_at_the_station(kind: str) -> None:
    mishaps = (
        MishapSpec("shift", at=0.0, target="pick_stop", by=(0.0, 0.015, 0.0)),
        MishapSpec("remove", at=0.0, part=2, target="pick_stop"),
    )

    async def act(world: HandlingWorld, clock: Clock) -> float:
        belt, beam = world.belt("infeed"), world.beam("at_stop").blocked
        for _ in range(2):
            belt.drive(0.25)
            await beam.edge(bool)
            belt.run_to(belt.travel() + 0.03)
            await belt.resting.until(bool)
            if world.parts[0].place != "gone":
                offset = world.where(world.parts[0])[1] + 0.45
        await clock.sleep(0.1)
        return offset

    supply = {"infeed": SupplySpec("cap", 2.0, 0.0)}
    world, offset = play_on(kind, small(scene=scene(supply=supply, mishaps=mishaps)), act)
    assert offset == pytest.approx(0.015, abs=1e-4)
    assert world.parts[1].place == "gone"


@both
def test_a_machine_needs_door_clamp_and_part(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> list[float]:
        mill = world.machine("mill")
        mill.clamp(True)
        await clock.sleep(2.0)
        assert not mill.clamped.value  # nothing in the vise: no pressure
        mill.clamp(False)
        part = put(world, 0.6, 0.6, 0.3)
        mill.clamp(True)
        mill.door(False)
        began = clock.now()
        await mill.door_closed.until(bool)
        times = [clock.now() - began]
        assert mill.clamped.value
        assert not world.rests(part)
        mill.start(12, 8.0)
        began = clock.now()
        await mill.running.until(lambda running: not running)
        times.append(clock.now() - began)
        assert mill.succeeded.value
        assert part.processed == (12,)
        mill.door(True)
        await clock.sleep(0.5)
        mill.door(False)  # turns round a third of the way
        began = clock.now()
        await mill.door_closed.until(bool)
        times.append(clock.now() - began)
        mill.door(True)
        await mill.door_open.until(bool)
        mill.start(12, 8.0)
        assert mill.alarm.value
        return times

    _, times = play_on(kind, small(), act)
    assert times == [pytest.approx(1.5), pytest.approx(8.0), pytest.approx(0.5)]


@given(st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(0, 2), st.booleans()), max_size=20))
def test_energy_is_the_integral_of_power(switches: list[tuple[float, int, bool]]) -> None:
    supply = Supply()
    loads = [Load(supply, idle, active) for idle, active in ((10.0, 60.0), (90.0, 250.0), (0.0, 5.0))]
    now = expected = 0.0
    for wait, which, at_work in switches:
        expected += wait * sum(load.watts for load in loads)
        now += wait
        loads[which].work(at_work, now)
        assert supply.watts == pytest.approx(sum(load.watts for load in loads))
    assert supply.energy(now) == pytest.approx(expected)


@both
def test_the_meter_counts_what_belt_arm_and_machine_take(kind: str) -> None:
    async def act(world: HandlingWorld, clock: Clock) -> tuple[float, float]:
        meter = world.meter("meter")
        idle = meter.power()
        world.belt("infeed").drive(0.25)
        assert meter.power() == pytest.approx(idle + 50.0)
        await clock.sleep(10.0)
        world.belt("infeed").drive(0.0)
        await clock.sleep(10.0)
        return idle, meter.energy()

    _, (idle, energy) = play_on(kind, small(), act)
    assert energy == pytest.approx(20.0 * idle + 50.0 * (10.0 + 0.25 / 2.0))


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["run", "back", "stop", "to", "pick", "tray", "bin", "air", "ask", "jam", "free", "halt"]),
        st.floats(0.05, 3.0),
    ),
    min_size=1,
    max_size=25,
)


async def obey(world: HandlingWorld, clock: Clock, actions: list[tuple[str, float]]) -> None:
    belt = world.belt("infeed")
    for action, wait in actions:
        if action in ("run", "back", "stop"):
            belt.drive({"run": 0.3, "back": -0.3, "stop": 0.0}[action])
        elif action == "to":
            belt.run_to(belt.travel() + 0.1 * wait)
        elif action == "pick":
            riding = world.parts_in("belt infeed")
            if riding:
                x, y, z = world.where(riding[0])
                await go(world, (x, y, 0.3), (x, y, z + 0.012))
                await grip(world, 0.0)
        elif action in ("tray", "bin", "air"):
            target = {"tray": (0.3, -0.2), "bin": (-0.4, 0.2), "air": (1.0, 1.0)}[action]
            await go(world, (*target, 0.3), (*target, 0.1))
            await grip(world, 0.085)
        elif action == "ask":
            world.panel("panel").ask("exchange tray" if wait > 1.5 else "")
        elif action == "jam":
            belt.jam()
        elif action == "free":
            belt.free()
        else:
            world.arm("arm").halt()
        await clock.sleep(wait)
        check(world)


def check(world: HandlingWorld) -> None:
    """Every part is in exactly one place, where its pose says, and parts do not overlap."""
    assert sum(world.audit().places.values()) == len(world.parts)
    for part in world.parts:
        assert (part.number in world.live) == (part.place != "gone")
        assert (part.number in world.gripped) == part.place.startswith("grip ")
        if isinstance(world, KinematicWorld):
            hands = [part.number in world.gripped, part.place == "belt infeed", part.number in world.lying]
            assert sum(hands) == (part.place != "gone"), part
        elif part.place != "gone" and world.rests(part):
            assert world.seats.under(*world.where(part)).place == part.place
    if isinstance(world, KinematicWorld):
        along = sorted(world.where(part)[0] for part in world.parts_in("belt infeed"))
        assert all(b - a >= 0.06 - 1e-6 for a, b in itertools.pairwise(along)), along
    else:
        riding = [(part, world.pose_of(part)) for part in world.parts_in("belt infeed")]
        for (a, at), (b, other) in itertools.combinations(riding, 2):
            shapes = [world.spec.products[part.product].shape for part in (a, b)]
            if min(at[2, 2], other[2, 2]) > 0.999:
                assert not parts_meet(shapes[0], at, shapes[1], other, 3e-3), (a, b)


@both
@given(ACTIONS, st.integers(0, 3), st.sampled_from([0.6, 0.05]))
@settings(max_examples=60)
def test_parts_are_conserved_and_never_overlap_whatever_is_commanded(
    kind: str, actions: list[tuple[str, float]], seed: int, friction: float
) -> None:
    supply = {"infeed": SupplySpec("cap", 1.5, 0.5)}
    slippery = MishapSpec("friction", at=4.0, value=friction)
    spec = small(scene=scene(supply=supply, operator=OperatorSpec(1.0, 2.0), mishaps=(slippery,)))
    play_on(kind, spec, lambda world, clock: obey(world, clock, actions), seed)


@both
@given(ACTIONS, st.integers(0, 3))
@settings(max_examples=10)
def test_the_same_seed_and_commands_give_the_same_trace(kind: str, actions: list[tuple[str, float]], seed: int) -> None:
    supply = {"infeed": SupplySpec("cap", 1.5, 0.5)}

    async def act(world: HandlingWorld, clock: Clock) -> list[tuple[float, str, object]]:
        log = trace(world, clock)
        await obey(world, clock, actions)
        return log

    spec = small(scene=scene(supply=supply, operator=OperatorSpec(1.0, 2.0)))
    first, again = play_on(kind, spec, act, seed), play_on(kind, spec, act, seed)
    assert first[1] == again[1]
    assert [dataclasses.astuple(part) for part in first[0].parts] == [
        dataclasses.astuple(part) for part in again[0].parts
    ]
