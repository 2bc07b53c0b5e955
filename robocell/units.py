"""Text with a unit → SI, and back for messages: the one place that knows units.

>>> parse_quantity("250 mm/s", "speed")
0.25
>>> format_quantity(0.25, "speed")
'250 mm/s'
"""

from __future__ import annotations

import math
import re
from typing import Literal, get_args

from robocell.errors import UnitError

Dimension = Literal[
    "length",
    "angle",
    "area",
    "speed",
    "angular speed",
    "acceleration",
    "angular acceleration",
    "jerk",
    "angular jerk",
    "time",
    "mass",
    "force",
    "torque",
    "pressure",
    "power",
    "energy",
    "voltage",
    "current",
    "rate",
    "temperature",
    "ratio",
]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

_DEGREE = math.pi / 180.0

# SI is kept exact where a decimal factor is not: multiplying by 0.001 would turn 250 into 0.25 but 900.1
# into 0.9001000…1, so a factor is a pair (multiplier, divisor) of exactly representable numbers.
_UNITS: dict[Dimension, dict[str, tuple[float, float]]] = {
    "length": {
        "mm": (1, 1000),
        "cm": (1, 100),
        "m": (1, 1),
        "µm": (1, 1e6),
        "um": (1, 1e6),
        "in": (254, 10000),
    },
    "angle": {"deg": (_DEGREE, 1), "°": (_DEGREE, 1), "rad": (1, 1), "mrad": (1, 1000)},
    "area": {"mm2": (1, 1e6), "mm²": (1, 1e6), "cm2": (1, 1e4), "cm²": (1, 1e4), "m2": (1, 1), "m²": (1, 1)},
    "speed": {
        "mm/s": (1, 1000),
        "m/s": (1, 1),
        "cm/s": (1, 100),
        "mm/min": (1, 60000),
        "m/min": (1, 60),
    },
    "angular speed": {
        "deg/s": (_DEGREE, 1),
        "°/s": (_DEGREE, 1),
        "rad/s": (1, 1),
        "rpm": (2 * math.pi, 60),
        "1/min": (2 * math.pi, 60),
    },
    "acceleration": {
        "mm/s2": (1, 1000),
        "mm/s²": (1, 1000),
        "m/s2": (1, 1),
        "m/s²": (1, 1),
    },
    "angular acceleration": {
        "deg/s2": (_DEGREE, 1),
        "deg/s²": (_DEGREE, 1),
        "°/s²": (_DEGREE, 1),
        "rad/s2": (1, 1),
        "rad/s²": (1, 1),
    },
    "jerk": {"mm/s3": (1, 1000), "mm/s³": (1, 1000), "m/s3": (1, 1), "m/s³": (1, 1)},
    "angular jerk": {
        "deg/s3": (_DEGREE, 1),
        "deg/s³": (_DEGREE, 1),
        "rad/s3": (1, 1),
        "rad/s³": (1, 1),
    },
    "time": {"s": (1, 1), "ms": (1, 1000), "µs": (1, 1e6), "us": (1, 1e6), "min": (60, 1), "h": (3600, 1)},
    "mass": {"kg": (1, 1), "g": (1, 1000), "mg": (1, 1e6), "t": (1000, 1)},
    "force": {"N": (1, 1), "kN": (1000, 1), "mN": (1, 1000)},
    "torque": {"Nm": (1, 1), "N·m": (1, 1), "N m": (1, 1), "mNm": (1, 1000)},
    "pressure": {"Pa": (1, 1), "kPa": (1000, 1), "mbar": (100, 1), "bar": (1e5, 1), "MPa": (1e6, 1)},
    "power": {"W": (1, 1), "kW": (1000, 1), "mW": (1, 1000)},
    "energy": {"J": (1, 1), "kJ": (1000, 1), "Wh": (3600, 1), "kWh": (3.6e6, 1)},
    "voltage": {"V": (1, 1), "mV": (1, 1000), "kV": (1000, 1)},
    "current": {"A": (1, 1), "mA": (1, 1000)},
    "rate": {"Hz": (1, 1), "kHz": (1000, 1), "/s": (1, 1), "/min": (1, 60), "/h": (1, 3600)},
    "temperature": {"K": (1, 1), "°C": (1, 1), "degC": (1, 1)},
    "ratio": {"%": (1, 100), "‰": (1, 1000), "": (1, 1)},
}
_CELSIUS_OFFSET = {"°C": 273.15, "degC": 273.15}
_SHOWN: dict[Dimension, str] = {
    "length": "mm",
    "angle": "deg",
    "area": "mm2",
    "speed": "mm/s",
    "angular speed": "deg/s",
    "acceleration": "mm/s2",
    "angular acceleration": "deg/s2",
    "jerk": "mm/s3",
    "angular jerk": "deg/s3",
    "time": "s",
    "mass": "kg",
    "force": "N",
    "torque": "Nm",
    "pressure": "kPa",
    "power": "W",
    "energy": "Wh",
    "voltage": "V",
    "current": "A",
    "rate": "Hz",
    "temperature": "°C",
    "ratio": "%",
}

