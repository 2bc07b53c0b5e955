from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from robocell.catalog import arms_of, load_of, payload_of, surroundings_of
from robocell.config.prepare import Prepared, prepare
from robocell.errors import CatalogError, Unreachable
from robocell.model.frames import Frames, approach_pose, tool_pose
from robocell.motion import Capsule, best_approach, interpolate
from robocell.motion.scene import Scene
from robocell.motion.surroundings import Surroundings, between
from tests.motion.plain.clearance import point_distance

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def sorting() -> Prepared:
    return prepare(ROOT / "cells" / "cap-sorting.yaml")


@pytest.fixture(scope="module")
def tended() -> Prepared:
    return prepare(ROOT / "cells" / "tended-machine.yaml")


def test_what_stands_around_an_arm_is_named(sorting: Prepared, tended: Prepared) -> None:
    assert set(sorting.surroundings["arm"].names) == {"bench", "infeed", "camera"}
    assert set(tended.surroundings["loader"].names) == {"bench", "infeed", "outfeed", "mill", "unloader"}
    assert tended.surroundings["loader"].names.count("mill") == 4  # its walls; the door's side is open


def test_volumes_are_where_the_cell_has_them(sorting: Prepared, tended: Prepared) -> None:
    inside = np.array([[-0.3, -0.45, 0.07]])  # just under the belt's surface, in the cell
    belt = dict(zip(sorting.surroundings["arm"].names, sorting.surroundings["arm"].volumes, strict=True))["infeed"]
    assert point_distance(belt, inside)[0] == 0.0
    assert point_distance(belt, inside + [0, 0, 0.05])[0] == pytest.approx(0.04)
    frames = Frames(tended.cell)
    around = tended.surroundings["unloader"]
    to_base = np.linalg.inv(frames.of("unloader"))
    wall, middle = ((to_base @ [*point, 1.0])[None, :3] for point in ((-0.245, 0.0, 0.2), (0.0, 0.0, 0.44)))
    mill = [volume for name, volume in zip(around.names, around.volumes, strict=True) if name == "mill"]
    assert min(point_distance(volume, wall)[0] for volume in mill) == 0.0
    assert min(point_distance(volume, middle)[0] for volume in mill) > 0.15  # one comes in from above


def ways(prepared: Prepared, arm: str, station: str) -> tuple[np.ndarray, np.ndarray]:
    frames = Frames(prepared.cell)
    seat = np.linalg.inv(frames.of(arm)) @ frames.seat(station)
    (product,) = prepared.cell.products.values()
    targets = np.array([tool_pose(seat, product.grasp, yaw) for yaw in np.linspace(-3, 3, 9)])
    return np.array([approach_pose(T, 0.06) for T in targets]), targets


def test_the_way_to_a_target_touches_nothing_although_the_fastest_would(sorting: Prepared) -> None:
    arm, around = sorting.arms["arm"], sorting.surroundings["arm"]
    home = np.radians([0, -90, 90, -90, -90, 0])
    approach, target = ways(sorting, "arm", "pick_stop")
    fastest = best_approach(arm, home, approach, target)
    clear = best_approach(arm, home, approach, target, surroundings=around)
    scene, distances = Scene(around.volumes, alone=True), []
    for choice in (fastest, clear):
        run = interpolate(arm, home, choice.segments)
        distances.append(scene.distance(arm, run.sample(np.linspace(0.0, run.duration, 200))[0]).min())
    assert distances[0] < 0.0 < distances[1]
    assert clear.duration >= fastest.duration


def test_a_way_that_nothing_blocks_is_the_fastest(sorting: Prepared) -> None:
    arm = sorting.arms["arm"]
    home = np.radians([0, -90, 90, -90, -90, 0])
    approach, target = ways(sorting, "arm", "pick_stop")
    plain, empty = (best_approach(arm, home, approach, target, surroundings=s) for s in (None, Surroundings()))
    assert plain.duration == empty.duration
    assert plain.segments == empty.segments


def test_a_part_in_the_gripper_counts(sorting: Prepared) -> None:
    arm, around = sorting.arms["arm"], sorting.surroundings["arm"]
    home = np.radians([0, -90, 90, -90, -90, 0])
    approach, target = ways(sorting, "arm", "pick_stop")
    long_part = Capsule(0, np.zeros(3), np.array([0.0, 0.0, 0.3]), 0.02)  # along the tool, into the belt
    with pytest.raises(Unreachable, match="touches (infeed|bench)"):
        best_approach(arm, home, approach, target, surroundings=around, held=[long_part])


def test_joint_positions_between_corners_are_near_each_other_and_include_them() -> None:
    corners = [np.array([0.0, 0.0]), np.array([1.0, -0.3]), np.array([1.0, -0.3]), np.array([0.9, 0.0])]
    found = between(corners)
    assert np.abs(np.diff(found, axis=0)).max() <= 0.12 + 1e-12
    for corner in corners:
        assert (np.abs(found - corner).max(axis=1) < 1e-12).any()


def test_surroundings_have_a_name_for_each_volume() -> None:
    with pytest.raises(ValueError, match="1 names for 0 volumes"):
        Surroundings(("wall",), ())


def test_a_lower_joint_speed_and_payload_figures(sorting: Prepared) -> None:
    devices = sorting.cell.devices
    slow = devices["arm"].model_copy(update={"joint_speed": 1.0})
    cell = sorting.cell.model_copy(update={"devices": {**devices, "arm": slow}})
    arms = arms_of(cell, sorting.profiles, ROOT / "cells")
    assert arms["arm"].limits.velocity == pytest.approx(1.0)
    assert sorting.arms["arm"].limits.velocity == pytest.approx(np.pi)
    assert payload_of(cell, "arm", sorting.profiles) == 5.0
    assert load_of(cell, "arm", sorting.profiles, "cap") == pytest.approx(0.925 + 0.12)
    around = surroundings_of(cell, sorting.profiles, arms, "arm")
    assert around.names == sorting.surroundings["arm"].names


def test_an_arm_without_profile_and_urdf_is_refused(sorting: Prepared) -> None:
    with pytest.raises(CatalogError, match="no profile of an arm"):
        arms_of(sorting.cell, {}, ROOT / "cells")
