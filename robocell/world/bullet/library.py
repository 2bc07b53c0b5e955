"""pybullet, loaded without what it prints: the only import of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["p"]


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep what the library writes to the terminal when it is loaded from its user."""
    kept, sink = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(sink, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(sink)


with _quiet():
    import pybullet as p
