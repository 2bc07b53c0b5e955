"""Recovery as data: every action of the language, in whole cells."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from robocell.config.prepare import Prepared, prepare
from tests.control.playing import Played, edited, play

MISSES = {"at": "10 s", "miss": "gripper", "times": 99}
BLIND = {"at": "10 s", "blind": "camera", "for": "15 s"}


def with_faults(tmp_path: Path, faults: dict[str, Any], cell: str = "cap-sorting") -> Prepared:
    return prepare(edited(tmp_path, cell, lambda data: data["faults"].update(faults)))


def actions(played: Played) -> list[str]:
    return [event.data["action"] for event in played.of("recovery")]


def test_actions_are_tried_in_order_one_an_occurrence_then_then_applies(tmp_path: Path) -> None:
    policy = {"try": ["retry", "open", "retry"], "then": [{"alarm": "no-grip"}, "stop"]}
    played = play(with_faults(tmp_path, {"pick.missed": policy}), 10, [MISSES])
    assert actions(played) == ["retry", "open", "retry", "alarm", "stop"]
    assert [event.data["attempt"] for event in played.of("recovery")] == [1, 2, 3, 4, 4]
    assert played.result.ended == "stopped"
    assert played.result.alarms["no-grip"] == 1


def test_abort_ends_the_run_at_once(tmp_path: Path) -> None:
    played = play(with_faults(tmp_path, {"pick.missed": {"then": "abort"}}), 10, [MISSES])
    assert played.result.ended == "aborted"
    assert [event.data["state"] for event in played.of("state")][-1] in ("Aborting", "Aborted")


def test_reject_after_an_inspection_goes_on_with_the_failed_branch(tmp_path: Path) -> None:
    played = play(with_faults(tmp_path, {"inspect.inconclusive": {"then": {"reject": "not-seen"}}}), 10, [BLIND])
    assert played.result.ended == "complete"
    reasons = [e.data["reason"] for e in played.of("finished") if e.data["became"] == "rejected"]
    assert "not-seen" in reasons
    assert played.audit.places["station reject"] == played.result.parts.rejected


def test_reject_of_a_full_station_takes_the_other_branch(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["stations"]["good"]["grid"] = "2 x 1"
        data["faults"]["good.full"] = {"then": {"reject": "tray-full"}}

    played = play(prepare(edited(tmp_path, "cap-sorting", edit)), 8)
    parts = played.result.parts
    assert played.result.ended == "complete"
    assert (parts.good, parts.good + parts.rejected) == (2, 8)
    assert played.audit.places == {**played.audit.places, "station good": 2, "station reject": 6}


def test_reject_to_a_station_brings_the_part_there_and_ends_its_route(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["stations"]["scrap"] = {"bin": 20, "pose": {"xyz": [-400, 300, 100]}}
        data["stations"]["good"]["grid"] = "3 x 1"
        data["route"] = [*data["route"][:3], {"place": {"to": "good"}, "name": "lay"}]
        data["faults"] = {
            "inspect.inconclusive": data["faults"]["inspect.inconclusive"],
            "lay.full": {"then": {"reject": {"to": "scrap", "reason": "no-room"}}},
            "scrap.full": {"then": "hold"},
        }
        data["faults"]["inspect.inconclusive"] = {"then": "hold"}

    played = play(prepare(edited(tmp_path, "cap-sorting", edit)), 6)
    assert played.result.ended == "complete"
    assert played.audit.places["station scrap"] == 3
    reasons = [e.data["reason"] for e in played.of("finished") if e.data["became"] == "rejected"]
    assert reasons.count("no-room") >= 3


def test_relocate_finds_a_part_that_was_pushed_after_its_inspection(tmp_path: Path) -> None:
    """The push comes with the fault it causes: the gripper misses, and the camera finds the part anew."""
    played = play(
        with_faults(tmp_path, {"pick.missed": {"try": [{"relocate": "camera"}], "then": "hold"}}),
        6,
        [{"at": "10 s", "miss": "gripper", "times": 1}],
    )
    assert actions(played) == ["relocate"]
    assert played.result.ended == "complete"
    located = [e for e in played.of("command") if e.data["command"] == "locate"]
    assert len(located) == 1
    assert played.result.interventions == 0


def test_a_fault_with_after_is_one_only_if_it_lasts(tmp_path: Path) -> None:
    policy = {"after": "2 s", "then": "stop"}
    once = play(with_faults(tmp_path, {"pick.missed": policy}), 4, [{"at": "10 s", "miss": "gripper", "times": 1}])
    assert once.result.ended == "complete"
    ever = play(with_faults(tmp_path, {"pick.missed": policy}), 4, [MISSES])
    assert ever.result.ended == "stopped"


def test_a_fault_that_the_file_does_not_name_holds_with_an_alarm(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        del data["faults"]["pick.missed"]

    played = play(prepare(edited(tmp_path, "cap-sorting", edit)), 6, [{"at": "10 s", "miss": "gripper", "times": 1}])
    assert played.result.ended == "complete"
    assert played.result.interventions == 1
    assert played.result.alarms == {"pick_stop.missed": 1}


@pytest.mark.parametrize("times", [1, 3, 9])
def test_a_person_is_asked_a_bounded_number_of_times(tmp_path: Path, times: int) -> None:
    played = play(
        with_faults(tmp_path, {"pick.missed": {"then": "hold"}}),
        6,
        [{"at": "10 s", "miss": "gripper", "times": times}],
    )
    assert played.result.ended == ("complete" if times <= 3 else "held")
    assert played.result.interventions == min(times, 4)
    assert played.result.parts.unknown == 0


def test_a_suspension_that_no_signal_ends_is_ended_by_a_person(tmp_path: Path) -> None:
    """A missed grip is no full station: nothing but somebody who comes can tell that it is over."""
    played = play(
        with_faults(tmp_path, {"pick.missed": {"then": "suspend"}}), 6, [{"at": "10 s", "miss": "gripper", "times": 1}]
    )
    assert played.result.ended == "complete"
    assert played.result.interventions == 1
    assert actions(played) == ["suspend"]
