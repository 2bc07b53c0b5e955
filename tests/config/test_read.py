from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from robocell.config.nodes import to_plain
from robocell.config.read import MAX_BYTES, MAX_DEPTH, MAX_EVENTS, read_bytes, read_file, resolve
from robocell.errors import ConfigError


def codes(error: ConfigError) -> list[str]:
    return [problem.code for problem in error.problems]


def plain(text: str) -> object:
    return to_plain(read_bytes(text.encode(), "a.yaml").root)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("0755", 755),
        ("0o17", 15),
        ("0x1F", 31),
        ("1:20", "1:20"),
        ("12e3", 12000.0),
        (".5", 0.5),
        ("+12", 12),
        ("1_000", "1_000"),
        ("2001-12-14", "2001-12-14"),
        ("~", None),
        ("", None),
        ("True", True),
        ("tRUE", "tRUE"),
        ("=", "="),
        ("4 x 6", "4 x 6"),
    ],
)
def test_plain_scalars_are_those_of_yaml_1_2(text: str, value: object) -> None:
    assert plain(f"a: {text}\n") == {"a": value}
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize("text", ["no", "0755", "true", "~", "1e3", ".nan"])
def test_a_quoted_scalar_is_text(text: str) -> None:
    assert plain(f"a: '{text}'\nb: \"{text}\"\n") == {"a": text, "b": text}


@given(st.integers(-(10**17), 10**17))
def test_whole_numbers_are_exact(number: int) -> None:
    assert resolve(str(number)) == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_are_exact(number: float) -> None:
    assert resolve(repr(number)) == number


texts = st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=12)
trees = st.dictionaries(
    st.text(st.sampled_from("abcdefg"), min_size=1, max_size=4),
    st.recursive(texts, lambda inner: st.lists(inner, max_size=4), max_leaves=10),
    min_size=1,
    max_size=6,
)


@given(trees)
def test_what_yaml_writes_is_read_back(tree: dict[str, object]) -> None:
    class NoAlias(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            return True

    text = yaml.dump(tree, Dumper=NoAlias, allow_unicode=True, default_style='"')
    assert to_plain(read_bytes(text.encode(), "a.yaml").root) == tree


def test_a_leading_byte_order_mark_is_allowed_and_does_not_move_columns() -> None:
    document = read_bytes("\ufeffab: 1".encode(), "a.yaml")
    assert document.place(("ab",)).column == 5


def test_columns_count_characters_from_one() -> None:
    document = read_bytes("ä: {日本: x, b: yy}\n".encode(), "a.yaml")
    place = document.place(("ä", "b"))
    assert (place.line, place.column, place.length) == (1, 15, 2)
    key = document.place(("ä", "日本"), key=True)
    assert (key.line, key.column, key.length) == (1, 5, 2)


def test_a_missing_step_of_a_location_stays_at_the_nearest_place() -> None:
    document = read_bytes(b"a:\n  b: [1, 2]\n", "a.yaml")
    assert document.place(("a", "b", 5)).line == 2
    assert document.place(("a", "~tag", "b", 1)).column == 10


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"x" * (MAX_BYTES + 1), "RC102"),
        (b"a: [" + b"1," * MAX_EVENTS + b"1]", "RC107"),
        (b"a: " + b"[" * (MAX_DEPTH + 1), "RC108"),
        (b"a: " + b"{b: " * (MAX_DEPTH + 1), "RC108"),
        (b"- " * 20_000, "RC108"),
        (b"? " * 20_000, "RC108"),
        (b"a: 'x", "RC106"),
        (b"%YAML 1.1\n---\na: 1\n...\n%TAG ! x\n---\nb: 1\n", "RC111"),
        (b"\x1b[31m: 1", "RC104"),
        (b"a: \xc3\x28", "RC103"),
        (b"\xed\xa0\x80: 1", "RC103"),
        (b"? [a]\n: b\n", "RC114"),
    ],
)
def test_bounds_and_refusals(data: bytes, code: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_bytes(data, "a.yaml")
    assert code in codes(caught.value)


def test_the_deepest_permitted_nesting_is_read() -> None:
    depth = MAX_DEPTH - 1
    assert plain("a: " + "[" * depth + "]" * depth)


def test_all_refusals_of_a_text_are_told_together() -> None:
    with pytest.raises(ConfigError) as caught:
        read_bytes(b"a: &x 1\nb: *x\nc: !t 2\na: 3\nd: .inf\n", "a.yaml")
    assert codes(caught.value) == ["RC109", "RC109", "RC110", "RC112", "RC115"]


def test_a_repeated_key_shows_both_places() -> None:
    with pytest.raises(ConfigError) as caught:
        read_bytes(b"a: 1\nb: 2\na: 3\n", "a.yaml")
    problem = caught.value.problems[0]
    assert problem.related is not None
    assert (problem.line, problem.related[0].line) == (3, 1)


def test_a_file_that_cannot_be_read_is_a_problem(tmp_path: Path) -> None:
    for path in (tmp_path / "absent.yaml", tmp_path, Path("a\0b")):
        with pytest.raises(ConfigError) as caught:
            read_file(path)
        assert codes(caught.value) == ["RC101"]


@given(st.binary(max_size=200))
def test_bytes_give_a_document_or_problems(data: bytes) -> None:
    with contextlib.suppress(ConfigError):
        read_bytes(data, "a.yaml")
