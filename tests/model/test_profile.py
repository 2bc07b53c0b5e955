from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from robocell.catalog import Catalogue
from robocell.model.figure import LengthFigure, SpeedFigure
from robocell.model.profile import ArmProfile, PanelProfile
from robocell.model.quantity import Units

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
