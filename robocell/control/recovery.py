"""Recovery as data: what the cell file says is done about a fault, tried in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Protocol

from robocell.control.faults import StepFault, WorkpieceEnd, device_fault
from robocell.control.operations.arms import back_out, go_home, open_to
from robocell.control.operations.pick import take
from robocell.control.operations.place import place_at
from robocell.control.quality import alarm_of
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.devices import Lifecycle, recover
from robocell.errors import CommandRefused, DeviceFault
from robocell.model import fault as policies
from robocell.model.route import DEFAULT_APPROACH, InspectStep, PickStep, PlaceStep, ProcessStep
from robocell.signals import Signal

RESUMED = 3
"""How often a person may resume one step of one workpiece before the run ends held: it cannot go on alone."""


class Next(StrEnum):
    """What comes after a fault was dealt with."""

    AGAIN = "again"
    ON = "on"


class Supervising(Protocol):
    """What recovery asks of the supervisor."""

    async def hold(self, workpiece: Workpiece, cause: str) -> None:
        """Keep a workpiece and what it needs until a person resumes."""

    async def suspend(self, workpiece: Workpiece, cause: str, until: Signal[bool] | None, station: str) -> None:
        """Block a workpiece until a signal (None: until the station is not full any more)."""

    def finish(self, ended: str, reason: str) -> None:
        """End the run: "stopped" or "aborted"."""


class Recovery:
    """Applies the policies of a cell file.

    Args:
        site: the cell.
        faults: policies by fault key.
        supervisor: holds and suspends.

    """

    def __init__(self, site: Site, faults: Mapping[str, policies.FaultPolicy], supervisor: Supervising) -> None:
        self._site = site
        self._faults = faults
        self._supervisor = supervisor

    def policy(self, keys: Sequence[str]) -> tuple[str, policies.FaultPolicy | None]:
        """Return the most specific policy among fault keys, with its key; ("", None) without one."""
        for key in keys:
            if key in self._faults:
                return key, self._faults[key]
        return "", None

    async def handle(self, fault: StepFault, workpiece: Workpiece, tries: dict[str, int]) -> Next:
        """Do what the file says about a fault, or hold where it says nothing.

        Args:
            fault: what happened.
            workpiece: to whom, at its present step.
            tries: how often each key has occurred in this operation; kept by the caller until it succeeds.

        Raises:
            WorkpieceEnd: the workpiece's route ends here.

        """
        key, policy = self.policy(fault.keys)
        self._site.journal.append(
            "fault",
            source=fault.source,
            fault=fault.fault,
            key=key,
            workpiece=workpiece.number,
            detail=fault.detail,
        )
        if policy is None:
            return await self._hold(fault, workpiece, key)
        count = tries.get(key, 0)
        tries[key] = count + 1
        if count == 0 and policy.after is not None and fault.fault != "starved":
            await self._site.clock.sleep(policy.after)
            return Next.AGAIN
        count -= policy.after is not None and fault.fault != "starved"
        if count < len(policy.attempts):
            action = policy.attempts[count]
            self._told(key, action, workpiece, count + 1)
            return await self._act(action, fault, workpiece, key)
        outcome = Next.AGAIN
        for action in policy.then:
            self._told(key, action, workpiece, count + 1)
            outcome = await self._act(action, fault, workpiece, key)
        del tries[key]
        return outcome

    def _told(self, key: str, action: policies.Action, workpiece: Workpiece, attempt: int) -> None:
        self._site.journal.append(
            "recovery", key=key, action=action.variant, workpiece=workpiece.number, attempt=attempt
        )

    async def _act(self, action: policies.Action, fault: StepFault, workpiece: Workpiece, key: str) -> Next:
        if isinstance(action, policies.Alarm):
            self._site.alarms.raise_(action.name, f"{fault.source}.{fault.fault}: {fault.detail}")
        elif isinstance(action, policies.Hold):
            return await self._hold(fault, workpiece, key)
        elif isinstance(action, policies.Suspend):
            await self._suspend(action, fault, workpiece)
        elif isinstance(action, policies.Reject):
            return await self._reject(action, fault, workpiece, key)
        elif isinstance(action, policies.Stop | policies.Abort):
            self._supervisor.finish("stopped" if action.variant == "stop" else "aborted", f"{key}: {action.variant}")
            await self._supervisor.hold(workpiece, key)
        else:
            await self.restore(workpiece)
            await self._try(action, workpiece)
        return Next.AGAIN

    async def _try(self, action: policies.Action, workpiece: Workpiece) -> None:
        """Do what comes before the operation is done again; what fails in it, the operation finds itself."""
        try:
            if isinstance(action, policies.Open):
                await self._open(action, workpiece)
            elif isinstance(action, policies.Relocate):
                await self._relocate(action, workpiece)
            elif isinstance(action, policies.Reverse):
                await self._reverse(action)
        except DeviceFault as again:
            detail = f"{action.variant}: {again.detail}"
            self._site.journal.append(
                "fault", source=again.device, fault=again.fault, key="", workpiece=workpiece.number, detail=detail
            )

    async def restore(self, workpiece: Workpiece) -> None:
        """Take faulted devices back to active; one whose cause persists stays faulted, and says so when commanded."""
        for device in self._site.devices.values():
            if device.lifecycle in (Lifecycle.FAULTED, Lifecycle.UNCONFIGURED, Lifecycle.INACTIVE):
                try:
                    await recover(device)
                except (DeviceFault, CommandRefused):
                    continue
                self._site.stands.pop(device.name, None)

    async def _hold(self, fault: StepFault, workpiece: Workpiece, key: str) -> Next:
        """Wait for a person, then believe sensors: a part that is not where it was is no workpiece any more."""
        site = self._site
        name = f"{fault.source}.{fault.fault}"
        site.alarms.raise_(name, fault.detail)
        await self._supervisor.hold(workpiece, key or name)
        site.alarms.clear(name)
        await self.restore(workpiece)
        await self._reconcile(workpiece)
        times = workpiece.resumed.get(workpiece.index, 0) + 1
        workpiece.resumed[workpiece.index] = times
        if times > RESUMED:
            self._supervisor.finish("held", f"{name}: a person resumed it {times} times in vain")
        lasting = fault.fault in ("missed", "blocked") or workpiece.leaving is not None
        if times > 1 and lasting and self._presence(workpiece) is None:
            raise WorkpieceEnd("unknown", f"{name} again after a person resumed")
        return Next.AGAIN

    async def attend(self, workpiece: Workpiece, chart: str) -> None:
        """Wait until a person has looked at the process, which a chart says is not what it was.

        Raises:
            WorkpieceEnd: the part is not where it was.

        """
        await self._supervisor.hold(workpiece, alarm_of(chart))
        self._site.quality.restart(chart)
        await self.restore(workpiece)
        await self._reconcile(workpiece)

    async def _reconcile(self, workpiece: Workpiece) -> None:
        """Compare belief with sensors after a person was there, and look again where a camera can.

        Raises:
            WorkpieceEnd: the part is not where it was.

        """
        site = self._site
        if workpiece.gripper:
            gripper = site.gripper(workpiece.gripper)
            if gripper.lifecycle is Lifecycle.ACTIVE and not gripper.holding.value:
                raise WorkpieceEnd("scrapped", "dropped")
        elif workpiece.station and workpiece.index > 0:
            if self._presence(workpiece) is False:
                raise WorkpieceEnd("scrapped", "removed")
            seen_by = getattr(site.cell.stations[workpiece.station], "seen_by", None)
            if seen_by is not None and isinstance(workpiece.step, PickStep):
                await self._try(policies.Relocate(camera=seen_by), workpiece)

    def _presence(self, workpiece: Workpiece) -> bool | None:
        """Return whether sensors see the part where it is believed to rest, None where none can tell."""
        site = self._site
        if not workpiece.station:
            return None
        machine = site.machine_of(workpiece.station)
        sensor = site.watches(workpiece.station, workpiece.product)
        seen = sensor.blocked if sensor is not None else None
        if machine is not None and isinstance(workpiece.step, PickStep | ProcessStep):
            seen = machine.clamped
        return seen.value if seen is not None and seen.good else None

    async def _suspend(self, action: policies.Suspend, fault: StepFault, workpiece: Workpiece) -> None:
        site = self._site
        station = _station_of(action, fault, site)
        until = site.conditions.signal(action.until) if action.until is not None else None
        await self._supervisor.suspend(workpiece, f"{fault.source}.{fault.fault}", until, station)

    async def _reject(self, action: policies.Reject, fault: StepFault, workpiece: Workpiece, key: str) -> Next:
        site, step = self._site, workpiece.step
        already = workpiece.failed and action.reason in workpiece.reasons
        workpiece.reasons.append(action.reason)
        if isinstance(step, InspectStep):
            workpiece.results[step.inspect.result] = "failed"
        else:
            workpiece.results = dict.fromkeys(workpiece.results, "failed")
        workpiece.needs = None
        if action.to is not None:
            return await self._bring_to(action.to, action.reason, fault, workpiece, key)
        if isinstance(step, InspectStep | ProcessStep):
            return Next.ON
        if already:
            return await self._hold(fault, workpiece, key)
        for place, _ in site.ways.destinations(workpiece):
            site.stations[place.place.station].free(workpiece, site.clock.now())
        return Next.AGAIN

    async def _bring_to(self, station: str, reason: str, fault: StepFault, workpiece: Workpiece, key: str) -> Next:
        """Bring the part to a station, picking it first if that is the step, and end the route there."""
        site, step = self._site, workpiece.step
        if not workpiece.gripper and (not isinstance(step, PickStep) or fault.fault in ("missed", "blocked")):
            return await self._hold(fault, workpiece, key)
        place = next(other for other in workpiece.route if isinstance(other, PlaceStep))
        try:
            if not workpiece.gripper or workpiece.leaving is not None:
                await take(site, workpiece)
            site.stations.forget(workpiece, site.clock.now())
            await place_at(site, workpiece, place, station, DEFAULT_APPROACH, ())
        except StepFault as again:
            return await self._hold(again, workpiece, key)
        except DeviceFault as again:
            return await self._hold(device_fault(step, again, station=workpiece.station), workpiece, key)
        raise WorkpieceEnd("rejected", reason)

    async def _open(self, action: policies.Open, workpiece: Workpiece) -> None:
        step = workpiece.step
        name = action.gripper or (self._site.ways.tools.get(step.pick.arm, "") if isinstance(step, PickStep) else "")
        if name and not workpiece.gripper:
            await open_to(self._site, self._site.gripper(name), None)

    async def _relocate(self, action: policies.Relocate, workpiece: Workpiece) -> None:
        """Look again from a clear view, and take the camera's word on where the part lies."""
        site, step = self._site, workpiece.step
        if isinstance(step, PickStep):
            await back_out(site, step.pick.arm)
            await go_home(site, step.pick.arm)
        camera = site.camera(action.camera)
        recipe = next(
            (
                other.inspect.recipe
                for route in (workpiece.route, *site.cell.routes.values())
                for other in route
                if isinstance(other, InspectStep) and other.inspect.camera == action.camera
            ),
            "",
        )
        height = site.face_height(workpiece)
        words = [camera.name] if camera.name not in workpiece.holder.held else []
        await site.resources.take(workpiece.holder, words)
        try:
            found = await site.commands.give(camera, "locate", lambda: camera.locate(recipe, height), recipe=recipe)
        finally:
            site.resources.give(workpiece.holder, words)
        workpiece.seat = None
        if found.pose is not None:
            site.located(workpiece, found.pose)

    async def _reverse(self, action: policies.Reverse) -> None:
        site = self._site
        belt = site.conveyor(action.belt)
        speed = -belt.nominal_speed

        async def back() -> None:
            await belt.run(speed)
            await site.clock.sleep(action.duration)
            await belt.stop()

        await site.commands.give(belt, "run", back, speed=speed, duration=action.duration)


def _station_of(action: policies.Suspend, fault: StepFault, site: Site) -> str:
    """Return the station whose exchange, or room, a suspension waits for, "" for none."""
    head = (action.until or "").partition(".")[0]
    if head in site.cell.stations:
        return head
    return fault.source if fault.fault == "full" and fault.source in site.cell.stations else ""
