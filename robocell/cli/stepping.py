"""`--step`: a person lets each operation go."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from robocell.cli.outline import step_in_words
from robocell.report.figures import moment

if TYPE_CHECKING:
    from robocell.control.workpiece import Workpiece


class Stepper:
    """Waits before each operation for a line on standard input; called by the controller (`RunOptions.before_step`).

    Enter goes on. "q", Ctrl-C and the end of the input stop the cell in a controlled way. The simulated clock stands meanwhile.

    Args:
        console: where the operation is shown.

    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._explained = False
        self._stopping = False

    async def __call__(self, workpiece: Workpiece) -> None:
        """Return when the operation may begin; after "q" never, since the stop ends the workpiece's task."""
        if not self._explained:
            self._console.print("Enter lets an operation go, q stops in a controlled way", style="dim")
            self._explained = True
        if not self._stopping:
            now = moment(asyncio.get_running_loop().time())
            self._console.print(
                f"{now:>9}  {workpiece} ({workpiece.product}): {step_in_words(workpiece.step)}  [Enter or q] ",
                end="",
                soft_wrap=True,
            )
            line = _line()
            if not line or not sys.stdin.isatty():  # nobody's Enter ended the line
                self._console.print()
            if line and line.strip().lower() not in ("q", "quit"):
                return
            self._stopping = True
            signal.raise_signal(signal.SIGINT)  # as Ctrl-C during the run: the controller stops in a controlled way
        await asyncio.get_running_loop().create_future()


def _line() -> str:
    """Return a line of standard input; "" at its end, and for Ctrl-C."""
    running = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return sys.stdin.readline()
    except KeyboardInterrupt:
        return ""
    finally:
        signal.signal(signal.SIGINT, running)
