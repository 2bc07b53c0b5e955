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
        self._stopping = False

    async def __call__(self, workpiece: Workpiece) -> None:
        """Return when the operation may begin; after "q" never, since the stop ends the workpiece's task."""
        if not self._stopping:
            now = moment(asyncio.get_running_loop().time())
            self._console.print(
                f"{now:>9}  {workpiece} ({workpiece.product}): {step_in_words(workpiece.step)}"
                "   [Enter: go on, q: stop] ",
                end="",
                soft_wrap=True,
            )
            go_on = _may_go_on()
            if not sys.stdin.isatty():  # where nobody's Enter ended the line
                self._console.print()
            if go_on:
                return
            self._stopping = True
            signal.raise_signal(signal.SIGINT)  # as Ctrl-C during the run: the controller stops in a controlled way
        await asyncio.get_running_loop().create_future()


def _may_go_on() -> bool:
    """Return whether a line came that is not "q". Ctrl-C at the prompt counts as "q"."""
    running = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        line = sys.stdin.readline()
    except KeyboardInterrupt:
        return False
    finally:
        signal.signal(signal.SIGINT, running)
    return bool(line) and line.strip().lower() not in ("q", "quit")
