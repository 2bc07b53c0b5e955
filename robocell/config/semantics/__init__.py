"""What a file means beyond its form: one idea a module, each with a `check(context)`."""

from __future__ import annotations

from robocell.config.semantics import (
    belts,
    devices,
    expressions,
    faults,
    files,
    frames,
    grasps,
    hardware,
    names,
    quality,
    reach,
    routes,
    views,
    zones,
)
from robocell.config.semantics.context import Context

__all__ = ["Context", "check_all"]

# In this order: the later ones leave a section alone in which an earlier one found something.
_CHECKS = (
    names,
    expressions,
    hardware,
    frames,
    files,
    devices,
    belts,
    routes,
    faults,
    quality,
    grasps,
    views,
    reach,
    zones,
)


def check_all(context: Context) -> None:
    """Report every problem of meaning."""
    for module in _CHECKS:
        module.check(context)
