"""The shipped profiles against what their makers publish."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from robocell.catalog import Catalogue, arm_model, load_arm
from robocell.model.device import DeviceKind
from robocell.model.profile import ArmProfile, GripperProfile, MachineProfile, PanelProfile
from robocell.motion import Arm

CATALOGUE = Catalogue.shipped()
DEG = np.pi / 180.0

ARMS = ("abb/irb-1200-5-0.9", "kuka/kr6-r900", "universal-robots/ur5e")


def arm_profile(name: str) -> ArmProfile:
    profile = CATALOGUE.profile(name)
    assert isinstance(profile, ArmProfile)
    return profile


def test_the_catalogue_has_the_devices_that_the_examples_and_the_readme_name() -> None:
    expected = [
        *ARMS,
        "robotiq/2f-85",
        "eastron/sdm630",
        *(f"generic/{w}" for w in ("area-camera", "belt-conveyor", "machine-tool", "operator-panel", "photo-eye")),
        "generic/safety-relay",
    ]
    assert set(expected) <= set(CATALOGUE.names())


@pytest.mark.parametrize("name", CATALOGUE.names())
def test_every_profile_loads_and_every_figure_has_a_source(name: str) -> None:
    profile = CATALOGUE.profile(name)
    assert profile.kind in get_args(DeviceKind)
    figures = dict(profile.figures())
    assert figures
    for place, figure in figures.items():
        assert figure.low <= figure.value <= figure.high, place
        if figure.assumed:
            assert len(figure.source) > len("assumed: "), f"{place}: an assumption says why"
    assert all(signal in {"fault", *profile.offers()} for signal in profile.signals)


@pytest.mark.parametrize("name", ARMS)
def test_the_limits_that_makers_publish_are_not_assumed(name: str) -> None:
    profile = arm_profile(name)
    published = [profile.payload, profile.reach, profile.repeatability, *(j.velocity for j in profile.joints)]
    assert not any(figure.assumed for figure in published)


def dh(rows: list[tuple[float, float, float]], q: np.ndarray) -> np.ndarray:
    """Standard Denavit-Hartenberg: Rz(q) Tz(d) Tx(a) Rx(alpha), rows (a, d, alpha)."""
    T = np.eye(4)
    for (a, d, alpha), angle in zip(rows, q, strict=True):
        c, s, ca, sa = np.cos(angle), np.sin(angle), np.cos(alpha), np.sin(alpha)
        T = T @ [[c, -s * ca, s * sa, a * c], [s, c * ca, -c * sa, a * s], [0, sa, ca, d], [0, 0, 0, 1]]
    return T


UR5E_DH = [
    (0.0, 0.1625, np.pi / 2),
    (-0.425, 0.0, 0.0),
    (-0.3922, 0.0, 0.0),
    (0.0, 0.1333, np.pi / 2),
    (0.0, 0.0997, -np.pi / 2),
    (0.0, 0.0996, 0.0),
]


def test_the_ur5e_moves_as_its_published_dh_parameters_say() -> None:
    arm = load_arm("universal-robots/ur5e")
    turned = np.diag([-1.0, -1.0, 1.0, 1.0])  # ROS base_link against the controller's base
    rng = np.linspace(-3.0, 3.0, 7)
    for q in np.stack([np.roll(rng, k)[:6] for k in range(7)]):
        assert arm.fk(q) == pytest.approx(turned @ dh(UR5E_DH, q), abs=1e-12)


def test_the_kr6_r900_lies_stretched_at_zero_and_is_as_long_as_its_drawing() -> None:
    tip = load_arm("kuka/kr6-r900").fk(np.zeros(6))
    assert tip[:3, 3] == pytest.approx([0.025 + 0.455 + 0.420 + 0.080, 0.0, 0.400 + 0.035])
    assert tip[:3, 2] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)
    upright = load_arm("kuka/kr6-r900").fk(np.array([0.0, -90.0, 90.0, 0.0, 0.0, 0.0]) * DEG)
    assert upright[:3, 3] == pytest.approx([0.025 + 0.420 + 0.080, 0.0, 0.400 + 0.455 + 0.035])


def test_the_irb_1200_stands_upright_at_zero_and_is_as_long_as_its_drawing() -> None:
    tip = load_arm("abb/irb-1200-5-0.9").fk(np.zeros(6))
    assert tip[:3, 3] == pytest.approx([0.451 + 0.082, 0.0, 0.3991 + 0.448 + 0.042])
    assert tip[:3, 2] == pytest.approx([1.0, 0.0, 0.0], abs=1e-12)


def wrist_centre(arm: Arm, q: np.ndarray) -> np.ndarray:
    """The point where axes 4, 5 and 6 of a spherical wrist meet."""
    return np.asarray(arm.fk(q, links=True)[5, :3, 3])


@pytest.mark.parametrize("name", ["abb/irb-1200-5-0.9", "kuka/kr6-r900"])
def test_the_wrist_gets_as_far_as_the_published_reach(name: str) -> None:
    profile, arm = arm_profile(name), load_arm(name)
    lower, upper = (j.position for j in profile.joints[1:3])
    angles = [np.linspace(*lower, 400), np.linspace(*upper, 400)]
    q = np.zeros((400, 400, 6))
    q[..., 1], q[..., 2] = np.meshgrid(*angles, indexing="ij")
    centres = arm.fk(q.reshape(-1, 6), links=True)[:, 5, :3, 3]
    assert np.hypot(centres[:, 0], centres[:, 1]).max() == pytest.approx(profile.reach.value, abs=1e-3)


def test_the_ur5e_reaches_as_far_as_its_manual_says() -> None:
    arm = load_arm("universal-robots/ur5e")
    stretched = arm.fk(np.zeros(6), links=True)[5, :3, 3] - arm.fk(np.zeros(6), links=True)[1, :3, 3]
    reach = arm_profile("universal-robots/ur5e").reach.value
    # the manual's 850 mm are 425 + 392 and what the wrist adds, rounded
    assert np.hypot(*stretched[:2]) == pytest.approx(reach, abs=0.03)


SPEEDS = {
    "universal-robots/ur5e": [180] * 6,
    "abb/irb-1200-5-0.9": [288, 240, 300, 400, 405, 600],
    "kuka/kr6-r900": [360, 300, 360, 381, 388, 615],
}


@pytest.mark.parametrize("name", ARMS)
def test_speeds_and_payload_are_the_makers(name: str) -> None:
    profile = arm_profile(name)
    assert np.array([j.velocity.value for j in profile.joints]) / DEG == pytest.approx(SPEEDS[name])
    assert profile.payload.value == (6.0 if "kuka" in name else 5.0)


@pytest.mark.parametrize("name", ARMS)
def test_an_arm_at_home_is_free_of_itself_and_its_inverse_kinematics_is_closed(name: str) -> None:
    profile = arm_profile(name)
    arm = arm_model(profile)
    home = np.array(profile.home)
    assert arm.solver.ordered
    found = arm.ik(arm.fk(home), near=home)
    assert found.q[0] == pytest.approx(home, abs=1e-9)
    links = arm.fk(home, links=True)
    for i, one in enumerate(arm.capsules):
        for other in arm.capsules[i + 1 :]:
            if abs(one.link - other.link) > 2:  # capsules are rounder than castings: those next but one may overlap
                ends = [[links[c.link] @ [*p, 1.0] for p in (c.p0, c.p1)] for c in (one, other)]
                s, t = np.meshgrid(np.linspace(0, 1, 30), np.linspace(0, 1, 30))
                a, b = ((1 - w[..., None]) * e[0] + w[..., None] * e[1] for w, e in zip((s, t), ends, strict=True))
                assert np.linalg.norm(a - b, axis=-1).min() > one.radius + other.radius, (one.link, other.link)


def test_a_gripper_gives_tcp_mass_and_shape() -> None:
    gripper = CATALOGUE.profile("robotiq/2f-85")
    assert isinstance(gripper, GripperProfile)
    assert (gripper.stroke.value, gripper.force.value, gripper.speed.value) == (0.085, 235.0, 0.15)
    bare, tooled = load_arm("universal-robots/ur5e"), load_arm("universal-robots/ur5e", gripper="robotiq/2f-85")
    q = np.array([0.1, -1.2, 1.0, -0.7, -1.5, 0.3])
    tip = bare.fk(q)
    assert tooled.fk(q)[:3, 3] == pytest.approx(tip[:3, 3] + gripper.tcp.xyz[2] * tip[:3, 2])
    assert len(tooled.capsules) == len(bare.capsules) + len(gripper.capsules)
    fingers = max(np.hypot(c.start[0], c.start[1]) - c.radius for c in gripper.capsules)
    assert fingers == pytest.approx(gripper.stroke.value / 2, abs=5e-4)  # open fingers leave the whole stroke


def test_generic_devices_offer_what_the_cells_use() -> None:
    panel, mill = CATALOGUE.profile("generic/operator-panel"), CATALOGUE.profile("generic/machine-tool")
    assert isinstance(panel, PanelProfile)
    assert {"reset", "start", "tray_changed", "bin_emptied"} <= set(panel.inputs)
    assert isinstance(mill, MachineProfile)
    assert mill.enclosure.door == "top"
