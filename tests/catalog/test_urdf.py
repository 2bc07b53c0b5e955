from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import robocell
from robocell.catalog import read_urdf
from robocell.catalog.hulls import of_box, of_cylinder, of_mesh
from robocell.errors import CatalogError
from robocell.motion import Arm
from tests.catalog.urdfs import LIMIT, joint, one_link, profile_as_urdf


def read(folder: Path, text: str, **more: object) -> Arm:
    path = folder / "arm.urdf"
    path.write_text(text)
    return read_urdf(path, folder, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["universal-robots/ur5e", "kuka/kr6-r900", "abb/irb-1200-5-0.9"])
def test_an_arm_is_the_same_from_its_profile_and_from_a_urdf(name: str, tmp_path: Path) -> None:
    (tmp_path / "arm.urdf").write_text(profile_as_urdf(name))
    one, other = robocell.load_arm(name), robocell.load_arm(str(tmp_path / "arm.urdf"))
    assert [j.name for j in other.joints] == [j.name for j in one.joints]
    assert other.solver.ordered
    low, high = one.limits.position.T
    assert other.limits.position == pytest.approx(one.limits.position)
    assert other.limits.velocity == pytest.approx(one.limits.velocity)
    for share in (0.0, 0.2, 0.5, 0.9):
        q = low + share * (high - low)
        assert other.fk(q) == pytest.approx(one.fk(q), abs=1e-12)


def test_the_base_is_base_link_and_the_tip_can_be_named(tmp_path: Path) -> None:
    text = profile_as_urdf("universal-robots/ur5e")
    bare = read(tmp_path, text, tip="link_6")
    assert bare.n == 6
    assert bare.flange == pytest.approx(np.eye(4))
    assert read(tmp_path, text, tip="link_3").n == 3


def test_limits_that_a_urdf_lacks_are_given_or_assumed(tmp_path: Path) -> None:
    text = profile_as_urdf("universal-robots/ur5e")
    assumed, given_ = read(tmp_path, text), read(tmp_path, text, acceleration=5.0, jerk=50.0)
    assert assumed.limits.acceleration == pytest.approx(np.pi / 0.2)
    assert given_.limits.acceleration == pytest.approx(5.0)
    assert given_.limits.jerk == pytest.approx(50.0)


def test_sliding_and_endless_joints_and_what_is_fixed_beside_the_chain(tmp_path: Path) -> None:
    text = (
        '<robot name="odd"><link name="rail"/><link name="cart"><collision><geometry><sphere radius="0.1"/></geometry>'
        '</collision></link><link name="plate"><collision><geometry><sphere radius="0.2"/></geometry></collision></link>'
        '<link name="spindle"/><link name="finger"><collision><geometry><sphere radius="0.3"/></geometry></collision></link>'
        + joint("slide", "prismatic", "rail", "cart", (0, 0, 0.5), more=LIMIT.replace("0 0 1", "2 0 0"))
        + joint("bolt", "fixed", "cart", "plate", (0, 1, 0))
        + joint("spin", "continuous", "cart", "spindle", (0, 0, 1), more='<axis xyz="0 0 1"/><limit velocity="9"/>')
        + joint("grip", "prismatic", "spindle", "finger", more=LIMIT)
        + "</robot>"
    )
    arm = read(tmp_path, text, tip="spindle")
    assert [j.kind for j in arm.joints] == ["prismatic", "revolute"]
    assert arm.fk([0.3, 0.0])[:3, 3] == pytest.approx([0.3, 0.0, 1.5])
    assert arm.limits.position[1, 1] > 2 * np.pi
    assert [(c.link, c.radius) for c in arm.capsules] == [(1, 0.1), (1, 0.2)]  # the moving finger is left out
    assert arm.capsules[1].p0 == pytest.approx([0, 1, 0])


