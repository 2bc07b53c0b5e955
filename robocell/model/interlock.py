"""Permit and interlocks: ordinary control that refuses motion. Safety works without robocell."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from robocell.model.base import Model
from robocell.model.expression import Expression
from robocell.model.quantity import Name, PositiveDuration, Ratio, SignalName


class Permit(Model):
    """Permit to run: both relay channels agree, mirrors are fresh, and a person's rising edge re-armed it."""

    relay: Name = Field(description="The safety relay that is watched")
    fresh: PositiveDuration = Field(default=0.2, description="A mirror older than this counts as open")
    reset: SignalName = Field(description="Signal of a panel whose rising edge re-arms, such as panel.reset")


class Interlock(Model):
    """A condition without which the listed devices must not move."""

    require: Expression = Field(description="Must hold for the devices to move")
    devices: tuple[Name, ...] = Field(alias="for", min_length=1, max_length=100)
    otherwise: Literal["abort", "stop", "hold", "slow"] = Field(
        default="stop",
        description="What happens to a device that moves or is commanded when it does not hold",
    )
    speed: Ratio = Field(default=0.1, description="With `otherwise: slow`: the speed override")
