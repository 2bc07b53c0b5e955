"""Wear of the tool that made the parts: they come ever larger, or smaller, until a person changes it."""

from __future__ import annotations

from typing import Protocol

from robocell.world.spec import DriftSpec


class Chance(Protocol):
    """What of a stream of chance is used."""

    def gauss(self, mu: float, sigma: float) -> float: ...


class Wear:
    """How much the parts' true diameters differ from nominal.

    Args:
        spec: what the scene says; None: every part has its nominal diameter.
        chance: the stream of the scatter from part to part.

    """

    def __init__(self, spec: DriftSpec | None, chance: Chance) -> None:
        self._spec = spec
        self._chance = chance
        self._made = 0

    def next(self, product: str) -> float:
        """Return by how much the next part of a product is larger than nominal, m."""
        spec = self._spec
        if spec is None or spec.product != product:
            return 0.0
        self._made += 1
        worn = spec.by * max(self._made - spec.after, 0)
        return worn + (self._chance.gauss(0.0, spec.sd) if spec.sd else 0.0)

    def renew(self) -> None:
        """Change the tool."""
        self._made = 0
