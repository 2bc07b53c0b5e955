from __future__ import annotations

import pytest

from robocell.report.result import RunFacts


@pytest.fixture
def facts() -> RunFacts:
    return RunFacts(
        cell="cap-sorting",
        cell_sha256="ab" * 32,
        backend="sim",
        world="kinematic",
        devices={"arm": "simulated", "camera": "simulated"},
        seed=3,
        version="0.1.0",
        log_sha256="cd" * 32,
        wall_s=0.25,
        bound_per_h=900.0,
    )
