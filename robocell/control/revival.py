"""Taking devices back into operation that have failed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from robocell.clock import Clock
from robocell.devices import Camera, Device, Lifecycle, Meter, Panel, Safety, Sensor, recover
from robocell.errors import CommandRefused, DeviceFault
from robocell.signals import Signal

AGAIN = 1.0
"""Seconds between attempts to hear a device again that moves nothing."""


class Revival:
    """Revives devices: those that move nothing by itself, as soon as they answer; the others when it is asked to.

    Args:
        devices: by name.
        clock: paces the attempts.
        told: called with a device to which no operation speaks and its fault, and with "" when it is back.

    """

    def __init__(self, devices: Mapping[str, Device], clock: Clock, told: Callable[[Device, str], None]) -> None:
        self._devices = devices
        self._clock = clock
        self._told = told
        self._trying: dict[str, asyncio.Task[None]] = {}
        for device in devices.values():
            if isinstance(device, Sensor | Safety | Panel | Meter | Camera):
                device.fault.subscribe(self._failed)

    async def all(self) -> None:
        """Try every device once."""
        for device in self._devices.values():
            await self._try(device)

    def _failed(self, fault: Signal[str]) -> None:
        name = fault.name.partition(".")[0]
        if fault.value and name not in self._trying:
            task = asyncio.get_running_loop().create_task(self._until_back(name), name=f"{name} comes back")
            self._trying[name] = task
            task.add_done_callback(lambda _: self._trying.pop(name, None))

    async def _until_back(self, name: str) -> None:
        device = self._devices[name]
        alone = isinstance(device, Safety | Panel | Meter)
        if alone:
            self._told(device, device.fault.value)
        while device.lifecycle not in (Lifecycle.ACTIVE, Lifecycle.CLOSED):
            await self._clock.background_sleep(AGAIN)
            await self._try(device)
        if alone:
            self._told(device, "")

    @staticmethod
    async def _try(device: Device) -> None:
        if device.lifecycle in (Lifecycle.ACTIVE, Lifecycle.CLOSED):
            return
        try:
            await recover(device)
        except (DeviceFault, CommandRefused):
            return
