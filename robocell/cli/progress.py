"""A run while it goes on: a line for what people should know, and on a terminal a live status below."""

from __future__ import annotations

import asyncio
import signal
from types import TracebackType
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from robocell.cli.console import plural
from robocell.cli.status import Status
from robocell.cli.tidings import Tidings
from robocell.clock import wall_seconds
from robocell.journal import Event
from robocell.report import figures

_PERIOD = 0.1  # s of wall time between two pictures of the status
_STATE_STYLE = {"Execute": "bold green", "Complete": "bold green", "Held": "bold red", "Aborted": "bold red"}


class Progress:
    """Shows a run's events as they come; a context manager around the run, in the main thread.

    The live status is drawn by an interval timer of the process, so that it goes on while a simulated cell computes through
    hours in which nothing happens. It reads the run and never touches it.

    Args:
        console: a terminal gets the live status, anything else a line for every tenth of the parts.
        title: first line, before the number of parts.
        live: whether a terminal gets the live status.

    """

    def __init__(self, console: Console, title: str, live: bool = True) -> None:
        self._console = console
        self._title = title
        self._status = Status()
        self._live: Live | None = None
        if live and console.is_terminal and not console.is_dumb_terminal:
            self._live = Live(console=console, auto_refresh=False, transient=True)
        self._tidings = Tidings(self._say, self._status, milestones=self._live is None)
        self._began = 0.0
        self._printing = False

    def __enter__(self) -> Self:
        if self._live is not None:
            self._before = signal.signal(signal.SIGALRM, self._draw)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._live is not None:
            signal.setitimer(signal.ITIMER_REAL, 0.0)
            signal.signal(signal.SIGALRM, self._before)
            self._live.stop()
        self._tidings.flush()

    def take(self, event: Event) -> None:
        """Take the next event of the run."""
        self._status.take(event)
        if event.kind == "run.begin":
            self._begin()
        self._tidings.take(event)

    def _begin(self) -> None:
        """Nothing is shown before the run has begun, so that a refusal stands alone."""
        parts = plural(self._status.wanted, "part")
        self._console.print(f"{self._title} · {parts} · Ctrl-C stops", soft_wrap=True)
        self._began = wall_seconds()
        if self._live is not None:
            self._live.start()
            signal.setitimer(signal.ITIMER_REAL, _PERIOD, _PERIOD)

    def _draw(self, _number: int, _frame: object) -> None:
        if self._live is None or self._printing:
            return
        try:
            now = asyncio.get_running_loop().time()
        except RuntimeError:  # the run is over, its record is being written
            now = self._status.t
        self._live.update(picture(self._status, now, wall_seconds() - self._began), refresh=True)

    def _say(self, line: Text) -> None:
        self._printing = True
        try:
            self._console.print(line, soft_wrap=True)
        finally:
            self._printing = False


def picture(status: Status, now: float, wall: float) -> RenderableType:
    """Return the live status.

    Args:
        status: of the run.
        now: seconds of the run's clock.
        wall: seconds of wall time since it began.

    """
    head = Table.grid(padding=(0, 2))
    head.add_row(
        Text(f"{status.state:<13}", _STATE_STYLE.get(status.state, "bold yellow")),
        ProgressBar(total=max(status.wanted, 1), completed=status.finished, width=20),
        status.parts(),
    )
    told = f"{figures.moment(now)} simulated"
    if wall > 0.0:
        told += f" · {figures.number(now / wall)} × real time"
    if status.faults:
        told += f" · {plural(status.faults, 'fault')}"
    lines: list[RenderableType] = [head, Text(told, "dim")]
    if status.request:
        lines.append(Text(f"asked of a person: {status.request}", "yellow"))
    lines += [Text(f"blocked: {route} waits for {what}", "yellow") for route, what in status.blocked.items()]
    lines += [Text(f"alarm {name}: {text}", "red") for name, text in status.alarms.items()]
    return Group(*lines)
