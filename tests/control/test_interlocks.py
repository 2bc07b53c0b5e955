"""What interlocks, permit, named inputs and outputs do in a whole cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from robocell.config.prepare import Prepared, prepare
from tests.control.playing import CELLS, Played, edited, play

OPEN = {"at": "15 s", "open": "guard.door_closed", "for": "20 s"}


def with_interlock(tmp_path: Path, otherwise: str, permit: bool = False, **more: Any) -> Prepared:
    """Cap sorting whose door matters to the arm as said, without a permit unless it is asked for."""

    def edit(data: dict[str, Any]) -> None:
        if not permit:
            del data["permit"]
        data["interlocks"] = {"door": {"require": "guard.door_closed", "for": ["arm"], "otherwise": otherwise, **more}}

    return prepare(edited(tmp_path, "cap-sorting", edit))


def spans(played: Played) -> dict[str, float]:
    return {name: seconds for name, seconds in played.result.states.items() if seconds > 0.0}


def arm_moves(played: Played, begin: float, end: float) -> list[float]:
    """When the arm was commanded within a time."""
    moves = [e.t for e in played.of("command") if e.data["device"] == "arm"]
    return [t for t in moves if begin < t < end]


def test_hold_keeps_the_cell_until_the_condition_holds_again_without_a_person(tmp_path: Path) -> None:
    played = play(with_interlock(tmp_path, "hold"), 10, [OPEN])
    assert played.result.ended == "complete"
    assert spans(played)["Held"] == pytest.approx(20.0, abs=3.0)
    assert not arm_moves(played, 16.0, 34.9)
    assert played.result.interventions == 0


def test_slow_lets_the_arm_go_on_slowly(tmp_path: Path) -> None:
    played = play(with_interlock(tmp_path, "slow", speed=0.25), 10, [OPEN])
    plain = play(with_interlock(tmp_path, "slow", speed=0.25), 10)
    assert played.result.ended == "complete"
    assert set(spans(played)) == set(spans(plain))
    begun = {e.data["id"]: e for e in played.of("command") if e.data["command"] == "execute"}
    took = {n: e.t - begun[n].t for e in played.of("result") if (n := e.data["id"]) in begun}
    slow = [took[n] for n, e in begun.items() if 16.0 < e.t < 30.0 and e.data["move"] == "retreat"]
    fast = [took[n] for n, e in begun.items() if e.t > 36.0 and e.data["move"] == "retreat"]
    assert min(slow) > 3.0 * max(fast)


@pytest.mark.parametrize(("otherwise", "state"), [("stop", "Stopped"), ("abort", "Aborted")])
def test_stop_and_abort_wait_for_a_persons_start(tmp_path: Path, otherwise: str, state: str) -> None:
    played = play(with_interlock(tmp_path, otherwise), 10, [OPEN])
    assert played.result.ended == "complete"
    assert spans(played)[state] > 60.0
    assert any(event.data["text"] == "restart after interlock door" for event in played.of("request"))


def test_at_rest_an_interlock_only_refuses_motion(tmp_path: Path) -> None:
    """The door opens while the arm waits for parts: nothing is stopped until the arm is to move."""
    prepared = with_interlock(tmp_path, "hold")
    rare = {"supply": {"infeed": {"product": "cap", "every": {"mean": "25 s"}, "first": "1 s"}}}
    played = play(prepared, 2, [{"at": "14 s", "open": "guard.door_closed", "for": "3 s"}], scene=rare)
    assert "Held" not in spans(played)


def test_without_a_fresh_permit_nothing_moves(tmp_path: Path) -> None:
    """The person arms the cell at 40 s only."""
    prepared = prepare(CELLS / "cap-sorting.yaml")
    played = play(prepared, 2, scene={"operator": {"start": "40 s", "respond": "15 min"}})
    assert min(event.t for event in played.of("command")) >= 40.0
    assert spans(played)["Aborted"] == pytest.approx(40.0, abs=0.1)


def test_an_exchange_is_a_service_though_the_door_is_opened_for_it() -> None:
    played = play("cap-sorting", 30, scene={"operator": {"start": "1 s", "respond": "1 min"}})
    assert (played.result.services, played.result.interventions) == (1, 0)


def test_named_outputs_are_switched_and_named_inputs_debounced_and_inverted(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["io"] = {
            "light": {"device": "panel", "channel": 2, "invert": True},
            "free": {"device": "panel", "channel": 1, "direction": "in", "invert": True, "debounce": "500 ms"},
        }
        data["route"].insert(1, {"set": {"io": "light", "to": True}})
        data["route"].insert(2, {"wait": {"until": "io.free", "timeout": "60 s"}, "name": "clear"})
        data["faults"]["clear.timeout"] = {"then": "hold"}

    prepared = prepare(edited(tmp_path, "cap-sorting", edit))
    # The input is pressed for 0.2 s: shorter than the debounce, so the inverted signal never falls.
    played = play(prepared, 3, [{"at": "7 s", "press": "panel.input_1"}])
    assert played.result.ended == "complete"
    assert not played.result.faults
    waits = [e for e in played.of("op.end") if e.data["label"] == "clear"]
    assert len(waits) == 3


def test_a_wait_that_takes_too_long_is_a_timeout_fault(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["route"].insert(1, {"wait": {"until": "panel.start", "timeout": "5 s"}, "name": "pressed"})
        data["faults"]["pressed.timeout"] = {"try": ["retry"], "then": "stop"}

    played = play(prepare(edited(tmp_path, "cap-sorting", edit)), 3)
    assert played.result.ended == "stopped"
    assert played.result.faults["pick_stop.timeout"] == 2
    assert played.result.parts.in_process == 1
