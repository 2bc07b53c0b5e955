"""Wait and set."""

from __future__ import annotations

import asyncio

from robocell.control.faults import step_fault
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.errors import CommandRefused, DeviceFault
from robocell.model.expression import Expression
from robocell.model.route import SetStep, WaitStep

LOOK = 1.0
"""Seconds between looks at readings that are no signals (meters)."""


async def wait(site: Site, workpiece: Workpiece) -> None:
    """Wait for the step's time, or until its condition holds.

    Raises:
        StepFault: "timeout".

    """
    step = workpiece.step
    assert isinstance(step, WaitStep)
    asked = step.wait
    if asked.duration is not None:
        return await site.clock.sleep(asked.duration)
    assert asked.until is not None
    if site.dry:
        return None
    try:
        await site.clock.within(asked.timeout, _until(site, workpiece, asked.until))
    except TimeoutError:
        detail = f"'{asked.until}' does not hold after {asked.timeout:g} s"
        raise step_fault(step, "timeout", detail, station=workpiece.station) from None


async def _until(site: Site, workpiece: Workpiece, condition: Expression) -> None:
    changed = asyncio.Event()
    end = site.conditions.watch(condition, changed.set)
    polled = any(site.conditions.signal(name.name) is None for name in condition.names())
    try:
        while not site.conditions.holds(condition, workpiece.results):
            changed.clear()
            if polled:
                await site.clock.background_sleep(LOOK)
            else:
                await changed.wait()
    finally:
        end()


async def set_output(site: Site, workpiece: Workpiece) -> None:
    """Switch the step's named output.

    Raises:
        StepFault: "refused".

    """
    step = workpiece.step
    assert isinstance(step, SetStep)
    device = site.cell.io[step.output.io].device
    try:
        site.io.set(step.output.io, step.output.value)
    except (CommandRefused, DeviceFault) as refusal:
        raise step_fault(step, "refused", refusal.detail, device=device) from refusal
