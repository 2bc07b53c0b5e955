"""What a cell can do at best: a part alone in it, measured; the resource that is held longest is the bottleneck.

Each product's parts go through the kinematic world one at a time, so that nobody waits for anybody. Nominal hold times are
those of the last of them, which begins where the one before left the arms. No more than one part an hour ÷ (the longest
hold ÷ its capacity) can come out of the cell, however its parts overlap. The same is done with the arms at the lower and at
the upper end of what their limits are uncertain by, which says how far each operation's time can be trusted.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal

from robocell.assembly import RunOptions, simulate
from robocell.config.prepare import Prepared
from robocell.control.ways import capacities
from robocell.errors import DeadlockError, RobocellError
from robocell.journal import Event
from robocell.model.device import ConveyorDevice
from robocell.model.profile import ConveyorProfile
from robocell.model.route import ArriveStep, Step
from robocell.model.scene import Operator, Scene, Spread, Supply
from robocell.model.station import BeltStation
from robocell.report.result import OperationTime

ALONE = 2
"""Parts of each product that are sent through."""
APART = 3600.0
"""Seconds between them: longer than any part takes."""
GRAVITY = 9.81


@dataclass(frozen=True)
class Estimate:
    """The bound on throughput, and what it rests on.

    Attributes:
        bound_per_h: parts an hour; None where no part came through.
        bottleneck: the resource that is held longest for its capacity, "" without a bound.
        holds: by resource, nominal seconds a part ÷ capacity, longest first; the slowest product's.
        bounds: by product, its own bound; absent where none of its parts came through.
        stop_errors: by station, how far (m) beyond its place a part is predicted to come to rest.
        problem: why there is no bound, "" if there is one.
        range_per_h: the bound with all arms at the lower and at the upper end of their limits; (0, 0) without one.
        operations: each operation's time, in the order of the routes.

    """

    bound_per_h: float | None
    bottleneck: str
    holds: dict[str, float]
    bounds: dict[str, float]
    stop_errors: dict[str, float]
    problem: str = ""
    range_per_h: tuple[float, float] = (0.0, 0.0)
    operations: tuple[OperationTime, ...] = ()


def estimate(prepared: Prepared, products: tuple[str, ...] = ()) -> Estimate:
    """Send parts through a cell alone and return what bounds its throughput.

    Args:
        prepared: the cell.
        products: those to make; all of the cell's where it is empty.

    """
    wanted = products or tuple(prepared.cell.routes)
    nominal = {product: _alone(prepared, product) for product in wanted}
    problem = next((run.problem for run in nominal.values() if run.problem), "")
    through = {product: run for product, run in nominal.items() if not run.problem}
    errors = stop_errors(prepared)
    if not through:
        return Estimate(None, "", {}, {}, errors, problem or "no part comes through")
    slowest = max(through.values(), key=lambda run: run.longest)
    bottleneck = next(iter(slowest.holds))
    bounds = {product: 3600.0 / run.longest for product, run in through.items()}
    slow, fast = (_with_limits(prepared, through, end) for end in ("low", "high"))
    span = tuple(3600.0 / max(run.longest for run in runs.values()) for runs in (slow, fast))
    operations = tuple(
        _operation(prepared, product, step, *(runs[product] for runs in (fast, through, slow)))
        for product, run in through.items()
        for step in sorted(run.operations)
    )
    return Estimate(
        3600.0 / slowest.longest, bottleneck, slowest.holds, bounds, errors, problem, (span[0], span[1]), operations
    )


@dataclass(frozen=True)
class _Alone:
    """A part alone: hold times ÷ capacity, longest first, and device and seconds by step; or why there are none."""

    holds: dict[str, float]
    operations: dict[int, tuple[str, float]]
    problem: str = ""

    @property
    def longest(self) -> float:
        return next(iter(self.holds.values()))


def _operation(
    prepared: Prepared, product: str, step: int, fast: _Alone, nominal: _Alone, slow: _Alone
) -> OperationTime:
    low, middle, high = (round(run.operations[step][1], 6) for run in (fast, nominal, slow))
    what = prepared.cell.routes[product][step]
    return OperationTime(
        product=product,
        step=step,
        label=what.name or what.verb,
        device=nominal.operations[step][0],
        low=low,
        nominal=middle,
        high=high,
    )


def _with_limits(prepared: Prepared, runs: dict[str, _Alone], end: Literal["low", "high"]) -> dict[str, _Alone]:
    """Send parts through alone once more, with every arm at one end of its limits."""
    arms = prepared.arms
    if not any(arm.limits.uncertainty.any() for arm in arms.values()):
        return runs
    limits = {name: arm.limits.low() if end == "low" else arm.limits.high() for name, arm in arms.items()}
    other = replace(prepared, arms={name: arm.with_limits(limits[name]) for name, arm in arms.items()})
    found = {product: _alone(other, product) for product in runs}
    # a way that only the nominal limits allow leaves the nominal time: better than none
    return {product: runs[product] if run.problem else run for product, run in found.items()}


def _alone(prepared: Prepared, product: str) -> _Alone:
    """Send a product's parts through a cell one at a time; return what the last of them took."""
    arrive = prepared.cell.routes[product][0]
    assert isinstance(arrive, ArriveStep)
    station = prepared.cell.stations[arrive.arrive.station]
    assert isinstance(station, BeltStation)
    supply = Supply(product=product, every=Spread(mean=APART), first=0.0)
    scene = Scene(supply={station.belt: supply}, operator=Operator(start=0.1))
    reader = _Holds(prepared.cell.routes[product])
    options = RunOptions(
        parts=ALONE,
        world="kinematic",
        inspect="truth",
        products=(product,),
        on_event=(reader.take,),
        scene=scene,
        handle_signals=False,
    )
    try:
        result = simulate(prepared, options).result
    except (RobocellError, DeadlockError) as error:
        return _Alone({}, {}, str(error))
    if result.parts.good < ALONE:
        told = ", ".join(result.faults) or result.reason
        return _Alone({}, {}, f"a part alone does not come through: {told}")
    room = capacities(prepared.cell)
    shares = {word: seconds / room[word] for word, seconds in reader.holds(ALONE).items()}
    holds = dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))
    return _Alone(holds, reader.operations(ALONE))


