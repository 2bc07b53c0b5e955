from __future__ import annotations

import os
import re
import shutil
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

pytest_plugins = ("pytester",)

ROOT = Path(__file__).parents[2]
CACHE = os.environ.get("XDG_CACHE_HOME") or str(Path("~/.cache").expanduser())  # pytester has a home of its own


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A user's project: the shipped cells in `cells/`, and only this plugin loaded.

    Its pytest runs in a process of its own, since numpy cannot be imported twice in one.
    """
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("XDG_CACHE_HOME", CACHE)
    shutil.copytree(ROOT / "cells", pytester.path / "cells")
    pytester.makeini("[pytest]\naddopts = -p robocell.testing.plugin\n")
    return pytester


def test_the_plugin_is_declared_where_pytest_looks_for_it() -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["pytest11"]
    module = import_module(declared["robocell"])
    assert hasattr(module, "run_cell")


def test_a_user_writes_one_line(project: pytest.Pytester) -> None:
    (project.path / "tests").mkdir()
    (project.path / "tests" / "test_cell.py").write_text(
        "def test_cycle(run_cell):\n"
        "    result = run_cell('cells/cap-sorting.yaml', parts=3)\n"
        "    assert result.ended == 'complete'\n"
        "    assert result.parts.finished == 3\n"
        "    assert 1 < result.cycle_time_s.p95 < 60\n"
    )
    project.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_failed_assertion_shows_the_result_and_where_its_record_is(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_cycle(run_cell):
            run_cell("cells/cap-sorting.yaml", parts=2, seed=1)
            result = run_cell("cells/cap-sorting.yaml", parts=2, seed=7)
            assert result.cycle_time_s.p95 < 0.001
        """
    )
    ran = project.runpytest_subprocess("-q", "--basetemp", str(project.path / "kept"))
    ran.assert_outcomes(failed=1)
    text = ran.stdout.str()
    assert "<Result cap-sorting, seed 7: complete after" in text
    assert "robocell runs" in text
    records = re.findall(r"seed (\d): the record is in (\S+)", text)
    assert [seed for seed, _ in records] == ["1", "7"]
    for _, folder in records:
        assert (Path(folder) / "result.json").is_file()
        assert (Path(folder) / "report.html").is_file()


def test_a_passed_test_says_nothing(project: pytest.Pytester) -> None:
    project.makepyfile("def test_cycle(run_cell):\n    run_cell('cells/cap-sorting.yaml', parts=1)\n")
    assert "record is in" not in project.runpytest_subprocess("-q", "-rA").stdout.str()


def test_without_a_record_nothing_is_written(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_cycle(run_cell, tmp_path):
            run_cell("cells/cap-sorting.yaml", parts=1, record=False)
            assert list(tmp_path.iterdir()) == []
            assert False
        """
    )
    ran = project.runpytest_subprocess("-q")
    ran.stdout.fnmatch_lines(["*seed 0: no record was kept*"])


def test_the_same_seed_gives_the_same_log(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_repeatable(run_cell):
            runs = [run_cell("cells/cap-sorting.yaml", parts=3, seed=seed) for seed in (5, 5, 6)]
            assert runs[0].log_sha256 == runs[1].log_sha256 != runs[2].log_sha256
        """
    )
    project.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_broken_cell_file_is_shown_with_its_place_and_without_a_traceback(project: pytest.Pytester) -> None:
    path = project.path / "cells" / "cap-sorting.yaml"
    path.write_text(path.read_text("utf-8").replace("at: pick_stop}", "at: pick_stp}"), "utf-8")
    project.makepyfile("def test_cycle(run_cell):\n    run_cell('cells/cap-sorting.yaml')\n")
    ran = project.runpytest_subprocess("-q")
    ran.assert_outcomes(failed=1)
    text = ran.stdout.str()
    assert re.search(r"cells/cap-sorting\.yaml:\d+:\d+: error\[RC204\]: no station .*named 'pick_stp'", text)
    assert "= hint: did you mean 'pick_stop'?" in text
    assert re.search(r"test_a_broken_\w+\.py:2: in test_cycle", text)
    assert "Traceback" not in text
    assert "plugin.py" not in text


def test_a_broken_cell_file_can_be_expected(project: pytest.Pytester) -> None:
    (project.path / "cells" / "empty.yaml").write_text("")
    project.makepyfile(
        """
        import pytest
        from robocell.errors import ConfigError

        def test_refused(run_cell):
            with pytest.raises(ConfigError) as caught:
                run_cell("cells/empty.yaml")
            assert caught.value.problems[0].file == "cells/empty.yaml"
        """
    )
    project.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_what_the_machine_lacks_is_said_with_its_remedy(project: pytest.Pytester) -> None:
    project.makepyfile("def test_cycle(run_cell):\n    run_cell('cells/cap-sorting.yaml', products=['nut'])\n")
    text = project.runpytest_subprocess("-q").stdout.str()
    assert "the cell makes no product 'nut'" in text
    assert "hint: it makes cap" in text
    assert "plugin.py" not in text


def test_other_errors_keep_their_traceback(project: pytest.Pytester) -> None:
    project.makepyfile("def test_cycle(run_cell):\n    1 / run_cell('cells/cap-sorting.yaml', parts=1).services\n")
    ran = project.runpytest_subprocess("-q")
    ran.assert_outcomes(failed=1)
    ran.stdout.fnmatch_lines(["*test_other_errors_keep_their_traceback.py:2: ZeroDivisionError*"])


def test_tests_without_the_fixture_are_left_alone(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from robocell.errors import ConfigError

        def test_own():
            raise ConfigError(())
        """
    )
    text = project.runpytest_subprocess("-q").stdout.str()
    assert "robocell runs" not in text
    assert "raise ConfigError(())" in text
