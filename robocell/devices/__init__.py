"""The hardware abstraction layer: one contract per canonical device, and what every device owes.

The controller speaks to these classes only; `simulated/` implements them on a world.
"""

from robocell.devices.arm import Arm
from robocell.devices.base import Device, Lifecycle, recover
from robocell.devices.conveyor import Conveyor
from robocell.devices.gripper import Gripper
from robocell.devices.machine import Machine
from robocell.devices.others import Camera, Finding, Meter, Panel, Safety, Sensor, Sighting, signal_of

__all__ = [
    "Arm",
    "Camera",
    "Conveyor",
    "Device",
    "Finding",
    "Gripper",
    "Lifecycle",
    "Machine",
    "Meter",
    "Panel",
    "Safety",
    "Sensor",
    "Sighting",
    "recover",
    "signal_of",
]
