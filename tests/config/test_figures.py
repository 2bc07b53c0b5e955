"""Checks against the figures of profiles: what the bad files do not show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robocell.catalog import Catalogue
from robocell.config.load import Report, check_cell, load_cell
from robocell.config.prepare import prepare
from robocell.config.problems import render
from robocell.errors import ConfigError
from robocell.model.frames import Frames, grasp_turns, tool_pose
from robocell.model.pose import Pose
from robocell.model.product import Grasp, Product
from tests.catalog.urdfs import profile_as_urdf, seven_axes
from tests.config.test_load import GOOD, HERE

ROOT = Path(__file__).parents[2]


def checked(folder: Path, *edits: tuple[str, str]) -> Report:
    text = GOOD
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "cell.yaml"
    path.write_text(text)
    return check_cell(path, Catalogue.for_cell(path), name="cell.yaml")


def codes(report: Report) -> list[str]:
    return [problem.code for problem in report.problems]


def test_what_may_go_wrong_is_a_warning_and_the_cell_can_be_used(tmp_path: Path) -> None:
    shelf = "fixtures:\n  shelf: {box: [200, 200, 20], pose: {xyz: [0, -450, 260]}}\nroute:"
    report = checked(tmp_path, ("route:", shelf))
    assert report.cell is not None
    assert report.problems == ()
    assert render(report.warnings) == (
        "cell.yaml:27:5: warning[RC611]: 'arm' touches 'shelf' on every way to 'stop'\n"
        "   |\n"
        "27 |   - pick:    {with: arm, approach: 60}\n"
        "   |     ^^^^\n"
        "   = hint: pass poses on the way with via:, start from another home, or choose another approach\n"
    )


def test_warnings_come_with_the_errors_if_there_are_any(tmp_path: Path) -> None:
    shelf = "fixtures:\n  shelf: {box: [200, 200, 20], pose: {xyz: [0, -450, 260]}}\nroute:"
    report = checked(tmp_path, ("route:", shelf), ("speed: 250 mm/s", "speed: 600 mm/s"))
    assert report.cell is None
    assert "RC305" in codes(report)


def test_the_samples_of_the_language_are_warned_of_grippers_that_start_in_the_mill() -> None:
    loaded = load_cell(HERE / "samples" / "tended-machine.yaml", Catalogue.shipped())
    assert [warning.message for warning in loaded.warnings] == [
        "'loader' at home touches 'mill'",
        "'unloader' at home touches 'mill'",
    ]


@pytest.mark.parametrize(("pitch", "told"), [(75, []), (74, ["RC613"])])
def test_fingers_have_room_beside_the_next_part(pitch: int, told: list[str], tmp_path: Path) -> None:
    """Half of 70 mm, 10 mm of finger, half of 60 mm: 75 mm."""
    report = checked(tmp_path, ("pitch: [90, 90]", f"pitch: [90, {pitch}]"))
    assert [warning.code for warning in report.warnings] == told


def test_limits_themselves_are_not_beyond_the_limits(tmp_path: Path) -> None:
    report = checked(
        tmp_path,
        ("speed: 250 mm/s", "speed: 0.5 m/s"),
        ("{profile: robotiq/2f-85}", "{profile: robotiq/2f-85, force: 235 N}"),
        ("open: 70}", "open: 85, force: 20 N}"),
        ("tool: gripper,", "tool: gripper, joint_speed: 180 deg/s,"),
        ("mass: 120 g", "mass: 4.075 kg"),
    )
    assert report.problems == ()


@pytest.mark.parametrize(("x", "reached"), [(400, True), (600, True), (640, False), (700, False)])
def test_reach_is_told_as_a_search_over_joint_positions_finds_it(x: int, reached: bool, tmp_path: Path) -> None:
    """The tray's far corner is x + 270 mm away; joints on a fine lattice show how far the tool can point down."""
    report = checked(tmp_path, ("pose: {xyz: [300, -225, 20]}", f"pose: {{xyz: [{x}, -225, 20]}}"))
    assert (codes(report) == []) is reached
    arm = prepare(ROOT / "cells" / "cap-sorting.yaml").arms["arm"]
    lift, elbow = np.meshgrid(np.linspace(-np.pi, 0, 181), np.linspace(-np.pi, np.pi, 361), indexing="ij")
    q = np.zeros((lift.size, 6))
    q[:, 1], q[:, 2] = lift.ravel(), elbow.ravel()
    q[:, 3], q[:, 4] = -np.pi / 2 - q[:, 1] - q[:, 2], -np.pi / 2  # the tool points down
    tips = arm.fk(q)[:, :3, 3]
    level = np.abs(tips[:, 2] - 0.032) < 0.01
    far = float(np.hypot(tips[level, 0], tips[level, 1]).max())
    assert bool(np.hypot(x / 1000 + 0.27, 0.225) < far) is reached


