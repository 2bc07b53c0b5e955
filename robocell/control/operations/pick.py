"""Pick: the arm comes over the part, opens, goes straight down, closes, lifts, and is clear of the station."""

from __future__ import annotations

from robocell.control.faults import step_fault
from robocell.control.moves import Way
from robocell.control.operations.arms import back_out, move, open_to, reach, retreat, stands
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.errors import Unreachable
from robocell.model.route import PickStep


async def pick(site: Site, workpiece: Workpiece) -> None:
    """Take the workpiece with the step's arm.

    Raises:
        StepFault: "missed" (the gripper senses nothing; it is open again and the arm clear), "blocked" (no way to
            where the part lies), or "full" of a destination that is certain and has no slot.
        DeviceFault: of arm, gripper or machine.

    """
    if not workpiece.gripper:
        reserve_destination(site, workpiece)
    await take(site, workpiece)


async def take(site: Site, workpiece: Workpiece) -> None:
    """Do what `pick` does, wherever the part will go."""
    step = workpiece.step
    assert isinstance(step, PickStep)
    if not workpiece.gripper:
        await _take_arm(site, workpiece, step)
        way = await _reach(site, workpiece, step)
        await _close(site, workpiece, step, way)
    if workpiece.leaving is not None:
        await _lift(site, workpiece)


def reserve_destination(site: Site, workpiece: Workpiece) -> None:
    """Take the slot in a final station where the part will certainly end, so that no arm carries it in vain.

    Raises:
        StepFault: that station is full.

    """
    for place, certain in site.ways.destinations(workpiece):
        station = place.place.station
        if not certain or station not in site.ways.finals:
            continue
        if site.stations[station].reserve(workpiece, site.clock.now()) is None:
            raise step_fault(place, "full", "no slot is free", station=station)


async def prepare(site: Site, workpiece: Workpiece, step: PickStep) -> None:
    """Bring the arm to where it waits outside a pick's station, its gripper open; nothing where it has no such place.

    Raises:
        StepFault, DeviceFault: as `pick`.

    """
    arm = step.pick.arm
    if not step.pick.via:
        return
    await site.resources.take(workpiece.holder, _missing(workpiece, site.ways.arm_and_tool(arm)))
    await _wait_outside(site, workpiece, step)
    if not site.dry:
        await open_to(site, site.gripper(site.ways.tools[arm]), site.cell.products[workpiece.product].grasp.open)


async def _take_arm(site: Site, workpiece: Workpiece, step: PickStep) -> None:
    """Take the arm with its gripper, and the station's view with them where all is free at once."""
    arm = step.pick.arm
    wanted = _missing(workpiece, site.ways.arm_and_tool(arm))
    if not site.ways.zones(arm, workpiece.station):
        views = _missing(workpiece, site.ways.views(workpiece.station))
        if views and site.resources.try_take(workpiece.holder, (*wanted, *views)):
            return
    await site.resources.take(workpiece.holder, wanted)


def _missing(workpiece: Workpiece, words: tuple[str, ...]) -> tuple[str, ...]:
    held = workpiece.holder.held
    return tuple(word for word in words if word not in held)


def _way(site: Site, workpiece: Workpiece, step: PickStep) -> Way:
    arm, asked = step.pick.arm, step.pick
    try:
        return site.moves.to_seat(
            arm,
            stands(site, arm),
            site.seat_of(workpiece),
            workpiece.product,
            workpiece.station,
            asked.approach,
            asked.via,
        )
    except Unreachable as problem:
        raise step_fault(step, "blocked", str(problem), station=workpiece.station, device=arm) from problem


async def _wait_outside(site: Site, workpiece: Workpiece, step: PickStep) -> None:
    """Go as far as the last via pose, if the arm is not there yet."""
    way = _way(site, workpiece, step)
    if way.at_via is not None and stands(site, step.pick.arm) != way.at_via:
        await move(site, step.pick.arm, "wait", workpiece.station, way.to_wait, way.at_via)


async def _reach(site: Site, workpiece: Workpiece, step: PickStep) -> Way:
    """Go to the seat with the gripper open, after waiting outside for zone and view where they are not free."""
    arm, station = step.pick.arm, workpiece.station
    words = _missing(workpiece, (*site.ways.views(station), *site.ways.zones(arm, station)))
    if words and not site.resources.try_take(workpiece.holder, words):
        await _wait_outside(site, workpiece, step)
        await site.resources.take(workpiece.holder, words)
    if not site.dry:
        await open_to(site, site.gripper(site.ways.tools[arm]), site.cell.products[workpiece.product].grasp.open)
    machine = site.machine_of(station)
    if machine is not None and not machine.door_open.value:
        await site.commands.give(machine, "door", lambda: machine.door(True), opened=True)
    await back_out(site, arm)
    way = _way(site, workpiece, step)
    await reach(site, arm, station, way)
    return way


async def _close(site: Site, workpiece: Workpiece, step: PickStep, way: Way) -> None:
    """Grip; where nothing is held, open, go out and raise the fault."""
    arm, station = step.pick.arm, workpiece.station
    gripper = site.gripper(site.ways.tools[arm])
    grasp = site.cell.products[workpiece.product].grasp
    held = site.dry or await site.commands.give(gripper, "grip", lambda: gripper.grip(grasp.force))
    if not held:
        await open_to(site, gripper, grasp.open)
        await retreat(site, arm, station, way)
        site.resources.give(workpiece.holder, site.ways.zones(arm, station))
        raise step_fault(step, "missed", "the gripper senses no part", station=station, device=arm)
    workpiece.taken_by(gripper.name, arm, way)
    site.moved(workpiece)
    if not site.dry:
        gripper.expect(True)


async def _lift(site: Site, workpiece: Workpiece) -> None:
    """Carry the part out of the clamp and the station, and give back what is clear now."""
    assert workpiece.leaving is not None
    (arm, way), station = workpiece.leaving, workpiece.origin
    machine = site.machine_of(station)
    if machine is not None and machine.clamped.value:
        await site.commands.give(machine, "clamp", lambda: machine.clamp(False), closed=False)
    await retreat(site, arm, station, way, carrying=not site.dry)
    workpiece.leaving = None
    site.stations[station].free(workpiece, site.clock.now())
    site.resources.give(workpiece.holder, (*site.ways.slot(station), *site.ways.zones(arm, station)))
