"""Parts of the motion core that this benchmark measures as soon as they are there."""

from __future__ import annotations

import importlib
from typing import Any

from benchmarks.table import NotYet


def part(module: str, name: str) -> Any:
    """Return `name` of `robocell.motion.<module>`.

    Raises:
        NotYet: the module, or the name, does not exist.

    """
    try:
        return getattr(importlib.import_module(f"robocell.motion.{module}"), name)
    except (ModuleNotFoundError, AttributeError) as error:
        raise NotYet(f"robocell.motion.{module}.{name} ({error})") from error
