"""Figures of devices: a value with the source that says so and how far it may be off.

A figure is never a bare number: `{value: 180 deg/s, source: user manual, uncertainty: 0 %}`. `uncertainty` is relative and to
be read as "the truth lies within value · (1 ± uncertainty)", so that a cycle time can be an interval.
"""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from robocell.model.base import Model
from robocell.model.quantity import Label, Quantity, Units


def _carries_unit(value: Any, info: ValidationInfo) -> Any:
    """Refuse a bare number in a file: `units:` is for geometry, a published figure says its own unit."""
    if isinstance(value, int | float) and not isinstance(value, bool) and isinstance(info.context, Units):
        raise PydanticCustomError(
            "figure_no_unit",
            "unit missing: a figure carries its own unit, {value} does not",
            {"value": value},
        )
    return value


_Written = BeforeValidator(_carries_unit)


class Figure(Model):
    """A figure in SI.

    Attributes:
        value: SI.
        source: the name of one of the profile's sources (", " and a place in it may follow), or "assumed: why".
        uncertainty: relative, from 0.

    """

    value: float
    source: Label
    uncertainty: Annotated[float, Quantity("ratio", 0.0, 1.0)] = Field(
        description="Relative: the truth lies within value · (1 ± uncertainty)"
    )

    @property
    def low(self) -> float:
        """The least value that the uncertainty allows, SI."""
        return self.value * (1.0 - self.uncertainty)

    @property
    def high(self) -> float:
        """The greatest value that the uncertainty allows, SI."""
        return self.value * (1.0 + self.uncertainty)

    @property
    def assumed(self) -> bool:
        """Whether nobody published or measured it."""
        return self.source.startswith("assumed")


class LengthFigure(Figure):
    """m."""

    value: Annotated[float, Quantity("length", 0.0, 100.0), _Written]


class SpeedFigure(Figure):
    """m/s."""

    value: Annotated[float, Quantity("speed", 0.0, 20.0, open_low=True)]


class AccelerationFigure(Figure):
    """m/s²."""

    value: Annotated[float, Quantity("acceleration", 0.0, 500.0, open_low=True)]


class JerkFigure(Figure):
    """m/s³."""

    value: Annotated[float, Quantity("jerk", 0.0, 1e5, open_low=True)]


class AngularSpeedFigure(Figure):
    """rad/s."""

    value: Annotated[float, Quantity("angular speed", 0.0, 100.0, open_low=True)]


class AngularAccelerationFigure(Figure):
    """rad/s²."""

    value: Annotated[float, Quantity("angular acceleration", 0.0, 2000.0, open_low=True)]


class AngularJerkFigure(Figure):
    """rad/s³."""

    value: Annotated[float, Quantity("angular jerk", 0.0, 1e6, open_low=True)]


class MassFigure(Figure):
    """kg."""

    value: Annotated[float, Quantity("mass", 0.0, 10000.0, open_low=True)]


class ForceFigure(Figure):
    """N."""

    value: Annotated[float, Quantity("force", 0.0, 1e6)]


class DurationFigure(Figure):
    """s."""

    value: Annotated[float, Quantity("time", 0.0, 86400.0)]


class PowerFigure(Figure):
    """W."""

    value: Annotated[float, Quantity("power", 0.0, 1e6)]


class RatioFigure(Figure):
    """A number without dimension, such as a friction coefficient; 50 % is 0.5."""

    value: Annotated[float, Quantity("ratio", -10.0, 10.0)]


class CountFigure(Figure):
    """A number in the unit that the field names (pixels, grey levels)."""

    value: Annotated[float, Quantity("ratio", 0.0, 1e6)]
