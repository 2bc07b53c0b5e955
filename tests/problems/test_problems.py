from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest

from robocell.config.codes import CODES, explain
from robocell.config.problems import Place, Problem, render, render_rich, sort_problems, to_json
from tests.problems.files import BAD, BAD_RECIPES, HERE, problems_of, problems_of_recipe

# Reached by tests elsewhere: unreadable files, and what is a warning only.
ELSEWHERE = {"RC101", "RC611", "RC612", "RC613"}


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_a_bad_file_says_what_is_wrong_and_what_to_do(path: Path) -> None:
    assert render(problems_of(path)) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert problems_of(path)


@pytest.mark.parametrize("path", BAD_RECIPES, ids=lambda path: path.stem)
def test_a_bad_recipe_says_what_is_wrong_and_what_to_do(path: Path) -> None:
    assert render(problems_of_recipe(path)) == path.with_suffix(".txt").read_text(encoding="utf-8")
    assert problems_of_recipe(path)


def test_there_are_at_least_thirty_bad_files_and_no_text_without_one() -> None:
    assert len(BAD) >= 30
    assert {path.stem for path in HERE.glob("*.txt")} == {path.stem for path in BAD}
    assert {path.stem for path in (HERE / "recipes").glob("*.txt")} == {path.stem for path in BAD_RECIPES}


def test_every_code_is_reached_and_explained() -> None:
    reached = {problem.code for path in BAD for problem in problems_of(path)}
    reached |= {problem.code for path in BAD_RECIPES for problem in problems_of_recipe(path)}
    assert reached | ELSEWHERE == set(CODES)
    for code in CODES:
        text = explain(code.lower())
        assert text.startswith(f"{code}: ")
        assert all(len(line) <= 100 for line in text.splitlines())


def test_an_unknown_code_suggests_close_ones() -> None:
    with pytest.raises(KeyError, match="did you mean RC2"):
        explain("RC20")


def test_problems_come_sorted_by_position_without_repetition() -> None:
    for path in BAD:
        problems = problems_of(path)
        order = [(p.line, p.column) for p in problems]
        assert order == sorted(order)
        assert len({(p.code, p.place, p.message) for p in problems}) == len(problems)


def test_every_place_is_inside_the_line_that_is_shown() -> None:
    for path, problem in itertools.chain.from_iterable(((p, q) for q in problems_of(p)) for p in BAD):
        place = problem.place
        if place.excerpt:
            assert 1 <= place.column <= len(place.excerpt) + 1, path
        assert place.line >= 1


def test_the_form_is_that_of_the_design() -> None:
    line = "  - arrive:  {product: cap, at: pick_stp}"
    place = Place("cells/cap-sorting.yaml", 34, 33, 8, line)
    hint = "did you mean 'pick_stop'? (declared on line 22)"
    problem = Problem("RC204", place, "no station named 'pick_stp'", hint)
    assert render([problem]) == (
        "cells/cap-sorting.yaml:34:33: error[RC204]: no station named 'pick_stp'\n"
        "   |\n"
        "34 |   - arrive:  {product: cap, at: pick_stp}\n"
        "   |                                 ^^^^^^^^\n"
        "   = hint: did you mean 'pick_stop'? (declared on line 22)\n"
    )
    assert render_rich([problem]).plain == render([problem])
    assert to_json([problem]) == [
        {
            "code": "RC204",
            "file": "cells/cap-sorting.yaml",
            "line": 34,
            "column": 33,
            "message": "no station named 'pick_stp'",
            "hint": hint,
        }
    ]


def test_nothing_that_a_terminal_obeys_gets_through() -> None:
    place = Place("a.yaml", 1, 2, 3, "\t\x1b[31mname\u202e\x07")
    text = render([Problem("RC201", place, "unknown key '\x1b]0;x\x07'")])
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f\u202e]", text)


def test_wide_characters_keep_the_mark_below_the_text() -> None:
    lines = render([Problem("RC201", Place("a.yaml", 1, 4, 2, "名前: ab"), "unknown key")]).splitlines()
    assert lines[3] == "  |      ^^"


def test_a_problem_without_a_code_of_the_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="RC999"):
        Problem("RC999", Place("a", 1, 1), "x")


def test_sorting_removes_repetitions() -> None:
    first, second = Problem("RC201", Place("a", 2, 1), "x"), Problem("RC201", Place("a", 1, 9), "x")
    assert sort_problems([first, second, first]) == (second, first)
