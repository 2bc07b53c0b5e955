"""Whole cells: how many times real time the shipped cells run, what a part costs, and the event loop beside SimPy's.

    python -m benchmarks.cells [--runs 5] [--parts 1000] [--bullet-parts 100] [--only loop,kinematic,bullet] [--json]

Factors count the simulated time in Execute. In the kinematic world they stand against the processor's time of the steady
state, which is what two runs of different length differ by; what is left of the shorter one is the cost of a run as such
(plans of moves, faces, set-up of the world; reading the cell is not counted). In Bullet they stand against the wall time of
a whole run, as do the shares of the engine, of making pictures and of judging them. All figures are medians.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.worlds import Meter, measured
from robocell import assembly
from robocell.assembly import Inspection, RunOptions, WorldKind, simulate
from robocell.clock import Clock
from robocell.config.prepare import Prepared, prepare
from robocell.journal import Event
from robocell.signals import Signal
from robocell.simloop import virtual_loop
from robocell.world.base import BaseWorld
from robocell.world.build import build_world

CELLS = Path(__file__).parent.parent / "cells"
SHORT = 200
"""Parts of the shorter run that the steady state is reckoned from: every move has been planned by then."""


@dataclass(frozen=True)
class Row:
    """One figure of one job; a job that could not be run has a reason in place of figures."""

    job: str
    figure: str
    value: float | None
    unit: str = ""
    note: str = ""


# --- the loop ----------------------------------------------------------------------------------------------------------

TASKS, TURNS = 100, 200


def timers_here() -> None:
    """Let tasks sleep for different times, over and over."""

    async def sleeper(clock: Clock, period: float) -> None:
        for _ in range(TURNS):
            await clock.sleep(period)

    async def main() -> None:
        clock = Clock()
        loop = asyncio.get_running_loop()
        for task in [loop.create_task(sleeper(clock, 1.0 + 0.01 * k)) for k in range(TASKS)]:
            await task

    virtual_loop().run(main())


def hands_here() -> None:
    """Let pairs of tasks wake each other."""

    async def player(own: Signal[int], other: Signal[int]) -> None:
        for turn in range(1, TURNS + 1):
            await own.until(lambda value, turn=turn: value >= turn)  # type: ignore[misc]
            other.set(turn, 0.0)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        tasks = []
        for _ in range(TASKS // 2):
            ping, pong = Signal("ping", 1), Signal("pong", 0)
            tasks.append(loop.create_task(player(ping, pong)))
            tasks.append(loop.create_task(player(pong, Ahead(ping))))
        for task in tasks:
            await task

    virtual_loop().run(main())


class Ahead(Signal[int]):
    """Passes on each value one higher: the pong of a turn asks for the next ping."""

    def __init__(self, target: Signal[int]) -> None:
        super().__init__(target.name, 0)
        self._target = target

    def set(self, value: int, at: float) -> None:
        """Write the target."""
        self._target.set(value + 1, at)


def timers_simpy(simpy: Any) -> None:
    """Do the same as `timers_here` in SimPy."""
    env = simpy.Environment()

    def sleeper(period: float) -> Generator[Any, Any, None]:
        for _ in range(TURNS):
            yield env.timeout(period)

    for k in range(TASKS):
        env.process(sleeper(1.0 + 0.01 * k))
    env.run()


def hands_simpy(simpy: Any) -> None:
    """Do the same as `hands_here` in SimPy: an event for each turn."""
    env = simpy.Environment()

    def player(mine: list[Any], theirs: list[Any], ahead: int) -> Generator[Any, Any, None]:
        for turn in range(TURNS):
            yield mine[turn]
            if turn + ahead < TURNS:
                theirs[turn + ahead].succeed()

    for _ in range(TASKS // 2):
        ping, pong = ([env.event() for _ in range(TURNS)] for _ in range(2))
        env.process(player(ping, pong, 0))
        env.process(player(pong, ping, 1))
        ping[0].succeed()
    env.run()


def race_loops(runs: int) -> Iterator[Row]:
    """Race the loop with SimPy's, in one process."""
    jobs: list[tuple[str, Callable[[], None], Callable[[Any], None]]] = [
        ("timers", timers_here, timers_simpy),
        ("wake-ups", hands_here, hands_simpy),
    ]
    try:
        simpy: Any = importlib.import_module("simpy")
        peer = f"SimPy {importlib.metadata.version('simpy')}"
    except ModuleNotFoundError:
        simpy, peer = None, "SimPy"
    for name, here, there in jobs:
        yield Row(f"loop: {name}", "robocell", TASKS * TURNS / median(seconds(here) for _ in range(runs)), "/s")
        if simpy is None:
            yield Row(f"loop: {name}", peer, None, note="not installed: pip install simpy")
        else:
            rate = TASKS * TURNS / median(seconds(lambda there=there: there(simpy)) for _ in range(runs))  # type: ignore[misc]
            yield Row(f"loop: {name}", peer, rate, "/s")


def seconds(work: Callable[[], object]) -> float:
    """Return the processor seconds that some work takes."""
    began = time.process_time()
    work()
    return time.process_time() - began


# --- cells -------------------------------------------------------------------------------------------------------------


@dataclass
class Run:
    """What a run took: processor and wall seconds, simulated seconds in Execute, parts in the cell at each finish."""

    cpu: float
    wall: float
    execute: float
    inside: list[int]


