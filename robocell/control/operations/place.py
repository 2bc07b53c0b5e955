"""Place: the arm brings the part to a slot, opens, lifts, and is clear of the station."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from robocell.control.faults import WorkpieceEnd, step_fault
from robocell.control.moves import Matrix, Way
from robocell.control.operations.arms import back_out, move, open_to, reach, retreat, stands
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.errors import Unreachable
from robocell.model.pose import Pose
from robocell.model.route import PlaceStep
from robocell.model.station import BinStation

GAP = 1e-3
"""Height in m above its seat at which a part is let go, so that nothing is pressed."""


async def place(site: Site, workpiece: Workpiece) -> None:
    """Put the workpiece down at the step's station.

    Raises:
        StepFault: "full" (no slot), "refused" (no way there, or the part does not leave the gripper).
        DeviceFault: of arm, gripper or machine.
        WorkpieceEnd: the gripper holds nothing any more: the part was dropped.

    """
    step = workpiece.step
    assert isinstance(step, PlaceStep)
    await place_at(site, workpiece, step, step.place.station, step.place.approach, step.place.via)


async def place_at(
    site: Site, workpiece: Workpiece, step: PlaceStep, station: str, approach: float, via: Sequence[Pose]
) -> None:
    """Put the workpiece down at a station; see `place`."""
    if workpiece.gripper:
        gripper = site.gripper(workpiece.gripper)
        if not site.dry and not gripper.holding.value:
            raise WorkpieceEnd("scrapped", "dropped")
        arm = arm_of(site, gripper.name)
        way, slot = await _reach(site, workpiece, step, arm, station, approach, via)
        site.resources.give(workpiece.holder, site.ways.every_view)
        await _let_go(site, workpiece, step, station)
        workpiece.laid(station, slot, arm, way)
        site.moved(workpiece)
    await _leave(site, workpiece, station)


async def _leave(site: Site, workpiece: Workpiece, station: str) -> None:
    """Clamp what lies in a machine, bring the arm out, and give back what is clear."""
    assert workpiece.leaving is not None
    arm, way = workpiece.leaving
    machine = site.machine_of(station)
    if machine is not None and not site.dry:
        await site.commands.give(machine, "clamp", lambda: machine.clamp(True), closed=True)
    await retreat(site, arm, station, way, up=not _falls(site, station))
    workpiece.leaving = None
    site.resources.give(workpiece.holder, (*site.ways.zones(arm, station), *site.ways.arm_and_tool(arm)))


def arm_of(site: Site, gripper: str) -> str:
    """Return the arm that carries a gripper."""
    return next(arm for arm, tool in site.ways.tools.items() if tool == gripper)


async def _reach(
    site: Site,
    workpiece: Workpiece,
    step: PlaceStep,
    arm: str,
    station: str,
    approach: float,
    via: Sequence[Pose],
) -> tuple[Way, int]:
    """Bring the part to a free slot, after waiting outside for it where it is not free; returns way and slot."""
    held = workpiece.holder.held
    words = tuple(w for w in (*site.ways.slot(station), *site.ways.zones(arm, station)) if w not in held)
    if words and not site.resources.try_take(workpiece.holder, words):
        waiting = _way(site, workpiece, step, arm, station, 0, approach, via)
        if waiting.at_via is not None and stands(site, arm) != waiting.at_via:
            await move(site, arm, "wait", station, waiting.to_wait, waiting.at_via, carrying=not site.dry)
        await site.resources.take(workpiece.holder, words)
    slot = site.stations[station].reserve(workpiece, site.clock.now())
    if slot is None:
        raise step_fault(step, "full", "no slot is free", station=station, device=arm)
    machine = site.machine_of(station)
    if machine is not None and not machine.door_open.value:
        await site.commands.give(machine, "door", lambda: machine.door(True), opened=True)
    if machine is not None and machine.clamped.value:
        raise step_fault(step, "refused", "the clamp holds something already", station=station, device=machine.name)
    await back_out(site, arm, carrying=not site.dry)
    way = _way(site, workpiece, step, arm, station, slot, approach, via)
    await reach(site, arm, f"{station}/{slot}", way, not _falls(site, station), carrying=not site.dry)
    return way, slot


def _way(
    site: Site,
    workpiece: Workpiece,
    step: PlaceStep,
    arm: str,
    station: str,
    slot: int,
    approach: float,
    via: Sequence[Pose],
) -> Way:
    product = site.cell.products[workpiece.product]
    yaw = None if product.shape.symmetric and product.grasp.yaw is None else workpiece.yaw
    try:
        return site.moves.to_seat(
            arm,
            stands(site, arm),
            _above(site.frames.seat(station, slot)),
            workpiece.product,
            station,
            approach,
            via,
            yaw,
        )
    except Unreachable as problem:
        raise step_fault(step, "refused", str(problem), station=station, device=arm) from problem


def _falls(site: Site, station: str) -> bool:
    """Whether parts are let go above the station and fall in."""
    return isinstance(site.cell.stations[station], BinStation)


def _above(seat: Matrix) -> Matrix:
    lifted = np.array(seat)
    lifted[:3, 3] += GAP * lifted[:3, 2]
    return lifted


async def _let_go(site: Site, workpiece: Workpiece, step: PlaceStep, station: str) -> None:
    if site.dry:
        return
    gripper = site.gripper(workpiece.gripper)
    gripper.expect(False)
    await open_to(site, gripper, site.cell.products[workpiece.product].grasp.open)
    if gripper.holding.value:
        raise step_fault(step, "refused", "the part does not leave the gripper", station=station, device=gripper.name)
