"""What `robocell.vision` gives, and what it costs to ask."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import robocell.vision

pytest.importorskip("cv2")
pytestmark = pytest.mark.vision

CONTRACT = (
    "VariationModel",
    "compare_pair",
    "Caliper",
    "read_codes",
    "inspect",
    "Frame",
    "Verdict",
    "Pattern",
    "find_blobs",
)


def test_the_contract_s_names_are_there() -> None:
    assert set(CONTRACT) <= set(robocell.vision.__all__)
    for name in robocell.vision.__all__:
        assert getattr(robocell.vision, name)
    with pytest.raises(AttributeError, match="no attribute 'compare'"):
        robocell.vision.compare  # noqa: B018


def test_what_is_not_asked_for_is_not_imported() -> None:
    program = (
        "import sys, robocell.vision; from robocell.vision import Verdict; "
        "print([name for name in ('numpy', 'cv2', 'numba', 'zxingcpp') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=Path(__file__).parents[2], check=True
    )
    assert done.stdout.strip() == "[]"
