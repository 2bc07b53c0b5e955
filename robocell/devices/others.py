"""The smaller canonical devices: Camera, Sensor, Safety, Panel, Meter."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar

from robocell.clock import Clock
from robocell.devices.base import Device
from robocell.signals import Signal


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect that an inspection told.

    Attributes:
        kind: its name.
        box: (x1, y1, x2, y2) pixels of what the picture was compared with, the far corner exclusive; None: no place.

    """

    kind: str
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Sighting:
    """What an inspection found.

    Attributes:
        status: "passed", "failed" or "inconclusive".
        reasons: why not passed, in the recipe's words.
        measurements: by name, SI.
        pose: where the part lies: x, y (m) of the centre of its face and its yaw (rad) in the cell's frame; None
            where no part was located.
        picture: PNG bytes of the marked picture, b"" where there is none.
        milliseconds: what the judging took on this computer; never part of the canonical log.
        fault: "stale" where nothing was judged because the frame was late, old or repeated; "" otherwise.
        findings: the defects one by one, where the recipe tells their kinds.
        frame: number of the frame that was looked at.

    """

    status: str
    reasons: tuple[str, ...] = ()
    measurements: tuple[tuple[str, float], ...] = ()
    pose: tuple[float, float, float] | None = None
    picture: bytes = b""
    milliseconds: float = 0.0
    fault: str = ""
    findings: tuple[Finding, ...] = ()
    frame: int = 0


class Camera(Device):
    """A camera with its inspection recipes."""

    kind: ClassVar[str] = "camera"

    @abstractmethod
    async def inspect(self, recipe: str, face_height: float) -> Sighting:
        """Take one picture and judge it. Absolute: a repeated call takes a new picture.

        Args:
            recipe: the recipe's name.
            face_height: height of the inspected face in the cell frame, m: the plane that pixels are projected on.

        Raises:
            CommandRefused: not active.
            DeviceFault: "timeout": no picture came; "lost": the camera is gone.

        Returns:
            What was found; a picture that is late, stale, repeated or incomplete is never judged: inconclusive.

        """

    @abstractmethod
    async def locate(self, recipe: str, face_height: float) -> Sighting:
        """Take one picture and only locate the part: `pose` is None if none is in view."""


class Sensor(Device):
    """A binary sensor; `blocked` is debounced and inverted as the cell file says.

    Attributes:
        blocked: whether the beam sees something.
        latency: seconds from the true edge to the signal's edge (response time and debounce).

    """

    kind: ClassVar[str] = "sensor"

    def __init__(self, name: str, clock: Clock, latency: float) -> None:
        super().__init__(name, clock)
        self.latency = latency
        self.blocked: Signal[bool] = Signal(f"{name}.blocked", False)
        self.signals = {"fault": self.fault, "blocked": self.blocked}


class Safety(Device):
    """Diagnosis of a safety relay: watched, never reset.

    Attributes:
        channel_a, channel_b: the relay's two output channels; the permit needs both.
        heard_at: when the relay's state was last confirmed, s; compare with the clock for freshness.

    """

    kind: ClassVar[str] = "safety"

    def __init__(self, name: str, clock: Clock) -> None:
        super().__init__(name, clock)
        self.channel_a: Signal[bool] = Signal(f"{name}.channel_a", False)
        self.channel_b: Signal[bool] = Signal(f"{name}.channel_b", False)
        self.door_closed: Signal[bool] = Signal(f"{name}.door_closed", False)
        self.estop_released: Signal[bool] = Signal(f"{name}.estop_released", False)
        self.signals = {
            "fault": self.fault,
            "channel_a": self.channel_a,
            "channel_b": self.channel_b,
            "door_closed": self.door_closed,
            "estop_released": self.estop_released,
        }

    @abstractmethod
    def heard_at(self) -> float:
        """Return when the relay's state was last confirmed, seconds of the run's clock."""


class Panel(Device):
    """An operator panel: push-buttons, lamps, digital channels and one line of text.

    Attributes:
        inputs: momentary push-buttons and input channels by name; also reachable through `signals`.

    """

    kind: ClassVar[str] = "panel"

    def __init__(self, name: str, clock: Clock, inputs: tuple[str, ...], outputs: tuple[str, ...]) -> None:
        super().__init__(name, clock)
        self.inputs: dict[str, Signal[bool]] = {key: Signal(f"{name}.{key}", False) for key in inputs}
        self.outputs = outputs
        self.signals = {"fault": self.fault, **self.inputs}

    @abstractmethod
    def show(self, output: str, value: bool) -> None:
        """Switch a lamp or output channel. Absolute: repeat safely.

        Raises:
            CommandRefused: not active.
            ValueError: no such output.

        """

    @abstractmethod
    def ask(self, request: str) -> None:
        """Show what a person is asked to do ("" for nothing): "exchange good", "alarm jam-on-infeed"."""


class Meter(Device):
    """An energy meter."""

    kind: ClassVar[str] = "meter"

    @abstractmethod
    def power(self) -> float:
        """Return the present active power in watts."""

    @abstractmethod
    def energy(self) -> float:
        """Return the energy since power-up in joules."""


def signal_of(devices: dict[str, Device], name: str) -> Signal[Any]:
    """Return the signal "device.signal".

    Raises:
        KeyError: no such device or signal.

    """
    device, _, signal = name.partition(".")
    return devices[device].signals[signal]
