"""The controller: takes a cell, its devices and an order, and runs it to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from robocell.clock import Clock
from robocell.control.alarms import Alarms, Requests
from robocell.control.commands import Commands
from robocell.control.conditions import Conditions
from robocell.control.feeder import Feeder
from robocell.control.holds import Holds
from robocell.control.idle import Progress, sleep_when_idle
from robocell.control.interlocks import Interlocks
from robocell.control.moves import Moves
from robocell.control.named_io import NamedInputs
from robocell.control.orders import Order
from robocell.control.packml import Mode
from robocell.control.permit import RunPermit
from robocell.control.quality import Quality
from robocell.control.recovery import Recovery
from robocell.control.resources import Holder, Resources
from robocell.control.site import Site
from robocell.control.stations import Stations
from robocell.control.supervisor import Ended, Gates, Supervisor
from robocell.control.walker import StepHook, Walker
from robocell.control.ways import Ways, capacities
from robocell.control.workpiece import Workpiece
from robocell.devices import Arm, Device, Meter, Panel
from robocell.errors import DeadlockError, DeviceFault
from robocell.journal import Journal
from robocell.model.cell import Cell
from robocell.model.frames import Frames
from robocell.motion.surroundings import Surroundings
from robocell.signals import Signal
from robocell.tasks import TaskCrew


@dataclass(frozen=True, slots=True)
class Options:
    """How a run is to be done.

    Attributes:
        parts: how many are to be finished; None: until it is stopped.
        products: which products to make; all of the cell's where it is empty.
        speed: override of the arms' speed, 0 < speed ≤ 1.
        dry: arms move with empty grippers; nothing is gripped or processed.
        before_step: called before each operation.

    """

    parts: int | None = None
    products: tuple[str, ...] = ()
    speed: float = 1.0
    dry: bool = False
    before_step: StepHook | None = None


class Controller:
    """Runs one cell once.

    Must be made inside the running loop.

    Args:
        cell: a checked cell.
        devices: every device of the cell by name, unconfigured.
        clock: the run's clock.
        journal: where everything is written down.
        options: what is to be done.
        surroundings: what stands around each arm, in its base frame, by the device's name.

    """

    def __init__(
        self,
        cell: Cell,
        devices: Mapping[str, Device],
        clock: Clock,
        journal: Journal,
        options: Options,
        surroundings: Mapping[str, Surroundings] | None = None,
    ) -> None:
        self._cell = cell
        self._devices = devices
        self._clock = clock
        self._journal = journal
        self._options = options
        self._surroundings = surroundings or {}
        self._products = options.products or tuple(cell.routes)
        self._crew: TaskCrew | None = None
        self._order = Order(options.parts, clock.now)
        self._gates = Gates()
        self._site = self._build_site()
        site = self._site
        self._holds = Holds(journal, site.resources, site.ways, self._order.in_process, self._wanted)
        self.supervisor = Supervisor(
            site, self._gates, self._permit.armed, self._holds, lambda: not self._order.done.is_set()
        )
        self._recovery = Recovery(site, cell.faults, self.supervisor)
        self._walker = Walker(site, self._recovery, options.before_step)
        self._progress = Progress(journal, clock, site.alarms, cell.progress_limit)
        self._meter = next((device for device in devices.values() if isinstance(device, Meter)), None)

    def _build_site(self) -> Site:
        cell, devices, clock, journal = self._cell, self._devices, self._clock, self._journal
        stations = Stations(cell.stations)
        io = NamedInputs(cell.io, devices, clock)
        conditions = Conditions(devices, {**stations.signals(), **io.signals})
        ways = Ways(cell, conditions)
        panels = [device for device in devices.values() if isinstance(device, Panel)]
        self._permit = RunPermit(cell.permit, devices, clock)
        self._interlocks = Interlocks(cell.interlocks, devices, conditions, clock, self._tripped)
        arms = {name: device.model for name, device in devices.items() if isinstance(device, Arm)}
        frames = Frames(cell)
        alarms = Alarms(journal, panels)
        return Site(
            cell=cell,
            frames=frames,
            devices=devices,
            clock=clock,
            journal=journal,
            conditions=conditions,
            stations=stations,
            io=io,
            ways=ways,
            resources=Resources(capacities(cell), self._granted),
            commands=Commands(journal, clock, self._permit, self._interlocks, self._gates.work),
            moves=Moves(cell, frames, arms, self._surroundings),
            requests=Requests(journal, panels),
            alarms=alarms,
            quality=Quality(cell.quality, journal, alarms),
            dry=self._options.dry,
            speed=self._options.speed,
        )

    # --- the run --------------------------------------------------------------------------------------------------

    async def run(self) -> Ended:
        """Run the order to its end, whatever that is; the record says how."""
        options = self._options
        self._journal.append(
            "run.begin",
            cell=self._cell.cell,
            parts=options.parts,
            products=list(self._products),
            seed=self._clock.seed,
            dry_run=options.dry,
            speed=options.speed,
        )
        ended = await self._run()
        self._told_energy()
        self._journal.append("run.end", ended=ended.how, reason=ended.reason)
        for device in self._devices.values():
            device.close()
        await self._journal.durable()
        return ended

    async def _run(self) -> Ended:
        supervisor = self.supervisor
        try:
            await self._bring_up()
        except DeviceFault as fault:
            return Ended("aborted", f"{fault.device} cannot be brought into operation: {fault.detail}")
        if self._options.dry:
            supervisor.packml.switch(Mode.MAINTENANCE)
        async with TaskCrew() as crew:
            self._crew = crew
            crew.start(supervisor.drive(), "cell: start")
            crew.start(self._progress.watch(self._order), "cell: progress")
            if self._cell.energy is not None and self._cell.energy.idle is not None:
                crew.start(sleep_when_idle(self._site, self._cell.energy.idle), "cell: idle")
            for product in self._products:
                crew.start(self._feeder(product).run(), f"{product} arrives")
            crew.start(self._await_order(), "order")
            ended = await asyncio.shield(supervisor.ended)
            if ended.how == "stopped":
                await supervisor.stop(ended.reason)
            elif ended.how == "aborted":
                supervisor.abort(ended.reason)
            crew.cancel()
        return ended

    async def _bring_up(self) -> None:
        for device in self._devices.values():
            await device.configure()
            await device.activate()
        for name, device in self._devices.items():
            if isinstance(device, Arm):
                self._site.homes[name] = getattr(self._cell.devices[name], "home", None) or device.joints()
        for name, signal in self._interlocks.holds.items():
            signal.subscribe(self._restored(name))
        self._interlocks.begin()

    async def _await_order(self) -> None:
        await self._order.done.wait()
        await self.supervisor.complete()
        self.supervisor.finish("complete", "")

    def stop(self, cause: str) -> None:
        """End the run by a controlled stop; the record says who wanted it."""
        self.supervisor.finish("stopped", cause)

    def deadlocked(self, error: DeadlockError) -> None:
        """End the run because nothing can ever happen again."""
        self.supervisor.finish("held", str(error))

    def overdue(self, limit: float) -> None:
        """End the run because it has taken too long."""
        self.supervisor.finish("held", f"the order is not done after {limit / 3600.0:g} h")

    # --- parts ----------------------------------------------------------------------------------------------------

    def _feeder(self, product: str) -> Feeder:
        return Feeder(
            self._site, product, self._order, self._recovery, self._holds, self._gates.feed, self._begin, self._lost
        )

    def _begin(self, workpiece: Workpiece) -> None:
        assert self._crew is not None
        self._crew.start(self._walk(workpiece), str(workpiece))

    async def _walk(self, workpiece: Workpiece) -> None:
        await self._walker.walk(workpiece)
        self._finished(workpiece)

    def _lost(self, workpiece: Workpiece, became: str, reason: str) -> None:
        self._walker.end(workpiece, became, reason)
        self._finished(workpiece)

    def _finished(self, workpiece: Workpiece) -> None:
        self._told_energy()
        self._order.finish(workpiece)
        self.supervisor.review()

    def _wanted(self) -> Sequence[str]:
        return () if self._order.filled.value else self._products

    def _told_energy(self) -> None:
        if self._meter is not None:
            self._journal.append("energy", joules=round(self._meter.energy(), 3))

    # --- callbacks ------------------------------------------------------------------------------------------------

    def _granted(self, kind: str, holder: Holder, words: tuple[str, ...]) -> None:
        number = holder.number()
        if number:
            self._journal.append(kind, workpiece=number, resources=list(words))

    def _restored(self, interlock: str) -> Callable[[Signal[bool]], None]:
        return lambda holds: self.supervisor.interlock_holds(interlock) if holds.value else None

    def _tripped(self, interlock: str, otherwise: str) -> None:
        self.supervisor.tripped(interlock, otherwise)
