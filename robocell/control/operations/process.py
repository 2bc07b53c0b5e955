"""Process: the machine closes its door, runs its program, and opens again; the next arm comes near meanwhile."""

from __future__ import annotations

import asyncio

from robocell.control.faults import step_fault
from robocell.control.operations.pick import prepare
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.errors import DeviceFault, MotionInterrupted, OperationFault
from robocell.model.route import PickStep, ProcessStep, SetStep

PATIENCE = 3.0
"""How many times its usual duration a program may take where the file gives no time-out."""
AHEAD = 4.0
"""Seconds before the program's usual end at which the arm that unloads sets out, so that it waits at the door."""


async def process(site: Site, workpiece: Workpiece) -> None:
    """Run the step's program on the workpiece in the machine.

    Raises:
        StepFault: "timeout", "failed" (the machine says so).
        DeviceFault: of the machine.

    """
    step = workpiece.step
    assert isinstance(step, ProcessStep)
    if site.dry:
        return
    asked = step.process
    machine = site.machine(asked.machine)
    if machine.name not in workpiece.holder.held:
        await site.resources.take(workpiece.holder, (machine.name,))
    following = _following(workpiece)
    coming: asyncio.Task[None] | None = None
    try:
        await site.commands.give(machine, "door", lambda: machine.door(False), opened=False)
        if following is not None:
            coming = asyncio.get_running_loop().create_task(
                _come(site, workpiece, following, asked.expected - AHEAD), name=f"{workpiece}: arm comes near"
            )
        succeeded = await _run(site, workpiece, step)
        await site.commands.give(machine, "door", lambda: machine.door(True), opened=True)
    except BaseException:
        if coming is not None:
            coming.cancel()
        raise
    finally:
        site.resources.give(workpiece.holder, (machine.name,))
        if coming is not None:
            await asyncio.wait([coming])
    if not succeeded:
        detail = f"{machine.name} says that program {asked.program} failed"
        raise step_fault(step, "failed", detail, station=workpiece.station, device=machine.name)


async def _run(site: Site, workpiece: Workpiece, step: ProcessStep) -> bool:
    asked = step.process
    machine = site.machine(asked.machine)
    patience = asked.timeout or PATIENCE * asked.expected

    async def run() -> bool:
        try:
            return await machine.run(asked.program, asked.expected)
        except MotionInterrupted:  # a half-worked part is not begun again
            return False

    await site.journal.durable()  # identified: what is not on record must not start
    try:
        return await site.commands.give(
            machine,
            "run",
            lambda: site.clock.within(patience, run()),
            program=asked.program,
        )
    except TimeoutError:
        machine.stop_now()
        detail = f"program {asked.program} has not ended after {patience:g} s"
        raise step_fault(step, "timeout", detail, station=workpiece.station, device=machine.name) from None


def _following(workpiece: Workpiece) -> PickStep | None:
    """Return the pick that comes next, if it is certain."""
    rest = (step for step in workpiece.route[workpiece.index + 1 :] if not isinstance(step, SetStep))
    following = next(rest, None)
    return following if isinstance(following, PickStep) and following.when is None else None


async def _come(site: Site, workpiece: Workpiece, step: PickStep, after: float) -> None:
    """Let the arm come near in time; what goes wrong on the way is told by the pick itself."""
    await site.clock.sleep(after)
    try:
        await prepare(site, workpiece, step)
    except (DeviceFault, OperationFault):
        return
