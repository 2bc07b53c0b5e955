"""Lengths and areas in a picture: through the camera's calibration, as `3 mm`, or in its pixels, as `120 px`."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Self

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from robocell.errors import UnitError
from robocell.model.base import Model
from robocell.model.quantity import Quantity
from robocell.units import NUMBER_PATTERN, format_quantity, parse_quantity

MOST_PIXELS = 1e5
"""Pixels along a side beyond which a figure is certainly a slip."""

_PIXELS = re.compile(rf"\s*({NUMBER_PATTERN})\s*px(2|²)?\s*")


@dataclass(frozen=True)
class Extent:
    """A length or an area of a picture.

    Attributes:
        value: pixels (an area: how many), or metres (square metres).
        pixels: which of the two.
        power: 1 for a length, 2 for an area.

    """

    value: float
    pixels: bool = False
    power: int = 1

    def seen(self, scale: float | None) -> float:
        """Return it in pixels.

        Args:
            scale: metres that a pixel spans; None where the picture has no calibration.

        Raises:
            ValueError: it is no number of pixels, and the picture has no calibration.

        """
        if self.pixels or self.value == 0:
            return self.value
        if scale is None:
            raise ValueError(f"{self} needs the camera's calibration")
        return float(self.value / scale**self.power)

    def __str__(self) -> str:
        if self.pixels:
            return f"{self.value:.6g} px{'2' if self.power == 2 else ''}"
        return format_quantity(self.value, "area" if self.power == 2 else "length")


class InPicture(Quantity):
    """Pydantic annotation of an `Extent` within the bounds of a `Quantity`, which hold for lengths."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with `extent`; written out again with full precision."""
        written = core_schema.plain_serializer_function_ser_schema(_exact)
        return core_schema.with_info_plain_validator_function(self.extent, serialization=written)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the text form: a length with its unit, or pixels."""
        form = super().__get_pydantic_json_schema__(schema, handler)
        text = form["anyOf"][-1] if "anyOf" in form else form
        pixels = "px[2²]?" if self.dimension == "area" else "px"
        return {
            "type": "string",
            "pattern": text["pattern"].replace(")\\s*$", f"|{pixels})\\s*$"),
            "description": text["description"] + ", px",
        }

    def _example_units(self) -> tuple[str, ...]:
        return super()._example_units()[0], "px"

    def extent(self, value: Any, info: ValidationInfo) -> Extent:
        """Return `value` as an extent, or raise the error that says what to write instead."""
        power = 2 if self.dimension == "area" else 1
        if isinstance(value, Extent):
            return value
        match = _PIXELS.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            return Extent(self.validate(value, info), False, power)
        number = float(match[1])
        if match[2] and power == 1:
            raise PydanticCustomError("quantity_unit", "{text}: a length in pixels is written 'px'", {"text": value})
        shown = {"shown": value.strip(), "dimension": self.dimension}
        if self.low is not None and self.low >= 0 and (number < 0 or (self.open_low and number == 0)):
            text = "{shown} is too small for this {dimension}: it must be {bound}"
            raise PydanticCustomError("quantity_low", text, {**shown, "bound": self._low_text()})
        if abs(number) > MOST_PIXELS**power:
            text = "{shown} is absurd for this {dimension}: it must be at most {bound} px"
            raise PydanticCustomError("quantity_high", text, {**shown, "bound": f"{MOST_PIXELS**power:.0e}"})
        return Extent(number, True, power)


def _exact(extent: Extent) -> str:
    unit = "px" if extent.pixels else "m"
    return f"{extent.value!r} {unit}{'2' if extent.power == 2 else ''}"


Offset = Annotated[Extent, InPicture("length", -10.0, 10.0)]
Side = Annotated[Extent, InPicture("length", 0.0, 10.0, open_low=True)]
Width = Annotated[Extent, InPicture("length", 0.0, 10.0)]
Patch = Annotated[Extent, InPicture("area", 0.0, 10.0)]
Point = tuple[Offset, Offset]

ORIGIN = (Extent(0.0, True), Extent(0.0, True))


def tolerance(text: str) -> tuple[str, str] | None:
    """Split `60 mm ± 0.2 mm`; None where there is no ± (also written +/- and +-)."""
    nominal, sign, half = text.replace("+/-", "±").replace("+-", "±").partition("±")
    if not sign:
        return None
    return nominal.strip(), half.strip()


class Limits(Model):
    """What a measured length may be: `60 mm ± 0.2 mm`, or `{min: 59.8 mm, max: 60.2 mm}`, either of the two left out."""

    min: Annotated[Width | None, Field(description="The least that is good")] = None
    max: Annotated[Side | None, Field(description="The most that is good")] = None

    @model_validator(mode="before")
    @classmethod
    def _from_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        parts = tolerance(value)
        if parts is None:
            text = "write the nominal length and its tolerance, as in '60 mm ± 0.2 mm'"
            raise PydanticCustomError("quantity_unit", "{reason}", {"reason": f"{value}: {text}"})
        (middle, pixels), (half, too) = _length(parts[0]), _length(parts[1])
        if pixels != too:
            raise PydanticCustomError("quantity_unit", "{text}: both in a length or both in px", {"text": value})
        if not 0 < half <= middle:
            raise PydanticCustomError(
                "quantity_low", "{text}: the tolerance is above 0 and at most the nominal length", {"text": value}
            )
        return {"min": Extent(middle - half, pixels), "max": Extent(middle + half, pixels)}

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min is None and self.max is None:
            raise PydanticCustomError("range_order", "limits need 'min', 'max' or both")
        if self.min is not None and self.max is not None:
            if self.min.pixels != self.max.pixels and self.min.value != 0:
                raise PydanticCustomError("range_order", "'min' and 'max' are both in a length or both in px")
            if self.min.value >= self.max.value:
                text = "the least length, {low}, is not below the greatest, {high}"
                raise PydanticCustomError("range_order", text, {"low": str(self.min), "high": str(self.max)})
        return self

    @property
    def pixels(self) -> bool:
        """Whether the limits are pixels."""
        given = self.max if self.max is not None else self.min
        return given is not None and given.pixels

    @property
    def bounds(self) -> tuple[float, float]:
        """Least and greatest, metres or pixels; infinite where left out."""
        low = -math.inf if self.min is None else self.min.value
        return low, math.inf if self.max is None else self.max.value


def _length(text: str) -> tuple[float, bool]:
    match = _PIXELS.fullmatch(text)
    if match is not None and not match[2]:
        return float(match[1]), True
    try:
        return parse_quantity(text, "length"), False
    except UnitError as error:
        raise PydanticCustomError("quantity_unit", "{reason}", {"reason": str(error)}) from None
