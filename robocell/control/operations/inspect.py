"""Inspect: one picture, one verdict; the part's found pose corrects the seat of its pick."""

from __future__ import annotations

import math

from robocell.control.faults import StepFault, stale_fault, step_fault
from robocell.control.site import Site
from robocell.control.workpiece import Workpiece
from robocell.devices import Sighting
from robocell.errors import DeviceFault
from robocell.model.route import InspectStep
from robocell.model.station import BeltStation

OFF = 2e-3
"""Distance in m from its stop beyond which a part may have slid, or been pushed."""
STEADY = 2e-4
"""Distance in m by which two looks may differ at a part that rests."""
BETWEEN = 0.05
"""Seconds between them."""
LOOKS = 40
"""How often at most is looked."""
PATIENCE = 5.0
"""Seconds that an inspection may take where the file gives no time-out."""

Pose = tuple[float, float, float]
"""x, y (m) and yaw (rad) in the cell's frame."""


async def inspect(site: Site, workpiece: Workpiece) -> None:
    """Judge the workpiece by the step's recipe; the result is its own from now on.

    Raises:
        StepFault: "timeout", "inconclusive", "stale": the picture was late, old or repeated, and was not judged. The
            result is inconclusive then.
        DeviceFault: of the camera, "timeout" among them.

    """
    step = workpiece.step
    assert isinstance(step, InspectStep)
    asked = step.inspect
    camera = site.camera(asked.camera)
    missing = [word for word in (asked.camera,) if word not in workpiece.holder.held]
    await site.resources.take(workpiece.holder, missing)
    try:
        found = await _look(site, workpiece, step)
    except (StepFault, DeviceFault):
        workpiece.results[asked.result] = "inconclusive"  # an earlier look's verdict does not stand for this one
        workpiece.needs = None
        raise
    finally:
        site.resources.give(workpiece.holder, missing)
    workpiece.results[asked.result] = found.status
    workpiece.needs = None
    measured = {name: float(f"{value:.6g}") for name, value in found.measurements}
    site.journal.append(
        "verdict",
        picture=found.picture,
        workpiece=workpiece.number,
        result=asked.result,
        status=found.status,
        reasons=list(found.reasons),
        measurements=measured,
        camera=asked.camera,
        recipe=asked.recipe,
        frame=found.frame,
        findings=[[finding.kind, *(finding.box or ())] for finding in found.findings],
    )
    if found.status != "inconclusive":  # what nobody could judge nobody has measured either
        site.quality.take(workpiece.number, asked.result, measured)
    station = site.cell.stations[workpiece.station]
    if found.pose is not None and isinstance(station, BeltStation) and station.seen_by == asked.camera:
        site.located(workpiece, await _at_rest(site, workpiece, step, found.pose))
    if found.status == "inconclusive":
        why = ", ".join(found.reasons) or "no reason given"
        if found.fault == "stale":
            raise stale_fault(step, why, station=workpiece.station, device=camera.name)
        raise step_fault(step, "inconclusive", why, station=workpiece.station, device=camera.name)
    if found.status == "failed":
        workpiece.reasons.extend(found.reasons)


async def _at_rest(site: Site, workpiece: Workpiece, step: InspectStep, pose: Pose) -> Pose:
    """Return where the part lies: one found off its stop may still be sliding, and is looked at until it rests."""
    nominal = site.frames.seat(workpiece.station)[:2, 3]
    camera, height = site.camera(step.inspect.camera), site.face_height(workpiece)
    for _ in range(LOOKS):
        if math.dist(pose[:2], nominal) <= OFF:
            return pose
        await site.clock.sleep(BETWEEN)
        again = await site.commands.give(
            camera, "locate", lambda: camera.locate(step.inspect.recipe, height), recipe=step.inspect.recipe
        )
        if again.fault:
            continue  # an old picture says nothing about where the part is now
        if again.pose is None or math.dist(pose[:2], again.pose[:2]) <= STEADY:
            return again.pose or pose
        pose = again.pose
    return pose


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
