"""What the sensors do not see the controller does not know: each fault is found through them, and dealt with as told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from robocell.config.prepare import Prepared, prepare
from tests.control.playing import CELLS, Played, play


@pytest.fixture(scope="module")
def cells() -> dict[str, Prepared]:
    return {name: prepare(CELLS / f"{name}.yaml") for name in ("cap-sorting", "tended-machine")}


def recovered(played: Played, *actions: str) -> None:
    """Every action was taken, the order is complete, and no person had to come."""
    assert played.result.ended == "complete"
    assert played.result.interventions == 0
    assert set(actions) <= set(played.result.recoveries)


def helped(played: Played, times: int = 1) -> None:
    """The order is complete; a person had to come."""
    assert played.result.ended == "complete"
    assert played.result.interventions == times


SORTING: dict[str, tuple[Mapping[str, Any], Any]] = {
    "a part pushed 15 mm is found by the camera": (
        {"at": "12 s", "shift": {"at": "pick_stop", "by": [15, 0, 0]}},
        lambda p: recovered(p),
    ),
    "a part pushed 10 mm across is found by the camera": (
        {"at": "12 s", "shift": {"at": "pick_stop", "by": [0, 10, 0]}},
        lambda p: recovered(p),
    ),
    "a part pushed out of the camera's view is put straight by a person": (
        {"at": "12 s", "shift": {"at": "pick_stop", "by": [0, 20, 0]}},
        lambda p: helped(p),
    ),
    "slippery parts are looked at until they rest": ({"friction": 0.1}, lambda p: recovered(p)),
    "a jam is reversed out": ({"at": "10 s", "jam": "infeed"}, lambda p: recovered(p, "reverse")),
    "a missed grip is tried again": (
        {"at": "10 s", "miss": "gripper", "times": 2},
        lambda p: recovered(p, "retry", "open"),
    ),
    "a grip missed ever again is held": (
        {"at": "10 s", "miss": "gripper", "times": 7},
        lambda p: helped(p),
    ),
    "a blinded camera is inconclusive, and rejected as the file says": (
        {"at": "10 s", "blind": "camera", "for": "20 s"},
        lambda p: recovered(p, "reject"),
    ),
    "an arm that touches something waits for a person": ({"at": "10 s", "collide": "arm"}, lambda p: helped(p)),
    "an open door stops the cell until it is armed again": (
        {"at": "12 s", "open": "guard.door_closed", "for": "3 s"},
        lambda p: helped(p),
    ),
    "an emergency stop": ({"at": "12 s", "open": "guard.estop_released"}, lambda p: helped(p)),
    "one relay channel off": ({"at": "12 s", "open": "guard.channel_a"}, lambda p: helped(p)),
    "a lost relay": ({"at": "10 s", "lose": "guard", "for": "20 s"}, lambda p: helped(p)),
    "a lost arm": ({"at": "10 s", "lose": "arm", "for": "20 s"}, lambda p: helped(p)),
    "a lost gripper": ({"at": "10 s", "lose": "gripper", "for": "20 s"}, lambda p: helped(p)),
    "a lost belt": ({"at": "10 s", "lose": "infeed", "for": "20 s"}, lambda p: helped(p)),
    "a lost sensor": ({"at": "10 s", "lose": "at_stop", "for": "20 s"}, lambda p: helped(p)),
    "a lost camera": ({"at": "10 s", "lose": "camera", "for": "20 s"}, lambda p: helped(p)),
    "a lost panel is told and stops nothing": ({"at": "10 s", "lose": "panel", "for": "20 s"}, lambda p: recovered(p)),
    "a lost meter is told and stops nothing": ({"at": "10 s", "lose": "meter", "for": "20 s"}, lambda p: recovered(p)),
}


@pytest.mark.parametrize("name", SORTING)
def test_no_cap_is_lost_or_sorted_wrongly_by(cells: dict[str, Prepared], name: str) -> None:
    fault, expected = SORTING[name]
    played = play(cells["cap-sorting"], 10, [fault])
    expected(played)
    parts = played.result.parts
    assert parts.scrapped == parts.unknown == 0
    planted = {part.number for part in played.audit.parts if part.defects}
    good = {event.data["workpiece"] for event in played.of("finished") if event.data["became"] == "good"}
    assert not planted & good
    assert played.audit.places["station good"] == parts.good


TENDED: dict[str, tuple[Mapping[str, Any], int]] = {
    "a failing program": ({"at": "30 s", "fail": "mill"}, 1),
    "a part stuck in the vise": ({"at": "30 s", "miss": "grip_u", "times": 3}, 1),
    "a jammed outfeed": ({"at": "30 s", "jam": "outfeed"}, 1),
    "something in the outfeed's beam": ({"at": "30 s", "block": "out_free"}, 1),
    "a loader that touches something": ({"at": "30 s", "collide": "loader"}, 1),
    "a machine that does not answer": ({"at": "30 s", "lose": "mill", "for": "20 s"}, 1),
    "an open door": ({"at": "30 s", "open": "guard.door_closed", "for": "5 s"}, 1),
}


@pytest.mark.parametrize("name", TENDED)
def test_no_blank_is_lost_by(cells: dict[str, Prepared], name: str) -> None:
    fault, visits = TENDED[name]
    played = play(cells["tended-machine"], 8, [fault])
    helped(played, visits)
    assert played.result.parts.good == 8
    done = [part.number for part in played.audit.parts if part.processed]
    assert len(done) >= 8


@pytest.mark.parametrize(
    ("cell", "fault", "reason"),
    [
        ("cap-sorting", {"at": "15 s", "remove": "pick_stop"}, "removed"),
        ("cap-sorting", {"at": "9.5 s", "remove": "gripper"}, "dropped"),
        ("cap-sorting", {"at": "10 s", "drop": "gripper"}, "dropped"),
        ("tended-machine", {"at": "30 s", "drop": "grip_l"}, "dropped"),
        ("tended-machine", {"at": "30 s", "drop": "grip_u"}, "dropped"),
        ("tended-machine", {"at": "12 s", "remove": "infeed_stop"}, "removed"),
    ],
)
def test_a_part_that_is_gone_is_scrapped_and_the_others_go_on(
    cells: dict[str, Prepared], cell: str, fault: Mapping[str, Any], reason: str
) -> None:
    played = play(cells[cell], 8, [fault])
    assert played.result.ended == "complete"
    assert played.result.parts.scrapped == 1
    (lost,) = [event for event in played.of("finished") if event.data["became"] == "scrapped"]
    assert lost.data["reason"] == reason
    assert played.result.interventions >= 1


def test_what_cannot_be_proven_is_unknown(cells: dict[str, Prepared]) -> None:
    """Taken out of the open vise before the clamp closes: no sensor tells whether a part is there."""
    played = play(cells["tended-machine"], 8, [{"at": "30 s", "remove": "vise"}])
    assert played.result.ended == "complete"
    assert played.result.parts.unknown == 1


def test_an_alarm_is_raised_once_and_cleared_once(cells: dict[str, Prepared]) -> None:
    played = play(cells["tended-machine"], 8, [{"at": "30 s", "miss": "grip_u", "times": 3}])
    raised = [event.data["name"] for event in played.of("alarm") if event.data["active"]]
    assert raised.count("part-stuck-in-vise") == 1
    assert len(raised) == len(set(raised))


def test_the_most_specific_policy_applies(cells: dict[str, Prepared]) -> None:
    played = play(cells["tended-machine"], 4, [{"at": "30 s", "miss": "grip_u", "times": 1}])
    (fault,) = played.of("fault")
    assert (fault.data["source"], fault.data["fault"], fault.data["key"]) == ("vise", "missed", "unload.missed")


def test_a_starved_arrival_suspends_and_the_next_part_wakes_the_cell(cells: dict[str, Prepared]) -> None:
    rare = {"supply": {"infeed": {"product": "cap", "every": {"mean": "100 s"}, "first": "1 s"}}}
    played = play(cells["cap-sorting"], 3, scene=rare)
    result = played.result
    assert (result.ended, result.interventions) == ("complete", 0)
    assert result.faults["pick_stop.starved"] == 2
    assert result.states["Suspended"] > 100.0
    assert result.parts.good + result.parts.rejected == 3


def test_while_one_route_waits_for_a_person_the_other_runs_on_degraded(tmp_path: Any) -> None:
    from tests.control.playing import edited

    path = edited(tmp_path, "cap-sorting", _two_lines)
    prepared = prepare(path)
    both = {
        "supply": {
            "infeed": {"product": "cap", "every": {"mean": "5 s"}},
            "infeed2": {"product": "lid", "every": {"mean": "5 s"}},
        }
    }
    played = play(prepared, 40, [{"at": "20 s", "jam": "infeed2"}], scene=both)
    result = played.result
    assert result.ended == "complete"
    assert result.degraded_s > 60.0
    blocked = [event.data for event in played.of("blocked")]
    assert {"routes": {"lid": "infeed2.jammed"}, "degraded": True} in blocked
    made = [event.data["product"] for event in played.of("finished")]
    assert made.count("cap") > made.count("lid") > 0


def _two_lines(data: dict[str, Any]) -> None:
    """A second belt with its own arm and tray beside the first: `lid`s are only moved over."""
    data["products"]["lid"] = {"shape": {"cylinder": {"diameter": 60, "height": 20}}, "mass": "120 g"}
    data["products"]["lid"]["grasp"] = {"xyz": [0, 0, 12], "open": 70}
    devices = data["devices"]
    devices["infeed2"] = {**devices["infeed"], "pose": {"xyz": [-900, 1550, 80]}}
    devices["at_stop2"] = {**devices["at_stop"], "belt": "infeed2"}
    devices["arm2"] = {**devices["arm"], "pose": {"xyz": [0, 2000, 0]}, "tool": "gripper2"}
    devices["gripper2"] = dict(devices["gripper"])
    data["stations"]["stop2"] = {"belt": "infeed2", "at": 900, "sensor": "at_stop2"}
    data["stations"]["tray2"] = {**data["stations"]["good"], "pose": {"xyz": [300, 1775, 20]}}
    data["route"] = {
        "cap": data["route"],
        "lid": [
            {"arrive": {"product": "lid", "at": "stop2"}},
            {"pick": {"with": "arm2"}, "name": "take_lid"},
            {"place": {"to": "tray2"}},
        ],
    }
    del data["stations"]["tray2"]["exchange"]
    data["faults"]["tray2.full"] = {"then": "hold"}


def test_a_machine_that_fails_while_the_arm_has_gripped_is_unclamped_before_the_arm_lifts(tmp_path: Any) -> None:
    """The alarm comes between grip and unclamping; taken up again, the pick opens the clamp first."""
    from tests.control.playing import edited

    def edit(data: dict[str, Any]) -> None:
        at = next(index for index, step in enumerate(data["route"]) if "process" in step)
        data["route"].insert(at + 1, {"set": {"io": "lamp", "to": True}})
        data["route"].insert(at, {"set": {"io": "lamp", "to": False}})

    prepared = prepare(edited(tmp_path, "tended-machine", edit))
    gripped = next(
        event.t
        for event in play(prepared, 2).of("result", "command")
        if event.kind == "command" and event.data["command"] == "clamp" and not event.data["closed"]
    )
    played = play(prepared, 4, [{"at": f"{gripped + 0.01:.4f} s", "fail": "mill"}])
    helped(played)
    assert played.result.parts.good == 4
    assert [event.data["source"] for event in played.of("fault")] == ["mill"]
