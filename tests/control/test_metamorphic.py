"""Changes that must not change anything, and changes that must change only what they say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from robocell.assembly import RunOptions
from robocell.config.prepare import prepare
from robocell.control.moves import Moves
from robocell.model.device import ArmDevice
from robocell.model.frames import Frames
from robocell.motion import Limits, interpolate
from tests.control.playing import CELLS, Played, edited, play


def run_of(path: Path, parts: int = 10) -> Played:
    return play(prepare(path), parts, options=RunOptions(seed=3, world="kinematic"))


@pytest.fixture(scope="module")
def plain() -> Played:
    return run_of(CELLS / "cap-sorting.yaml")


def moved(x: float, y: float, z: float, yaw: float) -> Any:
    """Put the whole cell into a frame that is moved and turned."""

    def edit(data: dict[str, Any]) -> None:
        data["frames"] = {"floor": {"xyz": [x, y, z], "rpy": [0, 0, yaw]}}
        for section in ("devices", "stations", "fixtures"):
            for entry in data[section].values():
                if "pose" in entry:
                    entry["pose"] = {"in": "floor", **entry["pose"]}

    return edit


@pytest.mark.parametrize(
    "edit", [moved(1500, -700, 0, 0), moved(0, 0, 0, 90), moved(300, 200, 100, -37)], ids=["moved", "turned", "both"]
)
def test_moving_or_turning_the_whole_cell_keeps_the_cycle_time(tmp_path: Path, plain: Played, edit: Any) -> None:
    result = run_of(edited(tmp_path, "cap-sorting", edit)).result
    assert result.parts == plain.result.parts
    assert result.cycle_time_s.mean == pytest.approx(plain.result.cycle_time_s.mean, rel=1e-3)


def test_an_unused_device_changes_nothing(tmp_path: Path, plain: Played) -> None:
    def edit(data: dict[str, Any]) -> None:
        data["devices"]["zzz_spare_camera"] = {
            **data["devices"]["camera"],
            "pose": {"xyz": [900, 900, 700], "rpy": [180, 0, 0]},
        }

    played = run_of(edited(tmp_path, "cap-sorting", edit))
    without = [event.line() for event in plain.events if event.kind != "energy"]
    assert [event.line() for event in played.events if event.kind != "energy"] == without


def test_an_order_preserving_renaming_keeps_the_log_but_for_names(tmp_path: Path, plain: Played) -> None:
    names = {"infeed": "infeeder", "camera": "camera1", "good": "good_tray", "pick_stop": "pick_stops", "cap": "capp"}
    text = (CELLS / "cap-sorting.yaml").read_text()
    scene = (CELLS.parent / "sim" / "scenes" / "cap-sorting.yaml").read_text()
    folder = tmp_path / "cells"
    folder.mkdir()
    (folder / "recipes").symlink_to(CELLS / "recipes")
    (folder / "cap-sorting.yaml").write_text(_renamed(text, names))
    scenes = folder / "sim" / "scenes"
    scenes.mkdir(parents=True)
    (scenes / "renamed.yaml").write_text(_renamed(scene, names))
    path = folder / "cap-sorting.yaml"
    path.write_text(path.read_text().replace("scene: cap-sorting", "scene: renamed"))
    played = run_of(path)
    back = {new: old for old, new in names.items()}
    assert [_renamed(event.line(), back) for event in played.events] == [event.line() for event in plain.events]


def _renamed(text: str, names: dict[str, str]) -> str:
    def swap(found: re.Match[str]) -> str:
        return names.get(found[0], found[0])

    return re.sub(r"(?<![\w-])[A-Za-z_][A-Za-z0-9_]*(?![\w-])", swap, text)


@pytest.mark.parametrize("factor", [1.2, 2.0, 5.0])
def test_higher_limits_never_lengthen_a_move(factor: float) -> None:
    prepared = prepare(CELLS / "cap-sorting.yaml")
    cell, frames = prepared.cell, Frames(prepared.cell)
    arm = prepared.arms["arm"]
    limits = arm.limits
    more = arm.with_limits(
        Limits(
            limits.position, limits.velocity * factor, limits.acceleration * factor, limits.jerk * factor, limits.tcp
        )
    )
    device = cell.devices["arm"]
    assert isinstance(device, ArmDevice)
    home = tuple(device.home or ())
    for station in ("pick_stop", "reject", "good"):
        for slot, seat in frames.seats(station):
            if slot % 7:
                continue
            times = []
            for model in (arm, more):
                way = Moves(cell, frames, {"arm": model}, {}).to_seat("arm", home, seat, "cap", station, 0.06)
                times.append(interpolate(model, home, (*way.approach, way.line)).duration)
            assert times[1] <= times[0] + 1e-9
