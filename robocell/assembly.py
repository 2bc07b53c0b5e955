"""A prepared cell → its world, devices, journal and controller, run in virtual time → a result and a record."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import robocell
from robocell.audit import VerdictAudit, write_truth
from robocell.catalog.confusions import read_confusion
from robocell.clock import Clock, wall_seconds
from robocell.config.prepare import Prepared, prepare
from robocell.control.controller import Controller, Options
from robocell.control.walker import StepHook
from robocell.errors import RecordError, SetupError
from robocell.journal import BatchStore, Event, Journal
from robocell.model.confusion import Confusion
from robocell.model.route import InspectStep
from robocell.model.scene import Scene
from robocell.recipes import load_recipe
from robocell.report.layout import layout_of
from robocell.report.record import begin_record, write_record
from robocell.report.result import OperationTime, Result, RunFacts
from robocell.report.summary import Summary
from robocell.simloop import virtual_loop
from robocell.simulated.build import build_devices
from robocell.world.build import build_world
from robocell.world.protocol import Audit

if TYPE_CHECKING:
    from robocell.vision.runner import PreparedRecipe

WorldKind = Literal["bullet", "kinematic"]
Inspection = Literal["truth", "image"]

FEW = 20
"""Parts that a simulated run makes where nobody says how many."""


LONGEST = 30 * 86400.0
"""Simulated seconds after which a run ends: people who come in vain must not keep it going for ever."""


@dataclass(frozen=True)
class RunOptions:
    """How a cell is to be run.

    Attributes:
        parts: how many are to be finished.
        seed: of the run's random streams.
        world: "bullet" has contacts, "kinematic" is geometry, thousands of times real time.
        inspect: whether cameras judge rendered pictures or tell the truth; None: pictures in Bullet only.
        products: which products to make; all of the cell's where it is empty.
        speed: override of the arms' speed, 0 < speed ≤ 1.
        dry_run: arms move with empty grippers.
        out: folder for the record; None keeps none.
        before_step: called before each operation.
        on_event: called with each event, for progress.
        bound_per_h: the cell's bound on throughput for the record, if it is known.
        operations: the predicted times of its operations, likewise.
        scene: another scene than the cell's own.
        longest: simulated seconds after which the run ends held, whatever is still to come.
        handle_signals: whether Ctrl-C becomes a controlled stop.

    """

    parts: int = FEW
    seed: int = 0
    world: WorldKind = "bullet"
    inspect: Inspection | None = None
    products: tuple[str, ...] = ()
    speed: float = 1.0
    dry_run: bool = False
    out: Path | None = None
    before_step: StepHook | None = None
    on_event: Sequence[Callable[[Event], None]] = field(default_factory=tuple)
    bound_per_h: float | None = None
    operations: tuple[OperationTime, ...] = ()
    scene: Scene | None = None
    longest: float = LONGEST
    handle_signals: bool = True


@dataclass(frozen=True)
class Outcome:
    """A run's result, and the truth about every part that only the world knows: for audits, never for control."""

    result: Result
    audit: Audit


def run(cell: Path | str | Prepared, options: RunOptions | None = None) -> Result:
    """Run a cell in simulation and return what it came to.

    Raises:
        ConfigError: the cell file, or one that it names, is wrong; nothing has moved.
        SetupError: this machine lacks what was asked for, or the cell cannot make what was asked for.

    """
    from robocell.estimate import estimate  # it sends parts through `simulate` itself

    options = options or RunOptions()
    prepared = cell if isinstance(cell, Prepared) else prepare(cell)
    _check_products(prepared, options.products)
    if options.bound_per_h is None and not options.dry_run and options.speed == 1.0:
        forecast = estimate(prepared, options.products)
        options = replace(options, bound_per_h=forecast.bound_per_h, operations=forecast.operations)
    return simulate(prepared, options).result


