from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from robocell.catalog.confusions import read_confusion
from robocell.cli.app import app
from robocell.errors import CatalogError

pytestmark = pytest.mark.vision


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("records")
    for name, how in (("pictures", "image"), ("truth", "truth")):
        words = ["run", "cap-sorting", "--world", "kinematic", "--inspect", how, "--parts", "12", "--seed", "3"]
        done = CliRunner().invoke(app, [*words, "--out", str(folder / name)])
        assert done.exit_code == 0, done.output
    return [folder / "pictures", folder / "truth"]


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["confusion", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


def test_records_add_up_and_are_kept_beside_the_recipe(records: list[Path], tmp_path: Path) -> None:
    recipe = tmp_path / "cap-top.yaml"
    recipe.write_text("recipe: cap-top\n")
    code, out, _ = run(str(records[0]), str(records[0]), "--write", str(recipe), "--json")
    assert code == 0
    kept = read_confusion(recipe)
    assert kept is not None
    assert json.loads(out)["cap-top"] == kept.model_dump()
    assert kept.parts == 24
    truth = [json.loads(line) for line in (records[0] / "truth.jsonl").read_text().splitlines()]
    judged = [part for part in truth if part["frames"]]
    assert kept.defective.total == 2 * sum(bool(part["defects"]) for part in judged)


def test_runs_without_pictures_measure_nothing(records: list[Path]) -> None:
    code, _, err = run(str(records[1]))
    assert code == 2
    assert "judged no pictures" in err


def test_a_recipe_that_the_records_never_used_is_refused(records: list[Path], tmp_path: Path) -> None:
    recipe = tmp_path / "other.yaml"
    code, _, err = run(str(records[0]), "--write", str(recipe))
    assert code == 2
    assert "no recipe" in err
    recipe.write_text("recipe: other\n")
    code, _, err = run(str(records[0]), "--write", str(recipe))
    assert code == 2
    assert "they hold: cap-top" in err


def test_a_broken_confusion_is_refused_with_its_file(tmp_path: Path) -> None:
    recipe = tmp_path / "cap-top.yaml"
    assert read_confusion(recipe) is None
    recipe.with_suffix(".confusion.json").write_text('{"good": 3}')
    with pytest.raises(CatalogError, match=r"cap-top\.confusion\.json"):
        read_confusion(recipe)


def test_the_report_shows_verdicts_against_the_truth(records: list[Path]) -> None:
    page = (records[0] / "report.html").read_text()
    assert "Inspection by cap-top" in page
    assert "defective" in page
