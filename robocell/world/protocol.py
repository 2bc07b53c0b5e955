"""What a world offers: ground truth behind handles, one for each thing that a simulated device acts on.

The handles are the seam between devices and truth. Nothing here is belief: a world knows where each part really is,
and tells it to nobody but the record's audit (`BaseWorld.audit`). Signals are written in `publish`, at the loop's time.
Lengths in metres, angles in radians, time in seconds of the run's clock; poses are 4×4 in the cell's frame.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from robocell.motion.trajectory import Trajectory
from robocell.signals import Signal
from robocell.world.boards.flaws import BoardDefect
from robocell.world.defects import Defect

Matrix = NDArray[np.float64]


@dataclass(slots=True)
class Part:
    """A physical part and everything that is true of it.

    Attributes:
        number: counts from 1 in order of supply.
        product: its product's name.
        defects: what is wrong with its face.
        design: of a board: which artwork it has.
        place: where it is: "belt NAME", "grip NAME", "station NAME", "floor", "gone" (left the cell or was removed).
        was: the place before `place`: of a part that is gone, where it was gone from.
        processed: programs that a machine has run on it.
        friction: coefficient against belts and pads.
        growth: by how much its true diameter is more than its product's, m: what cameras see, not what collides.

    """

    number: int
    product: str
    defects: tuple[Defect | BoardDefect, ...] = ()
    design: str = ""
    place: str = ""
    was: str = ""
    processed: tuple[int, ...] = ()
    friction: float = 0.6
    growth: float = 0.0


@dataclass(frozen=True, slots=True)
class Audit:
    """The truth at the end of a run, for the record: every part that was ever supplied, by number.

    `shown` tells, by camera and number of the frame, which part was in the middle of the picture; frames that showed none
    are left out.
    """

    parts: tuple[Part, ...]
    places: dict[str, int] = field(default_factory=dict)
    shown: Mapping[str, Mapping[int, int]] = field(default_factory=dict)


class BeltHandle(Protocol):
    """A conveyor belt with its drive."""

    overload: Signal[bool]

    def drive(self, speed: float) -> None:
        """Ramp to the set-point, m/s."""

    def run_to(self, travel: float) -> None:
        """Go on and come to rest where the travel count equals `travel`, or as soon after as the ramp can."""

    def travel(self) -> float:
        """Metres since the world began, as the drive counts (the belt's, not a slipping part's)."""

    def speed(self) -> float:
        """Present belt speed, m/s."""

    def sleep(self, asleep: bool) -> None:
        """Switch the drive's electronics off or on again (energy only)."""

    resting: Signal[bool]
    """Whether the belt stands still and the drive does not push: False while it pushes against a jam."""


class BeamHandle(Protocol):
    """A light beam across a belt (or at a pose): true state, no delay, no debounce."""

    blocked: Signal[bool]


class ArmHandle(Protocol):
    """An arm that follows trajectories and feels contacts."""

    moving: Signal[bool]
    contact: Signal[str]
    """What the arm ran into, in words for people; "" while it touches nothing unexpected."""

    def follow(self, trajectory: Trajectory) -> None:
        """Start to move along the trajectory, from the present joints."""

    def halt(self) -> None:
        """Stop on the path, as fast as the arm's limits allow; `moving` falls at rest."""

    def free(self) -> None:
        """A person frees the arm after a contact; `contact` falls."""

    def joints(self) -> tuple[float, ...]:
        """Present joint positions."""

    def deviation(self) -> float:
        """Distance (m) between the true TCP and where the joints' set-points put it."""


class GripHandle(Protocol):
    """The fingers of a gripper."""

    moving: Signal[bool]
    holding: Signal[bool]

    def move(self, opening: float, force: float) -> None:
        """Start to open or close to `opening` metres; stops at what is between the fingers."""

    def opening(self) -> float:
        """Present distance between the fingers."""


class MachineHandle(Protocol):
    """A machine tool."""

    door_open: Signal[bool]
    door_closed: Signal[bool]
    clamped: Signal[bool]
    running: Signal[bool]
    succeeded: Signal[bool]
    alarm: Signal[bool]

    def door(self, opened: bool) -> None:
        """Start to open or close the door."""

    def clamp(self, closed: bool) -> None:
        """Start to close or open the clamp; a part in the vise is held while closed."""

    def start(self, program: int, duration: float) -> None:
        """Start a program; `running` rises now and falls at its end, `succeeded` is then valid."""

    def stop(self) -> None:
        """End the running program at once, without success."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A part in a camera's view: the true pose of its face's centre in the cell frame, and what is true of it."""

    part: Part
    pose: Matrix
    occluded: bool


@dataclass(frozen=True, slots=True)
class Upset:
    """What goes wrong with the delivery of one picture.

    `repeat`: the one before comes once more in its place; `delay`: it comes `by` seconds late; `truncate`: a part of
    it is lost; `withhold`: it never comes.
    """

    kind: Literal["repeat", "delay", "truncate", "withhold"]
    by: float = 0.0


class CameraHandle(Protocol):
    """A camera: a picture, or the truth that the picture would show."""

    def picture(self, exposure: float) -> NDArray[np.uint8]:
        """Render what the camera sees now, shape (H, W); `exposure` is relative to the nominal one."""

    def view(self) -> Sequence[Seen]:
        """Parts whose whole face lies in view, nearest to the image centre first."""

    def expose(self, number: int, seen: Sequence[Seen]) -> None:
        """Note which part frame `number` shows, for the record."""

    def upset(self) -> Upset | None:
        """Take what goes wrong with the delivery of the picture just taken; None: nothing."""

    def work(self, at_work: bool) -> None:
        """Switch its consumption between waiting and work."""

    def sleep(self, asleep: bool) -> None:
        """Switch it off or on again (energy only)."""


class RelayHandle(Protocol):
    """A safety relay's contacts and what it watches."""

    channel_a: Signal[bool]
    channel_b: Signal[bool]
    door_closed: Signal[bool]
    estop_released: Signal[bool]


class PanelHandle(Protocol):
    """An operator panel: the world's operator presses, and reads lamps and the request line."""

    inputs: dict[str, Signal[bool]]

    def show(self, output: str, value: bool) -> None:
        """Switch a lamp or channel."""

    def ask(self, request: str) -> None:
        """Show a request to the person ("" for none)."""


class MeterHandle(Protocol):
    """An energy meter on the cell's supply."""

    def power(self) -> float:
        """Watts now."""

    def energy(self) -> float:
        """Joules since the world began."""
