"""Leave: the belt carries the part out of its station; the workpiece ends."""

from __future__ import annotations

from robocell.control.faults import step_fault
from robocell.control.operations.waiting import until
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.devices import Conveyor, Sensor
from robocell.model.device import SensorDevice
from robocell.model.route import LeaveStep
from robocell.model.station import BeltStation

CLEARANCE = 0.02
"""Distance in m that a part goes on behind the beam, or beyond its own length where there is none."""
PATIENCE = 3.0
"""How many times the way's time, and how many seconds more, a part may take to pass the beam."""


async def leave(site: Site, workpiece: Workpiece) -> None:
    """Let the part leave on the step's belt; done when the station's sensor has seen it pass.

    Raises:
        StepFault: "blocked": the sensor does not see it come, or it stays in the beam.
        DeviceFault: of the belt.

    """
    step = workpiece.step
    assert isinstance(step, LeaveStep)
    belt = site.conveyor(step.leave.belt)
    if belt.name not in workpiece.holder.held:
        await site.resources.take(workpiece.holder, (belt.name,))
    if not site.dry:
        station = site.cell.stations[workpiece.station]
        assert isinstance(station, BeltStation)
        length = max(site.cell.products[workpiece.product].shape.extent[:2])
        sensor = site.sensor_at(workpiece.station)
        if sensor is None or not _sees_leave(site, sensor, station):
            await _carry(site, belt, length + CLEARANCE)
        else:
            await _past(site, workpiece, step, belt, sensor, length)
    site.stations[workpiece.station].free(workpiece, site.clock.now())
    left = workpiece.station
    workpiece.station = ""
    site.moved(workpiece)
    site.resources.give(workpiece.holder, (*site.ways.slot(left), belt.name))


def _sees_leave(site: Site, sensor: Sensor, station: BeltStation) -> bool:
    """Whether the sensor stands after the station on its belt."""
    device = site.cell.devices[sensor.name]
    return isinstance(device, SensorDevice) and device.at is not None and device.at > station.at


async def _carry(site: Site, belt: Conveyor, distance: float) -> None:
    target = belt.travel() + distance
    await site.commands.give(belt, "run_to", lambda: belt.run_to(target), travel=round(target, 6))


async def _past(
    site: Site, workpiece: Workpiece, step: LeaveStep, belt: Conveyor, sensor: Sensor, length: float
) -> None:
    station = site.cell.stations[workpiece.station]
    device = site.cell.devices[sensor.name]
    assert isinstance(station, BeltStation)
    assert isinstance(device, SensorDevice)
    assert device.at is not None
    way = device.at - station.at + length + CLEARANCE
    patience = PATIENCE * (way / belt.nominal_speed + 1.0)

    async def run() -> None:
        await belt.run(belt.nominal_speed)
        if not workpiece.passing:  # else the belt was stopped while the part was in the beam, or behind it
            await until(sensor.blocked, True, belt, sensor)
            workpiece.passing = True
        await until(sensor.blocked, False, belt, sensor)
        await belt.run_to(belt.travel() + CLEARANCE)

    try:
        await site.commands.give(belt, "run", lambda: site.clock.within(patience, run()), until=sensor.name)
    except TimeoutError:
        belt.stop_now()
        detail = f"{sensor.name} has not seen it pass after {patience:.1f} s"
        raise step_fault(step, "blocked", detail, station=workpiece.station, device=belt.name) from None
