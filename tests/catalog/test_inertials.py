"""What arms of the catalogue and of URDF files weigh, and who says so."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from robocell.catalog import Catalogue, load_arm
from robocell.catalog.inertials import of_capsules
from robocell.errors import CatalogError
from robocell.model.arm_profile import Capsule, Inertia, Link
from robocell.model.profile import ArmProfile, GripperProfile
from robocell.motion import Inertial, Payload
from tests.catalog.test_profiles import ARMS
from tests.motion.oracle_pin import model_of

STILL = np.zeros(6)


def capsule(start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Capsule:
    return Capsule.model_validate({"from": start, "to": end, "radius": radius})


def test_a_capsules_inertia_is_that_of_the_points_in_it() -> None:
    a, b, radius = np.array([0.1, -0.2, 0.05]), np.array([0.3, 0.1, 0.2]), 0.12
    r = np.random.Generator(np.random.PCG64(1))
    points = r.uniform(np.minimum(a, b) - radius, np.maximum(a, b) + radius, (400_000, 3))
    along = np.clip((points - a) @ (b - a) / ((b - a) @ (b - a)), 0.0, 1.0)
    inside = points[((points - a - along[:, None] * (b - a)) ** 2).sum(axis=1) <= radius**2]
    found = of_capsules(3.0, [capsule(tuple(a), tuple(b), radius)])
    assert found is not None
    assert found.centre == pytest.approx(inside.mean(axis=0), abs=1e-3)
    offset = inside - inside.mean(axis=0)
    tensor = 3.0 * ((offset**2).sum(axis=1).mean() * np.eye(3) - offset.T @ offset / len(offset))
    assert np.abs(found.inertia - tensor).max() < 0.01 * np.abs(tensor).max()


def test_a_ball_is_a_capsule_without_length() -> None:
    found = of_capsules(2.0, [capsule((0, 0, 1), (0, 0, 1), 0.5)])
    assert found is not None
    assert found.inertia == pytest.approx(0.4 * 2.0 * 0.25 * np.eye(3))


@pytest.mark.parametrize("name", ARMS)
def test_the_catalogues_arms_agree_with_pinocchio(name: str) -> None:
    arm = load_arm(name, gripper="robotiq/2f-85")
    pin = pytest.importorskip("pinocchio")
    model, data, _ = model_of(arm)
    r = np.random.Generator(np.random.PCG64(2))
    q, qd, qdd = (r.uniform(-s, s, (500, 6)) for s in (3.0, 4.0, 20.0))
    expected = np.array([pin.rnea(model, data, *row) for row in zip(q, qd, qdd, strict=True)])
    assert np.abs(arm.inverse_dynamics(q, qd, qdd) - expected).max() < 1e-11 * np.abs(expected).max()


def test_the_ur5e_held_out_straight_needs_the_torque_of_its_makers_figures() -> None:
    """Masses and centres along the arm, which hangs along −X of the shoulder's frame."""
    rows = [(8.058, 0.2125), (2.846, 0.425 + 0.2422 - 0.0), (1.37, 0.8172), (1.3, 0.8172), (0.365, 0.8172)]
    tau = load_arm("universal-robots/ur5e").inverse_dynamics(STILL, STILL, STILL)
    assert abs(tau[1]) == pytest.approx(9.80665 * sum(m * x for m, x in rows), rel=1e-6)
    assert tau[0] == pytest.approx(0.0, abs=1e-12)


def test_the_makers_tensor_is_turned_into_the_links_frame() -> None:
    shoulder = load_arm("universal-robots/ur5e").inertials[1]
    assert shoulder is not None
    # turned by 90° about X: its Y is the link's Z
    assert np.diag(shoulder.inertia) == pytest.approx([0.00700210, 0.00657286, 0.00648091])
    assert shoulder.inertia[1, 2] == pytest.approx(-0.00049994)


def test_a_gripper_weighs_on_the_last_link_as_a_payload_of_its_figures_would() -> None:
    bare, armed = (load_arm("universal-robots/ur5e", gripper=g) for g in (None, "robotiq/2f-85"))
    gripper = Catalogue.shipped().profile("robotiq/2f-85")
    assert isinstance(gripper, GripperProfile)
    load = Payload(gripper.mass.value, np.array(gripper.centre_of_gravity))
    q = np.array([0.3, -1.0, 1.2, 0.4, -0.7, 0.2])
    assert armed.inverse_dynamics(q, STILL, STILL) == pytest.approx(
        bare.inverse_dynamics(q, STILL, STILL, payload=load), abs=1e-12
    )


