"""Waiting for a signal without missing that a device fails meanwhile."""

from __future__ import annotations

import asyncio

from robocell.devices import Conveyor, Device
from robocell.errors import DeviceFault, MotionInterrupted
from robocell.signals import Signal


async def until(signal: Signal[bool], value: bool, belt: Conveyor, *others: Device) -> None:
    """Wait until a signal has a value while a belt runs.

    Raises:
        DeviceFault: the belt, or one of the others, has failed.
        MotionInterrupted: the belt was stopped.

    """
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def look(_: object = None) -> None:
        ended = (signal.good and signal.value is value) or not belt.running.value
        if (ended or any(device.fault.value for device in (belt, *others))) and not done.done():
            done.set_result(None)

    ends = [signal.subscribe(look), belt.running.subscribe(look)]
    ends += [device.fault.subscribe(look) for device in (belt, *others)]
    try:
        look()
        await done
    finally:
        for end in ends:
            end()
    for device in (belt, *others):
        if device.fault.value:
            raise DeviceFault(device.name, device.fault.value, device.fault_detail)
    if not (signal.good and signal.value is value):
        raise MotionInterrupted(belt.name, "was stopped")
