"""What a count, a grey level, an area or an angle may be: a range, either side of which may be left out."""

from __future__ import annotations

import math
from typing import Annotated, Any, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from robocell.errors import UnitError
from robocell.model.base import Model
from robocell.model.extent import Extent, Patch, tolerance
from robocell.model.quantity import Quantity, Ratio
from robocell.units import parse_quantity

Grey = Annotated[float, Field(ge=0, le=255)]
Turn = Annotated[float, Quantity("angle", 0.0, 2 * math.pi)]
Count = Annotated[int, Field(strict=True, ge=0, le=10_000)]


class _Range(Model):
    """A range whose two ends are in order."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        low, high = getattr(self, "min", None), getattr(self, "max", None)
        if low is None and high is None:
            raise PydanticCustomError("range_order", "limits need 'min', 'max' or both")
        if isinstance(low, Extent) and isinstance(high, Extent):
            if low.pixels != high.pixels and low.value != 0:
                raise PydanticCustomError("range_order", "'min' and 'max' are both in an area or both in px")
            low, high = low.value, high.value
        if low is not None and high is not None and low > high:
            raise PydanticCustomError("range_order", "'min' is above 'max'")
        return self


class CountLimits(_Range):
    """How many there may be: `4`, or `{min: 1, max: 3}`."""

    min: Count | None = None
    max: Count | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_number(cls, value: Any) -> Any:
        return {"min": value, "max": value} if isinstance(value, int) and not isinstance(value, bool) else value

    def judge(self, count: int) -> str:
        """Return why a count is not good, "" where it is."""
        if self.min is not None and count < self.min:
            return f"{count} instead of {'' if self.min == self.max else 'at least '}{self.min}"
        if self.max is not None and count > self.max:
            return f"{count} instead of {'' if self.min == self.max else 'at most '}{self.max}"
        return ""


class GreyLimits(_Range):
    """Grey levels, 0 (black) to 255."""

    min: Grey | None = None
    max: Grey | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest; infinite where left out."""
        return (-math.inf if self.min is None else self.min), (math.inf if self.max is None else self.max)


class ShareLimits(_Range):
    """A share, as `5 %` or `0.05`."""

    min: Ratio | None = None
    max: Ratio | None = None

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest; infinite where left out."""
        return (-math.inf if self.min is None else self.min), (math.inf if self.max is None else self.max)


class AreaLimits(_Range):
    """An area, as `2 mm2` or `400 px`."""

    min: Patch | None = None
    max: Patch | None = None


class AngleLimits(_Range):
    """An angle: `90 deg ± 1 deg`, or `{min: 89 deg, max: 91 deg}`."""

    min: Turn | None = None
    max: Turn | None = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = tolerance(value)
        if parts is None:
            text = f"{value}: write the nominal angle and its tolerance, as in '90 deg ± 1 deg'"
            raise PydanticCustomError("quantity_unit", "{reason}", {"reason": text})
        try:
            middle, half = (parse_quantity(part, "angle") for part in parts)
        except UnitError as error:
            raise PydanticCustomError("quantity_unit", "{reason}", {"reason": str(error)}) from None
        return {"min": f"{max(middle - half, 0.0)!r} rad", "max": f"{middle + half!r} rad"}

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest, rad; infinite where left out."""
        return (-math.inf if self.min is None else self.min), (math.inf if self.max is None else self.max)
