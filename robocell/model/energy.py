"""Energy: where it is measured and who sleeps when nothing happens."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from robocell.model.base import Model
from robocell.model.quantity import Name, PositiveDuration


class Idle(Model):
    """Who is put to sleep after how long without work."""

    after: PositiveDuration
    sleep: tuple[Name, ...] = Field(min_length=1, max_length=100)


class Energy(Model):
    """Energy report and idling."""

    meter: Name | None = None
    report: Literal["per part", "per hour", "total"] = "per part"
    idle: Idle | None = None
