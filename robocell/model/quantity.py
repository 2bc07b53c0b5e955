"""Annotated number types: a field's dimension, its bounds and how a file writes it, in one place.

A value that comes from a file is validated with a `Units` context: bare numbers are then allowed for lengths
and angles only, and mean what the file's `units:` say. Without a context a bare number is SI: code that
builds models is not a file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StrictBool,
    StrictInt,
    StringConstraints,
    ValidationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from robocell.errors import UnitError
from robocell.units import NUMBER_PATTERN, Dimension, convert, format_quantity, parse_quantity, units_of


@dataclass(frozen=True)
class Units:
    """What bare numbers in a file mean; None: a bare number is an error."""

    length: str | None = None
    angle: str | None = None

    def of(self, dimension: Dimension) -> str | None:
        """Return the unit of a bare number of `dimension`, None where a bare number is an error."""
        if dimension == "length":
            return self.length
        return self.angle if dimension == "angle" else None


@dataclass(frozen=True)
class Quantity:
    """A finite number of `dimension` in SI, within [low, high], or ]low, high] if `open_low`."""

    dimension: Dimension
    low: float | None = None
    high: float | None = None
    open_low: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Validate with `validate`; a float comes out."""
        return core_schema.with_info_plain_validator_function(self.validate)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe the text form, and the bare number where one is allowed."""
        units = "|".join(_escape(unit) for unit in units_of(self.dimension) if unit)
        pattern = rf"^\s*{NUMBER_PATTERN}\s*({units}){'?' if self.dimension == 'ratio' else ''}\s*$"
        text: JsonSchemaValue = {
            "type": "string",
            "pattern": pattern,
            "description": f"{self.dimension} with its unit: "
            + ", ".join(unit for unit in units_of(self.dimension) if unit),
        }
        if self.dimension not in ("length", "angle", "ratio"):
            return text
        number: JsonSchemaValue = {"type": "number"}
        if self.dimension == "ratio" or self.low == 0:
            number |= {} if self.low is None else {("exclusiveMinimum" if self.open_low else "minimum"): self.low}
        if self.dimension != "ratio":
            number["description"] = f"{self.dimension} in the unit that `units:` names"
        elif self.high is not None:
            number["maximum"] = self.high
        return {"anyOf": [number, text]}

    def validate(self, value: Any, info: ValidationInfo) -> float:
        """Return `value` in SI, or raise the error that says what to write instead."""
        number = self._number(value, info.context)
        if not math.isfinite(number):
            raise PydanticCustomError(
                "not_finite", "{value} is not a number that a cell can use", {"value": str(value)}
            )
        if self.low is not None and (number < self.low or (self.open_low and number == self.low)):
            raise PydanticCustomError(
                "quantity_low",
                "{shown} is too small for this {dimension}: it must be {bound}",
                {"shown": self._shown(value, number), "dimension": self.dimension, "bound": self._low_text()},
            )
        if self.high is not None and number > self.high:
            raise PydanticCustomError(
                "quantity_high",
                "{shown} is absurd for this {dimension}: it must be at most {bound}",
                {
                    "shown": self._shown(value, number),
                    "dimension": self.dimension,
                    "bound": format_quantity(self.high, self.dimension),
                },
            )
        return number

    def _number(self, value: Any, context: object) -> float:
        if isinstance(value, str):
            try:
                return parse_quantity(value, self.dimension)
            except UnitError as error:
                raise PydanticCustomError("quantity_unit", "{reason}", {"reason": str(error)}) from None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise PydanticCustomError(
                "quantity_type",
                "expected {dimension} such as '{example}', found {found}",
                {
                    "dimension": f"a {self.dimension}" if self.dimension[0] not in "aeiou" else f"an {self.dimension}",
                    "example": f"10 {units_of(self.dimension)[0]}",
                    "found": _kind(value),
                },
            )
        if self.dimension == "ratio" or not isinstance(context, Units):
            return float(value)
        unit = context.of(self.dimension)
        if unit is None:
            raise PydanticCustomError(
                "quantity_no_unit",
                "unit missing: {value} is not {dimension}",
                {
                    "value": f"{value:g}",
                    "dimension": ("an " if self.dimension[0] in "aeiou" else "a ") + self.dimension,
                    "example": " or ".join(f"'{value:g} {unit}'" for unit in self._example_units()),
                    "bare": self.dimension in ("length", "angle"),
                },
            )
        return convert(float(value), unit, self.dimension)

    def _example_units(self) -> tuple[str, ...]:
        return units_of(self.dimension)[:2]

    def _shown(self, value: Any, number: float) -> str:
        return value.strip() if isinstance(value, str) else format_quantity(number, self.dimension)

    def _low_text(self) -> str:
        low = self.low or 0.0
        if low == 0.0:
            return "more than 0" if self.open_low else "0 or more"
        return ("more than " if self.open_low else "at least ") + format_quantity(low, self.dimension)


class PositionQuantity(Quantity):
    """A joint's position: an angle, or for a sliding joint a length with its unit; a bare number is an angle."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Describe both forms."""
        angle = super().__get_pydantic_json_schema__(schema, handler)
        length = Quantity("length", self.low, self.high).__get_pydantic_json_schema__(schema, handler)
        return {"anyOf": [*angle["anyOf"], *(form for form in length["anyOf"] if form["type"] == "string")]}

    def _number(self, value: Any, context: object) -> float:
        if isinstance(value, str):
            try:
                return parse_quantity(value, "length")
            except UnitError:
                pass
        return super()._number(value, context)


