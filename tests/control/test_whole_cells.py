"""The shipped cells, run whole: what the record says is what is true."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from robocell.assembly import RunOptions, WorldKind, simulate
from robocell.config.prepare import Prepared, prepare
from robocell.control.workpiece import Workpiece
from robocell.estimate import estimate
from tests.control.playing import CELLS, Played, play

KINEMATIC = RunOptions(world="kinematic")


@pytest.fixture(scope="module")
def sorting() -> Prepared:
    return prepare(CELLS / "cap-sorting.yaml")


@pytest.fixture(scope="module")
def tended() -> Prepared:
    return prepare(CELLS / "tended-machine.yaml")


@pytest.mark.parametrize("seed", range(3))
def test_with_true_verdicts_exactly_the_defective_caps_are_rejected(sorting: Prepared, seed: int) -> None:
    played = play(sorting, 24, options=dataclasses.replace(KINEMATIC, seed=seed))
    planted = [part.number for part in played.audit.parts if part.defects][:]
    rejected = [event.data["workpiece"] for event in played.of("finished") if event.data["became"] == "rejected"]
    assert rejected == [number for number in planted if number <= 24]
    assert played.result.parts.good == 24 - len(rejected)
    assert played.audit.places["station good"] == played.result.parts.good
    assert played.audit.places.get("station reject", 0) == len(rejected)


def test_a_full_tray_suspends_until_a_person_exchanged_it_and_that_is_a_service(sorting: Prepared) -> None:
    played = play(sorting, 40)
    result = played.result
    assert (result.ended, result.services, result.interventions) == ("complete", 1, 0)
    assert result.faults == {"good.full": 1}
    suspended = [event for event in played.of("state") if event.data["state"] == "Suspended"]
    assert len(suspended) == 1
    assert "good.full" in next(e.data["cause"] for e in played.of("state") if e.data["state"] == "Suspending")
    assert [event.data["text"] for event in played.of("request")] == ["exchange good", ""]
    assert result.states["Suspended"] == pytest.approx(900.0, abs=20.0)


def test_two_arms_overlap_around_one_machine_and_never_enter_it_together(tended: Prepared) -> None:
    played = play(tended, 12)
    assert played.result.parts.good == 12
    fetched = {e.data["workpiece"]: e.t for e in played.of("op.end") if e.data["label"] == "fetch"}
    processed = {e.data["workpiece"]: e.t for e in played.of("op.end") if e.data["verb"] == "process"}
    assert all(fetched[number] < processed[number - 1] for number in range(2, 12))
    inside: dict[int, str] = {}
    for event in played.of("grant", "release"):
        if "at_mill" in event.data["resources"]:
            number = event.data["workpiece"]
            if event.kind == "grant":
                assert not inside, f"{number} and {inside} at {event.t}"
                inside[number] = "in"
            else:
                del inside[number]


def test_the_tended_machine_comes_within_five_percent_of_its_bound(tended: Prepared) -> None:
    bound = estimate(tended)
    assert bound.bottleneck == "vise"
    assert bound.bound_per_h is not None
    result = play(tended, 50).result
    assert result.throughput_per_h is not None
    assert 0.95 * bound.bound_per_h <= result.throughput_per_h <= 1.001 * bound.bound_per_h


@pytest.mark.parametrize("name", ["cap-sorting", "tended-machine"])
def test_no_cell_is_quicker_than_its_bound(name: str) -> None:
    prepared = prepare(CELLS / f"{name}.yaml")
    bound = estimate(prepared).bound_per_h
    (belt,) = prepared.scene.supply if prepared.scene is not None else ("",)
    product = next(iter(prepared.cell.products))
    crowd = {"supply": {belt: {"product": product, "every": {"mean": "300 ms"}, "first": "0 s"}}}
    result = play(prepared, 24, scene=crowd).result
    assert result.throughput_per_h is not None
    assert bound is not None
    assert result.throughput_per_h <= 1.001 * bound


def test_every_operation_of_every_workpiece_begins_and_ends_once_and_in_order(tended: Prepared) -> None:
    played = play(tended, 6)
    for number in range(1, 7):
        steps = [(e.kind, e.data["step"]) for e in played.of("op.begin", "op.end") if e.data["workpiece"] == number]
        assert steps == [(kind, step) for step in range(7) for kind in ("op.begin", "op.end")]


def test_the_energy_of_a_run_is_what_the_meter_counted(sorting: Prepared) -> None:
    played = play(sorting, 5)
    joules = [event.data["joules"] for event in played.of("energy")]
    assert joules == sorted(joules)
    assert played.result.energy_wh is not None
    assert played.result.energy_wh == pytest.approx(joules[-1] / 3600.0, rel=1e-6)
    assert played.result.energy_wh > 0.5


def test_idle_devices_sleep_and_the_cell_then_draws_less(sorting: Prepared) -> None:
    late = {"supply": {"infeed": {"product": "cap", "every": {"mean": "1 h"}, "first": "1 s"}}}
    cell = sorting.cell
    assert cell.energy is not None
    awake = dataclasses.replace(
        sorting, cell=cell.model_copy(update={"energy": cell.energy.model_copy(update={"idle": None})})
    )
    asleep, up = play(sorting, 2, scene=late).result, play(awake, 2, scene=late).result
    assert asleep.parts == up.parts
    assert asleep.energy_wh is not None
    assert up.energy_wh is not None
    assert asleep.energy_wh < up.energy_wh


# --- options ----------------------------------------------------------------------------------------------------------


def test_a_dry_run_moves_the_arms_and_touches_no_part(sorting: Prepared) -> None:
    played = play(sorting, 4, options=dataclasses.replace(KINEMATIC, dry_run=True))
    assert played.result.ended == "complete"
    assert {event.data["mode"] for event in played.of("state")} == {"Maintenance"}
    assert not played.audit.parts
    commands = {(event.data["device"], event.data["command"]) for event in played.of("command")}
    assert commands == {("arm", "execute")}
    reached = {event.data["place"].partition("/")[0] for event in played.of("command")}
    assert {"pick_stop", "good", "reject"} <= reached


def test_a_speed_override_slows_the_arms_only(sorting: Prepared) -> None:
    slow = play(sorting, 3, options=dataclasses.replace(KINEMATIC, speed=0.25))
    fast = play(sorting, 3)

    def moving(played: Played) -> float:
        begun = {e.data["id"]: e.t for e in played.of("command") if e.data["command"] == "execute"}
        took = [e.t - begun[e.data["id"]] for e in played.of("result") if e.data["id"] in begun]
        return float(sum(took))

    assert moving(slow) == pytest.approx(4.0 * moving(fast), rel=0.02)


def test_a_hook_is_called_before_each_operation_and_can_hold_it_up(sorting: Prepared) -> None:
    called: list[tuple[int, str]] = []

    async def before(workpiece: Workpiece) -> None:
        called.append((workpiece.number, workpiece.step.verb))

    played = play(sorting, 2, options=dataclasses.replace(KINEMATIC, before_step=before))
    begun = [(e.data["workpiece"], e.data["verb"]) for e in played.of("op.begin") if e.data["verb"] != "arrive"]
    assert called == begun


def test_nobody_who_comes_means_the_run_ends_held_and_says_what_waits(sorting: Prepared) -> None:
    played = play(
        sorting,
        10,
        [{"at": "10 s", "miss": "gripper", "times": 99}],
        scene={"operator": {"start": "1 s", "respond": None}},
    )
    assert played.result.ended == "held"
    assert "workpiece" in played.result.reason
    assert played.result.parts.in_process == 1


@pytest.mark.parametrize("world", ["kinematic", pytest.param("bullet", marks=pytest.mark.bullet)])
def test_an_arm_goes_round_a_wall_between_its_stations(tmp_path: Path, world: WorldKind) -> None:
    if world == "bullet":
        pytest.importorskip("pybullet")
    text = (CELLS / "cap-sorting.yaml").read_text(encoding="utf-8")
    wall = "  wall: {box: [120, 120, 320], pose: {xyz: [-280, -280, 60]}}\n  bench: {box"
    path = tmp_path / "walled.yaml"
    path.write_text(text.replace("  bench: {box", wall), encoding="utf-8")
    prepared = prepare(path)
    assert prepared.loaded.warnings == ()
    assert prepared.scene is not None
    assert prepared.scene.defects is not None
    scene = prepared.scene.model_copy(update={"defects": prepared.scene.defects.model_copy(update={"share": 0.6})})
    result = simulate(prepared, RunOptions(parts=8, world=world, scene=scene, inspect="truth")).result
    assert result.ended == "complete"
    assert result.parts.good > 0
    assert result.parts.rejected > 0
    assert result.faults == {}
