"""Which arm goes where with which product: every pick and place that some walk of a route does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from robocell.config.semantics.context import Context
from robocell.config.semantics.walks import MAX_COMBINATIONS, combinations, walks
from robocell.model.fault import Reject
from robocell.model.pose import Pose
from robocell.model.route import DEFAULT_APPROACH, ArriveStep, InspectStep, PickStep, PlaceStep

Loc = tuple[str | int, ...]


@dataclass(frozen=True)
class Visit:
    """An arm at a station, to take or to lay a part.

    Attributes:
        arm: the arm.
        station: the station.
        product: the part's product.
        picks: whether it takes the part there.
        approach: m.
        via: poses on the way.
        loc: the step's arguments in the file, or the action that brings the part.
        after: for a place, the station where the part was taken; "" for a pick.

    """

    arm: str
    station: str
    product: str
    picks: bool
    approach: float
    via: tuple[Pose, ...]
    loc: Loc
    after: str = ""


@dataclass(frozen=True)
class Look:
    """A camera that judges a part at a station."""

    camera: str
    station: str
    product: str
    loc: Loc


def visits(context: Context) -> tuple[Visit, ...]:
    """Return every visit once, in the order of the routes; then those that only a fault's policy makes."""
    if "visits" not in context.notes:
        found = list(dict.fromkeys(item for item in _followed(context) if isinstance(item, Visit)))
        found += dict.fromkeys(_rejects(context, found))
        context.notes["visits"] = tuple(found)
    noted: tuple[Visit, ...] = context.notes["visits"]
    return noted


def looks(context: Context) -> tuple[Look, ...]:
    """Return every look of a camera at a station once."""
    if "looks" not in context.notes:
        context.notes["looks"] = tuple(dict.fromkeys(item for item in _followed(context) if isinstance(item, Look)))
    noted: tuple[Look, ...] = context.notes["looks"]
    return noted


def _followed(context: Context) -> Iterator[Visit | Look]:
    by_product = isinstance(context.cell.route, dict)
    results = [name for name, found in context.declared.items() if found.what == "result"]
    for product, steps in context.cell.routes.items():
        route: Loc = ("route", product) if by_product else ("route",)
        if combinations(steps, results) > MAX_COMBINATIONS:
            continue
        for done in dict.fromkeys(tuple(walk.done) for walk in walks(context.cell, steps, results)):
            station, arm, came = "", "", ""
            for index in done:
                step = steps[index]
                loc = (*route, index, step.verb)
                if isinstance(step, ArriveStep):
                    station = step.arrive.station
                elif isinstance(step, InspectStep) and station:
                    yield Look(step.inspect.camera, station, product, loc)
                elif isinstance(step, PickStep) and station:
                    arm, came = step.pick.arm, station
                    yield Visit(arm, station, product, True, step.pick.approach, step.pick.via, loc)
                elif isinstance(step, PlaceStep) and arm:
                    station = step.place.station
                    yield Visit(arm, station, product, False, step.place.approach, step.place.via, loc, came)


def _rejects(context: Context, found: list[Visit]) -> Iterator[Visit]:
    """Yield what a fault's policy makes: the arms that pick bring parts to the station that `reject` names."""
    for key, policy in context.cell.faults.items():
        for where, actions in (("try", policy.attempts), ("then", policy.then)):
            for index, action in enumerate(actions):
                if isinstance(action, Reject) and action.to in context.cell.stations:
                    loc = ("faults", key, where, index, "~reject", "to")
                    for pick in found:
                        if pick.picks and action.to is not None:
                            yield Visit(
                                pick.arm, action.to, pick.product, False, DEFAULT_APPROACH, (), loc, pick.station
                            )
