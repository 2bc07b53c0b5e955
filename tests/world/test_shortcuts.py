"""What the worlds work out on a short way is what its plain twin finds on the long one."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from robocell.clock import Clock
from robocell.config.prepare import prepare
from robocell.world.cameras import footprint
from robocell.world.defects import CLEARANCE, _fits, _patch, _place, _share
from robocell.world.drive import Drive
from robocell.world.faces import draw_face
from robocell.world.lane import Lane, Rider
from robocell.world.outlines import boxes_about
from robocell.world.shapes import pose_at
from robocell.world.spec import ArmSpec

CELLS = Path(__file__).parents[2] / "cells"


class PlainLane(Lane):
    """Works out every rider's motion anew whatever happens."""

    def _stands(self, now: float) -> bool:
        return False


SPEEDS = {"run": 0.25, "stop": 0.0, "back": -0.1}


def _do(lane: Lane, deed: str, index: int, rider: Rider, now: float) -> None:
    if deed in SPEEDS:
        lane.commanded(now)
    elif deed == "add" and lane.room_at_start(now) > 0.08:
        lane.add(rider, 0.04, lane.drive.speed(now), now)
    elif deed == "hold" and index >= 0:
        lane.hold(lane.riders[index], lane.position(lane.riders[index], now), now)
    elif deed == "take" and index >= 0:
        lane.remove(lane.riders[index], now)


@given(
    st.lists(st.sampled_from(["run", "stop", "hold", "take", "add", "back"]), min_size=1, max_size=25),
    st.floats(0.3, 6.0),
    st.integers(0, 2**32),
)
@settings(deadline=None)
def test_parts_ride_alike_whether_or_not_a_belt_that_stands_is_planned_anew(
    deeds: list[str], grip: float, seed: int
) -> None:
    chance = Clock(seed).stream("deeds")
    drive = Drive(2.0, 0.25)
    quick, plain = Lane(drive, 3.0), PlainLane(drive, 3.0)
    now, number = 0.0, 0
    for deed in deeds:
        index = chance.randrange(len(quick.riders)) if quick.riders else -1
        if deed in SPEEDS:
            drive.run(now, SPEEDS[deed])
        for lane in (quick, plain):
            _do(lane, deed, index, Rider(number, 0.03, 0.0, 0.0, grip), now)
        number += 1
        until = now + chance.uniform(0.05, 2.0)
        while True:  # as the traffic does: planned again when that is due
            due = min(quick.due, plain.due, until)
            for lane in (quick, plain):
                if lane.due <= due:
                    lane.replan(due)
            now = due
            if due >= until:
                break
        for a, b in zip(quick.riders, plain.riders, strict=True):
            assert a.number == b.number
            assert quick.position(a, now) == pytest.approx(plain.position(b, now), abs=1e-9)
            assert quick.speed(a, now) == pytest.approx(plain.speed(b, now), abs=1e-9)


def test_a_defect_fits_where_every_pixel_that_it_covers_is_clear() -> None:
    face = draw_face("machined-cap", 60e-3)
    chance = Clock(5).stream("defects")
    found = []
    for _ in range(300):
        kind = chance.choice(["scratch", "stain"])
        area = math.exp(chance.uniform(math.log(0.01e-6), math.log(20e-6)))
        defect = _place(face, chance, kind, area, 30.0)
        rows, columns, x, y = _patch(face, defect)
        clear = face.clearance[rows, columns]
        plain = x.size > 0 and y.size > 0 and bool(np.all(clear[_share(defect, x, y, face.scale) > 0] >= CLEARANCE))
        assert _fits(face, defect) == plain
        found.append(plain)
    assert 50 < sum(found) < 250


@given(
    st.floats(0.2, 2.0),
    st.tuples(st.floats(-0.6, 0.6), st.floats(-0.6, 0.6)),
    st.tuples(st.floats(-1.0, 1.0), st.floats(-1.0, 1.0), st.floats(0.0, 1.0)),
)
def test_what_is_in_view_above_the_floor_lies_within_the_camera_s_footprint(
    height: float, tilt: tuple[float, float], where: tuple[float, float, float]
) -> None:
    half, floor = (0.2, 0.15), -0.03
    (a, b), down = tilt, np.diag([1.0, -1.0, -1.0])
    about_x = np.array([[1, 0, 0], [0, math.cos(a), -math.sin(a)], [0, math.sin(a), math.cos(a)]])
    about_y = np.array([[math.cos(b), 0, math.sin(b)], [0, 1, 0], [-math.sin(b), 0, math.cos(b)]])
    pose = pose_at(0.3, -0.2, height)
    pose[:3, :3] = about_x @ about_y @ down
    found = footprint(pose, half, floor)
    assert found is not None
    # A ray within view, cut anywhere between the eye and the floor.
    ray = pose[:3, :3] @ (where[0] * half[0], where[1] * half[1], 1.0)
    point = pose[:3, 3] + where[2] * (floor - height) / ray[2] * ray
    assert math.hypot(point[0] - found[0], point[1] - found[1]) <= found[2] + 1e-9


def test_a_camera_that_sees_the_horizon_has_no_footprint() -> None:
    level = pose_at(0.0, 0.0, 1.0)
    level[:3, :3] = [[0, 0, 1], [-1, 0, 0], [0, -1, 0]]
    assert footprint(level, (0.2, 0.15), 0.0) is None


def test_bodies_stand_about_the_capsules_of_their_links() -> None:
    model = prepare(CELLS / "tended-machine.yaml").arms["loader"]
    spec = ArmSpec(model, pose_at(0.4, -0.1, 0.2, 0.7), (0.0,) * model.n)
    joints = np.array([0.3, -1.2, 1.1, -0.4, 0.9, 2.0])
    bodies = boxes_about(spec, joints)
    assert len(bodies) == len(model.capsules) > 3
    for capsule, corners in zip(model.capsules, bodies, strict=True):
        frame = spec.base @ model.fk(joints, links=True)[capsule.link]
        for end, about in zip((capsule.p0, capsule.p1), np.split(corners, 2), strict=True):
            middle = frame[:3, :3] @ end + frame[:3, 3]
            assert about.mean(axis=0) == pytest.approx(middle, abs=1e-12)
            assert np.abs(about - middle) == pytest.approx(np.full((8, 3), capsule.radius), abs=1e-12)
