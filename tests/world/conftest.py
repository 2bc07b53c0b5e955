from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.world.small import OPEN


@pytest.fixture(autouse=True)
def worlds_are_closed() -> Iterator[None]:
    yield
    while OPEN:
        OPEN.pop().close()
