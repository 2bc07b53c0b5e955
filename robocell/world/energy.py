"""Electrical energy: the sum of what the devices take, integrated exactly over their switching."""

from __future__ import annotations


class Load:
    """One device's consumption in W: while it waits and while it works."""

    __slots__ = ("_supply", "active", "idle", "watts")

    def __init__(self, supply: Supply, idle: float, active: float) -> None:
        self._supply = supply
        self.idle = idle
        self.active = active
        self.watts = 0.0
        self.draw(idle, 0.0)

    def work(self, at_work: bool, now: float) -> None:
        """Switch between waiting and work at time `now`."""
        watts = self.active if at_work else self.idle
        if watts != self.watts:
            self.draw(watts, now)

    def draw(self, watts: float, now: float) -> None:
        """Take `watts` from `now` on."""
        if watts != self.watts:
            self._supply.change(watts - self.watts, now)
            self.watts = watts


class Supply:
    """The cell's electrical supply: power now and energy since the beginning."""

    __slots__ = ("_joules", "_since", "watts")

    def __init__(self) -> None:
        self.watts = 0.0
        self._joules = 0.0
        self._since = 0.0

    def change(self, watts: float, now: float) -> None:
        """Add `watts` to the power from `now` on."""
        self._joules += self.watts * (now - self._since)
        self._since = now
        self.watts += watts

    def energy(self, now: float) -> float:
        """Return the joules until `now`."""
        return self._joules + self.watts * (now - self._since)
