from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.quality.distributions import chi_square_quantile, f_survival, incomplete_beta


@given(a=st.floats(0.5, 50), b=st.floats(0.5, 50), x=st.floats(0, 1))
def test_the_beta_function_is_a_distribution_mirrored_in_its_arguments(a: float, b: float, x: float) -> None:
    value = incomplete_beta(a, b, x)
    assert -1e-12 <= value <= 1 + 1e-12
    assert value + incomplete_beta(b, a, 1 - x) == pytest.approx(1.0, abs=1e-9)


@given(n=st.integers(1, 30), k=st.integers(1, 30), x=st.floats(0.01, 0.99))
def test_the_beta_function_sums_binomial_chances(n: int, k: int, x: float) -> None:
    total = n + k - 1
    chance = sum(math.comb(total, j) * x**j * (1 - x) ** (total - j) for j in range(n, total + 1))
    assert incomplete_beta(n, k, x) == pytest.approx(chance, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize(
    ("f", "between", "within", "p"),
    [(4.9646, 1, 10, 0.05), (3.4780, 4, 10, 0.05), (2.5916, 9, 27, 0.027), (0.4337, 18, 60, 0.974)],
)
def test_f_tables_are_met(f: float, between: float, within: float, p: float) -> None:
    assert f_survival(f, between, within) == pytest.approx(p, abs=2e-3)


@pytest.mark.parametrize(("p", "freedom", "value"), [(0.05, 10, 3.940), (0.95, 10, 18.307), (0.05, 80, 60.391)])
def test_chi_square_tables_are_met_within_a_per_cent(p: float, freedom: float, value: float) -> None:
    assert chi_square_quantile(p, freedom) == pytest.approx(value, rel=0.01)
