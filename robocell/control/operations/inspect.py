"""Inspect: one picture, one verdict; the part's found pose corrects the seat of its pick."""

from __future__ import annotations

from robocell.control.faults import step_fault
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.devices import Sighting
from robocell.model.route import InspectStep
from robocell.model.station import BeltStation

PATIENCE = 5.0
"""Seconds that an inspection may take where the file gives no time-out."""


async def inspect(site: Site, workpiece: Workpiece) -> None:
    """Judge the workpiece by the step's recipe; the result is its own from now on.

    Raises:
        StepFault: "timeout", "inconclusive" (the result says so too).
        DeviceFault: of the camera, "stale" among them.

    """
    step = workpiece.step
    assert isinstance(step, InspectStep)
    asked = step.inspect
    camera = site.camera(asked.camera)
    missing = [word for word in (asked.camera,) if word not in workpiece.holder.held]
    await site.resources.take(workpiece.holder, missing)
    try:
        found = await _look(site, workpiece, step)
    finally:
        site.resources.give(workpiece.holder, missing)
    workpiece.results[asked.result] = found.status
    workpiece.legs = None
    site.journal.append(
        "verdict",
        picture=found.picture,
        workpiece=workpiece.number,
        result=asked.result,
        status=found.status,
        reasons=list(found.reasons),
        measurements={name: float(f"{value:.6g}") for name, value in found.measurements},
    )
    station = site.cell.stations[workpiece.station]
    if found.pose is not None and isinstance(station, BeltStation) and station.seen_by == asked.camera:
        site.located(workpiece, found.pose)
    if found.status == "inconclusive":
        why = ", ".join(found.reasons) or "no reason given"
        raise step_fault(step, "inconclusive", why, station=workpiece.station, device=camera.name)
    if found.status == "failed":
        workpiece.reasons.extend(found.reasons)


async def _look(site: Site, workpiece: Workpiece, step: InspectStep) -> Sighting:
    asked = step.inspect
    if site.dry:
        return Sighting("failed" if workpiece.number % 2 == 0 else "passed")
    camera = site.camera(asked.camera)
    height = site.face_height(workpiece)
    patience = asked.timeout or PATIENCE
    try:
        return await site.commands.give(
            camera,
            "inspect",
            lambda: site.clock.within(patience, camera.inspect(asked.recipe, height)),
            recipe=asked.recipe,
        )
    except TimeoutError:
        detail = f"no verdict after {patience:g} s"
        raise step_fault(step, "timeout", detail, station=workpiece.station, device=camera.name) from None
