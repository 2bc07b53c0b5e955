"""Feeder: keeps one arrival going, from a free stop to a workpiece on its route."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from robocell.control.faults import StepFault, WorkpieceEnd, device_fault
from robocell.control.holds import Entry, Holds
from robocell.control.operations.arrive import Arrival
from robocell.control.orders import Order
from robocell.control.recovery import Next, Recovery
from robocell.control.resources import Holder
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.errors import DeviceFault
from robocell.model.fault import Suspend
from robocell.model.route import ArriveStep
from robocell.signals import Signal

DRY_ARRIVAL = 0.5
"""Seconds that a part which is only thought of takes to come."""


class Feeder:
    """Brings the parts of one product, one after the other.

    Args:
        site: the cell.
        product: the product's name; its route begins with the arrival.
        order: how many parts are wanted.
        recovery: what is done about faults.
        holds: told when the arrival starves.
        gate: whether belts may bring parts.
        begin: takes a workpiece that rests at its first station.
        ended: takes one that was lost on the way there: what it became, and why.

    """

    def __init__(
        self,
        site: Site,
        product: str,
        order: Order,
        recovery: Recovery,
        holds: Holds,
        gate: Signal[bool],
        begin: Callable[[Workpiece], None],
        ended: Callable[[Workpiece, str, str], None],
    ) -> None:
        step = site.cell.routes[product][0]
        assert isinstance(step, ArriveStep)
        self._site = site
        self._product = product
        self._order = order
        self._recovery = recovery
        self._holds = holds
        self._begin = begin
        self._ended = ended
        self._step = step
        heads = [step.name, step.arrive.station, "arrive"]
        _, self._starved = recovery.policy([f"{head}.starved" for head in heads if head])
        patience = self._starved.after if self._starved is not None else None
        self._arrival = Arrival(site, step, gate, order.filled, patience)

    async def run(self) -> None:
        """Bring parts until the order has enough."""
        site, order, slot = self._site, self._order, self._site.ways.slot(self._arrival.station)
        while not order.filled.value:
            workpiece = order.awaited(self._product, site.cell.routes[self._product], self._holder)
            await site.resources.take(workpiece.holder, slot)
            try:
                came = await self._bring(workpiece)
            except WorkpieceEnd as end:
                self._ended(workpiece, end.became, end.reason)
                continue
            if came:
                self._begin(workpiece)
            else:
                site.resources.give_all(workpiece.holder)
                order.forget(workpiece)

    def _holder(self, workpiece: Workpiece) -> Holder:
        """Return a workpiece's holder: further along its route is served first, then older."""
        return Holder(
            f"the next {self._product}",
            lambda: self._site.ways.ahead(workpiece),
            lambda: (-workpiece.index, workpiece.number or 1 << 60),
            lambda: workpiece.number,
        )

    async def _bring(self, workpiece: Workpiece) -> bool:
        """Bring one part, as often as recovery says; return False if the order has enough."""
        tries: dict[str, int] = {}
        starved: Entry | None = None
        while True:
            try:
                return await self._once(workpiece, starved)
            except StepFault as fault:
                failed = fault
            except DeviceFault as fault:
                failed = device_fault(self._step, fault, station=self._arrival.station)
            finally:
                if starved is not None:
                    self._holds.leave(starved)
                    starved = None
            if failed.fault == "starved" and self._suspends():
                starved = self._starve(failed, workpiece)
                continue
            try:
                if await self._recovery.handle(failed, workpiece, tries) is Next.ON:
                    return False
            except WorkpieceEnd:
                if workpiece.number:
                    raise

    async def _once(self, workpiece: Workpiece, starved: Entry | None) -> bool:
        site = self._site

        def mint() -> None:
            if starved is not None:
                self._holds.leave(starved)
            self._mint(workpiece)

        if site.dry:
            await site.clock.sleep(DRY_ARRIVAL)
            if self._order.filled.value:
                return False
            mint()
        elif not await self._arrival.bring(mint, patient=starved is not None):
            return False
        workpiece.rest_at(self._arrival.station)
        site.stations[self._arrival.station].reserve(workpiece, site.clock.now())
        site.moved(workpiece)
        self._tell("op.end", workpiece, outcome="done")
        return True

    def _mint(self, workpiece: Workpiece) -> None:
        self._order.mint(workpiece)
        workpiece.holder.name = str(workpiece)
        number, station = workpiece.number, self._arrival.station
        self._site.journal.append("minted", workpiece=number, product=workpiece.product, place=station)
        if workpiece.holder.held:
            self._site.journal.append("grant", workpiece=number, resources=list(workpiece.holder.held))
        self._tell("op.begin", workpiece, device=self._arrival.belt.name)

    def _tell(self, kind: str, workpiece: Workpiece, **data: Any) -> None:
        self._site.journal.append(
            kind, workpiece=workpiece.number, step=0, verb="arrive", label=self._step.label, **data
        )

    def _suspends(self) -> bool:
        return self._starved is not None and any(isinstance(action, Suspend) for action in self._starved.then)

    def _starve(self, fault: StepFault, workpiece: Workpiece) -> Entry:
        """Block the route until a part comes; the belt goes on."""
        site = self._site
        key, _ = self._recovery.policy(fault.keys)
        site.journal.append("fault", source=fault.source, fault=fault.fault, key=key, workpiece=0, detail=fault.detail)
        site.journal.append("recovery", key=key, action="suspend", workpiece=0, attempt=1)
        return self._holds.enter("starved", workpiece, f"{fault.source}.{fault.fault}")
