"""What a file means beyond its form: one idea a module, each with a `check(context)`."""

from __future__ import annotations

from robocell.config.semantics import (
    belts,
    expressions,
    faults,
    frames,
    hardware,
    names,
    routes,
)
from robocell.config.semantics.context import Context

__all__ = ["Context", "check_all"]

# A broken entry is left out of the model, so that these can still be told; the others need the whole file.
_PARTIAL = (names, expressions, hardware, frames, belts)
_WHOLE = (routes, faults)


def check_all(context: Context) -> None:
    """Report every problem of meaning."""
    for module in _PARTIAL:
        module.check(context)
    if context.complete:
        for module in _WHOLE:
            module.check(context)
