"""The supervisor: which PackML state the cell is in, and why; who is held or suspended; what people's acts mean.

Execute while any route can finish; else Held if somebody has to come, Suspended if only something has to come. A lost
permit or an interlock stops the cell; a person's rising edge starts it again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from robocell.control.holds import Holds
from robocell.control.interlocks import moves
from robocell.control.packml import Command, PackML, State
from robocell.control.revival import Revival
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.devices import Arm, Conveyor, Device, Gripper, Lifecycle, Machine
from robocell.errors import CommandRefused, DeviceFault
from robocell.signals import Signal

_WORKING = (
    State.EXECUTE, State.STARTING, State.HOLDING, State.UNHOLDING, State.SUSPENDING, State.UNSUSPENDING,
    State.COMPLETING, State.RESETTING,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended: "complete", "held", "aborted" or "stopped", and why."""

    how: str
    reason: str


class Gates:
    """What the present state permits: workpieces to go on, and belts to bring parts."""

    def __init__(self) -> None:
        self.work: Signal[bool] = Signal("cell.works", False)
        self.feed: Signal[bool] = Signal("cell.feeds", False)

    def follow(self, state: State, at: float) -> None:
        """Set both by the state."""
        bringing = (State.EXECUTE, State.SUSPENDING, State.SUSPENDED, State.UNSUSPENDING)
        self.feed.set(state in bringing, at)
        self.work.set(state is State.EXECUTE, at)