def _escape(unit: str) -> str:
    return unit.replace("/", r"\/").replace(".", r"\.")


def _kind(value: object) -> str:
    if value is None:
        return "nothing"
    names = {bool: "true/false", dict: "a mapping", list: "a list", tuple: "a list"}
    return names.get(type(value), type(value).__name__)


# Bounds are those beyond which a cell file is certainly a slip: no work cell is 100 m long, no belt runs at
# 10 m/s.
Length = Annotated[float, Quantity("length", -100.0, 100.0)]
PositiveLength = Annotated[float, Quantity("length", 0.0, 100.0, open_low=True)]
Distance = Annotated[float, Quantity("length", 0.0, 100.0)]
Angle = Annotated[float, Quantity("angle", -100.0, 100.0)]
JointPosition = Annotated[float, PositionQuantity("angle", -100.0, 100.0)]
Area = Annotated[float, Quantity("area", 0.0, 10.0, open_low=True)]
Speed = Annotated[float, Quantity("speed", 0.0, 10.0, open_low=True)]
Acceleration = Annotated[float, Quantity("acceleration", 0.0, 200.0, open_low=True)]
AngularSpeed = Annotated[float, Quantity("angular speed", 0.0, 100.0, open_low=True)]
AngularAcceleration = Annotated[float, Quantity("angular acceleration", 0.0, 2000.0, open_low=True)]
AngularJerk = Annotated[float, Quantity("angular jerk", 0.0, 1e6, open_low=True)]
Duration = Annotated[float, Quantity("time", 0.0, 864000.0)]
PositiveDuration = Annotated[float, Quantity("time", 0.0, 864000.0, open_low=True)]
Mass = Annotated[float, Quantity("mass", 0.0, 10000.0, open_low=True)]
Force = Annotated[float, Quantity("force", 0.0, 1e6, open_low=True)]
Ratio = Annotated[float, Quantity("ratio", 0.0, 1.0)]

Xyz = tuple[Length, Length, Length]
Rpy = tuple[Angle, Angle, Angle]
Sizes = tuple[PositiveLength, PositiveLength, PositiveLength]

# A name can stand in an expression, so it is an identifier; a label (alarm, reason) is free but short.
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=64)]
Label = Annotated[str, StringConstraints(pattern=r"^\S(.*\S)?$", max_length=120)]
SignalName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*\.[A-Za-z_][A-Za-z0-9_]*$", max_length=130)
]
RelativePath = Annotated[str, StringConstraints(min_length=1, max_length=400)]
Whole = StrictInt
Flag = StrictBool
