"""What goes wrong in a scene: parts shifted or removed, jams, drops, alarms, blind sensors, open doors."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from robocell.world.agenda import Action
from robocell.world.shapes import pose_at
from robocell.world.spec import MishapSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld


class Mishaps:
    """Brings about a scene's faults at their times.

    A part that is to be shifted or removed may not be there yet, nor a grip hold anything: such a fault
    waits until a part comes to rest at the station, or is held.
    """

    def __init__(self, world: BaseWorld, mishaps: tuple[MishapSpec, ...]) -> None:
        self._world = world
        self._waiting: list[MishapSpec] = []
        for mishap in sorted(mishaps, key=lambda m: m.at):
            world.agenda.at(mishap.at, partial(self._due, mishap))

    def _due(self, mishap: MishapSpec) -> None:
        if not self._happen(mishap):
            self._waiting.append(mishap)

    def settled(self) -> None:
        """Something came to rest or was gripped: see whether what waits can happen now."""
        if self._waiting:
            self._waiting = [mishap for mishap in self._waiting if not self._happen(mishap)]

    def _happen(self, mishap: MishapSpec) -> bool:
        """Bring it about; return False while there is nothing that it could happen to."""
        if mishap.kind in ("shift", "remove"):
            return self._to_part(mishap)
        if mishap.kind == "drop":
            return self._world.lose(mishap.target)
        if mishap.kind == "friction":
            self._world.set_friction(mishap.value)
        elif mishap.kind == "jam":
            self._world.belts[mishap.target].jam()
        elif mishap.kind == "alarm":
            self._world.machines[mishap.target].fail()
        elif mishap.kind in ("block", "blind"):
            self._world.beams[mishap.target].force(mishap.kind == "block")
            self._later(mishap, lambda: self._world.beams[mishap.target].force(None))
        else:
            self._to_relay(mishap)
        return True

    def _to_part(self, mishap: MishapSpec) -> bool:
        world = self._world
        for part in world.parts_at(mishap.target):
            if not world.rests(part):
                continue
            if mishap.kind == "remove":
                world.remove(part)
            else:
                frame = world.station_frame(mishap.target)
                x, y, z, yaw = mishap.by
                by = frame[:3, :3] @ [x, y, z]
                pose = world.pose_of(part)
                turned = pose @ pose_at(0.0, 0.0, 0.0, yaw)
                turned[:3, 3] += by
                world.displace(part, turned)
            return True
        return False

    def _to_relay(self, mishap: MishapSpec) -> None:
        name = mishap.target or self._world.spec.relay
        if name is None:
            return
        relay = self._world.relays[name]
        act = relay.set_door if mishap.kind == "door" else relay.set_estop
        act(False)
        self._later(mishap, lambda: act(True))

    def _later(self, mishap: MishapSpec, action: Action) -> None:
        if mishap.lasts < float("inf"):
            self._world.agenda.at(self._world.now + mishap.lasts, action)