@given(st.tuples(*[st.floats(0.01, 1.0)] * 3), st.lists(st.tuples(*[st.floats(-0.5, 0.5)] * 3), min_size=1))
@settings(max_examples=50)
def test_a_capsule_covers_the_box_or_cylinder_that_it_stands_for(
    size: tuple[float, float, float], points: list[tuple[float, float, float]]
) -> None:
    inside = np.array(points) * size
    assert (outside(of_box(np.array(size)), inside) <= 1e-12).all()
    radius, length = size[0], size[1]
    round_ = inside[np.hypot(inside[:, 0], inside[:, 1]) <= radius] * [1, 1, length / size[2]]
    assert (outside(of_cylinder(radius, length), round_) <= 1e-12).all()


@given(st.lists(st.tuples(*[st.floats(-1.0, 1.0)] * 3), min_size=1, max_size=30))
@settings(max_examples=50)
def test_a_capsule_covers_the_mesh_that_it_stands_for(points: list[tuple[float, float, float]]) -> None:
    assert (outside(of_mesh(np.array(points)), np.array(points)) <= 1e-9).all()


def test_a_long_box_becomes_a_slim_capsule() -> None:
    start, end, radius = of_box(np.array([0.1, 1.0, 0.1]))
    assert abs(end - start)[1] == pytest.approx(1.0, abs=0.15)
    assert radius == pytest.approx(np.hypot(0.05, 0.05))


def outside(hull: tuple[np.ndarray, np.ndarray, float], points: np.ndarray) -> np.ndarray:
    """How far points lie outside a capsule, m."""
    start, end, radius = hull
    axis = end - start
    share = np.clip((points - start) @ axis / max(float(axis @ axis), 1e-30), 0.0, 1.0)
    return np.asarray(np.linalg.norm(points - start - share[:, None] * axis, axis=1) - radius)


def stl(points: list[tuple[float, float, float]]) -> bytes:
    triangles = [struct.pack("<3f", 0, 0, 0) + b"".join(struct.pack("<3f", *p) for p in points) + b"\0\0"]
    return b"\0" * 80 + struct.pack("<I", len(triangles)) + b"".join(triangles)


CORNERS = [(0.0, 0.0, 0.0), (100.0, 0.0, 0.0), (0.0, 30.0, 0.0)]


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("part.stl", stl(CORNERS)),
        ("part.STL", b"solid a\n" + b"".join(b" vertex %f %f %f\n" % p for p in CORNERS) + b"endsolid\n"),
        ("part.obj", b"o a\n" + b"".join(b"v %f %f %f\n" % p for p in CORNERS) + b"f 1 2 3\n"),
    ],
)
def test_meshes_beside_the_file_are_read_with_their_scale(file: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / "meshes").mkdir()
    (tmp_path / "meshes" / file).write_bytes(data)
    for name in (f"meshes/{file}", f"package://mine/meshes/{file}"):
        arm = read(tmp_path, one_link(f'<mesh filename="{name}" scale="0.001 0.001 0.001"/>', '<origin xyz="0 0 1"/>'))
        (capsule,) = arm.capsules
        corners = np.array(CORNERS) * 1e-3 + [0, 0, 1]
        assert (outside((capsule.p0, capsule.p1, capsule.radius), corners) <= 1e-6).all()
        assert capsule.radius < 0.04