def test_every_source_of_a_centre_or_an_inertia_is_one_that_the_profile_lists() -> None:
    profile = Catalogue.shipped().profile("universal-robots/ur5e")
    assert isinstance(profile, ArmProfile)
    assert ("links.1.centre", "ROS description, physical_parameters.yaml") in list(profile.told())
    data = profile.model_dump(by_alias=True)
    data["links"][1]["centre"]["source"] = "hearsay"
    with pytest.raises(ValidationError, match="names the source 'hearsay'"):
        ArmProfile.model_validate(data, by_alias=True, by_name=False)


def test_moments_that_no_body_has_are_refused() -> None:
    good = {"xx": 0.1, "yy": 0.2, "zz": 0.25, "source": "manual"}
    assert Inertia.model_validate(good).xx == 0.1
    for wrong in ({"xx": 0.0}, {"zz": 0.5}, {"xy": 0.3}):
        with pytest.raises(ValidationError, match="no body has these moments"):
            Inertia.model_validate(good | wrong)
    mass = {"value": 1.0, "source": "manual", "uncertainty": 0.0}
    with pytest.raises(ValidationError, match="name `centre` too"):
        Link.model_validate({"mass": mass, "inertia": good})


URDF = """<robot name="two">
  <link name="base_link"/>
  <link name="a"><inertial><origin xyz="0.1 0 0" rpy="0 0 1.5707963267948966"/><mass value="2"/>
    <inertia ixx="0.01" iyy="0.02" izz="0.025" ixy="0" ixz="0" iyz="0"/></inertial></link>
  <link name="box"><inertial><mass value="1"/>
    <inertia ixx="0.001" iyy="0.001" izz="0.001" ixy="0" ixz="0" iyz="0"/></inertial></link>
  <link name="b"/>
  <joint name="j1" type="revolute"><parent link="base_link"/><child link="a"/><axis xyz="0 0 1"/>
    <limit lower="-2" upper="2" velocity="3"/></joint>
  <joint name="weld" type="fixed"><parent link="a"/><child link="box"/><origin xyz="0.3 0 0"/></joint>
  <joint name="j2" type="revolute"><parent link="a"/><child link="b"/><origin xyz="0.5 0 0"/><axis xyz="0 0 1"/>
    <limit lower="-2" upper="2" velocity="3"/></joint>
</robot>"""


def test_a_urdf_weighs_what_it_says_with_fixed_links_lumped(tmp_path: Path) -> None:
    path = tmp_path / "two.urdf"
    path.write_text(URDF)
    arm = load_arm(path, acceleration=5.0)
    base, first, second = arm.inertials
    assert base is None
    assert second is None
    assert first is not None
    assert first.mass == 3.0
    assert first.centre == pytest.approx([(0.2 + 0.3) / 3, 0, 0])
    # ixx and iyy of `a` change places by the turn of its origin; 2 kg and 1 kg are 0.2 m apart
    assert np.diag(first.inertia) == pytest.approx([0.021, 0.011 + 2 / 3 * 0.04, 0.026 + 2 / 3 * 0.04])
    with pytest.raises(ValueError, match="link 2 of 2 has none"):
        arm.inverse_dynamics(STILL[:2], STILL[:2], STILL[:2])
    assert arm.limits.sources[0].velocity == "two.urdf"
    assert arm.limits.sources[1].acceleration == "given with two.urdf"
    assert arm.limits.sources[1].jerk.startswith("assumed: two.urdf has none")
    path.write_text(URDF.replace('ixx="0.01"', 'ixx="-0.01"'))
    with pytest.raises(CatalogError, match=r"two\.urdf:3: <inertial>: inertia has a negative principal moment"):
        load_arm(path)


def test_a_profiles_limits_say_who_says_so() -> None:
    limits = load_arm("universal-robots/ur5e").limits
    assert [s.velocity for s in limits.sources] == ["user manual"] * 6
    assert all(s.jerk.startswith("assumed: ") for s in limits.sources)
    assert np.array_equal(limits.uncertainty, np.repeat([[0.0], [0.5], [0.5]], 6, axis=1))
    assert limits.low().acceleration == pytest.approx(0.5 * limits.acceleration)
    assert limits.tcp_sources[1] == "assumed: not published"
    assert limits.high().tcp.acceleration == pytest.approx(7.5)


def test_lumping_nothing_and_weightless_bodies_is_possible() -> None:
    assert Inertial.lumped([]).mass == 0.0
    assert Inertial.lumped([Inertial(0.0), Inertial(2.0, np.array([1.0, 0, 0]))]).centre == pytest.approx([1.0, 0, 0])
