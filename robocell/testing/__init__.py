"""For users' tests: a pytest plugin that runs a cell file and gives its result.

Installed with robocell, it needs no import::

    def test_cycle(run_cell):
        assert run_cell("cells/cap-sorting.yaml", parts=50).cycle_time_s.p95 < 7

`RunCell` is the fixture's type, for annotations.
"""

from __future__ import annotations

from robocell.testing.plugin import RunCell

__all__ = ["RunCell"]