@pytest.mark.parametrize(
    ("geometry", "told"),
    [
        ('<mesh filename="../outside.stl"/>', "leads out of the cell's folder"),
        ('<mesh filename="/etc/passwd"/>', "not relative to the cell's folder"),
        ('<mesh filename="file:///etc/passwd"/>', "no file of the cell's folder"),
        ('<mesh filename="package://mine/../../outside.stl"/>', "leads out of the cell's folder"),
        ('<mesh filename="link.stl"/>', "through a link"),
        ('<mesh filename="not-there.stl"/>', "not in the cell's folder"),
        ('<mesh filename="picture.dae"/>', "robocell reads STL and OBJ"),
        ('<mesh filename="empty.stl"/>', "malformed or empty"),
        ('<box size="1 2"/>', "expected 3 numbers"),
        ('<box size="1 2 nan"/>', "expected 3 numbers"),
        ('<cylinder radius="-1" length="1"/>', "must be positive"),
        ("<cone/>", "unknown geometry <cone>"),
        ("", "without geometry"),
    ],
)
def test_geometry_that_cannot_be_used_says_why(geometry: str, told: str, tmp_path: Path) -> None:
    cell = tmp_path / "cells"
    cell.mkdir()
    (tmp_path / "outside.stl").write_bytes(stl(CORNERS))
    (cell / "link.stl").symlink_to(tmp_path / "outside.stl")
    (cell / "picture.dae").write_text("<x/>")
    (cell / "empty.stl").write_text("solid nothing\nendsolid\n")
    with pytest.raises(CatalogError, match=told):
        read(cell, one_link(geometry))


BASE = '<link name="base_link"/><link name="arm"/>'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('<!DOCTYPE r SYSTEM "file:///etc/passwd"><robot name="r"/>', "entities are refused"),
        ('<!DOCTYPE r [<!ENTITY a "x">]><robot name="&a;"/>', "entities are refused"),
        ('<?xml version="1.0"?><sdf/>', "<robot> outside, this one <sdf>"),
        ("", "not XML"),
        ('<robot name="r">' + "<a>" * 100 + "</a>" * 100 + "</robot>", "nested deeper"),
        ('<robot name="r"><link/></robot>', "has no 'name'"),
        (f'<robot name="r">{BASE}{BASE}</robot>', "two links are named"),
        (f'<robot name="r">{BASE}</robot>', "several roots"),
        (f'<robot name="r">{BASE}{joint("j", "revolute", "base_link", "leg")}</robot>', "no link 'leg'"),
        (f'<robot name="r">{BASE}{joint("j", "revolute", "base_link", "arm")}</robot>', "no velocity limit"),
        (f'<robot name="r">{BASE}{joint("j", "floating", "base_link", "arm")}</robot>', "which link carries"),
        (f'<robot name="r">{BASE}{joint("j", "fixed", "base_link", "arm")}</robot>', "which link carries"),
        (
            f'<robot name="r">{BASE}{joint("j", "revolute", "base_link", "arm", more=LIMIT.replace("-2", "3"))}</robot>',
            "lower must be below upper",
        ),
        (
            f'<robot name="r">{BASE}{joint("j", "revolute", "base_link", "arm", more=LIMIT.replace("0 0 1", "0 0 0"))}'
            "</robot>",
            "no direction",
        ),
        (
            f'<robot name="r">{BASE}{joint("j", "revolute", "base_link", "arm", more=LIMIT + "<mimic/>")}</robot>',
            "which link carries",
        ),
    ],
)
def test_a_file_that_is_no_arm_says_why(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=told):
        read(tmp_path, text)


def test_a_missing_file_and_one_that_is_too_large_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="No such file"):
        read_urdf(tmp_path / "none.urdf", tmp_path)
    with pytest.raises(CatalogError, match="more than 4 MiB"):
        read(tmp_path, "<robot>" + " " * 4 * 1024 * 1024 + "</robot>")


@given(st.binary(max_size=200) | st.text(alphabet='<>/="robtlinkj name', max_size=200).map(str.encode))
@settings(max_examples=100)
def test_any_bytes_are_an_arm_or_a_refusal(data: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arm.urdf"
        path.write_bytes(data)
        with pytest.raises(CatalogError):
            read_urdf(path, path.parent)


def test_what_is_for_urdf_only_is_refused_for_a_profile() -> None:
    with pytest.raises(CatalogError, match="for URDF files"):
        robocell.load_arm("universal-robots/ur5e", tip="tool0")
    with pytest.raises(CatalogError, match="not an arm"):
        robocell.load_arm("robotiq/2f-85")
    with pytest.raises(CatalogError, match="not a gripper"):
        robocell.load_arm("universal-robots/ur5e", gripper="universal-robots/ur5e")
