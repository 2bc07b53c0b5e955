"""Where two arms can meet, a zone keeps them apart: one of the file's, or one that follows from their ways.

The ways that `reach` has planned are swept by each arm's shape. Visits of two arms whose shapes come near each other
exclude one another: all that hang together so make one zone. Only what a zone can keep apart is left to zones: an arm at
rest at home, or on its way to where it waits outside, holds none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from robocell.config.semantics.context import Context
from robocell.config.semantics.reach import Track, tracks
from robocell.config.semantics.visits import visits
from robocell.model.frames import Frames
from robocell.model.station import Zone
from robocell.motion.sweep import Swept

Place = tuple[str, str]
"""An arm and a station that it visits."""


def derived(context: Context) -> dict[str, Zone]:
    """Return the zones that follow from the ways of arms, by name."""
    found: dict[str, Zone] = context.notes.get("zones", {})
    return found


def check(context: Context) -> None:
    """Derive zones; report where arms can meet although no zone can keep them apart."""
    if not context.whole("route", "stations", "devices", "zones", "products", "frames", "fixtures", "faults"):
        return
    planned: dict[Place, list[Track]] = {}
    for track in tracks(context):
        planned.setdefault((track.visit.arm, track.visit.station), []).append(track)
    frames = Frames(context.cell)
    areas = {place: _Area(context, frames, place[0], some) for place, some in planned.items()}
    meeting = [(a, b) for a, b in _pairs(areas) if areas[a].within.meets(areas[b].within)]
    context.notes["zones"] = _zones(context, [pair for pair in meeting if not _kept_apart(context, *pair)])
    _unplanned(context, set(planned))
    _outside(context, areas)


class _Area:
    """What an arm takes up when it visits a station, in the cell's frame."""

    def __init__(self, context: Context, frames: Frames, arm: str, some: list[Track]) -> None:
        self._arm, self._base, self._tracks = context.arms[arm], frames.of(arm), some
        self._home = context.homes[arm]

    @cached_property
    def within(self) -> Swept:
        """Where it holds its zone."""
        return Swept.of(self._arm, self._base, [way for track in self._tracks for way in track.within])

    @cached_property
    def home(self) -> Swept:
        """Where it rests."""
        return Swept.at(self._arm, self._base, self._home)

    @cached_property
    def before(self) -> Swept:
        """On its way to where it waits."""
        return Swept.of(self._arm, self._base, [way for track in self._tracks for way in track.before])


def _pairs(places: dict[Place, _Area]) -> Iterator[tuple[Place, Place]]:
    """Yield every two visits of different arms."""
    listed = list(places)
    for i, a in enumerate(listed):
        for b in listed[i + 1 :]:
            if a[0] != b[0]:
                yield a, b


def _kept_apart(context: Context, a: Place, b: Place) -> bool:
    """Return whether a zone of the file lets only one of two visits in at a time."""
    zones = context.cell.zones.values()
    return any({a[0], b[0]} <= set(zone.arms) and {a[1], b[1]} <= set(zone.stations) for zone in zones)


def _zones(context: Context, meeting: list[tuple[Place, Place]]) -> dict[str, Zone]:
    """Return one zone for all visits that hang together."""
    groups: list[list[Place]] = []
    for pair in meeting:
        touched = [group for group in groups if pair[0] in group or pair[1] in group]
        merged = [place for group in touched for place in group]
        groups = [group for group in groups if group not in touched]
        groups.append([*merged, *(place for place in pair if place not in merged)])
    found: dict[str, Zone] = {}
    for group in groups:
        stations = tuple(dict.fromkeys(station for _, station in group))
        arms = tuple(dict.fromkeys(arm for arm, _ in group))
        found[_name(context, stations, found)] = Zone(stations=stations, arms=arms)
    return found


def _name(context: Context, stations: tuple[str, ...], taken: Mapping[str, Zone]) -> str:
    """Return a name for a zone that nothing else has, in the file or among the zones that follow too."""
    name = "_and_".join(["around_" + stations[0], *stations[1:]])[:48]
    while name in context.declared or name in taken:
        name += "_"
    return name


def _unplanned(context: Context, planned: set[Place]) -> None:
    """Report stations that several arms visit without a zone, where the ways of one of them are not known."""
    arms: dict[str, list[str]] = {}
    for visit in visits(context):
        found = arms.setdefault(visit.station, [])
        if visit.arm not in found:
            found.append(visit.arm)
    for station, visitors in arms.items():
        for index, second in enumerate(visitors):
            for first in visitors[:index]:
                a, b = (first, station), (second, station)
                if not {a, b} <= planned and not _kept_apart(context, a, b):
                    message = f"'{first}' and '{second}' both go to '{station}', and no zone keeps them apart"
                    hint = f"zones: {{at_{station}: {{stations: [{station}], arms: [{first}, {second}]}}}}"
                    context.report("RC612", ("stations", station), message, hint, key=True)


def _outside(context: Context, areas: dict[Place, _Area]) -> None:
    """Report arms that another can meet where they hold no zone: at home, or on the way to where they wait."""
    told: set[tuple[str, ...]] = set()
    for pair in _pairs(areas):
        for mine, theirs in (pair, pair[::-1]):
            a, b = areas[mine], areas[theirs]
            name, other, station = mine[0], *theirs
            if (name, other, station) in told:
                continue
            if a.home.meets(b.within, 0.0) or a.home.meets(b.before, 0.0):
                message = f"'{other}' meets '{name}' at home on its way to '{station}'"
                hint = "choose another home, or pass poses on the way with via:"
            elif a.before.meets(b.within, 0.0):
                message = f"'{name}' on its way to wait for '{mine[1]}' can meet '{other}' at '{station}'"
                hint = "let it pass other poses with via:, farther from there"
            else:
                continue
            told.add((name, other, station))
            context.report("RC612", ("devices", name), message, hint, key=True)