def test_every_slot_that_is_said_to_be_out_of_reach_is(tmp_path: Path) -> None:
    report = checked(tmp_path, ("pose: {xyz: [300, -225, 20]}", "pose: {xyz: [680, -225, 20]}"))
    (problem,) = report.problems
    cell = load_cell(HERE / "sorter.yaml", Catalogue.shipped()).cell
    moved = cell.stations["good"].model_copy(update={"pose": Pose(xyz=(0.68, -0.225, 0.02))})
    cell = cell.model_copy(update={"stations": {**cell.stations, "good": moved}})
    arm = prepare(ROOT / "cells" / "cap-sorting.yaml").arms["arm"]
    product = cell.products["cap"]
    missed = 0
    for _, seat in Frames(cell).seats("good"):
        targets = np.array([tool_pose(seat, product.grasp, yaw) for yaw in grasp_turns(product)])
        missed += not arm.ik(targets).valid.any()
    assert missed > 1
    assert f"(and {missed - 1} more of its slots)" in problem.message


def test_a_tray_of_a_thousand_slots_is_right(tmp_path: Path) -> None:
    big = (
        "{grid: 4 x 6, pitch: [90, 90], pose: {xyz: [300, -225, 20]}",
        "{grid: 25 x 40, pitch: [8, 8], pose: {xyz: [400, -150, 20]}",
    )
    small = (
        "{diameter: 60, height: 20}}, mass: 120 g, grasp: {xyz: [0, 0, 12], open: 70}",
        "{diameter: 8, height: 20}}, mass: 120 g, grasp: {xyz: [0, 0, 12], open: 70}",
    )
    report = checked(tmp_path, big, small)
    assert report.problems == ()


def test_a_grasp_may_be_turned_half_a_turn_and_a_round_part_by_any() -> None:
    round_ = Product.model_validate({"shape": {"cylinder": {"diameter": 0.05, "height": 0.02}}, "mass": 0.1})
    box = Product.model_validate({"shape": {"box": [0.05, 0.03, 0.02]}, "mass": 0.1})
    given = box.model_copy(update={"grasp": Grasp(yaw=0.3)})
    assert len(grasp_turns(round_)) == 12
    assert max(grasp_turns(round_)) < np.pi
    assert grasp_turns(box) == (0.0, np.pi)
    assert grasp_turns(given) == (0.3, 0.3 + np.pi)


@pytest.mark.parametrize("name", ["cap-sorting", "tended-machine"])
def test_a_shipped_cell_is_prepared_whole(name: str) -> None:
    prepared = prepare(ROOT / "cells" / f"{name}.yaml")
    assert prepared.cell.cell == name
    assert prepared.loaded.warnings == ()
    assert prepared.scene is not None
    arms = [device for device, found in prepared.cell.devices.items() if found.kind == "arm"]
    assert list(prepared.arms) == list(prepared.surroundings) == arms
    assert set(prepared.profiles) == set(prepared.cell.devices)
    assert all(path.is_file() for path in prepared.recipes.values())
    assert len(prepared.sha256) == 64


def test_problems_of_a_scene_are_raised_with_those_of_the_cell(tmp_path: Path) -> None:
    (tmp_path / "sim" / "scenes").mkdir(parents=True)
    (tmp_path / "sim" / "scenes" / "odd.yaml").write_text("supply: {infeed: {product: cap, every: {mean: 4}}}\n")
    path = tmp_path / "cell.yaml"
    path.write_text(GOOD.replace("cell: sorter", "cell: sorter\nscene: odd").replace("250 mm/s", "600 mm/s"))
    with pytest.raises(ConfigError) as caught:
        prepare(path, name="cell.yaml")
    found = [(problem.file, problem.code) for problem in caught.value.problems]
    assert found == [("cell.yaml", "RC305"), ("sim/scenes/odd.yaml", "RC302")]


