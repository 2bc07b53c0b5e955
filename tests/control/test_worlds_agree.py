"""The two worlds are one cell: the same operations in the same order, at the same pace; and Bullet repeats itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from robocell.assembly import RunOptions
from robocell.config.prepare import prepare
from tests.control.playing import CELLS, Played, edited, play

pytest.importorskip("pybullet", reason="Bullet is not installed: robocell[sim], Python 3.11")
pytest.importorskip("cv2", reason="OpenCV is not installed: robocell[vision]")
pytestmark = pytest.mark.bullet

_PROGRAM = """
import sys
from robocell.assembly import RunOptions, run
print(run(sys.argv[1], RunOptions(parts=4, seed=5, world="bullet")).log_sha256)
"""


def operations(played: Played) -> dict[int, list[tuple[str, str, str]]]:
    found: dict[int, list[tuple[str, str, str]]] = {}
    for event in played.of("op.end"):
        data = event.data
        found.setdefault(data["workpiece"], []).append((data["verb"], data["label"], data["outcome"]))
    return found


@pytest.mark.parametrize(("cell", "parts"), [("cap-sorting", 16), ("tended-machine", 6)])
def test_both_worlds_do_the_same_operations_at_the_same_pace(cell: str, parts: int) -> None:
    kinematic = play(cell, parts, options=RunOptions(seed=2, world="kinematic"))
    bullet = play(cell, parts, options=RunOptions(seed=2, world="bullet"))
    assert operations(bullet) == operations(kinematic)
    pace = kinematic.result.cycle_time_s.mean
    assert pace is not None
    assert bullet.result.cycle_time_s.mean == pytest.approx(pace, rel=0.01)


def test_a_bullet_run_with_pictures_is_the_same_in_another_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM, str(CELLS / "cap-sorting.yaml")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for seed in ("0", "99")
    }
    assert len(digests) == 1


@pytest.mark.parametrize(
    "fault",
    [
        {"at": "12 s", "shift": {"at": "pick_stop", "by": [15, 0, 0]}},
        {"friction": 0.1},
        {"at": "10 s", "jam": "infeed"},
    ],
    ids=["pushed", "slippery", "jam"],
)
def test_bullet_recovers_alone_from(fault: dict[str, object]) -> None:
    played = play("cap-sorting", 8, [fault], options=RunOptions(world="bullet"))
    assert (played.result.ended, played.result.interventions) == ("complete", 0)
    assert played.result.parts.scrapped == played.result.parts.unknown == 0


def test_a_part_removed_by_hand_is_scrapped_in_bullet_too() -> None:
    played = play("cap-sorting", 6, [{"at": "15 s", "remove": "pick_stop"}], options=RunOptions(world="bullet"))
    assert played.result.ended == "complete"
    assert played.result.parts.scrapped == 1


def test_two_arms_hand_over_in_a_shared_zone_without_touching(tmp_path: Path) -> None:
    """Neither has a via pose outside the zone: each goes to its rest position before the other may enter."""
    prepared = prepare(edited(tmp_path, "cap-sorting", _with_a_second_arm))
    played = play(prepared, 10, options=RunOptions(world="bullet", inspect="truth"))
    assert played.result.ended == "complete"
    assert not played.result.faults
    assert played.audit.places["station good"] == played.result.parts.good
    taken = [
        event for event in played.of("op.end") if event.data["label"] == "take" and event.data["outcome"] == "done"
    ]
    assert len(taken) == played.result.parts.good


def _with_a_second_arm(data: dict[str, Any]) -> None:
    devices, stations, route = data["devices"], data["stations"], data["route"]
    devices["arm"]["home"] = [-150, -90, 90, -90, -90, 0]
    devices["arm2"] = {**devices["arm"], "pose": {"xyz": [900, 0, 0], "rpy": [0, 0, 180]}, "tool": "gripper2"}
    devices["arm2"]["home"] = [70, -90, 90, -90, -90, 0]
    devices["gripper2"] = dict(devices["gripper"])
    stations["buffer"] = {"grid": "1 x 2", "pitch": [120, 120], "pose": {"xyz": [450, -60, 20]}}
    stations["good"]["pose"] = {"xyz": [1150, -225, 20]}
    data["fixtures"]["bench"]["box"] = [3200, 1400, 20]
    data["zones"] = {"middle": {"stations": ["buffer"], "arms": ["arm", "arm2"]}}
    data["route"] = [
        *route[:3],
        {"place": {"to": "reject"}, "when": "not verdict.passed"},
        {"place": {"to": "buffer"}, "when": "verdict.passed"},
        {"pick": {"with": "arm2"}, "when": "verdict.passed", "name": "take"},
        {"place": {"to": "good"}, "when": "verdict.passed"},
    ]