class Supervisor:
    """Keeps the cell's state in step with what can be done.

    Args:
        site: the cell.
        gates: what states permit; the supervisor sets them.
        armed: the permit.
        holds: who is held, suspended or starved.
        unfinished: whether the order is still open.

    """

    def __init__(
        self,
        site: Site,
        gates: Gates,
        armed: Signal[bool],
        holds: Holds,
        unfinished: Callable[[], bool],
    ) -> None:
        self.ended: asyncio.Future[Ended] = asyncio.get_running_loop().create_future()
        self._site = site
        self._gates = gates
        self._armed = armed
        self._holds = holds
        self._unfinished = unfinished
        self._started = False
        self._lost_permit = False
        self._may_restart = True
        self._served = False
        self._due = False
        self._wake = asyncio.Event()
        actions = {
            State.HOLDING: self._stand,
            State.STOPPING: self._stop,
            State.ABORTING: self._abort,
            State.CLEARING: self._revive,
            State.RESETTING: self._revive,
            State.COMPLETING: self._stand,
        }
        self.packml = PackML(site.journal, site.clock.now, actions)
        self.packml.state.subscribe(self._entered)
        armed.subscribe(self._permit_changed)
        holds.changed = self.review
        self._revival = Revival(site.devices, site.clock, self._device_failed)
        self._watch_buttons()

    # --- the run --------------------------------------------------------------------------------------------------

    async def drive(self) -> None:
        """Bring the cell to Execute whenever it is at rest and may start, until the run ends."""
        commands = {State.ABORTED: Command.CLEAR, State.STOPPED: Command.RESET, State.IDLE: Command.START}
        state = self.packml.state
        while not self.ended.done():
            await state.until(lambda now: now in commands)
            while not (self._may_restart and self._armed.value):
                self._wake.clear()
                await self._wake.wait()
            if state.value in commands and not self.ended.done():
                self.packml.command(commands[state.value], "permit armed")
                if state.value is State.STARTING:
                    self._started_now()
            await asyncio.sleep(0)

    def _started_now(self) -> None:
        self._may_restart = not self._needs_person()
        self._started = True
        for request in self._site.requests.open("restart"):
            self._site.requests.done(request)

    def _needs_person(self) -> bool:
        """Whether a stopped cell has somebody who could start it again."""
        return self._site.cell.permit is not None or bool(self._start_buttons())

    def finish(self, how: str, reason: str) -> None:
        """End the run."""
        if not self.ended.done():
            self.ended.set_result(Ended(how, reason))

    async def complete(self) -> None:
        """Take the cell to Complete, or to rest where its state does not permit that."""
        packml = self.packml
        if packml.permits(Command.COMPLETE):
            packml.command(Command.COMPLETE, "order complete")
            await packml.reach(State.COMPLETE)
        elif packml.permits(Command.STOP):
            await self.stop("order complete")

    async def stop(self, cause: str) -> None:
        """Stop in a controlled way and return at rest."""
        if self.packml.permits(Command.STOP):
            self.packml.command(Command.STOP, cause)
        await self.packml.reach(State.STOPPED, State.ABORTED)

    def abort(self, cause: str) -> None:
        """Stop everything at once."""
        if self.packml.permits(Command.ABORT):
            self.packml.command(Command.ABORT, cause)

    # --- what can be done -----------------------------------------------------------------------------------------

    def review(self) -> None:
        """Look, after what runs now, whether the state still fits."""
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._review)

    def _review(self) -> None:
        self._due = False
        if self.ended.done():
            return
        can = self._holds.any_can_finish()
        self._holds.tell(can)
        state = self.packml.state.value
        armed = self._armed.value
        if state is State.EXECUTE and not can and self._holds.any() and self._unfinished():
            held = self._holds.somebody_held()
            self.packml.command(Command.HOLD if held else Command.SUSPEND, self._holds.causes())
        elif state is State.SUSPENDED and not can and self._holds.somebody_held():
            self.packml.command(Command.HOLD, self._holds.causes())
        elif state is State.HELD and can and armed:
            self.packml.command(Command.UNHOLD, "a route can finish")
        elif state is State.SUSPENDED and can and armed:
            self.packml.command(Command.UNSUSPEND, "a route can finish")

    async def hold(self, workpiece: Workpiece, cause: str) -> None:
        """Keep a workpiece and what it needs until a person resumes."""
        request = f"attend {cause}"
        self._site.requests.ask(request)
        await self._holds.stick("held", workpiece, cause)

    async def suspend(self, workpiece: Workpiece, cause: str, until: Signal[bool] | None, station: str) -> None:
        """Block a workpiece until a signal; a station with an exchange is asked to be exchanged.

        What no signal tells the end of, a person ends, as a hold.
        """
        exchange = getattr(self._site.cell.stations.get(station), "exchange", None)
        if exchange is not None:
            self._site.requests.ask(f"exchange {station}")
        wanted = until is not None
        if until is None and not station:
            return await self.hold(workpiece, cause)
        signal = until or self._site.stations[station].full
        entry = self._holds.enter("suspended", workpiece, cause)
        try:
            await signal.until(lambda value: value is wanted)
        finally:
            self._holds.leave(entry)

    # --- states ---------------------------------------------------------------------------------------------------

    def _entered(self, state: Signal[State]) -> None:
        self._gates.follow(state.value, self._site.clock.now())
        if state.value in (State.HELD, State.SUSPENDED, State.EXECUTE):
            self.review()

    async def _stand(self) -> None:
        """Let moves end and stop the belts; return at rest."""
        for device in self._site.devices.values():
            if isinstance(device, Conveyor) and device.lifecycle is Lifecycle.ACTIVE and device.running.value:
                try:
                    await device.stop()
                except (DeviceFault, CommandRefused):
                    continue
        await self._rest()

    async def _stop(self) -> None:
        """Stop arms, grippers and belts on their way; machines end their programs by themselves."""
        for device in self._site.devices.values():
            if isinstance(device, Arm | Conveyor | Gripper):
                device.stop_now()
        await self._rest()

    async def _abort(self) -> None:
        for device in self._site.devices.values():
            device.stop_now()
        await self._rest()

    async def _rest(self) -> None:
        for device in self._site.devices.values():
            if isinstance(device, Arm) and device.lifecycle is not Lifecycle.CLOSED:
                await device.moving.until(lambda moving: not moving)

    async def _revive(self) -> None:
        await self._revival.all()

    def _device_failed(self, device: Device, fault: str) -> None:
        """Tell of a device that no operation speaks to."""
        name = f"{device.name}.lost"
        if not fault:
            self._site.alarms.clear(name)
            return
        detail = device.fault_detail or fault
        self._site.journal.append("fault", source=device.name, fault=fault, key="", workpiece=0, detail=detail)
        self._site.alarms.raise_(name, detail)

    # --- people ---------------------------------------------------------------------------------------------------

    def _permit_changed(self, armed: Signal[bool]) -> None:
        if armed.value:
            self._rearmed()
            return
        self._lost_permit = True
        if self._started:
            for device in self._site.devices.values():
                if not isinstance(device, Machine) and moves(device):
                    device.stop_now()
            if self.packml.state.value in _WORKING:
                self._halt(Command.ABORT, "permit lost")

    def tripped(self, interlock: str, otherwise: str) -> None:
        """Act on an interlock that a moving or commanded device has lost."""
        command = {"abort": Command.ABORT, "stop": Command.STOP, "hold": Command.HOLD}[otherwise]
        if command is Command.HOLD:
            if self.packml.permits(command):
                self._holds.brake(interlock)
                self.packml.command(command, f"interlock {interlock}")
        elif self.packml.state.value in _WORKING:
            self._halt(command, f"interlock {interlock}")

    def interlock_holds(self, interlock: str) -> None:
        """Take back what an interlock with `hold` has held."""
        self._holds.release_brake(interlock)
        if not self._needs_person():
            self._may_restart = True
            self._wake.set()

    def _halt(self, command: Command, cause: str) -> None:
        self._may_restart = False
        if self._needs_person():
            self._site.requests.ask(f"restart after {cause}")
        if self.packml.permits(command):
            self.packml.command(command, cause)

    def _rearmed(self) -> None:
        """Take a person's rising edge of the reset: the cell may start again, and services end."""
        if self._started and self._lost_permit and not self._served and not self._holds.somebody_held():
            self._intervened("permit re-armed")
        self._served = self._lost_permit = False
        self._resume_started()
        if not self._start_buttons():
            self._release()
        self.review()

    def _resume_started(self) -> None:
        self._may_restart = True
        self._wake.set()

    def _watch_buttons(self) -> None:
        site = self._site
        for signal in self._start_buttons():
            signal.subscribe(lambda button: self._start_pressed() if button.value else None)
        for name, station in site.cell.stations.items():
            exchange = getattr(station, "exchange", None)
            confirm = site.conditions.signal(exchange.confirm) if exchange is not None else None
            if confirm is not None:
                confirm.subscribe(self._confirming(name))

    def _start_buttons(self) -> list[Signal[bool]]:
        return [device.signals["start"] for device in self._site.devices.values() if "start" in device.signals]

    def _confirming(self, station: str) -> Callable[[Signal[bool]], None]:
        def pressed(button: Signal[bool]) -> None:
            if button.value:
                self._exchanged(station)

        return pressed

    def _exchanged(self, station: str) -> None:
        site = self._site
        site.journal.append("service", station=station)
        self._served = True
        site.requests.done(f"exchange {station}")
        site.stations[station].exchange(site.clock.now())
        self.review()

    def _start_pressed(self) -> None:
        if not self._armed.value or not self._started:
            return
        self._release()
        self._resume_started()

    def _release(self) -> None:
        """Let everybody go on who waits for a person."""
        causes = self._holds.release_held()
        if causes:
            self._intervened(", ".join(causes))
            for request in self._site.requests.open("attend"):
                self._site.requests.done(request)

    def _intervened(self, cause: str) -> None:
        self._site.journal.append("intervention", cause=cause)
