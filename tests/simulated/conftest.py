from __future__ import annotations

from tests.world.conftest import worlds_are_closed

__all__ = ["worlds_are_closed"]
