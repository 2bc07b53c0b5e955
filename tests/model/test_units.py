from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.errors import UnitError
from robocell.units import DIMENSIONS, Dimension, convert, dimension_of, format_quantity, parse_quantity, units_of

EVERY_UNIT = [(dimension, unit) for dimension in DIMENSIONS for unit in units_of(dimension)]


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("250 mm/s", "speed", 0.25),
        ("250mm/s", "speed", 0.25),
        (" +2.5e1 cm ", "length", 0.25),
        ("900.1 mm", "length", 0.9001),
        ("1 in", "length", 0.0254),
        ("90 deg", "angle", math.pi / 2),
        ("60 rpm", "angular speed", 2 * math.pi),
        ("180 °/s", "angular speed", math.pi),
        ("5 ms", "time", 0.005),
        ("15 min", "time", 900.0),
        ("120 g", "mass", 0.12),
        ("0.5 mm2", "area", 0.5e-6),
        ("8 %", "ratio", 0.08),
        ("0.08", "ratio", 0.08),
        ("20 °C", "temperature", 293.15),
        ("6 bar", "pressure", 6e5),
        ("1 kWh", "energy", 3.6e6),
        ("-3 kN", "force", -3000.0),
        (".5 m", "length", 0.5),
    ],
)
def test_a_quantity_is_its_value_in_si(text: str, dimension: Dimension, value: float) -> None:
    assert parse_quantity(text, dimension) == pytest.approx(value, rel=1e-15)


@pytest.mark.parametrize(
    ("text", "dimension", "told"),
    [
        ("250", "speed", "unit missing; write for example '250 mm/s'"),
        ("250 mm", "speed", "'mm' measures a length, not a speed"),
        ("250 mn/s", "speed", "did you mean 'mm/s'"),
        ("250 furlong", "speed", "no unit 'furlong'"),
        ("2,5 mm", "length", "a decimal point, not a comma"),
        ("1,000 mm", "length", "a decimal point, not a comma"),
        ("fast", "speed", "'fast' is not a speed"),
        ("", "time", "is not a time"),
        ("1e400 m", "length", "not a finite length"),
        ("0x10 mm", "length", "no unit 'x10 mm'"),
        ("1 2 mm", "length", "no unit '2 mm'"),
        ("nan mm", "length", "is not a length"),
    ],
)
def test_what_is_no_quantity_says_what_to_write(text: str, dimension: Dimension, told: str) -> None:
    with pytest.raises(UnitError, match=told):
        parse_quantity(text, dimension)


@pytest.mark.parametrize(("dimension", "unit"), EVERY_UNIT)
def test_what_is_written_is_read_back_in_every_unit(dimension: Dimension, unit: str) -> None:
    for number in (0.0, 1.0, 2.5, 1234.0):
        value = convert(number, unit, dimension)
        assert parse_quantity(format_quantity(value, dimension, unit), dimension) == pytest.approx(value, rel=1e-6)


def test_no_symbol_has_two_meanings() -> None:
    for dimension, unit in EVERY_UNIT:
        assert dimension_of(unit) == dimension


@given(st.floats(-1e5, 1e5))
def test_millimetres_that_a_person_writes_are_exact(value: float) -> None:
    written = round(value, 3)
    assert parse_quantity(f"{written} mm", "length") == written / 1000


@pytest.mark.parametrize(
    ("value", "dimension", "text"),
    [
        (0.25, "length", "250 mm"),
        (12.0, "length", "12 m"),
        (0.12, "mass", "120 g"),
        (5.0, "mass", "5 kg"),
        (0.005, "time", "5 ms"),
        (900.0, "time", "15 min"),
        (10800.0, "time", "3 h"),
        (1500.0, "power", "1.5 kW"),
        (0.08, "ratio", "8 %"),
    ],
)
def test_messages_use_the_unit_that_an_engineer_reads(value: float, dimension: Dimension, text: str) -> None:
    assert format_quantity(value, dimension) == text
