"""Where public data sets lie that the product does not carry; what needs one skips where it is absent."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def folder(name: str) -> Path:
    """Return a data set's folder, from ROBOCELL_DATA or ../shared/data beside the checkout."""
    beside = Path(__file__).parent.parent.parent / "shared" / "data"
    roots = (
        [Path(os.environ["ROBOCELL_DATA"])]
        if "ROBOCELL_DATA" in os.environ
        else [beside, beside.parents[2] / "shared" / "data"]
    )
    for root in roots:
        if (root / name).is_dir():
            return root / name
    pytest.skip(f"the public data set {name} is in none of {', '.join(map(str, roots))} (see ROBOCELL_DATA)")
