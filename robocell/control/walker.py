"""One workpiece on its route: step by step, with the cell file's recovery where a step fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from robocell.control.faults import StepFault, WorkpieceEnd, device_fault
from robocell.control.operations.arms import go_home, retreat
from robocell.control.operations.inspect import inspect
from robocell.control.operations.leave import leave
from robocell.control.operations.others import set_output, wait
from robocell.control.operations.pick import pick
from robocell.control.operations.place import arm_of, place
from robocell.control.operations.process import process
from robocell.control.recovery import Next, Recovery
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.errors import DeviceFault
from robocell.model.route import InspectStep, LeaveStep, PickStep, PlaceStep, ProcessStep, Verb

Operate = Callable[[Site, Workpiece], Awaitable[None]]
StepHook = Callable[[Workpiece], Awaitable[None]]

OPERATIONS: dict[Verb, Operate] = {
    "inspect": inspect,
    "pick": pick,
    "place": place,
    "process": process,
    "wait": wait,
    "set": set_output,
    "leave": leave,
}


class Walker:
    """Walks workpieces along their routes.

    Args:
        site: the cell.
        recovery: what is done about faults.
        before: called before each operation (`--step` waits there for a key); None: nothing.

    """

    def __init__(self, site: Site, recovery: Recovery, before: StepHook | None = None) -> None:
        self._site = site
        self._recovery = recovery
        self._before = before

    async def walk(self, workpiece: Workpiece) -> None:
        """Do every step after the arrival, and end the workpiece: see `Workpiece.ended`."""
        try:
            for index in range(1, len(workpiece.route)):
                workpiece.index, workpiece.needs = index, None
                await self._step(workpiece)
            became, reason = ("rejected" if workpiece.failed else "good"), ", ".join(workpiece.reasons)
        except WorkpieceEnd as end:
            became, reason = end.became, end.reason
            await self._clear(workpiece)
        self.end(workpiece, became, reason)

    async def _clear(self, workpiece: Workpiece) -> None:
        """Bring the workpiece's arm out of a station and out of a camera's view, before somebody else is there."""
        site, held = self._site, workpiece.holder.held
        seen = any(view in held for view in site.ways.every_view)
        try:
            if workpiece.leaving is not None:
                arm, way = workpiece.leaving
                await retreat(site, arm, workpiece.station or workpiece.origin, way)
            for arm in site.ways.tools if seen else ():
                if arm in held:
                    await go_home(site, arm)
        except DeviceFault as fault:
            with suppress(WorkpieceEnd):
                await self._recover(device_fault(workpiece.step, fault), workpiece, {})

    def end(self, workpiece: Workpiece, became: str, reason: str) -> None:
        """Give everything back and tell what became of the workpiece."""
        site = self._site
        workpiece.ended = became
        station = workpiece.station
        if station and became in ("good", "rejected") and station in site.ways.finals:
            site.stations[station].leave_there(workpiece)
        site.stations.forget(workpiece, site.clock.now())
        site.resources.give_all(workpiece.holder)
        site.journal.append(
            "finished", workpiece=workpiece.number, product=workpiece.product, became=became, reason=reason
        )

    async def _step(self, workpiece: Workpiece) -> None:
        """Do one step as often as recovery says; a step whose condition does not hold is left out."""
        step = workpiece.step
        tries: dict[str, int] = {}
        begun = False
        while True:
            if step.when is not None and not self._site.conditions.holds(step.when, workpiece.results):
                self._tell("op.end", workpiece, outcome="rejected" if begun else "skipped")
                return
            if self._before is not None and not begun:
                await self._before(workpiece)
            if not begun:
                self._tell("op.begin", workpiece, device=self._performer(workpiece))
                begun = True
            try:
                await OPERATIONS[step.verb](self._site, workpiece)
            except StepFault as fault:
                failed = fault
            except DeviceFault as fault:
                failed = device_fault(step, fault, station=workpiece.station)
            else:
                await self._attend(workpiece)
                self._tell("op.end", workpiece, outcome="done")
                return
            if await self._recover(failed, workpiece, tries) is Next.ON:
                self._tell("op.end", workpiece, outcome="rejected")
                return

    async def _attend(self, workpiece: Workpiece) -> None:
        """Wait for a person where the step's measurements say that the process is not what it was."""
        for chart in self._site.quality.due(workpiece.number):
            try:
                await self._recovery.attend(workpiece, chart)
            except WorkpieceEnd:
                self._tell("op.end", workpiece, outcome="fault")
                raise

    async def _recover(self, fault: StepFault, workpiece: Workpiece, tries: dict[str, int]) -> Next:
        try:
            return await self._recovery.handle(fault, workpiece, tries)
        except WorkpieceEnd:
            self._tell("op.end", workpiece, outcome="fault")
            raise

    def _tell(self, kind: str, workpiece: Workpiece, **data: Any) -> None:
        step = workpiece.step
        self._site.journal.append(
            kind, workpiece=workpiece.number, step=workpiece.index, verb=step.verb, label=step.label, **data
        )

    def _performer(self, workpiece: Workpiece) -> str:
        """Return the device that performs the present step, "" for none."""
        step = workpiece.step
        if isinstance(step, InspectStep):
            return step.inspect.camera
        if isinstance(step, PickStep):
            return step.pick.arm
        if isinstance(step, PlaceStep):
            return arm_of(self._site, workpiece.gripper) if workpiece.gripper else ""
        if isinstance(step, ProcessStep):
            return step.process.machine
        return step.leave.belt if isinstance(step, LeaveStep) else ""
