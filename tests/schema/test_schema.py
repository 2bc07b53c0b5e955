from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from robocell.model.fault import ACTIONS
from robocell.model.verbs import VERB_TABLE
from robocell.schema import FILE, cell_schema, cell_schema_text
from tests.problems.files import HERE as PROBLEMS

ROOT = Path(__file__).parents[2]
SAMPLES = sorted((ROOT / "tests" / "config" / "samples").glob("[ct]*-*.yaml"))
CELLS = sorted((ROOT / "cells").glob("*.yaml"))

# What an editor can see: the form, not the meaning.
MISSHAPEN = sorted(
    path
    for path in PROBLEMS.glob("*.yaml")
    if path.stem.startswith("form-")
    and path.stem not in ("form-missing-profile", "form-wait", "form-action-leads-nowhere")
)


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(cell_schema())


def test_the_schema_that_ships_is_the_models() -> None:
    told = "python -c 'from robocell.schema import *; FILE.write_text(cell_schema_text())' writes it anew"
    assert FILE.read_text(encoding="utf-8") == cell_schema_text(), told


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(json.loads(FILE.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", [*CELLS, *SAMPLES], ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_cells_fit_the_schema(path: Path, validator: Draft202012Validator) -> None:
    errors = validator.iter_errors(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert [f"{list(error.absolute_path)}: {error.message}" for error in errors] == []


@pytest.mark.parametrize("path", CELLS, ids=lambda path: path.stem)
def test_the_first_line_of_a_cell_leads_an_editor_to_the_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    word = "# yaml-language-server: $schema="
    assert first.startswith(word)
    assert (path.parent / first.removeprefix(word)).resolve() == FILE.resolve()


@pytest.mark.parametrize("path", MISSHAPEN, ids=lambda path: path.stem)
def test_an_editor_sees_what_is_wrong_in_form(path: Path, validator: Draft202012Validator) -> None:
    assert not validator.is_valid(yaml.safe_load(path.read_text(encoding="utf-8")))


def changed(path: tuple[str | int, ...], value: Any) -> Any:
    tree = yaml.safe_load((ROOT / "cells" / "cap-sorting.yaml").read_text(encoding="utf-8"))
    holder = tree
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return tree


@pytest.mark.parametrize("action", [action.variant for action in ACTIONS if not action.model_fields])
def test_an_action_without_arguments_may_be_a_word_or_a_mapping(action: str, validator: Draft202012Validator) -> None:
    forms: tuple[Any, ...] = (action, {action: None}, {action: {}})
    for form in forms:
        assert validator.is_valid(changed(("faults", "pick.missed", "try"), [form]))
    assert not validator.is_valid(changed(("faults", "pick.missed", "try"), [{action: {"x": 1}}]))


@pytest.mark.parametrize(
    ("profile", "key", "fits"),
    [
        ("generic/photo-eye", "debounce", True),
        ("generic/photo-eye", "exposure", False),
        ("generic/area-camera", "debounce", False),
        ("somebody/something", "debounce", True),
    ],
)
def test_the_profile_says_which_keys_a_device_has(
    profile: str, key: str, fits: bool, validator: Draft202012Validator
) -> None:
    device: dict[str, Any] = {"profile": profile, key: "5 ms"} | ({"pose": {}} if "camera" in profile else {})
    assert validator.is_valid(changed(("devices", "another"), device)) is fits


def test_a_device_has_no_kind_in_a_file(validator: Draft202012Validator) -> None:
    assert not validator.is_valid(changed(("devices", "panel"), {"profile": "generic/operator-panel", "kind": "panel"}))


def test_what_the_readme_shows_fits_the_language(validator: Draft202012Validator) -> None:
    text = (ROOT / "cells" / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"(?:^    \S.*\n(?:^    .*\n)*)", text, re.MULTILINE)
    snippets = [yaml.safe_load(textwrap.dedent(block)) for block in blocks if not block.startswith("    robocell ")]
    assert [next(iter(snippet)) for snippet in snippets] == ["products", "stations", "route", "faults", "quality"]
    tree = yaml.safe_load((ROOT / "cells" / "cap-sorting.yaml").read_text(encoding="utf-8"))
    for snippet in snippets:
        for section, entries in snippet.items():
            tree[section] = entries if section == "route" else {**tree[section], **entries}
    assert [error.message for error in validator.iter_errors(tree)] == []


def test_the_table_of_verbs_in_the_docs_is_the_codes() -> None:
    from robocell.model.verbs import verb_table_markdown

    assert verb_table_markdown() in (ROOT / "cells" / "README.md").read_text(encoding="utf-8")
    assert all(f"`{verb}`" in verb_table_markdown() for verb in VERB_TABLE)
