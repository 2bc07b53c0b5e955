"""What both worlds share: time, parts, belts' drives, machines, people, mishaps, energy.

A subclass supplies what moves the parts; everything else is here. It must implement the methods of
`BaseWorld` that raise `NotImplementedError`, and call back when its parts do something:

- It implements `run`, `busy`, `arm_handle`, `grip_handle`, `pose_of`, `where`, `rests`, `lay`,
  `displace`, `take`, `hold_fast`, `lose`, `room_at_start`, `watch_start`, `belt_changed`,
  `friction_changed`, `occluders`, and `close` if the engine needs it.
- It calls `moved(part, place)` whenever a part's place changes (see `Part.place`); `settled()` whenever
  a part came to rest or was gripped, or an arm began to move; `misses(grip)` once for each closing;
  `beams[name].see(blocked)` when a part enters or leaves a beam; `machines[name].part_gone(part)` when
  a clamped part is torn out; `change(signal, value)` for the signals of its own handles.
- It reads `belts[name].motor.speed(t)` and `.travel(t)`, the surface's motion, known up to the next
  command, of which `belt_changed` tells; `belts[name].spec`; `seats.under(x, y, z)`, the place where a
  released part belongs; the module `grips`, what fingers do; `loads["device"]` to switch the consumption
  of its arms and grippers; and `spec`.

Time: `now` is the world's and the loop's time alike. `advance` alternates between `run(until)`, which
moves the parts up to `until` and returns the time it reached (earlier only if `changed` is True then, or
something that it has entered in the agenda is due), and the actions of the agenda. A physical world moves in whole steps: it returns `until` with its parts less
than a step behind, and the end of a step when that changed a signal. Signals written during `advance` are
collected and published at the loop's time; those written by a command take effect at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ClassVar, TypeVar

from robocell.clock import Clock
from robocell.signals import Signal
from robocell.world.agenda import Agenda
from robocell.world.belt import Belt
from robocell.world.cameras import AreaCamera
from robocell.world.energy import Load, Supply
from robocell.world.feed import Feed
from robocell.world.inputs import Beam, OperatorPanel, Relay, SupplyMeter
from robocell.world.looks import Look, look_of
from robocell.world.machine import MachineTool
from robocell.world.mishaps import Mishaps
from robocell.world.operator import Operator
from robocell.world.protocol import ArmHandle, Audit, GripHandle, Part
from robocell.world.seats import Seats
from robocell.world.shapes import Matrix, pose_at
from robocell.world.spec import ArmSpec, GripSpec, Power, WorldSpec
from robocell.world.wear import Wear

T = TypeVar("T")
INF = float("inf")
ASKEW = 0.005
"""Distance in m from the middle of its belt beyond which a person puts a part straight."""
AT_STATION = 0.02
"""Distance in m from a belt station's place within which a part counts as being there."""