def simulate(cell: Path | str | Prepared, options: RunOptions | None = None) -> Outcome:
    """Run a cell in simulation; see `run`. The outcome has the world's truth beside the result."""
    options = options or RunOptions()
    prepared = cell if isinstance(cell, Prepared) else prepare(cell)
    _check_products(prepared, options.products)
    began = wall_seconds()
    clock = Clock(options.seed)
    scene = options.scene or prepared.scene
    if options.dry_run and scene is not None:
        scene = Scene(operator=scene.operator)
    world = build_world(
        options.world, prepared.cell, prepared.profiles, prepared.arms, scene, clock, prepared.loaded.calibrations
    )
    journal = Journal(clock, _store(options.out))
    summary = Summary()
    journal.subscribe(summary.take, summary.kinds)
    verdicts = VerdictAudit(world.parts, world.shown) if scene is not None and scene.judged else None
    if verdicts is not None:
        journal.subscribe(verdicts.take, verdicts.kinds)
    for reader in options.on_event:
        journal.subscribe(reader)
    inspection = options.inspect or ("image" if options.world == "bullet" else "truth")
    recipes = _recipes(prepared, scene) if inspection == "image" else {}
    confusions = _confusions(prepared) if inspection == "truth" else {}
    loop = virtual_loop()
    loop.hook = world

    async def main() -> None:
        devices = build_devices(prepared.cell, prepared.profiles, world, clock, inspection, recipes, confusions)
        controller = Controller(
            prepared.cell,
            devices,
            clock,
            journal,
            Options(options.parts, options.products, options.speed, options.dry_run, options.before_step),
            prepared.surroundings,
        )
        loop.on_deadlock = controller.deadlocked
        loop.call_at_background(options.longest, controller.overdue, options.longest)
        with _interruptible(controller) if options.handle_signals else nullcontext():
            await controller.run()

    try:
        loop.run(main())
    finally:
        journal.close()
        audit = world.audit()
        world.close()
    facts = RunFacts(
        cell=prepared.cell.cell,
        cell_sha256=prepared.sha256,
        backend="sim",
        world=options.world,
        devices=dict.fromkeys(prepared.cell.devices, "simulated"),
        seed=options.seed,
        version=robocell.__version__,
        log_sha256=journal.sha256,
        wall_s=round(wall_seconds() - began, 6),
        bound_per_h=options.bound_per_h,
        operations=options.operations,
        inspection=verdicts.result() if verdicts is not None else {},
        pictures=inspection == "image",
    )
    result = summary.result(facts)
    if options.out is not None:
        if verdicts is not None:
            write_truth(options.out, audit)
        write_record(options.out, result, layout_of(prepared.cell, prepared.profiles))
    return Outcome(result, audit)


def _check_products(prepared: Prepared, products: Sequence[str]) -> None:
    """Refuse unknown products, and those that would come to one station without being told apart.

    Raises:
        SetupError: with what can be made instead.

    """
    routes = prepared.cell.routes
    for product in products:
        if product not in routes:
            raise SetupError(f"the cell makes no product '{product}'", f"it makes {', '.join(routes)}")
    stations: dict[str, str] = {}
    for product in products or tuple(routes):
        station = routes[product][0].operation
        name = getattr(station, "station", "")
        if name in stations:
            raise SetupError(
                f"'{stations[name]}' and '{product}' both arrive at '{name}', which cannot tell them apart",
                f"run one of them: --product {stations[name]}, or --product {product}",
            )
        stations[name] = product


def _store(out: Path | None) -> BatchStore | None:
    if out is None:
        return None
    try:
        return BatchStore(begin_record(out))
    except RecordError as error:
        raise SetupError(str(error), "choose another --out") from error


def _recipes(prepared: Prepared, scene: Scene | None) -> dict[str, PreparedRecipe]:
    """Load the recipes; what is compared with its own template finds it where the scene's pictures come from."""
    shown = scene.faces if scene is not None else {}
    templates = {
        step.inspect.recipe: Path(shown[product].folder)
        for product, steps in prepared.cell.routes.items()
        for step in steps
        if isinstance(step, InspectStep) and product in shown
    }
    return {name: load_recipe(path, templates=templates.get(name)) for name, path in prepared.recipes.items()}


def _confusions(prepared: Prepared) -> dict[str, Confusion]:
    found = {name: read_confusion(path) for name, path in prepared.recipes.items()}
    return {name: confusion for name, confusion in found.items() if confusion is not None}


@contextmanager
def _interruptible(controller: Controller) -> Iterator[None]:
    """Turn the first Ctrl-C into a controlled stop; the second one ends the process."""

    def interrupted(_number: int, _frame: object) -> None:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        controller.stop("interrupted")

    try:
        before = signal.signal(signal.SIGINT, interrupted)
    except ValueError:  # not in the main thread: whoever called has its own way
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
