from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robocell.errors import ExpressionError
from robocell.model.expression import Expression, Type, Value

VALUES: dict[str, Value] = {
    "a.yes": True,
    "a.no": False,
    "meter.power": 1500.0,
    "panel.text": "ready",
    "belt.speed": 0.25,
}
TYPES: dict[str, Type] = {
    "a.yes": "bool",
    "a.no": "bool",
    "meter.power": "power",
    "panel.text": "text",
    "belt.speed": "speed",
    "meter.any": "quantity",
}


@pytest.mark.parametrize(
    ("source", "holds"),
    [
        ("a.yes", True),
        ("not a.yes", False),
        ("not not a.yes", True),
        ("a.yes and a.no", False),
        ("a.yes or a.no", True),
        ("a.no and a.no or a.yes", True),  # 'and' binds before 'or'
        ("a.no and (a.no or a.yes)", False),
        ("not a.no and a.yes", True),  # 'not' binds before 'and'
        ("not (a.no and a.yes)", True),
        ("meter.power < 2 kW", True),
        ("meter.power <= 1500 W", True),
        ("meter.power > 1.5kW", False),
        ("2 kW >= meter.power", True),
        ("belt.speed == 250 mm/s", True),
        ("belt.speed != 250 mm/s", False),
        ('panel.text == "ready"', True),
        ("panel.text != 'ready'", False),
        ("a.yes == true", True),
        ("true", True),
    ],
)
def test_a_condition_holds_or_not(source: str, holds: bool) -> None:
    expression = Expression.parse(source)
    expression.check(TYPES.__getitem__)
    assert expression.evaluate(VALUES.__getitem__) is holds


@pytest.mark.parametrize(
    ("source", "told", "column"),
    [
        ("a", "'a' is no signal or result", 0),
        ("a.b.c", "no signal or result", 0),
        ("a.yes and", "expected a signal, a result or a value, found the end", 9),
        ("a.yes a.no", "join conditions with 'and' or 'or'", 6),
        ("(a.yes", r"a '\)' is missing", 6),
        ("a.yes = true", "compare with '=='", 6),
        ("meter.power < 2 kQ", "no unit 'kQ'", 14),
        ("1 W < meter.power < 2 W", "comparisons do not chain", 18),
        ("__import__('os')", "is no signal", 0),
        ("a.yes; a.no", "has no meaning", 5),
        ("(" * 40 + "a.yes" + ")" * 40, "nested deeper than 16", 17),
        ("not " * 40 + "a.yes", "nested deeper than 16", 68),
        ("a.yes or " * 100 + "a.yes", "at most 500 characters", 500),
        ("", "found the end", 0),
    ],
)
def test_what_does_not_parse_says_why_and_where(source: str, told: str, column: int) -> None:
    with pytest.raises(ExpressionError, match=told) as caught:
        Expression.parse(source)
    assert caught.value.column == column


@pytest.mark.parametrize(
    ("source", "told", "column"),
    [
        ("meter.power", "a condition needs true or false; 'meter.power' is a power", 0),
        ("a.yes and meter.power", "'and' needs true or false", 10),
        ("not panel.text", "'not' needs true or false; 'panel.text' is a text", 4),
        ("meter.power < 2", "a power cannot be compared with a plain number", 12),
        ("meter.power < 2 m", "a power cannot be compared with a length", 12),
        ("meter.power == a.yes", "a power cannot be compared with true or false", 12),
        ("panel.text < 'x'", "'<' compares numbers, not a text", 11),
        ("a.yes < true", "'<' compares numbers", 6),
        ("meter.any == a.yes", "a number cannot be compared with true or false", 10),
    ],
)
def test_types_that_do_not_fit_are_found_before_anything_runs(source: str, told: str, column: int) -> None:
    with pytest.raises(ExpressionError, match=told) as caught:
        Expression.parse(source).check(TYPES.__getitem__)
    assert caught.value.column == column


def test_an_unknown_name_fits_everywhere_and_a_reading_without_dimension_fits_any_number() -> None:
    Expression.parse("x.y and x.z < 3 mm").check(lambda _: None)
    for unit in ("2", "2 W", "2 m"):
        Expression.parse(f"meter.any < {unit}").check(TYPES.__getitem__)


def test_names_come_in_order_with_their_columns() -> None:
    found = Expression.parse("a.yes and not (b.c or a.yes)").names()
    assert [(reference.name, reference.column) for reference in found] == [("a.yes", 0), ("b.c", 15), ("a.yes", 22)]


trees = st.recursive(
    st.sampled_from(["a.yes", "a.no", "true", "false"]),
    lambda inner: st.one_of(
        inner.map(lambda x: f"not ({x})"),
        st.tuples(inner, inner).map(lambda x: f"({x[0]}) and ({x[1]})"),
        st.tuples(inner, inner).map(lambda x: f"({x[0]}) or ({x[1]})"),
    ),
    max_leaves=8,
)


@given(trees)
def test_truth_values_are_those_of_logic(source: str) -> None:
    words = source.replace("a.yes", "True").replace("a.no", "False").replace("true", "True").replace("false", "False")
    expected = bool(eval(words))  # made above of these words only
    found = parsed(source)
    if isinstance(found, ExpressionError):
        assert "nested deeper" in str(found)
    else:
        assert found.evaluate(VALUES.__getitem__) is expected


@given(st.text(alphabet="abn.odtr ()<>=!'\"0123 kWms/%", max_size=60))
def test_any_text_is_a_condition_or_a_problem_with_a_place(source: str) -> None:
    found = parsed(source)
    if isinstance(found, ExpressionError):
        assert 0 <= found.column <= len(source)
    else:
        assert str(found) == source


def parsed(source: str) -> Expression | ExpressionError:
    try:
        return Expression.parse(source)
    except ExpressionError as error:
        return error
