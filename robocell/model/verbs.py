"""The closed list of verbs and every fault of the language, in one table that docs and checks use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from robocell.model.device import DeviceKind
from robocell.model.route import (
    Arrive,
    Inspect,
    Leave,
    Operation,
    Pick,
    Place,
    Process,
    SetOutput,
    Verb,
    Wait,
)

Rests = Literal["nowhere", "seat", "grip"]


@dataclass(frozen=True)
class VerbSpec:
    """A verb: what it takes, what it gives back, its arguments' model and the faults that it can raise."""

    verb: Verb
    takes: str
    gives_back: str
    arguments: type[Operation]
    faults: tuple[str, ...]


VERB_TABLE: dict[Verb, VerbSpec] = {
    spec.verb: spec
    for spec in (
        VerbSpec("arrive", "the station's slot", "–; mints the workpiece", Arrive, ("starved", "unexpected")),
        VerbSpec("inspect", "the camera and a clear view", "both", Inspect, ("timeout", "stale", "inconclusive")),
        VerbSpec(
            "pick",
            "the arm and its gripper's slot",
            "the station's slot, once clear",
            Pick,
            ("missed", "blocked"),
        ),
        VerbSpec("place", "a slot of the station", "the arm, once clear", Place, ("full", "refused")),
        VerbSpec("process", "the machine", "the machine", Process, ("timeout", "failed")),
        VerbSpec("wait", "–", "–", Wait, ("timeout",)),
        VerbSpec("set", "–", "–", SetOutput, ("refused",)),
        VerbSpec("leave", "the belt's entry", "the station's slot; ends the workpiece", Leave, ("blocked",)),
    )
}

DEVICE_FAULTS: dict[DeviceKind, tuple[str, ...]] = {
    "arm": ("lost", "protective_stop"),
    "gripper": ("dropped", "lost"),
    "conveyor": ("jammed", "lost"),
    "camera": ("lost", "stale"),
    "sensor": ("lost", "stale"),
    "safety": ("lost", "stale"),
    "panel": ("lost", "stale"),
    "meter": ("lost", "stale"),
    "machine": ("fault", "lost"),
}

# Faults of a verb that are about its station: `<station>.<fault>` names them there. `inspect` happens at the
# station where the workpiece rests, and so does `leave`.
STATION_FAULTS: dict[Verb, tuple[str, ...]] = {
    "arrive": ("starved", "unexpected"),
    "pick": ("missed", "blocked"),
    "place": ("full", "refused"),
    "process": ("timeout", "failed"),
    "leave": ("blocked",),
}

# The device that performs a verb may stand for it in a fault key: `camera.timeout` is `inspect.timeout` of
# that camera.
PERFORMER: dict[Verb, DeviceKind] = {
    "inspect": "camera",
    "pick": "arm",
    "place": "arm",
    "process": "machine",
    "leave": "conveyor",
}

RESULT_FIELDS: tuple[str, ...] = ("passed", "failed", "inconclusive")

# What a station offers to expressions and to `until`.
STATION_SIGNALS: tuple[str, ...] = ("exchanged", "full", "empty")
RESERVED: tuple[str, ...] = ("and", "cell", "false", "io", "links", "not", "or", "quality", "true", *VERB_TABLE)


def faults_of_device(kind: DeviceKind) -> tuple[str, ...]:
    """Return the faults that a device of `kind` raises by itself."""
    return DEVICE_FAULTS[kind]


def verb_table_markdown() -> str:
    """Return the table of verbs as Markdown, for the docs."""
    rows = ["| verb | takes | gives back | arguments | faults |", "|---|---|---|---|---|"]
    for spec in VERB_TABLE.values():
        names = []
        for name, field in spec.arguments.model_fields.items():
            key = field.alias or name
            names.append(f"`{key}`" if field.is_required() else f"[`{key}`]")
        cells = (f"`{spec.verb}`", spec.takes, spec.gives_back, ", ".join(names), ", ".join(spec.faults))
        rows.append("| " + " | ".join(cells) + " |")
    return "\n".join(rows) + "\n"
