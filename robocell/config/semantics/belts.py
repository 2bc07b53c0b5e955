"""Belts, their stops and their sensors fit each other."""

from __future__ import annotations

from robocell.config.semantics.context import Context
from robocell.model.device import ConveyorDevice, SensorDevice
from robocell.model.route import ArriveStep
from robocell.model.station import BeltStation
from robocell.units import format_quantity


def check(context: Context) -> None:
    """Report stops and sensors off the belt, and sensors that cannot see what they should."""
    for name, device in context.cell.devices.items():
        if isinstance(device, SensorDevice):
            _sensor(context, name, device)
    for name, station in context.cell.stations.items():
        if isinstance(station, BeltStation):
            _on_belt(context, ("stations", name, "at"), station.belt, station.at)
            sensor = context.cell.devices.get(station.sensor or "")
            if isinstance(sensor, SensorDevice) and sensor.belt is not None and sensor.belt != station.belt:
                message = f"sensor '{station.sensor}' looks across '{sensor.belt}', not '{station.belt}'"
                context.report("RC606", ("stations", name, "sensor"), message)
    _arrivals(context)


def _sensor(context: Context, name: str, sensor: SensorDevice) -> None:
    if (sensor.belt is None) == (sensor.pose is None):
        message = "a sensor is either at a belt (belt and at) or at a pose"
        context.report("RC213", ("devices", name), message, key=True)
    elif sensor.belt is not None and sensor.at is None:
        message = "'at' is missing: where along the belt does the sensor look?"
        context.report("RC202", ("devices", name), message, key=True)
    elif sensor.belt is not None and sensor.at is not None:
        _on_belt(context, ("devices", name, "at"), sensor.belt, sensor.at)
    elif sensor.at is not None:
        context.report("RC213", ("devices", name, "at"), "'at' belongs to 'belt'", key=True)


def _on_belt(context: Context, loc: tuple[str, ...], belt: str, at: float) -> None:
    device = context.cell.devices.get(belt)
    if isinstance(device, ConveyorDevice) and at > device.length:
        length = format_quantity(device.length, "length", "mm")
        context.report(
            "RC605",
            loc,
            f"{format_quantity(at, 'length', 'mm')} is off belt '{belt}', which is {length} long",
        )


def _arrivals(context: Context) -> None:
    """Check arrivals: the beam sees a part's leading edge, then its centre runs on to the stop."""
    for step in context.steps():
        if not isinstance(step.step, ArriveStep):
            continue
        arrive = step.step.arrive
        station = context.cell.stations.get(arrive.station)
        if not isinstance(station, BeltStation):
            continue
        loc = (*step.arguments, "at")
        if station.sensor is None:
            hint = "give the station a sensor on its belt, such as sensor: at_stop"
            context.report("RC205", loc, f"station '{arrive.station}' has no sensor to see a part arrive", hint)
            continue
        sensor, product = context.cell.devices.get(station.sensor), context.cell.products.get(arrive.product)
        if isinstance(sensor, SensorDevice) and sensor.at is not None and product is not None:
            past = sensor.at - station.at - product.shape.extent[0] / 2
            if past > 0:
                message = (
                    f"sensor '{station.sensor}' sees a '{arrive.product}' only when its centre is "
                    f"{format_quantity(past, 'length', 'mm')} past the stop"
                )
                hint = "put the sensor at the stop or before it"
                context.report("RC606", ("stations", arrive.station, "sensor"), message, hint)
