"""Every pose is in a frame that exists, stands still, and leads to the cell."""

from __future__ import annotations

from collections.abc import Iterator

from robocell.config.semantics.context import Context, describe
from robocell.config.translate import closest
from robocell.model.pose import CELL_FRAME, Pose

Loc = tuple[str | int, ...]


def check(context: Context) -> None:
    """Report unknown frames, frames that stand nowhere, and circles."""
    poses = _fixed(context)
    for loc, pose in _written(context):
        name = pose.frame
        found = context.declared.get(name)
        if name == CELL_FRAME or name in poses:
            continue
        if found is None:
            hint = _suggest(context, name, poses)
            context.report("RC601", (*loc, "in"), f"no device, station or frame named '{name}'", hint)
        elif found.what not in ("device", "station", "frame"):
            context.report("RC601", (*loc, "in"), f"'{name}' is {describe(found)}, and no frame")
        elif found.kind in ("gripper", "panel", "meter", "safety"):
            context.report("RC601", (*loc, "in"), f"'{name}' is {describe(found)}, which has no fixed pose")
    _circles(context, poses)


def _suggest(context: Context, name: str, poses: dict[str, Pose]) -> str:
    close = closest(name, poses)
    if close is None:
        return "poses without 'in' are in the cell's frame"
    return f"did you mean '{close}'? (declared on line {context.document.declared_on(context.declared[close].loc)})"


def _fixed(context: Context) -> dict[str, Pose]:
    """Return the fixed poses. Imported here: it needs numpy, which a broken file need not wait for."""
    from robocell.model.frames import fixed_poses

    return fixed_poses(context.cell)


def _written(context: Context) -> Iterator[tuple[Loc, Pose]]:
    """Yield every pose that the file writes."""
    cell = context.cell
    for name, frame in cell.frames.items():
        yield ("frames", name), frame
    for section, items in (
        ("devices", cell.devices),
        ("stations", cell.stations),
        ("fixtures", cell.fixtures),
    ):
        for name, item in items.items():
            pose = getattr(item, "pose", None)
            if isinstance(pose, Pose):
                yield (section, name, "pose"), pose
    for at in context.steps():
        for index, pose in enumerate(getattr(at.step.operation, "via", ())):
            yield (*at.arguments, "via", index), pose


def _circles(context: Context, poses: dict[str, Pose]) -> None:
    done: set[str] = set()
    for start in poses:
        chain: list[str] = []
        name = start
        while name in poses and name not in done and name not in chain:
            chain.append(name)
            name = poses[name].frame
        if name in chain:
            circle = chain[chain.index(name) :]
            loc = _loc(context, name)
            text = " in ".join(f"'{link}'" for link in [*circle, name])
            context.report("RC602", loc, f"frames in a circle: {text}", "give one of them another frame")
        done.update(chain)


def _loc(context: Context, name: str) -> Loc:
    loc = context.declared[name].loc
    for inner in ((*loc, "pose", "in"), (*loc, "in")):
        if context.document.node(inner) is not None and not (inner[-2] != "pose" and loc[0] == "stations"):
            return inner
    return loc
