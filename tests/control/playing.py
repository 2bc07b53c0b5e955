"""Whole cells for tests: a shipped cell, perhaps edited, under a scene, perhaps with faults, and what must always hold."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from robocell.assembly import RunOptions, simulate
from robocell.config.prepare import Prepared, prepare
from robocell.control.packml import ACTING, TRANSITIONS, State
from robocell.journal import Event
from robocell.model.quantity import Units
from robocell.model.scene import Scene
from robocell.report.result import Result
from robocell.world.protocol import Audit

CELLS = Path(__file__).parents[2] / "cells"


@dataclass(frozen=True)
class Played:
    """A run: what it came to, what is true, and every event."""

    result: Result
    audit: Audit
    events: tuple[Event, ...]

    def of(self, *kinds: str) -> list[Event]:
        """The events of some kinds."""
        return [event for event in self.events if event.kind in kinds]


def scene_of(prepared: Prepared, faults: Sequence[Mapping[str, Any]] = (), **changes: Any) -> Scene:
    """The cell's own scene with faults in the words of a scene file, and with other sections."""
    assert prepared.cell.scene is not None
    data = yaml.safe_load(prepared.catalogue.scene(prepared.cell.scene).read_text())
    return Scene.model_validate({**data, "faults": list(faults), **changes}, context=Units("mm", "deg"))


def play(
    cell: str | Path | Prepared,
    parts: int,
    faults: Sequence[Mapping[str, Any]] = (),
    *,
    options: RunOptions | None = None,
    scene: Mapping[str, Any] | None = None,
    sound: bool = True,
) -> Played:
    """Run a cell in the kinematic world unless the options say otherwise, and check what must always hold."""
    prepared = (
        cell if isinstance(cell, Prepared) else prepare(CELLS / f"{cell}.yaml" if isinstance(cell, str) else cell)
    )
    options = options or RunOptions(world="kinematic")
    events: list[Event] = []
    outcome = simulate(
        prepared,
        replace(options, parts=parts, scene=scene_of(prepared, faults, **(scene or {})), on_event=[events.append]),
    )
    played = Played(outcome.result, outcome.audit, tuple(events))
    if sound:
        check_sound(prepared, played)
    return played


def edited(tmp_path: Path, cell: str, edit: Callable[[dict[str, Any]], Any]) -> Path:
    """A shipped cell with its tree edited, as a file beside links to what it names."""
    data = yaml.safe_load((CELLS / f"{cell}.yaml").read_text())
    changed = edit(data)
    folder = tmp_path / "cells"
    folder.mkdir(exist_ok=True)
    if not (folder / "recipes").exists():
        (folder / "recipes").symlink_to(CELLS / "recipes")
    path = folder / f"{cell}.yaml"
    path.write_text(yaml.dump(data if changed is None else changed, Dumper=_Plain, sort_keys=False))
    return path


class _Plain(yaml.SafeDumper):
    """Writes what stands in two places twice: the language has no aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


# --- what must hold after every run, whatever went wrong in it --------------------------------------------------------


def check_sound(prepared: Prepared, played: Played) -> None:
    """Parts conserved, one holder for each unit of a resource, legal states, moves only while the cell may move."""
    _conserved(played)
    _one_holder(prepared, played)
    _legal_states(played)
    _moves_only_in_execute(prepared, played)


def _conserved(played: Played) -> None:
    """Nothing good is where the record does not say: trays hold what was counted, unless it was exchanged."""
    parts = played.result.parts
    assert parts.entered == parts.good + parts.rejected + parts.scrapped + parts.unknown + parts.in_process
    minted = [event.data["workpiece"] for event in played.of("minted")]
    assert minted == list(range(1, len(minted) + 1))
    finished = [event.data["workpiece"] for event in played.of("finished")]
    assert len(finished) == len(set(finished))
    assert set(finished) <= set(minted)


def _one_holder(prepared: Prepared, played: Played) -> None:
    from robocell.control.ways import capacities

    room = capacities(prepared.cell)
    held: dict[str, dict[int, int]] = {word: {} for word in room}
    for event in played.of("grant", "release"):
        number = event.data["workpiece"]
        for word in event.data["resources"]:
            of = held[word]
            of[number] = of.get(number, 0) + (1 if event.kind == "grant" else -1)
            assert of[number] >= 0, f"{word} given back twice at {event.t}"
            assert sum(of.values()) <= room[word], f"{word} is held {sum(of.values())} times at {event.t}: {of}"


def _legal_states(played: Played) -> None:
    words = {state.word: state for state in State}
    now = State.ABORTED
    for event in played.of("state"):
        then = words[event.data["state"]]
        commanded = {target for (state, _), target in TRANSITIONS.items() if state is now}
        assert then in commanded or ACTING.get(now) is then or then is now, f"{now.word} → {then.word} at {event.t}"
        now = then


def _moves_only_in_execute(prepared: Prepared, played: Played) -> None:
    """An arm is commanded only in Execute, a belt also while the cell waits for parts."""
    state = "Aborted"
    arms = {name for name, device in prepared.cell.devices.items() if device.kind in ("arm", "gripper")}
    belts = {name for name, device in prepared.cell.devices.items() if device.kind == "conveyor"}
    for event in played.events:
        if event.kind == "state":
            state = event.data["state"]
        elif event.kind == "command" and event.data["device"] in arms:
            assert state == "Execute", f"{event.data['device']} was commanded in {state} at {event.t}"
        elif event.kind == "command" and event.data["device"] in belts:
            assert state in ("Execute", "Suspending", "Suspended", "Unsuspending"), event
