"""Supply: lays parts at the start of belts, at seeded times and with seeded defects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from robocell.world.looks import Blemish
from robocell.world.protocol import Part
from robocell.world.spec import SupplySpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld

GAP = 0.005
"""Least free length in m between a part that is laid and the one before it."""
SHORTEST = 0.05
"""Least interval in s; shorter draws are drawn again."""


class Feed:
    """Lays one product on one belt.

    Intervals are normal, cut off below `SHORTEST`; each counts from the last laying, the first from the
    beginning. A part that finds the start of the belt occupied is laid as soon as it is free. Yaw is
    uniform. Of a defective part the kind is uniform, the area log-uniform and the contrast uniform in their
    ranges.

    Args:
        world: the world.
        belt: the belt's name.
        spec: product and intervals.
        ordinal: counts the supplied belts in order of their names, from 0; the streams "supply/ORDINAL"
            (intervals and yaw) and "defects/ORDINAL" are its own.

    """

    def __init__(self, world: BaseWorld, belt: str, spec: SupplySpec, ordinal: int) -> None:
        self.belt = belt
        self._world = world
        self._spec = spec
        self._times = world.clock.stream(f"supply/{ordinal}")
        self._flaws = world.clock.stream(f"defects/{ordinal}")
        self._waiting: tuple[float, float] | None = None  # (room needed, yaw) of the part that is due
        first = self._interval()
        world.agenda.at(first if spec.first is None else spec.first, self._due)

    def _interval(self) -> float:
        while True:
            interval = self._times.gauss(self._spec.mean, self._spec.sd) if self._spec.sd else self._spec.mean
            if interval >= min(SHORTEST, self._spec.mean):
                return interval

    def _due(self) -> None:
        yaw = self._times.uniform(-self._spec.turn, self._spec.turn)
        half = self._world.spec.products[self._spec.product].shape.half_along(yaw)
        self._waiting = (2.0 * half + GAP, yaw)
        self.look()

    def look(self) -> None:
        """Lay the part that is due if there is room for it; the world calls this when there may be."""
        if self._waiting is None:
            return
        room, yaw = self._waiting
        if self._world.room_at_start(self.belt) < room - 1e-9:
            self._world.watch_start(self.belt, room, self.look)
            return
        self._waiting = None
        self._lay(0.5 * (room - GAP), yaw)
        self._world.agenda.at(self._world.now + self._interval(), self._due)

    def _lay(self, half: float, yaw: float) -> None:
        world = self._world
        product = world.spec.products[self._spec.product]
        design, defects = self._appearance(product.name)
        part = Part(
            number=len(world.parts) + 1,
            product=product.name,
            defects=defects,
            design=design,
            friction=product.friction if world.friction is None else world.friction,
            growth=world.wear.next(product.name),
        )
        world.parts.append(part)
        world.moved(part, f"belt {self.belt}")
        world.lay(part, self.belt, half, yaw)

    def _appearance(self, product: str) -> tuple[str, tuple[Blemish, ...]]:
        look = self._world.look(product)
        return ("", ()) if look is None else look.supply(self._flaws, self._world.spec.scene.defects)
