"""The two worlds agree: on what beams see, on where parts come to rest, and on a whole cell's operations."""

from __future__ import annotations

import pytest

from robocell.assembly import RunOptions, WorldKind, simulate
from robocell.clock import Clock
from robocell.config.prepare import prepare
from robocell.journal import Event
from robocell.world.handling import HandlingWorld
from robocell.world.spec import SupplySpec
from tests.world.small import NEEDS_BULLET, play_on, scene, small

pytestmark = list(NEEDS_BULLET)
CELLS = ("cap-sorting", "tended-machine")


def test_beams_and_resting_places_agree_within_a_step() -> None:
    async def act(world: HandlingWorld, clock: Clock) -> tuple[list[float], list[float]]:
        belt, beam = world.belt("infeed"), world.beam("at_stop").blocked
        edges: list[float] = []
        rests: list[float] = []
        beam.subscribe(lambda _: edges.append(clock.now()))
        for _ in range(6):
            belt.drive(0.25)
            await beam.edge(bool)
            at = belt.travel() + 0.03
            belt.run_to(at)
            await belt.resting.until(bool)
            await clock.sleep(0.5)
            rests.append(world.where(world.parts_at("pick_stop")[0])[0])
        return edges, rests

    spec = small(scene=scene(supply={"infeed": SupplySpec("cap", 1.5, 0.3)}))
    found = [play_on(kind, spec, act, seed=5)[1] for kind in ("kinematic", "bullet")]
    (edges, rests), (other_edges, other_rests) = found
    assert len(edges) == len(other_edges) >= 11
    # each stop begins a step late at most, so that delays add up over the stops
    assert max(abs(a - b) for a, b in zip(edges, other_edges, strict=True)) < 6 / 240
    assert max(abs(a - b) for a, b in zip(rests, other_rests, strict=True)) < 0.25 / 240 + 2e-4


@pytest.mark.parametrize("cell", CELLS)
def test_a_cell_does_the_same_operations_in_the_same_order_and_time(cell: str, request: pytest.FixtureRequest) -> None:
    prepared = prepare(request.config.rootpath / "cells" / f"{cell}.yaml")

    def run(world: WorldKind) -> tuple[float, dict[int, list[str]]]:
        events: list[Event] = []
        options = RunOptions(parts=8, seed=3, world=world, inspect="truth", on_event=[events.append])
        outcome = simulate(prepared, options)
        assert outcome.result.ended == "complete"
        done: dict[int, list[str]] = {}
        for event in events:
            if event.kind == "op.end":
                step = f"{event.data['label']} {event.data['outcome']}"
                done.setdefault(event.data["workpiece"], []).append(step)
        mean = outcome.result.cycle_time_s.mean
        assert mean is not None
        return mean, done

    kinematic, bullet = run("kinematic"), run("bullet")
    assert bullet[0] == pytest.approx(kinematic[0], rel=0.01)
    assert bullet[1] == kinematic[1]
