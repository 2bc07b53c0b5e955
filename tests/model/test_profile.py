from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from robocell.catalog import Catalogue, arm_model
from robocell.model.arm_profile import Joint, SlidingJoint
from robocell.model.figure import LengthFigure, SpeedFigure
from robocell.model.profile import ArmProfile, PanelProfile
from robocell.model.quantity import JointPosition, Units

PROFILE = Catalogue.shipped().profile("universal-robots/ur5e")


def test_a_figure_is_an_interval() -> None:
    figure = LengthFigure.model_validate({"value": "80 mm", "source": "manual", "uncertainty": "5 %"})
    assert (figure.low, figure.value, figure.high) == pytest.approx((0.076, 0.08, 0.084))
    assert not figure.assumed
    assert LengthFigure(value=1.0, source="assumed: a guess", uncertainty=0.5).assumed


def test_a_figure_in_a_file_carries_its_unit_although_lengths_there_may_be_bare() -> None:
    data = {"value": 80, "source": "manual", "uncertainty": 0}
    assert LengthFigure.model_validate(data).value == 80.0  # code is not a file
    with pytest.raises(ValidationError, match="carries its own unit"):
        LengthFigure.model_validate(data, context=Units("mm", "deg"))


@pytest.mark.parametrize("value", ["0 mm/s", "-1 mm/s", "25 m/s", "nan mm/s"])
def test_a_speed_is_positive_and_no_absurdity(value: str) -> None:
    with pytest.raises(ValidationError):
        SpeedFigure.model_validate({"value": value, "source": "manual", "uncertainty": 0})


def changed(**changes: Any) -> ArmProfile:
    return ArmProfile.model_validate(PROFILE.model_dump(by_alias=True) | changes, by_alias=True)


def joints(**changes: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = PROFILE.model_dump(by_alias=True)["joints"]
    return [found[0] | changes, *found[1:]]


def test_a_profile_survives_a_round_trip() -> None:
    assert changed() == PROFILE


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"joints": joints(axis=(0.0, 0.0, 2.0))}, "has length 2, it must be 1"),
        ({"joints": joints(position=(1.0, -1.0))}, "the first position limit must be below the second"),
        ({"joints": joints(name="elbow_joint")}, "two joints have the same name"),
        ({"joints": joints()[:5]}, "5 joints move 5 links, with the base 6; `links` has 7"),
        ({"home": (0.0,) * 5}, "`home` has 5 positions for 6 joints"),
        ({"home": (7.0,) + (0.0,) * 5}, "`home` is outside the limits of joint shoulder_pan_joint"),
        ({"signals": {"holding": "bool"}}, "no signal 'holding'"),
        ({"sources": [{"name": "x"}]}, "needs a document or a url"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        changed(**changes)


def test_a_panel_offers_its_buttons_and_names_them_once() -> None:
    panel = Catalogue.shipped().profile("generic/operator-panel")
    assert isinstance(panel, PanelProfile)
    assert panel.offers() == dict.fromkeys(panel.inputs, "bool")
    with pytest.raises(ValidationError, match="'reset' names two"):
        PanelProfile.model_validate(panel.model_dump(by_alias=True) | {"outputs": ("reset",)}, by_alias=True)


def test_a_sliding_joint_has_lengths_and_takes_no_angles() -> None:
    figure = {"source": "user manual", "uncertainty": "0 %"}
    slide = {
        "name": "axis_1",
        "type": "prismatic",
        "axis": [1, 0, 0],
        "origin": {},
        "position": [0, 1500],
        "velocity": figure | {"value": "2 m/s"},
        "acceleration": figure | {"value": "10 m/s2"},
        "jerk": figure | {"value": "100 m/s3"},
    }
    plain = PROFILE.model_dump(by_alias=True)
    adapter = TypeAdapter(tuple[Joint, ...])
    joint = adapter.validate_python([slide], context=Units("mm", "deg"))[0]
    assert isinstance(joint, SlidingJoint)
    assert joint.position == (0.0, 1.5)
    assert joint.velocity.value == 2.0
    with pytest.raises(ValidationError, match="speed"):
        adapter.validate_python([slide | {"velocity": figure | {"value": "90 deg/s"}}], context=Units("mm", "deg"))
    profile = changed(
        joints=[joint.model_dump(by_alias=True), *plain["joints"][1:]], home=["200 mm", *plain["home"][1:]]
    )
    assert profile.home[0] == pytest.approx(0.2)
    arm = arm_model(profile)
    assert arm.joints[0].kind == "prismatic"
    assert arm.limits.position[0].tolist() == [0.0, 1.5]
    assert arm.limits.velocity[0] == 2.0
    with pytest.raises(ValidationError, match="`home` is outside the limits of joint axis_1"):
        changed(joints=[joint.model_dump(by_alias=True), *plain["joints"][1:]], home=["1.6 m", *plain["home"][1:]])


def test_a_position_is_an_angle_or_a_length_with_its_unit() -> None:
    adapter = TypeAdapter(JointPosition)
    assert adapter.validate_python("90 deg") == pytest.approx(1.5707963)
    assert adapter.validate_python("20 mm") == pytest.approx(0.02)
    assert adapter.validate_python(180, context=Units("mm", "deg")) == pytest.approx(3.1415927)
    with pytest.raises(ValidationError, match="kg"):
        adapter.validate_python("3 kg")
