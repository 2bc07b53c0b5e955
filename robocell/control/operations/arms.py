"""What pick and place share: an arm's moves, told to the journal and watched for what the gripper loses."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from robocell.control.moves import Joints, Way
from robocell.control.site import Site
from robocell.devices import Gripper, Lifecycle
from robocell.motion import JointMove, Segment

BESIDE = 5e-3
"""Distance in m from a straight line within which an arm counts as being on it."""
NEAR_ENOUGH = 5e-4
"""Difference of an opening in m that is not worth a command."""


async def move(
    site: Site, arm: str, what: str, place: str, segments: Sequence[Segment], end: Joints, carrying: bool = False
) -> None:
    """Move an arm through segments; `end` is where it then stands.

    Args:
        site: the cell.
        arm: the arm's name.
        what: "approach", "reach", "retreat", …: for the journal.
        place: what it moves to or from, for the journal.
        segments: the moves; none does nothing.
        end: (n,) joint position after the last one.
        carrying: whether its gripper holds a part: losing it ends the move.

    Raises:
        DeviceFault: of the arm, or of the gripper while carrying.

    """
    if not segments:
        return
    device = site.arm(arm)
    site.stands.pop(arm, None)

    async def work() -> None:
        await device.execute(segments, min(site.speed, site.commands.speed(arm)))

    watch = (site.gripper(site.ways.tools[arm]),) if carrying and arm in site.ways.tools else ()
    await site.commands.give(device, "execute", work, watch=watch, move=what, place=place, to=_rounded(end))
    site.stands[arm] = end


async def reach(site: Site, arm: str, place: str, way: Way, down: bool = True, carrying: bool = False) -> None:
    """Go to a seat, or to where parts are let fall above it; after a fault on the straight line, straight up first.

    Args:
        site: the cell.
        arm: the arm's name.
        place: for the journal.
        way: the way.
        down: whether to go all the way to the seat.
        carrying: whether its gripper holds a part.

    Raises:
        DeviceFault: of the arm, or of the gripper while carrying.

    """
    if down:
        segments, end = (*way.approach, way.line), way.at_seat
    else:
        segments, end = way.approach, way.at_approach
    site.reaching[arm] = way
    await move(site, arm, "reach", place, segments, end, carrying)
    del site.reaching[arm]


async def back_out(site: Site, arm: str, carrying: bool = False) -> None:
    """Go straight up if a fault has left the arm on a straight line: sideways it would take along what lies there."""
    way = site.reaching.pop(arm, None)
    if way is None:
        return
    model = site.arm(arm).model
    here = model.fk(np.array(site.arm(arm).joints()))[:3, 3]
    seat, above = way.line.pose[:3, 3], way.back.pose[:3, 3]
    along = float((here - seat) @ (above - seat)) / float((above - seat) @ (above - seat))
    off = float(np.linalg.norm(here - seat - along * (above - seat)))
    if off <= BESIDE and along < 1.0:
        await move(site, arm, "retreat", "", (way.back,), way.at_approach, carrying)


def stands(site: Site, arm: str) -> Joints:
    """Return where an arm stands: by its last command, else as it measures."""
    if arm not in site.stands:
        site.stands[arm] = tuple(round(value, 4) for value in site.arm(arm).joints())
    return site.stands[arm]


async def go_home(site: Site, arm: str) -> None:
    """Move an arm to its rest position."""
    home = site.homes[arm]
    if stands(site, arm) != home:
        await move(site, arm, "home", "", (JointMove(home),), home)


async def retreat(site: Site, arm: str, station: str, way: Way, carrying: bool = False, up: bool = True) -> None:
    """Leave a seat, and the zone that it is in: without a via pose outside, the arm goes to its rest position.

    Args:
        site: the cell.
        arm: the arm's name.
        station: where it is.
        way: its way there.
        carrying: whether its gripper holds a part.
        up: whether it stands at the seat, and not above it already.

    Raises:
        DeviceFault: of the arm, or of the gripper while carrying.

    """
    segments: tuple[Segment, ...] = (way.back, *way.out) if up else way.out
    end = way.at_end
    if way.at_via is None and site.ways.zones(arm, station):
        end = site.homes[arm]
        segments = (*segments, JointMove(end))
    await move(site, arm, "retreat", station, segments, end, carrying)


async def open_to(site: Site, gripper: Gripper, width: float | None) -> None:
    """Open a gripper to a width, its widest for None; nothing is commanded if it stands so already."""
    wanted = gripper.stroke if width is None else min(width, gripper.stroke)
    at_rest = gripper.lifecycle is Lifecycle.ACTIVE and not gripper.holding.value
    if at_rest and abs(gripper.opening() - wanted) <= NEAR_ENOUGH:
        return
    await site.commands.give(gripper, "open", lambda: gripper.open(wanted), width=round(wanted, 4))


@lru_cache(maxsize=512)  # a cell's moves repeat
def _rounded(joints: Joints) -> Joints:
    return tuple(round(value, 4) for value in joints)
