"""Faults of operations, with the keys under which a cell file may have a policy for them."""

from __future__ import annotations

from collections.abc import Sequence

from robocell.errors import DeviceFault, OperationFault
from robocell.model.route import Step


class StepFault(OperationFault):
    """An operation failed; `keys` are the fault keys that name it, most specific first."""

    def __init__(self, source: str, fault: str, detail: str, keys: Sequence[str]) -> None:
        super().__init__(source, fault, detail)
        self.keys = tuple(keys)


class WorkpieceEnd(Exception):
    """The workpiece's route ends here: `became` says what it became, `reason` why."""

    def __init__(self, became: str, reason: str) -> None:
        super().__init__(reason)
        self.became = became
        self.reason = reason


def step_fault(step: Step, fault: str, detail: str, *, station: str = "", device: str = "") -> StepFault:
    """Return the fault of a step: of its station, its device or the step itself."""
    heads = [step.name, station, device, step.verb]
    return StepFault(station or device or step.label, fault, detail, [f"{head}.{fault}" for head in heads if head])


def stale_fault(step: Step, detail: str, *, station: str = "", device: str = "") -> StepFault:
    """Return the fault of a step that got no fresh picture: policies for `stale` apply, then those for `inconclusive`."""
    stale = step_fault(step, "stale", detail, station=station, device=device)
    inconclusive = step_fault(step, "inconclusive", detail, station=station, device=device)
    return StepFault(stale.source, stale.fault, detail, (*stale.keys, *inconclusive.keys))


def device_fault(step: Step, fault: DeviceFault, *, station: str = "") -> StepFault:
    """Return what a device's own fault means to the step that it happened in."""
    return StepFault(
        fault.device,
        fault.fault,
        fault.detail,
        [f"{head}.{fault.fault}" for head in (step.name, fault.device, station, step.verb) if head],
    )