NUMBER_PATTERN = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_QUANTITY = re.compile(rf"\s*({NUMBER_PATTERN})\s*(\S.*?)?\s*")
_DECIMAL_COMMA = re.compile(r"\s*[+-]?[0-9]+,[0-9]+")


def units_of(dimension: Dimension) -> tuple[str, ...]:
    """Return the unit symbols of `dimension`, the customary one first."""
    shown = _SHOWN[dimension]
    return (shown, *(unit for unit in _UNITS[dimension] if unit != shown))


def dimension_of(unit: str) -> Dimension | None:
    """Return the dimension that the symbol `unit` measures, None for an unknown symbol. None has two."""
    for dimension, units in _UNITS.items():
        if unit in units:
            return dimension
    return None


def convert(value: float, unit: str, dimension: Dimension) -> float:
    """Return `value` in `unit` as SI (metre, radian, second, kilogram, kelvin, …; a ratio as a fraction).

    Raises:
        UnitError: `unit` does not measure `dimension`, or the result is not finite.

    """
    try:
        multiplier, divisor = _UNITS[dimension][unit]
    except KeyError:
        raise UnitError(_wrong_unit(f"{value:g} {unit}", unit, dimension)) from None
    result = value * multiplier / divisor + _CELSIUS_OFFSET.get(unit, 0.0)
    if not math.isfinite(result):
        raise UnitError(f"{value:g} {unit} is not a finite {dimension}")
    return result


def parse_quantity(text: str, dimension: Dimension) -> float:
    """Read a number with its unit, such as `"250 mm/s"`, and return it in SI.

    Args:
        text: The number and its unit; the space between them may be left out. No thousands separators.
        dimension: What is measured; it decides which units fit.

    Returns:
        The value in SI units (metre, radian, second, kilogram, kelvin, …; a ratio as a fraction).

    Raises:
        UnitError: There is no number, no unit, an unknown unit, or one that measures something else.

    """
    match = _QUANTITY.fullmatch(text)
    if match is None or _DECIMAL_COMMA.match(text):
        raise UnitError(_no_quantity(text, dimension))
    number, unit = float(match[1]), match[2] or ""
    if unit == "" and "" not in _UNITS[dimension]:
        raise UnitError(f"{text.strip()}: unit missing; write for example '{text.strip()} {_SHOWN[dimension]}'")
    if unit not in _UNITS[dimension]:
        raise UnitError(_wrong_unit(text.strip(), unit, dimension))
    return convert(number, unit, dimension)


def format_quantity(value: float, dimension: Dimension, unit: str | None = None) -> str:
    """Return the SI `value` as text in `unit`, by default the one that engineers read most easily."""
    unit = unit if unit is not None else _readable_unit(value, dimension)
    multiplier, divisor = _UNITS[dimension][unit]
    number = (value - _CELSIUS_OFFSET.get(unit, 0.0)) * divisor / multiplier
    return f"{number:.6g} {unit}".rstrip()


def _readable_unit(value: float, dimension: Dimension) -> str:
    size = abs(value)
    if dimension == "time":
        return "ms" if 0 < size < 1 else "s" if size < 120 else "min" if size < 7200 else "h"
    if dimension == "mass":
        return "g" if 0 < size < 1 else "kg"
    if dimension == "power" and size >= 1000:
        return "kW"
    if dimension in ("length", "speed", "acceleration") and size >= 10:
        return {"length": "m", "speed": "m/s", "acceleration": "m/s2"}[dimension]
    return _SHOWN[dimension]


def _article(dimension: Dimension) -> str:
    return ("an " if dimension[0] in "aeiou" else "a ") + dimension


def _no_quantity(text: str, dimension: Dimension) -> str:
    if _DECIMAL_COMMA.match(text):
        return f"{text.strip()}: write a decimal point, not a comma"
    example = f"10 {_SHOWN[dimension]}"
    return f"{text.strip()!r} is not {_article(dimension)}; write a number and a unit, such as '{example}'"


def _wrong_unit(text: str, unit: str, dimension: Dimension) -> str:
    other = dimension_of(unit)
    if other is not None:
        fitting = ", ".join(units_of(dimension)[:4])
        return f"{text}: '{unit}' measures {_article(other)}, not {_article(dimension)}; use {fitting}"
    close = sorted((_edits(unit, known), abs(len(unit) - len(known)), known) for known in _UNITS[dimension] if known)
    hint = (
        f"did you mean '{close[0][2]}'?"
        if close[0][0] <= len(unit) // 2
        else "use " + ", ".join(units_of(dimension)[:4])
    )
    return f"{text}: no unit '{unit}' for {_article(dimension)}; {hint}"


def _edits(a: str, b: str) -> int:
    """Return the Levenshtein distance of two short texts, whatever their case."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a.lower(), 1):
        previous, row[0] = row[0], i
        for j, y in enumerate(b.lower(), 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (x != y))
    return row[-1]
