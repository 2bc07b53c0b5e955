from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from robocell.cli.app import app


def run(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, ["gauge-rr", *words])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.stdout, done.stderr


def study(folder: Path, noise: float) -> Path:
    rows = ["part,appraiser,value"]
    for part in range(8):
        for who, shift in (("early", 0.0), ("late", 0.5)):
            rows += [
                f"{part},{who},{60 + 0.03 * part + noise * (shift + (-1) ** (part + trial))}" for trial in range(3)
            ]
    path = folder / "study.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def test_a_good_gauge_ends_with_0_and_a_bad_one_with_1(tmp_path: Path) -> None:
    code, out, _ = run(str(study(tmp_path, 0.001)), "--tolerance", "0.4")
    assert code == 0
    assert "The gauge is good." in out
    assert "8 parts, 2 appraisers, 3 repeats." in out
    code, out, _ = run(str(study(tmp_path, 0.1)), "--tolerance", "0.4")
    assert code == 1
    assert "The gauge is bad." in out


def test_json_has_the_same_figures(tmp_path: Path) -> None:
    code, out, _ = run(str(study(tmp_path, 0.001)), "--tolerance", "0.4", "--json")
    found = json.loads(out)
    assert code == 0
    assert found["study"] == {"parts": 8, "appraisers": 2, "repeats": 3}
    assert found["gauge"]["of_tolerance"] == pytest.approx(6 * found["gauge"]["sigma"] / 0.4)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("part,wert\n1,2\n", "no column 'value'"),
        ("part,value\n1,2\n1,zwei\n", ":3: value is 'zwei'"),
        ("part,value\n1,2\n1,3\n2,3\n", "part '2' was measured 1 times, others 2 times"),
        ("part,value\n1,2\n1,3\n", "parts ≥ 2"),
        ("", "no column 'part'"),
    ],
)
def test_a_file_that_is_no_study_is_refused_with_its_place(tmp_path: Path, text: str, told: str) -> None:
    path = tmp_path / "study.csv"
    path.write_text(text)
    code, _, err = run(str(path))
    assert code == 2
    assert told in err.replace("\n", " ")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    code, _, err = run(str(tmp_path / "nothing.csv"))
    assert code == 2
    assert "cannot be read" in err
