"""The two worlds are one cell: the same operations in the same order, at the same pace; and Bullet repeats itself."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from robocell.assembly import RunOptions
from tests.control.playing import CELLS, Played, play

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
