"""The pytest plugin: the fixture `run_cell`, and what a failed test says about its runs."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

# pytest loads this module in every project where robocell is installed: what is heavy is imported when a cell is run.
if TYPE_CHECKING:
    from robocell.assembly import Inspection, WorldKind
    from robocell.report.result import Result

_RUNS = pytest.StashKey[list[str]]()


class RunCell:
    """Runs cell files in simulation and keeps each run's record in the test's temporary folder.

    Args:
        root: what relative paths of cell files are relative to.
        folder: where the records go, a folder a run.
        told: takes a line about each run, for the report of a failed test.

    """

    def __init__(self, root: Path, folder: Path, told: list[str]) -> None:
        self._root = root
        self._folder = folder
        self._told = told

    def __call__(
        self,
        path: Path | str,
        *,
        parts: int = 20,
        seed: int = 0,
        world: WorldKind = "kinematic",
        inspect: Inspection | None = None,
        products: Sequence[str] = (),
        speed: float = 1.0,
        dry_run: bool = False,
        record: bool = True,
    ) -> Result:
        """Run a cell until its order is complete or it cannot go on.

        Args:
            path: the cell file, relative to pytest's root folder.
            parts: how many are to be finished, whatever becomes of them.
            seed: of supply, defects and everything else that chance decides.
            world: "kinematic" (geometry, thousands of times real time) or "bullet" (contacts).
            inspect: "truth" or "image"; None: images in Bullet only.
            products: which to make; all of the cell's where it is empty.
            speed: override of the arms' speed, 0 < speed ≤ 1.
            dry_run: arms move with empty grippers.
            record: whether to keep the run's record; without one, long runs are quicker.

        Returns:
            The result: `cycle_time_s.p95`, `parts.good`, `states["Held"]`, … An order that is not completed is a
            result as well: `assert result.ended == "complete"`.

        Raises:
            ConfigError: the cell file, or one that it names, is wrong; the test's report shows where.
            SetupError: this machine lacks what was asked for.

        """
        from robocell.assembly import RunOptions, run
        from robocell.config.prepare import prepare

        out = self._folder / f"run-{len(self._told) + 1}" if record else None
        name = f"{path}, seed {seed}"
        place = f"{name}: no record was kept" if out is None else f"{name}: the record is in {out}"
        prepared = prepare(self._root / path, name=str(path))
        self._told.append(place)
        options = RunOptions(
            parts=parts,
            seed=seed,
            world=world,
            inspect=inspect,
            products=tuple(products),
            speed=speed,
            dry_run=dry_run,
            out=out,
        )
        result = run(prepared, options)
        self._told[-1] = f"{place}\n  {result!r}"
        return result


@pytest.fixture
def run_cell(request: pytest.FixtureRequest, tmp_path: Path) -> RunCell:
    """Run a cell file in simulation: `run_cell("cells/cap-sorting.yaml", parts=50)` gives its result.

    See `robocell.testing.RunCell`.
    """
    told = request.node.stash.setdefault(_RUNS, [])
    return RunCell(request.config.rootpath, tmp_path, told)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a broken cell file as robocell shows it, and say where the records of a failed test are."""
    report = yield
    told = item.stash.get(_RUNS, None)
    if told is None or report.outcome != "failed":
        return report
    if call.excinfo is not None:
        words = _in_words(call.excinfo.value)
        if words:
            report.longrepr = f"{_where(item, call.excinfo)}\n{words}"
    if told:
        report.sections.append(("robocell runs", "\n".join(told)))
    return report


def _where(item: pytest.Item, error: pytest.ExceptionInfo[BaseException]) -> str:
    """Return the line of the test's own file that the error came from."""
    own = [entry for entry in error.traceback if Path(entry.path) == item.path]
    line = f":{own[-1].lineno + 1}" if own else ""
    return f"{item.location[0]}{line}: in {item.name}"


def _in_words(error: BaseException) -> str:
    """Return what robocell says to the person who must act; "" for errors that are none of its own."""
    from robocell.errors import ConfigError, SetupError

    if isinstance(error, ConfigError):
        from robocell.config.problems import render

        return render(error.problems)
    if isinstance(error, SetupError):
        return f"{error}\n  hint: {error.hint}" if error.hint else str(error)
    return ""
