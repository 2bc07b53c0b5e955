"""A small catalogue for tests of the loader: kinds and signals, no figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from robocell.errors import CatalogError


@dataclass(frozen=True)
class FakeProfile:
    kind: str
    signals: dict[str, str] = field(default_factory=dict)


PROFILES = {
    "eastron/sdm630": FakeProfile("meter", {"power": "number", "energy": "number"}),
    "generic/area-camera": FakeProfile("camera"),
    "generic/belt-conveyor": FakeProfile("conveyor", {"running": "bool"}),
    "generic/machine-tool": FakeProfile("machine", {"door_open": "bool"}),
    "generic/operator-panel": FakeProfile(
        "panel", {"reset": "bool", "tray_changed": "bool", "bin_emptied": "bool", "message": "text"}
    ),
    "generic/photo-eye": FakeProfile("sensor", {"seen": "bool"}),
    "generic/safety-relay": FakeProfile("safety", {"door_closed": "bool", "estop_released": "bool"}),
    "robotiq/2f-85": FakeProfile("gripper"),
    "universal-robots/ur5e": FakeProfile("arm"),
}


class FakeCatalogue:
    """What the loader needs of the catalogue. `broken/profile` is listed but cannot be loaded."""

    def names(self) -> Sequence[str]:
        return sorted([*PROFILES, "broken/profile"])

    def profile(self, name: str) -> FakeProfile:
        try:
            return PROFILES[name]
        except KeyError:
            raise CatalogError("payload has no source") from None