class BaseWorld:
    """Ground truth of one run, without what moves the parts: a subclass supplies that, as the module says.

    Args:
        spec: the cell and the scene.
        clock: the run's clock: its seeded streams of chance. Streams are named by ordinal ("supply/0" serves
            the first belt in order of names that is supplied), never by name, so that renaming changes
            nothing.

    Attributes:
        now: time reached, s.
        parts: every part that was ever supplied; part n is `parts[n - 1]`.
        live: numbers of the parts in the cell, in order of supply.
        friction: the coefficient that a scene's fault gave to all parts, None while each has its product's.

    """

    kind: ClassVar[str] = ""

    def __init__(self, spec: WorldSpec, clock: Clock) -> None:
        self.spec = spec
        self.clock = clock
        self.now = 0.0
        self.agenda = Agenda()
        self.parts: list[Part] = []
        self.live: dict[int, None] = {}
        self.fallen: dict[int, Part] = {}  # out of a grip, and not taken up again
        self.friction: float | None = None
        self.supply = Supply()
        self.seats = Seats(spec)
        self._inside = False
        self._changes: dict[Signal[Any], Any] = {}
        self._places: dict[str, dict[int, Part]] = {}
        self._looks: dict[str, Look | None] = {}
        self._answers: dict[str, Signal[bool]] = {}
        self._misses: dict[str, int] = {}
        self._build_devices()
        self.mishaps = Mishaps(self, spec.scene.mishaps)
        self.operator = Operator(self, spec.scene.operator) if spec.scene.operator is not None else None
        self.wear = Wear(spec.scene.drift, clock.stream("sizes/0"))
        self.feeds = [Feed(self, belt, supply, k) for k, (belt, supply) in enumerate(sorted(spec.scene.supply.items()))]

    def _build_devices(self) -> None:
        spec = self.spec
        self.loads: dict[str, Load] = {}
        self.belts = {n: Belt(self, n, s, self._load(n, s.power)) for n, s in sorted(spec.belts.items())}
        self.beams = {n: Beam(self, n, s) for n, s in sorted(spec.beams.items())}
        self.machines = {n: MachineTool(self, n, s, self._load(n, s.power)) for n, s in sorted(spec.machines.items())}
        self.relays = {n: Relay(self, n) for n in sorted(spec.relays)}
        self.panels = {n: OperatorPanel(self, n, spec.panels[n][0]) for n in sorted(spec.panels)}
        self.cameras = {
            n: AreaCamera(self, n, s, k, self._load(n, s.power))
            for k, (n, s) in enumerate(sorted(spec.cameras.items()))
        }
        for name, power in (
            *((n, s.power) for n, s in sorted(spec.beams.items())),
            *((n, s.power) for n, s in sorted(spec.arms.items())),
            *((n, s.power) for n, s in sorted(spec.grips.items())),
            *sorted(spec.relays.items()),
            *((n, panel[1]) for n, panel in sorted(spec.panels.items())),
            *sorted(spec.meters.items()),
        ):
            self._load(name, power)
        self.arms: dict[str, ArmHandle] = {n: self.arm_handle(n, s) for n, s in sorted(spec.arms.items())}
        self.grips: dict[str, GripHandle] = {n: self.grip_handle(n, s) for n, s in sorted(spec.grips.items())}

    def _load(self, name: str, power: Power) -> Load:
        self.loads[name] = Load(self.supply, power.idle, power.active)
        return self.loads[name]

    # --- the loop's hook ------------------------------------------------------------------------------------

    def advance(self, now: float, limit: float) -> float:
        """Move on from `now`; return the time reached, before `limit` if and only if something changed."""
        if now > self.now:
            self.now = now
        self._inside = True
        agenda = self.agenda
        try:
            while True:
                due = agenda.next()
                reached = self.run(due if due < limit else limit)
                if self.now < reached < INF:
                    self.now = reached
                while (action := agenda.due(self.now)) is not None:
                    action()
                if self._changes or reached >= limit:
                    return reached
        finally:
            self._inside = False

    def publish(self) -> None:
        """Write the collected changes to their signals, in the order in which they happened."""
        if not self._changes:
            return
        changes, self._changes = self._changes, {}
        for signal, value in changes.items():
            signal.set(value, self.now)

    def pending(self) -> bool:
        """Whether something is under way that will happen without any further command."""
        return len(self.agenda) > 0 or self.busy()

    @property
    def changed(self) -> bool:
        """Whether changes wait to be published: `run` then returns."""
        return bool(self._changes)

    def change(self, signal: Signal[T], value: T) -> None:
        """Write a signal: at once from a command, at the loop's time from within `advance`."""
        if not self._inside:
            signal.set(value, self.now)
        elif value == signal.value:
            self._changes.pop(signal, None)
        else:
            self._changes[signal] = value

    def latest(self, signal: Signal[T]) -> T:
        """Return a signal's newest value, published or not."""
        value: T = self._changes.get(signal, signal.value)
        return value

    # --- parts ----------------------------------------------------------------------------------------------

    def moved(self, part: Part, place: str) -> None:
        """Note that a part is at another place now."""
        if place == part.place:
            return
        if part.place:
            self._places[part.place].pop(part.number, None)
        part.was, part.place = part.place, place
        if place == "gone" or place.startswith("grip "):
            self.fallen.pop(part.number, None)
        if place == "gone":
            self.live.pop(part.number, None)
        else:
            self.live[part.number] = None
            self._places.setdefault(place, {})[part.number] = part

    def remove(self, part: Part) -> None:
        """Take a part out of the cell, as a person does."""
        self.take(part)
        for machine in self.machines.values():
            machine.part_gone(part)
        self.moved(part, "gone")

    def parts_in(self, place: str) -> list[Part]:
        """Return the parts at a place (see `Part.place`), in the order in which they came."""
        return list(self._places.get(place, {}).values())

    def around(self, x: float, y: float, reach: float) -> Iterable[int]:
        """Return the numbers of at least the parts within `reach` of a point in the plane, m."""
        return self.live

    def parts_at(self, station: str) -> list[Part]:
        """Return the parts at a station; on a belt those that lie within `AT_STATION` of it."""
        spec = self.spec.stations.get(station)
        if spec is None or spec.kind != "belt":
            return self.parts_in(f"station {station}")
        belt = self.spec.belts[spec.belt]
        target = belt.pose[:3, 3] + spec.at * belt.pose[:3, 0]
        found = []
        for part in self.parts_in(f"belt {spec.belt}"):
            x, y, _ = self.where(part)
            along = (x - target[0]) * belt.pose[0, 0] + (y - target[1]) * belt.pose[1, 0]
            if abs(along) <= AT_STATION:
                found.append(part)
        return found

    def station_frame(self, station: str) -> Matrix:
        """Return a station's pose in the cell frame: its (first) seat, or the place on its belt."""
        spec = self.spec.stations[station]
        if spec.kind != "belt":
            return spec.seats[0]
        return self.spec.belts[spec.belt].pose @ pose_at(spec.at, 0.0, 0.0)

    def shadows(self, camera: AreaCamera) -> Sequence[Matrix]:
        """Return the outlines (N, 2) of the arms' bodies in a camera's view, pixels from its middle."""
        return camera.outlines(self.occluders(camera.spec.pose))

    def look(self, product: str) -> Look | None:
        """Return what parts of a product look like, None if they have no face; drawn when first asked for."""
        if product not in self._looks:
            self._looks[product] = look_of(self.spec.products[product])
        return self._looks[product]

    @property
    def shown(self) -> dict[str, dict[int, int]]:
        """By camera and number of the frame, the part that it shows."""
        return {name: camera.shown for name, camera in self.cameras.items()}

    def audit(self) -> Audit:
        """Return the truth about every part, for the record only."""
        places: dict[str, int] = {}
        for part in self.parts:
            places[part.place] = places.get(part.place, 0) + 1
        return Audit(tuple(self.parts), dict(sorted(places.items())), self.shown)

    # --- what people and scenes do --------------------------------------------------------------------------

    def settled(self) -> None:
        """Note that a part came to rest or was gripped, or an arm began to move: a mishap may wait for it."""
        self.mishaps.settled()

    def miss(self, grip: str, times: int) -> None:
        """Let the next closings of a gripper find nothing, whatever is there."""
        self._misses[grip] = self._misses.get(grip, 0) + times

    def misses(self, grip: str) -> bool:
        """Whether a closing that begins now finds nothing; a subclass asks once for each."""
        left = self._misses.get(grip, 0)
        self._misses[grip] = max(left - 1, 0)
        return left > 0

    def requested(self, panel: OperatorPanel) -> None:
        """Note that a panel's request line changed."""
        if self.operator is not None:
            self.operator.requested(panel)

    def mend(self) -> None:
        """Do what a person can: free jams and arms, clear away what fell, straighten parts, reset alarms, clean sensors."""
        for belt in self.belts.values():
            belt.free()
        for part in [*self.parts_in("floor"), *self.fallen.values()]:
            self.remove(part)
        self._straighten()
        for machine in self.machines.values():
            machine.mend()
        for beam in self.beams.values():
            beam.force(None)
        for camera in self.cameras.values():
            camera.blind = False
        for name in self._answers:
            self.change(self._answers[name], True)
        for relay in self.relays.values():
            relay.mend()
        for arm in self.arms.values():
            arm.free()

    def _straighten(self) -> None:
        """Push parts that rest beside the middle of their belt back to it."""
        for name, belt in sorted(self.spec.belts.items()):
            for part in self.parts_in(f"belt {name}"):
                pose = self.pose_of(part).copy()
                off = float((pose[:3, 3] - belt.pose[:3, 3]) @ belt.pose[:3, 1])
                if abs(off) > ASKEW and self.rests(part):
                    pose[:3, 3] -= off * belt.pose[:3, 1]
                    self.displace(part, pose)

    def set_friction(self, value: float) -> None:
        """Give every part, present and future, another friction coefficient."""
        self.friction = value
        for number in self.live:
            part = self.parts[number - 1]
            part.friction = value
            self.friction_changed(part)

    # --- handles --------------------------------------------------------------------------------------------

    def belt(self, name: str) -> Belt:
        """Return a belt's handle."""
        return self.belts[name]

    def beam(self, name: str) -> Beam:
        """Return a beam's handle."""
        return self.beams[name]

    def arm(self, name: str) -> ArmHandle:
        """Return an arm's handle."""
        return self.arms[name]

    def grip(self, name: str) -> GripHandle:
        """Return a gripper's handle."""
        return self.grips[name]

    def machine(self, name: str) -> MachineTool:
        """Return a machine's handle."""
        return self.machines[name]

    def camera(self, name: str) -> AreaCamera:
        """Return a camera's handle."""
        return self.cameras[name]

    def relay(self, name: str) -> Relay:
        """Return a safety relay's handle."""
        return self.relays[name]

    def panel(self, name: str) -> OperatorPanel:
        """Return an operator panel's handle."""
        return self.panels[name]

    def meter(self, name: str) -> SupplyMeter:
        """Return an energy meter's handle."""
        if name not in self.spec.meters:
            raise KeyError(name)
        return SupplyMeter(self)

    def answers(self, device: str) -> Signal[bool]:
        """Return whether a device answers: its link or its power may be gone."""
        if device not in self._answers:
            self._answers[device] = Signal(f"{device}.answers", True)
        return self._answers[device]

    def tool_users(self) -> Iterator[tuple[str, str]]:
        """Yield (gripper, arm that carries it)."""
        for name, arm in sorted(self.spec.arms.items()):
            if arm.gripper is not None:
                yield arm.gripper, name

    # --- what a subclass supplies ---------------------------------------------------------------------------

    def run(self, until: float) -> float:
        """Move the parts to `until` (inf: until something changes, is due, or all rest); return the time reached."""
        raise NotImplementedError

    def busy(self) -> bool:
        """Whether something moves that the agenda does not know of."""
        raise NotImplementedError

    def arm_handle(self, name: str, spec: ArmSpec) -> ArmHandle:
        """Make an arm's handle; the arm stands at its home."""
        raise NotImplementedError

    def grip_handle(self, name: str, spec: GripSpec) -> GripHandle:
        """Make a gripper's handle; the fingers are open."""
        raise NotImplementedError

    def pose_of(self, part: Part) -> Matrix:
        """Return a part's true pose: the middle of its base, (4, 4) in the cell frame."""
        raise NotImplementedError

    def where(self, part: Part) -> tuple[float, float, float]:
        """Return the middle of a part's base in the cell frame, m."""
        raise NotImplementedError

    def rests(self, part: Part) -> bool:
        """Whether a part lies still and free (not gripped, not clamped)."""
        raise NotImplementedError

    def lay(self, part: Part, belt: str, s: float, yaw: float) -> None:
        """Let a new part appear on a belt, `s` metres from its start, moving with the belt."""
        raise NotImplementedError

    def displace(self, part: Part, pose: Matrix) -> None:
        """Put a part that rests to another pose, from which it settles."""
        raise NotImplementedError

    def take(self, part: Part) -> None:
        """Let a part vanish bodily, wherever it is."""
        raise NotImplementedError

    def hold_fast(self, part: Part, held: bool) -> None:
        """Hold a part in a machine's clamp, or let it go."""
        raise NotImplementedError

    def lose(self, grip: str) -> bool:
        """Let the part slip out of a grip; return False if the grip holds none."""
        raise NotImplementedError

    def room_at_start(self, belt: str) -> float:
        """Return the free length (m) from a belt's start to the last part's rear; inf on an empty belt."""
        raise NotImplementedError

    def watch_start(self, belt: str, room: float, action: Callable[[], None]) -> None:
        """Call `action` once, when `room_at_start` has (or may have) reached `room`."""
        raise NotImplementedError

    def belt_changed(self, belt: Belt) -> None:
        """Note a belt's new plan."""
        raise NotImplementedError

    def friction_changed(self, part: Part) -> None:
        """Note a part's new friction."""
        raise NotImplementedError

    def occluders(self, camera: Matrix) -> Sequence[Matrix]:
        """Return (N, 3) corners, cell frame, of the arms' convex bodies: they may cover parts."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of the engine."""
