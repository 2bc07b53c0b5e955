"""What a world is built from: plain data, every pose resolved into the cell's frame, every figure SI.

`build.py` makes it from a cell, its profiles and a scene; tests make small ones by hand. Mappings are read
in order of their names, so the order in which a file lists its devices is never seen.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from robocell.motion.arm import Arm
from robocell.world.grips import Fingers
from robocell.world.imaging import Camera
from robocell.world.shapes import Matrix, Shape


@dataclass(frozen=True, slots=True)
class Power:
    """Consumption of a device in W: waiting and at work."""

    idle: float = 0.0
    active: float = 0.0


@dataclass(frozen=True, slots=True)
class ProductSpec:
    """A product: its shape, mass (kg), friction coefficient, and its drawn face, if it has one."""

    name: str
    shape: Shape
    mass: float
    friction: float = 0.6
    face: str | None = None
    pictures: Path | None = None  # a folder of boards' pictures in place of drawn ones
    good: float = 0.0  # share of those boards that show their defect-free twin


@dataclass(frozen=True, slots=True)
class BeltSpec:
    """A belt: `pose` is the middle of its surface at the start, X along travel.

    `trip` is how long the drive pushes against a jam before its overload trips, s.
    """

    pose: Matrix
    length: float
    width: float
    speed: float
    acceleration: float
    friction: float = 0.8
    trip: float = 0.5
    power: Power = Power()


@dataclass(frozen=True, slots=True)
class BeamSpec:
    """A light beam across a belt at `at`, or free in the cell along X of `pose` for `reach` metres.

    `height` is the beam's height above the belt, m.
    """

    belt: str | None = None
    at: float = 0.0
    height: float = 0.01
    pose: Matrix | None = None
    reach: float = 0.5
    power: Power = Power()


@dataclass(frozen=True, slots=True)
class ArmSpec:
    """An arm: its model with the tool (poses in the base's frame), its base, and its gripper.

    `acceleration` is the greatest of the TCP that a part in the grip has to bear, m/s².
    """

    model: Arm
    base: Matrix
    home: tuple[float, ...]
    gripper: str | None = None
    acceleration: float = 5.0
    power: Power = Power()


@dataclass(frozen=True, slots=True)
class GripSpec:
    """A gripper: stroke (m), speed (m/s, of the opening), force (N), and fingers.

    `detection` is the least difference (m) between commanded and reached opening that it senses as an object.
    """

    stroke: float
    speed: float
    force: float
    fingers: Fingers
    detection: float = 1e-3
    power: Power = Power()


@dataclass(frozen=True, slots=True)
class MachineSpec:
    """A machine tool.

    Attributes:
        door_opens, door_closes, clamp_opens, clamp_closes: s.
        starts: from the start signal until the program begins, s.
        stations: the stations inside it, by name.
        enclosure: what it fills, (centre pose, half extents); an arm that stands in there while the
            door is not open touches the door. None: no box is known.
        clamp_force: N.

    """

    door_opens: float
    door_closes: float
    clamp_opens: float
    clamp_closes: float
    starts: float = 0.0
    stations: tuple[str, ...] = ()
    enclosure: tuple[Matrix, tuple[float, float, float]] | None = None
    clamp_force: float = 5e3
    power: Power = Power()


@dataclass(frozen=True, slots=True)
class CameraSpec:
    """A camera: its optics and its optical frame."""

    optics: Camera
    pose: Matrix
    power: Power = Power()


@dataclass(frozen=True, slots=True)
class StationSpec:
    """A place for parts.

    `kind` is "seat" (one slot or a grid of `seats`), "bin" (parts fall in over `size`, its inner extents
    about the first seat), or "belt" (on `belt` at `at`). `exchange` is the panel input by which a person
    confirms that the parts were taken away, as (panel, input).
    """

    kind: Literal["seat", "bin", "belt"]
    seats: tuple[Matrix, ...] = ()
    belt: str = ""
    at: float = 0.0
    size: tuple[float, float] = (0.3, 0.3)
    machine: str | None = None
    exchange: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class BoxSpec:
    """A fixture: the centre's pose and the extents, m."""

    pose: Matrix
    extents: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class SupplySpec:
    """Parts of a product laid at a belt's start: mean and standard deviation of the interval, s.

    The first comes at `first`; None: after one interval.
    """

    product: str
    mean: float
    sd: float = 0.0
    first: float | None = None
    turn: float = math.pi


@dataclass(frozen=True, slots=True)
class DefectSpec:
    """Which share of the parts has one defect, of what kinds, area (m²) and contrast (grey levels)."""

    share: float
    kinds: tuple[str, ...]
    area: tuple[float, float]
    contrast: tuple[float, float]
    count: tuple[int, int] = (1, 1)  # of a defective board


@dataclass(frozen=True, slots=True)
class DriftSpec:
    """How the true diameter of a product's parts changes: `by` a part from the part after `after` on, scatter `sd`, m."""

    product: str
    by: float
    sd: float = 0.0
    after: int = 0


@dataclass(frozen=True, slots=True)
class OperatorSpec:
    """A person who starts the cell at `start` and answers requests after `respond`, s; None: never."""

    start: float
    respond: float | None


MishapKind = Literal[
    "shift", "remove", "friction", "jam", "drop", "miss", "open", "press", "fail", "block", "blind", "lose",
    "collide", "repeat", "delay", "truncate", "withhold",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MishapSpec:
    """One fault of the scene.

    Attributes:
        kind: what happens; the words of the scene's file.
        at: earliest time, s.
        part: only once the part of this number is there, None: whichever part it is.
        target: the station, belt, gripper, machine, sensor, camera, arm or device that it happens to, or the
            signal ("guard.door_closed") that goes off or is pressed.
        by: shift: how far in the station's frame, m.
        value: friction: the new coefficient; delay: by how much a picture is late, s.
        times: miss, and what happens to a camera's pictures: how often.
        lasts: for how long, s; inf: until it is mended.

    """

    kind: MishapKind
    at: float = 0.0
    part: int | None = None
    target: str = ""
    by: tuple[float, float, float] = (0.0, 0.0, 0.0)
    value: float = 0.0
    times: int = 1
    lasts: float = float("inf")


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """What happens to a cell from outside.

    `drains` names the belts whose end takes parts away; None: all do. Parts pile up at the end of the others.
    """

    supply: Mapping[str, SupplySpec] = field(default_factory=dict)
    defects: DefectSpec | None = None
    drift: DriftSpec | None = None
    operator: OperatorSpec | None = None
    mishaps: tuple[MishapSpec, ...] = ()
    drains: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """A cell as a world needs it; every mapping by the name in the cell file.

    `reset` and `start` are (panel, input) of the permit's reset and of the start button, None where there
    are none; `relay` is the safety relay whose door the person goes through.
    """

    products: Mapping[str, ProductSpec]
    belts: Mapping[str, BeltSpec] = field(default_factory=dict)
    beams: Mapping[str, BeamSpec] = field(default_factory=dict)
    arms: Mapping[str, ArmSpec] = field(default_factory=dict)
    grips: Mapping[str, GripSpec] = field(default_factory=dict)
    machines: Mapping[str, MachineSpec] = field(default_factory=dict)
    cameras: Mapping[str, CameraSpec] = field(default_factory=dict)
    relays: Mapping[str, Power] = field(default_factory=dict)
    panels: Mapping[str, tuple[tuple[str, ...], Power]] = field(default_factory=dict)
    meters: Mapping[str, Power] = field(default_factory=dict)
    stations: Mapping[str, StationSpec] = field(default_factory=dict)
    fixtures: Mapping[str, BoxSpec] = field(default_factory=dict)
    floor: float = -1.0
    relay: str | None = None
    reset: tuple[str, str] | None = None
    start: tuple[str, str] | None = None
    scene: SceneSpec = SceneSpec()