def run(prepared: Prepared, kind: WorldKind, inspect: Inspection, parts: int, watch: bool) -> Run:
    """Run a cell once; `watch` counts the parts in it, which costs a little."""
    inside: list[int] = []
    with ExitStack() as stack:
        worlds = stack.enter_context(captured()) if watch else []

        def count(event: Event) -> None:
            if event.kind == "finished":
                inside.append(len(worlds[-1].live))

        options = RunOptions(
            parts=parts, seed=1, world=kind, inspect=inspect, on_event=[count] if watch else (), handle_signals=False
        )
        cpu, wall = time.process_time(), time.perf_counter()
        result = simulate(prepared, options).result
        took = time.process_time() - cpu, time.perf_counter() - wall
    if result.ended != "complete":
        raise SystemExit(f"{prepared.cell.cell} in {kind}: the run ended {result.ended}: {result.reason}")
    return Run(*took, result.states["Execute"], inside)


@contextmanager
def captured() -> Iterator[list[BaseWorld]]:
    """Note the worlds that runs build while the context lasts."""
    worlds: list[BaseWorld] = []
    where = vars(assembly)

    def noting(*args: Any, **kwargs: Any) -> Any:
        worlds.append(build_world(*args, **kwargs))
        return worlds[-1]

    where["build_world"] = noting
    try:
        yield worlds
    finally:
        where["build_world"] = build_world


def kinematic(name: str, parts: int, runs: int) -> Iterator[Row]:
    """Race a cell in the kinematic world, its cameras told the truth."""
    prepared = prepare(CELLS / f"{name}.yaml")
    first = run(prepared, "kinematic", "truth", SHORT, False)
    short = [run(prepared, "kinematic", "truth", SHORT, False) for _ in range(runs)]
    whole = [run(prepared, "kinematic", "truth", SHORT + parts, False) for _ in range(runs)]
    a_part = (median(r.cpu for r in whole) - median(r.cpu for r in short)) / parts
    execute = (whole[0].execute - short[0].execute) / parts
    job = f"{name}, kinematic"
    yield Row(job, "× real time in Execute", execute / a_part)
    yield Row(job, "processor time a part", a_part * 1e3, "ms")
    yield Row(job, "simulated Execute a part", execute, "s")
    yield Row(job, "a run as such, the first", first.cpu - SHORT * a_part, "s")
    yield Row(job, "a run as such, later ones", median(r.cpu for r in short) - SHORT * a_part, "s")


def bullet(name: str, inspect: Inspection, parts: int, runs: int) -> Iterator[Row]:
    """Race a cell in Bullet."""
    job = f"{name}, bullet, {'pictures' if inspect == 'image' else 'truth'}"
    try:
        from robocell.devices.judging import Judging
        from robocell.world.bullet.engine import Engine
        from robocell.world.cameras import AreaCamera
    except ModuleNotFoundError as error:
        yield Row(job, "× real time in Execute", None, note=f"{error.name} is not installed")
        return
    prepared = prepare(CELLS / f"{name}.yaml")
    run(prepared, "bullet", inspect, 2, False)  # loads libraries, draws faces
    factors: list[float] = []
    shares: dict[str, list[float]] = {"engine": [], "making pictures": [], "judging them": [], "all else": []}
    inside: list[int] = []
    for _ in range(runs):
        engine, pictures, judging = Meter(), Meter(), Meter()
        with (
            measured(Engine, "step", engine),
            measured(AreaCamera, "picture", pictures),
            measured(Judging, "judge", judging),
        ):
            took = run(prepared, "bullet", inspect, parts, True)
        factors.append(took.execute / took.wall)
        spent = [meter.seconds / took.wall for meter in (engine, pictures, judging)]
        for share, value in zip(shares.values(), [*spent, 1.0 - sum(spent)], strict=True):
            share.append(value)
        inside += took.inside
    yield Row(job, "× real time in Execute", median(factors))
    for figure, values in shares.items():
        yield Row(job, f"wall time: {figure}", median(values) * 100.0, "%")
    yield Row(job, "parts in the cell", float(median(inside)), note=f"{min(inside)} to {max(inside)}")


# --- output ------------------------------------------------------------------------------------------------------------


def machine() -> dict[str, str]:
    """Return what the figures were measured on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        names = [line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return {
        "processor": model,
        "cores": str(os.cpu_count()),
        "load": load,
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "numpy": importlib.metadata.version("numpy"),
    }


def show(rows: Iterator[Row], as_json: bool) -> None:
    """Print rows as they come, or all at once as JSON."""
    about = machine()
    if as_json:
        print(json.dumps({"machine": about, "rows": [asdict(row) for row in rows]}, indent=2))
        return
    print(", ".join(f"{key} {value}" for key, value in about.items()))
    job = ""
    for row in rows:
        if row.job != job:
            job = row.job
            print(f"\n{job}")
        value = "skipped" if row.value is None else f"{row.value:,.3g}" if row.value < 1e3 else f"{row.value:,.0f}"
        print(f"  {row.figure:28} {value:>12} {row.unit:4} {row.note}".rstrip(), flush=True)


def all_rows(only: list[str], parts: int, bullet_parts: int, runs: int) -> Iterator[Row]:
    """Run the jobs of the chosen groups."""
    if "loop" in only:
        yield from race_loops(runs)
    if "kinematic" in only:
        yield from kinematic("cap-sorting", parts, runs)
        yield from kinematic("tended-machine", parts, runs)
    if "bullet" in only:
        for inspect in ("truth", "image"):
            yield from bullet("cap-sorting", inspect, bullet_parts, min(runs, 3))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5, help="of each job; Bullet: at most 3")
    parser.add_argument("--parts", type=int, default=1000, help="of the steady state, kinematic")
    parser.add_argument("--bullet-parts", type=int, default=100)
    parser.add_argument("--only", default="loop,kinematic,bullet")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    show(all_rows(given.only.split(","), given.parts, given.bullet_parts, given.runs), given.json)


if __name__ == "__main__":
    main()