def test_a_cell_without_a_scene_is_prepared_without_one() -> None:
    assert prepare(HERE / "sorter.yaml").scene is None


URDF_ARM = "{urdf: robots/mine.urdf, payload: 5 kg, tool: gripper, home: [0, -90, 90, -90, -90, 0]}"


def test_an_arm_of_ones_own_is_checked_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "robots").mkdir()
    (tmp_path / "robots" / "mine.urdf").write_text(profile_as_urdf("universal-robots/ur5e"))
    arm = "{profile: universal-robots/ur5e, tool: gripper, home: [0, -90, 90, -90, -90, 0]}"
    assert checked(tmp_path, (arm, URDF_ARM)).problems == ()
    assert codes(checked(tmp_path, (arm, URDF_ARM), ("mass: 120 g", "mass: 4.2 kg"))) == ["RC308"]
    far = ("pose: {xyz: [300, -225, 20]}", "pose: {xyz: [700, -225, 20]}")
    assert codes(checked(tmp_path, (arm, URDF_ARM), far)) == ["RC603"]


SCARA = """
<robot name="scara"><link name="base_link"/><link name="upper"><collision><origin xyz="0.2 0 0"/>
<geometry><box size="0.4 0.1 0.1"/></geometry></collision></link><link name="fore"/><link name="quill"/><link name="tool0"/>
<joint name="j1" type="revolute"><origin xyz="0 0 0.45"/><parent link="base_link"/><child link="upper"/>
<axis xyz="0 0 1"/><limit lower="-2.8" upper="2.8" velocity="6"/></joint>
<joint name="j2" type="revolute"><origin xyz="0.4 0 0"/><parent link="upper"/><child link="fore"/>
<axis xyz="0 0 1"/><limit lower="-2.6" upper="2.6" velocity="6"/></joint>
<joint name="j3" type="prismatic"><origin xyz="0.35 0 0"/><parent link="fore"/><child link="quill"/>
<axis xyz="0 0 -1"/><limit lower="0" upper="0.35" velocity="1"/></joint>
<joint name="j4" type="revolute"><origin rpy="3.141592653589793 0 0"/><parent link="quill"/><child link="tool0"/>
<axis xyz="0 0 1"/><limit lower="-6.3" upper="6.3" velocity="10"/></joint></robot>
"""


@pytest.mark.parametrize(("x", "found"), [(300, []), (650, ["RC603"])])
def test_an_arm_with_four_joints_is_checked_too(x: int, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "robots").mkdir()
    (tmp_path / "robots" / "mine.urdf").write_text(SCARA)
    report = checked(
        tmp_path,
        (
            "{profile: universal-robots/ur5e, tool: gripper, home: [0, -90, 90, -90, -90, 0]}",
            "{urdf: robots/mine.urdf, tool: gripper}",
        ),
        (
            "grid: 4 x 6, pitch: [90, 90], pose: {xyz: [300, -225, 20]}",
            f"grid: 3 x 4, pitch: [90, 90], pose: {{xyz: [{x}, -125, 40]}}",
        ),
        ("pose: {xyz: [-400, 0, 100]}", "pose: {xyz: [-400, 100, 100]}"),
    )
    assert codes(report) == found


@pytest.mark.parametrize(("x", "found"), [(350, []), (750, ["RC603"])])
def test_an_arm_with_seven_joints_is_checked(x: int, found: list[str], tmp_path: Path) -> None:
    (tmp_path / "robots").mkdir()
    (tmp_path / "robots" / "mine.urdf").write_text(seven_axes())
    report = checked(
        tmp_path,
        (
            "{profile: universal-robots/ur5e, tool: gripper, home: [0, -90, 90, -90, -90, 0]}",
            "{urdf: robots/mine.urdf, tool: gripper, home: [0, -45, 0, -135, 0, 90, 45]}",
        ),
        (
            "grid: 4 x 6, pitch: [90, 90], pose: {xyz: [300, -225, 20]}",
            f"grid: 2 x 4, pitch: [90, 90], pose: {{xyz: [{x}, -125, 40]}}",
        ),
    )
    assert codes(report) == found
