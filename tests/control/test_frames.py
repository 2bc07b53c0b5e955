"""A picture that is late, repeated, incomplete or missing decides about no part: the cell's `faults:` do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from robocell.assembly import RunOptions
from robocell.config.prepare import Prepared, prepare
from robocell.vision.gate import FrameGate
from tests.control.playing import CELLS, Played, edited, play

ALL_BAD = {"defects": {"share": 1.0, "kinds": ["scratch"], "area": ["5 mm2", "20 mm2"], "contrast": [60, 80]}}
HALF_BAD = {"defects": {"share": 0.5, "kinds": ["scratch"], "area": ["5 mm2", "20 mm2"], "contrast": [60, 80]}}

KINDS: dict[str, tuple[Mapping[str, Any], str]] = {
    "repeated": ({"at": "8 s", "repeat": "camera", "times": 4}, "is repeated"),
    "late": ({"at": "8 s", "delay": "camera", "by": "900 ms", "times": 4}, "is stale: 0.929 s old"),
    "incomplete": ({"at": "8 s", "truncate": "camera", "times": 4}, "is incomplete"),
}


@pytest.fixture(scope="module")
def sorting() -> Prepared:
    return prepare(CELLS / "cap-sorting.yaml")


def reasons(played: Played) -> list[str]:
    return [
        reason
        for event in played.of("verdict")
        if event.data["status"] == "inconclusive"
        for reason in event.data["reasons"]
    ]


def passed_wrongly(played: Played) -> list[int]:
    """Numbers of the parts with a defect that lie in the tray of good ones."""
    return [part.number for part in played.audit.parts if part.defects and part.place == "station good"]


@pytest.mark.parametrize("kind", KINDS)
def test_no_part_is_passed_on_a_frame_that_is(sorting: Prepared, kind: str) -> None:
    fault, word = KINDS[kind]
    played = play(sorting, 12, [fault], scene=HALF_BAD)
    assert played.result.ended == "complete"
    assert [reason for reason in reasons(played) if word in reason], reasons(played)
    assert len(reasons(played)) == 4
    assert passed_wrongly(played) == []
    assert played.result.parts.good > 0


def test_a_repeated_frame_would_have_passed_a_bad_part_without_the_gate(
    sorting: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = [{"part": number, "repeat": "camera"} for number in range(3, 16, 3)]
    assert passed_wrongly(play(sorting, 16, faults, scene=HALF_BAD)) == []
    monkeypatch.setattr(FrameGate, "refusal", lambda *_: "")
    assert passed_wrongly(play(sorting, 16, faults, scene=HALF_BAD))


@pytest.mark.vision
@pytest.mark.parametrize("kind", KINDS)
def test_no_bad_picture_is_passed_on_a_frame_that_is(sorting: Prepared, kind: str) -> None:
    pytest.importorskip("cv2")
    options = RunOptions(world="kinematic", inspect="image")
    played = play(sorting, 5, [KINDS[kind][0]], scene=ALL_BAD, options=options)
    assert len(reasons(played)) == 4
    assert all(KINDS[kind][1] in reason for reason in reasons(played))
    assert passed_wrongly(played) == []
    assert played.result.parts.good == 0


def test_a_camera_that_delivers_nothing_is_a_timeout_of_the_inspection(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["faults"]["inspect.timeout"] = {"try": ["retry"], "then": {"reject": "no-picture"}}

    path = edited(tmp_path, "cap-sorting", edit)
    played = play(path, 6, [{"at": "8 s", "withhold": "camera", "times": 2}], scene=ALL_BAD)
    assert played.result.ended == "complete"
    assert played.result.interventions == 0
    assert {key: n for key, n in played.result.faults.items() if key.endswith("timeout")} == {"pick_stop.timeout": 2}
    assert (
        "no-picture" in [event.data["reason"] for event in played.of("finished")] or played.result.parts.rejected == 6
    )
    assert passed_wrongly(played) == []


def test_a_frame_that_comes_after_the_time_out_is_refused_by_the_next_inspection(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["faults"]["inspect.timeout"] = {"try": ["retry", "retry"], "then": "hold"}

    path = edited(tmp_path, "cap-sorting", edit)
    played = play(path, 6, [{"at": "8 s", "delay": "camera", "by": "5.5 s"}], scene=ALL_BAD)
    assert played.result.interventions == 0
    assert [reason for reason in reasons(played) if "before the command" in reason]


def test_a_policy_for_stale_frames_comes_before_the_one_for_inconclusive_verdicts(tmp_path: Path) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["faults"]["inspect.stale"] = {"then": {"reject": "old-picture"}}

    path = edited(tmp_path, "cap-sorting", edit)
    faults = [{"at": "8 s", "repeat": "camera"}, {"at": "30 s", "truncate": "camera"}]
    played = play(path, 8, faults)
    assert played.result.interventions == 0
    assert played.result.recoveries["reject"] == 1
    assert played.result.recoveries["retry"] == 1
