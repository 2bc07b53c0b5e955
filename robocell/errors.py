"""Every exception that robocell raises on purpose.

::

    RobocellError
    ├── ConfigError            the cell file (or a file it names) is wrong; carries all problems; exit code 2
    ├── SetupError             this machine lacks what was asked for (Bullet, OpenCV, a port); exit code 2
    ├── CatalogError           a profile, model, scene or recipe is missing or malformed
    ├── UnitError              "250 mn/s" is no speed
    ├── ExpressionError        a `when` or `require` that does not parse
    ├── MotionError            a move that cannot be planned
    │   ├── Unreachable        no joint solution; says by how much
    │   └── PlanError          no clear way between joint positions; says what collides, or how long it was looked for
    ├── VisionError            a picture or recipe that cannot be judged at all
    ├── DeviceError            something between a command and its device
    │   ├── DeviceFault        the device says that it failed: device, fault, detail
    │   ├── CommandRefused     the device's present state does not permit the command
    │   └── MotionInterrupted  a move ended before its target because somebody stopped it
    ├── OperationFault         an operation of a route failed: source, fault, detail
    ├── JournalError           the record cannot be written: no new command may be given
    ├── RecordError            a run's record is missing, incomplete or contradicts itself
    └── DeadlockError          orders are open and nothing can ever happen again; names what waits

Programming mistakes raise the built-in exceptions (`ValueError`, `TypeError`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from robocell.config.problems import Problem


class RobocellError(Exception):
    """Root of everything that robocell raises on purpose."""


class ConfigError(RobocellError):
    """The cell file, or a file that it names, is wrong. `problems` holds all of them, sorted by position."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        first = f": {self.problems[0].message}" if self.problems else ""
        super().__init__(f"{count} problem{'s' if count != 1 else ''}{first}")


class SetupError(RobocellError):
    """This machine lacks what was asked for. `hint` says what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class CatalogError(RobocellError):
    """A profile, model, scene or recipe is missing or malformed. `path` is the file, where there is one."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class UnitError(RobocellError):
    """A quantity without a unit, or with one that does not fit."""


class ExpressionError(RobocellError):
    """An expression that does not parse or has the wrong type. `column` counts from 0 inside the expression."""

    def __init__(self, message: str, column: int = 0) -> None:
        super().__init__(message)
        self.column = column


class MotionError(RobocellError):
    """A move that cannot be planned."""


class Unreachable(MotionError):
    """No joint position reaches the pose. `shortfall` is the missing distance in metres, 0 where a limit forbids it."""

    def __init__(self, message: str, shortfall: float = 0.0) -> None:
        super().__init__(message)
        self.shortfall = shortfall


class PlanError(MotionError):
    """No clear way was found. `samples` is in how many of them, 0 where an end itself collides or is out of limits."""

    def __init__(self, message: str, samples: int = 0) -> None:
        super().__init__(message)
        self.samples = samples


class VisionError(RobocellError):
    """A picture or a recipe that cannot be judged at all."""


class DeviceError(RobocellError):
    """Something went wrong between a command and its device."""

    def __init__(self, device: str, detail: str) -> None:
        super().__init__(f"{device}: {detail}")
        self.device = device
        self.detail = detail


class DeviceFault(DeviceError):
    """The device failed. `fault` is the word that the cell file's `faults:` uses: jammed, dropped, lost, …"""

    def __init__(self, device: str, fault: str, detail: str = "") -> None:
        super().__init__(device, detail or fault)
        self.fault = fault


class CommandRefused(DeviceError):
    """The device's present state does not permit the command."""


class MotionInterrupted(DeviceError):
    """A move ended before its target because somebody stopped it; the device stands still."""


class OperationFault(RobocellError):
    """An operation of a route failed. `source` is a step, station, device or verb; `fault` its word in `faults:`."""

    def __init__(self, source: str, fault: str, detail: str = "") -> None:
        super().__init__(f"{source}.{fault}" + (f": {detail}" if detail else ""))
        self.source = source
        self.fault = fault
        self.detail = detail


class JournalError(RobocellError):
    """The record cannot be written; no new command may be given and the run must end."""


class RecordError(RobocellError):
    """A run's record is missing, incomplete or contradicts itself."""


class DeadlockError(RobocellError):
    """Orders are open and nothing can ever happen again. `waiting` names what waits, and for what."""

    def __init__(self, waiting: Sequence[str]) -> None:
        self.waiting = tuple(waiting)
        super().__init__("nothing can ever happen again; waiting: " + ("; ".join(self.waiting) or "nothing"))
