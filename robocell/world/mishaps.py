"""What goes wrong in a scene: parts shifted or removed, jams, drops, alarms, blind sensors, lost devices."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, get_args, get_type_hints

from robocell.world.agenda import Action
from robocell.world.protocol import Part, Upset
from robocell.world.shapes import Matrix
from robocell.world.spec import MishapSpec

if TYPE_CHECKING:
    from robocell.world.base import BaseWorld

ON_THE_WAY = 0.2
"""Seconds after the start of a move at which a part is dropped."""


class Mishaps:
    """Brings about a scene's faults at their times.

    What it happens to may not be there yet: a part that is to be shifted or removed, a grip that is to
    drop, an arm that is to collide. Such a fault waits until a part rests at the station, is held, or
    the arm moves.

    Args:
        world: the world.
        mishaps: the scene's faults.

    """

    def __init__(self, world: BaseWorld, mishaps: tuple[MishapSpec, ...]) -> None:
        self._world = world
        self._waiting: list[MishapSpec] = []
        self._kinds: dict[str, Callable[[MishapSpec], bool]] = {
            "shift": self._to_part,
            "remove": self._to_part,
            "drop": self._drop,
            "friction": self._friction,
            "jam": self._jam,
            "miss": self._miss,
            "open": self._open,
            "press": self._press,
            "fail": self._fail,
            "block": self._sense,
            "blind": self._sense,
            "lose": self._lose,
            "collide": self._collide,
            "repeat": self._upset,
            "delay": self._upset,
            "truncate": self._upset,
            "withhold": self._upset,
        }
        for mishap in sorted(mishaps, key=lambda m: m.at):
            world.agenda.at(mishap.at, partial(self._due, mishap))

    def _due(self, mishap: MishapSpec) -> None:
        if not self._happen(mishap):
            self._waiting.append(mishap)

    def settled(self) -> None:
        """See whether what waits can happen now."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self._waiting = [mishap for mishap in waiting if not self._happen(mishap)] + self._waiting

    def _happen(self, mishap: MishapSpec) -> bool:
        """Bring it about; return False while there is nothing that it could happen to."""
        if mishap.part is not None and mishap.kind not in ("shift", "remove", "drop"):
            if len(self._world.parts) < mishap.part:
                return False
            on_belt = self._world.parts[mishap.part - 1].place == f"belt {mishap.target}"
            if mishap.kind == "jam" and not on_belt:
                return False
        return self._kinds[mishap.kind](mishap)

    def _later(self, mishap: MishapSpec, action: Action) -> bool:
        if mishap.lasts < float("inf"):
            self._world.agenda.at(self._world.now + mishap.lasts, action)
        return True

    # --- one method a kind ---------------------------------------------------------------------------------

    def _to_part(self, mishap: MishapSpec) -> bool:
        world = self._world
        for part in self._at(mishap.target):
            if mishap.part not in (None, part.number):
                continue
            if mishap.kind == "remove":
                world.remove(part)
                return True
            if world.rests(part):
                world.displace(part, self._shifted(part, mishap))
                return True
        return False

    def _at(self, target: str) -> list[Part]:
        """Return the parts at a station that rest there, or in a grip."""
        world = self._world
        if target in world.grips:
            return world.parts_in(f"grip {target}")
        return [part for part in world.parts_at(target) if world.rests(part)]

    def _shifted(self, part: Part, mishap: MishapSpec) -> Matrix:
        pose = self._world.pose_of(part).copy()
        pose[:3, 3] += self._world.station_frame(mishap.target)[:3, :3] @ mishap.by
        return pose

    def _drop(self, mishap: MishapSpec) -> bool:
        """Lose the part on the way: shortly after the arm that holds it begins to move."""
        world = self._world
        held = world.parts_in(f"grip {mishap.target}")
        if not held or mishap.part not in (None, held[0].number):
            return False
        arms = [arm for grip, arm in world.tool_users() if grip == mishap.target]
        if any(not world.latest(world.arms[arm].moving) for arm in arms):
            return False

        def lose() -> None:
            if not world.lose(mishap.target):  # it was let go before: the next one it is
                self._waiting.append(mishap)

        world.agenda.at(world.now + ON_THE_WAY, lose)
        return True

    def _friction(self, mishap: MishapSpec) -> bool:
        self._world.set_friction(mishap.value)
        return True

    def _jam(self, mishap: MishapSpec) -> bool:
        belt = self._world.belts[mishap.target]
        belt.jam()
        return self._later(mishap, belt.free)

    def _miss(self, mishap: MishapSpec) -> bool:
        self._world.miss(mishap.target, mishap.times)
        return True

    def _open(self, mishap: MishapSpec) -> bool:
        world = self._world
        device, _, signal = mishap.target.partition(".")
        if device in world.relays:
            relay = world.relays[device]
            relay.force_off(signal, True)
            return self._later(mishap, lambda: relay.force_off(signal, False))
        if device in world.panels:
            world.panels[device].release(signal)
        return True

    def _press(self, mishap: MishapSpec) -> bool:
        device, _, button = mishap.target.partition(".")
        if device in self._world.panels:
            self._world.panels[device].press(button)
        return True

    def _fail(self, mishap: MishapSpec) -> bool:
        self._world.machines[mishap.target].fail()
        return True

    def _sense(self, mishap: MishapSpec) -> bool:
        world = self._world
        if mishap.target in world.cameras:
            camera = world.cameras[mishap.target]
            camera.blind = True
            return self._later(mishap, lambda: setattr(camera, "blind", False))
        beam = world.beams[mishap.target]
        beam.force(mishap.kind == "block")
        return self._later(mishap, lambda: beam.force(None))

    def _upset(self, mishap: MishapSpec) -> bool:
        kind = next(kind for kind in get_args(get_type_hints(Upset)["kind"]) if kind == mishap.kind)
        self._world.cameras[mishap.target].upsets.extend([Upset(kind, mishap.value)] * mishap.times)
        return True

    def _lose(self, mishap: MishapSpec) -> bool:
        world, answers = self._world, self._world.answers(mishap.target)
        world.change(answers, False)
        return self._later(mishap, lambda: world.change(answers, True))

    def _collide(self, mishap: MishapSpec) -> bool:
        arm = self._world.arms[mishap.target]
        if not self._world.latest(arm.moving):
            return False
        self._world.change(arm.contact, "something unexpected")
        return True
