"""Arrive: a belt brings the next part to its stop; the sensor's edge mints the workpiece."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from robocell.control.faults import step_fault
from robocell.control.site import Site
from robocell.devices import Conveyor, Sensor
from robocell.errors import DeviceFault
from robocell.model.device import SensorDevice
from robocell.model.route import ArriveStep
from robocell.model.station import BeltStation
from robocell.signals import Signal

GRAVITY = 9.81


class Arrival:
    """One station to which a belt brings parts.

    Args:
        site: the cell.
        step: the route's arrive.
        gate: whether the belt may bring parts: in Execute, and while suspended for want of parts.
        enough: whether the order wants no more parts.
        starving: seconds without a part that are the fault "starved"; None: never.

    """

    def __init__(
        self, site: Site, step: ArriveStep, gate: Signal[bool], enough: Signal[bool], starving: float | None
    ) -> None:
        station = site.cell.stations[step.arrive.station]
        assert isinstance(station, BeltStation)
        sensor = site.sensor_at(step.arrive.station)
        assert sensor is not None
        device = site.cell.devices[sensor.name]
        assert isinstance(device, SensorDevice)
        assert device.at is not None
        self.step = step
        self.station = step.arrive.station
        self.belt: Conveyor = site.conveyor(station.belt)
        self.sensor: Sensor = sensor
        self._site = site
        self._gate = gate
        self._enough = enough
        self._starving = starving
        product = site.cell.products[step.arrive.product]
        self._to_stop = station.at - device.at + 0.5 * product.shape.extent[0]
        self._friction = product.sliding_friction
        self._stop_at: float | None = None

    async def bring(self, mint: Callable[[], None], patient: bool = False) -> bool:
        """Run the belt until a part comes, mint it, and bring it to rest at the stop.

        Args:
            mint: called at the sensor's edge.
            patient: whether to wait for ever.

        Returns:
            Whether a workpiece was minted; False: the order has enough, the belt stands still.

        Raises:
            StepFault: "starved", "unexpected" (something is in the beam although no part can be there).
            DeviceFault: of the belt or the sensor. Called again, it takes up where it was.

        """
        if self._stop_at is None:
            await self._until_edge(None if patient else self._starving)
            if self._stop_at is None:
                self.belt.stop_now()
                return False
            mint()
        target = self._stop_at
        await self._site.commands.give(
            self.belt, "run_to", lambda: self.belt.run_to(target), gate=self._gate, travel=round(target, 6)
        )
        self._stop_at = None
        return True

    async def _until_edge(self, starving: float | None) -> None:
        belt, sensor = self.belt, self.sensor
        if sensor.fault.value:
            raise DeviceFault(sensor.name, sensor.fault.value, sensor.fault_detail)
        if sensor.blocked.value:
            detail = f"{sensor.name} sees something where no part is expected"
            raise step_fault(self.step, "unexpected", detail, station=self.station, device=sensor.name)
        waited = 0.0
        while self._stop_at is None and not self._enough.value:
            await self._site.commands.give(
                belt, "run", lambda: belt.run(belt.nominal_speed), gate=self._gate, speed=belt.nominal_speed
            )
            began = self._site.clock.now()
            if starving is None:
                await self._event()
                continue
            try:
                await self._site.clock.within(starving - waited, self._event())
            except TimeoutError:
                detail = f"no part for {starving:g} s"
                raise step_fault(self.step, "starved", detail, station=self.station, device=belt.name) from None
            waited += self._site.clock.now() - began

    async def _event(self) -> None:
        """Return at the sensor's edge (the stop is then known), when the gate closes, or raise a device's fault."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def edge(blocked: Signal[bool]) -> None:
            if blocked.value and blocked.good and self._stop_at is None and not self._enough.value:
                self._stop_at = self._travel_at_edge() + self._to_stop - self._slide()
                finish()

        def finish(_: object = None) -> None:
            if not done.done():
                done.set_result(None)

        def closed(gate: Signal[bool]) -> None:
            if not gate.value:
                finish()

        ends = [
            self.sensor.blocked.subscribe(edge),
            self.sensor.fault.subscribe(finish),
            self.belt.fault.subscribe(finish),
            self.belt.running.subscribe(closed),
            self._gate.subscribe(closed),
            self._enough.subscribe(finish),
        ]
        try:
            await done
        finally:
            for end in ends:
                end()
        for device in (self.sensor, self.belt):
            if device.fault.value:
                raise DeviceFault(device.name, device.fault.value, device.fault_detail)

    def _slide(self) -> float:
        """Return how far a part slides on when the belt brakes harder than friction can hold it, m."""
        belt = self.belt
        grip = self._friction * belt.friction * GRAVITY
        return max(belt.nominal_speed**2 * (0.5 / grip - 0.5 / belt.acceleration), 0.0)

    def _travel_at_edge(self) -> float:
        """Return the belt's travel when the part's leading edge reached the beam, before the sensor's delay."""
        return self.belt.travel() - self.belt.speed() * self.sensor.latency
