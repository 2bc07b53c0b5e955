from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.report import figures
from robocell.report.axes import round_step, tick_step


def plain(text: str) -> str:
    return text.replace("\u202f", " ")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"),
        (0.0, "0 s"),
        (0.2504, "250 ms"),
        (1.0, "1.0 s"),
        (119.94, "119.9 s"),
        (119.96, "2 min 0 s"),
        (754.4, "12 min 34 s"),
        (7199.6, "2 h 0 min"),
        (11_520.0, "3 h 12 min"),
        (172_790.0, "2 d 0 h"),
        (400_000.0, "4 d 15 h"),
        (864_000_000.0, "10000 d 0 h"),
    ],
)
def test_durations_are_shown_in_two_units_of_their_size(value: float | None, shown: str) -> None:
    assert plain(figures.duration(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0, "0"),
        (0.01234, "0.0123"),
        (3.14159, "3.14"),
        (999.96, "1 000"),
        (35_343.0, "35 300"),
        (1.2e7, "12 000 000"),
    ],
)
def test_numbers_have_three_digits_and_their_thousands_apart(value: float, shown: str) -> None:
    assert plain(figures.number(value)) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(0.0, "0:00.0"), (59.96, "1:00.0"), (754.4, "12:34.4"), (3725.04, "1:02:05.0")]
)
def test_moments_are_shown_as_a_clock_does(value: float, shown: str) -> None:
    assert figures.moment(value) == shown


@pytest.mark.parametrize(
    ("watt_hours", "shown"),
    [(None, "–"), (0.0, "0 Wh"), (0.859, "859 mWh"), (47.4, "47.4 Wh"), (1030.0, "1.03 kWh")],
)
def test_energies_carry_the_prefix_that_people_read(watt_hours: float | None, shown: str) -> None:
    assert plain(figures.energy(watt_hours)) == shown


def test_measurements_are_shown_in_the_unit_of_their_kind() -> None:
    assert plain(figures.measurement("diameter", 0.06)) == "60.000 mm"
    assert plain(figures.measurement("scratch.area", 1.5e-6)) == "1.50 mm²"
    assert plain(figures.measurement("score", 3.21)) == "3.21"


@given(st.floats(1e-3, 1e8), st.integers(2, 40))
def test_axis_steps_give_at_most_so_many_pieces_and_not_far_fewer(span: float, most: int) -> None:
    step = round_step(span, most)
    assert most / 2.6 < span / step <= most * (1 + 1e-6)
    assert span / tick_step(span, most) <= most