@dataclass(slots=True)
class _Interval:
    start: float
    end: float = 0.0
    idle: float = 0.0


@dataclass(slots=True)
class _Holds:
    """Adds up, by workpiece and resource, how long it is held.

    An arm that comes near while a machine still works only waits there; that wait is no part of its hold.
    """

    route: tuple[Step, ...]
    _open: dict[tuple[int, str], _Interval] = field(default_factory=dict)
    _sums: dict[tuple[int, str], float] = field(default_factory=dict)
    _processing: dict[int, float] = field(default_factory=dict)
    _busy: dict[str, float] = field(default_factory=dict)
    _commands: dict[int, tuple[str, float]] = field(default_factory=dict)
    _begun: dict[int, tuple[str, float]] = field(default_factory=dict)
    _took: dict[tuple[int, int], tuple[str, float]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Read one event."""
        data, t = event.data, event.t
        if event.kind == "grant":
            for word in data["resources"]:
                self._open[data["workpiece"], word] = _Interval(t)
        elif event.kind == "release":
            for word in data["resources"]:
                self._close((data["workpiece"], word), t)
        elif event.kind == "command":
            self._commands[data["id"]] = (data["device"], t)
        elif event.kind == "result":
            device, began = self._commands.pop(data["id"])
            self._busy[device] = self._busy.get(device, 0.0) + t - began
        elif event.kind in ("op.begin", "op.end"):
            self._operation(event)
            if data["verb"] == "process":
                self._process(event)

    def _operation(self, event: Event) -> None:
        data = event.data
        if event.kind == "op.begin":
            self._begun[data["workpiece"]] = (data["device"], event.t)
        elif data["outcome"] == "done":
            device, began = self._begun[data["workpiece"]]
            self._took[data["workpiece"], data["step"]] = (device, event.t - began)

    def _process(self, event: Event) -> None:
        number = event.data["workpiece"]
        if event.kind == "op.begin":
            self._busy.clear()
            self._processing[number] = event.t
            return
        began = self._processing.pop(number, event.t)
        for (holder, word), interval in self._open.items():
            if holder == number and interval.start > began:
                interval.idle += event.t - interval.start - self._busy.get(word, 0.0)

    def _close(self, key: tuple[int, str], t: float) -> None:
        interval = self._open.pop(key, None)
        if interval is not None:
            self._sums[key] = self._sums.get(key, 0.0) + t - interval.start - interval.idle

    def holds(self, number: int) -> dict[str, float]:
        """Return by resource how long a workpiece held it, s."""
        return {word: seconds for (holder, word), seconds in self._sums.items() if holder == number}

    def operations(self, number: int) -> dict[int, tuple[str, float]]:
        """Return by step who performed an operation on a workpiece, and how long that took, s."""
        return {step: took for (whose, step), took in self._took.items() if whose == number}


def stop_errors(prepared: Prepared) -> dict[str, float]:
    """Return by station of arrival how far (m) beyond it a part may come to rest.

    A part on a belt that brakes harder than friction carries slides v²/(2 µ g) instead of the belt's v²/(2 a). The
    controller stops earlier by the difference; what is left is that of the profile's uncertain friction.
    """
    found: dict[str, float] = {}
    for steps in prepared.cell.routes.values():
        step = steps[0]
        if not isinstance(step, ArriveStep):
            continue
        name = getattr(prepared.cell.stations[step.arrive.station], "belt", "")
        belt, profile = prepared.cell.devices.get(name), prepared.profiles.get(name)
        if isinstance(belt, ConveyorDevice) and isinstance(profile, ConveyorProfile):
            speed = profile.usual_speed.value if belt.speed is None else belt.speed
            grip = prepared.cell.products[step.arrive.product].sliding_friction * profile.friction.value * GRAVITY
            ramp, least = profile.acceleration.value, grip * (1.0 - profile.friction.uncertainty)
            error = _slide(speed, least, ramp) - _slide(speed, grip, ramp)
            found[step.arrive.station] = max(error, found.get(step.arrive.station, 0.0))
    return found


def _slide(speed: float, grip: float, ramp: float) -> float:
    return max(speed**2 * (0.5 / grip - 0.5 / ramp), 0.0)
